"""Finding things of the drawing by their names: a bar in the corner of the canvas, with a list of hits below it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout

from vmplanner.domain.quantities import grouped
from vmplanner.ui.canvas.spotlight import Spotlight
from vmplanner.ui.canvas.view import TopologyView
from vmplanner.ui.finding_names import Name, matching, names
from vmplanner.ui.names import shortened
from vmplanner.ui.tables.elided import ElidedCells

_WIDTH, _ROWS, _MARGIN = 320, 8, 12
_MOST_SHOWN = 200


class FindBar(QFrame):
    """Enter goes to the next hit, Shift+Enter to the one before, Up and Down through the list; Esc closes it."""

    def __init__(self, canvas: TopologyView) -> None:
        super().__init__(canvas)
        self.setProperty("role", "card")
        self.setAccessibleName("Find")
        self._canvas = canvas
        self._spotlight = Spotlight(canvas)
        self._hits: list[Name] = []
        self._at = -1
        self.field = QLineEdit(placeholderText="Find hosts, VMs, links ...")
        self.field.setAccessibleName("Find")
        self.field.setToolTip("Enter goes to the next hit, Shift+Enter to the one before, Esc closes")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self.list = QListWidget()
        self.list.setAccessibleName("What was found")
        self.list.setItemDelegate(ElidedCells(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(lambda item: self._go(self.list.row(item)))
        line = QHBoxLayout()
        line.addWidget(self.field, 1)
        line.addWidget(self.count)
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addLayout(line)
        layout.addWidget(self.list)
        canvas.installEventFilter(self)
        canvas.document.replaced.connect(self._forget)
        self.hide()

    def open(self) -> None:
        """Show the bar, ready to type into."""
        self.show()
        self.raise_()
        self.field.setFocus()
        self.field.selectAll()
        self._search(self.field.text())

    def close_bar(self) -> None:
        """Hide the bar; what was found stays selected."""
        self._spotlight.hide()
        self.hide()
        self._canvas.setFocus()

    def _forget(self) -> None:
        self._hits = []
        self._spotlight.hide()
        self.hide()

    @property
    def hits(self) -> list[Name]:
        return self._hits

    def _search(self, text: str) -> None:
        everything = names(self._canvas.document.project)
        self._hits = matching(text, ((each.name, each) for each in everything))
        self._at = -1
        self.list.clear()
        for hit in self._hits[:_MOST_SHOWN]:
            item = QListWidgetItem(f"{hit.name}   {hit.kind}")
            item.setToolTip(f"{shortened(hit.name, 200)}\n{hit.kind}")
            self.list.addItem(item)
        self._spotlight.hide()
        self._tell()
        self._place()

    def _tell(self) -> None:
        found = len(self._hits)
        if not self.field.text().strip():
            self.count.setText("")
        elif self._at >= 0:
            self.count.setText(f"{grouped(self._at + 1)} of {grouped(found)}")
        else:
            self.count.setText(grouped(found) if found else "Nothing found")

    def _go(self, at: int) -> None:
        """Show a hit: it is selected, in the middle of the view, with a frame around it."""
        if not self._hits:
            return
        self._at = at % len(self._hits)
        if self._at < self.list.count():
            self.list.setCurrentRow(self._at)
        self._spotlight.show(self._hits[self._at].ids)
        self._tell()

    def _place(self) -> None:
        rows = min(_ROWS, self.list.count())
        self.list.setVisible(rows > 0)
        self.list.setFixedHeight(rows * (self.list.sizeHintForRow(0) if rows else 0) + 4)
        self._layout.activate()
        width = min(_WIDTH, self._canvas.width() - 2 * _MARGIN)
        self.setGeometry(self._canvas.width() - width - _MARGIN, _MARGIN, width, self._layout.sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._canvas and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        elif watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Return: 1, Qt.Key.Key_Enter: 1}
            step = steps.get(Qt.Key(event.key()))
            if event.key() == Qt.Key.Key_Escape:
                self.close_bar()
                return True
            if step is not None:
                back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self._go(max(self._at, 0) - 1 if back else (self._at + step if self._at >= 0 else 0))
                return True
        return super().eventFilter(watched, event)
