"""What a person can do to groups and rules. Functions from a project to the Change that does it, as in edits.py."""

from collections.abc import Collection, Sequence
from typing import Any

from attrs import evolve

from vmplanner.domain import checks
from vmplanner.domain.edits import count
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.rule_sentences import sentence
from vmplanner.domain.rules import Rule, members, without


def add_group(project: Project, kind: GroupKind = GroupKind.GROUP, member_ids: Sequence[str] = ()) -> Change:
    """A group with the next free name: 'Rack 1', 'Rack 2'."""
    taken = {group.name for group in project.groups.values()}
    word = kind.value.capitalize()
    name = next(name for number in range(1, len(taken) + 2) if (name := f"{word} {number}") not in taken)
    group = Group(project.new_id("group"), name, kind, None, member_ids)
    return Change(f"Add {name}", (Edit(None, group),))


def group_of(project: Project, ids: Collection[str]) -> Change:
    """A group of the hosts and VMs among `ids`."""
    member_ids = [i for things in (project.hosts, project.machines) for i in things if i in ids]
    return add_group(project, GroupKind.GROUP, member_ids)


def make_rack(project: Project, ids: Collection[str]) -> Change:
    """A rack of the hosts among `ids`; they leave the racks that they are in. Without hosts nothing changes."""
    hosts = [host_id for host_id in project.hosts if host_id in ids]
    if not hosts:
        return Change("Make a rack", ())
    [added] = add_group(project, GroupKind.RACK, hosts).edits
    edits = [added]
    for rack in project.groups.values():
        kept = [member for member in rack.member_ids if member not in hosts]
        if rack.kind is GroupKind.RACK and len(kept) < len(rack.member_ids):
            edits.append(Edit(rack, evolve(rack, member_ids=kept)))
    assert isinstance(added.after, Group)
    return Change(f"Make {added.after.name} of {count(len(hosts), 'host')}", edits)


def change_group(project: Project, before: Group, after: Group, what: str) -> Change:
    """Another value for a group. Raises InvalidValue when another group has its name."""
    _refuse_taken_name(after, project.groups.values())
    return Change(f"Change {what} of {before.name}", (Edit(before, after),))


def uses(project: Project, group_id: str) -> list[str]:
    """What refers to a group, and what becomes of that when the group goes; a sentence for each."""
    found = [f"Group '{g.name}' is inside it" for g in project.groups.values() if g.parent_id == group_id]
    for rule in project.rules.values():
        if any(group_id in ids for ids in members(rule).values()):
            goes = " and goes with it" if without(rule, {group_id}) is None else ""
            found.append(f"Rule '{rule.name}' names it{goes}")
    return found


def add_rule(project: Project, kind: type[Rule], **values: Any) -> Change:
    """A rule that is named after what it says. Raises InvalidValue for values that can't be."""
    rule = kind(project.new_id("rule"), kind.kind, **values)
    rule = evolve(rule, name=_told(project, rule))
    _refuse_taken_name(rule, project.rules.values())
    return Change(f"Add the rule {rule.name}", (Edit(None, rule),))


def change_rule(project: Project, before: Rule, after: Rule, what: str) -> Change:
    """Another value for a rule. One that is named after what it says gets its new sentence as its name.

    Raises InvalidValue when another rule has its name.
    """
    if before.name == after.name == _told(project, before):
        after = evolve(after, name=_told(project, after))
    _refuse_taken_name(after, project.rules.values())
    return Change(f"Change {what} of {before.name}", (Edit(before, after),))


def _told(project: Project, rule: Rule) -> str:
    """What a rule says, if need be cut to what a name may have."""
    return sentence(project, rule)[: checks.MAX_NAME_LENGTH]


def _refuse_taken_name(thing: Group | Rule, others: Collection[Group] | Collection[Rule]) -> None:
    if any(other.name == thing.name and other.id != thing.id for other in others):
        raise InvalidValue(checks.describe(thing), "name", f"must be another one: there is a '{thing.name}' already")
