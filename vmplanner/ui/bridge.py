"""From threads to the window: queues that are emptied on a timer, so that no QObject is touched off the GUI thread."""

import queue
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial

from attrs import field, frozen
from PySide6.QtCore import QObject, QTimer, Signal

from vmplanner.analysis.model_error import measured_error
from vmplanner.backends.base import Backend
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.engine.jobs import Forecast, JobChanged, RunEnded, RunnerEvent
from vmplanner.engine.runner import Runner, run_plan
from vmplanner.planning.forecast import checked
from vmplanner.planning.preflight import Finding
from vmplanner.planning.priorities import with_priorities
from vmplanner.planning.scheduling.timing import Timing, timing
from vmplanner.planning.stop import heed
from vmplanner.planning.waiting import ready_to_run
from vmplanner.planning.windows import calendar_of
from vmplanner.ui.background import Background

_FRAME_MS = 33
_SETTLE_MS = 250
_TURN_S = 0.0005


class EngineBridge(QObject):
    """Runs plans in the engine's thread. `begun(Project)` when a run of its plan has begun, or `refused(str)` why it
    can't; `preparing()` when it begins or ends to work out for which windows the moves wait; `happened(list)` carries
    the runner's events in order, at most 30 times a second; `ended(RunEnded)`,
    once more when a retry has taken the run up again.
    """

    begun = Signal(object)
    refused = Signal(str)
    preparing = Signal()
    happened = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner: Runner | None = None
        self._is_over = False
        self._goes_on = False
        # Puts the moves off to their windows before the run: that may take many simulations of the plan.
        self._waits: Background | None = None
        self._given_up = threading.Event()
        self._events: queue.SimpleQueue[RunnerEvent] = queue.SimpleQueue()
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._drain)

    @property
    def is_running(self) -> bool:
        return self.is_preparing or (self._runner is not None and not self._is_over)

    @property
    def may_retry(self) -> bool:
        """Whether migrations of the last run, under way or over, can be tried again in it."""
        return self._runner is not None and not self.is_preparing

    @property
    def is_preparing(self) -> bool:
        return self._waits is not None

    def start(self, project: Project, backend: Backend, *, goes_on: bool = False) -> None:
        """Begin a run of the project's plan, whose moves wait for their windows. Only when none is under way. It is
        refused where a move would be in a blackout, and fits at no other time. One that `goes_on` is not cancelled when
        it is stopped: what is under way goes on without us.
        """
        assert not self.is_running, "a run is under way"
        if calendar_of(project, project.plan) is None:
            self._begin(project, with_priorities(project, project.plan), backend, goes_on)
            return
        self._given_up = threading.Event()
        self._waits = Background("vmplanner-waits", self)
        self._waits.done.connect(partial(self._put_off, project, backend, goes_on))
        self._waits.ask(partial(_ready, project, self._given_up))
        self.preparing.emit()

    def cancel(self, *migration_ids: str) -> None:
        """Ask for the end of some migrations, or of all where none is named."""
        if self._runner is not None:
            self._runner.cancel(*migration_ids)
        elif not migration_ids:
            self._give_up_waits()

    def pause(self) -> None:
        """Start nothing new; what runs goes on."""
        if self._runner is not None:
            self._runner.pause()

    def resume(self) -> None:
        """Start again what may start."""
        if self._runner is not None:
            self._runner.resume()

    def skip(self, *migration_ids: str) -> None:
        """Leave queued migrations out of the run."""
        if self._runner is not None:
            self._runner.skip(*migration_ids)

    def retry(self, *migration_ids: str) -> None:
        """Try migrations again in the same run, which goes on if it was over."""
        if self._runner is not None:
            self._runner.retry(*migration_ids)
            self._timer.start()

    def stop(self) -> None:
        """Cancel everything and wait for the engine's thread to end; one that goes on is left to itself. What it still
        had to tell is dropped.
        """
        self._give_up_waits()
        self._leave()

    def _put_off(self, project: Project, backend: Backend, goes_on: bool, answer: Plan | PlannerError) -> None:
        self._give_up_waits()
        if isinstance(answer, PlannerError):
            self.refused.emit(str(answer))
        else:
            self._begin(project, answer, backend, goes_on)

    def _give_up_waits(self) -> None:
        if self._waits is not None:
            self._given_up.set()
            self._waits.stop()
            self._waits.deleteLater()
            self._waits = None
            self.preparing.emit()

    def _leave(self) -> None:
        self._timer.stop()
        if self._runner is not None:
            if self._goes_on:
                self._runner.abandon()
            else:
                self._runner.leave()
                self._runner.cancel()
                self._runner.join()
            self._runner = None
            self._events = queue.SimpleQueue()

    def _begin(self, project: Project, plan: Plan, backend: Backend, goes_on: bool) -> None:
        self._leave()
        self._goes_on = goes_on
        self._is_over = False
        # Painting asks Python hundreds of times: each time the engine's thread must let go soon.
        sys.setswitchinterval(_TURN_S)
        self._runner = Runner(
            project, plan, backend, partial(self._put, self._events), SimulatedBackend(), stays_open=True
        )
        self._runner.start()
        self._timer.start()
        self.begun.emit(project)

    @staticmethod
    def _put(events: "queue.SimpleQueue[RunnerEvent]", event: RunnerEvent) -> None:
        """Called in the engine's thread."""
        if isinstance(event, Forecast):
            measured_error()  # worked out here, so that the window does not wait for it
        events.put(event)

    def _drain(self) -> None:
        events: list[RunnerEvent] = []
        for _ in range(self._events.qsize()):
            events.append(self._events.get())
        ended: RunEnded | None = None
        for event in events:
            if isinstance(event, RunEnded):
                ended = event
            elif isinstance(event, JobChanged) and not event.state.is_final:
                ended, self._is_over = None, False  # taken up again
        if events:
            self.happened.emit(events)
        if ended is not None:
            self._is_over = True
            self._timer.stop()
            if ended.error:
                self._leave()
            self.ended.emit(ended)


