"""Cells of tables and trees whose text has no room: names lose their middle, and a move keeps its arrow."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QPalette
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from vmplanner.ui.names import elided

# What the style sheet and the style leave free at the sides of a text.
_SIDES_PX = 20


class ElidedCells(QStyledItemDelegate):
    """Leaves out what does not fit, and keeps the colour of a text where its row is selected."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        room = option.rect.width() - _SIDES_PX  # type: ignore[attr-defined]
        if room > 0:
            metrics = option.fontMetrics  # type: ignore[attr-defined]
            option.text = elided(option.text, metrics.horizontalAdvance, room)  # type: ignore[attr-defined]
        colour = index.data(Qt.ItemDataRole.ForegroundRole)
        if isinstance(colour, QColor | QBrush):
            option.palette.setBrush(QPalette.ColorRole.HighlightedText, QBrush(colour))  # type: ignore[attr-defined]
