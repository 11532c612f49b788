"""Where windows hold, migrations wait for them before they run, and what waits is told."""

import math

import pytest
from attrs import evolve
from hypothesis import given, settings

from tests.planning.test_windows import HOUR, START, many, window, with_windows
from tests.small_projects import two_hosts
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.results import Run
from vmplanner.domain.rules import Priority
from vmplanner.domain.windows import Window, WindowKind
from vmplanner.engine.runner import run_plan
from vmplanner.planning.forecast import forecast_of
from vmplanner.planning.preflight import Severity
from vmplanner.planning.waiting import in_windows, ready_to_run
from vmplanner.planning.windows import courses_of, misfits


class Simulation:
    """Simulates plans of a project and counts how often."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.count = 0

    def __call__(self, plan: Plan) -> Run:
        self.count += 1
        return run_plan(self.project, plan, SimulatedBackend()).run


@settings(max_examples=40, deadline=None)
@given(many)
def test_what_fits_at_all_keeps_to_its_windows(windows: list[Window]) -> None:
    project = with_windows(*windows, machines=3)
    held = in_windows(project, project.plan, Simulation(project))
    wrong = misfits(project, project.plan, courses_of(held.run))
    assert [misfit.next_start_s for misfit in wrong] == [None] * len(wrong)
    before = {migration.id: migration.earliest_start_s for migration in project.plan.migrations}
    assert all(migration.earliest_start_s >= before[migration.id] for migration in held.plan.migrations)
    assert all(wait.next_start_s is not None and wait.next_start_s > 0 for wait in held.waits)


def test_a_move_waits_for_the_end_of_a_blackout() -> None:
    project = with_windows(window(WindowKind.BLACKOUT, 0, 2, name="Sale"), machines=2)
    run = Simulation(project)(ready_to_run(project, project.plan, Simulation(project)))
    assert run.completed
    assert [result.started_s for result in run.results] == [2 * HOUR] * 2


def test_nights_that_are_too_short_for_all_take_one_after_the_other() -> None:
    alone = with_windows(machines=1)
    alone_s = Simulation(alone)(alone.plan).makespan_s
    nightly = window(WindowKind.MAINTENANCE, 1, 1.5 * alone_s / HOUR, "FREQ=DAILY")
    project = with_windows(nightly, machines=30)
    plan = evolve(project.plan, max_concurrent=1)
    simulation = Simulation(project)
    held = in_windows(project, plan, simulation)
    nights = [math.floor(result.started_s / (24 * HOUR)) for result in held.run.results]
    assert sorted(nights) == list(range(30))
    assert simulation.count <= 5, "the schedule comes near before anything is simulated"


def test_a_wait_informs_and_can_be_put_into_the_plan() -> None:
    project = with_windows(window(WindowKind.BLACKOUT, 0, 2, name="Sale"))
    forecast = forecast_of(project, project.plan, Simulation(project))
    [finding] = forecast.findings
    assert (finding.severity, finding.rule, finding.thing_id) == (Severity.INFORMS, "window", "vm-1")
    assert "in the blackout 'Sale'" in finding.message
    assert finding.message.endswith("it waits until 2026-11-23 22:00")
    assert forecast.run.results[0].started_s == 2 * HOUR
    assert finding.fix is not None
    mended = project.applied(finding.fix)
    assert mended.plan.migrations[0].earliest_start_s == 2 * HOUR
    assert forecast_of(mended, mended.plan, Simulation(mended)).findings == ()


def test_what_would_always_be_in_a_blackout_is_not_run() -> None:
    project = with_windows(window(WindowKind.BLACKOUT, -1, 26, "FREQ=DAILY", name="Frozen"))
    with pytest.raises(PlannerError, match=r"in the blackout 'Frozen' .* no opening of the next year is long enough"):
        ready_to_run(project, project.plan, Simulation(project))


def test_what_fits_in_no_maintenance_window_runs_and_is_a_warning() -> None:
    project = with_windows(window(WindowKind.MAINTENANCE, 1, 1 / HOUR, "FREQ=DAILY"))
    assert ready_to_run(project, project.plan, Simulation(project)) == project.plan
    [finding] = forecast_of(project, project.plan, Simulation(project)).findings
    assert finding.severity is Severity.WARNS
    assert "no opening of the next year is long enough" in finding.mend


def test_without_windows_or_a_start_nothing_is_simulated_for_it() -> None:
    project = with_windows(window(WindowKind.BLACKOUT, 0, 2))
    plan = evolve(project.plan, starts_at=None)
    simulation = Simulation(project)
    assert ready_to_run(project, plan, simulation) is plan
    bare = with_windows()
    assert bare.plan.starts_at == START
    assert ready_to_run(bare, bare.plan, simulation) is bare.plan
    assert simulation.count == 0


def test_a_rule_says_what_moves_first_of_moves_that_were_drawn() -> None:
    drawn = two_hosts(2, max_concurrent=1)
    first, second = drawn.plan.migrations
    project = drawn.applied(Change("", (Edit(None, Priority("r", "r", (second.vm_id,), priority=1)),)))
    held = ready_to_run(project, project.plan, Simulation(project))
    run = run_plan(project, held, SimulatedBackend()).run
    started = {result.migration_id: result.started_s for result in run.results}
    assert started[second.id] == 0 < started[first.id]
    forecast = forecast_of(project, project.plan, Simulation(project)).run
    assert {result.migration_id: result.started_s for result in forecast.results} == started
