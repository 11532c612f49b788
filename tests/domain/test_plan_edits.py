"""Copies of plans, which one is current, and changes to several moves at once."""

import pytest
from attrs import evolve

from tests.small_projects import two_hosts
from vmplanner.domain import plan_edits
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.plans import Technique
from vmplanner.domain.project import Change, Project


def names(project: Project) -> list[str]:
    return [plan.name for plan in project.plans.values()]


def with_copies(copies: int) -> Project:
    project = two_hosts(2)
    for _ in range(copies):
        project = project.applied(plan_edits.copy_plan(project))
    return project


def test_a_copy_is_current_and_has_ids_of_its_own() -> None:
    project = two_hosts(2)
    chained = evolve(project.plan.migrations[1], after=["migration-1"])
    project = project.applied(plan_edits.use_plan(project, project.plan.replaced(chained), "Chain"))
    copied = project.applied(plan_edits.copy_plan(project))
    assert names(copied) == ["Plan 2", "Plan"]
    first, second = copied.plan.migrations
    assert second.after == (first.id,)
    assert {first.id, second.id}.isdisjoint(m.id for m in project.plan.migrations)
    assert names(copied.applied(plan_edits.copy_plan(copied))) == ["Plan 3", "Plan 2", "Plan"]


def test_a_plan_that_is_named_by_a_number_is_not_mistaken_for_another() -> None:
    project = two_hosts(1)
    project = project.applied(plan_edits.rename_plan(project, "Rack 1"))
    project = project.applied(plan_edits.copy_plan(project))
    project = project.applied(plan_edits.copy_plan(project))
    assert names(project) == ["Rack 1 (3)", "Rack 1 (2)", "Rack 1"]


@pytest.mark.parametrize("name", ["Plan", "Plan 2", "Plan 3", "Plan 4"])
def test_choosing_a_plan_can_be_taken_back(name: str) -> None:
    project = with_copies(3)
    wanted = next(plan.id for plan in project.plans.values() if plan.name == name)
    change = plan_edits.choose_plan(project, wanted)
    chosen = project.applied(change)
    assert chosen.plan.name == name
    assert chosen.plans == project.plans
    assert names(chosen.applied(change.inverse())) == names(project)


def _delete(project: Project) -> Change:
    return plan_edits.delete_plan(project)


def test_deleting_makes_the_next_plan_current_and_can_be_taken_back() -> None:
    project = with_copies(2)
    change = _delete(project)
    left = project.applied(change)
    assert names(left) == ["Plan 2", "Plan"]
    assert names(left.applied(change.inverse())) == names(project)


def test_the_last_plan_stays() -> None:
    with pytest.raises(InvalidValue, match="is the only one and must stay"):
        _delete(two_hosts())


def test_a_name_is_used_once() -> None:
    with pytest.raises(InvalidValue, match="there is a plan 'Plan' already"):
        plan_edits.rename_plan(with_copies(1), "Plan")


def test_an_empty_project_has_a_plan_that_can_be_copied() -> None:
    project = Project()
    assert names(project.applied(plan_edits.copy_plan(project))) == ["Plan 2", "Plan"]


def test_several_moves_change_in_one_step() -> None:
    project = two_hosts(3)
    changes = {"technique": Technique.POST_COPY, "max_bandwidth_bytes_per_s": 5e7}
    change = plan_edits.change_moves(project, ["migration-1", "migration-3"], changes)
    assert change.title == "Change 2 moves"
    techniques = [m.technique for m in project.applied(change).plan.migrations]
    assert techniques == [Technique.POST_COPY, Technique.PRE_COPY, Technique.POST_COPY]


def test_a_move_to_where_its_vm_is_keeps_its_target() -> None:
    project = two_hosts(1)
    assert plan_edits.change_moves(project, ["migration-1"], {"target_id": "host-1"}).edits == ()


def test_a_move_is_pinned_where_it_was_put() -> None:
    project = two_hosts(1)
    change = plan_edits.shift(project, "migration-1", 35.0, "35 s")
    assert change.title == "Start web-1 at 35 s"
    [moved] = project.applied(change).plan.migrations
    assert (moved.earliest_start_s, moved.is_pinned) == (35.0, True)
