"""Links between cards and the arrows of planned moves."""

from collections.abc import Iterator
from math import log10

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vmplanner.domain.plans import Migration
from vmplanner.domain.quantities import BYTES_PER_S, SECONDS
from vmplanner.domain.results import Outcome
from vmplanner.domain.topology import Link
from vmplanner.ui.canvas import chips, geometry
from vmplanner.ui.canvas.items import Marks, zoom_of
from vmplanner.ui.theme import look, mixed

_HIT_WIDTH = 12.0
_HEAD = 11.0
_LABEL_PX = 11
_SHORT = 180.0
_ABOVE = 44.0


class LineItem(QGraphicsItem):
    """A curve that can be hit some pixels beside it."""

    def __init__(self, marks: Marks) -> None:
        super().__init__()
        self.marks = marks
        self._path = QPainterPath()
        self._shape: QPainterPath | None = None

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
        return self._path.controlPointRect().adjusted(-_HIT_WIDTH, -_HIT_WIDTH, _HIT_WIDTH, _HIT_WIDTH)


class LinkLabel(QGraphicsItem):
    """A link's bandwidth and latency, above all lines so that it can be read."""

    def __init__(self, link: Link, marks: Marks) -> None:
        super().__init__()
        self.link = link
        self.marks = marks
        self._rect = QRectF()
        self.setZValue(3)

    @property
    def text(self) -> str:
        """'10 Gbit/s · 100 µs'."""
        return f"{BYTES_PER_S.format(self.link.bandwidth_bytes_per_s)} · {SECONDS.format(self.link.latency_s)}"

    def rect_at(self, centre: QPointF) -> QRectF:
        """The room that it takes there."""
        width = chips.metrics(_LABEL_PX).horizontalAdvance(self.text) + 14
        return QRectF(centre.x() - width / 2, centre.y() - 9, width, 18)

    def set_rect(self, rect: QRectF) -> None:
        """Stand here; an empty rectangle hides it."""
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect

    @property
    def rect(self) -> QRectF:
        return self._rect

    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-1, -1, 1, 1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self._rect.isEmpty() or zoom_of(painter) < chips.ALL_TEXT_FROM:
            return
        theme = look.theme
        is_selected = self.link.id in self.marks.selected
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.accent if is_selected else theme.border, 1.0))
        painter.setBrush(theme.window)
        painter.drawRoundedRect(self._rect, 9, 9)
        painter.setPen(theme.accent if is_selected else theme.muted)
        painter.setFont(chips.font(_LABEL_PX))
        painter.drawText(self._rect, Qt.AlignmentFlag.AlignCenter, self.text)


class LinkItem(LineItem):
    """A link, the thicker the faster; its label stands where the scene found room."""

    _LABEL_PLACES = (0.5, 0.38, 0.62, 0.27, 0.73, 0.85, 0.15)

    def __init__(self, link: Link, marks: Marks) -> None:
        super().__init__(marks)
        self.link = link
        self.label = LinkLabel(link, marks)

    def label_places(self) -> Iterator[QRectF]:
        """Where its label may stand, the best first: on the line, or close beside a line that is too short for it."""
        points = [self._path.pointAtPercent(place) for place in self._LABEL_PLACES]
        yield from map(self.label.rect_at, points)
        if self._path.length() < _SHORT:
            beside = self.label.rect_at(QPointF()).width() / 2 + 6
            for shift in (QPointF(0, -16), QPointF(0, 16), QPointF(beside, 0), QPointF(-beside, 0)):
                yield from (self.label.rect_at(point + shift) for point in points)
            yield self.label.rect_at(points[0] + QPointF(0, -_ABOVE))

    def set_link(self, link: Link) -> None:
        """Show the link's new value."""
        self.link = self.label.link = link
        self.update()
        self.label.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        theme, zoom = look.theme, zoom_of(painter)
        is_selected = self.link.id in self.marks.selected
        is_hovered = self.link.id == self.marks.hovered
        colour = theme.accent if is_selected else mixed(theme.border, theme.muted, 0.9 if is_hovered else 0.45)
        width = min(4.0, max(1.5, 1.2 + 0.8 * log10(max(1.0, self.link.bandwidth_bytes_per_s / 125e6))))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colour, max(width + (0.8 if is_selected or is_hovered else 0), 0.8 / zoom))
        painter.strokePath(self._path, pen)


class MoveArrow(LineItem):
    """A planned move: dashed from the VM's chip to the target's card. While it runs the arrow fills."""

    def __init__(self, migration: Migration, marks: Marks) -> None:
        super().__init__(marks)
        self.migration = migration
        self._fraction: float | None = None
        self._state = ""
        self._head = QPolygonF()
        self.setZValue(2)

    def set_progress(self, fraction: float | None, state: str) -> None:
        """`fraction` (0 to 1) of the move is done, None: it does not run; `state` is the job's state or outcome."""
        if (fraction, state) != (self._fraction, self._state):
            self._fraction = None if fraction is None else min(1.0, max(0.0, fraction))
            self._state = state
            self.update()

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
        is_strong = bool({self.migration.id, self.migration.vm_id} & {*self.marks.selected, self.marks.hovered})
        width = max(2.6 if is_strong else 1.7, (1.4 if is_strong else 0.9) / zoom)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
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
        if zoom >= chips.CHIPS_FROM:
            painter.drawEllipse(self._path.pointAtPercent(0.0), 3.0, 3.0)
        painter.drawPolygon(self._head)

    def _fill(self, painter: QPainter, pen: QPen, fraction: float) -> None:
        """The first `fraction` of the line: one dash of that length, then a gap longer than all the rest."""
        length = self._path.length() / pen.widthF()
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([max(0.01, length * fraction), length + 1])
        painter.strokePath(self._path, pen)
