"""Virtual machines, the application data that lives in them, and how that is written.

A write pattern says how many distinct pages of a piece are written in t seconds; simulation/dirtying.py has the
equations. What the write rate r of a piece counts depends on its pattern:

    uniform, sequential, hot/cold, Zipf   page writes a second; a page that is written twice counts twice
    power law, measured curve             the distinct pages that are written in one second
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from attrs import field, frozen

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.platform import GuestNeeds
from vmplanner.domain.quantities import BYTES, GIB, PAGE_BYTES


class PieceKind(StrEnum):
    """What sort of data a piece is. The last four are for results: a real host tells of its memory as a whole."""

    KERNEL = "kernel"
    PAGE_CACHE = "page cache"
    HEAP = "heap"
    DATABASE_BUFFERS = "database buffers"
    HOT_SET = "hot set"
    FREE = "free memory"
    DISK = "disk"
    UNDIVIDED = "memory"
    DEVICE_STATE = "device state"
    OVERHEAD = "overhead"


_OF_RESULTS = (PieceKind.DISK, PieceKind.UNDIVIDED, PieceKind.DEVICE_STATE, PieceKind.OVERHEAD)
PROFILE_KINDS = tuple(kind for kind in PieceKind if kind not in _OF_RESULTS)


@frozen
class Uniform:
    """Every write hits a page of the piece at random, each with the same chance."""

    name = "uniform"


@frozen
class Sequential:
    """Writes walk through the piece page by page and begin again at its start."""

    name = "sequential"


@frozen
class HotCold:
    """A small part of the piece takes most of the writes; inside either part they are uniform."""

    hot_size_share: float = field(default=0.1, validator=checks.number(above=0, at_most=1))
    hot_write_share: float = field(default=0.9, validator=checks.number(at_least=0, at_most=1))
    name = "hot/cold"


@frozen
class Zipf:
    """The k-th most written page of the piece takes a part of the writes that is proportional to 1 / k^exponent."""

    exponent: float = field(default=1.0, validator=checks.number(above=0, at_most=3))
    name = "zipf"


@frozen
class PowerLaw:
    """Distinct pages grow as a power of time, r t^exponent, until all pages of the piece are written.

    The write rate r is the number of distinct pages that are written in one second. How often each of them is written
    is not known; simulated is the least: r writes a second, and one for each distinct page.
    """

    exponent: float = field(default=0.5, validator=checks.number(above=0, at_most=1))
    name = "power law"


Point = tuple[float, float]  # seconds, and the distinct pages written in them

MOST_POINTS = 1000


def fault_in(points: Sequence[Point]) -> tuple[int, str, str] | None:
    """What is wrong with the points of a measured curve: the place of the first bad one (from 0), its field, and why.

    Time rises and pages don't fall. Pages by seconds don't rise: more time finds fewer new
    pages in each second. Measured pages are whole, so that half a page more or less is no fault.
    """
    for place, point in enumerate(points):
        for column, value in zip(("seconds", "pages"), point, strict=True):
            if not 1e-6 <= value <= 1e9:
                return place, column, f"must be from 0.000001 to 1000000000, not {value:.10g}"
    for place, ((before_s, before), (seconds, pages)) in enumerate(pairwise(points), start=1):
        if seconds <= before_s * (1 + 1e-9):  # nor so close that their logarithms are the same
            return place, "seconds", f"must be more than the {before_s:.10g} of the point before, not {seconds:.10g}"
        if pages < before:
            return place, "pages", f"must not be fewer than the {before:.10g} of the point before, but are {pages:.10g}"
        most = (before + 0.5) * seconds / before_s + 0.5
        if pages > most:
            why = f"can be {most:.10g} at the most after {before:.10g} in {before_s:.10g} s, not {pages:.10g}"
            return place, "pages", f"{why}: pages per second must not rise"
    return None


def _points(points: Iterable[Iterable[float]]) -> tuple[Point, ...]:
    pairs = ((float(seconds), float(pages)) for seconds, pages in points)
    return tuple(pairs)


@frozen
class MeasuredCurve:
    """Distinct pages as somebody measured them: `points` of (seconds, pages), at least two.

    Between points the curve C is a straight line on logarithmic scales; before the first it is proportional to time,
    after the last it stays. The write rate r is the number of distinct pages that are written in one second, and
    scales the curve: r C(t) / C(1 s), until all pages of the piece are written. With r = C(1 s) it is as measured. As
    for a power law, the least of writes is simulated.
    """

    points: tuple[Point, ...] = field(converter=_points)
    name = "measured curve"

    @points.validator
    def _rises_less_and_less(self, _attribute: object, points: tuple[Point, ...]) -> None:
        if not 2 <= len(points) <= MOST_POINTS:
            raise InvalidValue("Measured curve", "points", f"must be 2 to {MOST_POINTS}, not {len(points)}")
        fault = fault_in(points)
        if fault is not None:
            place, column, why = fault
            raise InvalidValue(f"Measured curve, point {place + 1}", column, why)

    def pages_at(self, seconds: float) -> float:
        """C(t), for `seconds` of at least 0."""
        place = bisect_right(self.points, seconds, key=lambda point: point[0])
        if place == 0:
            first_s, pages = self.points[0]
            return pages * seconds / first_s
        if place == len(self.points):
            return self.points[-1][1]
        (before_s, before), (after_s, after) = self.points[place - 1 : place + 1]
        share = math.log(seconds / before_s) / math.log(after_s / before_s)
        return before * math.pow(after / before, share)


Pattern = Uniform | Sequential | HotCold | Zipf | PowerLaw | MeasuredCurve
PATTERNS: tuple[type[Pattern], ...] = (Uniform, Sequential, HotCold, Zipf, PowerLaw, MeasuredCurve)


@frozen
class Piece:
    """One part of a VM's state.

    What `write_rate_pages_per_s` counts depends on the pattern, see above. `zero_share` is the share of its pages that
    hold only zeros before the migration (memory that was never touched, or was scrubbed). `rewrite_share` is the share
    of a page's bytes that a write changes, `compression_ratio` a page's size divided by its size when packed. `source`
    says where the figures are from.
    """

    name: str = field(validator=checks.text())
    kind: PieceKind = field(validator=checks.one_of(PieceKind))
    size_bytes: int = field(validator=checks.whole(at_least=0))
    write_rate_pages_per_s: float = field(default=0.0, validator=checks.number(at_least=0, at_most=1e12))
    pattern: Pattern = field(factory=Uniform)
    zero_share: float = field(default=0.0, validator=checks.number(at_least=0, at_most=1))
    rewrite_share: float = field(default=1.0, validator=checks.number(at_least=0, at_most=1))
    compression_ratio: float = field(default=1.0, validator=checks.number(at_least=1, at_most=1000))
    source: str = field(default="", validator=checks.text(may_be_empty=True))

    @pattern.validator
    def _known_pattern(self, _attribute: object, value: object) -> None:
        if not isinstance(value, PATTERNS):
            raise InvalidValue(checks.describe(self), "pattern", f"must be a write pattern, not {value!r}")

    @property
    def pages(self) -> int:
        return -(-self.size_bytes // PAGE_BYTES)

    @property
    def is_bad(self) -> bool:
        """Bad memory: it may be discarded before the copy and nobody would miss it."""
        return self.kind is PieceKind.FREE


UNTOUCHED = "untouched memory"


@lru_cache(maxsize=4096)
def _untouched(size_bytes: int) -> Piece:
    return Piece(UNTOUCHED, PieceKind.FREE, size_bytes, zero_share=1.0, source="what the profile leaves of the memory")


@frozen
class Profile:
    """The pieces of a VM, named after an application. What they leave of the VM's memory was never touched."""

    name: str = field(default="Empty", validator=checks.text())
    pieces: tuple[Piece, ...] = field(default=(), converter=tuple[Piece, ...])

    def __attrs_post_init__(self) -> None:
        names = [piece.name for piece in self.pieces]
        for name in (UNTOUCHED, PieceKind.DEVICE_STATE.value, PieceKind.OVERHEAD.value):
            if name in names:
                raise InvalidValue(checks.describe(self), "pieces", f"must not have the name '{name}': results use it")
        for name in names:
            if names.count(name) > 1:
                raise InvalidValue(checks.describe(self), "pieces", f"hold two with the name '{name}'")

    @property
    def size_bytes(self) -> int:
        return sum(piece.size_bytes for piece in self.pieces)


