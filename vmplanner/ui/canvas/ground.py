"""The ground that everything is drawn on: the window's colour with the dots of the grid."""

from functools import lru_cache
from math import ceil, floor

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from vmplanner.ui.theme import GRID, look

_DOTS = 3.0 * GRID
_TILE = 256


def draw_ground(painter: QPainter, rect: QRectF, zoom: float) -> None:
    """Fill `rect` (scene coordinates). From far away the dots are further apart in the scene, not on the screen.

    The dots are a picture that is kept while nobody zooms: a few thousand of them take longer than all cards.
    """
    step = _DOTS
    while step * zoom < 0.7 * _DOTS:
        step *= 2
    to_screen = painter.worldTransform()
    shown = to_screen.mapRect(rect)
    first = to_screen.map(QPointF(floor(rect.left() / step) * step, floor(rect.top() / step) * step))
    width, height = (ceil((length + 2 * step * zoom) / _TILE) * _TILE for length in (shown.width(), shown.height()))
    dots = _dots(width, height, step * zoom, painter.device().devicePixelRatioF(), look.theme.name)
    painter.save()
    painter.resetTransform()
    painter.setClipRect(shown.toAlignedRect())
    painter.drawPixmap(QPointF(round(first.x()), round(first.y())), dots)
    painter.restore()


@lru_cache(maxsize=3)
def _dots(width: int, height: int, step: float, ratio: float, theme_name: str) -> QPixmap:
    """The ground with a dot at its corner and at every `step` pixels from there."""
    pixmap = QPixmap(ceil(width * ratio), ceil(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(look.theme.window)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(look.theme.border, 1.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    columns, rows = range(ceil(width / step) + 1), range(ceil(height / step) + 1)
    painter.drawPoints([QPointF(column * step, row * step) for column in columns for row in rows])
    painter.end()
    return pixmap
