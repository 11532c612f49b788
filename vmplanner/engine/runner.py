"""Carries out a plan: decides what may start, waits for what happens, and keeps the state of every migration.

A Runner works in a thread of its own (`start`) or in the caller's (`execute`). It tells everything through `emit`,
which it calls from its own thread with frozen values; `cancel` may be called from any thread.
"""

import math
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial

from attrs import frozen

from vmplanner.backends.base import Backend, Session
from vmplanner.domain.at_once import limits_of, ways_of
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import Ended, MigrationEvent, Progressed
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.recorder import Recorder
from vmplanner.domain.results import MigrationResult, Outcome, Run
from vmplanner.engine.admission import Admission

_LOOK_EVERY_S = 0.1


class JobState(StrEnum):
    """Where a migration of a run stands. CANCELLING is shown at once; CANCELLED when it is true."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    NOT_CONVERGED = "not converged"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"

    @property
    def is_final(self) -> bool:
        return self not in (JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING)


@frozen
class JobChanged:
    """A migration of the run is in a new state since `at_s` on the session's clock."""

    migration_id: str
    state: JobState
    at_s: float
    reason: str = ""


@frozen
class RunEnded:
    """Nothing runs any more. `error` is the sentence to show when the run ended otherwise than planned; `bug` is the
    exception behind it when that is none of the user's."""

    run: Run
    error: str = ""
    bug: Exception | None = None


@frozen
class Forecast:
    """What a simulation of the whole plan predicts, told before the first migration starts."""

    run: Run


RunnerEvent = Forecast | JobChanged | Progressed | RunEnded


class Runner:
    """One run of a plan on a backend. With an `oracle`, a backend that answers at once, it begins with a Forecast."""

    def __init__(
        self,
        project: Project,
        plan: Plan,
        backend: Backend,
        emit: Callable[[RunnerEvent], None],
        oracle: Backend | None = None,
    ) -> None:
        self._project = project
        self._plan = plan
        self._backend = backend
        self._emit = emit
        self._oracle = oracle
        self._recorder = Recorder(project)
        limits = limits_of(project, ways_of(project, plan, partial(backend.links, project)))
        self._admission = Admission(project, plan, limits)
        self._queued = {migration.id: migration for migration in plan.migrations}
        self._running: dict[str, Migration] = {}
        self._followers: dict[str, list[Migration]] = {}
        for migration in plan.migrations:
            for other_id in migration.after:
                self._followers.setdefault(other_id, []).append(migration)
        # Those whose followers wait in vain.
        self._not_completed: deque[Migration] = deque()
        self._has_ended = False
        self._clock_s = 0.0
        self._started_at = datetime.now(UTC)
        self._lock = threading.Lock()
        self._cancel_requests: set[str] = set()
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
        with self._lock:
            wanted = set(migration_ids) or {migration.id for migration in self._plan.migrations}
            self._cancel_requests |= wanted
            if self._session is not None:
                for migration_id in wanted:
                    self._session.cancel(migration_id)

    def execute(self) -> Run:
        """Carry out the plan in this thread. The last event is RunEnded, whatever happens."""
        error, bug = "", None
        try:
            if self._oracle is not None:
                self._emit(Forecast(run_plan(self._project, self._plan, self._oracle).run))
            session = self._backend.open(self._project, self._plan)
            with self._lock:
                self._session = session
            try:
                self._work(session)
            finally:
                with self._lock:
                    self._session = None
                session.close()
        except PlannerError as known:
            error = str(known)
        except Exception as unexpected:  # a bug: the user keeps the results so far, and the window shows the report
            error, bug = f"the run broke off: {unexpected}", unexpected
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
        )
        self._emit(RunEnded(run, error, bug))
        return run

    def _work(self, session: Session) -> None:
        for migration in self._queued.values():
            self._tell(migration, JobState.QUEUED)
        next_start_s = -math.inf
        while self._queued or self._running:
            self._take_cancel_requests()
            # Only an end or a start time lets others start: progress is no reason to look at all that wait.
            if self._has_ended or self._clock_s >= next_start_s:
                self._has_ended = False
                self._end_what_waits_in_vain()
                self._start_what_may(session)
                next_start_s = self._admission.next_start_s()
            if not self._running and next_start_s == math.inf:
                self._refuse_rest()
                return
            event = session.next_event(_LOOK_EVERY_S, next_start_s)
            self._clock_s = session.clock_s if event is None else event.at_s
            if event is not None:
                self._take(event)

    def _take_cancel_requests(self) -> None:
        with self._lock:
            requests, self._cancel_requests = self._cancel_requests, set()
        for migration_id in requests:
            if migration_id in self._queued:
                reason = "cancelled before it started"
                self._end_unstarted(self._queued[migration_id], Outcome.CANCELLED, reason)
            elif migration_id in self._running:
                self._tell(self._running[migration_id], JobState.CANCELLING)

    def _end_what_waits_in_vain(self) -> None:
        """What was to come after a migration that did not complete does not start."""
        while self._not_completed:
            failed = self._not_completed.popleft()
            for migration in self._followers.get(failed.id, ()):
                if migration.id in self._queued:
                    names = (self._project.machines[each.vm_id].name for each in (migration, failed))
                    why = "{} waited for {}, which did not move".format(*names)
                    self._end_unstarted(migration, Outcome.CANCELLED, why)

    def _start_what_may(self, session: Session) -> None:
        while (migration := self._admission.next(self._clock_s)) is not None:
            try:
                self._clock_s = session.start(migration)
            except PlannerError as refusal:
                self._end_unstarted(migration, Outcome.FAILED, str(refusal))
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
            if event.outcome is not Outcome.COMPLETED:
                self._not_completed.append(migration)
            self._tell(migration, JobState(event.outcome.value), event.reason)
        else:
            self._emit(event)

    def _refuse_rest(self) -> None:
        """Nothing runs, so nothing will ever make room for what is still queued. What only waits for such a migration
        ends for that reason.
        """
        while self._queued:
            first = next(m for m in self._queued.values() if self._queued.keys().isdisjoint(m.after))
            self._end_unstarted(first, Outcome.FAILED, self._admission.why_never(first))
            self._end_what_waits_in_vain()

    def _give_up_rest(self, error: str) -> None:
        for migration in list(self._queued.values()):
            self._end_unstarted(migration, Outcome.FAILED, error or "not started")
        for migration in list(self._running.values()):
            self._take(Ended(migration.id, self._clock_s, Outcome.FAILED, error))

    def _end_unstarted(self, migration: Migration, outcome: Outcome, reason: str) -> None:
        self._has_ended = True
        del self._queued[migration.id]
        self._not_completed.append(migration)
        self._admission.withdraw(migration)
        self._recorder.started(migration, self._clock_s)
        self._recorder.add(Ended(migration.id, self._clock_s, outcome, reason))
        self._tell(migration, JobState(outcome.value), reason)

    def _tell(self, migration: Migration, state: JobState, reason: str = "") -> None:
        self._emit(JobChanged(migration.id, state, self._clock_s, reason))

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
