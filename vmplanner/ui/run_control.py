"""Runs of the plan: starting and cancelling them, and what becomes of their news and results."""

from enum import StrEnum
from functools import partial

from attrs import evolve
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from vmplanner.backends.simulated import Pace, SimulatedBackend
from vmplanner.backends.xen.backend import XenBackend
from vmplanner.domain.edits import count
from vmplanner.domain.landing import landed
from vmplanner.domain.project import Project
from vmplanner.domain.results import Outcome, Run
from vmplanner.domain.topology import Position
from vmplanner.engine.jobs import JobState, RunEnded, RunnerEvent
from vmplanner.planning.preflight import blocking, check
from vmplanner.ui.background import Background
from vmplanner.ui.bridge import EngineBridge
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.real_run import RealRun
from vmplanner.ui.document import Document
from vmplanner.ui.end_notice import EndNotice
from vmplanner.ui.run_monitor import RunMonitor
from vmplanner.ui.what_if import WhatIf, fates
from vmplanner.ui.xen_settings import xen_settings

_UNDER_WAY = (JobState.RUNNING, JobState.CANCELLING)


class Where(StrEnum):
    """Where a plan is carried out."""

    SIMULATION = "Simulation"
    XEN = "Real Xen hosts"

    @property
    def is_real(self) -> bool:
        return self is not Where.SIMULATION


class RunControl(QObject):
    """`engine` carries the runs out, `monitor` knows how they stand, `what_if` has the failures that they try.

    `where` says where the next run is; `turned()` when that has changed. It is the simulation for every project that is
    opened: what is real is asked for anew. `is_real` says whether the run under way or last seen is.

    `started()`; `outdated()` when the project has come to differ from what the last run was of, or no longer does;
    `done(Run)` when a run has ended as it should and is kept. `fates` says what became of the VMs in the last run with
    failures.
    """

    turned = Signal()
    started = Signal()
    outdated = Signal()
    done = Signal(object)

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._window = window
        self._project: Project | None = None
        self._looking = Background("vmplanner-real-run", self)
        self._will_be_real = self.is_real = False
        self.where = Where.SIMULATION
        self.engine = EngineBridge(self)
        self.monitor = RunMonitor(self)
        self.pace = Pace()
        self.what_if = WhatIf(document)
        self.notice = EndNotice(window)
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
    def shows_real(self) -> bool:
        """Whether what is seen or about to be started is real."""
        return self.where.is_real or self.is_real

    @property
    def may_start(self) -> bool:
        return bool(self._document.project.plan.migrations) and not self.engine.is_running

    def start(self) -> None:
        """Start a run, unless one is under way or a finding blocks the plan. Before VMs move on real hosts, everything
        that will move is shown and asked for.
        """
        if not self.may_start:
            return
        project = self._document.project
        # Checked afresh: the advice may still be that on the plan before the last change.
        blocked = blocking(check(project, project.plan))
        if blocked:
            reason = f"{blocked[0].message}. To mend it: {blocked[0].mend}."
            messages.tell_error(self._window, "The plan can't be carried out", reason)
            return
        if self.where.is_real:
            dialog = RealRun(self._window, project, self._looking)
            dialog.confirmed.connect(partial(self._start_for_real, project))
            self._document.replaced.connect(dialog.reject)
            dialog.open()
            return
        self._trying, self._will_be_real = self.what_if.failures, False
        self.engine.start(project, SimulatedBackend(self.pace, self._trying))

    def turn_to(self, where: Where) -> None:
        """Let the next run be there."""
        if where is not self.where:
            self.where = where
            self.turned.emit()

    def _start_for_real(self, project: Project) -> None:
        if self.engine.is_running or self._document.project != project:
            messages.tell_error(self._window, "Nothing was moved", "The project has changed meanwhile; look again.")
            return
        self._trying, self._will_be_real = (), True
        self.engine.start(project, XenBackend(xen_settings()), goes_on=True)

    def _begin(self, project: Project) -> None:
        self._project, self._tried, self.fates = project, self._trying, ()
        self.is_outdated, self.is_real = False, self._will_be_real
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
        self.is_real = False
        self.monitor.clear()
        self.turn_to(Where.SIMULATION)

    def stop(self) -> None:
        """The window closes. What is under way on real hosts goes on there."""
        self.engine.stop()
        self._looking.stop()

    def may_end(self, then: str) -> bool:
        """Whether no run is under way, or the person lets it end. One on real hosts goes on without us; what it has
        moved so far is kept.
        """
        if not self.engine.is_running:
            return True
        if not self.is_real:
            return messages.may_stop_run(self._window, then)
        jobs = self.monitor.jobs.values()
        names = [job.vm for job in jobs if job.state in _UNDER_WAY]
        waiting = sum(job.state is JobState.QUEUED for job in jobs)
        if not messages.may_leave_real_run(self._window, then, names, waiting):
            return False
        self._land({job.migration_id for job in jobs if job.state is JobState.COMPLETED}, "a real run")
        return True

    def _land(self, arrived: set[str], run_name: str) -> None:
        """Let the drawing show where VMs have come to."""
        if self._project is not None:
            self._document.push(landed(self._document.project, self._project.plan, arrived, run_name))

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
        if self.is_real:
            self._keep_prediction(ended.run)
        self._document.add_run(ended.run)
        if self.is_real:
            self._land(ended.run.arrived, ended.run.name)
        if ended.bug is not None:
            messages.tell_bug(self._window, ended.bug)
        elif ended.error:
            messages.tell_error(self._window, "The run broke off", ended.error)
        else:
            self.notice.tell(ending_of(ended.run))
            self.done.emit(ended.run)

    def _keep_prediction(self, run: Run) -> None:
        """What was predicted of a real run is kept beside it, once: a retry ends the same run again."""
        project, forecast = self._document.project, self.monitor.forecast
        if forecast is not None and all(each.id != run.id for each in project.runs):
            new_id = project.with_run(run).new_id("run")
            self._document.add_run(evolve(forecast, id=new_id, name=predicted_name(run)))


def predicted_name(run: Run) -> str:
    """The name of the simulated run that says what was predicted of a real one."""
    return f"{run.name}, predicted"


def _differ(before: Project, after: Project) -> bool:
    """Whether a run of the one says nothing of the other. Where things are on the canvas is all one, and so is what
    fails in the next run.
    """

    def used(project: Project) -> tuple[object, ...]:
        hosts = [evolve(host, position=Position()) for host in project.hosts.values()]
        return evolve(project.plan, failures=()), project.machines, project.links, project.switches.keys(), hosts

    return used(before) != used(after)


def ending_of(run: Run) -> str:
    """How a run ended, in a sentence for the status line."""
    completed = sum(result.outcome is Outcome.COMPLETED for result in run.results)
    if run.completed:
        return f"{run.name} is done; see where its time went on the page Time stacks"
    if not completed and all(result.outcome is Outcome.CANCELLED for result in run.results):
        return f"{run.name} was cancelled; every VM stays where it was"
    return f"{run.name} is over, and {completed} of {count(len(run.results), 'move')} completed; the table says why"
