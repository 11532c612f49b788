"""Simulating without threads, for tests of the model alone."""

from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project
from vmplanner.domain.recorder import Recorder
from vmplanner.domain.results import MigrationResult
from vmplanner.simulation.simulator import Simulator


def simulate(project: Project) -> dict[str, MigrationResult]:
    """All migrations of the plan, started at once; results by migration id."""
    simulator, recorder = Simulator(project), Recorder(project)
    for migration in project.plan.migrations:
        simulator.start(migration)
        recorder.started(migration, simulator.clock_s)
    while (when := simulator.next_event_s) < float("inf"):
        for event in simulator.advance(when):
            recorder.add(event)
    return {migration.id: recorder.result(migration.id) for migration in project.plan.migrations}


def simulate_one(project: Project) -> MigrationResult:
    [result] = simulate(project).values()
    return result


def only(project: Project) -> Migration:
    [migration] = project.plan.migrations
    return migration
