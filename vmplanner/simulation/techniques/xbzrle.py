"""XBZRLE: of a page that is sent again, only the difference to what was sent before goes over.

After Svard et al. (VEE 2011) as QEMU does it (migration/xbzrle.c): the first round goes as it is. From the second on,
each page sent is kept in a cache of K bytes; a page that is found there costs

    header + (1 - (1 - d)^w) p      d = share of the page that a write changes, w writes since, p = 4096 bytes

and goes whole where that is not less than a page. With n distinct pages cached, and all those sent asking for more
than the cache holds, the chance to be found is

    h = min(1, K / (p sum n)) n / N         for a class of N pages
"""

from collections.abc import Sequence

import numpy as np

from vmplanner.domain.machines import Piece
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Dirtying, Floats, share_of
from vmplanner.simulation.policies import Policy

# The page's header of 8 bytes, the encoding's of 3 (QEMU, migration/ram.c), and the length and offset of one run of
# changes.
_HEADER_BYTES = 8 + 3 + 4
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

    def page_bytes(self, class_index: int, round_number: int) -> float:
        found = self._found(class_index)
        return float(found * self._difference_bytes[class_index] + (1 - found) * self._policy.page_bytes)

    def page_cpu_s(self, class_index: int, round_number: int) -> float:
        return float(self._found(class_index)) * PAGE_BYTES / _COMPARE_BYTES_PER_S

    def round_over(self, round_number: int, sent: Floats, rewrites: Floats) -> None:
        """The first round fills no cache."""
        if round_number > 1:
            share = share_of(self._cached, self._classes)
            self._cached = self._cached + np.minimum(sent, self._classes) * (1 - share)
        changed = 1 - (1 - self._changed) ** rewrites
        self._difference_bytes = np.minimum(self._policy.page_bytes, _HEADER_BYTES + changed * PAGE_BYTES)

    def _found(self, class_index: int) -> float:
        if not self._classes[class_index]:
            return 0.0
        kept = min(1.0, self._cache_pages / max(1.0, float(self._cached.sum())))
        return float(kept * self._cached[class_index] / self._classes[class_index])
