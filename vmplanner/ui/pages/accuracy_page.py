"""The page Accuracy: our measured migrations beside what the simulation predicts for them."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from vmplanner.analysis.accuracy_report import percent
from vmplanner.analysis.measured_runs import MeasuredRun, group_title
from vmplanner.analysis.validate import Case, Summary, Validation, case_of
from vmplanner.ui.charts.accuracy_chart import AccuracyChart, Compared
from vmplanner.ui.charts.segmented import Segmented
from vmplanner.ui.tables.rows import Column, RowModel, RowView

Row = tuple[str, Summary]


def _runs(row: Row) -> str:
    summary = row[1]
    return f"{summary.n} of {summary.n + summary.not_simulated}" if summary.not_simulated else str(summary.n)


def _milliseconds(row: Row) -> str:
    error = row[1].downtime_median_error_ms
    return "-" if error is None else f"{error:.0f}"


COLUMNS = (
    Column("Runs of", lambda row: row[0]),
    Column("n", _runs, 76, right=True),
    Column("Total time", lambda row: percent(row[1].total_time_median_error), 98, right=True),
    Column("p90", lambda row: percent(row[1].total_time_p90_error), 72, right=True),
    Column("Downtime", lambda row: percent(row[1].downtime_median_error), 98, right=True),
    Column("in ms", _milliseconds, 76, right=True),
    Column("Transferred", lambda row: percent(row[1].transferred_median_error), 104, right=True),
    Column("p90", lambda row: percent(row[1].transferred_p90_error), 72, right=True),
    Column("Converges", lambda row: percent(row[1].convergence_accuracy), 98, right=True),
)
COMPARED_TITLES = (
    (Compared.TOTAL, "Total time"),
    (Compared.DOWNTIME, "Downtime"),
    (Compared.TRANSFERRED, "Transferred"),
)


class AccuracyPage(QWidget):
    """Predicts the runs one by one while the window goes on working, then shows them all."""

    def __init__(self, runs: Sequence[MeasuredRun]) -> None:
        super().__init__()
        self._waiting = list(runs)
        self._cases: list[Case] = []
        self._summary = QLabel()
        self._summary.setProperty("role", "muted")
        self._summary.setWordWrap(True)
        self.chart = AccuracyChart()
        self.compared = Segmented("What is compared", COMPARED_TITLES)
        self.compared.chosen.connect(self.chart.show_compared)
        self._model = RowModel(COLUMNS)
        self.table = RowView(self._model, COLUMNS, "Errors by group")
        self.table.setMinimumHeight(200)
        note = QLabel(
            "Median and 90th percentile (p90) of the absolute error. The dotted lines are 10 % off. "
            "The same table for your own measurements: vmplanner validate FILE.csv"
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        self._lay_out(note)
        self._next = QTimer(self)
        self._next.timeout.connect(self._predict_one)
        self._next.start(0)

    def _lay_out(self, note: QLabel) -> None:
        title = QLabel("Predicted against measured")
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.compared)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self._summary)
        layout.addWidget(self.chart, 3)
        layout.addWidget(self.table, 2)
        layout.addWidget(note)

    def _predict_one(self) -> None:
        if self._waiting:
            self._cases.append(case_of(self._waiting.pop(0)))
            self._summary.setText(f"Predicting: {len(self._cases)} of {len(self._cases) + len(self._waiting)} runs")
            return
        self._next.stop()
        validation = Validation(self._cases)
        self.chart.show_cases(validation.good)
        rows = [("all", validation.overall)]
        rows += [(group_title(name), summary) for name, summary in validation.groups.items()]
        if validation.apart:
            rows.append(("apart: runs that can't judge", validation.apart_summary))
        self._model.show_rows(rows)
        overall = validation.overall
        self._summary.setText(
            f"{overall.n} migrations measured with QEMU, each predicted from what was known before it began. In the "
            f"median the total time is {percent(overall.total_time_median_error)} off, the transferred bytes "
            f"{percent(overall.transferred_median_error)}. Whether it converges was answered right for "
            f"{percent(overall.convergence_accuracy)}."
        )
