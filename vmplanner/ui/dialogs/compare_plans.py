"""Plans side by side: a column for each, a row for each figure."""

import threading
from functools import partial

from attrs import evolve
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.edits import count
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.engine.runner import run_plan
from vmplanner.planning.forecast import checked
from vmplanner.planning.plan_figures import PlanFigures, figures_of
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.dialogs.search import Search
from vmplanner.ui.names import breakable, shortened
from vmplanner.ui.tables.rows import ROW_HEIGHT
from vmplanner.ui.theme import base_font

_NARROWEST_PX = 120


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else format_duration(seconds) if seconds else "0 s"


def _findings(figures: PlanFigures) -> str:
    parts = [f"{figures.blocking} blocking" if figures.blocking else "", count(figures.warnings, "note")]
    return ", ".join(part for part in parts if part) if figures.blocking or figures.warnings else "none"


def _moves(figures: PlanFigures) -> str:
    blocked = f", {figures.left_out} blocked" if figures.left_out else ""
    return f"{len(figures.plan.migrations)}{blocked}"


ROWS = (
    ("Moves", _moves, lambda each: len(each.plan.migrations)),
    ("Done after", lambda each: _time(each.makespan_s), lambda each: each.makespan_s),
    ("Lower bound", lambda each: _time(each.bound_s), lambda each: None),
    ("All downtimes", lambda each: _time(each.downtime_s), lambda each: each.downtime_s),
    (
        "Sent",
        lambda each: "-" if each.sent_bytes is None else BYTES.format(each.sent_bytes),
        lambda each: each.sent_bytes,
    ),
    ("Would not complete", lambda each: str(each.unfinished), lambda each: each.unfinished),
    ("Findings", _findings, lambda each: each.blocking),
)


class ComparePlans(QDialog):
    """A table to read; the least of each row is bold."""

    def __init__(self, parent: QWidget, project: Project, background: Background) -> None:
        super().__init__(parent)
        self.setWindowTitle("Plans side by side")
        title = QLabel("Plans side by side")
        title.setProperty("role", "title")
        self._search = Search(background, self._show)
        self._search.cancelled.connect(self.reject)
        self.table = QTableWidget()
        self.table.setAccessibleName("Plans side by side")
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setShowGrid(False)
        self.table.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._search)
        self._stack.addWidget(self.table)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addWidget(self._stack, 1)
        layout.addWidget(buttons)
        open_with_size(self, 640, 420)
        self.finished.connect(self._leave)
        plans = sorted(project.plans.values(), key=lambda plan: plan.name)
        self._search.begin("Simulating each plan", partial(_all_figures, project, plans))

    def _show(self, found: list[PlanFigures]) -> None:
        table = self.table
        table.setRowCount(len(ROWS))
        table.setColumnCount(len(found))
        table.setHorizontalHeaderLabels([shortened(each.plan.name, 24) for each in found])
        table.setVerticalHeaderLabels([title for title, _, _ in ROWS])
        for row, (_, text_of, value_of) in enumerate(ROWS):
            values = [value_of(each) for each in found]
            known = [value for value in values if value is not None]
            for column, each in enumerate(found):
                item = QTableWidgetItem(text_of(each))
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                is_least = values[column] is not None and values[column] == min(known) < max(known)
                item.setFont(base_font(bold=is_least))
                item.setToolTip(breakable(each.plan.name))
                table.setItem(row, column, item)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(_NARROWEST_PX)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._stack.setCurrentWidget(table)

    def _leave(self) -> None:
        self._search.leave()
        self.deleteLater()


def _all_figures(project: Project, plans: list[Plan], given_up: threading.Event) -> list[PlanFigures]:
    found = []
    for plan in plans:
        if given_up.is_set():
            break
        found.append(_figures(project, plan))
    return found


def _figures(project: Project, plan: Plan) -> PlanFigures:
    """The plan checked and simulated, without what is blocked."""
    alone = evolve(project, plans={plan.id: plan})
    return figures_of(alone, plan, checked(alone, plan, lambda held: run_plan(alone, held, SimulatedBackend()).run))
