"""From a plan to jobs, from a schedule back to the plan, and whether the simulation agrees."""

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_projects import GIGABIT, star, two_hosts, web_profile
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain import edits
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.rules import Limit, LimitPer, Order, Rule
from vmplanner.domain.topology import Host, Link, PolicyName, Switch
from vmplanner.engine.runner import run_plan
from vmplanner.planning.scheduling.apply import apply_schedule, clear_starts
from vmplanner.planning.scheduling.choices import best_choice
from vmplanner.planning.scheduling.jobs import Problem
from vmplanner.planning.scheduling.lists import ListRule
from vmplanner.planning.scheduling.predict import problem_of
from vmplanner.planning.scheduling.rehearse import Rehearsal, rehearse
from vmplanner.planning.scheduling.schedule import best, schedule
from vmplanner.simulation.network import Network


def changed(project: Project, **changes: object) -> Project:
    return project.applied(Change("", (Edit(project.plan, evolve(project.plan, **changes)),)))


def test_a_job_is_what_the_migration_takes_alone() -> None:
    project = two_hosts(1)
    [job] = problem_of(project, project.plan).jobs
    [result] = run_plan(project, project.plan, SimulatedBackend()).run.results
    assert job.duration_s == pytest.approx(result.total_s)
    assert (job.bytes, job.downtime_s) == (result.transferred_bytes, pytest.approx(result.downtime_s))
    assert (job.rate_bytes_per_s, job.links, job.memory_bytes) == (GIGABIT, (("link-1", "host-1"),), GIB)


def test_vms_that_are_alike_have_the_same_job() -> None:
    first, second = problem_of(two_hosts(2), two_hosts(2).plan).jobs
    assert evolve(first, id=second.id) == second


def test_limits_order_and_start_times_come_from_plan_and_rules() -> None:
    project = two_hosts(3, max_concurrent=7)
    project = project.applied(
        Change("", (Edit(None, Order("rule-1", "first", ["vm-1"], ["vm-3"])), Edit(None, Limit("rule-2", "one", 1))))
    )
    first, second, third = project.plan.migrations
    project = changed(
        project,
        migrations=[first, evolve(second, after=["migration-1"], priority=2), evolve(third, earliest_start_s=9)],
    )
    problem = problem_of(project, project.plan)
    assert (problem.limits.total, problem.limits.per_host) == (7, 7)
    assert [job.after for job in problem.jobs] == [(), ("migration-1",), ("migration-1",)]
    assert [(job.priority, job.earliest_start_s) for job in problem.jobs] == [(0, 0), (2, 0), (0, 9)]
    assert [(rule.name, rule.count) for rule in problem.rules] == [("one of alpha", 1), ("one of beta", 1)]


def test_a_limit_over_each_link_counts_both_directions() -> None:
    project = star([GIGABIT, GIGABIT, GIGABIT])
    machines = [VirtualMachine(f"vm-{n}", f"web-{n}", f"host-{n}", GIB) for n in (1, 2, 3)]
    plan = Plan("plan-1", "Plan", [Migration(f"m-{n}", f"vm-{n}", f"host-{n % 3 + 1}") for n in (1, 2, 3)])
    rule = Limit("rule-1", "One", 1, LimitPer.LINK)
    project = project.applied(Change("", [Edit(None, thing) for thing in (*machines, plan, rule)]))
    assert {rule.name: set(rule.migration_ids) for rule in problem_of(project, plan).rules} == {
        "One of h1 - core": {"m-1", "m-3"},
        "One of h2 - core": {"m-1", "m-2"},
        "One of h3 - core": {"m-2", "m-3"},
    }


def racks(moves: list[tuple[int, int]], *rules: Rule) -> Project:
    """Two racks of two hosts with two links between them, and a VM that moves from host to host for each of `moves`."""
    hosts = [Host(f"host-{n}", f"h{n}") for n in range(4)]
    arms = [Link(f"arm-{n}", f"host-{n}", f"rack-{n // 2}", GIGABIT) for n in range(4)]
    between = [Link(f"between-{n}", "rack-0", "rack-1", GIGABIT) for n in range(2)]
    machines = [VirtualMachine(f"vm-{n}", f"web-{n}", f"host-{at}", GIB) for n, (at, _) in enumerate(moves)]
    migrations = [Migration(f"m-{n}", f"vm-{n}", f"host-{to}") for n, (_, to) in enumerate(moves)]
    plan = Plan("plan-1", "Plan", migrations, 100, 100)
    switches = [Switch(f"rack-{n}", f"rack-{n}") for n in range(2)]
    return Project.of(*hosts, *switches, *arms, *between, *machines, *rules, plan)


def most_over_a_link(project: Project, starts: dict[str, float], ends: dict[str, float]) -> int:
    """How many migrations are under way over one link at most, looked at whenever one starts."""
    network, sources = Network(project), project.sources_of(project.plan)
    most = 0
    for link_id in project.links:
        over = []
        for migration in project.plan.migrations:
            route = network.route(sources[migration.id], migration.target_id)
            assert route is not None
            if any(link_id == each for each, _ in route.links):
                over.append(migration.id)
        for now in (starts[each] for each in over):
            most = max(most, sum(starts[each] <= now < ends[each] - 1e-9 for each in over))
    return most


