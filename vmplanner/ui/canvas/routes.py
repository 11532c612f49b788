"""Ways around cards: a line that would run behind other cards takes the gaps between them instead."""

from collections.abc import Collection, Iterator
from itertools import pairwise
from math import floor

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from vmplanner.ui.canvas.geometry import Side, add_rounded, curve, points_on

_CLEAR = 14.0
_LANES = 12
_LANE = 5.0
_BLOCKERS = 6
# A drawing with more lines than gaps has no use for detours; looking for them must not hold up the window.
_TRIES = 1500


class TakenSpace:
    """Rectangles in use, filed by the cells they cover: a question costs the same however many there are."""

    _CELL = 256.0

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[QRectF]] = {}

    def add(self, rect: QRectF) -> None:
        for cell in self._cells_of(rect):
            self._cells.setdefault(cell, []).append(rect)

    def is_free(self, rect: QRectF) -> bool:
        """Whether it overlaps nothing."""
        return not any(taken.intersects(rect) for cell in self._cells_of(rect) for taken in self._cells.get(cell, ()))

    def at(self, point: QPointF) -> QRectF | None:
        """What is at a point."""
        cell = floor(point.x() / self._CELL), floor(point.y() / self._CELL)
        return next((taken for taken in self._cells.get(cell, ()) if taken.contains(point)), None)

    def count(self, rect: QRectF) -> int:
        """How many it overlaps."""
        near = {id(taken): taken for cell in self._cells_of(rect) for taken in self._cells.get(cell, ())}
        return sum(taken.intersects(rect) for taken in near.values())

    def _cells_of(self, rect: QRectF) -> Iterator[tuple[int, int]]:
        for column in range(floor(rect.left() / self._CELL), floor(rect.right() / self._CELL) + 1):
            for row in range(floor(rect.top() / self._CELL), floor(rect.bottom() / self._CELL) + 1):
                yield column, row


def _flipped(point: QPointF) -> QPointF:
    return QPointF(point.y(), point.x())


class Router:
    """Finds ways between these cards for the lines of one drawing. Later lines keep clear of the detours it gave."""

    def __init__(self, cards: Collection[QRectF]) -> None:
        self._cards = TakenSpace()
        for card in cards:
            self._cards.add(card)
        self._across = TakenSpace()
        self._down = TakenSpace()
        self._tries_left = _TRIES if cards else 0

    def extend(self, path: QPainterPath, leave: Side, end: QPointF, arrive: Side) -> None:
        """Go on from the path's end to `end`: by a curve, or around the cards in its way when there is a way around."""
        start = path.currentPosition()
        direct = curve(start, leave, end, arrive)
        blockers = self._cards_on(start, direct) if self._tries_left > 0 else []
        if blockers:
            for points in self._detours(start, leave, end, arrive, blockers):
                self._tries_left -= 1
                if self._takes(points):
                    add_rounded(path, points)
                    return
        path.cubicTo(*direct)

    def lines_at(self, rect: QRectF) -> int:
        """How many stretches of detours run through `rect`."""
        return self._across.count(rect) + self._down.count(rect)

    def _cards_on(self, start: QPointF, direct: tuple[QPointF, QPointF, QPointF]) -> list[QRectF]:
        """The first few cards that a curve runs into."""
        found: dict[int, QRectF] = {}
        for point in points_on(start, *direct):
            card = self._cards.at(point)
            if card is not None:
                found[id(card)] = card
                if len(found) == _BLOCKERS:
                    break
        return list(found.values())

    def _detours(
        self, start: QPointF, leave: Side, end: QPointF, arrive: Side, blockers: list[QRectF]
    ) -> Iterator[list[QPointF]]:
        """Ways along the gaps, the best first. Thought of as leaving sideways; for top and bottom all is flipped."""
        is_flipped = leave in (Side.TOP, Side.BOTTOM)
        turn = _flipped if is_flipped else QPointF
        a, b = turn(start), turn(end)
        outward = sum(leave.value)
        for lane in range(_LANES):
            clear = _CLEAR + lane * _LANE
            if leave is arrive:
                far = outward * (max(outward * a.x(), outward * b.x()) + clear)
                corners = [QPointF(far, a.y()), QPointF(far, b.y())]
                yield [start, *map(turn, corners), end]
                continue
            first, last = a.x() + outward * clear, b.x() - outward * clear
            edges = [(r.left(), r.right()) if is_flipped else (r.top(), r.bottom()) for r in blockers]
            gaps = {a.y(), b.y(), *(low - clear for low, _high in edges), *(high + clear for _low, high in edges)}
            for gap in sorted(gaps, key=lambda y: abs(y - a.y()) + abs(y - b.y())):
                corners = [QPointF(first, a.y()), QPointF(first, gap), QPointF(last, gap), QPointF(last, b.y())]
                yield [start, *map(turn, corners), end]

    def _takes(self, points: list[QPointF]) -> bool:
        """Whether the way is free; if so it is taken. The first and the last stretch touch their own cards."""
        stretches = []
        for a, b in pairwise(points[1:-1]):
            if a != b:
                is_across = a.y() == b.y()
                rect = QRectF(a, b).normalized().adjusted(-2, -2, 2, 2)
                lines = self._across if is_across else self._down
                if not self._cards.is_free(rect) or not lines.is_free(rect):
                    return False
                stretches.append((lines, rect))
        for lines, rect in stretches:
            lines.add(rect)
        return True
