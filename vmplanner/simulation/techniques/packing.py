"""What it costs to pack a page, whoever does it: channels (multifd.py) or compression threads (compress.py).

A page of p bytes that packing makes rho times smaller is h + p / rho bytes long. Packed by zlib at level 1 it takes

    14 us + 110 us / rho        of one core: to read it, and to write what is left of it

and n threads pack min(n, C) pages at a time, with C the cores that they have between them: `packing_cores` of the
policy. Migrations that pack at one host at the same time share them (processors.py). A higher level takes longer and
finds little more.

Measured, by the time that the threads of packed runs had a core: 22 us for a page of text (15 times smaller when packed
alone), 50 for a kernel's (3.1), 93 for one that is half random (1.74); and by the length of such runs 15 % less for
the last. On an idle core of another machine zlib 1.2.13 takes 21 us for such text and 68 for pages of programs (2.4),
but gives random bytes up after 51.
"""

import math

from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.policy import Policy

# Per page: in channels a packet's header and its list of addresses (measured, 4108 bytes for a page of 4096), with
# threads the page's header of 8 bytes and its length of 4 (QEMU 7.2, migration/ram.c; seen).
PAGE_HEADER_BYTES = 12

_READ_S = 14e-6
_WRITE_S = 110e-6
# Of levels 1 to 9: the time and the saving by those of level 1. Measured, zlib 1.2.13, page by page, on 3,000 pages of
# programs and libraries.
_LEVEL_TIMES = (1.0, 1.02, 1.06, 1.15, 1.29, 1.46, 1.58, 1.94, 2.10)
_LEVEL_RATIOS = (1.0, 1.013, 1.021, 1.038, 1.048, 1.051, 1.052, 1.053, 1.053)


def packed_bytes(ratio: float, level: int = 1) -> float:
    """The length of a page on the wire that is `ratio` times smaller when packed at level 1."""
    return PAGE_HEADER_BYTES + PAGE_BYTES / (1 + (ratio - 1) * _LEVEL_RATIOS[level - 1])


def zlib_s(ratio: float, level: int = 1) -> float:
    """Seconds that one core needs to pack such a page by zlib."""
    return (_READ_S + _WRITE_S / ratio) * _LEVEL_TIMES[level - 1]


def at_a_time(threads: int, policy: Policy) -> float:
    """How many pages so many threads pack at the same time."""
    return min(threads, policy.packing_cores or math.inf)
