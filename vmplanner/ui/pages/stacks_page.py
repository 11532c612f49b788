"""The page Time stacks: where the time of each migration of a run went, and how it compares with known figures."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from attrs import evolve, frozen
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vmplanner.analysis.compare import Comparison, compare_with_plain
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.domain.results import MigrationResult, Provenance, ReferenceFigure, Run
from vmplanner.ui.background import Background
from vmplanner.ui.charts.time_stack_chart import TimeStackChart
from vmplanner.ui.document import Document
from vmplanner.ui.glossary import meaning
from vmplanner.ui.labels import ElidedLabel
from vmplanner.ui.selection import Selection
from vmplanner.ui.tables.rows import Column, RowModel, RowView

_LEAST_TABLE_PX = 76
_ANY_HEIGHT_PX = 16_777_215


@frozen
class _Comparison:
    """A known figure beside the simulated one; `simulated` is in the metric's base unit."""

    vm: str
    figure: ReferenceFigure
    simulated: float

    @property
    def difference(self) -> str:
        if not self.figure.value:
            return "-"
        percent = round((self.simulated / self.figure.value - 1) * 100, 1)
        return f"{percent:+.1f} %" if percent else "0.0 %"


COLUMNS = (
    Column("VM", lambda row: row.vm),
    Column("Figure", lambda row: row.figure.label, 150),
    Column("Simulated", lambda row: row.figure.metric.shown(row.simulated), 104, right=True),
    Column("Known", lambda row: row.figure.metric.shown(row.figure.value), 104, right=True),
    Column("Difference", lambda row: row.difference, 100, right=True),
    Column(
        "How known",
        lambda row: row.figure.provenance.value,
        104,
        role_of=lambda row: "warn" if row.figure.provenance is Provenance.RECALLED else "text",
        tip_of=lambda row: row.figure.provenance.explanation,
        about=meaning("measured", "seen", "recalled"),
    ),
    Column("Source", lambda row: row.figure.source, role_of=lambda _row: "muted"),
)


def _compared(project: Project) -> dict[str, Comparison]:
    """Of the plan's migrations, by their ids; those that can't be simulated, for want of a link, are left out."""
    comparisons = {}
    for migration in project.plan.migrations:
        with suppress(PlannerError):
            comparisons[migration.id] = compare_with_plain(project, migration)
    return comparisons


def _figure_rows(figures: Sequence[ReferenceFigure], results: Mapping[str, MigrationResult]) -> Iterator[_Comparison]:
    for figure in figures:
        result = results[figure.migration_id]
        simulated = figure.metric.simulated(result, figure.round)
        if simulated is not None:
            yield _Comparison(result.vm, figure, simulated)


def _caption(known: Sequence[ReferenceFigure], shown: Sequence[ReferenceFigure]) -> str:
    """What stands over the known figures, with those that are of another technique than the run."""
    title = "PUBLISHED AND MEASURED FIGURES"
    left_out = [figure for figure in known if figure not in shown]
    if not left_out:
        return title
    techniques = " and ".join(sorted({figure.technique.value for figure in left_out}))
    return f"{title}  ·  {len(left_out)} left out: they are of {techniques}"


def _summary(run: Run, comparisons: Mapping[str, Comparison]) -> str:
    """What stands beside the heading."""
    if comparisons:
        return "each migration of the plan alone, and what it saves against a plain pre-copy"
    sent = sum(result.transferred_bytes for result in run.results)
    over = f"{'done' if run.completed else 'over'} after {format_duration(run.makespan_s)}"
    return f"{run.backend}  ·  {over}  ·  {BYTES.format(sent)} sent"


