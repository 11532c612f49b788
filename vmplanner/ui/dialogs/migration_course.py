"""One migration of a run in detail: its rounds as a table, and its course over time."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QLabel, QScrollArea, QSplitter, QVBoxLayout, QWidget

from vmplanner.analysis.course import Pass, curves, passes
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SHARE, format_duration, grouped
from vmplanner.domain.results import MigrationResult
from vmplanner.ui.charts.course_picture import CoursePicture
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.tables.rows import Column, RowModel, RowView


def _guest(one: Pass) -> str:
    return SHARE.format(one.guest_share, digits=2) if one.guest_share else "stands still"


COLUMNS = (
    Column("Phase", lambda row: row.phase.value),
    Column("Round", lambda row: str(row.round) if row.round else "-", 64, right=True),
    Column("Starts after", lambda row: format_duration(row.start_s) if row.start_s else "0 s", 96, right=True),
    Column("Takes", lambda row: format_duration(row.duration_s), 88, right=True),
    Column("Sent", lambda row: BYTES.format(row.bytes) if row.bytes else "-", 88, right=True),
    Column("Pages", lambda row: grouped(row.pages) if row.pages else "-", 88, right=True),
    Column("Rate", lambda row: BYTES_PER_S.format(row.bytes_per_s) if row.bytes else "-", 96, right=True),
    Column("Guest runs at", _guest, 104, right=True, role_of=lambda row: "text" if row.guest_share else "bad"),
    Column("Throttle", lambda row: SHARE.format(row.throttle, digits=2) if row.throttle else "-", 80, right=True),
)


class MigrationCourse(QDialog):
    """Does not block the window."""

    def __init__(self, parent: QWidget, run_name: str, result: MigrationResult) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"{result.vm} in {run_name}")
        self.resize(860, 640)
        title = WrappedLabel(f"{result.vm}: {result.source} → {result.target}")
        title.setProperty("role", "title")
        facts = (
            f"{result.technique.value}, {result.policy.label}, {result.ending}",
            f"{format_duration(result.total_s)} in all, {format_duration(result.downtime_s)} down",
            f"{BYTES.format(result.transferred_bytes)} sent",
        )
        about = WrappedLabel("  ·  ".join(facts) + (f"\n{result.reason}" if result.reason else ""))
        about.setProperty("role", "muted")
        found = passes(result)
        model = RowModel(COLUMNS)
        model.show_rows(found)
        self.table = RowView(model, COLUMNS, "Rounds")
        self.picture = CoursePicture()
        if found:
            self.picture.show_course(found, curves(result))
        below = QScrollArea()
        below.setWidgetResizable(True)
        below.setFrameShape(QFrame.Shape.NoFrame)
        below.setWidget(self.picture)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(below)
        splitter.setSizes([220, 380])
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addWidget(about)
        layout.addWidget(splitter, 1)
        if found and not result.samples:
            note = QLabel("Only the rounds were kept: what was left within them, and the throttle, are not known.")
            note.setProperty("role", "muted")
            layout.addWidget(note)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
