"""From threads to the window: queues that are emptied on a timer, so that no QObject is touched off the GUI thread."""

import queue
from collections.abc import Callable
from functools import partial

from attrs import frozen
from PySide6.QtCore import QObject, QTimer, Signal

from vmplanner.backends.base import Backend
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.engine.runner import RunEnded, Runner, RunnerEvent, run_plan
from vmplanner.planning.preflight import Finding, check, check_forecast
from vmplanner.planning.preflight import blocking as blocking_findings
from vmplanner.planning.scheduling.timing import Timing, timing
from vmplanner.ui.background import Background

_FRAME_MS = 33
_SETTLE_MS = 250


class EngineBridge(QObject):
    """Runs plans in the engine's thread. `happened(list)` carries the runner's events in order, at most 30 times a
    second.
    """

    happened = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner: Runner | None = None
        self._events: queue.SimpleQueue[RunnerEvent] = queue.SimpleQueue()
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._drain)

    @property
    def is_running(self) -> bool:
        return self._runner is not None

    def start(self, project: Project, backend: Backend) -> None:
        """Begin a run of the project's plan. Only when none is under way."""
        assert self._runner is None, "a run is under way"
        self._runner = Runner(project, project.plan, backend, self._events.put, oracle=SimulatedBackend())
        self._runner.start()
        self._timer.start()

    def cancel(self, *migration_ids: str) -> None:
        """Ask for the end of some migrations, or of all where none is named."""
        if self._runner is not None:
            self._runner.cancel(*migration_ids)

    def stop(self) -> None:
        """Cancel everything and wait for the engine's thread to end. What it still had to tell is dropped."""
        self._timer.stop()
        if self._runner is not None:
            self._runner.cancel()
            self._runner.join()
            self._runner = None
            self._events = queue.SimpleQueue()

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
    on unless one of them blocks it.
    """

    findings: tuple[Finding, ...]
    forecast: Run | None
    timing: Timing | None = None


def advise(project: Project) -> Advice:
    """Check and simulate the plan of `project`."""
    plan = project.plan
    findings = check(project, plan)
    if not plan.migrations or blocking_findings(findings):
        return Advice(findings, None)
    forecast = run_plan(project, plan, SimulatedBackend()).run
    return Advice((*check_forecast(project, plan, forecast), *findings), forecast, _timing(project, forecast))


def _timing(project: Project, forecast: Run) -> Timing | None:
    """None where the plan can be simulated but not scheduled."""
    try:
        return timing(project, project.plan, forecast)
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