@settings(max_examples=25, deadline=None)
@given(
    moves=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda move: move[0] != move[1]), max_size=9),
    limit=st.integers(1, 2),
)
def test_no_link_ever_has_more_migrations_than_a_rule_allows(moves: list[tuple[int, int]], limit: int) -> None:
    project = racks(moves, Limit("rule-1", "Links", limit, LimitPer.LINK))
    problem = problem_of(project, project.plan)
    for rule in ListRule:
        made = schedule(problem, rule)
        assert most_over_a_link(project, made.starts, {slot.job_id: slot.end_s for slot in made.slots}) <= limit
    rehearsal = rehearse(project, project.plan, problem)
    assert most_over_a_link(project, rehearsal.starts, rehearsal.ends) <= limit


@pytest.mark.parametrize("rule", [ListRule.LONGEST_FIRST, ListRule.SHORTEST_FIRST, ListRule.ALL_AT_ONCE])
def test_of_moves_that_could_start_the_one_of_the_higher_priority_does(rule: ListRule) -> None:
    project = racks([(0, 1), (0, 1), (0, 1)])
    plan = evolve(
        project.plan,
        max_concurrent=1,
        migrations=[evolve(m, priority=p) for m, p in zip(project.plan.migrations, (-1, 0, 5), strict=True)],
    )
    made = schedule(problem_of(project, plan), rule)
    assert sorted(made.starts, key=lambda each: made.starts[each]) == ["m-2", "m-1", "m-0"]


def test_no_way_to_the_target_is_told() -> None:
    project = two_hosts(1)
    project = project.applied(edits.delete(project, ["link-1"]))
    with pytest.raises(PlannerError, match="web-1 can't be scheduled: no link leads to beta; draw one"):
        problem_of(project, project.plan)


@pytest.mark.parametrize("policy", [PolicyName.QEMU, PolicyName.XEN_4])
def test_the_simulation_keeps_the_times_of_a_schedule(policy: PolicyName) -> None:
    project = two_hosts(4, policy=policy)
    problem = problem_of(project, project.plan)
    made = schedule(problem, ListRule.LONGEST_FIRST)
    rehearsal = rehearse(project, project.plan, problem, made)
    assert rehearsal.ends == pytest.approx({slot.job_id: slot.end_s for slot in made.slots})
    assert rehearsal.downtime_s == pytest.approx(sum(job.downtime_s for job in problem.jobs))
    # One after the other each has the whole link, so that all are copied with fewer bytes than side by side.
    assert rehearsal.makespan_s < rehearse(project, project.plan, problem).makespan_s


def test_a_rehearsal_does_what_the_engine_does() -> None:
    project = changed(two_hosts(5), max_concurrent=3, max_concurrent_per_host=2)
    problem = problem_of(project, project.plan)
    run = run_plan(project, project.plan, SimulatedBackend()).run
    assert rehearse(project, project.plan, problem).starts == {r.migration_id: r.started_s for r in run.results}


def test_a_schedule_in_the_plan_is_carried_out_at_its_times() -> None:
    project = two_hosts(4)
    made = best(problem_of(project, project.plan))
    scheduled = project.applied(apply_schedule(project, "plan-1", made))
    run = run_plan(scheduled, scheduled.plan, SimulatedBackend()).run
    assert run.completed
    assert {r.migration_id: r.started_s for r in run.results} == pytest.approx(made.starts)
    assert run.makespan_s == pytest.approx(made.makespan_s)


def test_applying_twice_changes_nothing_and_clearing_gives_the_plan_back() -> None:
    project = two_hosts(3)
    made = best(problem_of(project, project.plan))
    change = apply_schedule(project, "plan-1", made)
    assert change.title == f"Schedule Plan: {made.name}"
    scheduled = project.applied(change)
    assert apply_schedule(scheduled, "plan-1", made).edits == ()
    cleared = scheduled.applied(clear_starts(scheduled, "plan-1"))
    assert cleared.plan == project.plan
    assert scheduled.applied(change.inverse()).plan == project.plan


def in_order(project: Project, plan: Plan, problem: Problem) -> Rehearsal:
    return rehearse(project, plan, problem, schedule(problem, ListRule.FIRST_IN_FIRST_OUT))


@settings(max_examples=15)
@given(
    writes=st.sampled_from([0.0, 2000.0, 20_000.0]),
    moves=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 4)), min_size=1, max_size=8),
    per_host=st.integers(1, 4),
)
def test_the_rehearsed_best_is_never_worse_than_all_at_once_or_first_in_first_out(
    writes: float, moves: list[tuple[int, int, int]], per_host: int
) -> None:
    project = star([GIGABIT, GIGABIT, 2 * GIGABIT, 10 * GIGABIT])
    machines = [
        VirtualMachine(f"vm-{n}", f"web-{n}", f"host-{at + 1}", size * GIB, profile=web_profile(writes))
        for n, (at, _, size) in enumerate(moves)
    ]
    migrations = [Migration(f"m-{n}", f"vm-{n}", f"host-{(at + by) % 4 + 1}") for n, (at, by, _) in enumerate(moves)]
    plan = Plan("plan-1", "Plan", migrations, 100, per_host)
    project = project.applied(Change("", [Edit(None, thing) for thing in (*machines, plan)]))
    problem = problem_of(project, plan)
    found = best_choice(project, plan, problem)
    assert found.unfinished == 0
    for other in (rehearse(project, plan, problem), in_order(project, plan, problem)):
        assert len(other.completed) < len(moves) or found.makespan_s <= other.makespan_s + 1e-5
    assert found.makespan_s >= found.schedule.bound.seconds * (1 - 1e-6)


def test_an_empty_plan_is_done_at_once() -> None:
    project = two_hosts(0)
    made = best(problem_of(project, Plan("plan-1", "Empty")))
    assert (made.slots, made.makespan_s, made.critical_path, made.above_bound) == ((), 0, (), 0)
