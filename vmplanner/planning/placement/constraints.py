"""A placement problem in numbers: which VM may be on which host, what a host holds, who stays apart or together.

Hosts and VMs are numbered in the order of the project; sets of hosts are the bits of whole numbers. VMs that rules keep
together make one unit. Each constraint comes from a rule or is one of BUILT_IN, and can be left out: that is how a set
of rules in conflict is found (conflicts.py).
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import networkx
from attrs import frozen

from vmplanner.domain.project import Project
from vmplanner.domain.rules import (
    Affinity,
    AntiAffinity,
    NeverOn,
    OnlyOn,
    Order,
    Pinned,
    Rule,
    Spare,
)
from vmplanner.planning.placement.costs import Cost
from vmplanner.planning.placement.needs import unsuited_hosts
from vmplanner.planning.placement.room import LICENCES, MEMORY, NO_LIMIT, Room, rooms
from vmplanner.planning.priorities import priorities
from vmplanner.planning.stop import heed

HYPERVISOR = "a VM stays on its kind of hypervisor"
NETWORK = "a VM moves over links"
NEEDS = "a VM finds on its host what it needs"
BUILT_IN = (MEMORY, LICENCES, HYPERVISOR, NETWORK, NEEDS)
Requirement = Rule | str
NOT_FOR_PLACES = ("limit", "priority")


def requirements(project: Project) -> tuple[Requirement, ...]:
    """All that a placement in this project must keep."""
    return (*(rule for rule in project.rules.values() if rule.kind not in NOT_FOR_PLACES), *BUILT_IN)


@frozen
class Demand:
    """What an intent asks of one placement, by ids: `closed` hosts must get empty, for the reason given; `failed` ones
    take nothing and keep what they have; VMs that are `wanted` elsewhere must be on one of those hosts. With `even`
    the hosts are to be evenly full.
    """

    closed: Mapping[str, str] = {}
    failed: frozenset[str] = frozenset()
    wanted: Mapping[str, frozenset[str]] = {}
    even: bool = False


def bits(number: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


@frozen(eq=False)
class Fleet:
    """What does not change while placements are tried: the project in numbers. The VMs that are `staying` do not move,
    though their host is to be emptied. Searches heed `stop`.
    """

    project: Project
    costs: Mapping[str, Cost]
    stop: threading.Event | None = None
    staying: frozenset[str] = frozenset()

    def heed_stop(self) -> None:
        """Raises Stopped when nobody waits for the answer any more."""
        heed(self.stop)

    @cached_property
    def hosts(self) -> list[str]:
        return list(self.project.hosts)

    @cached_property
    def vms(self) -> list[str]:
        return list(self.project.machines)

    @cached_property
    def host_number(self) -> dict[str, int]:
        return {host_id: number for number, host_id in enumerate(self.hosts)}

    @cached_property
    def vm_number(self) -> dict[str, int]:
        return {vm_id: number for number, vm_id in enumerate(self.vms)}

    @cached_property
    def drawn(self) -> list[int]:
        """The host of each VM, as drawn."""
        return [self.host_number[machine.host_id] for machine in self.project.machines.values()]

    @cached_property
    def memory(self) -> list[int]:
        return [machine.memory_bytes for machine in self.project.machines.values()]

    @cached_property
    def needs(self) -> list[Room]:
        """What each VM takes of its host."""
        return [Room.of(machine) for machine in self.project.machines.values()]

    @cached_property
    def priority(self) -> list[int]:
        """How early each VM is to move, by the rules."""
        ruled = priorities(self.project)
        return [ruled.get(vm_id, 0) for vm_id in self.vms]

    def weight(self, vm: int) -> float:
        """How much it is to be avoided to move a VM."""
        if vm not in self._weights:
            self.heed_stop()
            self._weights[vm] = self.costs[self.vms[vm]].weight
        return self._weights[vm]

    @cached_property
    def _weights(self) -> dict[int, float]:
        """Those asked for so far: each is simulated."""
        return {}

    @cached_property
    def reach(self) -> list[int]:
        """For each host those that links lead to, over switches only, and itself."""
        project, count = self.project, len(self.hosts)
        between: networkx.Graph[str] = networkx.Graph()
        between.add_nodes_from(project.switches)
        beside: dict[str, set[str]] = {host_id: set() for host_id in self.hosts}
        for link in project.links.values():
            for one, other in ((link.end_a_id, link.end_b_id), (link.end_b_id, link.end_a_id)):
                if one in beside:
                    beside[one].add(other)
            if link.end_a_id in project.switches and link.end_b_id in project.switches:
                between.add_edge(link.end_a_id, link.end_b_id)
        fabric = {node: number for number, nodes in enumerate(networkx.connected_components(between)) for node in nodes}
        at_fabric: dict[int, int] = {}
        for number, host_id in enumerate(self.hosts):
            for node in beside[host_id]:
                if node in fabric:
                    at_fabric[fabric[node]] = at_fabric.get(fabric[node], 0) | 1 << number
        reach = [1 << number for number in range(count)]
        for number, host_id in enumerate(self.hosts):
            for node in beside[host_id]:
                reach[number] |= at_fabric[fabric[node]] if node in fabric else 0
                reach[number] |= 1 << self.host_number[node] if node in self.host_number else 0
        return reach

    @cached_property
    def same_kind(self) -> list[int]:
        """For each host those with the same hypervisor."""
        kinds: dict[str, int] = {}
        for number, host in enumerate(self.project.hosts.values()):
            kinds[host.policy] = kinds.get(host.policy, 0) | 1 << number
        return [kinds[host.policy] for host in self.project.hosts.values()]

    @cached_property
    def suited(self) -> list[int]:
        """For each VM the hosts that have what it needs."""
        everywhere = (1 << len(self.hosts)) - 1
        unsuited = unsuited_hosts(self.project)
        return [everywhere & ~self.hosts_of(unsuited.get(vm_id, ())) for vm_id in self.vms]

    def hosts_of(self, ids: Iterable[str], *, all_if_empty: bool = False) -> int:
        named = tuple(ids)
        if not named and all_if_empty:
            return (1 << len(self.hosts)) - 1
        return sum(1 << self.host_number[host_id] for host_id in self.project.hosts_in(named))

    def vms_of(self, ids: Iterable[str]) -> list[int]:
        return [self.vm_number[vm_id] for vm_id in self.project.machines_in(ids)]


@frozen(eq=False)
class Problem:
    """One placement to find, from the places `where` the VMs are (a host number for each), under the requirements
    `kept`.
    """

    fleet: Fleet
    where: tuple[int, ...]
    demand: Demand
    kept: tuple[Requirement, ...]

    def rules(self, *kinds: type) -> Iterator[Rule]:
        return (rule for rule in self.kept if isinstance(rule, kinds))  # type: ignore[misc]

    @cached_property
    def closed(self) -> int:
        """The hosts that take nothing."""
        return self.fleet.hosts_of([*self.demand.closed, *self.demand.failed])

    @cached_property
    def failed(self) -> int:
        return self.fleet.hosts_of(self.demand.failed)

    @cached_property
    def is_lost(self) -> list[bool]:
        """Whether each VM is on a failed host."""
        return [bool(self.failed >> host & 1) for host in self.where]

    @cached_property
    def reach(self) -> list[int]:
        everywhere = (1 << len(self.fleet.hosts)) - 1
        return self.fleet.reach if NETWORK in self.kept else [everywhere] * len(self.fleet.hosts)

    @cached_property
    def capacity(self) -> list[Room]:
        """What each host may hold."""
        found = rooms(self.fleet.project, self.kept)
        # What is drawn on a failed host is no matter of room.
        for host in bits(self.failed):
            found[host] = NO_LIMIT
        return found

    @cached_property
    def scopes(self) -> list[tuple[int, float]]:
        """Sets of hosts and the bytes that their VMs may have all together."""
        found = []
        for rule in self.kept:
            if isinstance(rule, Spare):
                hosts = self.fleet.hosts_of(rule.hosts, all_if_empty=True) & ~self.closed
                sizes = sorted((self._host_bytes(host) for host in bits(hosts)), reverse=True)
                found.append((hosts, float(sum(sizes[rule.count :]))))
        return found

    def _host_bytes(self, host: int) -> int:
        return self.fleet.project.hosts[self.fleet.hosts[host]].memory_bytes

    @cached_property
    def allowed(self) -> list[int]:
        """The hosts that each VM may be on, where it is left alone by others."""
        fleet = self.fleet
        everywhere = (1 << len(fleet.hosts)) - 1
        masks = []
        for vm, host in enumerate(self.where):
            mask = fleet.same_kind[fleet.drawn[vm]] if HYPERVISOR in self.kept else everywhere
            if NEEDS in self.kept:
                mask &= fleet.suited[vm] | 1 << host
            stays = self.is_lost[vm] or fleet.vms[vm] in fleet.staying
            masks.append(1 << host if stays else mask & ~self.closed)
        for rule in self.kept:
            if isinstance(rule, (OnlyOn, NeverOn)):
                hosts = fleet.hosts_of(rule.hosts)
                for vm in fleet.vms_of(rule.vms):
                    if not self.is_lost[vm]:
                        masks[vm] &= hosts if isinstance(rule, OnlyOn) else ~hosts
            elif isinstance(rule, Pinned):
                for vm in fleet.vms_of(rule.vms):
                    masks[vm] &= 1 << self.where[vm]
        return masks

    @cached_property
    def units(self) -> list[tuple[int, ...]]:
        """VMs that must be on the same host, as one."""
        joined: networkx.Graph[int] = networkx.Graph()
        joined.add_nodes_from(range(len(self.where)))
        for rule in self.kept:
            if isinstance(rule, Affinity):
                networkx.add_path(joined, [vm for vm in self.fleet.vms_of(rule.vms) if not self.is_lost[vm]])
        return sorted(tuple(sorted(vms)) for vms in networkx.connected_components(joined))

    @cached_property
    def unit_of(self) -> list[int]:
        found = [0] * len(self.where)
        for unit, vms in enumerate(self.units):
            for vm in vms:
                found[vm] = unit
        return found

    @cached_property
    def homes(self) -> list[int]:
        """The hosts that each unit may be on: reached by all its VMs, and wanted by the intent."""
        fleet = self.fleet
        wanted = {fleet.vm_number[vm_id]: fleet.hosts_of(hosts) for vm_id, hosts in self.demand.wanted.items()}
        found = []
        for vms in self.units:
            mask = -1
            for vm in vms:
                mask &= self.allowed[vm] & self.reach[self.where[vm]] & wanted.get(vm, -1)
            found.append(mask)
        for group in self.apart:
            for unit in group:
                if group.count(unit) > 1:
                    found[unit] = 0
        return found

    @cached_property
    def apart(self) -> list[tuple[int, ...]]:
        """Units no two of which may be on one host. One that is named twice can't be anywhere."""
        return [
            tuple(self.unit_of[vm] for vm in self.fleet.vms_of(rule.vms) if not self.is_lost[vm])
            for rule in self.kept
            if isinstance(rule, AntiAffinity)
        ]

    @cached_property
    def apart_vms(self) -> list[tuple[int, ...]]:
        """For each VM the numbers of the anti-affinity rules that name it."""
        found: list[list[int]] = [[] for _ in self.where]
        for number, rule in enumerate(rule for rule in self.kept if isinstance(rule, AntiAffinity)):
            for vm in self.fleet.vms_of(rule.vms):
                if not self.is_lost[vm]:
                    found[vm].append(number)
        return [tuple(rules) for rules in found]

    @cached_property
    def waits_for(self) -> dict[int, set[int]]:
        """For each VM those that move before it, if they move."""
        found: dict[int, set[int]] = {}
        for rule in self.kept:
            if isinstance(rule, Order):
                first = set(self.fleet.vms_of(rule.first))
                for vm in self.fleet.vms_of(rule.vms):
                    found.setdefault(vm, set()).update(first - {vm})
        return found
