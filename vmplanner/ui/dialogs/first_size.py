"""How large a dialog opens: as large as it likes, where the screen has the room."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog

# What a desktop puts around a window.
_FRAME = QSize(16, 48)
# A dialog fits a window of 1000x600.
LARGEST = QSize(960, 560)


def open_with_size(dialog: QDialog, width: int, height: int) -> None:
    """Give a new dialog its size in pixels, held to what fits on its screen."""
    room = dialog.screen().availableGeometry().size() - _FRAME
    dialog.resize(QSize(width, height).boundedTo(LARGEST).boundedTo(room))
