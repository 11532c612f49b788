"""Predicted against measured: one mark for each migration, on the diagonal where the two are equal.

Both axes are logarithmic, so that the same distance from the diagonal is the same relative error everywhere. The view
can't be moved or zoomed; what is under the mouse is told on a card.
"""

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum

import numpy as np
import pyqtgraph as pg
from attrs import frozen
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from vmplanner.analysis.measured_runs import group_title
from vmplanner.analysis.validate import Case
from vmplanner.domain.quantities import BYTES, MIB, format_duration
from vmplanner.ui.charts import legend
from vmplanner.ui.charts.hover_card import HoverCard
from vmplanner.ui.theme import base_font, look

_SYMBOLS = ("o", "t1", "s", "d")
_MARK_PX = 9
_TOLERANCE = 0.1


class Compared(StrEnum):
    """Which figure of the migrations is compared."""

    TOTAL = "total"
    DOWNTIME = "downtime"
    TRANSFERRED = "transferred"


@frozen
class Point:
    """One migration: measured and predicted in seconds or bytes, and what the card says of it."""

    name: str
    measured: float
    predicted: float

    def text(self, compared: Compared) -> str:
        words = [_text(value, compared) for value in (self.predicted, self.measured)]
        error = f"{100 * (self.predicted / self.measured - 1):+.1f} %"
        return f"{self.name}\npredicted {words[0]}, measured {words[1]} ({error})"


def points(cases: Iterable[Case], compared: Compared) -> dict[str, list[Point]]:
    """What can be compared, by group."""
    found: dict[str, list[Point]] = {}
    for case in cases:
        run, prediction = case.run, case.prediction
        if prediction is None or not prediction.converged:
            continue
        pairs = {
            Compared.TOTAL: (run.total_s, prediction.total_s),
            Compared.DOWNTIME: (run.downtime_s, prediction.downtime_s),
            Compared.TRANSFERRED: (run.transferred_bytes, prediction.transferred_bytes),
        }
        measured, predicted = pairs[compared]
        if measured and predicted > 0:
            found.setdefault(group_title(run.group), []).append(Point(run.name, measured, predicted))
    return found


