"""A plan is given the best of all orders by what the simulation makes of them, and runs as its figures say."""

import threading

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planning.placements import fleet
from tests.small_projects import two_hosts
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain import plan_edits
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.engine.runner import run_plan
from vmplanner.planning.exclusions import propose_without_excluded
from vmplanner.planning.improvement import NOTHING_BETTER, improved
from vmplanner.planning.intents import Consolidate, Drain, Evacuate, Intent, Roll
from vmplanner.planning.placement.costs import Predicted
from vmplanner.planning.placement.place import place
from vmplanner.planning.proposal import Proposal, hosts_named, propose
from vmplanner.planning.scheduling.apply import with_starts
from vmplanner.planning.scheduling.choices import AS_IT_IS, best_choice, schedules_of, search_on
from vmplanner.planning.scheduling.lists import ListRule
from vmplanner.planning.scheduling.pins import problem_with_pins
from vmplanner.planning.scheduling.platform_limits import PLATFORM_LIMITS, platform_costs
from vmplanner.planning.scheduling.predict import problem_of
from vmplanner.planning.scheduling.rehearse import as_rehearsed
from vmplanner.planning.scheduling.schedule import schedule
from vmplanner.planning.stop import Stopped
from vmplanner.store.library import example


def carried_out(project: Project, plan: Plan) -> Run:
    ended = run_plan(project, plan, SimulatedBackend())
    assert (ended.error, ended.bug) == ("", None)
    return ended.run


@pytest.fixture(scope="module")
def racks() -> Project:
    return example("evacuate-a-rack")


@pytest.fixture(scope="module")
def drained(racks: Project) -> Proposal:
    return propose(racks, Drain(hosts_named(racks, ["Rack 2"])[0]))


def test_a_proposal_is_as_good_as_the_best_that_its_schedule_dialog_would_offer(
    racks: Project, drained: Proposal
) -> None:
    assert drained.schedule is not None
    _, choices = schedules_of(racks, drained.plan)
    assert drained.schedule.makespan_s == pytest.approx(choices[0].makespan_s)
    unscheduled = evolve(drained.plan, migrations=[evolve(m, earliest_start_s=0.0) for m in drained.plan.migrations])
    assert drained.schedule.makespan_s <= carried_out(racks, unscheduled).makespan_s + 1e-6
    problem = problem_of(racks, unscheduled)
    in_order = with_starts(unscheduled, schedule(problem, ListRule.FIRST_IN_FIRST_OUT))
    assert drained.schedule.makespan_s <= carried_out(racks, in_order).makespan_s + 1e-6


def test_a_run_of_the_proposed_plan_is_the_one_that_was_told(racks: Project, drained: Proposal) -> None:
    assert drained.schedule is not None
    run = carried_out(racks, drained.plan)
    assert run.makespan_s == pytest.approx(drained.schedule.makespan_s, rel=0.01)
    told = {move.migration.id: (move.start_s, move.end_s, move.downtime_s) for move in drained.moves}
    for result in run.results:
        start_s, end_s, downtime_s = told[result.migration_id]
        assert result.started_s == pytest.approx(start_s, abs=1e-3)
        assert result.started_s + result.total_s == pytest.approx(end_s, rel=0.01)
        assert result.downtime_s == pytest.approx(downtime_s, rel=0.01)


def test_without_an_intent_the_plan_is_never_made_worse(racks: Project) -> None:
    found = propose(racks, None)
    assert found.schedule is not None
    assert found.schedule.makespan_s <= carried_out(racks, racks.plan).makespan_s + 1e-6
    scheduled = racks.applied(plan_edits.use_plan(racks, found.plan, "Schedule"))
    again = propose(scheduled, None)
    assert again.schedule is not None
    assert again.schedule.makespan_s <= found.schedule.makespan_s + 1e-6


