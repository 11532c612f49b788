"""Tells who has turned to another window that a run is over."""

from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

_KEY = "run/notify_at_end"
_SHOWN_MS = 10_000


class EndNotice(QObject):
    """A message of the desktop where it has a place for them (a system tray); else the window asks for attention in the
    task bar. A person may switch it off.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None

    @property
    def is_on(self) -> bool:
        return str(QSettings().value(_KEY, "true")) == "true"

    def switch(self, is_on: bool) -> None:
        """Whether to tell it from now on."""
        QSettings().setValue(_KEY, "true" if is_on else "false")

    def tell(self, sentence: str) -> None:
        """A run has ended as `sentence` says. Who looks at the window sees it there."""
        if not self.is_on or self._window.isActiveWindow():
            return
        if QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
            if self._tray is None:
                self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
                self._tray.setToolTip("vmplanner")
                self._tray.messageClicked.connect(self._come_to_front)
                self._tray.activated.connect(self._come_to_front)
            self._tray.show()
            self._tray.showMessage("vmplanner", sentence, self._window.windowIcon(), _SHOWN_MS)
        else:
            QApplication.alert(self._window)

    def _come_to_front(self) -> None:
        if self._tray is not None:
            self._tray.hide()
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.raise_()
        self._window.activateWindow()
