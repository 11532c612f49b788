"""How areas of a chart are filled.

Hatching is drawn as lines, so that it is as fine on a 2x screen and in an SVG file as on a plain screen. Qt's own hatch
brushes are bitmaps, and stretch with the axes.
"""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

_HATCH_PX = 6.0


def fill(painter: QPainter, area: QRectF, brush: QBrush) -> None:
    """Fill `area` (pixels) with a plain brush, or with lines from bottom left to top right for a hatched one."""
    if brush.style() is Qt.BrushStyle.SolidPattern:
        painter.fillRect(area, brush.color())
        return
    tint = QColor(brush.color())
    tint.setAlphaF(0.28)
    painter.fillRect(area, tint)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(brush.color(), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawLines(_hatch(area))
    painter.restore()


def _hatch(area: QRectF) -> list[QLineF]:
    """Lines on which x + y is a multiple of the spacing, cut off at the edges of `area`."""
    lines = []
    total = math.ceil((area.left() + area.top()) / _HATCH_PX) * _HATCH_PX
    while total < area.right() + area.bottom():
        left, right = max(area.left(), total - area.bottom()), min(area.right(), total - area.top())
        lines.append(QLineF(left, total - left, right, total - right))
        total += _HATCH_PX
    return lines


class Bars(pg.BarGraphItem):
    """The horizontal bars of one series. Hatched ones are drawn here, all others by pyqtgraph."""

    def __init__(self) -> None:
        super().__init__(x0=np.zeros(0), y=np.zeros(0), width=np.zeros(0), height=0.5, pen=None, brush="w")
        self._brush = QBrush()

    def show_values(self, starts: np.ndarray, lengths: np.ndarray, thickness: float, brush: QBrush) -> None:
        """One bar in each row, in the units of the axis. `thickness` is the share of the row's height."""
        self._brush = brush
        middles = np.arange(len(starts)) + 0.5
        self.setOpts(x0=starts, width=lengths, y=middles, height=thickness, pen=None, brush=brush)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self._brush.style() is Qt.BrushStyle.SolidPattern:
            super().paint(painter, option, widget)
            return
        to_pixels = self.sceneTransform()
        painter.save()
        painter.setTransform(to_pixels.inverted()[0], combine=True)
        visible = self.getViewBox().sceneBoundingRect()
        for bar in self._rectarray.instances():
            area = to_pixels.mapRect(bar)
            if area.width() > 0 and area.intersects(visible):
                fill(painter, area, self._brush)
        painter.restore()
