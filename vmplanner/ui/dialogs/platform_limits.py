"""What the platforms' default limits on migrations at the same time would cost on the plan."""

import threading
from functools import partial

from attrs import frozen
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QStackedWidget, QVBoxLayout, QWidget

from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.results import Provenance
from vmplanner.engine.runner import run_plan
from vmplanner.planning.scheduling.choices import schedules_of
from vmplanner.planning.scheduling.jobs import Limits
from vmplanner.planning.scheduling.platform_limits import platform_costs
from vmplanner.planning.waiting import in_windows
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.dialogs.search import Search
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.tables.rows import Column, RowModel, RowView


@frozen
class _Cost:
    name: str
    limits: Limits
    makespan_s: float
    difference_s: float
    known: str
    source: str


def _limits_text(cost: _Cost) -> str:
    limits = cost.limits
    parts = (
        (limits.total, "in all"),
        (limits.per_host, "per host"),
        (limits.sending, "from a host"),
        (limits.receiving, "to a host"),
    )
    return ", ".join(f"{number} {where}" for number, where in parts if number is not None)


def _difference(cost: _Cost) -> str:
    if abs(cost.difference_s) < 0.05:
        return "-"
    return f"{'+' if cost.difference_s > 0 else '-'}{format_duration(abs(cost.difference_s))}"


COLUMNS = (
    Column("Limits of", lambda cost: cost.name, tip_of=lambda cost: cost.source),
    Column("At the same time", _limits_text, 196),
    Column("Done after", lambda cost: format_duration(cost.makespan_s), 96, right=True),
    Column(
        "Difference",
        _difference,
        92,
        right=True,
        role_of=lambda cost: "bad" if cost.difference_s > 0.05 else "good" if cost.difference_s < -0.05 else "text",
    ),
    Column(
        "How known",
        lambda cost: cost.known,
        90,
        role_of=lambda cost: "warn" if cost.known == Provenance.RECALLED else "muted",
        tip_of=lambda cost: cost.source,
    ),
)


class PlatformLimitsDialog(QDialog):
    """A table to read."""

    def __init__(self, parent: QWidget, project: Project, background: Background) -> None:
        super().__init__(parent)
        self.setWindowTitle("What platform limits would cost")
        title = QLabel("What platform limits would cost")
        title.setProperty("role", "title")
        self.note = WrappedLabel(
            "The plan's moves in the best order that each platform's default limits allow, beside the best order under "
            "the plan's own."
        )
        self.note.setProperty("role", "muted")
        self._search = Search(background, self._show)
        self._search.cancelled.connect(self.reject)
        self._model = RowModel(COLUMNS)
        self.table = RowView(self._model, COLUMNS, "What platform limits would cost")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._search)
        self._stack.addWidget(self.table)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addWidget(self.note)
        layout.addWidget(self._stack, 1)
        layout.addWidget(buttons)
        open_with_size(self, 720, 440)
        self.finished.connect(self._leave)
        self._search.begin("Scheduling under each platform's limits", partial(_costs, project))

    def _show(self, answer: list[_Cost] | PlannerError) -> None:
        self._stack.setCurrentWidget(self.table)
        if isinstance(answer, PlannerError):
            self.note.show_text(f"{str(answer)[:1].upper()}{str(answer)[1:]}.")
        else:
            self._model.show_rows(answer)

    def _leave(self) -> None:
        self._search.leave()
        self.deleteLater()


def _costs(project: Project, given_up: threading.Event) -> list[_Cost] | PlannerError:
    plan = project.plan
    try:
        problem, choices = schedules_of(project, plan, stop=given_up)
        now = in_windows(project, plan, lambda held: run_plan(project, held, SimulatedBackend()).run).run
        costs = platform_costs(project, plan, problem, given_up)
    except PlannerError as refusal:
        return refusal
    own, limits = choices[0], problem.limits
    rows = [
        _Cost("This plan as it is", limits, now.makespan_s, now.makespan_s - own.makespan_s, "", "Its own starts"),
        _Cost("This plan in the best order", limits, own.makespan_s, 0.0, "", f"Order: {own.schedule.name}"),
    ]
    for cost in costs:
        platform, makespan_s = cost.platform, cost.schedule.makespan_s
        known = platform.provenance.value
        rows.append(
            _Cost(platform.name, platform.limits, makespan_s, makespan_s - own.makespan_s, known, platform.source)
        )
    return rows
