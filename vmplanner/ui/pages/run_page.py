"""The page Run: watch every migration of a run, in a table with a log of each or on a time axis; pause it, cancel,
skip and retry; and read what became of the VMs if some failed.
"""

from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from vmplanner.backends.simulated import AS_FAST_AS_POSSIBLE
from vmplanner.domain.quantities import format_duration
from vmplanner.engine.jobs import JobState
from vmplanner.planning.what_if import told
from vmplanner.ui.charts.segmented import Segmented
from vmplanner.ui.document import Document
from vmplanner.ui.enabling import set_enabled
from vmplanner.ui.job import Job
from vmplanner.ui.job_words import give_or_take
from vmplanner.ui.labels import ElidedLabel
from vmplanner.ui.pages.empty import OrEmpty
from vmplanner.ui.pages.job_log import JobLog
from vmplanner.ui.pages.run_timeline import RunTimeline
from vmplanner.ui.pages.run_tools import RunTools
from vmplanner.ui.run_control import RunControl, Where
from vmplanner.ui.tables.jobs import COLUMNS, PROGRESS_COLUMN, SPARED
from vmplanner.ui.tables.progress import ProgressDelegate
from vmplanner.ui.tables.rows import RowModel, RowView

SPEEDS = ((1.0, "1x (real time)"), (10.0, "10x"), (100.0, "100x"), (AS_FAST_AS_POSSIBLE, "As fast as possible"))
_UNDER_WAY = (JobState.RUNNING, JobState.CANCELLING)
_FATES_PX = 102
_NARROW_PX = 840
_PLAN_FIRST = "Plan at least one move, then press the button above. In the simulation nothing real is touched."
_RUN_NOW = "Press the button above to carry the plan out. In the simulation nothing real is touched."


class Shown(StrEnum):
    """How a run is shown."""

    TABLE = "table"
    TIMELINE = "timeline"