@frozen
class VirtualMachine:
    """A virtual machine on a host, with its application data profile.

    `cpu_use` is the share of its CPUs' time that it uses: a guest that uses little feels little of being slowed down.
    `uuid` is what its hypervisor calls it by, if that is known.
    """

    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())
    host_id: str = field(validator=checks.text())
    memory_bytes: int = field(default=4 * GIB, validator=checks.whole(at_least=PAGE_BYTES))
    vcpus: int = field(default=2, validator=checks.whole(at_least=1, at_most=10_000))
    profile: Profile = field(factory=Profile, validator=checks.one_of(Profile))
    cpu_use: float = field(default=1.0, validator=checks.number(above=0, at_most=1))
    needs: GuestNeeds = field(default=GuestNeeds(), validator=checks.one_of(GuestNeeds))
    uuid: str = field(default="", validator=checks.text(may_be_empty=True))

    def __attrs_post_init__(self) -> None:
        if self.profile.size_bytes > self.memory_bytes:
            raise InvalidValue(
                checks.describe(self),
                "memory",
                f"of {BYTES.format(self.memory_bytes)} is less than the {BYTES.format(self.profile.size_bytes)} "
                f"that the pieces of profile '{self.profile.name}' fill; enlarge it or shrink a piece",
            )

    def all_pieces(self) -> Iterator[Piece]:
        """The profile's pieces and, last, the memory that none of them fills: pages never touched, all zero."""
        yield from self.profile.pieces
        rest = self.memory_bytes - self.profile.size_bytes
        if rest > 0:
            yield _untouched(rest)

    def biggest_kind(self) -> PieceKind:
        """The kind of data that the VM holds most of, free memory aside; it colours the VM everywhere."""
        sizes: dict[PieceKind, int] = {}
        for piece in self.profile.pieces:
            if not piece.is_bad:
                sizes[piece.kind] = sizes.get(piece.kind, 0) + piece.size_bytes
        return max(sizes, key=sizes.__getitem__) if sizes else PieceKind.FREE