class StacksPage(QWidget):
    """Choose a run, see its stacks, export them (`export_asked(str)` with the format). `shown()` when another run or
    comparison is shown, or none.
    """

    export_asked = Signal(str)
    shown = Signal()

    def __init__(self, document: Document, selection: Selection) -> None:
        super().__init__()
        self._document = document
        self._runs: list[Run] = []
        self._comparison: Run | None = None
        self._comparing = Background("vmplanner-comparison", self)

        self.chart = TimeStackChart()
        self._comparing.done.connect(self._show_comparison)
        self.chart.migration_clicked.connect(lambda migration_id: selection.select([migration_id]))
        title = QLabel("Time stacks")
        title.setProperty("role", "title")
        self.choice = QComboBox()
        self.choice.setAccessibleName("Run")
        self.choice.setToolTip("Which run to look at, the newest first")
        self.choice.setMinimumWidth(220)
        self.choice.currentIndexChanged.connect(lambda _index: self._show_run({}))
        self._summary = ElidedLabel()
        self._summary.setProperty("role", "muted")
        self.compare_button = QPushButton("What is saved")
        self.compare_button.setCheckable(True)
        self.compare_button.setToolTip(
            "Simulate each migration of the plan alone, and show what its technique and options save against a plain "
            "pre-copy"
        )
        self.compare_button.toggled.connect(self._compare)
        self.export_button = QPushButton("Export")
        menu = QMenu(self.export_button)
        for title_text, file_format in (
            ("Picture (PNG)...", "png"),
            ("Drawing (SVG)...", "svg"),
            ("Table (CSV)...", "csv"),
        ):
            menu.addAction(title_text, lambda file_format=file_format: self.export_asked.emit(file_format))
        self.export_button.setMenu(menu)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addSpacing(8)
        head.addWidget(self.choice)
        head.addWidget(self._summary, 1)
        head.addWidget(self.compare_button)
        head.addWidget(self.export_button)
        self._model = RowModel(COLUMNS)
        self._table = RowView(self._model, COLUMNS, "Published and measured figures")
        self._table.setMinimumHeight(_LEAST_TABLE_PX)
        self.figures_opener = QToolButton()
        self.figures_opener.setCheckable(True)
        self.figures_opener.toggled.connect(self._show_figures)
        self._figures = QWidget()
        figures = QVBoxLayout(self._figures)
        figures.setContentsMargins(0, 4, 0, 0)
        figures.setSpacing(4)
        self._caption = QLabel()
        self._caption.setProperty("role", "section")
        line = QHBoxLayout()
        line.addWidget(self._caption, 1)
        line.addWidget(self.figures_opener)
        figures.addLayout(line)
        figures.addWidget(self._table)
        self.figures_opener.setChecked(True)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.chart)
        splitter.addWidget(self._figures)
        splitter.setSizes([420, 220])
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(splitter, 1)
        document.replaced.connect(self._fill)
        document.changed.connect(self._compare)
        document.runs_changed.connect(self._fill)
        self._fill()

    @property
    def run(self) -> Run | None:
        """The run that is shown; in a comparison, the plan's migrations as they are alone."""
        if self._comparison is not None:
            return self._comparison
        index = self.choice.currentIndex()
        return self._runs[index] if 0 <= index < len(self._runs) else None

    def stop(self) -> None:
        """Wait for what is being worked out."""
        self._comparing.stop()

    def _fill(self) -> None:
        self._runs = list(reversed(self._document.project.runs))
        self.choice.blockSignals(True)
        self.choice.clear()
        self.choice.addItems([f"{run.name}  ·  {run.started_at.astimezone():%d %b %H:%M}" for run in self._runs])
        self.choice.blockSignals(False)
        self._compare()

    def _compare(self) -> None:
        """Work out the comparison where it is asked for, else show the run."""
        plan = self._document.project.plan
        self.compare_button.setEnabled(bool(plan.migrations))
        if self.compare_button.isChecked() and plan.migrations:
            self._summary.setText("working out what is saved...")
            self._comparing.ask(partial(_compared, self._document.project))
        else:
            self._comparing.drop()
            self._comparison = None
            self._show_run({})

    def _show_comparison(self, comparisons: dict[str, Comparison]) -> None:
        plan = self._document.project.plan
        alone = [evolve(comparison.migration, started_s=0.0) for comparison in comparisons.values()]
        now = datetime.now(UTC)
        self._comparison = Run("comparison", f"{plan.name} against plain pre-copy", plan.name, "simulation", now, alone)
        self._show_run(comparisons)

    def _show_run(self, comparisons: Mapping[str, Comparison]) -> None:
        run = self.run
        results = {result.migration_id: result for result in run.results} if run else {}
        known = [figure for figure in self._document.project.figures if figure.migration_id in results]
        figures = [figure for figure in known if figure.is_of(results[figure.migration_id])]
        self.choice.setVisible(bool(self._runs) and self._comparison is None)
        self.export_button.setEnabled(run is not None)
        self.chart.set_run(run, figures, comparisons)
        self._model.show_rows(list(_figure_rows(figures, results)))
        self._figures.setVisible(bool(known))
        self.figures_opener.setVisible(bool(figures))
        self._show_figures(self.figures_opener.isChecked())
        self._caption.setText(_caption(known, figures))
        self._summary.setText(_summary(run, comparisons) if run else "")
        self.shown.emit()

    def _show_figures(self, is_open: bool) -> None:
        """The table makes room for the chart when its heading is closed."""
        is_open = is_open and bool(self._model.rows)
        self._table.setVisible(is_open)
        closed_px = self._figures.minimumSizeHint().height()
        self._figures.setMaximumHeight(_ANY_HEIGHT_PX if is_open else closed_px)
        self.figures_opener.setText("Hide" if is_open else "Show")
        self.figures_opener.setAccessibleName(f"{self.figures_opener.text()} the known figures")
