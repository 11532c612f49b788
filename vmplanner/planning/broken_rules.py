"""Which rules are broken by where the VMs are: as drawn, or at a moment of a plan.

Rules about moves (pinned VMs, order, limits, priorities) can't be broken by that.
"""

from collections.abc import Collection, Iterator, Sequence

from attrs import frozen

from vmplanner.domain.edits import count
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, SHARE
from vmplanner.domain.rule_sentences import joined
from vmplanner.domain.rules import Affinity, AntiAffinity, CpuLimit, Headroom, NeverOn, OnlyOn, Rule, Spare
from vmplanner.domain.topology import Host
from vmplanner.planning.standing import Standing


@frozen
class Breach:
    """Where a rule does not hold: on one host (its id), or ('') for the VMs that it names, or all its hosts together.
    `told` says it without a full stop. To compare with the same rule at another time, `vms` are the ids of the VMs that
    it is about, by the hosts that they are on, and `by` is how bad it is (above 0) where it is about none.
    """

    host_id: str
    told: str
    by: float = 0.0
    vms: tuple[frozenset[str], ...] = ()


def broken_rules(project: Project) -> dict[str, list[str]]:
    """For each rule that is broken as things are drawn, by its id, sentences that name the VMs and hosts, without a
    full stop.
    """
    drawn = Standing(project)
    found = {rule.id: [breach.told for breach in breaches(project, rule, drawn)] for rule in project.rules.values()}
    return {rule_id: sentences for rule_id, sentences in found.items() if sentences}


def breaches(project: Project, rule: Rule, standing: Standing, only: Collection[str] | None = None) -> Iterator[Breach]:
    """Where a rule is broken. Of what it says of each host by itself, only about some hosts (None: about all)."""
    match rule:
        case Affinity():
            places = _places(project, rule.vms, standing)
            if len(places) > 1:
                told = joined([_where(project, host_id, vms) for host_id, vms in places.items()], most=4)
                yield Breach("", told, vms=tuple(map(frozenset, places.values())))
        case AntiAffinity():
            for host_id, vms in _places(project, rule.vms, standing).items():
                if len(vms) > 1:
                    together = _where(project, host_id, vms, all_of_them="both " if len(vms) == 2 else "all ")
                    yield Breach("", together, vms=(frozenset(vms),))
        case OnlyOn() | NeverOn():
            named = set(project.hosts_in(rule.hosts))
            for host_id, vms in _places(project, rule.vms, standing).items():
                if (host_id in named) is isinstance(rule, NeverOn):
                    yield Breach("", _where(project, host_id, vms), vms=(frozenset(vms),))
        case Spare():
            hosts = _hosts(project, rule.hosts, None)
            sizes = sorted((host.memory_bytes for host in hosts), reverse=True)
            free = sum(sizes) - sum(standing.used_bytes[host.id] for host in hosts)
            wanted = sum(sizes[: rule.count])
            if free < wanted:
                told = f"the hosts have {BYTES.format(free)} free and have to keep {BYTES.format(wanted)}"
                yield Breach("", told, wanted - free)
        case Headroom():
            for host in _hosts(project, rule.hosts, only):
                free = host.memory_bytes - standing.used_bytes[host.id]
                if free < host.memory_bytes * rule.share:
                    share = SHARE.format(max(0.0, free / host.memory_bytes))
                    told = f"only {share} of the memory of {host.name} is free"
                    yield Breach(host.id, told, host.memory_bytes - free)
        case CpuLimit():
            for host in _hosts(project, rule.hosts, only):
                vcpus = standing.used_vcpus[host.id]
                if vcpus > host.cores * rule.vcpus_per_core:
                    told = f"the VMs on {host.name} have {count(vcpus, 'vCPU')} for {count(host.cores, 'core')}"
                    yield Breach(host.id, told, vcpus)


def worse(rule: Rule, now: Sequence[Breach], before: Sequence[Breach]) -> list[Breach]:
    """Those of `now` that were not there, or not as bad, `before`."""
    return [breach for breach in now if not _is_known(rule, breach, before)]


def _is_known(rule: Rule, breach: Breach, before: Sequence[Breach]) -> bool:
    old = [vms for each in before for vms in each.vms]
    match rule:
        case Affinity():  # those that were together are so still
            return bool(old) and all(any(vms <= together for together in breach.vms) for vms in old)
        case AntiAffinity():  # all that are together were so
            return any(together <= vms for together in breach.vms for vms in old)
        case OnlyOn() | NeverOn():  # each of them was on a wrong host
            return frozenset().union(*breach.vms) <= frozenset().union(*old)
        case _:
            return any(each.host_id == breach.host_id and each.by >= breach.by for each in before)


def _places(project: Project, ids: tuple[str, ...], standing: Standing) -> dict[str, list[str]]:
    """The ids of VMs by the id of the host that they are on."""
    found: dict[str, list[str]] = {}
    for vm_id in project.machines_in(ids):
        found.setdefault(standing.host_of[vm_id], []).append(vm_id)
    return found


def _where(project: Project, host_id: str, vms: list[str], all_of_them: str = "") -> str:
    names = joined([project.machines[vm_id].name for vm_id in vms])
    return f"{names} {'are' if len(vms) > 1 else 'is'} {all_of_them}on {project.hosts[host_id].name}"


def _hosts(project: Project, ids: tuple[str, ...], only: Collection[str] | None) -> list[Host]:
    named = project.hosts_in(ids) if ids else project.hosts
    return [project.hosts[host_id] for host_id in named if only is None or host_id in only]
