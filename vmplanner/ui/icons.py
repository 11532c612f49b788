"""Action icons from QtAwesome, in the theme's colours. Called only once a QApplication exists."""

import qtawesome
from PySide6.QtGui import QColor, QIcon

from vmplanner.ui.theme import look


def icon(name: str, colour: QColor | None = None) -> QIcon:
    """An icon such as 'fa6s.play' in a colour, the theme's text colour if none is given."""
    return qtawesome.icon(name, color=colour or look.theme.text, color_disabled=look.theme.border)
