"""What a person asks of a run: pause, resume, cancel, skip and retry. No VM is ever lost by it or moved twice."""

import math
import threading
from collections.abc import Callable
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.test_runner import Watcher
from tests.small_projects import two_hosts, web_profile
from vmplanner.backends.base import Session
from vmplanner.backends.simulated import Pace, SimulatedBackend
from vmplanner.domain.events import Ended, MigrationEvent
from vmplanner.domain.failures import Abort, Failure, HostDown, LinkDown
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.results import Outcome
from vmplanner.domain.topology import Host, Link, Switch
from vmplanner.engine.jobs import JobChanged, JobState, QueueChanged, RunEnded, RunnerEvent
from vmplanner.engine.runner import Runner


class Person:
    """Watches a run and does things, each when the run first tells something that fits. The run waits for it."""

    def __init__(self, *acts: tuple[Callable[[RunnerEvent], bool], Callable[[Runner], None]]) -> None:
        self.watcher = Watcher()
        self._acts = list(acts)
        self.runner: Runner | None = None

    def __call__(self, event: RunnerEvent) -> None:
        self.watcher(event)
        for act in list(self._acts):
            if act[0](event) and self.runner is not None:
                self._acts.remove(act)
                act[1](self.runner)

    def runs(self, project: Project, backend: SimulatedBackend | None = None, *, stays_open: bool = False) -> RunEnded:
        self.runner = Runner(project, project.plan, backend or SimulatedBackend(), self, stays_open=stays_open)
        self.runner.execute()
        return [event for event in self.watcher.events if isinstance(event, RunEnded)][-1]


def tells(migration_id: str, state: JobState) -> Callable[[RunnerEvent], bool]:
    return lambda e: isinstance(e, JobChanged) and (e.migration_id, e.state) == (migration_id, state)


def is_over(event: RunnerEvent) -> bool:
    return isinstance(event, RunEnded)


def with_moves(project: Project, *moves: Migration) -> Project:
    """The project with other migrations in its plan."""
    return project.applied(Change("", (Edit(project.plan, evolve(project.plan, migrations=moves)),)))


def chain(project: Project) -> Project:
    """Each migration after the one before it."""
    moves = list(project.plan.migrations)
    return with_moves(project, moves[0], *(evolve(b, after=[a.id]) for a, b in pairwise(moves)))


def test_a_paused_queue_starts_nothing_until_it_goes_on() -> None:
    watcher = Watcher()
    project = two_hosts(3, max_concurrent=1)
    runner = Runner(project, project.plan, SimulatedBackend(), watcher)
    runner.pause()
    runner.start()
    with watcher._news:
        assert watcher._news.wait_for(lambda: QueueChanged(True) in watcher.events, timeout=20)
    assert not runner.join(0.2)
    assert JobState.RUNNING not in watcher.states("migration-1")
    runner.resume()
    assert runner.join(20)
    assert watcher.ended.run.completed


def test_what_runs_goes_on_while_the_queue_is_paused() -> None:
    person = Person(
        (tells("migration-1", JobState.RUNNING), lambda runner: runner.pause()),
        (tells("migration-1", JobState.COMPLETED), lambda runner: runner.resume()),
    )
    ended = person.runs(two_hosts(3, max_concurrent=2, profile=web_profile(10)))
    assert ended.run.completed
    first, _second, third = ended.run.results
    assert third.started_s >= first.started_s + first.total_s


def test_all_can_be_cancelled_while_the_queue_is_paused() -> None:
    watcher = Watcher()
    project = two_hosts(2, max_concurrent=1)
    runner = Runner(project, project.plan, SimulatedBackend(), watcher)
    runner.pause()
    runner.start()
    runner.cancel()
    assert runner.join(20)
    assert {result.outcome for result in watcher.ended.run.results} == {Outcome.CANCELLED}


def test_a_migration_that_starts_just_when_it_is_cancelled_ends_as_cancelled() -> None:
    person = Person((tells("migration-1", JobState.RUNNING), lambda runner: runner.cancel("migration-2")))
    person.runs(two_hosts(2))
    assert person.watcher.states("migration-2")[-2:] == [JobState.CANCELLING, JobState.CANCELLED]


