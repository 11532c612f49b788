"""What links carry over time, stacked by migration, and how many migrations run at once, each under its limit."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from vmplanner.analysis.link_loads import Array, LinkLoad
from vmplanner.domain.quantities import BYTES_PER_S, format_duration
from vmplanner.domain.results import MigrationResult
from vmplanner.ui.charts.hover_card import HoverCard
from vmplanner.ui.charts.time_axis import MARGIN_PX, NAMES_PX, TimeAxis
from vmplanner.ui.names import elided
from vmplanner.ui.theme import base_font, look

_TOP_PX = 18
_BOTTOM_PX = 6
# So many migrations have a colour of their own; all others share one.
_OWN_COLOURS = 8
_BIN_PX = 2.0
_NAMED = 5
# Rates are means over stretches of a migration, and several of these may together seem more than a link carries.
_MEANS = "above: means of rounds"
_NOTABLY = 1.01


class LoadChart(QWidget):
    """One link at a time, or the count of migrations; on the time axis of the timeline above it."""

    def __init__(self, axis: TimeAxis) -> None:
        super().__init__()
        self._axis = axis
        self._load: LinkLoad | None = None
        self._results: Sequence[MigrationResult] = ()
        self._at_most = 0
        self.setAccessibleName("Load over time")
        self.setMouseTracking(True)
        self.card = HoverCard(self)
        axis.changed.connect(self.update)
        axis.moment_changed.connect(self.update)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(560, 110)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 72)

    def show_link(self, load: LinkLoad) -> None:
        """What goes over a link."""
        self._load, self._results = load, ()
        self.setAccessibleDescription(f"{load.name}: carries at most {BYTES_PER_S.format(load.capacity_bytes_per_s)}")
        self.update()

    def show_count(self, results: Sequence[MigrationResult], at_most: int) -> None:
        """How many migrations run at once, of which there may be `at_most`."""
        self._load, self._results, self._at_most = None, results, at_most
        self.setAccessibleDescription(f"Migrations at once, {at_most} at most")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._look_at(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._look_at(event)
        elif event.position().x() < NAMES_PX or not self._axis.end_s:
            self.card.hide()
        else:
            self.card.show_at(event.position().toPoint(), self._sentence(self._seconds(event.position().x())))

    def leaveEvent(self, event: object) -> None:
        self.card.hide()

    def _look_at(self, event: QMouseEvent) -> None:
        if event.position().x() >= NAMES_PX:
            self._axis.set_moment(self._seconds(event.position().x()))

    def _seconds(self, x: float) -> float:
        return self._axis.seconds(x)

    def _sentence(self, seconds: float) -> str:
        """What is there at a moment, the most first."""
        when = f"at {format_duration(max(0.0, seconds)) if seconds > 0 else '0 s'}"
        if self._load is None:
            count = int(self._counts(np.array([seconds, seconds]))[0])
            return f"{count} at once {when}, {self._at_most} may be"
        edges = np.array([seconds, seconds + _BIN_PX / self._axis.px_per_s])
        rates = sorted(((float(flow.rates(edges)[0]), flow.vm) for flow in self._load.flows), reverse=True)
        busy = [(rate, vm) for rate, vm in rates if rate > 0]
        of = BYTES_PER_S.format(self._load.capacity_bytes_per_s)
        lines = [f"{BYTES_PER_S.format(sum(rate for rate, _ in busy))} of {of} {when}"]
        lines += [f"{vm}: {BYTES_PER_S.format(rate)}" for rate, vm in busy[:_NAMED]]
        if len(busy) > _NAMED:
            lines.append(f"and {len(busy) - _NAMED} more")
        return "\n".join(lines)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = look.theme
        painter.fillRect(self.rect(), theme.surface)
        plot = QRectF(NAMES_PX + MARGIN_PX, _TOP_PX, self._axis.plot_px, 0)
        plot.setBottom(self.height() - _BOTTOM_PX)
        if self._axis.last_s > self._axis.first_s and plot.width() > 4:
            edges = np.linspace(self._axis.first_s, self._axis.last_s, max(2, int(plot.width() / _BIN_PX)) + 1)
            self._paint_layers(painter, plot, edges)
            if self._axis.first_s <= self._axis.moment_s <= self._axis.last_s:
                x = self._axis.x(self._axis.moment_s)
                painter.fillRect(QRectF(x - 0.75, 0, 1.5, self.height()), theme.accent)
        painter.end()

    def _paint_layers(self, painter: QPainter, plot: QRectF, edges: Array) -> None:
        """The layers from the bottom up, the limit as a line, and at the left what the line stands for."""
        theme = look.theme
        if self._load is not None:
            limit, layers = self._load.capacity_bytes_per_s, self._layers(self._load, edges)
            said, name = BYTES_PER_S.format(limit), self._load.name
        else:
            limit, layers = float(self._at_most), [(self._counts(edges), theme.accent)]
            said, name = f"{self._at_most} may be", "Moves at once"
        peak = max([limit, *[float(layer.max()) for layer, _ in layers[-1:]]])
        scale = plot.height() / (peak * 1.05) if peak > 0 else 0.0
        painter.setPen(Qt.PenStyle.NoPen)
        left = np.linspace(plot.left(), plot.right(), len(edges))
        # The highest first: each layer covers what is below it.
        for heights, colour in reversed(layers):
            steps = [QPointF(plot.left(), plot.bottom())]
            for place, height in enumerate(heights):
                y = plot.bottom() - height * scale
                steps += [QPointF(left[place], y), QPointF(left[place + 1], y)]
            steps.append(QPointF(plot.right(), plot.bottom()))
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF(steps))
        y = plot.bottom() - limit * scale
        painter.setPen(QPen(theme.bad, 1.2, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setPen(QPen(theme.border, 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        font = base_font(11)
        painter.setFont(font)
        advance = QFontMetricsF(font).horizontalAdvance
        painter.setPen(theme.text)
        painter.drawText(QPointF(MARGIN_PX, _TOP_PX + 14), elided(name, advance, NAMES_PX - MARGIN_PX))
        painter.setPen(theme.muted)
        painter.drawText(QPointF(MARGIN_PX, _TOP_PX + 30), said)
        if self._load is not None and peak > limit * _NOTABLY:
            painter.drawText(QPointF(MARGIN_PX, _TOP_PX + 46), _MEANS)

    def _layers(self, load: LinkLoad, edges: Array) -> list[tuple[Array, QColor]]:
        """The tops of the layers: first those of all that have no colour of their own."""
        theme = look.theme
        flows = sorted(load.flows, key=lambda flow: -flow.sent_bytes[-1])
        own, rest = flows[:_OWN_COLOURS], flows[_OWN_COLOURS:]
        top: Array = np.zeros(len(edges) - 1)
        layers: list[tuple[Array, QColor]] = []
        for flow in rest:
            top = top + flow.rates(edges)
        if rest:
            layers.append((top, theme.muted))
        for place, flow in enumerate(own):
            top = top + flow.rates(edges)
            layers.append((top, theme.series(place)))
        return layers

    def _counts(self, edges: Array) -> Array:
        """How many run in each bin, by what is so at its middle."""
        middles = (edges[:-1] + edges[1:]) / 2
        starts = np.sort([result.started_s for result in self._results])
        ends = np.sort([result.started_s + result.total_s for result in self._results])
        counts = np.searchsorted(starts, middles, side="right") - np.searchsorted(ends, middles, side="right")
        return np.asarray(counts, dtype=np.float64)
