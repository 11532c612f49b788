"""Schedule: the start times that each order of the moves would give, what comes of them, and which to use."""

import threading
from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from vmplanner.domain.edits import count
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Change, Project
from vmplanner.domain.quantities import format_duration
from vmplanner.planning.scheduling.apply import apply_schedule
from vmplanner.planning.scheduling.choices import Choice, schedules_of, search_on
from vmplanner.planning.scheduling.jobs import Problem
from vmplanner.planning.scheduling.pins import late_pins
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.dialogs.search import Search
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.tables.rows import Column, RowModel, RowView

_IMPROVE_S = 600.0
_NOTHING_SOONER = "The search found nothing that is done sooner."
# Less than what a figure shows is no gain.
_SAME_S = 0.05

Answer = tuple[Problem, tuple[Choice, ...]]


def _order(choice: Choice) -> str:
    name = choice.schedule.name
    return name[:1].upper() + name[1:]


COLUMNS = (
    Column("Order", _order, tip_of=lambda choice: choice.explanation),
    Column("Done after", lambda choice: format_duration(choice.makespan_s), 104, right=True),
    Column(
        "Above the bound",
        lambda choice: f"{100 * choice.above_bound:.0f} %",
        128,
        right=True,
        about="How much longer than the lower bound: no order is done before that",
    ),
    Column(
        "All downtimes",
        lambda choice: format_duration(choice.rehearsal.downtime_s),
        116,
        right=True,
        about="How long all VMs together stand still",
    ),
)


class ScheduleDialog(QDialog):
    """`push(Change)` is called with the schedule that the person uses."""

    def __init__(
        self, parent: QWidget, project: Project, background: Background, push: Callable[[Change], None]
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._push = push
        self._problem: Problem | None = None
        self._best: Choice | None = None
        self.setWindowTitle("Schedule")
        title, explanation = QLabel("Schedule"), WrappedLabel(_explanation(project))
        title.setProperty("role", "title")
        explanation.setProperty("role", "muted")
        self._search = Search(background, self._show)
        self._search.cancelled.connect(self._cancelled)
        self._model = RowModel(COLUMNS)
        self.table = RowView(self._model, COLUMNS, "Orders of the moves")
        self.table.setSelectionMode(RowView.SelectionMode.SingleSelection)
        self.table.selectionModel().selectionChanged.connect(self._explain)
        self.note = WrappedLabel()
        self.note.setProperty("role", "muted")
        self._improve, self._use, cancel = (
            QPushButton("Improve"),
            QPushButton("Use this schedule"),
            QPushButton("Cancel"),
        )
        self._improve.setToolTip("Go on searching for a schedule that is done sooner. You can stop at any time.")
        self._use.setProperty("role", "primary")
        self._improve.clicked.connect(self._improve_best)
        self._use.clicked.connect(self._take)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self._improve, self._use, cancel):
            buttons.addWidget(button)
        self._choices = QWidget()
        choices = QVBoxLayout(self._choices)
        choices.setContentsMargins(0, 0, 0, 0)
        choices.setSpacing(8)
        choices.addWidget(self.table, 1)
        choices.addWidget(self.note)
        choices.addLayout(buttons)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._search)
        self._stack.addWidget(self._choices)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addWidget(explanation)
        layout.addWidget(self._stack, 1)
        open_with_size(self, 620, 480)
        self.finished.connect(self._leave)
        self._search.begin("Trying orders of the moves", partial(_tried, project))

    @property
    def chosen(self) -> Choice | None:
        rows = self.table.selectionModel().selectedRows()
        return self._model.rows[rows[0].row()] if rows else None

    def _show(self, answer: Answer | Choice | PlannerError) -> None:
        self._stack.setCurrentWidget(self._choices)
        if isinstance(answer, PlannerError):
            self._say(f"{str(answer)[:1].upper()}{str(answer)[1:]}.", "error")
            self._enable()
            return
        if isinstance(answer, Choice):
            others = [choice for choice in self._model.rows if choice.schedule.name != answer.schedule.name]
            rows = sorted([*others, answer], key=lambda choice: choice.rank)
        else:
            self._problem, found = answer
            rows = list(found)
        before, self._best = self._best, rows[0]
        self._model.show_rows(rows)
        self.table.selectRow(0)
        if isinstance(answer, Choice) and before is not None:
            gained_s = before.makespan_s - rows[0].makespan_s
            self._say(f"Done {format_duration(gained_s)} sooner." if gained_s > _SAME_S else _NOTHING_SOONER, "muted")

    def _explain(self) -> None:
        self._enable()
        choice = self.chosen
        if choice is None:
            return
        late = late_pins(self._project.plan, choice.schedule)
        text = f"{_order(choice)}: {choice.explanation}."
        if late:
            text += f" {count(len(late), 'pinned move')} can't start in time and will start later."
        self._say(text, "muted")

    def _say(self, text: str, role: str) -> None:
        self.note.show_text(text)
        self.note.setProperty("role", role)
        self.note.style().unpolish(self.note)
        self.note.style().polish(self.note)

    def _enable(self) -> None:
        self._use.setEnabled(self.chosen is not None)
        self._improve.setEnabled(self._problem is not None)

    def _improve_best(self) -> None:
        assert self._problem is not None
        assert self._best is not None
        problem, best, stop, tell = self._problem, self._best, self._search.stop_event(), self._search.tell
        project, plan = self._project, self._project.plan

        def search(given_up: threading.Event) -> Choice | PlannerError:
            try:
                return search_on(
                    project,
                    plan,
                    problem,
                    best,
                    time_limit_s=_IMPROVE_S,
                    progress=lambda seconds, bound_s: tell((seconds, bound_s)),
                    stop=stop,
                    given_up=given_up,
                )
            except PlannerError as refusal:
                return refusal

        self._stack.setCurrentWidget(self._search)
        self._search.begin("Looking for a schedule that is done sooner", search, as_text=_found, may_stop=True)

    def _take(self) -> None:
        choice = self.chosen
        assert choice is not None
        self._push(apply_schedule(self._project, self._project.plan.id, choice.schedule))
        self.accept()

    def _cancelled(self) -> None:
        if self._problem is None:
            self.reject()
        else:
            self._stack.setCurrentWidget(self._choices)

    def _leave(self) -> None:
        self._search.leave()
        self.deleteLater()


def _tried(project: Project, given_up: threading.Event) -> Answer | PlannerError:
    try:
        return schedules_of(project, project.plan, stop=given_up)
    except PlannerError as refusal:
        return refusal


def _explanation(project: Project) -> str:
    pinned = sum(migration.is_pinned for migration in project.plan.migrations)
    kept = f" {count(pinned, 'pinned move')} {'keeps its' if pinned == 1 else 'keep their'} start." if pinned else ""
    return f"Choose when each move of the plan starts.{kept}"


def _found(found: tuple[float, float]) -> str:
    seconds, bound_s = found
    return f"Done after {format_duration(seconds)}; no order is done before {format_duration(bound_s)}"
