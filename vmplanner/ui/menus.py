"""The window's menus and its toolbar, made of the table of actions."""

from collections.abc import Iterable, Mapping
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMenu, QToolBar, QWidget

from vmplanner.ui.actions import EXPORTS, MENUS, SEPARATOR, TOOLBAR
from vmplanner.ui.files import Files
from vmplanner.ui.names import shortened


class RecentMenu(QMenu):
    """The project files opened or saved lately."""

    def __init__(self, files: Files, parent: QWidget) -> None:
        super().__init__("Open &recent", parent)
        self._files = files
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        for path in self._files.known:
            self.addAction(shortened(str(path), 90).replace("&", "&&"), partial(self._files.open, path))
        if self.isEmpty():
            self.addAction("No project files yet").setEnabled(False)


def export_menu(window: QWidget, actions: Mapping[str, QAction]) -> QMenu:
    """What can be taken out of the window."""
    menu = QMenu("E&xport", window)
    _fill(menu, EXPORTS, actions, {})
    return menu


def fill_menu_bar(window: QMainWindow, actions: Mapping[str, QAction], submenus: Mapping[str, QMenu]) -> None:
    """The menus of the table, with `submenus` where it names them."""
    for title, entries in MENUS:
        _fill(window.menuBar().addMenu(title), entries, actions, submenus)


def _fill(menu: QMenu, entries: Iterable[str], actions: Mapping[str, QAction], submenus: Mapping[str, QMenu]) -> None:
    for entry in entries:
        if entry == SEPARATOR:
            menu.addSeparator()
        elif entry in submenus:
            menu.addMenu(submenus[entry])
        else:
            menu.addAction(actions[entry])


def tool_bar(actions: Mapping[str, QAction], last: QWidget) -> QToolBar:
    """The toolbar of the table, with `last` at its right end."""
    bar = QToolBar("Tools")
    bar.setMovable(False)
    bar.setIconSize(QSize(16, 16))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    for entry in TOOLBAR:
        if entry == SEPARATOR:
            bar.addSeparator()
        else:
            bar.addAction(actions[entry])
    spring = QWidget()
    box = QHBoxLayout(spring)
    box.setContentsMargins(0, 0, 0, 0)
    box.addStretch(1)
    box.addWidget(last)
    bar.addWidget(spring)
    return bar
