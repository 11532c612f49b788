"""The application's own drawings (host, switch, storage, VM, link), in whatever colour they are wanted."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from vmplanner.shipped import RESOURCES


@lru_cache(maxsize=64)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    drawing = (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    return QSvgRenderer(QByteArray(drawing.encode()))


def draw_icon(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw resources/icons/<name>.svg into `rect`, its strokes in `colour`."""
    _renderer(name, colour.name()).render(painter, rect)


def icon_pixmap(name: str, colour: QColor, size: int, ratio: float) -> QPixmap:
    """The icon as a picture of `size` logical pixels for a screen with `ratio` device pixels in each."""
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_icon(painter, name, QRectF(0, 0, size, size), colour)
    painter.end()
    return pixmap
