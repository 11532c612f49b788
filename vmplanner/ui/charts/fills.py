"""How areas of a chart are filled.

Hatching is drawn as lines, so that it is as fine on a 2x screen and in an SVG file as on a plain screen. Qt's own hatch
brushes are bitmaps, and stretch with the axes.
"""

import math
from collections.abc import Iterator

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

_HATCH_PX = 6.0
_LEVEL_PX = 4.0

_RISING = (Qt.BrushStyle.BDiagPattern, Qt.BrushStyle.DiagCrossPattern)
_FALLING = (Qt.BrushStyle.FDiagPattern, Qt.BrushStyle.DiagCrossPattern)
_LEVEL = (Qt.BrushStyle.HorPattern, Qt.BrushStyle.CrossPattern)
_UPRIGHT = (Qt.BrushStyle.VerPattern, Qt.BrushStyle.CrossPattern)


def fill(painter: QPainter, area: QRectF, brush: QBrush) -> None:
    """Fill `area` (pixels) with a plain brush, or with lines on a lighter ground for a hatched one. A rising hatch
    goes from bottom left to top right.
    """
    if brush.style() is Qt.BrushStyle.SolidPattern:
        painter.fillRect(area, brush.color())
        return
    painter.fillRect(area, ground(brush))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(brush.color(), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawLines(_hatch(area, brush.style()))
    painter.restore()


def ground(brush: QBrush) -> QColor:
    """The colour of an area that is too small for a pattern."""
    colour = QColor(brush.color())
    if brush.style() is not Qt.BrushStyle.SolidPattern:
        colour.setAlphaF(0.28)
    return colour


def _hatch(area: QRectF, style: Qt.BrushStyle) -> list[QLineF]:
    """Lines of a fixed raster, so that neighbours with one pattern join, cut off at the edges of `area`."""
    lines: list[QLineF] = []
    if style in _RISING:
        lines += _rising(area)
    if style in _FALLING:
        mirrored = QRectF(-area.right(), area.top(), area.width(), area.height())
        lines += [QLineF(-line.x1(), line.y1(), -line.x2(), line.y2()) for line in _rising(mirrored)]
    if style in _LEVEL:
        lines += [QLineF(area.left(), y, area.right(), y) for y in _steps(area.top(), area.bottom())]
    if style in _UPRIGHT:
        lines += [QLineF(x, area.top(), x, area.bottom()) for x in _steps(area.left(), area.right())]
    return lines


def _rising(area: QRectF) -> Iterator[QLineF]:
    """Lines on which x + y is a multiple of the spacing."""
    total = math.ceil((area.left() + area.top()) / _HATCH_PX) * _HATCH_PX
    while total < area.right() + area.bottom():
        left, right = max(area.left(), total - area.bottom()), min(area.right(), total - area.top())
        yield QLineF(left, total - left, right, total - right)
        total += _HATCH_PX


def _steps(start: float, end: float) -> Iterator[float]:
    place = math.ceil(start / _LEVEL_PX) * _LEVEL_PX + _LEVEL_PX / 2
    while place < end:
        yield place
        place += _LEVEL_PX
