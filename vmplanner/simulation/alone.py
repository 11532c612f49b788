"""One migration simulated alone: what a prediction is made of."""

import math

from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project
from vmplanner.domain.recorder import Recorder
from vmplanner.domain.results import MigrationResult
from vmplanner.simulation.simulator import Simulator


def simulate_alone(project: Project, migration: Migration) -> MigrationResult:
    """What comes of `migration` when nothing else moves. Raises PlannerError when no way leads to its target."""
    simulator, recorder = Simulator(project), Recorder(project)
    simulator.start(migration)
    recorder.started(migration, simulator.clock_s)
    while (when := simulator.next_event_s) < math.inf:
        for event in simulator.advance(when):
            recorder.add(event)
    return recorder.result(migration.id)
