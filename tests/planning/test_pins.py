"""What a person has pinned stays when a plan is scheduled, or found, anew."""

import pytest
from attrs import evolve

from tests.planning.placements import fleet
from tests.small_projects import two_hosts
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain import plan_edits
from vmplanner.domain.plans import Technique
from vmplanner.engine.runner import run_plan
from vmplanner.planning.intents import Evacuate
from vmplanner.planning.proposal import propose
from vmplanner.planning.scheduling.apply import apply_schedule, clear_starts
from vmplanner.planning.scheduling.choices import schedules_of
from vmplanner.planning.scheduling.pins import late_pins, problem_with_pins
from vmplanner.planning.scheduling.schedule import best
from vmplanner.planning.scheduling.timing import timing


def test_a_pinned_start_is_kept_and_the_others_are_chosen_anew() -> None:
    project = two_hosts(3)
    project = project.applied(plan_edits.shift(project, "migration-2", 60.0, "60 s"))
    made = best(problem_with_pins(project, project.plan))
    assert made.starts["migration-2"] == 60.0
    scheduled = project.applied(apply_schedule(project, "plan-1", made))
    again = best(problem_with_pins(scheduled, scheduled.plan))
    assert again.starts == pytest.approx(made.starts)
    cleared = scheduled.applied(clear_starts(scheduled, "plan-1"))
    assert sorted(m.earliest_start_s for m in cleared.plan.migrations) == [0.0, 0.0, 60.0]


def test_pins_that_can_not_all_be_kept_start_later_and_are_told() -> None:
    project = two_hosts(2, max_concurrent=1)
    project = project.applied(plan_edits.pin(project, {"migration-1": 5.0, "migration-2": 5.0}))
    made = best(problem_with_pins(project, project.plan))
    assert min(made.starts.values()) == 5.0
    assert len(late_pins(project.plan, made)) == 1


def test_unpinned_moves_start_as_soon_as_they_may() -> None:
    project = two_hosts(2)
    project = project.applied(plan_edits.pin(project, {"migration-1": 5.0}))
    project = project.applied(plan_edits.unpin(project, ["migration-1"]))
    assert project.plan == two_hosts(2).plan


def test_every_rule_gives_a_choice_and_the_soonest_is_first() -> None:
    project = two_hosts(4)
    _, choices = schedules_of(project, project.plan)
    assert len(choices) == 7
    assert [choice.makespan_s for choice in choices] == sorted(choice.makespan_s for choice in choices)
    assert choices[0].above_bound >= 0


def test_a_plan_found_anew_keeps_how_its_moves_were_set() -> None:
    project = fleet({"a": 10, "b": 10}, {"v1": ("a", 4), "v2": ("a", 2)})
    plan = propose(project, Evacuate(("a",))).plan
    project = project.applied(plan_edits.use_plan(project, plan, "Evacuate"))
    [first] = [m for m in project.plan.migrations if m.vm_id == "v1"]
    project = project.applied(plan_edits.change_moves(project, [first.id], {"technique": Technique.POST_COPY}))
    project = project.applied(plan_edits.shift(project, first.id, 90.0, "90 s"))
    again = {m.vm_id: m for m in propose(project, Evacuate(("a",))).plan.migrations}
    assert (again["v1"].technique, again["v1"].earliest_start_s, again["v1"].is_pinned) == ("post-copy", 90.0, True)
    assert (again["v2"].technique, again["v2"].is_pinned) == ("pre-copy", False)


def test_the_end_hangs_on_moves_that_follow_each_other() -> None:
    project = two_hosts(3, max_concurrent=1)
    forecast = run_plan(project, project.plan, SimulatedBackend()).run
    found = timing(project, project.plan, forecast)
    assert found.critical == {"migration-1", "migration-2", "migration-3"}
    assert found.makespan_s == forecast.makespan_s
    assert found.above_bound == pytest.approx(0.0, abs=0.05)


def test_what_ends_long_before_has_time_to_spare() -> None:
    project = two_hosts(2)
    project = project.applied(plan_edits.shift(project, "migration-2", 100.0, "100 s"))
    forecast = run_plan(project, project.plan, SimulatedBackend()).run
    found = timing(project, evolve(project.plan), forecast)
    assert found.critical == {"migration-2"}
    assert found.slack_s["migration-1"] > 50