class RunPage(QWidget):
    """`failures_asked()` when the person wants to say what is to fail."""

    failures_asked = Signal()

    def __init__(self, document: Document, runs: RunControl) -> None:
        super().__init__()
        self._document = document
        self._runs = runs
        self._monitor = runs.monitor
        self._model = RowModel(COLUMNS)
        self.table = RowView(self._model, COLUMNS, "Migrations of the run")
        self.table.setItemDelegateForColumn(PROGRESS_COLUMN, ProgressDelegate(self._model, self.table))
        title = QLabel("Run")
        title.setProperty("role", "title")
        self.badge = QLabel("REAL HOSTS")
        self.badge.setProperty("role", "alarm")
        self.badge.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.badge.setToolTip("What happens here happens to running VMs")
        self.where = QComboBox()
        self.where.setAccessibleName("Where the plan runs")
        self.where.setToolTip("In the simulation nothing real is touched. Before VMs move on real hosts you are asked")
        for where in Where:
            self.where.addItem(where.value, where)
        self.where.activated.connect(lambda index: runs.turn_to(list(Where)[index]))
        self.speed = QComboBox()
        self.speed.setAccessibleName("Speed of the simulated run")
        self.speed.setToolTip("How fast the simulated clock runs; may be changed during a run")
        self.speed.addItems([title for _, title in SPEEDS])
        self.speed.setCurrentIndex(1)
        self.speed.currentIndexChanged.connect(lambda index: runs.pace.set_speed(SPEEDS[index][0]))
        self.failures_button = QPushButton("Try what fails...")
        self.failures_button.setToolTip("Let hosts, links or moves fail in the next simulated runs")
        self.failures_button.clicked.connect(self.failures_asked)
        self.tools = RunTools(runs, self._chosen, self.table)
        self.log = JobLog()
        self.timeline = RunTimeline(document, self._monitor)
        self.switch = Segmented("How the run is shown", ((Shown.TABLE, "Table"), (Shown.TIMELINE, "Timeline")))
        self.switch.chosen.connect(self._show_part)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addWidget(self.badge)
        head.addStretch(1)
        self._spared = (QLabel("Runs in"), QLabel("Speed"))
        for widget in (self._spared[0], self.where, self.failures_button, self._spared[1], self.speed):
            head.addWidget(widget)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress of the run")
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.status = ElidedLabel()
        self.status.setProperty("role", "muted")
        self.follow = QCheckBox("Follow what runs")
        self.follow.setToolTip("Scroll the table to the migrations under way, until you pick a row or scroll yourself")
        self.follow.setChecked(True)
        self.follow.toggled.connect(self._reveal_running)
        self.notify = QCheckBox("Notify at the end")
        self.notify.setToolTip("Say so when a run is over and this window is not in front")
        self.notify.setChecked(runs.notice.is_on)
        self.notify.toggled.connect(runs.notice.switch)
        told = QHBoxLayout()
        told.addWidget(self.status, 1)
        told.addWidget(self.follow)
        told.addWidget(self.notify)
        acts = QHBoxLayout()
        acts.addWidget(self.switch)
        acts.addStretch(1)
        acts.addWidget(self.tools)
        self.next_failures = ElidedLabel()
        self.next_failures.setProperty("role", "warn")
        self.fates = QListWidget()
        self.fates.setAccessibleName("What became of the VMs")
        self.fates.setProperty("role", "framed")
        self.fates.setWordWrap(True)
        self.fates.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.fates.setFixedHeight(_FATES_PX)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.addWidget(self.table)
        self._splitter.addWidget(self.log)
        self._splitter.setSizes([400, 150])
        self._splitter.setChildrenCollapsible(False)
        self._parts = QStackedWidget()
        self._parts.addWidget(self._splitter)
        self._parts.addWidget(self.timeline)
        self._table_or_empty = OrEmpty(
            self._parts,
            "No run yet",
            _PLAN_FIRST,
        )
        layout = self._layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addLayout(told)
        layout.addLayout(acts)
        layout.addWidget(self.next_failures)
        layout.addWidget(self._table_or_empty, 1)
        layout.addWidget(self.fates)
        self._monitor.reset.connect(self._reset)
        self._monitor.updated.connect(self._update)
        document.runs_changed.connect(self._show_or_offer)
        document.replaced.connect(self._show_or_offer)
        document.changed.connect(self._show_or_offer)
        runs.engine.preparing.connect(self._update)
        runs.turned.connect(self._turn)
        runs.engine.ended.connect(self._turn)
        runs.what_if.changed.connect(self._tell_failures)
        self._tell_failures()
        self.table.selectionModel().selectionChanged.connect(self._picked)
        # Only what a person does with the bar or the wheel is such an action.
        self.table.verticalScrollBar().actionTriggered.connect(lambda _action: self.follow.setChecked(False))
        self._reset()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow page does without the words that say the least."""
        super().resizeEvent(event)
        is_narrow = self.width() < _NARROW_PX
        for label in (*self._spared, self.notify):
            label.setHidden(is_narrow)
        for column, least_px in SPARED.items():
            self.table.setColumnHidden(column, self.width() < least_px)
        self._layout.setContentsMargins(*((8, 8, 8, 8) if is_narrow else (20, 16, 20, 16)))

    @property
    def chosen_speed(self) -> float:
        return SPEEDS[self.speed.currentIndex()][0]

    def _reset(self) -> None:
        self.follow.setChecked(True)
        self._model.show_rows(list(self._monitor.jobs.values()))
        self._show_or_offer()
        self._update()

    def _show_or_offer(self) -> None:
        """Runs of before have a timeline only."""
        self._table_or_empty.say(_RUN_NOW if self._document.project.plan.migrations else _PLAN_FIRST)
        self._table_or_empty.show_content(bool(self._monitor.jobs or self._document.project.runs))
        if not self._monitor.jobs and self._document.project.runs:
            self.switch.choose(Shown.TIMELINE)

    def _show_part(self, shown: Shown) -> None:
        self._parts.setCurrentWidget(self.timeline if shown is Shown.TIMELINE else self._splitter)

    def _turn(self) -> None:
        """Show where the next run is, and what is real; and only what is of use there."""
        runs = self._runs
        self.where.setCurrentIndex(list(Where).index(runs.where))
        self.badge.setVisible(runs.shows_real)
        simulates = not (runs.is_real if runs.engine.is_running else runs.where.is_real)
        for widget in (*self._spared[1:], self.speed, self.failures_button):
            widget.setEnabled(simulates)
        set_enabled(self.where, not runs.engine.is_running, refuge=self.table)
        self._tell_failures()

    def _update(self) -> None:
        self._turn()
        self._model.refresh()
        self.log.refresh()
        monitor = self._monitor
        self.bar.setValue(round(monitor.share_done * 1000))
        stopped = monitor.count(*(state for state in JobState if state.is_final and state is not JobState.COMPLETED))
        over = bool(monitor.jobs) and not monitor.is_running
        self._mark_bar("stopped" if over and stopped else "completed" if over else "")
        self.bar.setVisible(bool(monitor.jobs))
        self.status.setText(self._status())
        self._tell_fates()
        self.tools.refresh()
        self.follow.setVisible(monitor.is_running)
        self._reveal_running()

    def _picked(self) -> None:
        """A picked row stays where it is, whatever the others do."""
        chosen = self._chosen()
        if chosen:
            self.follow.setChecked(False)
        self.log.show_job(chosen[0] if len(chosen) == 1 else None)
        self.tools.refresh()

    def _reveal_running(self) -> None:
        """Scroll to what is under way, but not while the pointer is on the table: a click means the row it is on."""
        if not self.follow.isChecked() or self.table.viewport().underMouse():
            return
        running = [row for row, job in enumerate(self._model.rows) if job.state in _UNDER_WAY]
        first = self.table.rowAt(0)
        last = self.table.rowAt(self.table.viewport().height() - 1)
        if running and not all(first <= row and (last < 0 or row < last) for row in running):
            self.table.scrollTo(self._model.index(running[0], 0), RowView.ScrollHint.PositionAtTop)

    def _tell_failures(self) -> None:
        """What the next run tries, so that nobody is surprised by it."""
        failures = self._runs.what_if.failures
        self.next_failures.setVisible(bool(failures) and not self._runs.where.is_real)
        project = self._document.project
        words = "; ".join(told(project, project.plan, failure) for failure in failures)
        self.next_failures.setText(f"The next run tries: {words}")

    def _tell_fates(self) -> None:
        fates = self._runs.fates
        self.fates.setVisible(bool(fates))
        if [self.fates.item(row).text() for row in range(self.fates.count())] != list(fates):
            self.fates.clear()
            self.fates.addItems(fates)

    def _mark_bar(self, state: str) -> None:
        if self.bar.property("state") != state:
            self.bar.setProperty("state", state)
            self.bar.style().unpolish(self.bar)
            self.bar.style().polish(self.bar)

    def _status(self) -> str:
        monitor = self._monitor
        if self._runs.engine.is_preparing:
            return "Working out when the moves start, so that they keep to their windows..."
        if not monitor.jobs:
            return ""
        parts = [f"{monitor.count(JobState.COMPLETED)} of {len(monitor.jobs)} completed"]
        for states, word in (
            (_UNDER_WAY, "running"),
            ((JobState.QUEUED,), "queued"),
            ((JobState.NOT_CONVERGED,), "not converged"),
            ((JobState.CANCELLED,), "cancelled"),
            ((JobState.SKIPPED,), "skipped"),
            ((JobState.FAILED,), "failed"),
            ((JobState.LOST,), "lost"),
            ((JobState.UNKNOWN,), "not known"),
        ):
            if number := monitor.count(*states):
                parts.append(f"{number} {word}")
        if monitor.is_paused:
            parts.append("the queue is paused")
        parts.append(f"clock {format_duration(monitor.clock_s)}")
        hopeless = monitor.expected_not_to_converge
        if hopeless:
            parts.append(f"{hopeless} would not converge")
        if monitor.eta_s is not None:
            left = give_or_take(monitor.eta_s, monitor.eta_margin_s)
            parts.append(f"{'over' if hopeless else 'done'} in {'' if left.startswith('less') else 'about '}{left}")
        return "   ·   ".join(parts)

    def _chosen(self) -> list[Job]:
        return [self._model.rows[index.row()] for index in self.table.selectionModel().selectedRows()]
