"""What a person can do to groups and rules."""

import pytest
from attrs import evolve

from tests.planning.placements import fleet
from vmplanner.domain import group_edits
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.groups import Group, GroupKind, nested
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.rules import AntiAffinity, Order, Pinned, Spare

VMS = {"v1": ("a", 1), "v2": ("a", 1), "v3": ("b", 1)}


@pytest.fixture
def project() -> Project:
    return fleet({"a": 8, "b": 8, "c": 8}, VMS)


def _with(project: Project, *groups: Group) -> Project:
    return project.applied(Change("", [Edit(None, group) for group in groups]))


def test_a_rack_of_hosts_gets_the_next_name_and_takes_them_from_other_racks(project: Project) -> None:
    change = group_edits.make_rack(project, {"b", "a", "v1"})
    assert change.title == "Make Rack 1 of 2 hosts"
    first = project.applied(change)
    assert [(g.name, g.kind, g.member_ids) for g in first.groups.values()] == [("Rack 1", GroupKind.RACK, ("a", "b"))]
    second = first.applied(group_edits.make_rack(first, {"b", "c"}))
    assert {g.name: g.member_ids for g in second.groups.values()} == {"Rack 1": ("a",), "Rack 2": ("b", "c")}


def test_without_hosts_there_is_no_rack(project: Project) -> None:
    assert not group_edits.make_rack(project, {"v1", "core"}).edits


def test_a_group_may_be_of_hosts_and_vms(project: Project) -> None:
    change = group_edits.group_of(project, {"v3", "c", "core"})
    [group] = project.applied(change).groups.values()
    assert (change.title, group.kind, group.member_ids) == ("Add Group 1", GroupKind.GROUP, ("c", "v3"))


def test_two_groups_do_not_have_one_name(project: Project) -> None:
    two = _with(project, Group("g1", "One"), Group("g2", "Two"))
    before = two.groups["g2"]
    with pytest.raises(InvalidValue, match="name must be another one: there is a 'One' already"):
        group_edits.change_group(two, before, evolve(before, name="One"), "name")


def test_what_uses_a_group_is_told(project: Project) -> None:
    two = _with(project, Group("site", "Site"), Group("rack", "Rack", parent_id="site", member_ids=["a"]))
    spare = Spare("r1", "Spare", hosts=["site", "b"])
    pinned = Pinned("r2", "Pinned", vms=["site"])
    ruled = two.applied(Change("", [Edit(None, spare), Edit(None, pinned)]))
    assert group_edits.uses(ruled, "site") == [
        "Group 'Rack' is inside it",
        "Rule 'Spare' names it",
        "Rule 'Pinned' names it and goes with it",
    ]
    assert group_edits.uses(ruled, "rack") == []


def test_a_rule_is_named_after_what_it_says_until_it_has_a_name_of_its_own(project: Project) -> None:
    added = project.applied(group_edits.add_rule(project, AntiAffinity, vms=["v1", "v2"]))
    [rule] = added.rules.values()
    assert rule.name == "v1 and v2 stay apart"
    wider = added.applied(group_edits.change_rule(added, rule, evolve(rule, vms=["v1", "v2", "v3"]), "VMs"))
    assert wider.rules[rule.id].name == "v1, v2 and v3 stay apart"
    own = evolve(wider.rules[rule.id], name="Replicas")
    named = wider.applied(group_edits.change_rule(wider, wider.rules[rule.id], own, "name"))
    narrow = named.applied(group_edits.change_rule(named, own, evolve(own, vms=["v1", "v3"]), "VMs"))
    assert narrow.rules[rule.id].name == "Replicas"


def test_a_rule_is_not_added_twice_or_without_what_it_needs(project: Project) -> None:
    once = project.applied(group_edits.add_rule(project, Spare))
    with pytest.raises(InvalidValue, match="there is a 'All hosts together keep room for the failure of 1 host' al"):
        group_edits.add_rule(once, Spare)
    with pytest.raises(InvalidValue, match="first must not be empty"):
        group_edits.add_rule(once, Order, first=(), vms=("v1",))


def test_groups_are_listed_below_those_that_they_are_inside() -> None:
    groups = [
        Group("1", "Rack", parent_id="2"),
        Group("2", "Site"),
        Group("3", "Apps"),
        Group("4", "Blade", parent_id="1"),
    ]
    assert [(level, group.name) for level, group in nested(groups)] == [
        (0, "Apps"),
        (0, "Site"),
        (1, "Rack"),
        (2, "Blade"),
    ]
