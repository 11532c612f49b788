"""What a sender meets in a round, element by element: for one migration or for arrays of them.

pending.py explains what is assumed of memory; stop_rules.py says how a sender looks whether it may stop.
"""

import math
from typing import TypeVar

import numpy as np

from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Floats

Number = TypeVar("Number", float, Floats)

# The top of memory: a descriptor of 64 bytes for each page (Linux, struct page), and 1,200 pages of other early
# allocations (measured, 900 to 1,500 in guests of 128 MiB to 1 GiB).
_TOP_SHARE = 64 / PAGE_BYTES
_TOP_PAGES = 1200

# A look that is due now is not put off by rounding: by this share of the time between looks.
HAIR = 1e-9


def top_pages(memory_pages: Number) -> Number:
    """Pages that a Linux kernel allocates first, at the top of a memory of so many pages."""
    return _TOP_PAGES + _TOP_SHARE * memory_pages


def look_s(
    passed_s: Floats | float,
    excess_pages: Floats | float,
    seconds_per_page: Floats | float,
    look_every_s: Floats | float,
) -> Floats:
    """When a sender sees that it may stop, in seconds since the round began: at its first look without excess.

    `passed_s` after that begin it has `excess_pages` more than it may leave; it looks every `look_every_s`.
    """
    looks = np.ceil((passed_s + np.maximum(excess_pages, 0) * seconds_per_page) / look_every_s - HAIR)
    when: Floats = np.maximum(passed_s, looks * look_every_s)
    return when


def one_look_s(passed_s: float, excess_pages: float, seconds_per_page: float, look_every_s: float) -> float:
    """`look_s` for one migration: plain numbers are ten times faster than arrays of one."""
    if excess_pages < 0:
        excess_pages = 0.0
    looks_s = math.ceil((passed_s + excess_pages * seconds_per_page) / look_every_s - HAIR) * look_every_s
    return looks_s if looks_s > passed_s else passed_s