@frozen
class Advice:
    """What can be said of a plan before it runs: the pre-flight findings, and a predicted run with what its end hangs
    on. Of moves that are blocked there are the reasons by their ids; the prediction is then of the plan without them.
    """

    findings: tuple[Finding, ...]
    forecast: Run | None
    timing: Timing | None = None
    blocked: Mapping[str, str] = field(factory=dict)


def advise(project: Project) -> Advice:
    """Check and simulate the plan of `project`."""
    found = checked(project, project.plan, _simulation(project))
    if (forecast := found.forecast) is None:
        return Advice(found.findings, None, blocked=found.blocked)
    return Advice(found.findings, forecast.run, _timing(project, forecast.plan, forecast.run), found.blocked)


def _ready(project: Project, given_up: threading.Event) -> Plan | PlannerError:
    """The plan that is to be run, or why it can't be."""
    try:
        return ready_to_run(project, project.plan, _simulation(project, given_up))
    except PlannerError as refusal:
        return refusal


def _simulation(project: Project, given_up: threading.Event | None = None) -> Callable[[Plan], Run]:
    """What simulates plans of a project."""

    def simulate(plan: Plan) -> Run:
        heed(given_up)
        return run_plan(project, plan, SimulatedBackend()).run

    return simulate


def _timing(project: Project, plan: Plan, forecast: Run) -> Timing | None:
    """None where the plan can be simulated but not scheduled."""
    try:
        return timing(project, plan, forecast)
    except PlannerError:
        return None


class Advisor(QObject):
    """Keeps advice up to date: works it out in a thread once the project has rested for a moment.

    `advised(Advice)` is for the newest project only.
    """

    advised = Signal(object)

    def __init__(self, read_project: Callable[[], Project], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("vmplanner-advisor", self)
        self._background.done.connect(self.advised)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(lambda: self._background.ask(partial(advise, read_project())))

    def ask(self) -> None:
        """The project has changed."""
        self._background.drop()
        self._settle.start()

    def stop(self) -> None:
        self._settle.stop()
        self._background.stop()
