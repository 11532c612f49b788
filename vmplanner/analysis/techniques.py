"""What would have been better: every migration of a plan by every technique that its hypervisor has.

Each is simulated alone on the network, as in compare.py, so that techniques are compared and not the order of moves.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from attrs import evolve

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.inputs import as_json, inputs_of
from vmplanner.domain.plans import Migration, Plan, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.results import MigrationResult, Run
from vmplanner.simulation.alone import simulate_alone
from vmplanner.simulation.policy_values import policy_of

AS_PLANNED = "As planned"


def offered(project: Project, migration: Migration) -> list[Technique]:
    """The techniques that the hypervisor of the host that it leaves has, in their usual order."""
    found = project.find_plan(migration.id)
    source_id = project.machines[migration.vm_id].host_id
    if found is not None:
        source_id = project.sources_of(found[0])[migration.id]
    offers = policy_of(project.hosts[source_id]).offers
    return [technique for technique in Technique if technique in offers]


def by_techniques(project: Project, plan: Plan, is_given_up: Callable[[], bool] = lambda: False) -> list[Run]:
    """A run of the plan as it is, and one for each technique that any of its migrations may use, with those that may.
    Migrations that no way leads for are left out. Ends early, with what there is, when it is given up.
    """
    runs = [_run(AS_PLANNED, project, plan, plan.migrations, is_given_up)]
    sources = project.sources_of(plan)
    offers = {move.id: policy_of(project.hosts[sources[move.id]]).offers for move in plan.migrations}
    for technique in Technique:
        moves = [move.by(technique) for move in plan.migrations if technique in offers[move.id]]
        if moves:
            runs.append(_run(technique.value, project, plan, moves, is_given_up))
    return runs


def _run(name: str, project: Project, plan: Plan, moves: Sequence[Migration], is_given_up: Callable[[], bool]) -> Run:
    by_id = {move.id: move for move in moves}
    tried = evolve(plan, migrations=[by_id.get(move.id, move) for move in plan.migrations])
    results = tuple(_simulated(project, moves, is_given_up))
    kept = as_json(inputs_of(project, tried))
    return Run(f"by {name}", name, plan.name, "simulation, each alone", datetime.now(UTC), results, kept)


def _simulated(
    project: Project, moves: Sequence[Migration], is_given_up: Callable[[], bool]
) -> Iterator[MigrationResult]:
    for move in moves:
        if is_given_up():
            return
        with suppress(PlannerError):
            yield evolve(simulate_alone(project, move), started_s=0.0)