def test_what_only_waited_for_one_that_the_backend_refused_is_told_so_and_tried_with_it() -> None:
    project = chain(two_hosts(2))
    project = project.applied(Change("", [Edit(link, None) for link in project.links.values()]))
    person = Person(
        (is_over, lambda runner: runner.retry("migration-1")),
        (lambda e: is_over(e) and len(person.watcher.states("migration-2")) == 4, lambda runner: runner.leave()),
    )
    ended = person.runs(project, stays_open=True)
    assert ended.run.results[1].reason == "web-2 waited for web-1, which did not move"
    assert person.watcher.states("migration-2") == [JobState.QUEUED, JobState.CANCELLED] * 2


def test_a_run_that_is_over_can_not_be_paused() -> None:
    person = Person(
        (is_over, lambda runner: runner.pause()),
        (is_over, lambda runner: runner.retry("migration-1")),
        (tells("migration-1", JobState.COMPLETED), lambda runner: runner.leave()),
    )
    person.runs(two_hosts(1), SimulatedBackend(failures=[Abort("migration-1", 1.0)]), stays_open=True)
    assert QueueChanged(True) not in person.watcher.events


def test_one_that_is_skipped_stays_and_those_after_it_do_not_wait() -> None:
    person = Person((tells("migration-1", JobState.RUNNING), lambda runner: runner.skip("migration-2")))
    ended = person.runs(chain(two_hosts(3)))
    assert [result.outcome for result in ended.run.results] == [
        Outcome.COMPLETED,
        Outcome.CANCELLED,
        Outcome.COMPLETED,
    ]
    assert ended.run.results[1].reason == "skipped; web-2 stays on alpha"
    assert person.watcher.states("migration-2")[-1] is JobState.SKIPPED


def test_the_way_back_of_a_skipped_vm_is_skipped_as_well() -> None:
    project = two_hosts(2, max_concurrent=1)
    way_back = Migration("migration-3", "vm-2", "host-1", after=["migration-2"])
    project = with_moves(project, *project.plan.migrations, way_back)
    person = Person((tells("migration-1", JobState.RUNNING), lambda runner: runner.skip("migration-2")))
    ended = person.runs(project)
    assert [result.reason for result in ended.run.results] == ["", *["skipped; web-2 stays on alpha"] * 2]


def test_what_runs_can_not_be_skipped() -> None:
    person = Person((tells("migration-1", JobState.RUNNING), lambda runner: runner.skip("migration-1")))
    assert person.runs(two_hosts(2)).run.completed


def test_a_failed_one_is_tried_again_in_the_same_run_with_those_that_waited_for_it() -> None:
    person = Person((tells("migration-2", JobState.CANCELLED), lambda runner: runner.retry("migration-1")))
    failing = SimulatedBackend(failures=[Abort("migration-1", 1.0)])
    project = chain(two_hosts(3, max_concurrent=1))
    ended = person.runs(project, failing, stays_open=False)
    assert ended.run.completed
    first, second, _ = ended.run.results
    assert first.started_s >= 1.0
    assert second.started_s == pytest.approx(first.started_s + first.total_s)
    q, r = JobState.QUEUED, JobState.RUNNING
    assert person.watcher.states("migration-1") == [q, r, JobState.FAILED, q, r, JobState.COMPLETED]


def test_a_run_that_is_over_is_taken_up_again_by_a_retry() -> None:
    person = Person(
        (is_over, lambda runner: runner.retry("migration-1")),
        (tells("migration-1", JobState.COMPLETED), lambda runner: runner.leave()),
    )
    failing = SimulatedBackend(failures=[Abort("migration-1", 1.0)])
    ended = person.runs(two_hosts(2), failing, stays_open=True)
    first, last = [event.run for event in person.watcher.events if isinstance(event, RunEnded)]
    assert [result.outcome for result in first.results] == [Outcome.FAILED, Outcome.COMPLETED]
    assert last.completed
    assert (first.id, first.name) == (last.id, last.name)
    assert ended.run == last


