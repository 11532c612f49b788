"""Which rules are broken by where the VMs are: as drawn, or at a moment of a plan.

Rules about moves (pinned VMs, order, limits, priorities) can't be broken by that.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

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
    `told` says it without a full stop, and `by` how bad it is (above 0), to compare with the same rule at another time.
    """

    host_id: str
    told: str
    by: float


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
                yield Breach("", told, len(places))
        case AntiAffinity():
            for host_id, vms in _places(project, rule.vms, standing).items():
                if len(vms) > 1:
                    together = _where(project, host_id, vms, all_of_them="both " if len(vms) == 2 else "all ")
                    yield Breach("", together, len(vms) - 1)
        case OnlyOn() | NeverOn():
            named = set(project.hosts_in(rule.hosts))
            for host_id, vms in _places(project, rule.vms, standing).items():
                if (host_id in named) is isinstance(rule, NeverOn):
                    yield Breach("", _where(project, host_id, vms), len(vms))
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


def worse(now: Sequence[Breach], before: Sequence[Breach]) -> list[Breach]:
    """Those of `now` that are not as bad `before`, for the same rule: on their host, or for all together."""
    total, known = _badness(now), _badness(before)
    return [each for each in now if total[each.host_id] > known.get(each.host_id, 0.0)]


def _badness(found: Iterable[Breach]) -> dict[str, float]:
    total: dict[str, float] = {}
    for breach in found:
        total[breach.host_id] = total.get(breach.host_id, 0.0) + breach.by
    return total


def _places(project: Project, ids: tuple[str, ...], standing: Standing) -> dict[str, list[str]]:
    """The names of VMs by the id of the host that they are on."""
    found: dict[str, list[str]] = {}
    for vm_id in project.machines_in(ids):
        found.setdefault(standing.host_of[vm_id], []).append(project.machines[vm_id].name)
    return found


def _where(project: Project, host_id: str, vms: list[str], all_of_them: str = "") -> str:
    return f"{joined(vms)} {'are' if len(vms) > 1 else 'is'} {all_of_them}on {project.hosts[host_id].name}"


def _hosts(project: Project, ids: tuple[str, ...], only: Collection[str] | None) -> list[Host]:
    named = project.hosts_in(ids) if ids else project.hosts
    return [project.hosts[host_id] for host_id in named if only is None or host_id in only]
