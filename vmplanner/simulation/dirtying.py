"""How many distinct pages a guest dirties in t seconds.

A piece of N pages with r page writes a second is made of one or more classes of pages that are written alike:

    uniform      U(t) = N (1 - exp(-r t / N))           writes fall on pages independently (Poisson)
    sequential   U(t) = min(N, r t)                     a cyclic walk
    hot/cold     two uniform classes, each with its share of the pages and of the writes
"""

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from vmplanner.domain.machines import HotCold, Piece, Sequential

Floats = NDArray[np.float64]


@frozen(eq=False)
class Dirtying:
    """The classes of pages of a VM and how they are written. `pages`, `writes_per_s` and `sequential` have the shape
    (..., classes); `piece` says for each class which piece it is part of, shape (classes,)."""

    piece: NDArray[np.intp]
    pages: Floats
    writes_per_s: Floats
    sequential: NDArray[np.bool_]

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> "Dirtying":
        """The classes of the pieces of one VM, in the order of the pieces, hot before cold; arrays of shape
        (classes,).
        """
        classes: list[tuple[int, float, float, bool]] = []
        for index, piece in enumerate(pieces):
            pages, writes = float(piece.pages), piece.write_rate_pages_per_s
            if isinstance(piece.pattern, HotCold) and piece.pattern.hot_size_share < 1:
                hot, hot_writes = piece.pattern.hot_size_share, piece.pattern.hot_write_share
                classes.append((index, pages * hot, writes * hot_writes, False))
                classes.append((index, pages * (1 - hot), writes * (1 - hot_writes), False))
            else:
                classes.append((index, pages, writes, isinstance(piece.pattern, Sequential)))
        columns = list(zip(*classes, strict=True)) or [(), (), (), ()]
        return cls(
            np.array(columns[0], dtype=np.intp),
            np.array(columns[1], dtype=float),
            np.array(columns[2], dtype=float),
            np.array(columns[3], dtype=bool),
        )

    def distinct_pages(self, seconds: float | Floats) -> Floats:
        """Distinct pages of each class written in `seconds` (a number, or an array of shape (..., 1)); shape (...,
        classes).
        """
        writes = self.writes_per_s * seconds
        walked = np.minimum(self.pages, writes)
        scattered = self.pages * -np.expm1(-share_of(writes, self.pages))
        return scattered + self.sequential * (walked - scattered)


def share_of(part: Floats, whole: Floats) -> Floats:
    """part / whole, and 0 where there is no whole."""
    return part / (whole + (whole <= 0)) * (whole > 0)
