"""The page Run: watch every migration of a run, cancel one or all, and read what became of the VMs if some failed."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vmplanner.backends.simulated import AS_FAST_AS_POSSIBLE
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SHARE, format_duration
from vmplanner.engine.runner import JobState
from vmplanner.ui.document import Document
from vmplanner.ui.enabling import set_enabled
from vmplanner.ui.labels import ElidedLabel
from vmplanner.ui.pages.empty import OrEmpty
from vmplanner.ui.run_control import RunControl
from vmplanner.ui.run_monitor import Job
from vmplanner.ui.tables.progress import ProgressDelegate
from vmplanner.ui.tables.rows import Column, RowModel, RowView
from vmplanner.ui.what_if import told

SPEEDS = ((1.0, "1x (real time)"), (10.0, "10x"), (100.0, "100x"), (AS_FAST_AS_POSSIBLE, "As fast as possible"))
_UNDER_WAY = (JobState.RUNNING, JobState.CANCELLING)
_ROLES = {
    JobState.QUEUED: "muted",
    JobState.CANCELLING: "warn",
    JobState.COMPLETED: "good",
    JobState.NOT_CONVERGED: "warn",
    JobState.CANCELLED: "muted",
    JobState.FAILED: "bad",
    JobState.LOST: "bad",
}


def _phase(job: Job) -> str:
    if job.phase is None or job.state.is_final:
        return ""
    return f"{job.phase.value}, round {job.round}" if job.round else job.phase.value


def _guest(job: Job) -> str:
    """How fast the guest runs now, as the tip of its phase."""
    return f"{_phase(job)}; the guest runs at {SHARE.format(job.guest_share, digits=2)}" if _phase(job) else ""


def _rate(job: Job) -> str:
    return BYTES_PER_S.format(job.bytes_per_s) if job.bytes_per_s else ""


def _time(job: Job) -> str:
    """How long it took, or while it runs how much is left of that."""
    if job.state.is_final:
        return "" if job.started_s is None else f"took {format_duration(job.at_s - job.started_s)}"
    if job.is_hopeless:
        return "never"
    return "" if job.eta_s is None else f"{format_duration(job.eta_s)} left"


COLUMNS = (
    Column("VM", lambda job: job.vm),
    Column("Move", lambda job: f"{job.source}  →  {job.target}"),
    Column(
        "State",
        lambda job: f"{job.state.value}, forced" if job.is_forced else job.state.value,
        124,
        role_of=lambda job: "warn" if job.is_forced else _ROLES.get(job.state, "accent"),
        tip_of=lambda job: job.reason,
    ),
    Column("Progress", lambda _job: "", 160, tip_of=lambda job: job.progress_text),
    Column("Phase", _phase, 176, tip_of=_guest),
    Column("Sent", lambda job: BYTES.format(job.sent_bytes) if job.sent_bytes else "", 86, right=True),
    Column("Rate", _rate, 104, right=True),
    Column("Time", _time, 132, right=True, about="What is left by the prediction and, in the end, what it took"),
)
_PROGRESS_COLUMN = 3
_FATES_PX = 102
_NARROW_PX = 840
# Columns that a table below a width does without: phase, sent and rate.
_SPARED = {4: 700, 5: 840, 6: 840}


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
        self.table.setItemDelegateForColumn(_PROGRESS_COLUMN, ProgressDelegate(self._model, self.table))
        title = QLabel("Run")
        title.setProperty("role", "title")
        self._backend = QLabel("in the simulation")
        self._backend.setProperty("role", "muted")
        self.speed = QComboBox()
        self.speed.setAccessibleName("Speed of the simulated run")
        self.speed.setToolTip("How fast the simulated clock runs; may be changed during a run")
        self.speed.addItems([title for _, title in SPEEDS])
        self.speed.setCurrentIndex(1)
        self.speed.currentIndexChanged.connect(lambda index: runs.pace.set_speed(SPEEDS[index][0]))
        self.failures_button = QPushButton("Try what fails...")
        self.failures_button.setToolTip("Let hosts, links or moves fail in the next simulated runs")
        self.failures_button.clicked.connect(self.failures_asked)
        self.cancel_chosen = QPushButton("Cancel selected")
        self.cancel_chosen.clicked.connect(lambda: runs.engine.cancel(*self._chosen_ids()))
        self.cancel_all = QPushButton("Cancel all")
        self.cancel_all.setProperty("role", "danger")
        self.cancel_all.clicked.connect(lambda: runs.cancel())
        head = QHBoxLayout()
        head.addWidget(title)
        head.addWidget(self._backend)
        head.addStretch(1)
        self._spared = (self._backend, QLabel("Speed"))
        for widget in (self.failures_button, self._spared[1], self.speed, self.cancel_chosen, self.cancel_all):
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
        told = QHBoxLayout()
        told.addWidget(self.status, 1)
        told.addWidget(self.follow)
        self.next_failures = ElidedLabel()
        self.next_failures.setProperty("role", "warn")
        self.fates = QListWidget()
        self.fates.setAccessibleName("What became of the VMs")
        self.fates.setProperty("role", "framed")
        self.fates.setWordWrap(True)
        self.fates.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.fates.setFixedHeight(_FATES_PX)
        self._table_or_empty = OrEmpty(
            self.table,
            "No run yet",
            "Plan at least one move, then press Run the plan. Nothing real is touched: it is simulated.",
        )
        layout = self._layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addLayout(told)
        layout.addWidget(self.next_failures)
        layout.addWidget(self._table_or_empty, 1)
        layout.addWidget(self.fates)
        self._monitor.reset.connect(self._reset)
        self._monitor.updated.connect(self._update)
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
        for label in self._spared:
            label.setHidden(is_narrow)
        for column, least_px in _SPARED.items():
            self.table.setColumnHidden(column, self.width() < least_px)
        self._layout.setContentsMargins(*((8, 8, 8, 8) if is_narrow else (20, 16, 20, 16)))

    @property
    def chosen_speed(self) -> float:
        return SPEEDS[self.speed.currentIndex()][0]

    def _reset(self) -> None:
        self.follow.setChecked(True)
        self._model.show_rows(list(self._monitor.jobs.values()))
        self._table_or_empty.show_content(bool(self._monitor.jobs))
        self._update()

    def _update(self) -> None:
        self._model.refresh()
        monitor = self._monitor
        self.bar.setValue(round(monitor.share_done * 1000))
        stopped = monitor.count(JobState.FAILED, JobState.LOST, JobState.CANCELLED, JobState.NOT_CONVERGED)
        over = bool(monitor.jobs) and not monitor.is_running
        self._mark_bar("stopped" if over and stopped else "completed" if over else "")
        self.bar.setVisible(bool(monitor.jobs))
        self.status.setText(self._status())
        self._tell_fates()
        self._enable()
        self.follow.setVisible(monitor.is_running)
        self._reveal_running()

    def _picked(self) -> None:
        """A picked row stays where it is, whatever the others do."""
        if self._chosen_rows():
            self.follow.setChecked(False)
        self._enable()

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
        self.next_failures.setVisible(bool(failures))
        words = "; ".join(told(self._document.project, failure) for failure in failures)
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
        if not monitor.jobs:
            return ""
        parts = [f"{monitor.count(JobState.COMPLETED)} of {len(monitor.jobs)} completed"]
        for states, word in (
            (_UNDER_WAY, "running"),
            ((JobState.QUEUED,), "queued"),
            ((JobState.NOT_CONVERGED,), "not converged"),
            ((JobState.CANCELLED,), "cancelled"),
            ((JobState.FAILED,), "failed"),
            ((JobState.LOST,), "lost"),
        ):
            if number := monitor.count(*states):
                parts.append(f"{number} {word}")
        parts.append(f"clock {format_duration(monitor.clock_s)}")
        hopeless = monitor.expected_not_to_converge
        if hopeless:
            parts.append(f"{hopeless} would not converge")
        if monitor.eta_s is not None:
            parts.append(f"{'over' if hopeless else 'done'} in about {format_duration(monitor.eta_s)}")
        return "   ·   ".join(parts)

    def _enable(self) -> None:
        running = self._monitor.is_running
        set_enabled(self.cancel_all, running, refuge=self.table)
        set_enabled(self.cancel_chosen, running and bool(self._chosen_ids()), refuge=self.table)

    def _chosen_ids(self) -> list[str]:
        """Those of the selected rows that can still be cancelled."""
        jobs: list[Job] = [self._model.rows[row] for row in self._chosen_rows()]
        return [job.migration_id for job in jobs if not job.state.is_final]

    def _chosen_rows(self) -> list[int]:
        return [index.row() for index in self.table.selectionModel().selectedRows()]
