"""Groups and rules hold together with the project that they speak of."""

from collections.abc import Callable

import pytest

from tests.small_projects import two_hosts
from vmplanner.domain import edits
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.rules import Affinity, AntiAffinity, Headroom, OnlyOn, Order, Rule


def with_groups_and_rules() -> Project:
    things: list[Group | Rule] = [
        Group("site", "Site", GroupKind.SITE),
        Group("rack", "Rack", GroupKind.RACK, "site", ["host-1", "host-2"]),
        Group("web", "Web servers", member_ids=["vm-1", "vm-2"]),
        AntiAffinity("r1", "Apart", ["web"]),
        OnlyOn("r2", "Licence", ["vm-1"], ["host-2"]),
        Order("r3", "First", ["vm-1"], ["vm-2", "vm-3"]),
        Headroom("r4", "Free"),
    ]
    return two_hosts(3).applied(Change("", [Edit(None, thing) for thing in things]))


def test_a_site_has_the_hosts_of_its_racks() -> None:
    project = with_groups_and_rules()
    assert project.hosts_in(["site"]) == ["host-1", "host-2"]
    assert project.machines_in(["web", "vm-3"]) == ["vm-1", "vm-2", "vm-3"]
    assert project.machines_in(["site"]) == []


def test_what_is_deleted_leaves_groups_and_rules() -> None:
    project = with_groups_and_rules()
    change = edits.delete(project, ["vm-1"])
    after = project.applied(change)
    assert after.groups["web"].member_ids == ("vm-2",)
    assert set(after.rules) == {"r1", "r4"}, "rules with nothing left to say are gone"
    assert after.applied(change.inverse()) == project
    assert change.title == "Delete web-1"


def test_a_deleted_host_leaves_its_rack() -> None:
    project = with_groups_and_rules()
    after = project.applied(edits.delete(project, ["host-2"]))
    assert after.groups["rack"].member_ids == ("host-1",)
    assert "r2" not in after.rules


def test_groups_and_rules_can_be_deleted() -> None:
    project = with_groups_and_rules()
    change = edits.delete(project, ["site", "web", "r4"])
    after = project.applied(change)
    assert set(after.groups) == {"rack"}
    assert after.groups["rack"].parent_id is None
    assert set(after.rules) == {"r2", "r3"}
    assert change.title == "Delete 2 groups and Free"
    assert after.applied(change.inverse()) == project


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Group("g", "G", parent_id="g"), "must be another group"),
        (lambda: Group("g", "G", member_ids=["a", "a"]), "name 'a' twice"),
        (lambda: Affinity("r", "R", []), "VMs must not be empty"),
        (lambda: Headroom("r", "R", ["a", "a"]), "hosts name 'a' twice"),
        (lambda: Headroom("r", "R", share=1.5), "must be at most 1"),
        (lambda: Project.of(Group("g", "G", member_ids=["x"])), "'x' is neither a host nor a VM"),
        (lambda: Project.of(Group("g", "G", parent_id="x")), "'x' is no group of the project"),
        (lambda: Project.of(Group("g", "G", parent_id="h"), Group("h", "H", parent_id="g")), "must not be a group"),
        (lambda: Project.of(Affinity("r", "R", ["x"])), "'x', no VM or group of the project"),
        (lambda: Project.of(Headroom("r", "R", ["x"])), "'x', no host or group of the project"),
    ],
)
def test_what_can_not_be_is_refused(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        make()