def test_one_that_waits_for_a_failed_one_is_not_tried_alone() -> None:
    person = Person(
        (is_over, lambda runner: runner.retry("migration-2")),
        (
            lambda e: isinstance(e, JobChanged) and "retry that one as well" in e.reason,
            lambda runner: runner.leave(),
        ),
    )
    failing = SimulatedBackend(failures=[Abort("migration-1", 1.0)])
    ended = person.runs(chain(two_hosts(2)), failing, stays_open=True)
    assert not ended.run.completed
    told = [e.reason for e in person.watcher.events if isinstance(e, JobChanged) and e.migration_id == "migration-2"]
    assert told[-1] == "web-2 waits for web-1, which did not complete: retry that one as well"


def test_a_retry_from_another_thread_wakes_a_run_that_is_over() -> None:
    project = two_hosts(1)
    watcher = Watcher()
    runner = Runner(project, project.plan, SimulatedBackend(Pace(0.001)), watcher, stays_open=True)
    runner.start()
    watcher.wait_for(JobState.RUNNING)
    runner.cancel("migration-1")
    watcher.wait_for(JobState.CANCELLED)
    assert not runner.join(0.2)
    runner.retry("migration-1")
    with watcher._news:
        assert watcher._news.wait_for(lambda: watcher.states("migration-1").count(JobState.RUNNING) == 2, timeout=20)
    runner.leave()
    runner.cancel()
    assert runner.join(20)
    assert "vmplanner-runner" not in {thread.name for thread in threading.enumerate()}


def test_the_figures_of_the_hypervisor_are_told_when_a_migration_ends() -> None:
    person = Person()
    ended = person.runs(two_hosts(1))
    [told] = [event for event in person.watcher.events if isinstance(event, Ended)]
    [result] = ended.run.results
    assert told.reported_total_s == result.reported_total_s
    assert told.reported_total_s


# Whatever is asked for, and whatever fails

_IDS = [f"migration-{number}" for number in range(1, 7)]


def _triangle(after: list[list[int]]) -> Project:
    """Six moves between three hosts that are rather full, the last of them a way back."""
    hosts = [Host(f"host-{n}", f"h{n}", memory_bytes=4 * GIB) for n in (1, 2, 3)]
    links = [Link(f"link-{n}", f"host-{n}", "switch-1", 125e6) for n in (1, 2, 3)]
    profile = web_profile(100)
    vms = [VirtualMachine(f"vm-{n}", f"web-{n}", f"host-{(n - 1) % 3 + 1}", GIB, profile=profile) for n in range(1, 6)]
    moves = [Migration(f"migration-{n}", f"vm-{n}", f"host-{n % 3 + 1}") for n in range(1, 6)]
    moves.append(Migration("migration-6", "vm-1", "host-1", after=["migration-1"]))
    moves = [
        evolve(move, after={*move.after, *(_IDS[other] for other in others if other < number)})
        for number, (move, others) in enumerate(zip(moves, after, strict=True))
    ]
    plan = Plan("plan-1", "Plan", moves, max_concurrent=3, max_concurrent_per_host=2)
    return Project.of(*hosts, Switch("switch-1", "core"), *links, *vms, plan)


