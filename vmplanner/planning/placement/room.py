"""What a host may hold: bytes of memory, virtual CPUs, and how many VMs, by itself, by its limits, and by rules."""

from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.project import Project
from vmplanner.domain.rules import CpuLimit, Headroom, Rule

MEMORY = "the memory of the hosts"
LICENCES = "the limits of the hosts on VMs and vCPUs"


class Room(NamedTuple):
    """What there is or what is needed; infinite where nothing limits it."""

    memory_bytes: float = 0
    vcpus: float = 0
    vms: float = 0

    @classmethod
    def of(cls, *machines: VirtualMachine) -> "Room":
        """What VMs take."""
        return cls(sum(vm.memory_bytes for vm in machines), sum(vm.vcpus for vm in machines), len(machines))

    def holds(self, needed: "Room") -> bool:
        return needed.memory_bytes <= self.memory_bytes and needed.vcpus <= self.vcpus and needed.vms <= self.vms

    def plus(self, other: "Room") -> "Room":
        return Room(self.memory_bytes + other.memory_bytes, self.vcpus + other.vcpus, self.vms + other.vms)

    def minus(self, other: "Room") -> "Room":
        return Room(self.memory_bytes - other.memory_bytes, self.vcpus - other.vcpus, self.vms - other.vms)

    @property
    def is_overdrawn(self) -> bool:
        return min(self) < 0


NO_LIMIT = Room(inf, inf, inf)


def rooms(project: Project, kept: Iterable[Rule | str]) -> list[Room]:
    """What each host may hold under some requirements: rules, MEMORY and LICENCES. In the order of the project."""
    requirements = tuple(kept)
    hosts = list(project.hosts.values())
    number = {host.id: place for place, host in enumerate(hosts)}
    memory = [float(host.memory_bytes) if MEMORY in requirements else inf for host in hosts]
    vcpus, vms = [inf] * len(hosts), [inf] * len(hosts)
    if LICENCES in requirements:
        for place, host in enumerate(hosts):
            limits = host.facts.limits
            vcpus[place] = inf if limits.max_vcpus is None else float(limits.max_vcpus)
            vms[place] = inf if limits.max_vms is None else float(limits.max_vms)
    for rule in requirements:
        if isinstance(rule, (Headroom, CpuLimit)):
            for host_id in project.hosts_in(rule.hosts) if rule.hosts else list(project.hosts):
                place, host = number[host_id], project.hosts[host_id]
                if isinstance(rule, Headroom):
                    memory[place] = min(memory[place], host.memory_bytes * (1 - rule.share))
                else:
                    vcpus[place] = min(vcpus[place], host.cores * rule.vcpus_per_core)
    return [Room(*each) for each in zip(memory, vcpus, vms, strict=True)]
