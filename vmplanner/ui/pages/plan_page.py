"""The page Plan: what moves where, in which order, what it is predicted to take, and how it goes on in time."""

from collections.abc import Iterable, Mapping

from attrs import evolve
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSplitter, QVBoxLayout, QWidget

from vmplanner.domain import edits
from vmplanner.domain.project import Change, Edit
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.results import Outcome, Run
from vmplanner.planning.scheduling.timing import Timing
from vmplanner.ui.bridge import Advice
from vmplanner.ui.document import Document
from vmplanner.ui.labels import ElidedLabel
from vmplanner.ui.pages.empty import OrEmpty
from vmplanner.ui.pages.plan_choice import PlanChoice
from vmplanner.ui.pages.plan_moment import PlanMoment
from vmplanner.ui.pages.plan_table import CLOCK, COLUMNS, SPARED, Move, moves_of
from vmplanner.ui.pages.plan_tools import PlanTools
from vmplanner.ui.planner import Planner
from vmplanner.ui.selection import Selection
from vmplanner.ui.tables.rows import RowModel, RowView

EXCLUDE_KEY = "Ctrl+E"
_LEAST_TABLE_PX = 104
_LEAST_MOMENT_PX = 140
_NARROW_PX = 820
_VERY_NARROW_PX = 700
_MARGINS = (20, 16, 20, 16)
_NARROW_MARGINS = (8, 8, 8, 8)


