"""The picture of time stacks: names, bars, axis and legend, all in one scene, on a screen or in a file.

The scene is in pixels. Only the bars are in the units of the axis, inside a pyqtgraph ViewBox that shows as many rows
as fit; everything else is painted around them by two layers, one behind the bars and one before them.
"""

import math
from collections.abc import Callable, Iterable

import numpy as np
import pyqtgraph as pg
from attrs import frozen
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vmplanner.analysis.time_stacks import Measure, Series, Split, TimeStacks
from vmplanner.domain.results import Metric, Provenance, ReferenceFigure
from vmplanner.ui.charts import captions, legend
from vmplanner.ui.charts.fills import Bars
from vmplanner.ui.charts.ticks import Tick, ticks
from vmplanner.ui.theme import Theme, base_font

ROW_PX = 36
BAR_PX = 18
MARGIN_PX = 16
_AXIS_PX = 28
_TITLE_PX = 52
_GAP_PX = 8
_WORD_GAP_PX = 4
_TICK_ROOM_PX = 84
_NAMES_SHARE = 0.26
_NARROWEST_PART_PX = 4

METRIC_OF = {Measure.SECONDS: Metric.TOTAL_S, Measure.BYTES: Metric.TRANSFERRED_BYTES}
"""The reference figures that can be marked on an axis of that measure."""

NOTHING = TimeStacks(Split.PHASE, (), ())


@frozen
class Title:
    """A heading for a picture that stands alone."""

    text: str
    below: str


class _Layer(QGraphicsItem):
    """A function that paints, as an item of the scene."""

    def __init__(self, area: Callable[[], QRectF], draw: Callable[[QPainter], None], z: float) -> None:
        super().__init__()
        self._area, self._draw = area, draw
        self.setZValue(z)

    def boundingRect(self) -> QRectF:
        return self._area()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        self._draw(painter)


