"""XBZRLE: of a page that is sent again, only the difference to what was sent before goes over.

After Svard et al. (VEE 2011) as QEMU does it (migration/xbzrle.c): the first round goes as it is. From the second on,
each page sent is kept in a cache of K bytes; a page that is found there costs

    header + (1 - (1 - d)^w) p      d = share of the page that a write changes, w writes since, p = 4096 bytes

and goes whole where that is not less than a page. The cache has S = K / p places, a page's place is its address
modulo S, and a page does not push out one that was sent in the last two rounds. Data lie scattered: n pages in a
stretch of n / f page frames, which goes m = n / (f S) times over the places. Of n pages sent find a place

    s = S ((1 - c) (1 - (1 - f)^k) + c (1 - (1 - f)^(k + 1)))         k = floor(m), c = m - k

which is n for m <= 1, and of a class of N pages with n in the cache the share s / sum(n) n / N is found.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from vmplanner.domain.machines import Piece
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Dirtying, Floats, share_of
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.steps import Group
from vmplanner.simulation.techniques.encoding import PageCost

# The page's header of 8 bytes, the encoding's of 3 (QEMU, migration/ram.c), and the length and offset of one run of
# changes.
_HEADER_BYTES = 8 + 3 + 4
# Measured: a guest whose data are as large as the cache misses a fifth of them; so they fill this share of the frames.
_FILLED = 0.7
# Comparing a page with its old copy runs at 1.5 to 2.2 GB/s (figures of QEMU's own benchmark).
_COMPARE_BYTES_PER_S = 1.8e9


class Xbzrle:
    """The costs of pages with a cache of `cache_bytes`."""

    def __init__(self, pieces: Sequence[Piece], dirtying: Dirtying, policy: Policy, cache_bytes: int) -> None:
        self._policy = policy
        self._cache_pages = cache_bytes / PAGE_BYTES
        self._classes = dirtying.pages
        self._cached: Floats = np.zeros_like(dirtying.pages)
        self._changed = np.array([pieces[index].rewrite_share for index in dirtying.piece])
        self._difference_bytes = np.full_like(self._changed, policy.page_bytes)

    def page_cost(self, class_index: int, round_number: int) -> PageCost:
        found = self._found(class_index)
        wire_bytes = float(found * self._difference_bytes[class_index] + (1 - found) * self._policy.page_bytes)
        return PageCost(wire_bytes, found * PAGE_BYTES / _COMPARE_BYTES_PER_S)

    def round_over(self, round_number: int, sent: Floats, rewrites: Floats) -> None:
        """The first round fills no cache."""
        if round_number > 1:
            share = share_of(self._cached, self._classes)
            self._cached = self._cached + np.minimum(sent, self._classes) * (1 - share)
        changed = 1 - (1 - self._changed) ** rewrites
        self._difference_bytes = np.minimum(self._policy.page_bytes, _HEADER_BYTES + changed * PAGE_BYTES)

    def behind_s(self, behind_s: float, sent: Iterable[Group], seconds: float) -> float:
        return 0.0

    def lift_cap(self) -> None:
        """The simulator holds the cap."""

    def _found(self, class_index: int) -> float:
        if not self._classes[class_index]:
            return 0.0
        cached = float(self._cached.sum())
        kept = _with_a_place(cached, self._cache_pages) / cached if cached else 0.0
        return float(kept * self._cached[class_index] / self._classes[class_index])


def _with_a_place(pages: float, places: float) -> float:
    """How many of `pages` have a place of their own in a cache with so many places."""
    times = pages / (_FILLED * places)
    whole = math.floor(times)
    taken = (1 - (1 - _FILLED) ** number for number in (whole, whole + 1))
    return places * float(np.dot((1 - (times - whole), times - whole), tuple(taken)))
