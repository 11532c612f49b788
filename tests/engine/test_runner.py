"""Carrying out plans in threads: order, limits, states, cancels, and results that tell the truth."""

import threading

import pytest
from attrs import evolve

from tests.small_projects import two_hosts, web_profile
from vmplanner.backends.base import Session
from vmplanner.backends.simulated import Pace, SimulatedBackend
from vmplanner.domain import edits
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import Progressed
from vmplanner.domain.machines import PieceKind, Profile
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.results import Outcome
from vmplanner.domain.topology import Position
from vmplanner.engine.jobs import Forecast, JobChanged, JobState, RunEnded, RunnerEvent
from vmplanner.engine.runner import Runner, run_plan


class Watcher:
    """Keeps the events of a run and lets a test wait for one."""

    def __init__(self) -> None:
        self.events: list[RunnerEvent] = []
        self._news = threading.Condition()

    def __call__(self, event: RunnerEvent) -> None:
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    def states(self, migration_id: str) -> list[JobState]:
        return [e.state for e in self.events if isinstance(e, JobChanged) and e.migration_id == migration_id]

    def wait_for(self, state: JobState) -> None:
        with self._news:
            assert self._news.wait_for(
                lambda: any(isinstance(e, JobChanged) and e.state is state for e in self.events), timeout=20
            )

    @property
    def ended(self) -> RunEnded:
        last = self.events[-1]
        assert isinstance(last, RunEnded)
        return last


def limited(project: Project, **limits: int) -> Project:
    return project.applied(Change("", (Edit(project.plan, evolve(project.plan, **limits)),)))


def overlaps(ended: RunEnded) -> int:
    """The most migrations that ran at the same time."""
    edges = [(r.started_s, 1) for r in ended.run.results] + [(r.started_s + r.total_s, -1) for r in ended.run.results]
    now = most = 0
    for _, step in sorted(edges, key=lambda edge: (round(edge[0], 6), edge[1])):
        now += step
        most = max(most, now)
    return most


def test_a_plan_runs_to_its_end() -> None:
    project = two_hosts(3)
    ended = run_plan(project, project.plan, SimulatedBackend())
    assert (ended.error, ended.bug) == ("", None)
    assert [result.vm for result in ended.run.results] == ["web-1", "web-2", "web-3"]
    assert ended.run.completed
    assert ended.run.makespan_s == pytest.approx(max(r.started_s + r.total_s for r in ended.run.results))
    assert (ended.run.id, ended.run.name, ended.run.backend) == ("run-1", "Run 1", "simulation")


@pytest.mark.parametrize(("total", "per_host", "expected"), [(1, 9, 1), (9, 1, 1), (2, 9, 2), (9, 9, 5)])
def test_no_more_run_at_once_than_the_plan_allows(total: int, per_host: int, expected: int) -> None:
    project = limited(two_hosts(5), max_concurrent=total, max_concurrent_per_host=per_host)
    assert overlaps(run_plan(project, project.plan, SimulatedBackend())) == expected


def test_states_come_in_order_and_the_forecast_comes_first() -> None:
    project = two_hosts(2, max_concurrent=1)
    watcher = Watcher()
    Runner(project, project.plan, SimulatedBackend(), watcher, oracle=SimulatedBackend()).execute()
    assert isinstance(watcher.events[0], Forecast)
    assert watcher.events[0].run.results == watcher.ended.run.results
    for migration_id in ("migration-1", "migration-2"):
        assert watcher.states(migration_id) == [JobState.QUEUED, JobState.RUNNING, JobState.COMPLETED]
    assert any(isinstance(event, Progressed) for event in watcher.events)


