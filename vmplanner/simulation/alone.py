"""One migration simulated alone: what a prediction is made of."""

import math

from attrs import evolve

from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project
from vmplanner.domain.recorder import Recorder
from vmplanner.domain.results import MigrationResult
from vmplanner.simulation.simulator import Simulator


def simulate_alone(project: Project, migration: Migration) -> MigrationResult:
    """What comes of `migration` when nothing else moves. Where its plan moves the VM before, it leaves from where that
    ends. Raises PlannerError when no way leads to its target.
    """
    project = _at_its_source(project, migration)
    simulator, recorder = Simulator(project), Recorder(project)
    simulator.start(migration)
    recorder.started(migration, simulator.clock_s)
    while (when := simulator.next_event_s) < math.inf:
        for event in simulator.advance(when):
            recorder.add(event)
    return recorder.result(migration.id)


def _at_its_source(project: Project, migration: Migration) -> Project:
    """The project with the VM on the host that the migration leaves."""
    found = project.find_plan(migration.id)
    if found is None:
        return project
    machine, source_id = project.machines[migration.vm_id], project.sources_of(found[0])[migration.id]
    if machine.host_id == source_id:
        return project
    return evolve(project, machines={**project.machines, machine.id: evolve(machine, host_id=source_id)})
