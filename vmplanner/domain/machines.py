"""Virtual machines and the application data that lives in them."""

from collections.abc import Iterator
from enum import StrEnum

from attrs import field, frozen

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.quantities import BYTES, GIB, PAGE_BYTES


class PieceKind(StrEnum):
    """What sort of data a piece is. The last two appear in results only."""

    KERNEL = "kernel"
    PAGE_CACHE = "page cache"
    HEAP = "heap"
    DATABASE_BUFFERS = "database buffers"
    HOT_SET = "hot set"
    FREE = "free memory"
    DEVICE_STATE = "device state"
    OVERHEAD = "overhead"


PROFILE_KINDS = tuple(kind for kind in PieceKind if kind not in (PieceKind.DEVICE_STATE, PieceKind.OVERHEAD))


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


Pattern = Uniform | Sequential | HotCold
PATTERNS: tuple[type[Pattern], ...] = (Uniform, Sequential, HotCold)


@frozen
class Piece:
    """One part of a VM's state.

    `write_rate_pages_per_s` counts page writes, not distinct pages. `zero_share` is the share of its pages that hold
    only zeros before the migration (memory that was never touched, or was scrubbed). `rewrite_share` is the share of
    a page's bytes that a write changes, `compression_ratio` a page's size divided by its size when packed. `source`
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
    """

    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())
    host_id: str = field(validator=checks.text())
    memory_bytes: int = field(default=4 * GIB, validator=checks.whole(at_least=PAGE_BYTES))
    vcpus: int = field(default=2, validator=checks.whole(at_least=1, at_most=10_000))
    profile: Profile = field(factory=Profile, validator=checks.one_of(Profile))
    cpu_use: float = field(default=1.0, validator=checks.number(above=0, at_most=1))

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
            yield Piece(UNTOUCHED, PieceKind.FREE, rest, zero_share=1.0, source="what the profile leaves of the memory")

    def biggest_kind(self) -> PieceKind:
        """The kind of data that the VM holds most of, free memory aside; it colours the VM everywhere."""
        sizes: dict[PieceKind, int] = {}
        for piece in self.profile.pieces:
            if not piece.is_bad:
                sizes[piece.kind] = sizes.get(piece.kind, 0) + piece.size_bytes
        return max(sizes, key=sizes.__getitem__) if sizes else PieceKind.FREE
