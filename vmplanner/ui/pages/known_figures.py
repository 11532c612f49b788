"""Published and measured figures beside those of a run, as a table."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from vmplanner.domain.results import MigrationResult, Provenance, ReferenceFigure, Run
from vmplanner.ui.glossary import meaning
from vmplanner.ui.tables.rows import Column, RowModel, RowView


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


class KnownFigures(QWidget):
    """The figures that are known of a run's migrations, and how many are of another technique. `known` counts both."""

    def __init__(self) -> None:
        super().__init__()
        self.known = 0
        self._model = RowModel(COLUMNS)
        self._left_out = QLabel()
        self._left_out.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._left_out)
        layout.addWidget(RowView(self._model, COLUMNS, "Published and measured figures"))

    def show_figures(self, run: Run | None, figures: Sequence[ReferenceFigure]) -> None:
        results = {result.migration_id: result for result in run.results} if run else {}
        known = [figure for figure in figures if figure.migration_id in results]
        shown = [figure for figure in known if figure.is_of(results[figure.migration_id])]
        self.known = len(known)
        self._model.show_rows(list(_rows(shown, results)))
        left_out = [figure for figure in known if figure not in shown]
        techniques = " and ".join(sorted({figure.technique.value for figure in left_out}))
        self._left_out.setText(f"{len(left_out)} left out: they are of {techniques}")
        self._left_out.setVisible(bool(left_out))


def _rows(figures: Sequence[ReferenceFigure], results: Mapping[str, MigrationResult]) -> Iterator[_Comparison]:
    for figure in figures:
        result = results[figure.migration_id]
        simulated = figure.metric.simulated(result, figure.round)
        if simulated is not None:
            yield _Comparison(result.vm, figure, simulated)
