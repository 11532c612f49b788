"""What the pieces of a VM make of its memory, in four figures that decide how its move goes.

good           has to move
bad            may be discarded before the move: free and untouched memory
hot            distinct pages that are written within HOT_S, a part of the good memory: what keeps a pre-copy going
compressible   what packing would take off the good memory. Zero pages go away, others shrink to 1 / ratio:
               size - size (1 - zero share) / ratio
"""

from collections.abc import Sequence

from attrs import frozen

from vmplanner.domain.machines import Piece
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Dirtying

HOT_S = 1.0


@frozen
class Makeup:
    """Bytes. Good and bad are all of the memory; hot and compressible lie in the good part."""

    good_bytes: float
    bad_bytes: float
    hot_bytes: float
    compressible_bytes: float

    @property
    def total_bytes(self) -> float:
        return self.good_bytes + self.bad_bytes


def makeup_of(pieces: Sequence[Piece]) -> Makeup:
    """The makeup of some pieces."""
    good = [piece for piece in pieces if not piece.is_bad]
    good_bytes = sum(piece.size_bytes for piece in good)
    hot_pages = float(Dirtying.of(good).distinct_pages(HOT_S).sum()) if good else 0.0
    saved = sum(piece.size_bytes * (1 - (1 - piece.zero_share) / piece.compression_ratio) for piece in good)
    bad_bytes = sum(piece.size_bytes for piece in pieces if piece.is_bad)
    return Makeup(good_bytes, bad_bytes, min(good_bytes, hot_pages * PAGE_BYTES), saved)
