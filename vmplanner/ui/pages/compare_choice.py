"""What a run is compared with: other runs, the forecast, every technique, or a plain pre-copy."""

from collections.abc import Sequence
from enum import Enum, auto

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from vmplanner.domain.results import Run

_MOST_RUNS = 20


class Against(Enum):
    """What the plan is held against, in place of runs."""

    NOTHING = auto()
    TECHNIQUES = auto()
    PLAIN = auto()


class CompareChoice(QPushButton):
    """A button with a menu. Signal: `changed()`."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Compare", parent)
        self.setToolTip("Compare the run with others, with what was predicted, or with what else could be done")
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addSection("With other runs")
        predicts = "What the simulation predicts of the plan as it is now"
        self._forecast = self._entry(menu, "Forecast of the plan", predicts)
        menu.addSection("The plan")
        self._techniques = self._entry(
            menu,
            "Every technique",
            "Simulate each migration of the plan alone by every technique that its hypervisor has: what would have "
            "been better?",
        )
        self._plain = self._entry(
            menu,
            "What is saved",
            "Simulate each migration of the plan alone, and show what its technique and options save against a plain "
            "pre-copy",
        )
        self._runs: dict[str, QAction] = {}
        self.setMenu(menu)

    @property
    def against(self) -> Against:
        if self._techniques.isChecked():
            return Against.TECHNIQUES
        return Against.PLAIN if self._plain.isChecked() else Against.NOTHING

    @property
    def with_forecast(self) -> bool:
        return self._forecast.isChecked()

    @property
    def run_ids(self) -> list[str]:
        """The runs to compare with, in the order of the menu."""
        return [run_id for run_id, action in self._runs.items() if action.isChecked()]

    def choose_forecast(self) -> None:
        """Compare with the forecast, if that is offered."""
        if self._forecast.isEnabled():
            self._forecast.setChecked(True)

    def choose_run(self, run: Run) -> None:
        """Compare with this run, if that is offered."""
        if run.id in self._runs:
            self._runs[run.id].setChecked(True)

    def offer(self, runs: Sequence[Run], shown: Run | None, *, has_plan: bool) -> None:
        """Offer the newest of `runs` but the one that is `shown`; what was chosen stays chosen where it can."""
        chosen = set(self.run_ids)
        for action in self._runs.values():
            self.menu().removeAction(action)
        self._runs = {}
        for run in [run for run in runs if run is not shown][:_MOST_RUNS]:
            action = QAction(f"{run.name}  ·  {run.started_at.astimezone():%d %b %H:%M}", self.menu())
            action.setCheckable(True)
            action.setChecked(run.id in chosen)
            action.toggled.connect(self._run_toggled)
            self.menu().insertAction(self._forecast, action)
            self._runs[run.id] = action
        self._forecast.setEnabled(has_plan and shown is not None)
        for entry in (self._techniques, self._plain):
            entry.setEnabled(has_plan)
        self.setEnabled(has_plan or len(runs) > 1)

    def _entry(self, menu: QMenu, title: str, tip: str) -> QAction:
        action = menu.addAction(title)
        action.setCheckable(True)
        action.setToolTip(tip)
        action.toggled.connect(lambda on, action=action: self._toggled(action, on))
        return action

    def _toggled(self, action: QAction, on: bool) -> None:
        """Only one of the plan's comparisons can be seen, and none of them beside runs."""
        if on:
            others = {self._techniques, self._plain, self._forecast} - {action}
            if action is not self._forecast:
                others |= set(self._runs.values())
            self._switch_off(others)
        self.changed.emit()

    def _run_toggled(self, on: bool) -> None:
        if on:
            self._switch_off({self._techniques, self._plain})
        self.changed.emit()

    def _switch_off(self, actions: set[QAction]) -> None:
        for action in actions:
            blocked = action.blockSignals(True)
            action.setChecked(False)
            action.blockSignals(blocked)
