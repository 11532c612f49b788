"""Profiles before they meet a VM: a piece's size is fixed, or a share of the memory that the VM will have."""

from functools import partial

from attrs import evolve, frozen

from vmplanner.domain.machines import Piece, PieceKind, Profile
from vmplanner.domain.quantities import BYTES, PAGE_BYTES, PAGES_PER_S
from vmplanner.store.fields import Fields
from vmplanner.store.pattern_rows import pattern_of_table


@frozen
class PieceTemplate:
    """A piece and, where its size depends on the VM, the share of the VM's memory that it takes (else None)."""

    piece: Piece
    memory_share: float | None

    def size_bytes(self, memory_bytes: int) -> float:
        """Its size in a VM with so much memory."""
        return self.piece.size_bytes if self.memory_share is None else self.memory_share * memory_bytes


@frozen
class ProfileTemplate:
    """An application whose VMs come in many sizes. `memory_bytes` is the size that a new VM of it gets."""

    name: str
    description: str
    memory_bytes: int
    pieces: tuple[PieceTemplate, ...]

    def profile_for(self, memory_bytes: int) -> Profile:
        """The profile of a VM with so much memory. In a VM too small for all pieces, all are smaller in proportion."""
        wanted = [template.size_bytes(memory_bytes) for template in self.pieces]
        scale = min(1.0, memory_bytes / sum(wanted)) if any(wanted) else 1.0
        return Profile(
            self.name,
            [
                evolve(template.piece, size_bytes=int(size * scale) // PAGE_BYTES * PAGE_BYTES)
                for template, size in zip(self.pieces, wanted, strict=True)
            ],
        )


def read_profile(fields: Fields) -> ProfileTemplate:
    """The profile that a TOML table describes. Raises PlannerError that names the file, the piece and the field."""
    template = ProfileTemplate(
        name=fields.text("name"),
        description=fields.text("description"),
        memory_bytes=round(fields.quantity("memory", BYTES)),
        pieces=tuple(piece.build(partial(_piece, piece)) for piece in fields.tables("pieces")),
    )
    fields.nothing_else()
    # Two pieces with one name, or more pieces than memory, are mistakes of the file.
    fields.build(lambda: template.profile_for(template.memory_bytes))
    if sum(piece.size_bytes(template.memory_bytes) for piece in template.pieces) > template.memory_bytes:
        raise fields.error("pieces", f"fill more than the memory of {BYTES.format(template.memory_bytes)}; shrink one")
    return template


def _piece(fields: Fields) -> PieceTemplate:
    if fields.has("size") == fields.has("memory_share"):
        raise fields.error("size", "or memory_share must be given, and not both")
    share = fields.optional_real("memory_share")
    if share is not None and not 0 < share <= 1:
        raise fields.error("memory_share", f"must be above 0 and at most 1, not {share:g}")
    piece = Piece(
        name=fields.text("name"),
        kind=fields.choice("kind", PieceKind),
        size_bytes=round(fields.quantity("size", BYTES)) if share is None else 0,
        write_rate_pages_per_s=fields.quantity("writes", PAGES_PER_S) if fields.has("writes") else 0.0,
        pattern=pattern_of_table(fields),
        zero_share=fields.real("zero_share", default=0.0),
        rewrite_share=fields.real("rewrite_share", default=1.0),
        compression_ratio=fields.real("compression_ratio", default=1.0),
        source=fields.text("source"),
    )
    fields.nothing_else()
    return PieceTemplate(piece, share)
