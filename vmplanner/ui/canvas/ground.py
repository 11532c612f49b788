"""The ground that everything is drawn on: the window's colour with the dots of the grid."""

from math import ceil, floor

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from vmplanner.ui.theme import GRID, look

_DOTS = 3.0 * GRID


def draw_ground(painter: QPainter, rect: QRectF, zoom: float) -> None:
    """Fill `rect` (scene coordinates). From far away the dots are further apart in the scene, not on the screen."""
    painter.fillRect(rect, look.theme.window)
    step = _DOTS
    while step * zoom < 0.7 * _DOTS:
        step *= 2
    columns = range(floor(rect.left() / step), ceil(rect.right() / step) + 1)
    rows = range(floor(rect.top() / step), ceil(rect.bottom() / step) + 1)
    pen = QPen(look.theme.border, 1.6)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawPoints([QPointF(column * step, row * step) for column in columns for row in rows])
