"""Plans that are made for a shipped example run in the simulation with nothing found against them."""

import pytest

from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.plan_edits import use_plan
from vmplanner.domain.plans import Plan
from vmplanner.domain.results import Run
from vmplanner.engine.runner import run_plan
from vmplanner.planning.forecast import checked
from vmplanner.planning.intents import Balance, Consolidate, Drain, Evacuate, Intent, Move, Roll, Spread
from vmplanner.planning.preflight import Severity
from vmplanner.planning.proposal import hosts_named, machines_named, propose
from vmplanner.store import library

EXAMPLE = library.example("evacuate-a-rack")
RACK = hosts_named(EXAMPLE, ["Rack 1"])
INTENTS: list[Intent] = [
    Drain(RACK[0]),
    Evacuate(hosts_named(EXAMPLE, ["rack1-a", "rack1-b"]), bring_back=True),
    Roll(RACK, maintain_s=600.0),
    Balance(),
    Consolidate(),
    Spread(hosts_named(EXAMPLE, ["rack3-a"])),
    Move(dict.fromkeys(machines_named(EXAMPLE, ["orders-db", "shop-web-1"]))),
]


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: type(intent).__name__.lower())
def test_what_is_planned_runs_with_nothing_against_it(intent: Intent) -> None:
    proposal = propose(EXAMPLE, intent)
    assert proposal.schedule is not None
    project = EXAMPLE.applied(use_plan(EXAMPLE, proposal.plan, "Use"))

    def simulate(plan: Plan) -> Run:
        return run_plan(project, plan, SimulatedBackend()).run

    found = checked(project, project.plan, simulate)
    # What has to be known anyway (disks of a host itself) informs.
    assert [finding for finding in found.findings if finding.severity is not Severity.INFORMS] == []
    assert found.forecast is not None
    assert found.forecast.run.completed
    assert found.forecast.run.makespan_s == pytest.approx(proposal.schedule.makespan_s, rel=1e-6)
