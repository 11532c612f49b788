"""The shapes of lines: the sides of cards where they begin and end, the curves between, and arrow heads."""

from collections.abc import Iterator
from enum import Enum
from math import hypot

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from vmplanner.ui.theme import GRID

CLEARANCE = 24.0


class Side(Enum):
    """A side of a card; the value is the direction that leads away from it."""

    TOP = (0, -1)
    RIGHT = (1, 0)
    BOTTOM = (0, 1)
    LEFT = (-1, 0)

    def away(self, point: QPointF, distance: float) -> QPointF:
        """The point `distance` further out."""
        return QPointF(point.x() + self.value[0] * distance, point.y() + self.value[1] * distance)


def snapped(point: QPointF) -> QPointF:
    """The nearest point of the grid."""
    return QPointF(round(point.x() / GRID) * GRID, round(point.y() / GRID) * GRID)


def facing_sides(a: QRectF, b: QRectF) -> tuple[Side, Side]:
    """The sides of two cards between which a link looks shortest: one above the other first, then side by side."""
    below, right = b.top() - a.bottom(), b.left() - a.right()
    above, left = a.top() - b.bottom(), a.left() - b.right()
    if below >= CLEARANCE:
        return Side.BOTTOM, Side.TOP
    if above >= CLEARANCE:
        return Side.TOP, Side.BOTTOM
    return (Side.RIGHT, Side.LEFT) if right >= left else (Side.LEFT, Side.RIGHT)


def curve(start: QPointF, start_side: Side, end: QPointF, end_side: Side) -> tuple[QPointF, QPointF, QPointF]:
    """The two control points and the end of a cubic curve that is at right angles to both sides."""
    across, down = abs(end.x() - start.x()), abs(end.y() - start.y())
    if start_side is end_side:
        reach = 40 + 0.12 * hypot(across, down)
        ahead = (end.x() - start.x()) * start_side.value[0] + (end.y() - start.y()) * start_side.value[1]
        return start_side.away(start, reach + max(0.0, ahead)), end_side.away(end, reach + max(0.0, -ahead)), end
    along = across if start_side in (Side.LEFT, Side.RIGHT) else down
    bend = max(20.0, along * 0.5)
    return start_side.away(start, bend), end_side.away(end, bend), end


def points_on(start: QPointF, control: QPointF, control_2: QPointF, end: QPointF) -> Iterator[QPointF]:
    """Points of a cubic curve, some 40 pixels from each other but not too many, without its two ends."""
    steps = min(60, max(8, round((end - start).manhattanLength() / 40)))
    for step in range(1, steps):
        t, s = step / steps, 1 - step / steps
        yield start * (s * s * s) + control * (3 * s * s * t) + control_2 * (3 * s * t * t) + end * (t * t * t)


def move_sides(source: QRectF, target: QRectF, in_left_column: bool) -> tuple[Side, Side]:
    """The sides at which a planned move leaves its host and arrives at the other."""
    if target.left() - source.right() >= CLEARANCE:
        return Side.RIGHT, Side.LEFT
    if source.left() - target.right() >= CLEARANCE:
        return Side.LEFT, Side.RIGHT
    return (Side.LEFT, Side.LEFT) if in_left_column else (Side.RIGHT, Side.RIGHT)


def arrow_head(tip: QPointF, side: Side, length: float) -> QPolygonF:
    """The triangle of an arrow that ends at `tip` on this side of a card."""
    back = side.away(tip, length)
    across = QPointF(side.value[1], side.value[0]) * (0.45 * length)
    return QPolygonF([tip, back + across, back - across])


def add_rounded(path: QPainterPath, points: list[QPointF], radius: float = 10.0) -> None:
    """Go on from the path's end, which is `points[0]`, along straight lines with rounded corners."""
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        into, out = corner - before, after - corner
        lengths = hypot(into.x(), into.y()), hypot(out.x(), out.y())
        bend = min(radius, lengths[0] / 2, lengths[1] / 2)
        if bend > 0:
            path.lineTo(corner - into * (bend / lengths[0]))
            path.quadTo(corner, corner + out * (bend / lengths[1]))
    path.lineTo(points[-1])
