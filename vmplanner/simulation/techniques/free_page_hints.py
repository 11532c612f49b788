"""Free-page hints: the guest tells which of its memory is free, and the sender skips that (virtio-balloon, QEMU).

A Linux guest hints whole blocks of 4 MiB. What of its free memory lies in smaller fragments goes over all the same:
measured, 21 MiB, of 128 MiB as of 256 MiB that were freed.

QEMU takes a hinted page off its list but not out of the dirty log. So at the first synchronisation all of them turn up
as dirty, far more than the threshold, and are hinted anew. Until then the sender goes on: what would have been left for
the last pass goes live, under the cap.
"""

from collections.abc import Iterable

from attrs import evolve

from vmplanner.domain.machines import Piece
from vmplanner.domain.plans import Migration, Technique
from vmplanner.domain.quantities import MIB

_FRAGMENTS_BYTES = 21 * MIB


def takes_hints(migration: Migration) -> bool:
    """Whether a migration goes by hints. QEMU takes none where a post-copy is possible, and a guest that has given its
    free memory up has none to give.
    """
    without = (Technique.POST_COPY, Technique.HYBRID, Technique.CHECKPOINT)
    return migration.options.free_page_hints and migration.technique not in without


def without_hinted(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces that are left to send: all good memory, and the fragments of the bad that has content."""
    left = []
    fragments = _FRAGMENTS_BYTES
    for piece in pieces:
        if not piece.is_bad:
            left.append(piece)
        elif piece.zero_share < 1:
            size = min(piece.size_bytes, fragments)
            fragments -= size
            left.append(evolve(piece, size_bytes=size))
    return left
