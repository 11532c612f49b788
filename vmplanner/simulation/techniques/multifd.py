"""Copying in several streams, and packing pages in them (QEMU's multifd).

n channels send packets of 128 pages. The cap on the bandwidth is counted late: about one packet for each four
channels, and 1.75 packets besides, leave in a window after its budget is spent (measured with 2 and 4 channels).
Packed with a ratio rho = size before / after, a page of p bytes costs p / rho on the wire and p / (n C) of the
channels' time, with C the bytes that one channel packs in a second: the wire or the processors bind, whichever takes
longer.
"""

from collections.abc import Sequence

from attrs import evolve

from vmplanner.domain.machines import Piece
from vmplanner.domain.plans import Compression
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Dirtying, Floats
from vmplanner.simulation.policies import Policy

_PACKET_BYTES = 128 * PAGE_BYTES
# A packet's header and its list of page addresses, per page: measured, 4108 bytes for a page of 4096.
_PAGE_HEADER_BYTES = 12
# Measured on two cores that the guest and the target shared: bytes that one channel packs in a second, at level 1.
_PACKED_BYTES_PER_S = {Compression.ZLIB: 36e6, Compression.ZSTD: 190e6}


def with_channels(policy: Policy, channels: int) -> Policy:
    """The policy as it is with so many channels."""
    late = round(_PACKET_BYTES * (1.75 + channels / 4))
    return evolve(policy, page_bytes=PAGE_BYTES + _PAGE_HEADER_BYTES, window_excess_bytes=late)


class Packed:
    """The costs of pages that the channels pack."""

    def __init__(self, pieces: Sequence[Piece], dirtying: Dirtying, channels: int, compression: Compression) -> None:
        ratios = [pieces[index].compression_ratio for index in dirtying.piece]
        self._bytes = [float(_PAGE_HEADER_BYTES + PAGE_BYTES / ratio) for ratio in ratios]
        self._cpu_s = PAGE_BYTES / (channels * _PACKED_BYTES_PER_S[compression])

    def page_bytes(self, class_index: int, round_number: int) -> float:
        return self._bytes[class_index]

    def page_cpu_s(self, class_index: int, round_number: int) -> float:
        return self._cpu_s

    def round_over(self, round_number: int, sent: Floats, rewrites: Floats) -> None:
        """Nothing is remembered."""
