"""Light, dark or as the desktop: what the person has chosen, and the menu to choose in."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, QSettings
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from vmplanner.ui.actions import THEMES
from vmplanner.ui.theme import look

_KEY = "theme"


class ThemeChoice(QObject):
    """Uses a look at once, and keeps it in the settings."""

    def light(self) -> None:
        self._use("light")

    def dark(self) -> None:
        self._use("dark")

    def system(self) -> None:
        self._use("system")

    def menu(self, window: QWidget, actions: Mapping[str, QAction]) -> QMenu:
        """The choice, with a mark at the one that was made last."""
        menu, themes = QMenu("&Colours", window), QActionGroup(window)
        for theme in THEMES:
            themes.addAction(actions[theme])
            menu.addAction(actions[theme])
        actions[f"theme_{QSettings().value(_KEY, 'system')}"].setChecked(True)
        return menu

    def _use(self, name: str) -> None:
        QSettings().setValue(_KEY, name)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        look.use(application, name)
