"""The picture of time stacks, on a screen or in a file: a scene in pixels that can be scrolled and zoomed."""

from collections.abc import Callable, Collection, Iterable

import pyqtgraph as pg
from attrs import evolve, frozen
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vmplanner.analysis.stack_view import USUAL
from vmplanner.analysis.time_stacks import TimeStacks
from vmplanner.domain.results import ReferenceFigure
from vmplanner.ui.charts.stack_drawing import MARGIN_PX, TITLE_PX, StackDrawing
from vmplanner.ui.charts.stack_labels import Fonts, draw
from vmplanner.ui.charts.stack_layout import COLUMN_PX, ROW_PX, Layout
from vmplanner.ui.charts.stack_painting import StackPainter
from vmplanner.ui.theme import Theme

_THICKEST_ZOOM = 2.0

NOTHING = TimeStacks(USUAL, (), ())


@frozen
class Title:
    """A heading for a picture that stands alone."""

    text: str
    below: str


class _Layer(QGraphicsItem):
    """A function that paints, as an item of the scene."""

    def __init__(self, area: Callable[[], QRectF], paint: Callable[[QPainter], None]) -> None:
        super().__init__()
        self._area, self._paint = area, paint

    def boundingRect(self) -> QRectF:
        return self._area()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        self._paint(painter)


class TimeStackPicture(pg.GraphicsView):
    """Signal: `arranged()` after the layout changed. A row may be the current one, another the one under the cursor,
    and some are selected: those of the `selected` migrations. `zoom` is how many times thicker than usual a row is.
    """

    arranged = Signal()

    def __init__(self, theme: Theme, title: Title | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.zoom = 1.0
        self.current_row: int | None = None
        self.hovered_row: int | None = None
        self.selected: frozenset[str] = frozenset()
        self._theme, self._title = theme, title
        self._fonts = Fonts()
        self._heading_px = TITLE_PX if title else 0
        self._figures: tuple[ReferenceFigure, ...] = ()
        self.drawing = StackDrawing(NOTHING, (), theme, self._fonts, self._heading_px)
        self._layer = _Layer(lambda: self.layout_.area, self._paint)
        self.scene().addItem(self._layer)
        self.set_stacks(NOTHING, ())

    @property
    def stacks(self) -> TimeStacks:
        return self.drawing.stacks

    @property
    def layout_(self) -> Layout:
        """Where everything is. (QWidget has a `layout` of its own.)"""
        return self.drawing.layout

    def set_stacks(self, stacks: TimeStacks, figures: Iterable[ReferenceFigure]) -> None:
        """Show other stacks, with the reference figures of their migrations. The scroll position stays where it can."""
        scroll_px = self.layout_.scroll_px
        self._figures = tuple(figures)
        self.drawing = StackDrawing(stacks, self._figures, self._theme, self._fonts, self._heading_px)
        self.setBackground(self._theme.surface)
        self.hovered_row = None
        if self.current_row is not None and self.current_row >= len(self.drawing.cells):
            self.current_row = None
        self._arrange(scroll_px)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.set_stacks(self.stacks, self._figures)

    def set_current_row(self, row: int | None) -> None:
        self.current_row = row
        self.scene().update()

    def select(self, migration_ids: Collection[str]) -> None:
        self.selected = frozenset(migration_ids)
        self.scene().update()

    def scroll_to(self, pixels: float) -> None:
        """How far the rows are moved, from 0 to the layout's `hidden_px`; by whole rows, so that no text is cut."""
        self.drawing.layout = evolve(self.layout_, scroll_px=self.layout_.scrolled_to(pixels))
        self.scene().update()

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Rows of `zoom` times their usual thickness, but no thinner than for all of them to be seen; what is at a
        point stays there.
        """
        before = self.layout_
        edge = before.rows_area.left() if before.is_vertical else before.rows_area.top()
        here_px = 0.0 if at is None else (at.x() if before.is_vertical else at.y()) - edge
        row = (before.scroll_px + here_px) / before.pitch_px
        usual_px = COLUMN_PX if before.is_vertical else ROW_PX
        thinnest = min(1.0, before.across_px / max(1, before.rows) / usual_px)
        self.zoom = min(_THICKEST_ZOOM, max(zoom, thinnest))
        self._arrange(row * usual_px * self.zoom - here_px)

    def row_of(self, migration_id: str) -> int | None:
        """The first row that stands for a migration."""
        rows = range(len(self.drawing.cells))
        return next((row for row in rows if self._is_of(row, {migration_id})), None)

    def legend_labels(self) -> list[str]:
        return [chip.entry.label for chip in self.drawing.chips]

    def lay_out(self, width: float, height: float | None = None) -> float:
        """Arrange all in `width` x `height` pixels, without a height for all rows. Returns the height for all rows."""
        needed = self.drawing.lay_out(width, height, self.zoom, self.layout_.scroll_px)
        self._show()
        return needed

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None:  # None comes from pyqtgraph while the view is being made
            self._arrange(self.layout_.scroll_px)

    def _arrange(self, scroll_px: float) -> None:
        self.drawing.lay_out(max(1, self.width()), max(1, self.height()), self.zoom, scroll_px)
        self._show()

    def _show(self) -> None:
        self._layer.prepareGeometryChange()
        self.setSceneRect(self.layout_.area)
        self.arranged.emit()
        self.scene().update()

    def _is_of(self, row: int, migration_ids: Collection[str]) -> bool:
        shown = self.drawing.stacks_in(row)
        return any(one in migration_ids for stack in shown for one in stack.migration_ids)

    def _paint(self, painter: QPainter) -> None:
        theme = self._theme
        if self._title:
            draw(painter, MARGIN_PX, MARGIN_PX + 14, self._title.text, self._fonts.title, theme.text)
            draw(painter, MARGIN_PX, MARGIN_PX + 34, self._title.below, self._fonts.detail, theme.muted)
        chosen = {self.current_row} if self.current_row is not None else set()
        if self.selected:
            chosen |= {row for row in self.layout_.visible_rows() if self._is_of(row, self.selected)}
        StackPainter(self.drawing, painter, chosen, self.hovered_row).paint(self._heading_px)
