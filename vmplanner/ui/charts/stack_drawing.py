"""Time stacks ready to be drawn: numbers, words and reference figures with their places in pixels."""

from collections.abc import Iterable

import numpy as np
from attrs import evolve
from PySide6.QtCore import QPointF, QRectF

from vmplanner.analysis.stack_view import Grouping, Measure
from vmplanner.analysis.time_stacks import Stack, TimeStacks
from vmplanner.domain.results import Metric, Provenance, ReferenceFigure
from vmplanner.ui.charts import captions, legend
from vmplanner.ui.charts.brushes import brushes
from vmplanner.ui.charts.scales import Scale, Values, fitted
from vmplanner.ui.charts.stack_labels import Fonts, Labels
from vmplanner.ui.charts.stack_layout import COLUMN_PX, ROW_PX, Layout
from vmplanner.ui.charts.ticks import Tick
from vmplanner.ui.theme import Theme

MARGIN_PX = 16
GAP_PX = 8
TITLE_PX = 52
_AXIS_PX = 28
_HEADING_PX = 24
_BETWEEN_PANELS_PX = 24
_TICK_ROOM_PX = 84
_LEVEL_TICK_ROOM_PX = 40
_TICKS_PX = 64
_NAMES_PX = 40
_COLUMN_ENDING_PX = 36
_PANEL_PX = 300
_NAMES_SHARE = 0.26
_LEAST_PX = 40.0
_CUT_BELOW_PX = 15

METRIC_OF = {
    Measure.SECONDS: Metric.TOTAL_S,
    Measure.BYTES: Metric.TRANSFERRED_BYTES,
    Measure.DOWNTIME: Metric.DOWNTIME_S,
}
"""The reference figures that can be marked on an axis of that measure."""


