"""A list of things with a line that says more below each name."""

from collections.abc import Iterable

from attrs import frozen
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from vmplanner.ui.names import breakable
from vmplanner.ui.theme import look, mixed

_ID = Qt.ItemDataRole.UserRole
_ENTRY = Qt.ItemDataRole.UserRole + 1
_INDENT = 18
_ICON = 16


@frozen(eq=False)
class Entry:
    """One line: `level` is how far it is moved in, `role` the colour of `detail`."""

    id: str
    name: str
    detail: str
    level: int = 0
    role: str = "muted"
    icon: QIcon | None = None


class NamedList(QListWidget):
    """`picked(str)` has the id of the current thing, "" for none. Filling it anew keeps that where it is still there;
    `shown_id` is what is current.
    """

    picked = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setProperty("role", "framed")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Lines(self))
        self.setUniformItemSizes(True)
        self.currentItemChanged.connect(lambda _now, _before: self.picked.emit(self.shown_id))
        look.changed.connect(self.viewport().update)

    @property
    def shown_id(self) -> str:
        item = self.currentItem()
        return "" if item is None else str(item.data(_ID))

    def fill(self, entries: Iterable[Entry], pick: str = "") -> None:
        """Show these; `pick` becomes the current one. When the current one is gone, the one in its place follows."""
        wanted, row = pick or self.shown_id, self.currentRow()
        self.blockSignals(True)
        self.clear()
        for entry in entries:
            item = QListWidgetItem(entry.name, self)
            item.setData(_ID, entry.id)
            item.setData(_ENTRY, entry)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.name}, {entry.detail}")
            item.setToolTip(f"{breakable(entry.name)}\n{breakable(entry.detail)}")
        rows = [place for place in range(self.count()) if self.item(place).data(_ID) == wanted]
        self.setCurrentRow(rows[0] if rows else min(max(row, 0), self.count() - 1))
        self.blockSignals(False)
        self.picked.emit(self.shown_id)


class _Lines(QStyledItemDelegate):
    """Draws an entry: its name, and below it what more there is to say."""

    def __init__(self, shown_in: QListWidget) -> None:
        super().__init__(shown_in)
        self._list = shown_in

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, 2 * option.fontMetrics.height() + 14)  # type: ignore[attr-defined]

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: Entry = index.data(_ENTRY)
        self.initStyleOption(option, index)
        metrics, area = option.fontMetrics, option.rect  # type: ignore[attr-defined]
        option.text = ""  # type: ignore[attr-defined]
        self._list.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, self._list)
        left = area.left() + 10 + _INDENT * entry.level
        right = area.right() - 8
        if entry.icon is not None:
            entry.icon.paint(painter, QRect(right - _ICON, area.center().y() - _ICON // 2, _ICON, _ICON))
            right -= _ICON + 6
        theme = look.theme
        painter.save()
        for text, top, colour in (
            (entry.name, area.top() + 6, theme.text),
            (entry.detail, area.top() + 7 + metrics.height(), getattr(theme, entry.role)),
        ):
            place = QRect(left, top, right - left, metrics.height())
            painter.setPen(colour if self._list.isEnabled() else mixed(colour, theme.surface, 0.5))
            painter.drawText(
                place,
                Qt.AlignmentFlag.AlignVCenter,
                metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width()),
            )
        painter.restore()
