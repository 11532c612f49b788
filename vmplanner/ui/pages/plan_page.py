"""The page Plan: what moves where, in which order, and what it is predicted to take."""

from collections.abc import Callable, Iterable

from attrs import evolve, frozen
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain import edits
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Change, Edit
from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.domain.results import MigrationResult, Outcome, Run
from vmplanner.ui.bridge import Advice
from vmplanner.ui.document import Document
from vmplanner.ui.enabling import set_enabled
from vmplanner.ui.fields import WholeField
from vmplanner.ui.labels import ElidedLabel
from vmplanner.ui.pages.empty import OrEmpty
from vmplanner.ui.selection import Selection
from vmplanner.ui.tables.rows import Column, RowModel, RowView


@frozen
class _Move:
    number: int
    migration: Migration
    vm: str
    memory_bytes: int
    source: str
    target: str
    forecast: MigrationResult | None


def _predicted(read: str) -> Callable[[_Move], str]:
    def text(move: _Move) -> str:
        if move.forecast is None:
            return "-"
        if move.forecast.outcome is not Outcome.COMPLETED and read != "started_s":
            return "never" if move.forecast.outcome is Outcome.NOT_CONVERGED else "-"
        return format_duration(getattr(move.forecast, read))

    return text


def _warning(move: _Move) -> str:
    return "bad" if move.forecast and move.forecast.outcome is not Outcome.COMPLETED else "text"


def _reason(move: _Move) -> str:
    return move.forecast.reason if move.forecast else ""


def _lost(move: _Move) -> str:
    """What the guest loses besides its downtime, as the tip of that."""
    result = move.forecast
    if result is None or result.outcome is not Outcome.COMPLETED:
        return _reason(move)
    return f"In all the guest loses {format_duration(result.lost_work_s)} of its work"


COLUMNS = (
    Column("#", lambda move: str(move.number), 44, right=True, role_of=lambda _move: "muted"),
    Column("VM", lambda move: move.vm),
    Column("Memory", lambda move: BYTES.format(move.memory_bytes), 86, right=True),
    Column("Move", lambda move: f"{move.source}  →  {move.target}"),
    Column("Technique", lambda move: move.migration.technique.value, 116),
    Column("Start", _predicted("started_s"), 88, right=True),
    Column("Total time", _predicted("total_s"), 100, right=True, role_of=_warning, tip_of=_reason),
    Column("Downtime", _predicted("downtime_s"), 96, right=True, role_of=_warning, tip_of=_lost),
)


