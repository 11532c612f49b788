"""The examples that come with vmplanner, a click away: below the help on an empty canvas, and in a menu."""

from collections.abc import Callable
from functools import partial
from html import escape

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain.project import Project
from vmplanner.store.library import ExampleInfo, examples

_GAP_PX = 8

Open = Callable[[str], object]
"""Opens the example of a name as a new project."""


def example_menu(parent: QWidget, open_example: Open) -> QMenu:
    """An entry for each example; its tooltip says what it is."""
    menu = QMenu("New from an &example", parent)
    menu.setToolTipsVisible(True)
    for info in examples():
        action = menu.addAction(info.title, partial(open_example, info.name))
        action.setToolTip(_tip(info))
        action.setStatusTip(info.description)
    return menu


class ExampleOffer(QWidget):
    """A button for each example, for as long as a project has nothing to be drawn: under the `first_help` in the middle
    of `canvas`, as far as there is room.
    """

    def __init__(self, canvas: QWidget, first_help: QWidget, open_example: Open) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._first_help = first_help
        self._is_wanted = False
        self.setAccessibleName("Begin with an example")
        self._caption = QLabel("or begin with an example")
        self._caption.setProperty("role", "muted")
        row = self._buttons = QHBoxLayout()
        row.setSpacing(8)
        for info in examples():
            button = QPushButton(info.title.partition(":")[0])
            button.setToolTip(_tip(info))
            button.setAccessibleDescription(info.description)
            button.clicked.connect(lambda _checked=False, name=info.name: open_example(name))
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._caption, alignment=Qt.AlignmentFlag.AlignCenter)
        layout.addLayout(row)
        canvas.installEventFilter(self)

    def follow(self, project: Project) -> None:
        """Be there or not."""
        self._is_wanted = not (project.hosts or project.switches or project.storages)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        canvas = self._canvas.size()
        room_px = (canvas.height() - self._first_help.sizeHint().height()) // 2
        buttons_px = self._buttons.sizeHint().height() + _GAP_PX
        caption_px = self._caption.sizeHint().height() + _GAP_PX
        self._caption.setVisible(room_px >= buttons_px + caption_px)
        self.setVisible(self._is_wanted and room_px >= buttons_px)
        self.adjustSize()
        self.move((canvas.width() - self.width()) // 2, canvas.height() - room_px + _GAP_PX // 2)
        self.raise_()


def _tip(info: ExampleInfo) -> str:
    """As rich text a long sentence is wrapped."""
    return f"<b>{escape(info.title)}</b><br>{escape(info.description)}"
