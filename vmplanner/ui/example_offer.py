"""The examples that come with vmplanner, a click away: below the help on an empty canvas, and in a menu."""

from collections.abc import Callable
from functools import partial
from html import escape

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain.project import Project
from vmplanner.store.library import ExampleInfo, examples
from vmplanner.ui.canvas.first_help import FirstHelp
from vmplanner.ui.theme import look

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
    """A button for each example below the `first_help` of `canvas`, as long as a project has nothing to be drawn."""

    def __init__(self, canvas: QWidget, first_help: FirstHelp, open_example: Open) -> None:
        super().__init__(canvas)
        self._first_help = first_help
        self.setAccessibleName("Begin with an example")
        caption = QLabel("or begin with an example")
        caption.setProperty("role", "muted")
        row = QHBoxLayout()
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
        layout.addWidget(caption, alignment=Qt.AlignmentFlag.AlignCenter)
        layout.addLayout(row)
        first_help.installEventFilter(self)
        look.changed.connect(self._measure)

    def follow(self, project: Project) -> None:
        """Be there or not."""
        self.setVisible(not (project.hosts or project.switches or project.storages))
        self._measure()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show):
            self._place()
        return super().eventFilter(watched, event)

    def _measure(self) -> None:
        self.adjustSize()
        self._first_help.keep_free(self.height() + _GAP_PX)
        self._place()

    def _place(self) -> None:
        above = self._first_help.geometry()
        self.move(above.center().x() - self.width() // 2, above.bottom() + _GAP_PX)
        self.raise_()


def _tip(info: ExampleInfo) -> str:
    """As rich text a long sentence is wrapped."""
    return f"<b>{escape(info.title)}</b><br>{escape(info.description)}"
