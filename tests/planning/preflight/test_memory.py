"""Room at each moment of a plan."""

from attrs import evolve

from tests.planning.placements import fleet
from tests.planning.preflight.cases import INFORMS, broken
from tests.small_projects import two_hosts
from vmplanner.domain import edits
from vmplanner.domain.machines import Profile
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Change, Edit
from vmplanner.domain.quantities import GIB
from vmplanner.domain.rules import Priority
from vmplanner.domain.topology import Position
from vmplanner.planning.preflight import check


def test_a_vm_that_must_wait_for_room_is_told_with_what_is_free() -> None:
    project = two_hosts(1, target_memory_bytes=GIB)
    project = project.applied(edits.add_host(project, Position(300, 300)))
    project = project.applied(edits.add_link(project, "host-2", "host-3"))
    project = project.applied(edits.add_machine(project, "host-2", Profile(), GIB))
    project = project.applied(edits.plan_moves(project, ["vm-2"], "host-3"))
    [finding] = broken(project, "memory-on-the-way")
    assert (finding.severity, finding.thing_id) == (INFORMS, "vm-1")
    assert (
        finding.message == "web-1 has to wait for room on beta: 0 GiB is free when its turn comes, and it needs 1 GiB"
    )


def test_what_leaves_first_makes_room_and_needs_no_word() -> None:
    project = two_hosts(1, target_memory_bytes=GIB, max_concurrent=1)
    project = project.applied(edits.add_host(project, Position(300, 300)))
    project = project.applied(edits.add_link(project, "host-2", "host-3"))
    project = project.applied(edits.add_machine(project, "host-2", Profile(), GIB))
    project = project.applied(edits.plan_moves(project, ["vm-2"], "host-3"))
    plan = project.plan
    first, second = plan.migrations
    project = project.applied(Change("", (Edit(plan, evolve(plan, migrations=[second, first])),)))
    assert check(project, project.plan) == ()


def test_a_rule_that_gives_what_leaves_priority_needs_no_word_either() -> None:
    """As `test_what_leaves_first`, with the order of the plan the other way round."""
    moves = [Migration("m-1", "v1", "b"), Migration("m-2", "v2", "c")]
    project = fleet({"a": 10, "b": 10, "c": 10}, {"v1": ("a", 4), "v2": ("b", 8)})
    project = project.applied(Change("", [Edit(None, Plan("plan-1", "Plan", moves, 1, 1))]))
    [finding] = broken(project, "memory-on-the-way")
    assert finding.message.startswith("v1 has to wait for room on b")
    ruled = project.applied(Change("", [Edit(None, Priority("r", "r", ["v2"], 10))]))
    assert broken(ruled, "memory-on-the-way") == []
