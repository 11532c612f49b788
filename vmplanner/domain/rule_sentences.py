"""What rules say, as sentences for people: 'shop-db and shop-web stay apart'."""

from collections.abc import Sequence

from vmplanner.domain.edits import count
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import SHARE
from vmplanner.domain.rules import (
    Affinity,
    AntiAffinity,
    CpuLimit,
    Headroom,
    Limit,
    LimitPer,
    NeverOn,
    OnlyOn,
    Order,
    Pinned,
    Priority,
    Rule,
    Spare,
)


def joined(names: Sequence[str], most: int = 3) -> str:
    """'a', 'a, b and c', 'a, b and 7 more': not more than `most` of them."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def sentence(project: Project, rule: Rule) -> str:
    """What a rule of the project says, without a full stop."""
    match rule:
        case Affinity():
            return f"{_named(project, rule.vms)} stay together"
        case AntiAffinity():
            return f"{_named(project, rule.vms)} stay apart"
        case OnlyOn():
            are = "are" if _are_many(project, rule.vms) else "is"
            return f"{_named(project, rule.vms)} {are} only on {_named(project, rule.hosts)}"
        case NeverOn():
            are = "are" if _are_many(project, rule.vms) else "is"
            return f"{_named(project, rule.vms)} {are} never on {_named(project, rule.hosts)}"
        case Pinned():
            stay = "stay where they are" if _are_many(project, rule.vms) else "stays where it is"
            return f"{_named(project, rule.vms)} {stay}"
        case Spare():
            hosts = _named(project, rule.hosts) if rule.hosts else "All hosts together"
            keep = "keep" if not rule.hosts or _are_many(project, rule.hosts) else "keeps"
            return f"{hosts} {keep} room for the failure of {count(rule.count, 'host')}"
        case Headroom():
            return f"{_each_host(project, rule.hosts)} keeps {SHARE.format(rule.share)} of its memory free"
        case CpuLimit():
            return f"{_each_host(project, rule.hosts)} has at most {rule.vcpus_per_core:g} vCPUs for each core"
        case Order():
            move = "move" if _are_many(project, rule.first) else "moves"
            return f"{_named(project, rule.first)} {move} before {_named(project, rule.vms)}"
        case Limit():
            places = {LimitPer.PLAN: "in the whole plan", LimitPer.LINK: "over each link"}
            where = places.get(rule.per, f"for each {rule.per.value}")
            return f"At most {count(rule.count, 'move')} at the same time {where}"
        case Priority():
            move = "move" if _are_many(project, rule.vms) else "moves"
            when = "when others do" if not rule.priority else "first" if rule.priority > 0 else "last"
            return f"{_named(project, rule.vms)} {move} {when} (priority {rule.priority})"


def _named(project: Project, ids: Sequence[str]) -> str:
    things = (project.groups.get(i) or project.machines.get(i) or project.hosts[i] for i in ids)
    return joined([thing.name for thing in things])


def _are_many(project: Project, ids: Sequence[str]) -> bool:
    return len(ids) > 1 or ids[0] in project.groups


def _each_host(project: Project, ids: Sequence[str]) -> str:
    if not ids:
        return "Each host"
    return f"Each host of {_named(project, ids)}" if _are_many(project, ids) else _named(project, ids)
