"""The classes of pages of one guest, in plain numbers: for the few classes of a guest they are ten times faster than
arrays. dirtying.py has the equations, and the arrays for many guests.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

from attrs import define, field

from vmplanner.domain.machines import MeasuredCurve, Piece, PowerLaw
from vmplanner.simulation.dirtying import LAW_OF, LONGEST_S, WHOLE, Law, classes_of

# Compared by identity.
_SCATTERED, _WALK = Law.SCATTERED, Law.WALK


@define(eq=False)
class PageClass:
    """Pages of a piece that are written alike. Each is written so often a second as `intensity` says; where the class
    `stays_empty`, writes put zeros over its zeros.
    """

    piece: Piece
    pages: float
    writes_per_s: float
    law: Law
    intensity: float = field(init=False)
    stays_empty: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.intensity = self.writes_per_s / self.pages if self.pages else 0.0
        self.stays_empty = self.piece.zero_share == 1.0 and not self.piece.rewrite_share

    def distinct_pages(self, seconds: float) -> float:
        """Distinct pages written in so many seconds."""
        if not self.writes_per_s or not self.pages:
            return 0.0
        if self.law is _SCATTERED:
            return self.pages * -math.expm1(-self.writes_per_s * seconds / self.pages)
        if self.law is _WALK:
            return min(self.pages, self.writes_per_s * seconds)
        return min(self.pages, self.writes_per_s * self._growth(seconds))

    def pending_after(
        self, seconds: float, dirtied: float, before: float, full_left: float, empty_left: float
    ) -> tuple[float, float]:
        """As `Dirtying.pending_after`, for this class."""
        left = full_left + empty_left
        if not left:
            return dirtied, 0.0
        either = left + dirtied
        written_share = dirtied / max(self.pages, 1)
        if self.law is _WALK and before < WHOLE * self.pages:
            overlap = max(0.0, either - self.pages)
        elif self.law is Law.GROWTH:
            overlap = left * self._share_written_again(seconds, dirtied, before)
        else:
            overlap = left * written_share
        empty = empty_left * (1 - written_share)
        return either - overlap - empty, empty

    def _share_written_again(self, seconds: float, dirtied: float, before: float) -> float:
        if not before or not self.writes_per_s:
            return 0.0
        since_s = self._seconds_to(before / self.writes_per_s)
        recent = min(before, self.writes_per_s * self._growth(since_s))
        in_both = min(self.pages, self.writes_per_s * self._growth(since_s + seconds))
        return max(0.0, recent + dirtied - in_both) / before

    def _growth(self, seconds: float) -> float:
        """g(t)."""
        match self.piece.pattern:
            case PowerLaw(exponent):
                return math.pow(seconds, exponent)
            case MeasuredCurve() as curve:
                return curve.pages_at(seconds) / curve.pages_at(1.0)
        return seconds

    def _seconds_to(self, growth: float) -> float:
        """When g reaches a value; where a curve never does, the time of its last point."""
        match self.piece.pattern:
            case PowerLaw(exponent):
                return math.exp(min(math.log(max(growth, 1e-30)) / exponent, math.log(LONGEST_S)))
            case MeasuredCurve() as curve:
                return _seconds_to(curve, growth * curve.pages_at(1.0))
        return growth


def page_classes(pieces: Sequence[Piece]) -> list[PageClass]:
    """The classes of the pieces of one VM, in the order of `Dirtying.of`."""
    return [one for piece in pieces for one in _classes_of(piece)]


# Many VMs have the same profile.
@lru_cache(maxsize=4096)
def _classes_of(piece: Piece) -> tuple[PageClass, ...]:
    law = LAW_OF[type(piece.pattern)]
    return tuple([PageClass(piece, pages, writes_per_s, law) for _, pages, writes_per_s in classes_of([piece])])


def _seconds_to(curve: MeasuredCurve, pages: float) -> float:
    """The way back from `MeasuredCurve.pages_at`."""
    place = bisect_right(curve.points, pages, key=lambda point: point[1])
    if place == 0:
        first_s, first = curve.points[0]
        return first_s * pages / first
    if place == len(curve.points):
        return curve.points[-1][0]
    (before_s, before), (after_s, after) = curve.points[place - 1 : place + 1]
    share = math.log(pages / before) / math.log(after / before)
    return before_s * math.pow(after_s / before_s, share)
