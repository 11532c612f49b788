"""A table as data: columns that say how to show a row, and one Qt model for all of them."""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve, frozen
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView

from vmplanner.ui.tables.elided import ElidedCells
from vmplanner.ui.theme import look

Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 34
# A column without a width shows so much of its texts before the table scrolls sideways.
_LEAST_STRETCH = 110
_LEAST_WITH_LONG_TEXTS = 190
# Texts that are still to come may be longer than those that are there.
_LEAST_SHARE = 0.75
_ROOT = QModelIndex()


@frozen
class Column:
    """One column: its heading, the text of a row, and how wide it is (0: it takes what is left, and is never too narrow
    for names). In a narrow table it shrinks to what its texts need; a still narrower one scrolls sideways.

    `role_of` names a colour of the theme for the text ('muted', 'good', ...), `tip_of` gives the tooltip, `about` that
    of the heading.
    """

    heading: str
    text_of: Callable[[Any], str]
    width: int = 0
    right: bool = False
    role_of: Callable[[Any], str] = lambda _row: "text"
    tip_of: Callable[[Any], str] = lambda _row: ""
    about: str = ""


class RowModel(QAbstractTableModel):
    """Rows of any values, with columns that know how to show them."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self._columns = list(columns)
        self.rows: list[Any] = []
        look.changed.connect(self.refresh)

    def show_rows(self, rows: Sequence[Any]) -> None:
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def name_column(self, number: int, heading: str) -> None:
        """Give a column another heading."""
        self._columns[number] = evolve(self._columns[number], heading=heading)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, number, number)

    def refresh(self) -> None:
        """The rows are the same but what they show may have changed."""
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self._columns) - 1))

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column, value = self._columns[index.column()], self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text_of(value)
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip_of(value) or column.text_of(value)
        if role == Qt.ItemDataRole.ForegroundRole:
            return getattr(look.theme, column.role_of(value))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].heading
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._columns[section].about or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self._columns[section].right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class RowView(QTableView):
    """A table that shows a RowModel: whole rows are selected, no grid, the columns fill the width."""

    def __init__(self, model: RowModel, columns: Sequence[Column], name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setItemDelegate(ElidedCells(self))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        # What needs how much room is asked of the rows that are seen: of a thousand it would take too long.
        header.setResizeContentsPrecision(0)
        header.setMinimumSectionSize(32)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._columns = columns
        model.modelReset.connect(self._fit_columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_columns()
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """What its texts need is known only of a table that is seen."""
        super().showEvent(event)
        self._fit_columns()

    def setColumnHidden(self, column: int, hide: bool) -> None:
        """The others share the room."""
        if hide is not self.isColumnHidden(column):
            super().setColumnHidden(column, hide)
            self._fit_columns()

    def _fit_columns(self) -> None:
        """Give columns their widths; where the others would get too little, down to what their texts need."""
        shown = {number: each for number, each in enumerate(self._columns) if not self.isColumnHidden(number)}
        widths = {number: column.width for number, column in shown.items() if column.width}
        least = {number: self._least_width(number) for number in shown if number not in widths}
        room = self.viewport().width()
        excess = sum(widths.values()) + sum(least.values()) - room
        header = self.horizontalHeader()
        for number, width in sorted(widths.items(), key=lambda one: -one[1]):
            needed = max(header.sectionSizeHint(number), self.sizeHintForColumn(number), round(_LEAST_SHARE * width))
            spared = min(max(0, excess), max(0, width - needed))
            excess -= spared
            widths[number] = width - spared
        # The neediest first: what it takes beyond an equal share is missing to the others.
        left, takers = room - sum(widths.values()), len(least)
        for number, needed in sorted(least.items(), key=lambda one: -one[1]):
            widths[number] = max(needed, left // takers)
            left, takers = left - widths[number], takers - 1
        for number, width in widths.items():
            self.setColumnWidth(number, width)

    def _least_width(self, number: int) -> int:
        """Of a column that takes what is left."""
        texts = max(self.horizontalHeader().sectionSizeHint(number), self.sizeHintForColumn(number))
        return min(max(texts, _LEAST_STRETCH), _LEAST_WITH_LONG_TEXTS)
