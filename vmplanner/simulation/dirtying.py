"""How many distinct pages a guest dirties in t seconds, piece by piece.

With N pages in a piece and r page writes per second:

    uniform      U(t) = N (1 - exp(-r t / N))           writes fall on pages independently (Poisson)
    sequential   U(t) = min(N, r t)                     a cyclic walk
    hot/cold     U(t) = U_hot(t) + U_cold(t)            each part uniform, with its share of pages and of writes

Uniform is hot/cold with an empty hot part, so that one formula serves all pieces at once.
"""

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from vmplanner.domain.machines import HotCold, Piece, Sequential

Floats = NDArray[np.float64]


@frozen(eq=False)
class Dirtying:
    """The write behaviour of pieces. Every array has the shape (..., pieces)."""

    pages: Floats
    sequential: NDArray[np.bool_]
    hot_pages: Floats
    hot_writes_per_s: Floats
    cold_writes_per_s: Floats

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> "Dirtying":
        """The behaviour of the pieces of one VM; arrays of shape (pieces,)."""
        pages = np.array([piece.pages for piece in pieces], dtype=float)
        writes = np.array([piece.write_rate_pages_per_s for piece in pieces], dtype=float)
        hot_size = np.array([p.pattern.hot_size_share if isinstance(p.pattern, HotCold) else 0.0 for p in pieces])
        hot_write = np.array([p.pattern.hot_write_share if isinstance(p.pattern, HotCold) else 0.0 for p in pieces])
        sequential = np.array([isinstance(piece.pattern, Sequential) for piece in pieces], dtype=bool)
        return cls(pages, sequential, pages * hot_size, writes * hot_write, writes * (1 - hot_write))

    def distinct_pages(self, seconds: float | Floats) -> Floats:
        """Distinct pages written in `seconds` (a number, or an array of shape (..., 1)); shape (..., pieces)."""
        walked = np.minimum(self.pages, (self.hot_writes_per_s + self.cold_writes_per_s) * seconds)
        scattered = _uniform(self.hot_pages, self.hot_writes_per_s * seconds) + _uniform(
            self.pages - self.hot_pages, self.cold_writes_per_s * seconds
        )
        return np.where(self.sequential, walked, scattered)


def _uniform(pages: Floats, writes: Floats) -> Floats:
    """Distinct pages hit by a mean of `writes` writes on `pages` pages."""
    exponent = np.divide(writes, pages, out=np.zeros(np.broadcast(writes, pages).shape), where=pages > 0)
    return pages * -np.expm1(-exponent)
