"""The strip at the bottom: what stands in the way of the plan, each line a way to the thing it is about.

Its line always has the same height, so that advice that comes while somebody draws moves nothing. The list below it is
opened by the person.
"""

from collections.abc import Iterable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vmplanner.domain import edits
from vmplanner.domain.project import Change
from vmplanner.planning.preflight import Finding, Severity
from vmplanner.ui.bridge import Advice
from vmplanner.ui.labels import ElidedLabel
from vmplanner.ui.names import breakable
from vmplanner.ui.severities import MEANINGS, symbol
from vmplanner.ui.theme import look

_ID = Qt.ItemDataRole.UserRole
_FIX = Qt.ItemDataRole.UserRole + 1
_BUTTON_PX = 72
_LINE_PX = 36
_LIST_PX = 112


class Findings(QWidget):
    """`chosen(str)` with the id of the thing that a finding is about; `fix_asked(Finding)` for its button."""

    chosen = Signal(str)
    fix_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        title = QLabel("FINDINGS")
        title.setProperty("role", "section")
        title.setToolTip("What the preflight, the check before anything moves, found in the plan")
        self._symbol = QLabel()
        self.summary = ElidedLabel()
        self.summary.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.summary.setProperty("role", "muted")
        self.first = ElidedLabel()
        self.opener = QToolButton()
        self.opener.setCheckable(True)
        self.opener.toggled.connect(self._show_list)
        line = QWidget()
        line.setFixedHeight(_LINE_PX)
        head = self._head = QHBoxLayout(line)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        for widget in (title, self._symbol, self.summary):
            head.addWidget(widget)
        head.addWidget(self.first, 1)
        head.addWidget(self.opener)
        self.list = QListWidget()
        self.list.setAccessibleName("Findings")
        self.list.setWordWrap(True)
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.list.setItemDelegate(_RoomForButton(self.list))
        self.list.setFixedHeight(_LIST_PX)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(lambda item: self.chosen.emit(item.data(_ID)))
        self.list.itemClicked.connect(lambda item: self.chosen.emit(item.data(_ID)))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(0)
        layout.addWidget(line)
        layout.addWidget(self.list)
        self._findings: tuple[Finding, ...] = ()
        self._selected: frozenset[str] = frozenset()
        look.changed.connect(self._fill)
        self.show_advice(Advice((), None), moves=0)
        self._show_list(False)

    def show_advice(self, advice: Advice, moves: int) -> None:
        """Show the findings on a plan of so many moves."""
        self._findings = advice.findings
        blocking, warning, informing = (
            sum(finding.severity is severity for finding in advice.findings) for severity in Severity
        )
        parts = [f"{blocking} that {'blocks' if blocking == 1 else 'block'} the plan"] if blocking else []
        parts += [edits.count(warning, "warning")] if warning else []
        if not parts:
            parts = ["Nothing blocks the plan" if moves else "No moves are planned yet"]
        parts += [edits.count(informing, "note")] if informing else []
        self.summary.setText(", ".join(parts))
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        for finding in self._findings:
            item = QListWidgetItem(
                symbol(finding.severity), breakable(f"{finding.message}. To mend it: {finding.mend}.")
            )
            item.setData(_ID, finding.thing_id)
            item.setToolTip(f"{MEANINGS[finding.severity]} Click to go there.")
            self.list.addItem(item)
            if finding.fix is not None:
                item.setData(_FIX, True)
                self.list.setItemWidget(item, self._fix_button(finding, finding.fix))
        self.list.setIconSize(QSize(14, 14))
        self.opener.setVisible(bool(self._findings))
        if not self._findings:
            self.opener.setChecked(False)
        self._symbol.setVisible(bool(self._findings))
        if self._findings:
            self._symbol.setPixmap(symbol(self._findings[0].severity).pixmap(14, 14))
        self._follow()
        self._head.activate()

    def select(self, ids: Iterable[str]) -> None:
        """Show what was found on the things with these ids before the rest."""
        self._selected = frozenset(ids)
        self._follow()

    def open(self, ids: Iterable[str]) -> None:
        """Show the list, with what was found on the things with these ids marked."""
        self.opener.setChecked(True)
        self.select(ids)

    def _follow(self) -> None:
        """The line tells the first finding on what is selected; the list marks all of them."""
        self.list.clearSelection()
        rows = [row for row, finding in enumerate(self._findings) if finding.thing_id in self._selected]
        for row in rows:
            self.list.item(row).setSelected(True)
        if rows and self.list.currentRow() not in rows:
            self.list.setCurrentRow(rows[0], QItemSelectionModel.SelectionFlag.NoUpdate)
        told = self._findings[rows[0] if rows else 0].message if self._findings else ""
        self.first.setText("" if self.opener.isChecked() else told)

    def _fix_button(self, finding: Finding, fix: Change) -> QWidget:
        """A button at the right end of a line; the line itself stays free for the pointer."""
        button = QPushButton("Fix")
        button.setProperty("role", "small")
        button.setToolTip(fix.title)
        button.setAccessibleName(f"Fix: {fix.title}")
        button.clicked.connect(lambda: self.fix_asked.emit(finding))
        place = QWidget()
        layout = QHBoxLayout(place)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.addStretch(1)
        layout.addWidget(button)
        return place

    def _show_list(self, is_open: bool) -> None:
        self.list.setVisible(is_open)
        self._follow()
        self.opener.setText("Hide" if is_open else "Show")
        self.opener.setAccessibleName(f"{self.opener.text()} the findings")
        self.opener.setToolTip(self.opener.accessibleName())


class _RoomForButton(QStyledItemDelegate):
    """Lets the text of a line with a button end before the button."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        if index.data(_FIX):
            option.rect = _without_button(option.rect)
        return super().sizeHint(option, index)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        if index.data(_FIX):
            # The ground is that of the whole line.
            option.widget.style().drawPrimitive(
                QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
            )
            option.rect = _without_button(option.rect)
            option.state &= ~(QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver)
        super().paint(painter, option, index)


def _without_button(line: QRect) -> QRect:
    return line.adjusted(0, 0, -_BUTTON_PX, 0)
