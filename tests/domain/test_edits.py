"""What a person can do to a project, and that all of it can be undone."""

from collections.abc import Callable

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.small_projects import two_hosts, web_profile
from vmplanner.domain import edits
from vmplanner.domain.errors import InvalidValue, PlannerError
from vmplanner.domain.project import Change, Project
from vmplanner.domain.topology import Host, PolicyName, Position


def test_a_project_is_drawn_step_by_step() -> None:
    project = Project()
    project = project.applied(edits.add_host(project, Position(0, 0)))
    project = project.applied(edits.add_host(project, Position(300, 0)))
    project = project.applied(edits.add_switch(project, Position(150, -200)))
    project = project.applied(edits.add_link(project, "host-1", "switch-1"))
    change = edits.add_machine(project, "host-1", web_profile())
    project = project.applied(change)
    assert change.title == "Add web-1"
    assert [host.name for host in project.hosts.values()] == ["host-1", "host-2"]
    assert project.machines["vm-1"].profile.name == "Web"
    change = edits.plan_moves(project, ["vm-1"], "host-2")
    assert change.title == "Plan to move web-1 to host-2"
    assert project.applied(change).plan.migration_of("vm-1") is not None


def test_a_planned_move_can_be_changed_and_taken_back() -> None:
    project = two_hosts(1)
    project = project.applied(edits.add_host(project, Position()))
    elsewhere = project.applied(edits.plan_moves(project, ["vm-1"], "host-3"))
    assert [m.target_id for m in elsewhere.plan.migrations] == ["host-3"]
    change = edits.plan_moves(project, ["vm-1"], "host-1")
    assert change.title == "Keep web-1 on alpha"
    assert project.applied(change).plan.migrations == ()


def test_deleting_a_host_takes_what_can_not_be_without_it() -> None:
    project = two_hosts(2)
    change = edits.delete(project, ["host-1"])
    after = project.applied(change)
    assert change.title == "Delete alpha, 2 VMs and 1 link"
    assert (list(after.hosts), after.machines, after.links, after.plan.migrations) == (["host-2"], {}, {}, ())


def test_deleting_a_target_leaves_the_vms_where_they_are() -> None:
    project = two_hosts(2)
    after = project.applied(edits.delete(project, ["host-2"]))
    assert [machine.host_id for machine in after.machines.values()] == ["host-1", "host-1"]
    assert after.plan.migrations == ()


def test_a_vm_placed_on_its_target_has_nothing_left_to_move() -> None:
    project = two_hosts(1)
    after = project.applied(edits.place_machines(project, ["vm-1"], "host-2"))
    assert after.machines["vm-1"].host_id == "host-2"
    assert after.plan.migrations == ()


def test_a_link_to_itself_is_refused() -> None:
    with pytest.raises(InvalidValue):
        edits.add_link(two_hosts(), "host-1", "host-1")


def test_hosts_are_linked_with_the_one_switch_among_them() -> None:
    project = two_hosts()
    for position in (Position(0, 300), Position(300, 300)):
        project = project.applied(edits.add_switch(project, position))
    project = project.applied(edits.add_host(project, Position(600, 0)))
    first, second = project.switches
    project = project.applied(edits.link_all(project, {"host-1", first}))
    change = edits.link_all(project, {*project.hosts, first})
    after = project.applied(change)
    assert change.title == f"Link 2 hosts with {project.switches[first].name}"
    ends = [link.end_a_id for link in after.links.values() if link.end_b_id == first or link.end_a_id == first]
    assert len(ends) == 3
    with pytest.raises(PlannerError, match=r"linked with .* already"):
        edits.link_all(after, {*project.hosts, first})
    for ids in ((), {"host-1"}, {*project.hosts}, {*project.hosts, first, second}):
        with pytest.raises(PlannerError, match="select two things, or several hosts and one switch"):
            edits.link_all(project, ids)


def test_moving_says_what_moves() -> None:
    project = two_hosts()
    assert edits.move_nodes(project, {"host-1": Position(8, 8)}).title == "Move alpha"
    assert edits.move_nodes(project, {"host-1": Position(8, 8), "host-2": Position(1, 1)}).title == "Move 2 items"
    assert edits.move_nodes(project, {"host-1": project.hosts["host-1"].position}).edits == ()


def test_policy_values_go_back_to_the_defaults() -> None:
    project = two_hosts()
    assert not edits.reset_policy_values(project, "host-1").edits
    alpha = project.hosts["host-1"]
    project = project.applied(edits.replace(alpha, alpha.with_policy_value("setup_s", 1), ""))
    change = edits.reset_policy_values(project, "host-1")
    assert change.title == "Set the policy values of alpha back"
    assert project.applied(change).hosts["host-1"] == alpha


Step = Callable[[Project, int], Change]
STEPS: list[Step] = [
    lambda project, n: edits.add_host(project, Position(n, n)),
    lambda project, n: edits.add_switch(project, Position(n, 0)),
    lambda project, n: edits.add_machine(project, _pick(project.hosts, n), web_profile()),
    lambda project, n: edits.plan_moves(project, [_pick(project.machines, n)], _pick(project.hosts, n + 1)),
    lambda project, n: edits.place_machines(project, [_pick(project.machines, n)], _pick(project.hosts, n + 1)),
    lambda project, n: edits.delete(project, [_pick({**project.hosts, **project.machines}, n)]),
    lambda project, n: edits.move_nodes(project, {_pick(project.hosts, n): Position(-n, n)}),
]


def _pick(things: object, n: int) -> str:
    ids = sorted(things)  # type: ignore[call-overload]
    return ids[n % len(ids)]


@given(st.lists(st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 9)), max_size=25))
def test_every_change_can_be_undone(steps: list[tuple[int, int]]) -> None:
    project = two_hosts(3)
    for kind, n in steps:
        if not project.machines or len(project.hosts) < 2:
            return
        change = STEPS[kind](project, n)
        after = project.applied(change)
        assert after.applied(change.inverse()) == project
        assert after.applied(change.inverse()).applied(change) == after
        project = after


def test_another_policy_for_several_hosts_drops_what_was_set_for_the_ones_before() -> None:
    hosts = [Host("a", "a", policy_values={"resume_s": 0.1}), Host("b", "b", PolicyName.XEN_4)]
    change = edits.change_policies(hosts, [evolve(host, policy=PolicyName.XEN_4) for host in hosts])
    assert change.title == "Set hypervisor of 2 hosts, and drop 1 policy value"
    [edit] = change.edits
    assert edit.after == Host("a", "a", PolicyName.XEN_4)
