"""Runs of the plan: starting and cancelling them, and what becomes of their news and results."""

from attrs import evolve
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from vmplanner.backends.simulated import Pace, SimulatedBackend
from vmplanner.domain.edits import count
from vmplanner.domain.project import Project
from vmplanner.domain.results import Outcome, Run
from vmplanner.domain.topology import Position
from vmplanner.engine.runner import RunEnded, RunnerEvent
from vmplanner.planning.preflight import blocking, check
from vmplanner.ui.bridge import EngineBridge
from vmplanner.ui.dialogs import messages
from vmplanner.ui.document import Document
from vmplanner.ui.run_monitor import RunMonitor
from vmplanner.ui.what_if import WhatIf, fates


class RunControl(QObject):
    """`engine` carries the runs out, `monitor` knows how they stand, `what_if` has the failures that they try.

    `started()`; `outdated()` when the project has come to differ from what the last run was of, or no longer does;
    `done(Run)` when a run has ended as it should and is kept. `fates` says what became of the VMs in the last run with
    failures.
    """

    started = Signal()
    outdated = Signal()
    done = Signal(object)

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._window = window
        self._project: Project | None = None
        self.engine = EngineBridge(self)
        self.monitor = RunMonitor(self)
        self.pace = Pace()
        self.what_if = WhatIf(document)
        # The failures of the run that is to begin, and of the last one.
        self._trying = self._tried = self.what_if.failures
        self.fates: tuple[str, ...] = ()
        self.is_outdated = False
        document.changed.connect(self._note_change)
        self.engine.begun.connect(self._begin)
        self.engine.refused.connect(self._refuse)
        self.engine.happened.connect(self._take_events)
        self.engine.ended.connect(self._ended)

    @property
    def may_start(self) -> bool:
        return bool(self._document.project.plan.migrations) and not self.engine.is_running

    def start(self) -> None:
        """Start a simulated run, unless one is under way or a finding blocks the plan."""
        if not self.may_start:
            return
        project = self._document.project
        # Checked afresh: the advice may still be that on the plan before the last change.
        blocked = blocking(check(project, project.plan))
        if blocked:
            reason = f"{blocked[0].message}. To mend it: {blocked[0].mend}."
            messages.tell_error(self._window, "The plan can't be carried out", reason)
            return
        self._trying = self.what_if.failures
        self.engine.start(project, SimulatedBackend(self.pace, self._trying))

    def _begin(self, project: Project) -> None:
        self._project, self._tried, self.fates = project, self._trying, ()
        self.is_outdated = False
        self.monitor.begin(project)
        self.started.emit()

    def _refuse(self, reason: str) -> None:
        messages.tell_error(self._window, "The plan can't be carried out", f"{reason}.")

    def cancel(self) -> None:
        self.engine.cancel()

    def drop(self) -> None:
        """Another project was opened."""
        self.engine.stop()
        self._project = None
        self.fates = ()
        self.monitor.clear()

    def may_end(self, then: str) -> bool:
        """Whether no run is under way, or the person lets it end."""
        return not self.engine.is_running or messages.may_stop_run(self._window, then)

    def _note_change(self) -> None:
        is_outdated = self._project is not None and _differ(self._project, self._document.project)
        if is_outdated != self.is_outdated:
            self.is_outdated = is_outdated
            self.outdated.emit()

    def _take_events(self, events: list[RunnerEvent]) -> None:
        ended = next((event for event in events if isinstance(event, RunEnded)), None)
        if ended is not None:
            self.fates = self._fates(ended.run)
        self.monitor.take(events)

    def _fates(self, run: Run) -> tuple[str, ...]:
        assert self._project is not None
        return tuple(fates(self._project, run, self._tried)) if self._tried else ()

    def _ended(self, ended: RunEnded) -> None:
        self._document.add_run(ended.run)
        if ended.bug is not None:
            messages.tell_bug(self._window, ended.bug)
        elif ended.error:
            messages.tell_error(self._window, "The run broke off", ended.error)
        else:
            self.done.emit(ended.run)


def _differ(before: Project, after: Project) -> bool:
    """Whether a run of the one says nothing of the other. Where things are on the canvas is all one."""

    def used(project: Project) -> tuple[object, ...]:
        hosts = [evolve(host, position=Position()) for host in project.hosts.values()]
        return project.plan, project.machines, project.links, project.switches.keys(), hosts

    return used(before) != used(after)


def ending_of(run: Run) -> str:
    """How a run ended, in a sentence for the status line."""
    completed = sum(result.outcome is Outcome.COMPLETED for result in run.results)
    if run.completed:
        return f"{run.name} is done; see where its time went on the page Time stacks"
    if not completed and all(result.outcome is Outcome.CANCELLED for result in run.results):
        return f"{run.name} was cancelled; every VM stays where it was"
    return f"{run.name} is over, and {completed} of {count(len(run.results), 'move')} completed; the table says why"
