"""Which rules are broken already, before anything moves, by where the VMs are drawn.

Rules about moves (pinned VMs, order, limits) can't be broken by that.
"""

from collections.abc import Iterator

from vmplanner.domain.edits import count
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, SHARE
from vmplanner.domain.rule_sentences import joined
from vmplanner.domain.rules import Affinity, AntiAffinity, CpuLimit, Headroom, NeverOn, OnlyOn, Rule, Spare
from vmplanner.domain.topology import Host


def broken_rules(project: Project) -> dict[str, list[str]]:
    """For each broken rule, by its id, sentences that name the VMs and hosts, without a full stop."""
    on_host: dict[str, list[VirtualMachine]] = {host_id: [] for host_id in project.hosts}
    for machine in project.machines.values():
        on_host[machine.host_id].append(machine)
    found = {rule.id: list(_breaches(project, rule, on_host)) for rule in project.rules.values()}
    return {rule_id: sentences for rule_id, sentences in found.items() if sentences}


def _breaches(project: Project, rule: Rule, on_host: dict[str, list[VirtualMachine]]) -> Iterator[str]:
    match rule:
        case Affinity():
            places = _places(project, rule.vms)
            if len(places) > 1:
                yield joined([_where(project, host_id, vms) for host_id, vms in places.items()], most=4)
        case AntiAffinity():
            for host_id, vms in _places(project, rule.vms).items():
                if len(vms) > 1:
                    yield _where(project, host_id, vms, all_of_them="both " if len(vms) == 2 else "all ")
        case OnlyOn() | NeverOn():
            named = project.hosts_in(rule.hosts)
            for host_id, vms in _places(project, rule.vms).items():
                if (host_id in named) is isinstance(rule, NeverOn):
                    yield _where(project, host_id, vms)
        case Spare():
            hosts = _hosts(project, rule.hosts)
            sizes = sorted((host.memory_bytes for host in hosts), reverse=True)
            free = sum(sizes) - sum(_used_bytes(on_host[host.id]) for host in hosts)
            wanted = sum(sizes[: rule.count])
            if free < wanted:
                yield f"the hosts have {BYTES.format(free)} free and have to keep {BYTES.format(wanted)}"
        case Headroom():
            for host in _hosts(project, rule.hosts):
                free = host.memory_bytes - _used_bytes(on_host[host.id])
                if free < host.memory_bytes * rule.share:
                    share = SHARE.format(max(0.0, free / host.memory_bytes))
                    yield f"only {share} of the memory of {host.name} is free"
        case CpuLimit():
            for host in _hosts(project, rule.hosts):
                vcpus = sum(machine.vcpus for machine in on_host[host.id])
                if vcpus > host.cores * rule.vcpus_per_core:
                    yield f"the VMs on {host.name} have {count(vcpus, 'vCPU')} for {count(host.cores, 'core')}"


def _places(project: Project, ids: tuple[str, ...]) -> dict[str, list[str]]:
    """The names of VMs by the id of the host that they are on."""
    found: dict[str, list[str]] = {}
    for vm_id in project.machines_in(ids):
        machine = project.machines[vm_id]
        found.setdefault(machine.host_id, []).append(machine.name)
    return found


def _where(project: Project, host_id: str, vms: list[str], all_of_them: str = "") -> str:
    return f"{joined(vms)} {'are' if len(vms) > 1 else 'is'} {all_of_them}on {project.hosts[host_id].name}"


def _hosts(project: Project, ids: tuple[str, ...]) -> list[Host]:
    return [project.hosts[host_id] for host_id in (project.hosts_in(ids) if ids else project.hosts)]


def _used_bytes(machines: list[VirtualMachine]) -> int:
    return sum(machine.memory_bytes for machine in machines)
