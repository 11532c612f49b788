"""Runs made by hand for tests: exact numbers that a reader can check."""

from datetime import UTC, datetime

from vmplanner.domain.machines import PieceKind
from vmplanner.domain.plans import Technique
from vmplanner.domain.quantities import MIB
from vmplanner.domain.results import MigrationResult, Outcome, Phase, Run, Segment
from vmplanner.domain.topology import PolicyName

Part = tuple[Phase, str, PieceKind, int, float, int]
"""Phase, piece, kind, round, seconds, bytes."""

RATE_BYTES_PER_S = 110 * MIB


def segments(*parts: Part) -> tuple[Segment, ...]:
    """Segments that follow each other from 0."""
    made: list[Segment] = []
    for phase, piece, kind, number, duration_s, size in parts:
        start_s = made[-1].start_s + made[-1].duration_s if made else 0.0
        made.append(Segment(phase, piece, kind, number, start_s, duration_s, size))
    return tuple(made)


def result(
    vm: str,
    parts: tuple[Segment, ...],
    *,
    source: str = "host-1",
    target: str = "host-2",
    outcome: Outcome = Outcome.COMPLETED,
    reason: str = "",
) -> MigrationResult:
    return MigrationResult(
        migration_id=f"migration-{vm}",
        vm=vm,
        source=source,
        target=target,
        technique=Technique.PRE_COPY,
        policy=PolicyName.QEMU,
        outcome=outcome,
        reason=reason,
        started_s=0.0,
        segments=parts,
    )


def run(*results: MigrationResult, name: str = "Run 1") -> Run:
    return Run("run-1", name, "Plan", "simulated", datetime(2025, 1, 1, tzinfo=UTC), results)


def small() -> MigrationResult:
    """web-1: 10 s, of which 0.5 s down, 900 MiB."""
    return result(
        "web-1",
        segments(
            (Phase.PREFLIGHT, "preflight", PieceKind.OVERHEAD, 0, 0.5, 0),
            (Phase.PRE_COPY, "heap", PieceKind.HEAP, 1, 5.0, 500 * MIB),
            (Phase.PRE_COPY, "free memory", PieceKind.FREE, 1, 1.0, 100 * MIB),
            (Phase.PRE_COPY, "heap", PieceKind.HEAP, 2, 3.0, 250 * MIB),
            (Phase.STOP_AND_COPY, "heap", PieceKind.HEAP, 3, 0.25, 49 * MIB),
            (Phase.STOP_AND_COPY, "device state", PieceKind.DEVICE_STATE, 3, 0.05, 1 * MIB),
            (Phase.RESUME, "resume", PieceKind.OVERHEAD, 0, 0.2, 0),
        ),
    )


def of_rounds(vm: str, rounds: int) -> MigrationResult:
    """A migration with `rounds` live rounds of falling size, all kinds of memory, and a short stop-and-copy."""
    kinds = (
        ("kernel", PieceKind.KERNEL, 60),
        ("page cache", PieceKind.PAGE_CACHE, 600),
        ("heap", PieceKind.HEAP, 420),
        ("buffers", PieceKind.DATABASE_BUFFERS, 500),
        ("hot rows", PieceKind.HOT_SET, 200),
        ("free memory", PieceKind.FREE, 350),
    )
    parts: list[Part] = [(Phase.PREFLIGHT, "preflight", PieceKind.OVERHEAD, 0, 0.3, 0)]
    for number in range(1, rounds + 1):
        for piece, kind, size_mib in kinds:
            size = int(size_mib * MIB * 0.55 ** (number - 1))
            parts.append((Phase.PRE_COPY, piece, kind, number, size / RATE_BYTES_PER_S, size))
    parts.append((Phase.STOP_AND_COPY, "hot rows", PieceKind.HOT_SET, rounds + 1, 0.16, 18 * MIB))
    parts.append((Phase.STOP_AND_COPY, "device state", PieceKind.DEVICE_STATE, rounds + 1, 0.02, 2 * MIB))
    parts.append((Phase.RESUME, "resume", PieceKind.OVERHEAD, 0, 0.12, 0))
    return result(vm, segments(*parts))
