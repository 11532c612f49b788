"""The kinds of rules as a person chooses and edits them: their titles, what they do, and their fields."""

from collections.abc import Iterator
from operator import attrgetter

from attrs import NOTHING, fields, frozen

from vmplanner.domain.edits import count
from vmplanner.domain.groups import Group
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import SHARE
from vmplanner.domain.rules import (
    ROLES,
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
    members,
)
from vmplanner.ui.check_list import CheckListField, Choice
from vmplanner.ui.dialogs.all_or_some import AllOrSomeField
from vmplanner.ui.fields import ChoiceField, NumberField, QuantityField, TextField, WholeField
from vmplanner.ui.forms import Row, row


@frozen
class Told:
    """How a kind of rule is called, and what it does."""

    title: str
    explanation: str


KINDS: dict[type[Rule], Told] = {
    AntiAffinity: Told("Keep apart", "No two of these VMs are on the same host."),
    Affinity: Told("Keep together", "These VMs are on the same host."),
    OnlyOn: Told("Only on", "These VMs are on these hosts and on no others."),
    NeverOn: Told("Never on", "These VMs are not on these hosts."),
    Pinned: Told("Do not move", "These VMs stay where they are."),
    Order: Told("Move before", "Of the VMs that move, some wait until others are done."),
    Priority: Told("Move first or last", "Of moves that could start, those of the higher priority start first."),
    Spare: Told("Spare hosts", "The hosts keep so much memory free that as many of the largest may fail."),
    Headroom: Told("Free memory", "Each of the hosts keeps a share of its memory free."),
    CpuLimit: Told("CPU limit", "The VMs of each of the hosts have only so many virtual CPUs for each core."),
    Limit: Told("Moves at the same time", "Only so many VMs move at the same time."),
}
_PLACES = {
    LimitPer.HOST: "From and to each host",
    LimitPer.RACK: "From and to each rack",
    LimitPer.SITE: "From and to each site",
    LimitPer.LINK: "Over each link",
    LimitPer.PLAN: "In the whole plan",
}


def roles(kind: type[Rule]) -> dict[str, bool]:
    """The roles of the things that a kind of rule names, in the order they are asked for; whether each is needed."""
    found = {each.name: each.default is NOTHING for each in fields(kind) if each.name in ROLES}
    return dict(sorted(found.items(), key=lambda role: ("first", "vms", "hosts").index(role[0])))


def label(kind: type[Rule], role: str) -> str:
    if kind is Order:
        return "First" if role == "first" else "Then"
    return "Hosts" if role == "hosts" else "VMs"


def member_field(
    project: Project, kind: type[Rule], role: str, chosen: tuple[str, ...] = ()
) -> CheckListField | AllOrSomeField:
    """A list to choose the things from that a rule names. Where it need not name any, all are meant by that."""
    name = f"{label(kind, role)} of the rule"
    choices = host_choices(project, chosen) if role == "hosts" else vm_choices(project, chosen)
    if roles(kind)[role]:
        return CheckListField(name, choices, chosen)
    things = "hosts" if role == "hosts" else "VMs"
    return AllOrSomeField(name, choices, chosen, all_title=f"All {things}", some_title=f"Only these {things}")


def vm_choices(project: Project, chosen: tuple[str, ...] = ()) -> list[Choice]:
    """Groups with VMs, then VMs with their hosts; what is `chosen` is there in any case."""
    groups = [(group, len(project.machines_in([group.id]))) for group in project.groups.values()]
    return [
        *_groups(groups, chosen, "VM"),
        *(
            Choice(vm.id, vm.name, project.hosts[vm.host_id].name)
            for vm in sorted(project.machines.values(), key=attrgetter("name"))
        ),
    ]


def host_choices(project: Project, chosen: tuple[str, ...] = (), *, but: str = "") -> list[Choice]:
    """Groups with hosts, then hosts with the groups that they are in `but` for one; what is `chosen` is there in any
    case.
    """
    groups = [(group, len(project.hosts_in([group.id]))) for group in project.groups.values()]
    hosts = sorted(project.hosts.values(), key=attrgetter("name"))
    inside: dict[str, list[str]] = {}
    for group in project.groups.values():
        for member_id in () if group.id == but else group.member_ids:
            inside.setdefault(member_id, []).append(group.name)
    return [
        *_groups(groups, chosen, "host"),
        *(Choice(host.id, host.name, ", ".join(inside.get(host.id, ()))) for host in hosts),
    ]


def rule_rows(project: Project, rule: Rule) -> list[Row]:
    """The fields of a rule."""
    kind = type(rule)
    rows = [row("Name", "name", TextField("Name of the rule"))]
    rows += [
        row(label(kind, role), role, member_field(project, kind, role, members(rule)[role])) for role in roles(kind)
    ]
    match rule:
        case Spare():
            rows.append(row("Spare hosts", "count", WholeField("Spare hosts", "How many hosts may fail")))
        case Headroom():
            rows.append(row("Keep free", "share", QuantityField("Keep free", SHARE, tip="Of each host's memory")))
        case CpuLimit():
            rows.append(row("vCPUs for each core", "vcpus_per_core", NumberField("vCPUs for each core")))
        case Priority():
            tip = "Above 0: before others. Below 0: after others"
            rows.append(row("Priority", "priority", WholeField("Priority", tip)))
        case Limit():
            rows.append(row("At most", "count", WholeField("At most", "How many moves at the same time")))
            rows.append(row("Counted", "per", ChoiceField("Counted", list(_PLACES.items()))))
    return rows


def _groups(groups: list[tuple[Group, int]], chosen: tuple[str, ...], one: str) -> Iterator[Choice]:
    for group, size in sorted(groups, key=lambda each: each[0].name):
        if size or group.id in chosen:
            yield Choice(group.id, group.name, f"{group.kind.value}, {count(size, one)}")
