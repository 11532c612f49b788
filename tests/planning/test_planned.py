"""A placement as a plan: it can be simulated in any pace of its migrations, and every VM ends where it should."""

import itertools

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planning.placements import broken, costs, fleet, fleets, walked
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.rules import Headroom, Order, Priority
from vmplanner.engine.runner import run_plan
from vmplanner.planning import preflight
from vmplanner.planning.intents import Balance, Evacuate, Intent, Move, Roll
from vmplanner.planning.placement.place import place
from vmplanner.planning.planned import plan_of, with_pauses
from vmplanner.planning.proposal import propose
from vmplanner.planning.scheduling.predict import problem_of
from vmplanner.planning.scheduling.schedule import best

# What a placement keeps.
HELD = {"licences", "placement-rules", "move-rules"}
EMPTY = Plan("plan-1", "Plan", max_concurrent=3)


def planned(project: Project, intent: Intent) -> Plan:
    placement = place(project, intent, costs(project))
    plan = plan_of(project, placement, EMPTY)
    return with_pauses(plan, placement.stages, best(problem_of(project, plan)))


def carried_out(project: Project, plan: Plan) -> dict[str, str]:
    """Where the VMs are after a simulated run in which everything completes."""
    run = run_plan(project, plan, SimulatedBackend()).run
    assert [result.reason for result in run.results if result.outcome != "completed"] == []
    where = {machine.id: machine.host_id for machine in project.machines.values()}
    where.update({migration.vm_id: migration.target_id for migration in plan.migrations})
    return where


@settings(max_examples=40, deadline=None)
@given(fleets(), st.sampled_from(["empty", "back", "balance", "roll"]))
def test_plans_of_placements_run_to_their_end(project: Project, kind: str) -> None:
    first = next(iter(project.hosts))
    intents: dict[str, Intent] = {
        "empty": Evacuate((first,)),
        "back": Evacuate((first,), bring_back=True),
        "balance": Balance(),
        "roll": Roll(tuple(project.hosts)),
    }
    placement = place(project, intents[kind], costs(project))
    if placement.is_possible:
        plan = plan_of(project, placement, EMPTY)
        findings = preflight.check(project, plan)
        assert [finding for finding in findings if finding.rule in HELD] == []
        assert preflight.blocking(findings) == ()
        run = run_plan(project, plan, SimulatedBackend()).run
        on_the_way = [finding for finding in preflight.check_forecast(project, plan, run) if finding.rule in HELD]
        assert [finding for finding in on_the_way if finding.severity is not preflight.Severity.INFORMS] == []
        where = carried_out(project, plan)
        assert where == walked(project, placement)
        assert broken(project, where, {first} if kind == "empty" else set()) == []


@settings(max_examples=60, deadline=None)
@given(fleets(), st.data())
def test_room_and_rules_hold_whatever_ends_first(project: Project, data: st.DataObject) -> None:
    """Migrations start and end in any sequence that their `after` allows; memory is taken from the start on."""
    first = next(iter(project.hosts))
    placement = place(project, Evacuate((first,), bring_back=True), costs(project))
    if not placement.is_possible:
        return
    plan = plan_of(project, placement, EMPTY)
    sources = project.sources_of(plan)
    used = {host: sum(m.memory_bytes for m in project.machines_on(host)) for host in project.hosts}
    limit = {host.id: float(host.memory_bytes) for host in project.hosts.values()}
    for rule in project.rules.values():
        if isinstance(rule, Headroom):
            for host in rule.hosts or project.hosts:
                limit[host] = min(limit[host], project.hosts[host].memory_bytes * (1 - rule.share))
    waiting, running, completed = list(plan.migrations), [], set()
    while waiting or running:
        ready = [migration for migration in waiting if completed.issuperset(migration.after)]
        pick = data.draw(st.sampled_from([*ready, *running]))
        size = project.machines[pick.vm_id].memory_bytes
        if pick in running:
            running.remove(pick)
            completed.add(pick.id)
            used[sources[pick.id]] -= size
        else:
            waiting.remove(pick)
            running.append(pick)
            used[pick.target_id] += size
            assert used[pick.target_id] <= limit[pick.target_id]


