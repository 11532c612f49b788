"""Packing pages in threads beside the sender: QEMU's `compress`, which it had up to version 9.0.

The sender hands each page to a thread that is free and waits while none is (compress-wait-thread, the default). The
thread finds it empty, or packs it on its own by zlib; when it is given its next page, its last one goes on the wire
(save_compress_page in QEMU 7.2's migration/ram.c; seen). So a page takes the sender

    H + z / min(n, C)       H: to hand it over, z: to pack it, by n threads that have C cores (packing.py)

an empty one H alone. The threads or the wire bind, from the first round on. With XBZRLE besides, packing ends with the
first round (save_page_use_compression; seen). A page packed alone is larger than among others, as channels pack it: a
piece's ratio is that of its single pages. The target's threads unpack a page in less than H: it does not fall behind.
"""

from collections.abc import Iterable, Sequence

from attrs import evolve

from vmplanner.domain.machines import Piece
from vmplanner.simulation.dirtying import Dirtying, Floats
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.steps import Group
from vmplanner.simulation.techniques.encoding import Encoding, PageCost
from vmplanner.simulation.techniques.packing import at_a_time, packed_bytes, zlib_s

# Measured on stretches of empty pages, which need no packing: 17 to 28 us, with one thread and with two.
_HAND_OVER_S = 22e-6


def with_threads(policy: Policy) -> Policy:
    """The policy as it is with compression threads: they look for empty pages too, and nothing hides that."""
    return evolve(policy, zero_page_cpu_s=max(policy.zero_page_cpu_s, _HAND_OVER_S), hidden_scan_s=0.0)


class ThreadPacked:
    """The costs of pages that compression threads pack."""

    def __init__(self, pieces: Sequence[Piece], dirtying: Dirtying, policy: Policy, threads: int, level: int) -> None:
        ratios = [pieces[index].compression_ratio for index in dirtying.piece]
        workers = at_a_time(threads, policy)
        self._costs = [
            PageCost(packed_bytes(ratio, level), _HAND_OVER_S + packing_s / workers, packing_s, _HAND_OVER_S)
            for ratio, packing_s in [(ratio, zlib_s(ratio, level)) for ratio in ratios]
        ]

    def page_cost(self, class_index: int, round_number: int) -> PageCost:
        return self._costs[class_index]

    def round_over(self, round_number: int, sent: Floats, rewrites: Floats) -> None:
        """Nothing is remembered."""

    def behind_s(self, behind_s: float, sent: Iterable[Group], seconds: float) -> float:
        return 0.0

    def lift_cap(self) -> None:
        """The simulator holds the cap."""


class PackedAtFirst:
    """The first round by one encoding, the others by another."""

    def __init__(self, first: Encoding, then: Encoding) -> None:
        self._first = first
        self._then = then

    def page_cost(self, class_index: int, round_number: int) -> PageCost:
        return (self._first if round_number == 1 else self._then).page_cost(class_index, round_number)

    def round_over(self, round_number: int, sent: Floats, rewrites: Floats) -> None:
        self._first.round_over(round_number, sent, rewrites)
        self._then.round_over(round_number, sent, rewrites)

    def behind_s(self, behind_s: float, sent: Iterable[Group], seconds: float) -> float:
        return 0.0

    def lift_cap(self) -> None:
        """The simulator holds the cap."""