class PlanPage(QWidget):
    """A table of planned moves with their predicted times, and the limits of the plan."""

    def __init__(self, document: Document, selection: Selection) -> None:
        super().__init__()
        self._document = document
        self._selection = selection
        self._forecast: Run | None = None
        self._model = RowModel(COLUMNS)
        self.table = RowView(self._model, COLUMNS, "Planned moves")
        self._summary = ElidedLabel()
        self._summary.setProperty("role", "muted")
        title = QLabel("Planned moves")
        title.setProperty("role", "title")
        self._total = WholeField("At most at once in the plan", "How many migrations may run at the same time")
        self._per_host = WholeField(
            "At most at once per host", "How many migrations may run at the same time on one host"
        )
        up, down, remove = QPushButton("Move up"), QPushButton("Move down"), QPushButton("Remove")
        up.clicked.connect(lambda: self._shift(-1))
        down.clicked.connect(lambda: self._shift(1))
        remove.clicked.connect(lambda: document.push(edits.delete(document.project, self._chosen_ids())))
        self._buttons = (up, down, remove)
        limits = QHBoxLayout()
        for label, field, limited in (
            ("At most at once", self._total, lambda plan, number: evolve(plan, max_concurrent=number)),
            ("per host", self._per_host, lambda plan, number: evolve(plan, max_concurrent_per_host=number)),
        ):
            caption = QLabel(label)
            caption.setProperty("role", "muted")
            caption.setBuddy(field.editor)
            field.editor.setFixedWidth(80)
            field.entered.connect(lambda value, field=field, limited=limited: self._set_limit(field, limited, value))
            caption.setFixedHeight(field.editor.sizeHint().height())
            limits.addWidget(caption, alignment=Qt.AlignmentFlag.AlignTop)
            limits.addWidget(field, alignment=Qt.AlignmentFlag.AlignTop)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addSpacing(8)
        head.addWidget(self._summary, 1)
        tools = QHBoxLayout()
        for button in self._buttons:
            tools.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)
        tools.addStretch(1)
        tools.addLayout(limits)
        self._table_or_empty = OrEmpty(
            self.table, "Nothing is planned yet", "On the page Topology, drag a VM from its host to another one."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addLayout(tools)
        layout.addWidget(self._table_or_empty, 1)
        document.changed.connect(self._refresh)
        document.replaced.connect(self._refresh)
        self.table.selectionModel().selectionChanged.connect(self._tell_selection)
        # A click on a row that is selected already, for its VM, means the move itself.
        self.table.clicked.connect(self._tell_selection)
        selection.changed.connect(self._follow_selection)
        self._refresh()

    def show_advice(self, advice: Advice) -> None:
        """Predicted times for the plan as it stands."""
        self._forecast = advice.forecast
        self._fill()

    def _push(self, after: Plan, title: str) -> None:
        self._document.push(Change(title, (Edit(self._document.project.plans.get(after.id), after),)))

    def _refresh(self) -> None:
        plan = self._document.project.plan
        self._total.show_value(plan.max_concurrent)
        self._per_host.show_value(plan.max_concurrent_per_host)
        self._forecast = None
        self._fill()

    def _fill(self) -> None:
        project = self._document.project
        plan = project.plan
        results = {result.migration_id: result for result in self._forecast.results} if self._forecast else {}
        moves = []
        for number, migration in enumerate(plan.migrations, 1):
            machine = project.machines[migration.vm_id]
            names = (
                machine.name,
                machine.memory_bytes,
                project.hosts[machine.host_id].name,
                project.hosts[migration.target_id].name,
            )
            moves.append(_Move(number, migration, *names, results.get(migration.id)))
        self._model.show_rows(moves)
        self._table_or_empty.show_content(bool(moves))
        text = edits.count(len(moves), "move") if moves else ""
        if self._forecast is not None:
            text += f" · {_prediction(self._forecast)}"
        self._summary.setText(text)
        self._follow_selection()

    def _set_limit(self, field: WholeField, limited: Callable[[Plan, int], Plan], value: int) -> None:
        try:
            after = limited(self._document.project.plan, value)
        except InvalidValue as refusal:
            field.refuse(refusal.why)
            return
        self._push(after, "Change the limits of the plan")

    def _chosen_ids(self) -> list[str]:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self._model.rows[row].migration.id for row in rows]

    def _shift(self, by: int) -> None:
        """Move the chosen migrations up or down by one, keeping them together."""
        plan = self._document.project.plan
        chosen = set(self._chosen_ids())
        migrations = list(plan.migrations)
        places = [place for place, migration in enumerate(migrations) if migration.id in chosen]
        if not places or places[0] + by < 0 or places[-1] + by >= len(migrations):
            return
        for place in places if by < 0 else reversed(places):
            migrations[place], migrations[place + by] = migrations[place + by], migrations[place]
        title = f"Move {edits.count(len(places), 'migration')} {'up' if by < 0 else 'down'}"
        self._push(evolve(plan, migrations=migrations), title)

    def _tell_selection(self) -> None:
        self._enable_buttons()
        if self.table.hasFocus():
            self._selection.select(self._chosen_ids())

    def _follow_selection(self) -> None:
        """Select the rows of what is selected elsewhere: the migrations, or those of the selected VMs."""
        ids = self._selection.ids
        rows = [row for row, move in enumerate(self._model.rows) if {move.migration.id, move.migration.vm_id} & ids]
        if rows != sorted(index.row() for index in self.table.selectionModel().selectedRows()):
            self._select_rows(rows)
        self._enable_buttons()

    def _select_rows(self, rows: Iterable[int]) -> None:
        chosen = QItemSelection()
        for row in rows:
            chosen.select(self._model.index(row, 0), self._model.index(row, len(COLUMNS) - 1))
        self.table.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _enable_buttons(self) -> None:
        some = bool(self.table.selectionModel().selectedRows())
        for button in self._buttons:
            set_enabled(button, some, refuge=self.table)


def _prediction(forecast: Run) -> str:
    """When the plan should be done, or how much of it never will be."""
    completed = [result for result in forecast.results if result.outcome is Outcome.COMPLETED]
    count, done_s = len(forecast.results), max((result.started_s + result.total_s for result in completed), default=0.0)
    if len(completed) == count:
        return f"predicted to be done after {format_duration(done_s)}"
    endless = sum(result.outcome is Outcome.NOT_CONVERGED for result in forecast.results)
    verdict = "would not converge" if endless == count - len(completed) else "would not complete"
    text = f"{count - len(completed)} of {edits.count(count, 'move')} {verdict}"
    return f"{text}, the rest is done after {format_duration(done_s)}" if completed else text
