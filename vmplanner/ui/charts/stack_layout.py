"""Where everything in a picture of time stacks is, in pixels.

Two directions: *along* a stack goes the axis, *across* the stacks lie the rows. In a horizontal picture rows are below
each other and stacks grow to the right; in a vertical one rows are beside each other and stacks grow upwards. Each
panel has a plot of its own; all have the same rows and the same scale.
"""

import math
from collections.abc import Iterator

import numpy as np
from attrs import field, frozen
from PySide6.QtCore import QPointF, QRectF

from vmplanner.ui.charts.scales import Scale, Values

ROW_PX = 36
COLUMN_PX = 96
_THINNEST_ROW_PX = 3.0
_GAPLESS_PX = 4.0


@frozen
class Bin:
    """Rows that are drawn as one, because they are too thin to tell apart; mostly a single row."""

    first: int
    count: int


@frozen
class Layout:
    """`area` is the whole picture, `plots` the panels' plots; `pitch_px` is the room for a row, across."""

    area: QRectF = field(factory=lambda: QRectF(0, 0, 1, 1))
    plots: tuple[QRectF, ...] = field(factory=lambda: (QRectF(0, 0, 1, 1),))
    rows: int = 0
    pitch_px: float = ROW_PX
    scroll_px: float = 0.0
    scale: Scale = field(factory=lambda: Scale(1.0))
    is_vertical: bool = False

    @property
    def across_px(self) -> float:
        """The room for rows."""
        return self.plots[0].width() if self.is_vertical else self.plots[0].height()

    @property
    def along_px(self) -> float:
        """The room for a stack."""
        return self.plots[0].height() if self.is_vertical else self.plots[0].width()

    @property
    def hidden_px(self) -> float:
        """How much of the rows there is no room for."""
        return max(0.0, self.rows * self.pitch_px - self.across_px)

    @property
    def bar_px(self) -> float:
        """The thickness of a bar: half of its row where there are words beside it, nearly all where rows are thin."""
        share = 0.5 if self.pitch_px >= ROW_PX / 2 else 0.75
        return self.pitch_px if self.pitch_px < _GAPLESS_PX else min(44.0, round(self.pitch_px * share))

    @property
    def rows_area(self) -> QRectF:
        """All visible rows of all panels, with their names."""
        first, last = self.plots[0], self.plots[-1]
        if self.is_vertical:
            return QRectF(first.left(), first.top(), first.width(), self.area.bottom() - first.top())
        return QRectF(0, first.top(), self.area.width(), last.height())

    def scrolled_to(self, pixels: float) -> float:
        """The place nearest to `pixels` that can be scrolled to: whole rows, so that no text is cut."""
        whole = round(pixels / self.pitch_px) * self.pitch_px if self.pitch_px >= ROW_PX / 2 else pixels
        return min(max(0.0, whole), self.hidden_px)

    def row_at(self, point: QPointF) -> int | None:
        """The visible row under a point."""
        area = self.rows_area
        inside = area.contains(point)
        first = area.left() if self.is_vertical else area.top()
        row = int(((point.x() if self.is_vertical else point.y()) - first + self.scroll_px) / self.pitch_px)
        return row if inside and row < self.rows else None

    def panel_at(self, point: QPointF) -> int:
        """The panel under a point, or the nearest one before it."""
        started = [point.y() >= plot.top() if self.is_vertical else point.x() >= plot.left() for plot in self.plots]
        return max(0, sum(started) - 1)

    def along_at(self, panel: int, point: QPointF) -> float:
        """How far along a stack a point is, in pixels from its start."""
        plot = self.plots[panel]
        return plot.bottom() - point.y() if self.is_vertical else point.x() - plot.left()

    def row_start(self, row: int) -> float:
        """Where a row begins: its top, or its left edge where rows are beside each other."""
        start = self.plots[0].left() if self.is_vertical else self.plots[0].top()
        return start + row * self.pitch_px - self.scroll_px

    def row_area(self, row: int) -> QRectF:
        """A row with its name, across all panels."""
        area, start = self.rows_area, self.row_start(row)
        if self.is_vertical:
            return QRectF(start, area.top(), self.pitch_px, area.height())
        return QRectF(area.left(), start, area.width(), self.pitch_px)

    def middle(self, row: int, panel: int, along_px: float) -> QPointF:
        """A point on the middle line of a row, so far along its stack."""
        plot, across = self.plots[panel], self.row_start(row) + self.pitch_px / 2
        if self.is_vertical:
            return QPointF(across, plot.bottom() - along_px)
        return QPointF(plot.left() + along_px, across)

    def block(
        self, row: int, panel: int, start_px: float, end_px: float, thickness_px: float, count: int = 1
    ) -> QRectF:
        """The area from `start_px` to `end_px` along the stack of a row, or of `count` rows drawn as one."""
        across = self.row_start(row) + (self.pitch_px * count - thickness_px) / 2
        plot, length = self.plots[panel], end_px - start_px
        if self.is_vertical:
            return QRectF(across, plot.bottom() - end_px, thickness_px, length)
        return QRectF(plot.left() + start_px, across, length, thickness_px)

    def blocks(
        self, firsts: Values, panel: int, starts_px: Values, ends_px: Values, thickness_px: float
    ) -> list[QRectF]:
        """Many blocks of bars as thick as their rows, which begin at `firsts`."""
        plot, lengths = self.plots[panel], ends_px - starts_px
        across = self.row_start(0) + firsts * self.pitch_px
        thickness = np.full(len(firsts), thickness_px)
        if self.is_vertical:
            table = np.stack([across, plot.bottom() - ends_px, thickness, lengths], axis=1)
        else:
            table = np.stack([plot.left() + starts_px, across, lengths, thickness], axis=1)
        return [QRectF(*area) for area in table.tolist()]

    def visible_rows(self) -> range:
        first = math.floor(self.scroll_px / self.pitch_px + 1e-6)
        last = math.ceil((self.scroll_px + self.across_px) / self.pitch_px - 1e-6)
        return range(first, min(self.rows, last))

    def bins(self) -> Iterator[Bin]:
        """The visible rows, each alone or, where they are thinner than can be seen, some together."""
        rows = self.visible_rows()
        count = max(1, math.ceil(_THINNEST_ROW_PX / self.pitch_px))
        for first in range(rows.start - rows.start % count, rows.stop, count):
            yield Bin(first, min(count, self.rows - first))


def means(values: Values, bins: list[Bin]) -> Values:
    """The mean of the rows of each bin: `values` are rows x series."""
    if not bins or bins[0].count == 1:
        return values[bins[0].first : bins[-1].first + 1] if bins else values[:0]
    first = bins[0].first
    starts = np.array([one.first - first for one in bins])
    counts = np.array([one.count for one in bins], dtype=np.float64)
    sums = np.add.reduceat(values[first : bins[-1].first + bins[-1].count], starts, axis=0)
    return np.asarray(sums / counts[:, None], dtype=np.float64)
