"""The picture of time stacks under a mouse: what is at a point, and who is told.

pyqtgraph's own mouse handling is not used, so the view can't be moved or lost, and has no context menu.
"""

from attrs import frozen
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent

from vmplanner.domain.results import ReferenceFigure
from vmplanner.ui.charts.time_stack_picture import TimeStackPicture

_MARK_REACH_PX = 5


@frozen
class Hit:
    """What is under a point: a row, the stack there (its place among all; -1: none in this panel) and, on its bar, the
    part (index of the series) or the reference figure.
    """

    row: int
    index: int
    part: int | None = None
    figure: ReferenceFigure | None = None


class InteractivePicture(TimeStackPicture):
    """Signals: `hovered(Hit | None, point)`; `clicked(Hit)` and `opened(Hit)` with a double click."""

    hovered = Signal(object, QPoint)
    clicked = Signal(object)
    opened = Signal(object)

    def hit(self, point: QPointF) -> Hit | None:
        """What is under a point of the picture, None outside the rows."""
        layout = self.layout_
        row = layout.row_at(point)
        if row is None:
            return None
        panel = layout.panel_at(point)
        index = int(self.drawing.cells[row, panel])
        for figure in self.drawing.marked.get(index, ()):
            away = point - self.drawing.mark_centre(row, panel, figure)
            if abs(away.y() if layout.is_vertical else away.x()) <= _MARK_REACH_PX:
                return Hit(row, index, figure=figure)
        return Hit(row, index, part=self.drawing.part_at(row, panel, point))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.hit(event.position()), event.position().toPoint())

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None, QPoint())

    def _hover(self, hit: Hit | None, point: QPoint) -> None:
        row = hit.row if hit else None
        if row != self.hovered_row:
            self.hovered_row = row
            self.scene().update()
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hit else Qt.CursorShape.ArrowCursor)
        self.hovered.emit(hit, point)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        hit = self.hit(event.position())
        if hit and event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit(hit)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        hit = self.hit(event.position())
        if hit and event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit(hit)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.ignore()
