"""The equations of a round, element by element: for one migration or for arrays of them.

pending.py explains what is pending after a round and what is assumed of memory; policies.py says how a sender looks
whether it may stop.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Floats

Number = TypeVar("Number", float, Floats)

# The top of memory: a descriptor of 64 bytes for each page (Linux, struct page), and 1,200 pages of other early
# allocations (measured, 900 to 1,500 in guests of 128 MiB to 1 GiB).
_TOP_SHARE = 64 / PAGE_BYTES
_TOP_PAGES = 1200

# A class counts as pending from end to end when at most this share of it is clean.
_WHOLE = 0.999

# A look that is due now is not put off by rounding: by this share of the time between looks.
_HAIR = 1e-9


def top_pages(memory_pages: Number) -> Number:
    """Pages that a Linux kernel allocates first, at the top of a memory of so many pages."""
    return _TOP_PAGES + _TOP_SHARE * memory_pages


def pending_after(
    size: Floats,
    is_walk: NDArray[np.bool_],
    before: Floats,
    dirtied: Floats,
    full_left: Floats,
    empty_left: Floats,
) -> tuple[Floats, Floats]:
    """Pages with content, and empty pages, that are pending after a round.

    Of a class of `size` pages, `before` were pending at its start, `full_left` and `empty_left` were not sent, and
    `dirtied` distinct ones were written meanwhile; `is_walk` says whether the writes are a cyclic walk. A page
    that was written is not empty. All arguments have the same shape.
    """
    left = full_left + empty_left
    left_share = left / np.maximum(size, 1)  # a class without pages has nothing left
    overlap = left_share * dirtied
    goes_away = is_walk & (before < _WHOLE * size)
    overlap = overlap + goes_away * (np.maximum(0, left + dirtied - size) - overlap)
    empty = empty_left * (1 - dirtied / np.maximum(size, 1))
    full = left + dirtied - overlap - empty
    return full, empty


def look_s(
    passed_s: Floats | float,
    excess_pages: Floats | float,
    seconds_per_page: Floats | float,
    look_every_s: Floats | float,
) -> Floats:
    """When a sender sees that it may stop, in seconds since the round began: at its first look without excess.

    `passed_s` after that begin it has `excess_pages` more than it may leave; it looks every `look_every_s`.
    """
    looks = np.ceil((passed_s + np.maximum(excess_pages, 0) * seconds_per_page) / look_every_s - _HAIR)
    when: Floats = np.maximum(passed_s, looks * look_every_s)
    return when