def test_a_cancelled_migration_stays_where_it_is_and_the_others_go_on() -> None:
    project = two_hosts(3, max_concurrent=2, profile=web_profile(100))
    watcher, pace = Watcher(), Pace(1.0)
    runner = Runner(project, project.plan, SimulatedBackend(pace), watcher)
    runner.start()
    watcher.wait_for(JobState.RUNNING)
    runner.cancel("migration-1")
    watcher.wait_for(JobState.CANCELLED)
    pace.set_speed(float("inf"))
    assert runner.join(20)
    first, second, third = watcher.ended.run.results
    assert watcher.states("migration-1") == [JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING, JobState.CANCELLED]
    assert (first.outcome, first.downtime_s) == (Outcome.CANCELLED, 0)
    assert first.reason == "cancelled; web-1 keeps running on alpha"
    assert (second.outcome, third.outcome) == (Outcome.COMPLETED, Outcome.COMPLETED)


def test_cancelling_everything_ends_the_run_at_once_at_any_pace() -> None:
    project = two_hosts(4, max_concurrent=2)
    watcher = Watcher()
    runner = Runner(project, project.plan, SimulatedBackend(Pace(0.001)), watcher)
    runner.start()
    watcher.wait_for(JobState.RUNNING)
    runner.cancel()
    assert runner.join(20)
    assert {result.outcome for result in watcher.ended.run.results} == {Outcome.CANCELLED}
    assert watcher.states("migration-4") == [JobState.QUEUED, JobState.CANCELLED]


def test_a_cancel_before_the_start_is_kept() -> None:
    project = two_hosts(1)
    watcher = Watcher()
    runner = Runner(project, project.plan, SimulatedBackend(), watcher)
    runner.cancel()
    runner.start()
    assert runner.join(20)
    assert watcher.ended.run.results[0].outcome is Outcome.CANCELLED


def test_a_target_is_never_overfull_while_the_plan_runs() -> None:
    """Two VMs change places on full hosts through the room that a third one leaves: it has to go first."""
    project = two_hosts(2, target_memory_bytes=2 * GIB)
    project = project.applied(edits.add_machine(project, "host-2", Profile(), GIB))
    project = project.applied(edits.plan_moves(project, ["vm-3"], "host-1"))
    ended = run_plan(project, project.plan, SimulatedBackend())
    first, second, third = ended.run.results
    assert ended.run.completed
    assert first.started_s == 0
    assert third.started_s == 0
    assert second.started_s >= third.started_s + third.total_s


def test_what_never_finds_room_is_told_so_and_not_waited_for() -> None:
    project = two_hosts(2, target_memory_bytes=GIB)
    ended = run_plan(project, project.plan, SimulatedBackend())
    assert [result.outcome for result in ended.run.results] == [Outcome.COMPLETED, Outcome.FAILED]
    assert ended.run.results[1].reason == "beta has no memory free for web-2; it stays on alpha"


def test_what_waits_for_one_that_never_finds_room_is_told_that_reason() -> None:
    project = two_hosts(3, target_memory_bytes=GIB)
    first, second, third = project.plan.migrations
    follower = evolve(second, after=[third.id])
    plan = evolve(project.plan, migrations=[first, follower, third])
    assert [result.reason for result in run_plan(project, plan, SimulatedBackend()).run.results][1:] == [
        "web-2 waited for web-3, which did not move",
        "beta has no memory free for web-3; it stays on alpha",
    ]


def test_a_refusal_of_one_migration_does_not_stop_the_others() -> None:
    project = two_hosts(2)
    project = project.applied(edits.add_host(project, Position()))
    project = project.applied(edits.plan_moves(project, ["vm-1"], "host-3"))
    ended = run_plan(project, project.plan, SimulatedBackend())
    assert [result.outcome for result in ended.run.results] == [Outcome.FAILED, Outcome.COMPLETED]
    assert "no link leads from alpha to host-1" in ended.run.results[0].reason


