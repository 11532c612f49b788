"""How runs differ from the first of them: the numbers of each migration, and what changed in the inputs."""

from collections.abc import Callable, Iterator, Sequence

from attrs import frozen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from vmplanner.analysis.deltas import Delta, deltas
from vmplanner.analysis.input_changes import InputChange, changes, inputs_seen
from vmplanner.domain.inputs import from_json
from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.domain.results import Run
from vmplanner.ui.tables.rows import Column, RowModel, RowView


def _signed(value: float | None, shown: Callable[[float], str]) -> str:
    if value is None:
        return "-"
    return f"{'+' if value > 0 else '−'}{shown(abs(value))}" if value else "the same"


def _role(value: float | None) -> str:
    return "muted" if not value else "bad" if value > 0 else "good"


def _ending(delta: Delta) -> str:
    if delta.before is None or delta.after is None:
        return f"only in {delta.run}" if delta.before is None else f"not in {delta.run}"
    before, after = delta.before.ending, delta.after.ending
    return after if before == after else f"{before} → {after}"


DELTA_COLUMNS = (
    Column("VM", lambda row: row.vm),
    Column("Run", lambda row: row.run, 130),
    Column("Technique", lambda row: row.result.technique.value, 130, role_of=lambda _row: "muted"),
    Column("Total time", lambda row: format_duration(row.result.total_s), 92, right=True),
    Column(
        "Difference",
        lambda row: _signed(row.total_s, format_duration),
        96,
        right=True,
        role_of=lambda row: _role(row.total_s),
    ),
    Column("Downtime", lambda row: format_duration(row.result.downtime_s), 92, right=True),
    Column(
        "Difference",
        lambda row: _signed(row.downtime_s, format_duration),
        96,
        right=True,
        role_of=lambda row: _role(row.downtime_s),
    ),
    Column("Sent", lambda row: BYTES.format(row.result.transferred_bytes), 84, right=True),
    Column(
        "Difference",
        lambda row: _signed(row.bytes, BYTES.format),
        96,
        right=True,
        role_of=lambda row: _role(row.bytes),
    ),
    Column("Outcome", _ending, 150, role_of=lambda _row: "muted"),
)


@frozen
class _Change:
    """A changed input of a run."""

    run: str
    change: InputChange


# The headings of the last two are the names of the runs.
CHANGE_COLUMNS = (
    Column("Run", lambda row: row.run, 150),
    Column("What", lambda row: row.change.thing, 200),
    Column("Property", lambda row: row.change.property, 200),
    Column("Before", lambda row: row.change.before, role_of=lambda _row: "muted"),
    Column("After", lambda row: row.change.after),
)


class DeltaTable(QWidget):
    """The migrations of further runs beside those of the first; those that differ come first."""

    def __init__(self) -> None:
        super().__init__()
        self._model = RowModel(DELTA_COLUMNS)
        self._words = QLabel()
        self._words.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._words)
        layout.addWidget(RowView(self._model, DELTA_COLUMNS, "Differences to the first run"), 1)

    def show_runs(self, runs: Sequence[Run]) -> None:
        rows = deltas(runs) if len(runs) > 1 else []
        self._model.show_rows(sorted(rows, key=lambda row: not row.is_change))
        if rows:
            others = ", ".join(run.name for run in runs[1:])
            self._words.setText(f"{others} against {runs[0].name}: + is more than in {runs[0].name}, − is less.")


class ChangedInputs(QWidget):
    """What changed in the inputs from the first run to each further one. `number` counts the changes."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self._model = RowModel(CHANGE_COLUMNS)
        self._view = RowView(self._model, CHANGE_COLUMNS, "Changed inputs")
        self._words = QLabel()
        self._words.setProperty("role", "muted")
        self._words.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._words)
        layout.addWidget(self._view, 1)
        layout.addStretch()

    def show_runs(self, runs: Sequence[Run]) -> None:
        rows = list(_changes(runs)) if len(runs) > 1 else []
        self.number = len(rows)
        self._model.show_rows(rows)
        if rows:
            self._model.name_column(3, runs[0].name)
            self._model.name_column(4, runs[1].name if len(runs) == 2 else "The other run")
        self._view.setVisible(bool(rows))
        not_kept = [run.name for run in runs if from_json(run.inputs) is None]
        words = [] if rows else ["Nothing changed in what is known of the inputs."]
        if not_kept:
            whose = ", ".join(not_kept)
            words.insert(0, f"The inputs of {whose} were not kept: only ways and techniques are compared.")
        self._words.setText(" ".join(words))
        self._words.setVisible(bool(words))


def _changes(runs: Sequence[Run]) -> Iterator[_Change]:
    first = runs[0]
    for run in runs[1:]:
        before, after = from_json(first.inputs), from_json(run.inputs)
        if before is None or after is None:
            before, after = inputs_seen(first), inputs_seen(run)
        for change in changes(before, after):
            yield _Change(run.name, change)
