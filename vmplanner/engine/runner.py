"""Carries out a plan: decides what may start, waits for what happens, and keeps the state of every migration.

A Runner works in a thread of its own (`start`) or in the caller's (`execute`). It tells everything through `emit`,
which it calls from its own thread with frozen values. What a person asks for in between (pause, resume, cancel, skip,
retry) may be called from any thread: it is put on a list, and the runner's thread does it before it goes on.
"""

import math
import threading
from collections import deque
from collections.abc import Callable, Container, Iterable
from datetime import UTC, datetime
from functools import partial

from attrs import evolve

from vmplanner.backends.base import Backend, Session
from vmplanner.domain.at_once import limits_of, ways_of
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import Ended, MigrationEvent
from vmplanner.domain.inputs import as_json, inputs_of
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.recorder import Recorder
from vmplanner.domain.results import MigrationResult, Outcome, Run
from vmplanner.engine.admission import Admission
from vmplanner.engine.jobs import Forecast, JobChanged, JobState, QueueChanged, RunEnded, RunnerEvent

_LOOK_EVERY_S = 0.1


class Runner:
    """One run of a plan on a backend. With an `oracle`, a backend that answers at once, it begins with a Forecast.

    One that `stays_open` keeps its session when nothing runs any more, so that migrations can be tried again in the
    same run, until `leave`.
    """

    def __init__(
        self,
        project: Project,
        plan: Plan,
        backend: Backend,
        emit: Callable[[RunnerEvent], None],
        oracle: Backend | None = None,
        *,
        stays_open: bool = False,
    ) -> None:
        self._project = project
        self._plan = plan
        self._backend = backend
        self._emit = emit
        self._oracle = oracle
        self._recorder = Recorder(project)
        self._limits = tuple(limits_of(project, ways_of(project, plan, partial(backend.links, project))))
        self._admission = Admission(project, plan, self._limits)
        self._host_of = {machine.id: machine.host_id for machine in project.machines.values()}
        self._by_id = {migration.id: migration for migration in plan.migrations}
        self._queued = dict(self._by_id)
        self._running: dict[str, Migration] = {}
        self._states = dict.fromkeys(self._queued, JobState.QUEUED)
        self._followers: dict[str, list[Migration]] = {}
        for migration in plan.migrations:
            for other_id in migration.after:
                self._followers.setdefault(other_id, []).append(migration)
        # Those whose followers wait in vain, and the followers that ended for that.
        self._not_completed: deque[Migration] = deque()
        self._in_vain: set[str] = set()
        self._has_ended = False
        self._is_paused = False
        self._stays_open = stays_open
        self._is_abandoned = False
        self._clock_s = 0.0
        self._started_at = datetime.now(UTC)
        self._news = threading.Condition()
        self._requests: deque[Callable[[], None]] = deque()
        self._session: Session | None = None
        self._thread = threading.Thread(target=self.execute, name="vmplanner-runner")

    def start(self) -> None:
        """Begin the run in a thread of its own."""
        self._thread.start()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the thread; returns whether it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def cancel(self, *migration_ids: str) -> None:
        """Ask for the end of some migrations, or of all where none is named."""
        self._ask(partial(self._cancel, migration_ids))

    def pause(self) -> None:
        """Start nothing new; what runs goes on."""
        self._ask(partial(self._set_paused, True))

    def resume(self) -> None:
        """Start again what may start."""
        self._ask(partial(self._set_paused, False))

    def skip(self, *migration_ids: str) -> None:
        """Leave queued migrations out of this run. Those that were to come after them no longer wait for them, but
        later ones of the same VM are skipped as well: they would leave from where it never came.
        """
        self._ask(partial(self._skip, migration_ids))

    def retry(self, *migration_ids: str) -> None:
        """Queue migrations again that are over without having moved their VMs, and those that only waited for them."""
        self._ask(partial(self._retry, migration_ids))

    def leave(self) -> None:
        """Nothing will be tried again once the run is over."""
        with self._news:
            self._stays_open = False
            self._news.notify_all()

    def abandon(self) -> None:
        """Go on with nothing more, and cancel nothing: what the backend leaves going when its session is closed goes on
        without us.
        """
        with self._news:
            self._is_abandoned, self._stays_open = True, False
            self._news.notify_all()

    def _ask(self, request: Callable[[], None]) -> None:
        with self._news:
            self._requests.append(request)
            self._news.notify_all()

    def execute(self) -> Run:
        """Carry out the plan in this thread. The last event is RunEnded, whatever happens."""
        error, bug = "", None
        try:
            if self._oracle is not None:
                self._emit(Forecast(run_plan(self._project, self._plan, self._oracle).run, self._backend.name))
            session = self._session = self._backend.open(self._project, self._plan)
            for migration in self._queued.values():
                self._tell(migration, JobState.QUEUED)
            try:
                self._work(session)
                while self._stays_open:
                    run = self._tell_end()
                    if not self._is_taken_up_again():
                        return run
                    self._work(session)
            finally:
                session.close()
        except PlannerError as known:
            error = str(known)
        except Exception as unexpected:  # a bug: the user keeps the results so far, and the window shows the report
            error, bug = f"the run broke off: {unexpected}", unexpected
        return self._tell_end(error, bug)

    def _tell_end(self, error: str = "", bug: Exception | None = None) -> Run:
        self._is_paused = False
        results: list[MigrationResult] = []
        try:
            self._give_up_rest(error)
            results = self._results()
        except Exception as unexpected:  # events that make no result: a bug of the backend
            error, bug = f"the run's results can't be told: {unexpected}", unexpected
        run = Run(
            self._project.new_id("run"),
            f"Run {len(self._project.runs) + 1}",
            self._plan.name,
            self._backend.name,
            self._started_at,
            results,
            as_json(inputs_of(self._project, self._plan)),
        )
        self._emit(RunEnded(run, error, bug))
        return run

    def _is_taken_up_again(self) -> bool:
        """Wait, with all done, until something is to be tried again; False when the run is left."""
        while not self._queued:
            with self._news:
                self._news.wait_for(lambda: self._requests or not self._stays_open)
                if not self._stays_open:
                    return False
            self._take_requests()
        return True

    def _work(self, session: Session) -> None:
        next_start_s = -math.inf
        while (self._queued or self._running or self._requests) and not self._is_abandoned:
            self._take_requests()
            # Only an end or a start time lets others start: progress is no reason to look at all that wait.
            if self._has_ended or self._clock_s >= next_start_s:
                self._end_what_waits_in_vain()
                if not self._is_paused:
                    self._has_ended = False
                    self._start_what_may(session)
                    next_start_s = self._admission.next_start_s()
            until_s = math.inf if self._is_paused else next_start_s
            if not self._running and until_s == math.inf:
                if not self._is_paused:
                    self._refuse_rest()
                elif self._queued:
                    with self._news:
                        self._news.wait_for(lambda: self._requests or self._is_abandoned)
                continue
            event = session.next_event(_LOOK_EVERY_S, until_s)
            self._clock_s = session.clock_s if event is None else event.at_s
            if event is not None:
                self._take(event)

    # What was asked for, in this thread

    def _take_requests(self) -> None:
        with self._news:
            requests, self._requests = self._requests, deque()
        for request in requests:
            request()

    def _cancel(self, migration_ids: Iterable[str]) -> None:
        for migration_id in tuple(migration_ids) or tuple(self._states):
            if migration_id in self._queued:
                reason = "cancelled before it started"
                self._end_unstarted(self._queued[migration_id], JobState.CANCELLED, reason)
            elif self._session is not None and self._states[migration_id] is JobState.RUNNING:
                self._session.cancel(migration_id)
                self._tell(self._running[migration_id], JobState.CANCELLING)

    def _set_paused(self, is_paused: bool) -> None:
        is_over = not self._queued and not self._running
        if is_paused != self._is_paused and not is_over:
            self._is_paused = is_paused
            self._has_ended = True  # whatever has come to an end meanwhile may let others start
            self._emit(QueueChanged(is_paused))

    def _skip(self, migration_ids: Iterable[str]) -> None:
        wanted = deque(self._queued[each] for each in migration_ids if each in self._queued)
        while wanted:
            skipped = wanted.popleft()
            if skipped.id in self._queued:
                machine = self._project.machines[skipped.vm_id]
                host = self._project.hosts[self._host_of[machine.id]]
                self._end_unstarted(skipped, JobState.SKIPPED, f"skipped; {machine.name} stays on {host.name}")
                wanted += [each for each in self._followers.get(skipped.id, ()) if each.vm_id == skipped.vm_id]
        self._queue_anew()

    def _retry(self, migration_ids: Iterable[str]) -> None:
        wanted = {each for each in migration_ids if self._states[each].may_be_retried}
        asked = set(wanted)
        while more := {each for each in self._in_vain if not wanted.isdisjoint(self._by_id[each].after)} - wanted:
            wanted |= more
        while waiting := {each: other for each in wanted if (other := self._missing(each, wanted)) is not None}:
            wanted -= waiting.keys()
            for migration_id in waiting.keys() & asked:
                name, other = (self._vm_name(each) for each in (migration_id, waiting[migration_id]))
                what = "its move before this one" if other == name else other
                reason = f"{name} waits for {what}, which did not complete: retry that one as well"
                self._tell(self._by_id[migration_id], self._states[migration_id], reason)
        for migration in self._plan.migrations:
            if migration.id in wanted:
                self._in_vain.discard(migration.id)
                self._queued[migration.id] = migration
                self._tell(migration, JobState.QUEUED, "to be tried again")
        self._queue_anew()

    def _missing(self, migration_id: str, wanted: Container[str]) -> str | None:
        """Another that a migration has to wait for and that will not complete, though those `wanted` are tried."""
        migration = self._by_id[migration_id]
        for other_id in migration.after:
            state = self._states[other_id]
            is_left_out = state is JobState.SKIPPED and self._by_id[other_id].vm_id != migration.vm_id
            if state.is_final and state is not JobState.COMPLETED and not is_left_out and other_id not in wanted:
                return other_id
        return None

    def _queue_anew(self) -> None:
        """Draw up the queue again, for VMs where they are now: what waits only for what is no longer in it is free."""
        there = self._queued.keys() | self._running.keys()
        moves = [
            evolve(each, after=[other for other in each.after if other in there])
            for each in self._plan.migrations
            if each.id in there
        ]
        machines = {
            machine.id: evolve(machine, host_id=self._host_of[machine.id])
            for machine in self._project.machines.values()
        }
        project = evolve(self._project, machines=machines)
        self._admission = Admission(project, evolve(self._plan, migrations=moves, excluded=()), self._limits)
        for migration in self._running.values():
            self._admission.withdraw(migration)
            self._admission.started(migration)
        self._has_ended = True

    # The queue

    def _end_what_waits_in_vain(self) -> None:
        """What was to come after a migration that did not complete does not start."""
        while self._not_completed:
            failed = self._not_completed.popleft()
            # It may be tried again by now.
            for migration in self._followers.get(failed.id, ()) if self._states[failed.id].is_final else ():
                if migration.id in self._queued:
                    names = (self._vm_name(each.id) for each in (migration, failed))
                    why = "{} waited for {}, which did not move".format(*names)
                    self._in_vain.add(migration.id)
                    self._end_unstarted(migration, JobState.CANCELLED, why)

    def _start_what_may(self, session: Session) -> None:
        while not self._is_abandoned and (migration := self._admission.next(self._clock_s)) is not None:
            try:
                self._clock_s = session.start(migration)
            except PlannerError as refusal:
                self._end_unstarted(migration, JobState.FAILED, str(refusal))
                continue
            del self._queued[migration.id]
            self._running[migration.id] = migration
            self._admission.started(migration)
            self._recorder.started(migration, self._clock_s)
            self._tell(migration, JobState.RUNNING)

    def _take(self, event: MigrationEvent) -> None:
        self._recorder.add(event)
        if isinstance(event, Ended):
            self._has_ended = True
            migration = self._running.pop(event.migration_id)
            self._admission.ended(migration, moved=event.outcome is Outcome.COMPLETED)
            if event.outcome is Outcome.COMPLETED:
                self._host_of[migration.vm_id] = migration.target_id
            else:
                self._not_completed.append(migration)
            self._emit(event)
            self._tell(migration, JobState(event.outcome.value), event.reason)
        else:
            self._emit(event)

    def _refuse_rest(self) -> None:
        """Nothing runs, so nothing will ever make room for what is still queued. What only waits for such a migration
        ends for that reason.
        """
        self._end_what_waits_in_vain()
        while self._queued:
            first = next(m for m in self._queued.values() if self._queued.keys().isdisjoint(m.after))
            self._end_unstarted(first, JobState.FAILED, self._admission.why_never(first))
            self._end_what_waits_in_vain()

    def _give_up_rest(self, error: str) -> None:
        for migration in list(self._queued.values()):
            self._end_unstarted(migration, JobState.FAILED, error or "not started")
        for migration in list(self._running.values()):
            self._take(Ended(migration.id, self._clock_s, Outcome.FAILED, error))

    def _end_unstarted(self, migration: Migration, state: JobState, reason: str) -> None:
        self._has_ended = True
        del self._queued[migration.id]
        self._admission.withdraw(migration)
        if state is not JobState.SKIPPED:
            self._not_completed.append(migration)
        outcome = Outcome.CANCELLED if state is JobState.SKIPPED else Outcome(state.value)
        ended = Ended(migration.id, self._clock_s, outcome, reason)
        self._recorder.started(migration, self._clock_s)
        self._recorder.add(ended)
        self._emit(ended)
        self._tell(migration, state, reason)

    def _tell(self, migration: Migration, state: JobState, reason: str = "") -> None:
        self._states[migration.id] = state
        self._emit(JobChanged(migration.id, state, self._clock_s, reason))

    def _vm_name(self, migration_id: str) -> str:
        return self._project.machines[self._by_id[migration_id].vm_id].name

    def _results(self) -> list[MigrationResult]:
        """In the order of the plan."""
        by_id = {result.migration_id: result for result in self._recorder.results()}
        return [by_id[migration.id] for migration in self._plan.migrations]


def run_plan(project: Project, plan: Plan, backend: Backend) -> RunEnded:
    """Carry out a plan in this thread and return how it ended."""
    endings: list[RunEnded] = []
    Runner(
        project, plan, backend, lambda event: endings.append(event) if isinstance(event, RunEnded) else None
    ).execute()
    return endings[0]
