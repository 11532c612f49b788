"""A rehearsal is what a run in the simulation will be: the same migrations start at the same times."""

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_projects import GIGABIT, star
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.machines import Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.engine.runner import run_plan
from vmplanner.planning.scheduling.apply import with_starts
from vmplanner.planning.scheduling.lists import ListRule
from vmplanner.planning.scheduling.predict import problem_of
from vmplanner.planning.scheduling.rehearse import rehearse
from vmplanner.planning.scheduling.schedule import schedule

HOSTS = 3
# From, by how many hosts on, MiB, priority, earliest start, and whether it waits for the one before it.
Move = tuple[int, int, int, int, int, bool]
moves = st.lists(
    st.tuples(
        st.integers(0, HOSTS - 1),
        st.integers(1, HOSTS - 1),
        st.sampled_from([128, 256, 512, 1000, 1500]),
        st.sampled_from([0, 0, 0, 5, -5]),
        st.sampled_from([0, 0, 3, 3, 10]),
        st.sampled_from([False, False, False, True]),
    ),
    min_size=2,
    max_size=9,
)


def full(mib: int) -> Profile:
    return Profile("Data", [Piece("heap", PieceKind.HEAP, mib * MIB, 100.0)])


def project_of(of: list[Move], total: int, per_host: int, gib: int) -> Project:
    """Hosts whose memory is tight for what comes to them."""
    project = star([GIGABIT] * HOSTS)
    machines = [
        VirtualMachine(f"vm-{n}", f"v{n}", f"host-{at + 1}", mib * MIB, profile=full(mib))
        for n, (at, _, mib, *_) in enumerate(of)
    ]
    migrations = [
        Migration(
            f"m-{n}",
            f"vm-{n}",
            f"host-{(at + by) % HOSTS + 1}",
            earliest_start_s=float(start_s),
            priority=priority,
            after=[f"m-{n - 1}"] if waits and n else (),
        )
        for n, (at, by, _, priority, start_s, waits) in enumerate(of)
    ]
    hosts = [Edit(host, evolve(host, memory_bytes=gib * GIB)) for host in project.hosts.values()]
    plan = Plan("plan-1", "Plan", migrations, total, per_host)
    return project.applied(Change("", [*hosts, *(Edit(None, thing) for thing in (*machines, plan))]))


def starts_of_run(project: Project, plan: Plan) -> dict[str, float]:
    run = run_plan(project, plan, SimulatedBackend()).run
    return {result.migration_id: round(result.started_s, 6) for result in run.results if result.converged}


@settings(max_examples=150, deadline=None)
@given(moves, st.integers(1, 4), st.integers(1, 3), st.integers(2, 12))
def test_the_engine_starts_what_a_rehearsal_started(of: list[Move], total: int, per_host: int, gib: int) -> None:
    project = project_of(of, total, per_host, gib)
    rehearsal = rehearse(project, project.plan, problem_of(project, project.plan))
    told = {migration_id: round(start_s, 6) for migration_id, start_s in rehearsal.starts.items()}
    assert starts_of_run(project, project.plan) == told


@settings(max_examples=60, deadline=None)
@given(moves, st.integers(1, 4), st.integers(1, 3), st.sampled_from(ListRule))
def test_a_schedule_in_its_plan_starts_what_its_rehearsal_started(
    of: list[Move], total: int, per_host: int, rule: ListRule
) -> None:
    project = project_of(of, total, per_host, gib=64)
    problem = problem_of(project, project.plan)
    made = schedule(problem, rule)
    rehearsal = rehearse(project, project.plan, problem, made)
    told = {migration_id: round(start_s, 6) for migration_id, start_s in rehearsal.starts.items()}
    assert starts_of_run(project, with_starts(project.plan, made)) == told


def test_of_equal_priority_the_first_of_the_plan_starts_though_its_time_came_later() -> None:
    """Both times have come when the only place is free."""
    project = project_of([(0, 1, 1024, 0, 0, False), (0, 1, 128, 0, 2, False), (0, 1, 128, 0, 1, False)], 1, 1, 64)
    rehearsal = rehearse(project, project.plan, problem_of(project, project.plan))
    assert sorted(rehearsal.starts, key=rehearsal.starts.__getitem__) == ["m-0", "m-1", "m-2"]
    run = run_plan(project, project.plan, SimulatedBackend()).run
    assert [result.started_s for result in run.results] == list(rehearsal.starts.values())
