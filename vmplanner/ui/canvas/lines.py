"""The arrows of planned moves."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vmplanner.domain.plans import Migration
from vmplanner.domain.results import Outcome
from vmplanner.ui.canvas import geometry
from vmplanner.ui.canvas.distance import ALL_TEXT_FROM, NEAR_FROM, zoom_of
from vmplanner.ui.canvas.items import Marks
from vmplanner.ui.canvas.labels import Label, draw_label
from vmplanner.ui.theme import look

_HIT_WIDTH = 12.0
_HEAD = 11.0


class MoveArrow(QGraphicsItem):
    """A planned move: dashed from the VM's chip to the target's card, with its technique. While it runs the arrow
    fills. It can be hit some pixels beside it.
    """

    def __init__(self, migration: Migration, marks: Marks) -> None:
        super().__init__()
        self.marks = marks
        self.label = Label()
        self._migration = migration
        self._path = QPainterPath()
        self._shape: QPainterPath | None = None
        self._fraction: float | None = None
        self._state = ""
        self._head = QPolygonF()
        self.setZValue(2)
        self._name()

    @property
    def migration(self) -> Migration:
        return self._migration

    def set_migration(self, migration: Migration) -> None:
        """Show the move's new value."""
        self._migration = migration
        self._name()
        self.update()

    @property
    def path(self) -> QPainterPath:
        return self._path

    def lies_in(self, rect: QRectF) -> bool:
        """Whether `rect` holds all of the line. QRectF.contains says no to a straight line, as it has no area."""
        bounds = self._path.boundingRect()
        return rect.contains(bounds.topLeft()) and rect.contains(bounds.bottomRight())

    def set_path(self, path: QPainterPath) -> None:
        """The line in scene coordinates."""
        if path != self._path:
            self.prepareGeometryChange()
            self._path = path
            self._shape = None

    def shape(self) -> QPainterPath:
        """The line with its surroundings; worked out when the pointer comes near."""
        if self._shape is None:
            stroker = QPainterPathStroker()
            stroker.setWidth(_HIT_WIDTH)
            self._shape = stroker.createStroke(self._path)
        return self._shape

    def boundingRect(self) -> QRectF:
        around = self._path.controlPointRect().adjusted(-_HIT_WIDTH, -_HIT_WIDTH, _HIT_WIDTH, _HIT_WIDTH)
        return around.united(self.label.rect)

    def place_label(self, rect: QRectF) -> None:
        """Where its label is; an empty rectangle hides it."""
        if rect != self.label.rect:
            self.prepareGeometryChange()
            self.label.rect = rect
            self.setZValue(2 if rect.isEmpty() else 2.5)  # no other arrow crosses a label

    def _name(self) -> None:
        technique, done = self._migration.technique.value, self._fraction
        running = f"{done * 100:.0f} %" if done is not None and done < 1 else self._state if done else ""
        self.label.set_text(" · ".join(filter(None, (technique, running))))

    def set_progress(self, fraction: float | None, state: str) -> None:
        """`fraction` (0 to 1) of the move is done, None: it does not run; `state` is the job's state or outcome."""
        if (fraction, state) != (self._fraction, self._state):
            self._fraction = None if fraction is None else min(1.0, max(0.0, fraction))
            self._state = state
            self.prepareGeometryChange()
            self._name()

    @property
    def progress(self) -> tuple[float | None, str]:
        return self._fraction, self._state

    def set_way(self, path: QPainterPath, arrive: geometry.Side) -> None:
        """The line in scene coordinates and the side of the target at which it ends."""
        self.set_path(path)
        self._head = geometry.arrow_head(path.currentPosition(), arrive, _HEAD)

    def _colour(self) -> QColor:
        theme = look.theme
        if self._state == Outcome.COMPLETED:
            return theme.good
        if self._state in (Outcome.FAILED, Outcome.LOST, Outcome.NOT_CONVERGED):
            return theme.bad
        return theme.warn if self._state in ("cancelling", Outcome.CANCELLED) else theme.accent

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom, colour = zoom_of(painter), self._colour()
        ids = (self._migration.id, self._migration.vm_id)
        is_strong = self.marks.hovered in ids or not self.marks.selected.isdisjoint(ids)
        width = max(2.6 if is_strong else 1.7, (1.4 if is_strong else 0.9) / zoom)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if zoom >= NEAR_FROM:
            halo = QColor(look.theme.surface)
            halo.setAlphaF(0.75)
            painter.strokePath(self._path, QPen(halo, width + 3))
        line = QPen(colour, width)
        line.setCapStyle(Qt.PenCapStyle.FlatCap)
        line.setDashPattern([4.5, 2.6])
        painter.setOpacity(1.0 if is_strong or self._fraction is None else 0.55)
        painter.strokePath(self._path, line)
        painter.setOpacity(1.0)
        if self._fraction:
            # What still runs is wider than what is over, so that a glance finds it.
            self._fill(painter, QPen(colour, 2 * width if self._fraction < 1 else width), self._fraction)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if zoom >= NEAR_FROM:
            painter.drawEllipse(self._path.pointAtPercent(0.0), 3.0, 3.0)
        painter.drawPolygon(self._head)
        if zoom >= ALL_TEXT_FROM:
            draw_label(painter, self.label, colour, colour if is_strong or self._state else None)

    def _fill(self, painter: QPainter, pen: QPen, fraction: float) -> None:
        """The first `fraction` of the line: one dash of that length, then a gap longer than all the rest."""
        length = self._path.length() / pen.widthF()
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([max(0.01, length * fraction), length + 1])
        painter.strokePath(self._path, pen)