def test_start_times_that_are_better_than_any_rule_are_kept() -> None:
    """On one link that is full anyway no order is sooner than another but by its pauses."""
    project = two_hosts(3)
    problem = problem_with_pins(project, project.plan)
    best = best_choice(project, project.plan, problem)
    timed = with_starts(project.plan, best.schedule)
    _, choices = schedules_of(project, evolve(timed, max_concurrent=4))
    assert AS_IT_IS in {choice.schedule.name for choice in choices}
    assert choices[0].makespan_s <= best.makespan_s + 1e-6


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.lists(st.integers(1, 3), min_size=1, max_size=6), st.booleans())
def test_every_proposal_runs_as_told(per_host: int, sizes: list[int], is_roll: bool) -> None:
    project = fleet({"a": 20, "b": 20, "c": 20}, {f"v{n}": ("a", size) for n, size in enumerate(sizes)})
    template = Plan("plan-1", "Plan", max_concurrent=4, max_concurrent_per_host=per_host)
    project = evolve(project, plans={"plan-1": template})
    intent: Intent = Roll(("a",), maintain_s=60) if is_roll else Evacuate(("a",))
    found = propose(project, intent)
    assert found.schedule is not None
    run = carried_out(project, found.plan)
    assert run.makespan_s == pytest.approx(found.schedule.makespan_s, rel=0.01)
    if is_roll:
        half = len(sizes)
        out, back = run.results[:half], run.results[half:]
        emptied_s = max(result.started_s + result.total_s for result in out)
        assert min(result.started_s for result in back) >= emptied_s + 60 - 1e-6


def test_platform_limits_cost_what_they_hold_back() -> None:
    project = two_hosts(4)
    problem, choices = schedules_of(project, project.plan)
    costs = {cost.platform.name: cost.schedule.makespan_s for cost in platform_costs(project, project.plan, problem)}
    assert list(costs) == [platform.name for platform in PLATFORM_LIMITS]
    assert costs["OpenStack Nova"] == max(costs.values())
    assert costs["VMware vSphere"] == pytest.approx(choices[0].makespan_s)
    assert all(platform.source for platform in PLATFORM_LIMITS)


def test_what_a_search_made_worse_is_not_taken(drained: Proposal) -> None:
    assert drained.schedule is not None
    late = evolve(drained, schedule=evolve(drained.schedule, slots=[
        evolve(slot, end_s=slot.end_s + 1) for slot in drained.schedule.slots
    ]))  # fmt: skip
    assert improved(drained, late).proposal is drained
    assert improved(drained, late).gained == improved(drained, drained).gained == NOTHING_BETTER
    assert improved(late, drained).proposal is drained
    assert improved(late, drained).gained == "The search found better: done 1 s sooner."
    cheaper = evolve(drained, cost_s=drained.cost_s - 5, moves=drained.moves[1:])
    assert improved(drained, cheaper).gained == (
        f"The search found better: {len(drained.moves) - 1} moves in place of {len(drained.moves)}, "
        "5 s less of migration and downtime."
    )
    assert improved(drained, evolve(late, cost_s=drained.cost_s - 5)).proposal is drained


def test_a_search_begins_with_what_is_known_and_takes_shared_links_into_account(racks: Project) -> None:
    problem, choices = schedules_of(racks, racks.plan)
    rehearsal = choices[0].rehearsal
    shared = as_rehearsed(problem, rehearsal)
    for alone, job in zip(problem.jobs, shared.jobs, strict=True):
        assert job.duration_s == max(alone.duration_s, rehearsal.ends[job.id] - rehearsal.starts[job.id])
    found = search_on(racks, racks.plan, problem, choices[0], time_limit_s=1)
    assert found.rank <= choices[0].rank
    assert found.schedule.bound == choices[0].schedule.bound


def test_a_search_that_is_given_up_ends() -> None:
    project = fleet({"a": 20, "b": 20}, {"v1": ("a", 4)})
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        place(project, Consolidate(), Predicted(project), stop=stop)
    with pytest.raises(Stopped):
        propose_without_excluded(project, Evacuate(("a",)), stop=stop)
    moved = two_hosts(2)
    with pytest.raises(Stopped):
        schedules_of(moved, moved.plan, stop=stop)