class TimeStackPicture(pg.GraphicsView):
    """Signal: `arranged()` after the layout changed. A row may be the current one, another the one under the cursor."""

    arranged = Signal()

    def __init__(self, theme: Theme, title: Title | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.stacks = NOTHING
        self.measure = Measure.SECONDS
        self.hidden_px = 0
        self.current_row: int | None = None
        self._theme = theme
        self._title = title
        self._figures: dict[str, list[ReferenceFigure]] = {}
        self._scroll_px = 0
        self.hovered_row: int | None = None
        self._name_font, self._small_font, self._detail_font = base_font(), base_font(11), base_font(12)
        self._total_font, self._title_font = base_font(12, bold=True), base_font(16, bold=True)
        self._area = QRectF(0, 0, 1, 1)
        self._plot = QRectF(0, 0, 1, 1)
        self._px_per_unit = 1.0
        self._chips: list[legend.Chip] = []
        self._ticks: list[Tick] = []
        self._view = pg.ViewBox(enableMouse=False, enableMenu=False, invertY=True)
        self._view.disableAutoRange()
        self._view.setZValue(0)
        self._bars: list[Bars] = []
        self.scene().addItem(self._view)
        self.scene().addItem(_Layer(lambda: self._area, self._paint_ground, -1))
        self.scene().addItem(_Layer(lambda: self._area, self._paint_words, 1))
        self._measure_values()

    # What is shown

    def set_stacks(self, stacks: TimeStacks, figures: Iterable[ReferenceFigure]) -> None:
        """Show other stacks, with the reference figures of their migrations. The scroll position stays where it can."""
        self.stacks = stacks
        known = {stack.migration_id for stack in stacks.stacks}
        self._figures = {}
        for figure in figures:
            if figure.migration_id in known:
                self._figures.setdefault(figure.migration_id, []).append(figure)
        if self.current_row is not None and self.current_row >= len(stacks.stacks):
            self.current_row = None
        self._measure_values()

    def set_measure(self, measure: Measure) -> None:
        self.measure = measure
        self._measure_values()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._measure_values()

    def set_current_row(self, row: int | None) -> None:
        self.current_row = row
        self.scene().update()

    def scroll_to(self, pixels: int) -> None:
        """How far the rows are moved up, from 0 to `hidden_px`; always by whole rows, so that no text is cut."""
        self._scroll_px = min(max(0, round(pixels / ROW_PX) * ROW_PX), self.hidden_px)
        self._view.setYRange(self._scroll_px / ROW_PX, (self._scroll_px + self._plot.height()) / ROW_PX, padding=0)
        self.scene().update()

    def brush(self, series: Series) -> QBrush:
        """The fill of a series, in the picture's theme; what was saved is hatched."""
        if series.is_saving:
            savings = [one for one in self.stacks.series if one.is_saving]
            return QBrush(self._theme.series(savings.index(series)), Qt.BrushStyle.BDiagPattern)
        if series.kind is not None:
            return self._theme.piece_brush(series.kind)
        assert series.phase is not None, "a series is a phase or a kind of data"
        rounds = max((one.round for one in self.stacks.series), default=1)
        return self._theme.phase_brush(series.phase, series.round, rounds)

    def figures_of(self, row: int) -> list[ReferenceFigure]:
        """The reference figures that are marked in a row: those of the measure that is shown."""
        metric = METRIC_OF.get(self.measure)
        return [one for one in self._figures.get(self.stacks.stacks[row].migration_id, []) if one.metric is metric]

    def legend_labels(self) -> list[str]:
        return [chip.entry.label for chip in self._chips]

    # Layout

    def lay_out(self, width: float, height: float | None = None) -> float:
        """Arrange all in `width` x `height` pixels, without a height for all rows. Returns the height for all rows."""
        rows_px = ROW_PX * len(self.stacks.stacks)
        left = MARGIN_PX + min(self._names_px, width * _NAMES_SHARE) + 2 * _GAP_PX
        across = max(40.0, width - left - MARGIN_PX)
        self._chips = legend.wrapped(self._entries(), self._detail_font, width - 2 * MARGIN_PX)
        legend_px = legend.height(self._chips)
        top = MARGIN_PX + (_TITLE_PX if self._title else 0) + (legend_px + 2 * _GAP_PX if legend_px else 0)
        needed = top + rows_px + _AXIS_PX + MARGIN_PX / 2
        room = rows_px if height is None else max(ROW_PX, height - (needed - rows_px))
        down = min(rows_px, room // ROW_PX * ROW_PX)
        self._area = QRectF(0, 0, width, needed if height is None else height)
        self._plot = QRectF(round(left), round(top), round(across), round(down))
        self.hidden_px = round(rows_px - down)
        self._fit_axis()
        for item in self.scene().items():
            if isinstance(item, _Layer):
                item.prepareGeometryChange()
        self._view.setGeometry(self._plot)
        self._view.setXRange(0, self._plot.width() / self._px_per_unit, padding=0)
        self.scroll_to(self._scroll_px)
        self.arranged.emit()
        return needed

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None:  # None comes from pyqtgraph while the view is being made
            self.lay_out(self.width(), self.height())

    def _fit_axis(self) -> None:
        """The largest scale at which every bar and mark has room for the words after it."""
        room = np.maximum(self._plot.width() - self._endings_px - 2 * _GAP_PX, self._plot.width() / 5)
        longest = self._ends > 0
        self._px_per_unit = float(np.min(room[longest] / self._ends[longest])) if longest.any() else self._plot.width()
        largest = float(self._ends.max(initial=0.0))
        at_most = max(2, int(largest * self._px_per_unit / _TICK_ROOM_PX) + 1)
        fits = self._plot.width() / self._px_per_unit * (1 + 1e-9)
        self._ticks = [tick for tick in ticks(largest, self.measure, at_most) if tick.value <= fits]

    def _measure_values(self) -> None:
        """Everything that depends on the numbers but not on the size of the picture."""
        stacks = self.stacks
        self.setBackground(self._theme.surface)
        self._values = stacks.values(self.measure)
        self._starts = np.cumsum(self._values, axis=1) - self._values
        count = len(stacks.stacks)
        marks = [max((figure.value for figure in self.figures_of(row)), default=0.0) for row in range(count)]
        self._ends = np.maximum(self._values.sum(axis=1), marks)
        self._endings = [captions.ending(stack, self.measure) for stack in stacks.stacks]
        name, small, total = map(QFontMetricsF, (self._name_font, self._small_font, self._total_font))
        names = [name.horizontalAdvance(stack.vm) for stack in stacks.stacks]
        routes = [small.horizontalAdvance(captions.route(stack)) for stack in stacks.stacks]
        self._names_px = max([*names, *routes], default=0.0)
        self._endings_px = np.array(
            [sum(total.horizontalAdvance(w.text) + _WORD_GAP_PX for w in words) for words in self._endings]
        )
        self._fill_bars()
        self.lay_out(max(1, self.width()), max(1, self.height()))

    def _fill_bars(self) -> None:
        while len(self._bars) < len(self.stacks.series):
            self._bars.append(Bars())
            self._view.addItem(self._bars[-1], ignoreBounds=True)
        while len(self._bars) > len(self.stacks.series):
            self._view.removeItem(self._bars.pop())
        for index, (bars, series) in enumerate(zip(self._bars, self.stacks.series, strict=True)):
            bars.show_values(self._starts[:, index], self._values[:, index], BAR_PX / ROW_PX, self.brush(series))

    def _entries(self) -> list[legend.Entry]:
        """The series that can be seen, then the provenances of the figures that are marked."""
        seen = self._values.sum(axis=0)
        series = [one for index, one in enumerate(self.stacks.series) if seen[index] > 0]
        entries = [legend.Entry(captions.in_legend(one), legend.area_sample(self.brush(one))) for one in series]
        marked = {figure.provenance for row in range(len(self.stacks.stacks)) for figure in self.figures_of(row)}
        for provenance in (one for one in Provenance if one in marked):
            sample = legend.mark_sample(provenance, self._theme.text, self._theme.surface)
            entries.append(legend.Entry(captions.PROVENANCE_TITLES[provenance], sample))
        return entries

    # Where things are, in pixels of the picture

    @property
    def rows_area(self) -> QRectF:
        """All visible rows, from the picture's left edge to its right."""
        return QRectF(0, self._plot.top(), self._area.width(), self._plot.height())

    def _visible_rows(self) -> range:
        first = math.floor(self._scroll_px / ROW_PX)
        return range(first, min(len(self.stacks.stacks), math.ceil((self._scroll_px + self._plot.height()) / ROW_PX)))

    def _row_top(self, row: int) -> float:
        return self._plot.top() + row * ROW_PX - self._scroll_px

    def _x(self, value: float) -> float:
        return self._plot.left() + value * self._px_per_unit

    def part_centre(self, row: int, part: int) -> QPointF:
        """The middle of a part of a bar."""
        value = float(self._starts[row, part] + self._values[row, part] / 2)
        return QPointF(self._x(value), self._row_top(row) + ROW_PX / 2)

    def mark_centre(self, row: int, figure: ReferenceFigure) -> QPointF:
        """The middle of a reference figure's mark."""
        return QPointF(self._x(figure.value), self._row_top(row) + ROW_PX / 2)

    def ending_area(self, row: int) -> QRectF:
        """The words after a bar, which stand beyond its marks too."""
        x = self._x(self._ends[row]) + _GAP_PX + (_GAP_PX / 2 if self.figures_of(row) else 0)
        return QRectF(x, self._row_top(row), self._endings_px[row], ROW_PX)

    def row_area(self, row: int) -> QRectF:
        return QRectF(0, self._row_top(row), self._area.width(), ROW_PX)

    def row_at(self, point: QPointF) -> int | None:
        """The visible row under a point."""
        inside = self._plot.top() <= point.y() < self._plot.bottom()
        return int((point.y() - self._plot.top() + self._scroll_px) / ROW_PX) if inside else None

    def part_at(self, row: int, point: QPointF) -> int | None:
        """The part of a row's bar under a point, as an index of the series."""
        value = (point.x() - self._plot.left()) / self._px_per_unit
        under = (self._starts[row] <= value) & (value < self._starts[row] + self._values[row])
        beside = abs(point.y() - self._row_top(row) - ROW_PX / 2) > BAR_PX / 2
        return None if beside or not under.any() else int(np.argmax(under))

    # Painting

    def _clip(self, painter: QPainter) -> None:
        if self.hidden_px:
            painter.setClipRect(self.rows_area)

    def _paint_ground(self, painter: QPainter) -> None:
        """The highlighted rows and the grid."""
        painter.save()
        self._clip(painter)
        for row, colour in ((self.hovered_row, self._theme.window), (self.current_row, self._theme.accent_soft)):
            if row is not None:
                painter.fillRect(QRectF(_GAP_PX, self._row_top(row), self._area.width() - 2 * _GAP_PX, ROW_PX), colour)
        painter.restore()
        for tick in self._ticks:
            x = round(self._x(tick.value))
            colour = self._theme.grid if tick.value else self._theme.border
            painter.fillRect(QRectF(x, self._plot.top(), 1, self._plot.height()), colour)
        painter.fillRect(QRectF(self._plot.left(), self._plot.bottom(), self._plot.width(), 1), self._theme.border)

    def _paint_words(self, painter: QPainter) -> None:
        """Everything that is read: title, legend, names, endings, marks, axis."""
        if self._title:
            self._text(painter, MARGIN_PX, MARGIN_PX + 14, self._title.text, self._title_font, self._theme.text)
            self._text(painter, MARGIN_PX, MARGIN_PX + 34, self._title.below, self._detail_font, self._theme.muted)
        corner = QPointF(MARGIN_PX, MARGIN_PX + (_TITLE_PX if self._title else 0))
        legend.paint(painter, self._chips, corner, self._detail_font, self._theme.text)
        painter.save()
        self._clip(painter)
        for row in self._visible_rows():
            self._paint_name(painter, row)
            self._paint_gaps(painter, row)
            self._paint_marks(painter, row)
            self._paint_ending(painter, row)
        painter.restore()
        metrics = QFontMetricsF(self._small_font)
        for tick in self._ticks:
            x = self._x(tick.value) - (metrics.horizontalAdvance(tick.text) / 2 if tick.value else 0)
            x = min(x, self._area.width() - _GAP_PX - metrics.horizontalAdvance(tick.text))
            self._text(painter, x, self._plot.bottom() + 18, tick.text, self._small_font, self._theme.muted)

    def _paint_name(self, painter: QPainter, row: int) -> None:
        stack, top = self.stacks.stacks[row], self._row_top(row)
        width = self._plot.left() - MARGIN_PX - 2 * _GAP_PX + 1
        for text, font, colour, y in (
            (stack.vm, self._name_font, self._theme.text, 16),
            (captions.route(stack), self._small_font, self._theme.muted, 30),
        ):
            short = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
            self._text(painter, MARGIN_PX, top + y, short, font, colour)

    def _paint_gaps(self, painter: QPainter, row: int) -> None:
        """A hair of background between parts that are wide enough to spare it: neighbours may be alike in colour."""
        widths = self._values[row] * self._px_per_unit
        wide = np.flatnonzero(widths >= _NARROWEST_PART_PX)
        top = self._row_top(row) + (ROW_PX - BAR_PX) / 2
        for part in wide[1:]:
            painter.fillRect(QRectF(self._x(self._starts[row, part]), top, 1, BAR_PX), self._theme.surface)

    def _paint_marks(self, painter: QPainter, row: int) -> None:
        """The reference figures; a thread leads to those beyond the bar, so that they are seen to belong to it."""
        middle = self._row_top(row) + ROW_PX / 2
        end, furthest = self._x(float(self._values[row].sum())), self._x(self._ends[row])
        painter.fillRect(QRectF(end, middle - 0.5, furthest - end, 1), self._theme.muted)
        for figure in self.figures_of(row):
            point = self.mark_centre(row, figure)
            legend.draw_mark(painter, point, BAR_PX + 10, figure.provenance, self._theme.text, self._theme.surface)

    def _paint_ending(self, painter: QPainter, row: int) -> None:
        x = self.ending_area(row).left()
        for index, words in enumerate(self._endings[row]):
            font = self._detail_font if index else self._total_font
            colour: QColor = getattr(self._theme, words.role)
            self._text(painter, x, self._row_top(row) + ROW_PX / 2 + 4.5, words.text, font, colour)
            x += QFontMetricsF(font).horizontalAdvance(words.text) + _WORD_GAP_PX

    def _text(self, painter: QPainter, x: float, baseline: float, text: str, font: QFont, colour: QColor) -> None:
        painter.setFont(font)
        painter.setPen(QPen(colour))
        painter.drawText(QPointF(x, baseline), text)
