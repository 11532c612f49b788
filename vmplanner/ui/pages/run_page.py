"""The page Run: watch every migration of a run, cancel one or all."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vmplanner.backends.simulated import AS_FAST_AS_POSSIBLE
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SHARE, format_duration
from vmplanner.engine.runner import JobState
from vmplanner.ui.enabling import set_enabled
from vmplanner.ui.pages.empty import OrEmpty
from vmplanner.ui.run_monitor import Job, RunMonitor
from vmplanner.ui.tables.progress import ProgressDelegate
from vmplanner.ui.tables.rows import Column, RowModel, RowView

SPEEDS = ((1.0, "1x (real time)"), (10.0, "10x"), (100.0, "100x"), (AS_FAST_AS_POSSIBLE, "As fast as possible"))
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


def _eta(job: Job) -> str:
    if job.state.is_final:
        return "" if job.started_s is None else format_duration(job.at_s - job.started_s)
    if job.is_hopeless:
        return "never"
    return "" if job.eta_s is None else f"in {format_duration(job.eta_s)}"


COLUMNS = (
    Column("VM", lambda job: job.vm),
    Column("Move", lambda job: f"{job.source}  →  {job.target}"),
    Column(
        "State",
        lambda job: job.state.value,
        104,
        role_of=lambda job: _ROLES.get(job.state, "accent"),
        tip_of=lambda job: job.reason,
    ),
    Column("Progress", lambda _job: "", 160, tip_of=lambda job: job.progress_text),
    Column("Phase", _phase, 176, tip_of=_guest),
    Column("Sent", lambda job: BYTES.format(job.sent_bytes) if job.sent_bytes else "", 86, right=True),
    Column("Rate", _rate, 104, right=True),
    Column("Done", _eta, 104, right=True),
)
_PROGRESS_COLUMN = 3


class RunPage(QWidget):
    """Asks for another speed (`speed_chosen(float)`) and for cancels (`cancel_asked(tuple)`, where an empty tuple means
    all)."""

    speed_chosen = Signal(float)
    cancel_asked = Signal(object)

    def __init__(self, monitor: RunMonitor) -> None:
        super().__init__()
        self._monitor = monitor
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
        self.speed.currentIndexChanged.connect(lambda index: self.speed_chosen.emit(SPEEDS[index][0]))
        self.cancel_chosen = QPushButton("Cancel selected")
        self.cancel_chosen.clicked.connect(lambda: self.cancel_asked.emit(tuple(self._chosen_ids())))
        self.cancel_all = QPushButton("Cancel all")
        self.cancel_all.setProperty("role", "danger")
        self.cancel_all.clicked.connect(lambda: self.cancel_asked.emit(()))
        head = QHBoxLayout()
        head.addWidget(title)
        head.addWidget(self._backend)
        head.addStretch(1)
        for widget in (QLabel("Speed"), self.speed, self.cancel_chosen, self.cancel_all):
            head.addWidget(widget)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress of the run")
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.status = QLabel()
        self.status.setProperty("role", "muted")
        self._table_or_empty = OrEmpty(
            self.table,
            "No run yet",
            "Plan at least one move, then press Run the plan. Nothing real is touched: it is simulated.",
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addWidget(self.status)
        layout.addWidget(self._table_or_empty, 1)
        monitor.reset.connect(self._reset)
        monitor.updated.connect(self._update)
        self.table.selectionModel().selectionChanged.connect(self._enable)
        self._reset()

    @property
    def chosen_speed(self) -> float:
        return SPEEDS[self.speed.currentIndex()][0]

    def _reset(self) -> None:
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
        self._enable()

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
            ((JobState.RUNNING, JobState.CANCELLING), "running"),
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
        jobs: list[Job] = [self._model.rows[index.row()] for index in self.table.selectionModel().selectedRows()]
        return [job.migration_id for job in jobs if not job.state.is_final]
