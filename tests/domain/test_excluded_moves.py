"""Moves that are left out of a plan, and included again."""

import pytest
from attrs import evolve

from tests.small_projects import two_hosts
from vmplanner.domain import edits, plan_edits
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project


def chain() -> Project:
    """Three moves, each after the one before."""
    project = two_hosts(3)
    first, second, third = project.plan.migrations
    moves = [first, evolve(second, after=[first.id]), evolve(third, after=[second.id])]
    return project.applied(plan_edits.use_plan(project, evolve(project.plan, migrations=moves), "Chain"))


def excluded(project: Project, *migration_ids: str) -> Project:
    return project.applied(plan_edits.exclude(project, migration_ids))


def included(project: Project, *migration_ids: str) -> Project:
    return project.applied(plan_edits.include(project, migration_ids))


def order(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {migration.id: migration.after for migration in plan.migrations}


def test_what_came_after_an_excluded_move_comes_after_what_that_waited_for() -> None:
    plan = excluded(chain(), "migration-2").plan
    assert order(plan) == {"migration-1": (), "migration-3": ("migration-1",)}
    assert [migration.id for migration in plan.excluded] == ["migration-2"]


def test_a_move_that_is_included_again_comes_last_and_waits_as_before() -> None:
    plan = included(excluded(chain(), "migration-2"), "migration-2").plan
    assert order(plan) == {"migration-1": (), "migration-3": ("migration-1",), "migration-2": ("migration-1",)}
    assert plan.excluded == ()


def test_it_waits_for_what_is_left_of_the_chain() -> None:
    project = excluded(chain(), "migration-3")
    project = excluded(project, "migration-2")
    assert order(included(project, "migration-3").plan) == {"migration-1": (), "migration-3": ("migration-1",)}
    both = included(project, "migration-2", "migration-3").plan
    assert order(both)["migration-3"] == ("migration-2",)


def test_a_move_that_it_waited_for_may_be_gone() -> None:
    project = excluded(chain(), "migration-2")
    project = project.applied(plan_edits.use_plan(project, evolve(project.plan, migrations=()), "Empty"))
    assert order(included(project, "migration-2").plan) == {"migration-2": ()}


def test_all_moves_of_a_vm_go_and_come_together() -> None:
    project = two_hosts(2)
    back = Migration("migration-3", "vm-1", "host-1", after=["migration-1"])
    plan = evolve(project.plan, migrations=[*project.plan.migrations, back])
    project = excluded(project.applied(plan_edits.use_plan(project, plan, "Back")), "migration-3")
    assert list(order(project.plan)) == ["migration-2"]
    assert order(included(project, "migration-1").plan)["migration-3"] == ("migration-1",)


def test_the_titles_name_the_vm_or_count() -> None:
    project = chain()
    assert plan_edits.exclude(project, ["migration-1"]).title == "Exclude web-1 from the plan"
    assert plan_edits.exclude(project, ["migration-1", "migration-2"]).title == "Exclude 2 VMs from the plan"
    out = excluded(project, "migration-1")
    assert plan_edits.include(out, ["migration-1"]).title == "Include web-1 in the plan"


def test_a_vm_with_another_move_is_not_included_again() -> None:
    project = excluded(two_hosts(1), "migration-1")
    project = project.applied(edits.plan_moves(project, ["vm-1"], "host-2"))
    with pytest.raises(InvalidValue, match="web-1 can't be included again: the plan moves it to beta by now"):
        plan_edits.include(project, ["migration-1"])
    again = excluded(project, project.plan.migrations[0].id).plan
    assert [migration.id for migration in again.excluded] == [project.plan.migrations[0].id]


def test_ids_of_excluded_moves_are_not_given_again() -> None:
    project = excluded(two_hosts(1), "migration-1")
    assert project.new_id("migration") == "migration-2"
    with pytest.raises(InvalidValue, match="two migrations with the id 'migration-1'"):
        evolve(project.plan, migrations=project.plan.excluded)


def test_excluded_moves_go_with_their_vms_and_hosts_and_when_they_are_removed() -> None:
    project = excluded(two_hosts(2), "migration-1")
    for gone in ("vm-1", "host-2", "migration-1"):
        assert project.applied(edits.delete(project, [gone])).plan.excluded == ()
    assert edits.delete(project, ["migration-1"]).title == "Delete 1 planned move"


def test_a_copy_of_the_plan_has_its_excluded_moves() -> None:
    project = excluded(chain(), "migration-2")
    copy = project.applied(plan_edits.copy_plan(project)).plan
    [out], first = copy.excluded, copy.migrations[0]
    assert (out.vm_id, out.after) == ("vm-2", (first.id,))
    assert out.id != "migration-2"


def test_many_moves_between_that_all_wait_for_each_other_may_go_at_once() -> None:
    stages = [[f"m-{stage}-{place}" for place in range(6)] for stage in range(40)]
    befores = [[], *stages]
    plan = Plan("p", "Plan", [Migration(i, i, "h", after=befores[n]) for n, ids in enumerate(stages) for i in ids])
    left = plan.without({i for ids in stages[1:-1] for i in ids})
    assert {after for migration in left.migrations[6:] for after in [migration.after]} == {tuple(stages[0])}