class Checked:
    """A simulation that sees to it that every start is one that may be."""

    name = "checked"

    def __init__(self, failures: list[Failure]) -> None:
        self._inner = SimulatedBackend(failures=failures)
        self.links = self._inner.links
        self.host_of: dict[str, str] = {}
        self.lost: set[str] = set()

    def open(self, project: Project, plan: Plan) -> Session:
        session = self._inner.open(project, plan)
        moves = {migration.id: migration for migration in plan.migrations}
        self.host_of = {machine.id: machine.host_id for machine in project.machines.values()}
        host_of, lost = self.host_of, self.lost
        under_way: dict[str, Migration] = {}
        completed: set[str] = set()

        class Checking:
            def start(self, migration: Migration) -> float:
                assert migration.id not in completed, "moved twice"
                assert migration.vm_id not in {each.vm_id for each in under_way.values()}, "a VM moves once at a time"
                assert host_of[migration.vm_id] != migration.target_id, "it is there already"
                clock_s = session.start(migration)
                under_way[migration.id] = migration
                assert len(under_way) <= plan.max_concurrent
                on = [host_of[vm_id] for vm_id in host_of] + [each.target_id for each in under_way.values()]
                assert max(on.count(host_id) for host_id in project.hosts) <= 4, "a host is overfull"
                return clock_s

            def cancel(self, migration_id: str) -> None:
                session.cancel(migration_id)

            @property
            def clock_s(self) -> float:
                return session.clock_s

            def next_event(self, timeout_s: float, until_s: float = math.inf) -> MigrationEvent | None:
                event = session.next_event(timeout_s, until_s)
                if isinstance(event, Ended):
                    del under_way[event.migration_id]
                    vm_id = moves[event.migration_id].vm_id
                    if event.outcome is Outcome.COMPLETED:
                        host_of[vm_id] = moves[event.migration_id].target_id
                        completed.add(event.migration_id)
                    elif event.outcome is Outcome.LOST:
                        lost.add(vm_id)
                return event

            def close(self) -> None:
                assert not under_way, "nothing is left running"
                session.close()

        return Checking()


_wishes = st.tuples(
    st.integers(0, 60),
    st.sampled_from(["pause", "resume", "cancel", "skip", "retry"]),
    st.lists(st.sampled_from(_IDS), min_size=1, max_size=3),
)
_failures = st.one_of(
    st.builds(Abort, st.sampled_from(_IDS), st.floats(0, 30)),
    st.builds(HostDown, st.sampled_from(["host-1", "host-3"]), st.floats(0, 30)),
    st.builds(LinkDown, st.sampled_from(["link-1", "link-3"]), st.floats(0, 30)),
)


@settings(max_examples=150)
@given(
    st.lists(_wishes, max_size=12),
    st.lists(_failures, max_size=3),
    st.lists(st.lists(st.integers(0, 5), max_size=2), min_size=6, max_size=6),
)
def test_whatever_is_asked_for_no_vm_is_lost_or_moved_twice(
    wishes: list[tuple[int, str, list[str]]], failures: list[Failure], after: list[list[int]]
) -> None:
    project = _triangle(after)
    backend = Checked(failures)
    told: list[RunnerEvent] = []
    endings = 0

    def emit(event: RunnerEvent) -> None:
        nonlocal endings
        told.append(event)
        for when, what, ids in wishes:
            if when == len(told):
                getattr(runner, what)(*(() if what in ("pause", "resume") else ids))
        if event == QueueChanged(True):
            runner.resume()
        if isinstance(event, RunEnded):
            endings += 1
            may_go_on = endings == 1 and any(_last(told, each).may_be_retried for each in _IDS)
            (runner.retry(*_IDS) if may_go_on else runner.leave())
        elif isinstance(event, JobChanged) and "retry that one as well" in event.reason:
            runner.leave()  # it may be that nothing else can be tried

    runner = Runner(project, project.plan, backend, emit, stays_open=True)
    run = runner.execute()
    ended = [event for event in told if isinstance(event, RunEnded)][-1]
    assert (ended.bug, ended.error) == (None, "")
    assert [result.migration_id for result in run.results] == _IDS
    where = {machine.id: machine.host_id for machine in project.machines.values()}
    for migration, result in zip(project.plan.migrations, run.results, strict=True):
        assert _last(told, migration.id).is_final
        if result.outcome is Outcome.COMPLETED:
            where[migration.vm_id] = migration.target_id
    assert where == backend.host_of, "the results say where every VM is"
    if not any(isinstance(failure, HostDown) for failure in failures):
        assert not backend.lost


def _last(told: list[RunnerEvent], migration_id: str) -> JobState:
    return [e.state for e in told if isinstance(e, JobChanged) and e.migration_id == migration_id][-1]
