"""Where a dragged card stops: beside the grid at the edges and centres of the other cards in view."""

from collections.abc import Iterable

from PySide6.QtCore import QLineF, QPointF, QRectF

from vmplanner.ui.canvas.geometry import snapped

NEAR_PX = 6.0
_Span = tuple[float, float, float, float, float]


class Snapping:
    """Knows the other cards. `snap` gives where a card goes and which lines say why."""

    def __init__(self, others: Iterable[QRectF]) -> None:
        rects = list(others)
        self._across = [(r.left(), r.center().x(), r.right(), r.top(), r.bottom()) for r in rects]
        self._down = [(r.top(), r.center().y(), r.bottom(), r.left(), r.right()) for r in rects]

    def snap(self, card: QRectF, position: QPointF, zoom: float, seen: QRectF) -> tuple[QPointF, list[QLineF]]:
        """The position of a card at `card` (it would be at `position` without snapping), and the guide lines. Cards
        outside of `seen` are no reason.
        """
        reach = NEAR_PX / zoom
        on_grid = snapped(position)
        dx = _nearest((card.left(), card.center().x(), card.right()), self._across, reach, seen.left(), seen.right())
        dy = _nearest((card.top(), card.center().y(), card.bottom()), self._down, reach, seen.top(), seen.bottom())
        end = QPointF(
            on_grid.x() if dx is None else position.x() + dx, on_grid.y() if dy is None else position.y() + dy
        )
        there = card.translated(end - position)
        lines = []
        if dx is not None:
            ends = there.top(), there.bottom()
            for at, low, high in _on_line(
                (there.left(), there.center().x(), there.right()), self._across, ends, seen.left(), seen.right()
            ):
                lines.append(QLineF(at, low, at, high))
        if dy is not None:
            ends = there.left(), there.right()
            for at, low, high in _on_line(
                (there.top(), there.center().y(), there.bottom()), self._down, ends, seen.top(), seen.bottom()
            ):
                lines.append(QLineF(low, at, high, at))
        return end, lines


def _nearest(own: tuple[float, ...], others: list[_Span], reach: float, least: float, most: float) -> float | None:
    """How far to go to the nearest line; None when none is near."""
    found: float | None = None
    for span in others:
        if span[2] < least or span[0] > most:
            continue
        for line in span[:3]:
            for at in own:
                if abs(line - at) <= (reach if found is None else abs(found) - 1e-6):
                    found = line - at
    return found


def _on_line(
    own: tuple[float, ...], others: list[_Span], ends: tuple[float, float], least: float, most: float
) -> list[tuple[float, float, float]]:
    """Each line that the card shares, from its nearest sharer to itself: (where, from, to)."""
    found = []
    for at in own:
        sharing = [s for s in others if s[2] >= least and s[0] <= most and any(abs(line - at) < 0.01 for line in s[:3])]
        if sharing:
            near = min(sharing, key=lambda span: max(span[3] - ends[1], ends[0] - span[4]))
            found.append((at, min(near[3], ends[0]), max(near[4], ends[1])))
    return found
