"""Painting time stacks: only what can be seen, and rows that are too thin to tell apart as one."""

from collections.abc import Collection

import numpy as np
from attrs import frozen
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from vmplanner.ui.charts import captions, legend
from vmplanner.ui.charts.fills import fill, ground
from vmplanner.ui.charts.scales import Values
from vmplanner.ui.charts.stack_drawing import GAP_PX, MARGIN_PX, StackDrawing
from vmplanner.ui.charts.stack_labels import draw, draw_centred, elided, role
from vmplanner.ui.charts.stack_layout import ROW_PX, Bin, means

NAMED_ROW_PX = 15
_NAMED_COLUMN_PX = 44
_NARROWEST_PART_PX = 4
_LINE_PX = 14


@frozen
class StackPainter:
    """Paints a drawing; the `chosen` rows and the `hovered` one stand out."""

    drawing: StackDrawing
    painter: QPainter
    chosen: Collection[int] = ()
    hovered: int | None = None

    def paint(self, heading: float) -> None:
        """All of it, with the legend `heading` pixels below the top margin."""
        drawing, layout = self.drawing, self.drawing.layout
        corner = QPointF(MARGIN_PX, MARGIN_PX + heading)
        legend.paint(self.painter, drawing.chips, corner, drawing.fonts.detail, drawing.theme.text)
        self._clip()
        self._highlights()
        self.painter.restore()
        self._axes()
        if not layout.rows or not drawing.stacks.series:
            return
        self._clip()
        bins = list(layout.bins())
        for panel in range(drawing.panels):
            self._bars(panel, bins)
            if self._has_words:
                for row in layout.visible_rows():
                    self._beside(row, panel)
        self._names()
        self.painter.restore()

    @property
    def _has_words(self) -> bool:
        return self.drawing.layout.pitch_px >= NAMED_ROW_PX

    def _clip(self) -> None:
        self.painter.save()
        if self.drawing.layout.hidden_px:
            self.painter.setClipRect(self.drawing.layout.rows_area)

    def _highlights(self) -> None:
        layout, theme = self.drawing.layout, self.drawing.theme
        inset = 0 if layout.is_vertical else GAP_PX
        for row in layout.visible_rows():
            if row in self.chosen or row == self.hovered:
                colour = theme.accent_soft if row in self.chosen else theme.window
                self.painter.fillRect(layout.row_area(row).adjusted(inset, 0, -inset, 0), colour)

    def _axes(self) -> None:
        drawing, layout, theme = self.drawing, self.drawing.layout, self.drawing.theme
        for panel, plot in enumerate(layout.plots):
            if drawing.panels > 1:
                heading = elided(drawing.stacks.runs[panel], drawing.fonts.total, plot.width())
                draw(self.painter, plot.left(), plot.top() - GAP_PX, heading, drawing.fonts.total, theme.text)
            for tick in drawing.ticks:
                at = round(layout.scale.length(tick.value))
                line = QRectF(plot.left() + at, plot.top(), 1, plot.height())
                if layout.is_vertical:
                    line = QRectF(plot.left(), plot.bottom() - at, plot.width(), 1)
                self.painter.fillRect(line, theme.grid if at else theme.border)
            self._tick_texts(plot)
            self.painter.fillRect(QRectF(plot.left(), plot.bottom(), plot.width(), 1), theme.border)

    def _tick_texts(self, plot: QRectF) -> None:
        """What the ticks say, as far as they do not run into each other."""
        drawing, layout = self.drawing, self.drawing.layout
        free = -1.0
        for tick in drawing.ticks:
            width, at = drawing.labels.width(tick.text, drawing.fonts.small), layout.scale.length(tick.value)
            if layout.is_vertical:
                x, y = plot.left() - GAP_PX - width, plot.bottom() - at + 4
            else:
                x, y = plot.left() + at - (width / 2 if at else 0), plot.bottom() + 18
                x = min(x, layout.area.width() - GAP_PX - width)
                if x < free:
                    continue
                free = x + width + GAP_PX
            draw(self.painter, x, y, tick.text, drawing.fonts.small, drawing.theme.muted)

    def _bars(self, panel: int, bins: list[Bin]) -> None:
        drawing, layout = self.drawing, self.drawing.layout
        thickness = layout.bar_px * bins[0].count
        starts, ends = (means(self._in_panel(px, panel), bins) for px in (drawing.starts_px, drawing.ends_px))
        # In thin rows there is no room for patterns, and there are many of them.
        firsts = np.array([one.first + (layout.pitch_px - layout.bar_px) / 2 / layout.pitch_px for one in bins])
        for part, brush in enumerate(drawing.brushes):
            there = ends[:, part] > starts[:, part]
            areas = layout.blocks(firsts[there], panel, starts[there, part], ends[there, part], thickness)
            if self._has_words:
                for area in areas:
                    fill(self.painter, area, brush)
            else:
                self.painter.setPen(Qt.PenStyle.NoPen)
                self.painter.setBrush(ground(brush))
                self.painter.drawRects(areas)
        if self._has_words:
            self._gaps(panel, bins, starts, ends)

    def _in_panel(self, lengths: Values, panel: int) -> Values:
        """Of each row the numbers of its stack; nothing where it has none."""
        if self.drawing.panels == 1:
            return lengths
        cells = self.drawing.cells[:, panel]
        return np.where((cells >= 0)[:, None], lengths[cells], 0.0)

    def _gaps(self, panel: int, bins: list[Bin], starts: Values, ends: Values) -> None:
        """A hair of background between parts that are wide enough to spare it: neighbours may be alike in colour."""
        layout = self.drawing.layout
        for place, one in enumerate(bins):
            wide = np.flatnonzero(ends[place] - starts[place] >= _NARROWEST_PART_PX)
            for part in wide[1:]:
                start = float(starts[place, part])
                block = layout.block(one.first, panel, start, start + 1, layout.bar_px)
                self.painter.fillRect(block, self.drawing.theme.surface)

    def _beside(self, row: int, panel: int) -> None:
        """What stands at the end of a bar: marks of what it is compared with, and words."""
        drawing, layout = self.drawing, self.drawing.layout
        index = int(drawing.cells[row, panel])
        if index < 0:
            point = layout.middle(row, panel, GAP_PX)
            draw(self.painter, point.x(), point.y() + 4.5, "none", drawing.fonts.small, drawing.theme.muted)
            return
        self._base(row, panel, index)
        self._marks(row, panel, index)
        self._ending(row, panel, index)

    def _base(self, row: int, panel: int, index: int) -> None:
        """Where the stack of the first run ends, and the difference to it in the colour of better or worse."""
        drawing, layout = self.drawing, self.drawing.layout
        base = drawing.stacks.stacks[index].base
        if base is None:
            return
        own, other = float(drawing.ends_px[index, -1]), float(drawing.ends_px[base, -1])
        line = layout.block(row, panel, min(own, other), max(own, other), 2)
        aside = layout.bar_px / 2 + 3
        line.translate(aside if layout.is_vertical else 0, 0 if layout.is_vertical else aside)
        stacks = drawing.stacks
        words = captions.difference(stacks.stacks[index], stacks.stacks[base], stacks.view.measure)
        if words is not None:
            self.painter.fillRect(line, role(drawing.theme, words))
        mark = layout.block(row, panel, other - 1, other + 1, layout.bar_px + 8)
        self.painter.fillRect(mark, drawing.theme.text)

    def _marks(self, row: int, panel: int, index: int) -> None:
        """The reference figures; a thread leads to those beyond the bar, so that they are seen to belong to it."""
        drawing, layout = self.drawing, self.drawing.layout
        if index not in drawing.marked:
            return
        end, furthest = float(drawing.ends_px[index, -1]), layout.scale.length(float(drawing.furthest[index]))
        self.painter.fillRect(layout.block(row, panel, end, furthest, 1), drawing.theme.muted)
        for figure in drawing.marked[index]:
            legend.draw_mark(
                self.painter,
                drawing.mark_centre(row, panel, figure),
                layout.bar_px + 10,
                figure.provenance,
                drawing.theme.text,
                drawing.theme.surface,
                is_level=layout.is_vertical,
            )

    def _ending(self, row: int, panel: int, index: int) -> None:
        drawing, layout = self.drawing, self.drawing.layout
        point = drawing.ending_start(row, panel, index)
        if not layout.is_vertical:
            most_x = layout.plots[panel].right() + MARGIN_PX
            drawing.labels.draw_ending(self.painter, index, point.x(), point.y() + 4.5, drawing.theme, most_x)
        elif layout.pitch_px >= _NAMED_COLUMN_PX:
            for place, words in reversed(list(enumerate(drawing.labels.endings[index][:2]))):
                font, text = drawing.labels.font_of(place), words.text.removeprefix("· ")
                colour, width = role(drawing.theme, words), layout.pitch_px - 4
                draw_centred(self.painter, point.x(), point.y(), text, font, colour, width)
                point.setY(point.y() - _LINE_PX)

    def _names(self) -> None:
        """A row's name and, where there is room, its detail."""
        drawing, layout, theme = self.drawing, self.drawing.layout, self.drawing.theme
        if layout.pitch_px < (_NAMED_COLUMN_PX if layout.is_vertical else NAMED_ROW_PX):
            return
        middles = (16.0, 30.0) if layout.pitch_px >= ROW_PX else (layout.pitch_px / 2 + 4,)
        for row in layout.visible_rows():
            stack, start = drawing.stacks_in(row)[0], layout.row_start(row)
            lines = ((stack.label, drawing.fonts.name, theme.text), (stack.detail, drawing.fonts.small, theme.muted))
            if layout.is_vertical:
                x, bottom, width = start + layout.pitch_px / 2, layout.plots[-1].bottom(), layout.pitch_px - 6
                for (text, font, colour), y in zip(lines, (17.0, 32.0), strict=True):
                    draw_centred(self.painter, x, bottom + y, text, font, colour, width)
            else:
                width = layout.plots[0].left() - MARGIN_PX - 2 * GAP_PX + 1
                for (text, font, colour), y in zip(lines, middles, strict=False):
                    draw(self.painter, MARGIN_PX, start + y, elided(text, font, width), font, colour)
