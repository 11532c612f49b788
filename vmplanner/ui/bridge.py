"""From threads to the window: queues that are emptied on a timer, so that no QObject is touched off the GUI thread."""

import queue
import threading
from collections.abc import Callable, Mapping
from functools import partial

from attrs import field, frozen
from PySide6.QtCore import QObject, QTimer, Signal

from vmplanner.backends.base import Backend
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.engine.runner import RunEnded, Runner, RunnerEvent, run_plan
from vmplanner.planning.forecast import forecast_of, without_blocked
from vmplanner.planning.preflight import Finding, check
from vmplanner.planning.scheduling.timing import Timing, timing
from vmplanner.planning.stop import heed
from vmplanner.planning.waiting import ready_to_run
from vmplanner.planning.windows import calendar_of
from vmplanner.ui.background import Background

_FRAME_MS = 33
_SETTLE_MS = 250


class EngineBridge(QObject):
    """Runs plans in the engine's thread. `begun(Project)` when a run of its plan has begun, or `refused(str)` why it
    can't; `happened(list)` carries the runner's events in order, at most 30 times a second; `ended(RunEnded)`.
    """

    begun = Signal(object)
    refused = Signal(str)
    happened = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner: Runner | None = None
        # Puts the moves off to their windows before the run: that may take many simulations of the plan.
        self._waits: Background | None = None
        self._given_up = threading.Event()
        self._events: queue.SimpleQueue[RunnerEvent] = queue.SimpleQueue()
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._drain)

    @property
    def is_running(self) -> bool:
        return self._runner is not None or self._waits is not None

    def start(self, project: Project, backend: Backend) -> None:
        """Begin a run of the project's plan, whose moves wait for their windows. Only when none is under way. It is
        refused where a move would be in a blackout, and fits at no other time.
        """
        assert not self.is_running, "a run is under way"
        if calendar_of(project, project.plan) is None:
            self._begin(project, project.plan, backend)
            return
        self._given_up = threading.Event()
        self._waits = Background("vmplanner-waits", self)
        self._waits.done.connect(partial(self._put_off, project, backend))
        self._waits.ask(partial(_ready, project, self._given_up))

    def cancel(self, *migration_ids: str) -> None:
        """Ask for the end of some migrations, or of all where none is named."""
        if self._runner is not None:
            self._runner.cancel(*migration_ids)
        elif not migration_ids:
            self._give_up_waits()

    def stop(self) -> None:
        """Cancel everything and wait for the engine's thread to end. What it still had to tell is dropped."""
        self._give_up_waits()
        self._timer.stop()
        if self._runner is not None:
            self._runner.cancel()
            self._runner.join()
            self._runner = None
            self._events = queue.SimpleQueue()

    def _put_off(self, project: Project, backend: Backend, answer: Plan | PlannerError) -> None:
        self._give_up_waits()
        if isinstance(answer, PlannerError):
            self.refused.emit(str(answer))
        else:
            self._begin(project, answer, backend)

    def _give_up_waits(self) -> None:
        if self._waits is not None:
            self._given_up.set()
            self._waits.stop()
            self._waits.deleteLater()
            self._waits = None

    def _begin(self, project: Project, plan: Plan, backend: Backend) -> None:
        self._runner = Runner(project, plan, backend, self._events.put, oracle=SimulatedBackend())
        self._runner.start()
        self._timer.start()
        self.begun.emit(project)

    def _drain(self) -> None:
        events: list[RunnerEvent] = []
        while not self._events.empty():
            events.append(self._events.get())
        if events:
            self.happened.emit(events)
        if events and isinstance(events[-1], RunEnded) and self._runner is not None:
            self._runner.join()
            self._runner = None
            self._timer.stop()
            self.ended.emit(events[-1])


@frozen
class Advice:
    """What can be said of a plan before it runs: the pre-flight findings, and a predicted run with what its end hangs
    on. Of moves that are blocked there are the reasons by their ids; the prediction is then of the plan without them,
    where that can be carried out.
    """

    findings: tuple[Finding, ...]
    forecast: Run | None
    timing: Timing | None = None
    blocked: Mapping[str, str] = field(factory=dict)


def advise(project: Project) -> Advice:
    """Check and simulate the plan of `project`."""
    findings = check(project, project.plan)
    plan, blocked = without_blocked(project, project.plan, findings)
    if plan is None or not plan.migrations:
        return Advice(findings, None, blocked=blocked)
    forecast = forecast_of(project, plan, _simulation(project))
    return Advice((*forecast.findings, *findings), forecast.run, _timing(project, plan, forecast.run), blocked)


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
