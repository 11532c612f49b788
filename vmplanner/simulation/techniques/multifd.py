"""Copying in several streams, and packing pages in them (QEMU's multifd).

n channels send packets of 128 pages. The cap on the bandwidth is counted when a packet has left, so that the packets
under way come on top of a window's budget: measured, 1.7 + n / 4 of them. Packed with a ratio rho = size before /
after, a page of p bytes is w = h + p / rho long, and with B the cap

    window carries     B budget + (1.7 + n / 4) 128 w        the smaller the packets, the nearer to the cap
    channels need      z / min(n, C)                         zlib: packing.py tells z and C
                       p / (n Z)                             Z: bytes that one channel packs by zstd in a second
    target needs       p / (n D)                             D: bytes that one channel unpacks in a second

The wire or the channels bind, whichever takes longer. Where the target takes longer than both, it falls behind: the
rest waits in socket buffers, and the guest for it after the last byte is sent,

    behind = max(0, behind + time of the target - time of the sender)      over what is sent, piece by piece
"""

from collections.abc import Iterable, Sequence

from attrs import evolve

from vmplanner.domain.machines import Piece
from vmplanner.domain.plans import Compression
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Dirtying, Floats
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.steps import Group
from vmplanner.simulation.techniques.encoding import PageCost
from vmplanner.simulation.techniques.packing import PAGE_HEADER_BYTES, at_a_time, packed_bytes, zlib_s

_PACKET_PAGES = 128
# Measured through text, at level 1, on two cores that the guest and the target shared: what one channel packs.
_ZSTD_BYTES_PER_S = 450e6
# Measured there: by how much a target lagged that had text to unpack. zlib packs more slowly than it unpacks.
_UNPACKED_BYTES_PER_S = {Compression.ZLIB: 155e6, Compression.ZSTD: 155e6}


def with_channels(policy: Policy, channels: int) -> Policy:
    """The policy as it is with so many channels."""
    page_bytes = PAGE_BYTES + PAGE_HEADER_BYTES
    return evolve(policy, page_bytes=page_bytes, window_excess_bytes=round(_under_way_pages(channels) * page_bytes))


def _under_way_pages(channels: int) -> float:
    return _PACKET_PAGES * (1.7 + channels / 4)


class Packed:
    """The costs of pages that the channels pack, under the migration's cap."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        dirtying: Dirtying,
        policy: Policy,
        channels: int,
        compression: Compression,
        max_bandwidth_bytes_per_s: float | None,
    ) -> None:
        ratios = [pieces[index].compression_ratio for index in dirtying.piece]
        self._bytes = [packed_bytes(ratio) for ratio in ratios]
        under_way = _under_way_pages(channels)
        caps = [
            evolve(policy, window_excess_bytes=round(under_way * size)).effective_cap(max_bandwidth_bytes_per_s)
            for size in self._bytes
        ]
        self._packing_s = [PAGE_BYTES / _ZSTD_BYTES_PER_S] * len(ratios)
        workers: float = channels
        if compression is Compression.ZLIB:
            self._packing_s, workers = [zlib_s(ratio) for ratio in ratios], at_a_time(channels, policy)
        self._pack_s = [seconds / workers for seconds in self._packing_s]
        self._window_s: list[float] = [size / cap for size, cap in zip(self._bytes, caps, strict=True)]
        self._unpack_s = PAGE_BYTES / (channels * _UNPACKED_BYTES_PER_S[compression])

    def page_cost(self, class_index: int, round_number: int) -> PageCost:
        cpu_s = max(self._pack_s[class_index], self._window_s[class_index])
        return PageCost(self._bytes[class_index], cpu_s, self._packing_s[class_index])

    def round_over(self, round_number: int, sent: Floats, rewrites: Floats) -> None:
        """Nothing is remembered."""

    def behind_s(self, behind_s: float, sent: Iterable[Group], seconds: float) -> float:
        groups = tuple(sent)
        sender_s = sum(group.cpu_s for group in groups)
        slower = max(1.0, seconds / sender_s) if sender_s else 1.0  # where the network is what binds
        for group in groups:
            target_s = sum(part.pages for part in group.parts if not part.is_empty) * self._unpack_s
            behind_s = max(0.0, behind_s + target_s - slower * group.cpu_s)
        return behind_s

    def lift_cap(self) -> None:
        self._window_s = [0.0] * len(self._bytes)
