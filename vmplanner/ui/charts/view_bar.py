"""The choices of how time stacks are looked at, in one row that gives a View."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from vmplanner.analysis.stack_view import Grouping, Measure, Sorting, Split, View
from vmplanner.ui.charts import captions
from vmplanner.ui.charts.choice import Choice
from vmplanner.ui.theme import GRID


class ViewBar(QWidget):
    """Signal: `changed()` when a person or `show_view` makes another choice."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.split: Choice[Split] = Choice("Parts", "What the parts of a bar stand for", captions.SPLIT_TITLES)
        self.measure: Choice[Measure] = Choice(
            "Length of a bar", "What the length of a bar says", captions.MEASURE_TITLES
        )
        self.group: Choice[Grouping] = Choice("Bars", "What one bar stands for", captions.GROUP_TITLES)
        self.order: Choice[Sorting] = Choice("Order", "In what order the bars are", captions.SORTING_TITLES)
        self.look_button = QPushButton("Look")
        self.look_button.setToolTip("Upright bars, small multiples, a logarithmic axis, patterns for print")
        menu = QMenu(self.look_button)
        self.vertical = _switch(menu, "Upright bars", "Stacks grow upwards, side by side")
        self.panels = _switch(menu, "Small multiples", "Runs or techniques beside each other, each in its own plot")
        self.log = _switch(menu, "Logarithmic axis (downtime)", "For downtimes that differ by orders of magnitude")
        self.patterns = _switch(menu, "Patterns for print", "Parts can be told apart without their colours")
        self.look_button.setMenu(menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        for widget in (self.split, self.measure, self.group, self.order):
            row.addWidget(widget)
            widget.chosen.connect(self._tell)
        row.addWidget(self.look_button)
        row.addStretch()
        for action in (self.vertical, self.panels, self.log, self.patterns):
            action.toggled.connect(lambda _on: self._tell())
        self._tell()

    @property
    def view(self) -> View:
        return View(
            self.split.value,
            self.measure.value,
            self.group.value,
            self.order.value,
            is_vertical=self.vertical.isChecked(),
            is_log=self.log.isChecked(),
            has_panels=self.panels.isChecked(),
            has_patterns=self.patterns.isChecked(),
        )

    def show_view(self, view: View) -> None:
        """Make the choices of another view."""
        blocked = self.blockSignals(True)
        self.split.choose(view.split)
        self.measure.choose(view.measure)
        self.group.choose(view.group)
        self.order.choose(view.order)
        for action, on in (
            (self.vertical, view.is_vertical),
            (self.panels, view.has_panels),
            (self.log, view.is_log),
            (self.patterns, view.has_patterns),
        ):
            action.setChecked(on)
        self.blockSignals(blocked)
        self._tell()

    def _tell(self) -> None:
        self.log.setEnabled(self.measure.value is Measure.DOWNTIME)
        self.changed.emit()


def _switch(menu: QMenu, title: str, tip: str) -> QAction:
    action = menu.addAction(title)
    action.setCheckable(True)
    action.setToolTip(tip)
    return action
