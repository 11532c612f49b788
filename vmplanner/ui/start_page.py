"""The first page: what one can begin with. A new drawing, a file, an example, or work that was not saved."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vmplanner.domain.edits import count
from vmplanner.store import library
from vmplanner.store.library import ExampleInfo
from vmplanner.ui.canvas.small_picture import picture_of
from vmplanner.ui.disk_work import DiskWork, OnDisk, Work
from vmplanner.ui.files import Files
from vmplanner.ui.names import shortened
from vmplanner.ui.recent_rows import RecentRow, saved_at
from vmplanner.ui.theme import look

_CARD_PX, _PICTURE, _CARD_EDGE_PX, _GAP_PX = 272, QSize(246, 140), 12, 12
_SIDE_PX, _WIDEST_PX = 24, 3 * _CARD_PX + 2 * _GAP_PX
_DEEDS = (("new", "New project"), ("open", "Open a file..."), ("import", "Import an inventory..."))


class StartPage(QScrollArea):
    """Offers what can be begun with. `left()`: the drawing is wanted instead.

    The pictures of the examples are drawn one by one while the page is shown, so that it is there at once.
    """

    left = Signal()

    def __init__(self, files: Files, actions: Mapping[str, QAction]) -> None:
        super().__init__(widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Start page")
        self._files = files
        self._actions = actions
        self._deeds = {name: QPushButton(title) for name, title in _DEEDS}
        self.back = QPushButton()
        self.back.setToolTip("Go on with what is open  (Esc)")
        self.back.clicked.connect(self.left)
        self._work = _Line()
        self._cards = [ExampleCard(info) for info in library.examples()]
        self._recent = QVBoxLayout()
        self._rows: dict[Path, RecentRow] = {}
        self._disk = DiskWork(self)
        self._no_recent = QLabel("Projects that you open or save are listed here.")
        self._no_recent.setProperty("role", "muted")
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP_PX)
        for card in self._cards:
            card.clicked.connect(lambda _checked=False, name=card.info.name: files.new_from_example(name))
            self._grid.addWidget(card)
        self._draw_next = QTimer(self, singleShot=True, interval=0)
        self._draw_next.timeout.connect(self._draw_one)
        self._build()
        files.recent_changed.connect(self._show_recent)
        look.changed.connect(self._forget_pictures)

    def _build(self) -> None:
        title = QLabel("vmplanner")
        title.setProperty("role", "figure")
        about = QLabel("Draw a data centre, plan which VMs move, and see how long each move takes.")
        about.setProperty("role", "muted")
        about.setWordWrap(True)
        deeds = QHBoxLayout()
        deeds.setSpacing(8)
        for name, button in self._deeds.items():
            button.clicked.connect(lambda _checked=False, name=name: self._actions[name].trigger())
            deeds.addWidget(button)
        self._deeds["new"].setProperty("role", "primary")
        deeds.addStretch(1)
        self._work.button.clicked.connect(self._actions["recover"].trigger)
        body = self._body = QVBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(title)
        body.addWidget(about)
        body.addSpacing(8)
        body.addLayout(deeds)
        body.addWidget(self.back, alignment=Qt.AlignmentFlag.AlignLeft)
        body.addSpacing(8)
        body.addWidget(self._work)
        body.addSpacing(4)
        body.addWidget(_heading("EXAMPLES"))
        body.addLayout(self._grid)
        body.addSpacing(12)
        body.addWidget(_heading("RECENT PROJECTS"))
        body.addLayout(self._recent)
        body.addWidget(self._no_recent)
        body.addStretch(1)
        middle = QWidget()
        middle.setMaximumWidth(_WIDEST_PX)
        middle.setLayout(body)
        page = QWidget()
        across = QHBoxLayout(page)
        across.setContentsMargins(_SIDE_PX, 32, _SIDE_PX, 24)
        across.addStretch(1)
        across.addWidget(middle, 1000)
        across.addStretch(1)
        self.setWidget(page)

    def offer(self, drawing: str) -> None:
        """Show the page afresh. `drawing` is the name of what is open and would be gone back to, "" if nothing is."""
        self.back.setVisible(bool(drawing))
        self.back.setText(f"Back to {shortened(drawing)}".replace("&", "&&"))
        for name, button in self._deeds.items():
            button.setToolTip(self._actions[name].toolTip())
        self._show_recent()
        self._deeds["new"].setFocus()

    def stop(self) -> None:
        """The window closes."""
        self._disk.stop()

    def _show_recent(self) -> None:
        for row in self._rows.values():
            self._recent.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = {path: RecentRow(path) for path in self._files.known}
        for row in self._rows.values():
            row.opened.connect(self._files.open)
            row.removed.connect(self._files.forget)
            self._recent.addWidget(row)
        self._no_recent.setVisible(not self._rows)
        if self.isVisible():
            self._disk.do(self._ask_disk())

    def _ask_disk(self) -> Work:
        """A disk may be slow: what is on it is told when it is known."""
        paths, files = tuple(self._rows), self._files

        def look_at_files() -> tuple[dict[Path, datetime | None], int]:
            return {path: saved_at(path) for path in paths}, files.count_unsaved()

        times, unsaved = yield OnDisk("Looking for recent projects", look_at_files)
        for path, at in times.items():
            if path in self._rows:
                self._rows[path].show_saved_at(at)
        self._work.setVisible(unsaved > 0)
        self._work.say(f"{count(unsaved, 'project')} with unsaved changes can be recovered.")
        return True

    # The pictures

    def _forget_pictures(self) -> None:
        for card in self._cards:
            card.has_picture = False
        if self.isVisible():
            self._draw_next.start()

    def _draw_one(self) -> None:
        """One at a time: what is clicked or typed meanwhile comes first."""
        for card in self._cards:
            if not card.has_picture:
                card.draw()
                self._draw_next.start()
                return

    # Events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw_next.start()
        self._disk.do(self._ask_disk())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._draw_next.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = min(_WIDEST_PX, self.viewport().width() - 2 * _SIDE_PX)
        columns = max(1, (room + _GAP_PX) // (_CARD_PX + _GAP_PX))
        for index, card in enumerate(self._cards):
            self._grid.addWidget(card, index // columns, index % columns)
        for column in range(len(self._cards) + 1):
            self._grid.setColumnStretch(column, int(column == columns))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class ExampleCard(QPushButton):
    """An example with its picture, as one button."""

    def __init__(self, info: ExampleInfo) -> None:
        super().__init__()
        self.info = info
        self.has_picture = False
        self.setProperty("role", "card")
        self.setAccessibleName(f"Example: {info.title}")
        self.setAccessibleDescription(info.description)
        self.setToolTip("Open this example as a new project")
        self._picture = QLabel()
        self._picture.setFixedSize(_PICTURE)
        title, about = QLabel(info.title), QLabel(info.description)
        title.setProperty("role", "word")
        about.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_CARD_EDGE_PX, _CARD_EDGE_PX, _CARD_EDGE_PX, _CARD_EDGE_PX)
        layout.setSpacing(6)
        for label in (self._picture, title, about):
            label.setWordWrap(label is not self._picture)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(label)
        layout.addStretch(1)

    @property
    def picture(self) -> QPixmap:
        return self._picture.pixmap()

    def draw(self) -> None:
        """Draw the example's topology."""
        self._picture.setPixmap(picture_of(library.example(self.info.name), _PICTURE, self.devicePixelRatioF()))
        self.has_picture = True

    def sizeHint(self) -> QSize:
        layout = self.layout()
        assert layout is not None
        return QSize(_CARD_PX, layout.heightForWidth(_CARD_PX))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()


class _Line(QFrame):
    """That there is unsaved work, and the way to it."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self.button = QPushButton("Recover...")
        self.button.setAccessibleName("Recover unsaved work")
        self.button.setToolTip("See what was not saved, and open it again")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.addWidget(self._text, 1)
        layout.addWidget(self.button)
        self.hide()

    def say(self, text: str) -> None:
        self._text.setText(text)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "section")
    return label
