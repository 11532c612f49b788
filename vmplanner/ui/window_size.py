"""How large the window opens: as it was left, or as the screen has room for."""

from PySide6.QtCore import QSettings, QSize
from PySide6.QtWidgets import QMainWindow

_KEY = "geometry"
# All of it can be used in this, on a screen of 1280x800 at the scale 2.
_SMALLEST = QSize(600, 360)
_FRAME = QSize(16, 48)


def give(window: QMainWindow) -> None:
    """Give the window its size and place."""
    available = window.screen().availableGeometry().size()
    window.setMinimumSize(_SMALLEST.boundedTo(available))
    window.resize(first_size(available))
    geometry = QSettings().value(_KEY)
    if geometry is not None:
        window.restoreGeometry(geometry)


def keep(window: QMainWindow) -> None:
    """Remember its size and place for the next start."""
    QSettings().setValue(_KEY, window.saveGeometry())


def first_size(available: QSize) -> QSize:
    """The size of a window never opened before, on a screen with so much room: its frame must fit as well."""
    return QSize(1280, 800).boundedTo(available - _FRAME).expandedTo(_SMALLEST).boundedTo(available)