class AccuracyChart(QWidget):
    """The plot with its legend below."""

    def __init__(self) -> None:
        super().__init__()
        self._cases: list[Case] = []
        self._groups: list[str] = []
        self.compared = Compared.TOTAL
        # Not a PlotWidget: that comes with menus, which would outlive the chart.
        self.plot = pg.GraphicsView()
        self.plot.setAntialiasing(True)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view = pg.ViewBox(enableMouse=False, enableMenu=False)
        self._axes = {"measured": _Axis("bottom"), "predicted": _Axis("left")}
        self._arrange()
        self.legend = _Legend()
        self.card = HoverCard(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.legend)
        self.setMinimumHeight(220)
        self.setAccessibleName("Predicted against measured")
        look.changed.connect(self._draw)
        self._draw()

    def show_cases(self, cases: Sequence[Case]) -> None:
        self._cases = list(cases)
        self._groups = sorted({group_title(case.run.group) for case in cases})
        self._draw()

    def show_compared(self, compared: Compared) -> None:
        self.compared = compared
        self._draw()

    def _arrange(self) -> None:
        """The axes to the left of the marks and below them."""
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(8, 12, 16, 8)
        layout.setSpacing(0)
        layout.addItem(self._axes["predicted"], 0, 0)
        layout.addItem(self._view, 0, 1)
        layout.addItem(self._axes["measured"], 1, 1)
        for axis in self._axes.values():
            axis.linkToView(self._view)
        self.plot.setCentralItem(layout)

    def _draw(self) -> None:
        theme = look.theme
        self.card.hide()
        self._view.clear()
        self.plot.setBackground(theme.surface)
        shown = points(self._cases, self.compared)
        for word, axis in self._axes.items():
            axis.compared = self.compared
            axis.setPen(theme.border)
            axis.setTextPen(theme.muted)
            axis.setTickFont(base_font(11))
            axis.setLabel(word, **{"color": theme.muted.name(), "font-size": "12px"})
        self.legend.show_marks([(name, *self._look_of(name)) for name in self._groups if name in shown])
        values = [value for group in shown.values() for point in group for value in (point.measured, point.predicted)]
        if not values:
            return
        low, high = math.log10(min(values)) - 0.1, math.log10(max(values)) + 0.1
        self._view.setRange(xRange=(low, high), yRange=(low, high), padding=0)
        band = math.log10(1 + _TOLERANCE)
        diagonal = np.array([low - 1, high + 1])
        for shift in (-band, 0, band):
            style = Qt.PenStyle.DotLine if shift else Qt.PenStyle.SolidLine
            self._view.addItem(pg.PlotCurveItem(diagonal, diagonal + shift, pen=pg.mkPen(theme.muted, style=style)))
        for name, group in shown.items():
            colour, symbol = self._look_of(name)
            fill = QColor(colour)
            fill.setAlphaF(0.75)
            marks = pg.ScatterPlotItem(
                x=[math.log10(point.measured) for point in group],
                y=[math.log10(point.predicted) for point in group],
                data=group,
                size=_MARK_PX,
                symbol=symbol,
                pen=pg.mkPen(theme.surface, width=1),
                brush=fill,
                hoverable=True,
                hoverPen=pg.mkPen(theme.text, width=1.5),
                tip=None,
            )
            marks.sigHovered.connect(self._tell)
            self._view.addItem(marks)
        self._describe(shown)

    def _look_of(self, group: str) -> tuple[QColor, str]:
        """A group keeps its colour and mark, whatever is compared."""
        index = self._groups.index(group)
        return look.theme.series(index), _SYMBOLS[index // 7 % len(_SYMBOLS)]

    def _describe(self, shown: dict[str, list[Point]]) -> None:
        """For screen readers: every point in words."""
        words = [point.text(self.compared) for group in shown.values() for point in group]
        self.setAccessibleDescription("\n".join(words).replace("\npredicted", ": predicted"))

    def _tell(self, _marks: object, hovered: Sequence[pg.SpotItem]) -> None:
        if not len(hovered):
            self.card.hide()
            return
        text = "\n".join(spot.data().text(self.compared) for spot in hovered[:3])
        at = self.plot.mapFromScene(self._view.mapViewToScene(hovered[0].pos()))
        self.card.show_at(self.plot.mapTo(self, at), text)


class _Axis(pg.AxisItem):
    """Ticks at 1, 2 and 5 times a power of ten, in words; values are logarithms of seconds or bytes."""

    compared = Compared.TOTAL

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, _size: float) -> list[tuple[float, list[float]]]:
        unit = math.log10(MIB) if self.compared is Compared.TRANSFERRED else 0.0
        wide = high - low > 2
        ticks = [
            unit + decade + math.log10(step)
            for decade in range(math.floor(low - unit), math.ceil(high - unit) + 1)
            for step in ((1,) if wide else (1, 2, 5))
        ]
        return [(1.0, [tick for tick in ticks if low <= tick <= high])]

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        return [_text(10**value, self.compared) for value in values]


class _Legend(QWidget):
    """The marks of the groups, in as many lines as they need."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[legend.Entry] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_marks(self, marks: Iterable[tuple[str, QColor, str]]) -> None:
        """Groups with their colours and symbols."""
        self._entries = [legend.Entry(name, _sample(colour, symbol)) for name, colour, symbol in marks]
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return math.ceil(legend.height(self._chips(width)))

    def sizeHint(self) -> QSize:
        return QSize(400, self.heightForWidth(max(400, self.width())))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        legend.paint(painter, self._chips(self.width()), QPointF(0, 0), base_font(12), look.theme.text)
        painter.end()

    def _chips(self, width: float) -> list[legend.Chip]:
        return legend.wrapped(self._entries, base_font(12), width)


def _sample(colour: QColor, symbol: str) -> legend.Sample:
    def paint(painter: QPainter, area: QRectF) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(area.center())
        painter.scale(_MARK_PX + 1, _MARK_PX + 1)
        painter.setPen(QPen(Qt.PenStyle.NoPen))
        painter.setBrush(colour)
        painter.drawPath(pg.graphicsItems.ScatterPlotItem.Symbols[symbol])
        painter.restore()

    return paint


def _text(value: float, compared: Compared) -> str:
    return BYTES.format(value) if compared is Compared.TRANSFERRED else format_duration(value)