class StackDrawing:
    """Stacks in a theme, with the reference figures of their migrations, laid out by `lay_out`.

    `values`, `starts_px` and `ends_px` are stacks x series; `furthest` is how far each stack with its marks goes, in
    the measure's unit; `cells` are TimeStacks.cells; `marked` are the figures beside each stack that has any.
    """

    def __init__(
        self, stacks: TimeStacks, figures: Iterable[ReferenceFigure], theme: Theme, fonts: Fonts, heading_px: float
    ) -> None:
        self.stacks, self.theme, self.fonts = stacks, theme, fonts
        self._heading_px = heading_px
        self.cells = stacks.cells()
        self.panels = self.cells.shape[1]
        self.values: Values = stacks.values()
        self.brushes = brushes(stacks.series, theme, patterns=stacks.view.has_patterns)
        is_short = self.panels > 1 or stacks.view.is_vertical
        self.marked = self._marks(figures)
        self.labels = Labels(stacks, fonts, self.marked, is_short=is_short)
        self.furthest = self._how_far()
        self.layout = Layout()
        self.chips: list[legend.Chip] = []
        self.ticks: list[Tick] = []
        self.starts_px, self.ends_px = self.values, self.values

    def _marks(self, figures: Iterable[ReferenceFigure]) -> dict[int, list[ReferenceFigure]]:
        """Of each stack of one migration the figures of the measure that is shown, and of the same technique."""
        view, known = self.stacks.view, dict[str, list[ReferenceFigure]]()
        metric = METRIC_OF.get(view.measure)
        for figure in figures if view.group is Grouping.MIGRATION else ():
            if figure.metric is metric:
                known.setdefault(figure.migration_id, []).append(figure)
        marked: dict[int, list[ReferenceFigure]] = {}
        for index, stack in enumerate(self.stacks.stacks) if known else ():
            of_it = [one for one in known.get(stack.results[0].migration_id, ()) if one.is_of(stack.results[0])]
            if of_it:
                marked[index] = of_it
        return marked

    def _how_far(self) -> Values:
        totals = self.values.sum(axis=1) if len(self.values) else np.zeros(0)
        furthest = totals.copy()
        for index, figures in self.marked.items():
            furthest[index] = max(furthest[index], *(figure.value for figure in figures))
        for index, stack in enumerate(self.stacks.stacks):
            if stack.base is not None:
                furthest[index] = max(furthest[index], totals[stack.base])
        return furthest

    def stack_at(self, row: int, panel: int = 0) -> Stack | None:
        index = self.cells[row, panel]
        return self.stacks.stacks[index] if index >= 0 else None

    def stacks_in(self, row: int) -> list[Stack]:
        """The stacks of a row in all panels; there is at least one."""
        return [self.stacks.stacks[index] for index in self.cells[row] if index >= 0]

    # Layout

    def lay_out(self, width: float, height: float | None = None, zoom: float = 1.0, scroll_px: float = 0.0) -> float:
        """Arrange all in `width` x `height` pixels, without a height for all rows. Returns the height for all rows. A
        row is `zoom` times as thick as usual.
        """
        self.chips = legend.wrapped(self._entries(), self.fonts.detail, width - 2 * MARGIN_PX)
        legend_px = legend.height(self.chips)
        top = MARGIN_PX + self._heading_px + (legend_px + 2 * GAP_PX if legend_px else 0)
        top += _HEADING_PX if self.panels > 1 else 0
        arrange = self._upright if self.stacks.view.is_vertical else self._lying
        pitch, plots, needed = arrange(width, height, top, zoom)
        area = QRectF(0, 0, width, needed if height is None else height)
        layout = Layout(area, plots, len(self.cells), pitch, 0.0, Scale(1.0), self.stacks.view.is_vertical)
        self.layout = evolve(layout, scale=self._fitted(layout), scroll_px=layout.scrolled_to(scroll_px))
        self._fit_ticks()
        self.starts_px, self.ends_px = self.layout.scale.parts(self.values)
        return needed

    def _lying(
        self, width: float, height: float | None, top: float, zoom: float
    ) -> tuple[float, tuple[QRectF, ...], float]:
        """Rows below each other, panels side by side: the room for a row, the plots and the height for all rows."""
        pitch, all_px = ROW_PX * zoom, len(self.cells) * ROW_PX * zoom
        needed = top + all_px + _AXIS_PX + MARGIN_PX / 2
        down = all_px if height is None else _whole_rows(height - (needed - all_px), pitch, len(self.cells))
        left = MARGIN_PX + min(self.labels.names_px, width * _NAMES_SHARE) + 2 * GAP_PX
        along = max(_LEAST_PX, (width - left - MARGIN_PX - (self.panels - 1) * _BETWEEN_PANELS_PX) / self.panels)
        starts = (left + place * (along + _BETWEEN_PANELS_PX) for place in range(self.panels))
        return pitch, tuple(QRectF(round(start), round(top), round(along), round(down)) for start in starts), needed

    def _upright(
        self, width: float, height: float | None, top: float, zoom: float
    ) -> tuple[float, tuple[QRectF, ...], float]:
        """Rows side by side, panels below each other: as in `_lying`. Without a height all rows share the width."""
        between = (self.panels - 1) * _BETWEEN_PANELS_PX
        needed = top + self.panels * _PANEL_PX + between + _NAMES_PX + GAP_PX
        pitch, across = COLUMN_PX * zoom, max(_LEAST_PX, width - MARGIN_PX - _TICKS_PX - MARGIN_PX)
        if height is None:
            pitch = min(pitch, across / max(1, len(self.cells)))
        elif len(self.cells) * pitch > across:
            across = _whole_rows(across, pitch, len(self.cells))
        along = max(_LEAST_PX, ((height or needed) - top - _NAMES_PX - GAP_PX - between) / self.panels)
        starts = (top + place * (along + _BETWEEN_PANELS_PX) for place in range(self.panels))
        left = MARGIN_PX + _TICKS_PX
        return pitch, tuple(QRectF(left, round(start), round(across), round(along)) for start in starts), needed

    def _fitted(self, layout: Layout) -> Scale:
        """The largest scale at which every bar and mark has room for the words after it."""
        if layout.is_vertical:
            room = np.full(len(self.furthest), max(layout.along_px - _COLUMN_ENDING_PX, layout.along_px / 5))
        else:
            room = np.maximum(layout.along_px - self.labels.endings_px - 2 * GAP_PX, layout.along_px / 5)
        return fitted(self.furthest, room, self.stacks.view.has_log_axis)

    def _fit_ticks(self) -> None:
        layout, largest = self.layout, float(self.furthest.max(initial=0.0))
        room = _LEVEL_TICK_ROOM_PX if layout.is_vertical else _TICK_ROOM_PX
        at_most = max(2, int(layout.scale.length(largest) / room) + 1)
        self.ticks = layout.scale.ticks(largest, self.stacks.view.measure, at_most, layout.along_px)

    def _entries(self) -> list[legend.Entry]:
        """The series that can be seen, then the provenances of the figures that are marked."""
        seen = self.values.sum(axis=0)
        series = zip(self.stacks.series, self.brushes, seen, strict=True)
        seen_series = [(one, brush) for one, brush, total in series if total > 0]
        entries = [legend.Entry(captions.in_legend(one), legend.area_sample(brush)) for one, brush in seen_series]
        marked = {figure.provenance for figures in self.marked.values() for figure in figures}
        for provenance in (one for one in Provenance if one in marked):
            sample = legend.mark_sample(provenance, self.theme.text, self.theme.surface)
            entries.append(legend.Entry(captions.PROVENANCE_TITLES[provenance], sample))
        if any(stack.base is not None for stack in self.stacks.stacks):
            sample = legend.base_sample(self.theme.text)
            entries.append(legend.Entry(f"as in {self.stacks.stacks[0].run}", sample))
        return entries

    # Where things are

    def part_area(self, index: int, part: int) -> QRectF:
        """A part of a bar."""
        row, panel = map(int, np.argwhere(self.cells == index)[0])
        start, end = float(self.starts_px[index, part]), float(self.ends_px[index, part])
        return self.layout.block(row, panel, start, end, self.layout.bar_px)

    def mark_centre(self, row: int, panel: int, figure: ReferenceFigure) -> QPointF:
        """The middle of a reference figure's mark."""
        return self.layout.middle(row, panel, self.layout.scale.length(figure.value))

    def ending_start(self, row: int, panel: int, index: int) -> QPointF:
        """Where the words after a bar begin, beyond its marks; above an upright bar the middle of their baseline."""
        end = self.layout.scale.length(float(self.furthest[index])) + (GAP_PX / 2 if index in self.marked else 0)
        return self.layout.middle(row, panel, end + (6 if self.layout.is_vertical else GAP_PX))

    def part_at(self, row: int, panel: int, point: QPointF) -> int | None:
        """The part of a bar under a point, as an index of the series."""
        index, along = self.cells[row, panel], self.layout.along_at(panel, point)
        bar = self.layout.block(row, panel, 0, self.layout.along_px, self.layout.bar_px)
        if index < 0 or not bar.contains(point):
            return None
        under = (self.starts_px[index] <= along) & (along < self.ends_px[index])
        return int(np.argmax(under)) if under.any() else None


def _whole_rows(room_px: float, pitch_px: float, rows: int) -> float:
    """The room for all rows, or for as many whole ones as fit."""
    whole_px = max(pitch_px, room_px // pitch_px * pitch_px) if pitch_px >= _CUT_BELOW_PX else max(_LEAST_PX, room_px)
    return min(rows * pitch_px, whole_px)
