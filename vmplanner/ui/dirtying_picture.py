"""A small drawing of how many distinct pages of a piece are written as time goes on: what its write pattern means."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from vmplanner.domain.machines import MeasuredCurve, Piece
from vmplanner.domain.quantities import SECONDS, grouped
from vmplanner.simulation.dirtying import Dirtying, Floats
from vmplanner.ui.theme import base_font, look

_FIRST_S, _LAST_S = 0.01, 1000.0
_SAMPLES = 121
_TOLD_S = (0.1, 1.0, 10.0, 100.0)
_LABEL_PX = 11


class DirtyingPicture(QWidget):
    """Distinct pages by time, both on logarithmic scales, with the points of a measured curve."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._piece: Piece | None = None
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, 130)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 110)

    def show_piece(self, piece: Piece | None) -> None:
        """Draw the pages of a piece that is written; nothing for None."""
        self._piece = piece
        text = ""
        if piece is not None:
            counts = zip(_TOLD_S, _distinct_pages(piece, np.array(_TOLD_S)), strict=True)
            lines = (f"{grouped(count)} in {SECONDS.format(seconds)}" for seconds, count in counts)
            text = "\n".join(("Distinct pages written:", *lines))
        self.setToolTip(text)
        self.setAccessibleName(text.replace("\n", "; ").replace(":;", ":"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(base_font(_LABEL_PX))
        if self._piece is not None:
            _Drawing(painter, QRectF(self.rect()), self._piece).draw(self._piece)
        painter.end()


class _Drawing:
    """One picture: its scales, and where on the widget a number of seconds and of pages is."""

    def __init__(self, painter: QPainter, area: QRectF, piece: Piece) -> None:
        self._painter = painter
        first_s, last_s = _FIRST_S, _LAST_S
        if isinstance(piece.pattern, MeasuredCurve):
            first_s, last_s = piece.pattern.points[0][0] / 2, piece.pattern.points[-1][0] * 2
        self._seconds = np.geomspace(first_s, last_s, _SAMPLES)
        self._pages = _distinct_pages(piece, self._seconds)
        most = float(self._pages[-1])
        # At least two powers of ten, so that a flat curve looks flat.
        self._bottom = min(math.floor(math.log10(self._pages[0])), math.log10(most) - 2)
        self._top = math.log10(most) + 0.1
        metrics = painter.fontMetrics()
        self._decades = range(math.ceil(self._bottom), math.floor(self._top) + 1)
        widest = max(metrics.horizontalAdvance(_pages_text(power)) for power in self._decades)
        self._plot = area.adjusted(widest + 8, 6, -10, -metrics.height() - 6)

    def draw(self, piece: Piece) -> None:
        self._draw_grid()
        theme, painter = look.theme, self._painter
        line = QPolygonF([self._at(t, n) for t, n in zip(self._seconds, self._pages, strict=True)])
        painter.setPen(QPen(theme.piece(piece.kind), 2))
        painter.drawPolyline(line)
        if isinstance(piece.pattern, MeasuredCurve):
            times_s = np.array([seconds for seconds, _ in piece.pattern.points])
            painter.setBrush(theme.surface)
            for seconds, pages in zip(times_s, _distinct_pages(piece, times_s), strict=True):
                painter.drawEllipse(self._at(seconds, pages), 3, 3)

    def _draw_grid(self) -> None:
        theme, painter, plot = look.theme, self._painter, self._plot
        height = painter.fontMetrics().height()
        flags = Qt.AlignmentFlag.AlignVCenter
        step = max(1, math.ceil(len(self._decades) * height / max(1.0, plot.height())))
        for power in self._decades[::step]:
            y = self._at(self._seconds[0], 10.0**power).y()
            self._line(QPointF(plot.left(), y), QPointF(plot.right(), y))
            box = QRectF(0, y - height / 2, plot.left() - 6, height)
            painter.drawText(box, flags | Qt.AlignmentFlag.AlignRight, _pages_text(power))
        powers = range(math.ceil(math.log10(self._seconds[0])), math.floor(math.log10(self._seconds[-1])) + 1)
        width = painter.fontMetrics().horizontalAdvance("100 ms") + 10
        step = max(1, math.ceil(len(powers) * width / max(1.0, plot.width())))
        for power in powers[::step]:
            x = self._at(10.0**power, 10.0**self._bottom).x()
            self._line(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            box = QRectF(x - width / 2, plot.bottom() + 4, width, height)
            painter.drawText(box, flags | Qt.AlignmentFlag.AlignHCenter, SECONDS.format(10.0**power))
        painter.setPen(QPen(theme.border, 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())

    def _line(self, begin: QPointF, end: QPointF) -> None:
        """A line of the grid; leaves the pen for its label."""
        self._painter.setPen(QPen(look.theme.grid, 1))
        self._painter.drawLine(begin, end)
        self._painter.setPen(look.theme.muted)

    def _at(self, seconds: float, pages: float) -> QPointF:
        first, last = math.log10(self._seconds[0]), math.log10(self._seconds[-1])
        across = (math.log10(seconds) - first) / (last - first)
        up = (math.log10(max(pages, 10.0**self._bottom)) - self._bottom) / (self._top - self._bottom)
        return QPointF(self._plot.left() + across * self._plot.width(), self._plot.bottom() - up * self._plot.height())


def _distinct_pages(piece: Piece, seconds: Floats) -> Floats:
    """The distinct pages of all classes of a piece; at least a thousandth of one, for the logarithm."""
    pages: Floats = Dirtying.of([piece]).distinct_pages(seconds[:, None]).sum(axis=1)
    return np.maximum(pages, 1e-3)


def _pages_text(power: int) -> str:
    return grouped(10.0**power, max(0, -power))
