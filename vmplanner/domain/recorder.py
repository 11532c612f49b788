"""Turns the events of migrations into results. Simulated and real runs are recorded by this same code."""

from attrs import define, field

from vmplanner.domain.events import Ended, MigrationEvent, Progressed
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project
from vmplanner.domain.results import MigrationResult, Outcome, Phase, Segment


@define
class _Share:
    """What one piece had of one pass."""

    duration_s: float = 0.0
    bytes: int = 0


@define
class _Record:
    """One migration: for each phase and round, in the order of their coming, what each piece had of it."""

    migration: Migration
    started_s: float
    at_s: float
    passes: dict[tuple[Phase, int], dict[tuple[str, PieceKind], _Share]] = field(factory=dict)
    ended: Ended | None = None

    def add(self, event: Progressed) -> None:
        shares = self.passes.setdefault((event.phase, event.round), {})
        for moved in event.pieces:
            share = shares.setdefault((moved.piece, moved.kind), _Share())
            share.duration_s += (event.at_s - self.at_s) * moved.time_share
            share.bytes += moved.bytes

    def segments(self) -> list[Segment]:
        """The pieces of each pass one after the other: pieces are sent mixed, but their times add up to the pass."""
        segments: list[Segment] = []
        start = 0.0
        for (phase, round_number), shares in self.passes.items():
            for (piece, kind), share in shares.items():
                if share.duration_s or share.bytes:
                    segments.append(Segment(phase, piece, kind, round_number, start, share.duration_s, share.bytes))
                    start += share.duration_s
        return segments


class Recorder:
    """Collects the events of one run. Give it each start, then each event; ask it for the results at any time."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._records: dict[str, _Record] = {}

    def started(self, migration: Migration, at_s: float) -> None:
        self._records[migration.id] = _Record(migration, at_s, at_s)

    def add(self, event: MigrationEvent) -> None:
        record = self._records[event.migration_id]
        if isinstance(event, Ended):
            record.ended = event
        else:
            record.add(event)
        record.at_s = event.at_s

    def result(self, migration_id: str) -> MigrationResult:
        """The result so far; its outcome is FAILED with the reason 'not finished' until the migration has ended."""
        record = self._records[migration_id]
        machine = self._project.machines[record.migration.vm_id]
        source = self._project.hosts[machine.host_id]
        return MigrationResult(
            migration_id,
            vm=machine.name,
            source=source.name,
            target=self._project.hosts[record.migration.target_id].name,
            technique=record.migration.technique,
            policy=source.policy,
            outcome=record.ended.outcome if record.ended else Outcome.FAILED,
            reason=record.ended.reason if record.ended else "not finished",
            started_s=record.started_s,
            segments=record.segments(),
        )

    def results(self) -> tuple[MigrationResult, ...]:
        """Results in the order of the starts."""
        return tuple(self.result(migration_id) for migration_id in self._records)