class BreakingBackend:
    """A backend that breaks after the first event, to see what becomes of the run. It simulates a fault, not a host."""

    name = "breaking"

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def links(self, project: Project, source_id: str, target_id: str) -> frozenset[str]:
        return frozenset()

    def open(self, project: Project, plan: Plan) -> Session:
        session = SimulatedBackend().open(project, plan)
        fault = self._fault

        class Breaking:
            def start(self, migration: Migration) -> float:
                return session.start(migration)

            def cancel(self, migration_id: str) -> None:
                session.cancel(migration_id)

            clock_s = 0.0

            def next_event(self, timeout_s: float, until_s: float) -> None:
                raise fault

            def close(self) -> None:
                session.close()

        return Breaking()


@pytest.mark.parametrize(("fault", "is_bug"), [(PlannerError("the cable is out"), False), (RuntimeError("boom"), True)])
def test_a_run_that_breaks_off_is_reported_whole(fault: Exception, is_bug: bool) -> None:
    project = two_hosts(2, max_concurrent=1)
    ended = run_plan(project, project.plan, BreakingBackend(fault))
    assert str(fault) in ended.error
    assert (ended.bug is fault) is is_bug
    assert [result.outcome for result in ended.run.results] == [Outcome.FAILED, Outcome.FAILED]


def test_time_stacks_name_the_data_of_the_vm() -> None:
    project = two_hosts(1)
    [result] = run_plan(project, project.plan, SimulatedBackend()).run.results
    assert {s.kind for s in result.segments} == {
        PieceKind.KERNEL,
        PieceKind.PAGE_CACHE,
        PieceKind.HEAP,
        PieceKind.FREE,
        PieceKind.DEVICE_STATE,
        PieceKind.OVERHEAD,
    }


def replanned(project: Project, **changes: dict[str, object]) -> Project:
    """The project with fields of its migrations changed, by id with an underscore for the dash."""
    plan = project.plan
    return limited(project, migrations=[evolve(m, **changes.get(m.id.replace("-", "_"), {})) for m in plan.migrations])


@pytest.mark.parametrize("speed", [float("inf"), 200.0])
def test_a_migration_waits_for_its_start_time_though_nothing_else_runs(speed: float) -> None:
    project = replanned(two_hosts(2), migration_1={"earliest_start_s": 30}, migration_2={"earliest_start_s": 70})
    ended = run_plan(project, project.plan, SimulatedBackend(Pace(speed)))
    assert ended.run.completed
    assert [result.started_s for result in ended.run.results] == pytest.approx([30, 70])


def test_a_start_time_interrupts_what_runs() -> None:
    project = replanned(two_hosts(2), migration_2={"earliest_start_s": 1.5})
    ended = run_plan(project, project.plan, SimulatedBackend())
    assert [result.started_s for result in ended.run.results] == [0, 1.5]
    assert overlaps(ended) == 2


def test_what_waits_for_its_time_can_be_cancelled() -> None:
    project = replanned(two_hosts(1), migration_1={"earliest_start_s": 1e6})
    watcher = Watcher()
    runner = Runner(project, project.plan, SimulatedBackend(Pace(1.0)), watcher)
    runner.start()
    watcher.wait_for(JobState.QUEUED)
    runner.cancel()
    assert runner.join(20)
    assert watcher.states("migration-1") == [JobState.QUEUED, JobState.CANCELLED]


def test_the_higher_priority_starts_first() -> None:
    project = replanned(two_hosts(3, max_concurrent=1), migration_3={"priority": 1})
    first, second, third = run_plan(project, project.plan, SimulatedBackend()).run.results
    assert third.started_s < first.started_s < second.started_s


def test_a_place_is_kept_for_the_one_whose_time_has_come() -> None:
    """The first two fill the limits for longer than planned; the third is due before the fourth and goes before it."""
    project = replanned(
        two_hosts(4, max_concurrent=2), migration_4={"earliest_start_s": 2}, migration_3={"earliest_start_s": 1}
    )
    results = run_plan(project, project.plan, SimulatedBackend()).run.results
    assert results[2].started_s <= results[3].started_s