class PlanPage(QWidget):
    """A table of planned moves with their predicted times, and below it the plan at the moment looked at."""

    def __init__(self, document: Document, selection: Selection, planner: Planner) -> None:
        super().__init__()
        self._document = document
        self._selection = selection
        self._planner = planner
        self._forecast: Run | None = None
        self._timing: Timing | None = None
        self._blocked: Mapping[str, str] = {}
        self._model = RowModel(COLUMNS)
        self.table = RowView(self._model, COLUMNS, "Planned moves")
        self.table.setMinimumHeight(_LEAST_TABLE_PX)
        self.table.doubleClicked.connect(lambda _index: self._change())
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_menu)
        QShortcut(QKeySequence(EXCLUDE_KEY), self.table, self._exclude, context=Qt.ShortcutContext.WidgetShortcut)
        self._summary = ElidedLabel()
        self._summary.setProperty("role", "muted")
        title = QLabel("Planned moves")
        title.setProperty("role", "title")
        self.choice = PlanChoice(document, planner)
        self.tools = PlanTools(
            document,
            planner,
            self.table,
            (
                ("Move up", lambda: self._shift(-1)),
                ("Move down", lambda: self._shift(1)),
                ("Pin", self._pin),
                ("Change...", self._change),
                ("Exclude", self._exclude),
                ("Remove", lambda: document.push(edits.delete(document.project, self._chosen_ids()))),
            ),
        )
        self.tools.buttons["Exclude"].setToolTip(
            f"Leave the VMs out of the plan, or take them in again  ({EXCLUDE_KEY})"
        )
        self.moment = PlanMoment(document)
        self.moment.setMinimumHeight(_LEAST_MOMENT_PX)
        self.moment.shifted.connect(planner.start_at)
        self.moment.chosen.connect(lambda migration_id: selection.select([migration_id]))
        head = QHBoxLayout()
        head.addWidget(title)
        head.addSpacing(8)
        head.addWidget(self._summary, 1)
        head.addWidget(self.choice)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(self.moment)
        splitter.setSizes([230, 330])
        splitter.setChildrenCollapsible(False)
        self._table_or_empty = OrEmpty(
            splitter,
            "Nothing is planned yet",
            "On the page Topology, drag a VM from its host to another one. Or say what you intend: Plan for me.",
        )
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(*_MARGINS)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self.tools)
        layout.addWidget(self._table_or_empty, 1)
        document.changed.connect(self._refresh)
        document.replaced.connect(self._replaced)
        self.table.selectionModel().selectionChanged.connect(self._tell_selection)
        # A click on a row that is selected already, for its VM, means the move itself.
        self.table.clicked.connect(self._tell_selection)
        selection.changed.connect(self._follow_selection)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow page names matter more than what the inspector shows as well."""
        super().resizeEvent(event)
        is_narrow = self.width() < _VERY_NARROW_PX
        self._layout.setContentsMargins(*(_NARROW_MARGINS if is_narrow else _MARGINS))
        self.tools.make_narrow(is_narrow)
        for column in SPARED:
            self.table.setColumnHidden(column, self.width() < _NARROW_PX)

    def show_advice(self, advice: Advice) -> None:
        """Predicted times for the plan as it stands."""
        self._forecast, self._timing, self._blocked = advice.forecast, advice.timing, advice.blocked
        self._fill()
        pinned = [m.id for m in self._document.project.plan.migrations if m.is_pinned]
        self.moment.show_forecast(advice.forecast, advice.timing, pinned)
        self._follow_selection()

    def _replaced(self) -> None:
        self.moment.show_forecast(None, None, ())
        self._refresh()

    def _refresh(self) -> None:
        """The times are those of another plan until the next advice comes; the timeline may show them as long."""
        self._forecast = self._timing = None
        self._blocked = {}
        self.choice.refresh()
        self.tools.refresh()
        self.moment.suspend()
        self._fill()

    def _fill(self) -> None:
        moves = moves_of(self._document.project, self._forecast, self._blocked)
        self.table.setColumnHidden(CLOCK, self._document.project.plan.starts_at is None)
        self._model.show_rows(moves)
        self._table_or_empty.show_content(bool(moves))
        out = sum(move.is_excluded for move in moves)
        text = edits.count(len(moves) - out, "move") if moves else ""
        text += f", {out} excluded" if out else ""
        if self._blocked:
            text += f" · {len(self._blocked)} blocked"
        if self._forecast is not None:
            without = "without them " if len(self._blocked) > 1 else "without it " if self._blocked else ""
            text += f" · {without}{_prediction(self._forecast, self._timing)}"
        window_s = self._document.project.plan.window_s
        is_late = window_s is not None and self._forecast is not None and self._forecast.makespan_s > window_s
        if window_s is not None and moves:
            text += f" · {'LATE: ' if is_late else ''}to be done within {format_duration(window_s)}"
        self._summary.setText(text)
        self._follow_selection()

    def _chosen(self) -> list[Move]:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self._model.rows[row] for row in rows]

    def _chosen_ids(self) -> list[str]:
        return [move.migration.id for move in self._chosen()]

    def _planned(self) -> list[Move]:
        """Of the chosen moves those that are in the plan."""
        return [move for move in self._chosen() if not move.is_excluded]

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
        self._document.push(Change(title, (Edit(plan, evolve(plan, migrations=migrations)),)))

    def _pin(self) -> None:
        """Pin the chosen moves to the start times that are shown; unpin them when all of them are pinned."""
        planned = self._planned()
        if self._are_pinned():
            self._planner.unpin([move.migration.id for move in planned])
            return
        self._planner.pin({move.migration.id: move.start_s for move in planned if not move.migration.is_pinned})

    def _are_pinned(self) -> bool:
        planned = self._planned()
        return bool(planned) and all(move.migration.is_pinned for move in planned)

    def _change(self) -> None:
        if planned := self._planned():
            self._planner.change_moves([move.migration.id for move in planned])

    def _exclude(self) -> None:
        """Leave the chosen moves out of the plan; include them again when all of them are excluded."""
        bar = self.table.verticalScrollBar()
        before, chosen, above_px = self._document.project.plan, self._chosen(), bar.value()
        next_id = self._next_id(self._planned() or chosen)
        if planned := self._planned():
            self._planner.exclude([move.migration.id for move in planned])
        elif chosen:
            self._planner.include([move.migration.id for move in chosen])
        if self._document.project.plan != before and next_id:
            # The rows go elsewhere: the person goes on where they were, not where they are now.
            self._selection.select([next_id])
            bar.setValue(above_px)

    def _next_id(self, going: list[Move]) -> str:
        """The move of the same kind in the row that comes to where these are, or the one before; "" for none."""
        if not going:
            return ""
        vm_ids, last = {move.migration.vm_id for move in going}, self._model.rows.index(going[-1])
        staying = [
            (row, move)
            for row, move in enumerate(self._model.rows)
            if move.is_excluded == going[-1].is_excluded and move.migration.vm_id not in vm_ids
        ]
        below = [move for row, move in staying if row > last]
        above = [move for row, move in staying if row < last]
        return below[0].migration.id if below else above[-1].migration.id if above else ""

    def _open_menu(self, at: QPoint) -> None:
        menu = self.context_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.table.viewport().mapToGlobal(at))

    def context_menu(self) -> QMenu:
        """What the buttons do with the chosen moves."""
        menu = QMenu(self)
        for button in self.tools.buttons.values():
            menu.addAction(button.text(), button.click).setEnabled(button.isEnabled())
        return menu

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
        self.moment.select([self._model.rows[row].migration.id for row in rows])
        self._enable_buttons()

    def _select_rows(self, rows: Iterable[int]) -> None:
        chosen = QItemSelection()
        for row in rows:
            chosen.select(self._model.index(row, 0), self._model.index(row, len(COLUMNS) - 1))
        self.table.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if not chosen.isEmpty():
            self.table.scrollTo(chosen.indexes()[0])

    def _enable_buttons(self) -> None:
        chosen, planned = bool(self._chosen()), bool(self._planned())
        buttons = self.tools.buttons
        self.tools.enable(buttons if planned else ("Exclude", "Remove") if chosen else ())
        buttons["Pin"].setText("Unpin" if self._are_pinned() else "Pin")
        buttons["Exclude"].setText("Include" if chosen and not planned else "Exclude")


def _prediction(forecast: Run, timing: Timing | None) -> str:
    """When the plan should be done and how good that is, or how much of it never will be."""
    completed = [result for result in forecast.results if result.outcome is Outcome.COMPLETED]
    count, done_s = len(forecast.results), max((result.started_s + result.total_s for result in completed), default=0.0)
    if len(completed) == count:
        above = round(100 * timing.above_bound) if timing else 0
        return f"predicted to be done after {format_duration(done_s)}" + (
            f", {above} % above the lower bound" if above else ""
        )
    endless = sum(result.outcome is Outcome.NOT_CONVERGED for result in forecast.results)
    verdict = "would not converge" if endless == count - len(completed) else "would not complete"
    text = f"{count - len(completed)} of {edits.count(count, 'move')} {verdict}"
    return f"{text}, the rest is done after {format_duration(done_s)}" if completed else text
