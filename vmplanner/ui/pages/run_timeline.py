"""A run on a time axis: the one under way as it goes on, or any that the project keeps."""

from attrs import evolve
from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from vmplanner.domain.machines import PieceKind
from vmplanner.domain.project import Project
from vmplanner.domain.results import MigrationResult, Outcome, Run, Segment
from vmplanner.ui.charts.timeline_legend import TimelineLegend
from vmplanner.ui.charts.timeline_panel import TimelinePanel
from vmplanner.ui.document import Document
from vmplanner.ui.job import Job
from vmplanner.ui.run_monitor import RunMonitor
from vmplanner.ui.wrapping import WrappingRow

_UNDER_WAY = "The run under way"
_EVERY_MS = 500
# So many of those that run are looked at at a time; of more it is the others' turn next time.
_AT_A_TIME = 100


class RunTimeline(QWidget):
    """The newest run is shown until another one is chosen."""

    def __init__(self, document: Document, monitor: RunMonitor) -> None:
        super().__init__()
        self._document = document
        self._monitor = monitor
        self._known: dict[str, MigrationResult] = {}
        self._turn = 0
        self.panel = TimelinePanel(may_shift=False)
        self.legend = TimelineLegend()
        self.choice = QComboBox()
        self.choice.setAccessibleName("Run shown on the timeline")
        self.choice.setToolTip("Which run is shown")
        self.choice.setMinimumContentsLength(20)
        self.choice.activated.connect(lambda _index: self._show())
        head = WrappingRow((self.choice, self.panel.controls))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.panel, 1)
        layout.addWidget(self.legend)
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self._show)
        monitor.reset.connect(self._offer)
        monitor.updated.connect(self._follow)
        document.runs_changed.connect(self._offer)
        document.replaced.connect(self._offer)
        self._offer()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _offer(self) -> None:
        """The runs there are, the newest first; that one is shown."""
        self._known = {}
        self.choice.clear()
        if self._monitor.is_running:
            self.choice.addItem(_UNDER_WAY)
        for run in reversed(self._document.project.runs):
            self.choice.addItem(f"{run.name} · {run.plan_name}", run.id)
        self._show()

    def _follow(self) -> None:
        """Draw what goes on some times a second, and only where it is seen."""
        if self.isVisible() and not self._next.isActive() and self._monitor.is_running:
            if self.choice.itemText(0) != _UNDER_WAY:
                self._offer()
            self._next.start(_EVERY_MS)

    def _show(self) -> None:
        if not self.isVisible():
            return
        project, run_id = self._document.project, self.choice.currentData()
        run = next((each for each in project.runs if each.id == run_id), None)
        if run is None and self.choice.currentText() == _UNDER_WAY:
            run = self._so_far(project)
        plan = next((each for each in project.plans.values() if run and each.name == run.plan_name), project.plan)
        self.panel.show_run(project, plan, run)
        self.legend.show_legend(run.results if run else (), pinned=False, critical=False, clock=None)

    def _so_far(self, project: Project) -> Run | None:
        """The run under way as far as it has come; None before its forecast is there."""
        forecast = self._monitor.forecast
        if forecast is None:
            return None
        jobs = list(self._monitor.jobs.values())
        self._turn = self._turn if self._turn < len(jobs) else 0
        for job in jobs[self._turn : self._turn + _AT_A_TIME]:
            if job.started_s is not None and job.forecast is not None:
                self._known[job.migration_id] = _so_far(job, job.forecast)
        self._turn += _AT_A_TIME
        results = [self._known[job.migration_id] for job in jobs if job.migration_id in self._known]
        return evolve(forecast, results=results)


def _so_far(job: Job, forecast: MigrationResult) -> MigrationResult:
    """What a migration has done since it was started last."""
    assert job.started_s is not None
    segments = []
    for one in job.passes:
        if one.began_s >= job.started_s:
            start_s, seconds = one.began_s - job.started_s, one.at_s - one.began_s
            segments.append(Segment(one.phase, "all", PieceKind.OVERHEAD, one.round, start_s, seconds, one.bytes))
    outcome = Outcome(job.state.value) if job.state.is_final else Outcome.COMPLETED
    return evolve(
        forecast,
        source=job.source,
        outcome=outcome,
        reason=job.reason if job.state.is_final else "",
        started_s=job.started_s,
        segments=segments,
        afterwards_s=0.0,
        samples=(),
    )