def test_the_stages_of_a_roll_follow_each_other_with_their_pauses() -> None:
    project = fleet({"a": 10, "b": 10}, {"v1": ("a", 2), "v2": ("b", 2)})
    plan = planned(project, Roll(("a", "b"), maintain_s=100))
    out, back, out_2, back_2 = plan.migrations
    assert [migration.vm_id for migration in plan.migrations] == ["v1", "v1", "v2", "v2"]
    assert [migration.target_id for migration in plan.migrations] == ["b", "a", "a", "b"]
    assert (back.after, out_2.after, back_2.after) == ((out.id,), (back.id,), (out_2.id,))
    alone = {job.id: job.duration_s for job in problem_of(project, plan).jobs}
    starts = [migration.earliest_start_s for migration in plan.migrations]
    assert starts[1] == pytest.approx(alone[out.id] + 100)
    assert starts[3] == pytest.approx(sum(itertools.islice(alone.values(), 3)) + 200)


def test_what_waits_for_a_migration_that_fails_does_not_start() -> None:
    project = fleet({"a": 10, "b": 10}, {"v1": ("a", 2), "v2": ("a", 2)}, Order("r", "First", ["v1"], ["v2"]))
    plan = planned(project, Evacuate(("a",)))
    slow = plan.replaced(evolve(plan.migrations[0], time_limit_s=1e-6))
    first, second = run_plan(project, slow, SimulatedBackend()).run.results
    assert first.outcome == "not converged"
    assert (second.outcome, second.reason) == ("cancelled", "v2 waited for v1, which did not move")


def test_two_migrations_of_a_vm_must_follow_each_other() -> None:
    there, back = Migration("m-1", "v1", "b"), Migration("m-2", "v1", "a", after=("m-1",))
    assert Plan("plan-1", "Plan", [there, back]).migration_of("v1") == there
    with pytest.raises(InvalidValue, match="two migrations of the VM 'v1'"):
        Plan("plan-1", "Plan", [there, evolve(back, after=())])


def test_what_is_taken_out_of_a_chain_leaves_the_chain_whole() -> None:
    chain = [Migration("m-1", "v1", "b"), Migration("m-2", "v1", "c", after=("m-1",))]
    chain.append(Migration("m-3", "v1", "a", after=("m-2",)))
    assert [m.after for m in Plan("plan-1", "Plan", chain).without({"m-2"}).migrations] == [(), ("m-1",)]


def test_a_swap_is_run_over_the_third_host() -> None:
    project = fleet({"a": 4, "b": 4, "c": 4}, {"v1": ("a", 4), "v2": ("b", 4)})
    plan = planned(project, Move({"v1": "b", "v2": "a"}))
    run = run_plan(project, plan, SimulatedBackend()).run
    assert [(result.source, result.target) for result in run.results] == [("a", "c"), ("b", "a"), ("c", "b")] or [
        (result.source, result.target) for result in run.results
    ] == [("b", "c"), ("a", "b"), ("c", "a")]


def test_a_proposal_names_what_does_not_fit() -> None:
    project = fleet({"a": 10, "b": 10}, {"v1": ("a", 4), "v2": ("a", 2)})
    fits = propose(project, Evacuate(("a",)), window_s=3600, max_downtime_s=10)
    assert fits.fits
    assert fits.schedule is not None
    assert fits.schedule.makespan_s >= fits.schedule.bound.seconds > 0
    late = propose(project, Evacuate(("a",)), window_s=1e-3)
    assert {misfit.thing_id for misfit in late.misfits} == {"v1", "v2"}
    assert "the window is 1 ms" in late.misfits[0].reason
    still = propose(project, Evacuate(("a",)), max_downtime_s=1e-6)
    assert "stand still" in still.misfits[0].reason


def test_rules_give_priorities_and_the_moves_of_the_highest_come_first() -> None:
    rules = Priority("r1", "First", ["v3"], 7), Priority("r2", "Last", ["v1"], -7), Priority("r3", "Not so", ["v3"], 2)
    vms = {"v1": ("a", 3), "v2": ("a", 2), "v3": ("a", 1)}
    plan = planned(fleet({"a": 10, "b": 10}, vms, *rules), Evacuate(("a",)))
    assert [(move.vm_id, move.priority) for move in plan.migrations] == [("v3", 7), ("v2", 0), ("v1", -7)]


def test_without_a_rule_a_move_keeps_its_priority() -> None:
    project = fleet({"a": 10, "b": 10}, {"v1": ("a", 3)})
    placement = place(project, Evacuate(("a",)), costs(project))
    template = evolve(EMPTY, migrations=[Migration("m", "v1", "b", priority=3)])
    assert [move.priority for move in plan_of(project, placement, template).migrations] == [3]
