"""The window's menus and its toolbar, made of the table of actions."""

from collections.abc import Mapping

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMenu, QToolBar, QWidget

from vmplanner.ui.actions import MENUS, SEPARATOR, THEMES, TOOLBAR


def theme_menu(window: QMainWindow, actions: Mapping[str, QAction]) -> QMenu:
    """The choice of colours, with a mark at the one that was chosen last."""
    menu, themes = QMenu("&Colours", window), QActionGroup(window)
    for theme in THEMES:
        themes.addAction(actions[theme])
        menu.addAction(actions[theme])
    actions[f"theme_{QSettings().value('theme', 'system')}"].setChecked(True)
    return menu


def fill_menu_bar(window: QMainWindow, actions: Mapping[str, QAction], submenus: Mapping[str, QMenu]) -> None:
    """The menus of the table, with `submenus` where it names them."""
    for title, entries in MENUS:
        menu = window.menuBar().addMenu(title)
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
