"""Profiles before they meet a VM: a piece's size is fixed, or a share of the memory that the VM will have."""

import json
from collections.abc import Iterator
from functools import partial

import attrs
from attrs import evolve, field, frozen

from vmplanner.domain import checks
from vmplanner.domain.machines import PROFILE_KINDS, MeasuredCurve, Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.quantities import BYTES, PAGE_BYTES, PAGES_PER_S
from vmplanner.store.fields import Fields
from vmplanner.store.pattern_rows import pattern_of_table

MOST_PIECES = 200
# Shares of the memory don't add up to the last byte.
_ROUNDING = 1e-13


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

    name: str = field(validator=checks.text())
    description: str = field(validator=checks.text(may_be_empty=True))
    memory_bytes: int = field(validator=checks.whole(at_least=PAGE_BYTES))
    pieces: tuple[PieceTemplate, ...]

    @classmethod
    def of(cls, machine: VirtualMachine, name: str, description: str, *, grows: bool) -> "ProfileTemplate":
        """The profile of a VM, for others. With `grows` its pieces are shares of the memory, without it they have the
        same size in a VM of any size. Raises InvalidValue.
        """
        memory_bytes = machine.memory_bytes
        pieces = [
            PieceTemplate(evolve(piece, size_bytes=0), piece.size_bytes / memory_bytes)
            if grows and piece.size_bytes
            else PieceTemplate(piece, None)
            for piece in machine.profile.pieces
        ]
        return cls(name, description, memory_bytes, tuple(pieces))

    def profile_for(self, memory_bytes: int) -> Profile:
        """The profile of a VM with so much memory. In a VM too small for all pieces, all are smaller in proportion."""
        wanted = [template.size_bytes(memory_bytes) for template in self.pieces]
        scale = memory_bytes / sum(wanted) if sum(wanted) > memory_bytes * (1 + _ROUNDING) else 1.0
        return Profile(
            self.name,
            [
                evolve(template.piece, size_bytes=_whole_pages(size * scale))
                for template, size in zip(self.pieces, wanted, strict=True)
            ],
        )


def read_profile(fields: Fields) -> ProfileTemplate:
    """The profile that a TOML table describes. Raises PlannerError that names the file, the piece and the field."""
    pieces = fields.tables("pieces")
    if len(pieces) > MOST_PIECES:
        raise fields.error("pieces", f"can be {MOST_PIECES} at the most, not {len(pieces)}")
    template = fields.build(
        lambda: ProfileTemplate(
            name=fields.text("name"),
            description=fields.text("description"),
            memory_bytes=round(fields.quantity("memory", BYTES)),
            pieces=tuple(piece.build(partial(_piece, piece)) for piece in pieces),
        )
    )
    fields.nothing_else()
    # Two pieces with one name, or more pieces than memory, are mistakes of the file.
    fields.build(lambda: template.profile_for(template.memory_bytes))
    filled = sum(piece.size_bytes(template.memory_bytes) for piece in template.pieces)
    if filled > template.memory_bytes * (1 + _ROUNDING):
        raise fields.error("pieces", f"fill more than the memory of {BYTES.format(template.memory_bytes)}; shrink one")
    return template


def _piece(fields: Fields) -> PieceTemplate:
    if fields.has("size") == fields.has("memory_share"):
        raise fields.error("size", "or memory_share must be given, and not both")
    share = fields.optional_real("memory_share")
    if share is not None and not 0 < share <= 1:
        raise fields.error("memory_share", f"must be above 0 and at most 1, not {share:g}")
    kind = fields.choice("kind", PieceKind)
    if kind not in PROFILE_KINDS:
        raise fields.error("kind", f"must be one of {', '.join(PROFILE_KINDS)}, not '{kind}'")
    piece = Piece(
        name=fields.text("name"),
        kind=kind,
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


def written_profile(template: ProfileTemplate) -> str:
    """The TOML text that `read_profile` reads as this profile."""
    lines = [
        f"name = {_quoted(template.name)}",
        f"description = {_quoted(template.description)}",
        f"memory = {_quoted(_exactly(template.memory_bytes))}",
    ]
    for piece in template.pieces:
        lines += ["", "[[pieces]]", *_piece_lines(piece)]
    return "\n".join(lines) + "\n"


def _piece_lines(template: PieceTemplate) -> Iterator[str]:
    piece, share = template.piece, template.memory_share
    yield f"name = {_quoted(piece.name)}"
    yield f"kind = {_quoted(piece.kind)}"
    yield f"memory_share = {share!r}" if share is not None else f"size = {_quoted(_exactly(piece.size_bytes))}"
    yield f"writes = {_quoted(f'{piece.write_rate_pages_per_s!r} pages/s')}"
    yield f"pattern = {_quoted(piece.pattern.name)}"
    if isinstance(piece.pattern, MeasuredCurve):
        yield f"points = {json.dumps(piece.pattern.points)}"
    else:
        for name, value in attrs.asdict(piece.pattern).items():
            yield f"{name} = {float(value)!r}"
    for name in ("zero_share", "rewrite_share", "compression_ratio"):
        yield f"{name} = {float(getattr(piece, name))!r}"
    yield f"source = {_quoted(piece.source)}"


def _quoted(text: str) -> str:
    """As a TOML string: JSON writes text without control characters in the same way."""
    return json.dumps(text, ensure_ascii=False)


def _exactly(size_bytes: int) -> str:
    """A size to the byte, in the largest unit that divides it."""
    unit = next(unit for unit in BYTES.shown if size_bytes % round(BYTES.units[unit]) == 0)
    return f"{size_bytes // round(BYTES.units[unit])} {unit}"


def _whole_pages(size_bytes: float) -> int:
    return int(size_bytes * (1 + _ROUNDING)) // PAGE_BYTES * PAGE_BYTES
