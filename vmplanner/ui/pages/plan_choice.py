"""Which plan is current, and what can be done with its copies."""

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QPushButton, QWidget

from vmplanner.ui.document import Document
from vmplanner.ui.names import shortened
from vmplanner.ui.planner import Planner


class PlanChoice(QWidget):
    """A list of the plans, and a menu to copy, rename, delete and compare them."""

    def __init__(self, document: Document, planner: Planner) -> None:
        super().__init__()
        self._document = document
        self._ids: list[str] = []
        self.combo = QComboBox()
        self.combo.setAccessibleName("Plan")
        self.combo.setToolTip("The plan that is shown, run and saved as the current one")
        self.combo.setMinimumWidth(110)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.combo.activated.connect(lambda index: planner.choose_plan(self._ids[index]))
        self.button = QPushButton("Plans")
        self.button.setToolTip("Copy, rename, delete and compare plans")
        menu = QMenu(self.button)
        menu.addAction("Copy this plan", planner.copy_plan)
        menu.addAction("Rename...", planner.rename_plan)
        self._delete = menu.addAction("Delete this plan", planner.delete_plan)
        menu.addSeparator()
        self._compare = menu.addAction("Compare side by side...", planner.compare_plans)
        self.button.setMenu(menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.combo)
        layout.addWidget(self.button)

    def refresh(self) -> None:
        """Follow the document. The list has an order of its own, so that choosing moves nothing in it."""
        project = self._document.project
        plans = sorted(project.plans.values() or [project.plan], key=lambda plan: (plan.name, plan.id))
        self._ids = [plan.id for plan in plans]
        self.combo.blockSignals(True)
        self.combo.clear()
        self.combo.addItems([shortened(plan.name, 24) for plan in plans])
        self.combo.setCurrentIndex(self._ids.index(project.plan.id))
        self.combo.blockSignals(False)
        self.combo.setVisible(len(plans) > 1)
        self._delete.setEnabled(len(plans) > 1)
        self._compare.setEnabled(len(plans) > 1)
