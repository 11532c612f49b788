"""Turns the events of migrations into results. Simulated and real runs are recorded by this same code."""

from itertools import groupby

from attrs import define, field

from vmplanner.domain.events import Ended, MigrationEvent, Progressed
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project
from vmplanner.domain.results import MOST_SAMPLES, MigrationResult, Outcome, Phase, Sample, Segment

_DIGITS = 9
# All migrations of a run share them: so a run of thousands stays a file of a few megabytes.
_MOST_SAMPLES_OF_RUN = 50_000


@define
class _Share:
    """What one piece had of one pass."""

    duration_s: float = 0.0
    bytes: int = 0
    pages: float = 0.0


@define
class _Pass:
    """One phase and round: what each piece had of it, and how long it would have taken the guest to do at full speed
    what it did in it.
    """

    shares: dict[tuple[str, PieceKind], _Share] = field(factory=dict)
    duration_s: float = 0.0
    work_s: float = 0.0

    def add(self, event: Progressed, seconds: float) -> None:
        self.duration_s += seconds
        self.work_s += seconds * event.guest_share
        for moved in event.pieces:
            share = self.shares.setdefault((moved.piece, moved.kind), _Share())
            share.duration_s += seconds * moved.time_share
            share.bytes += moved.bytes
            share.pages += moved.pages

    def guest_share(self, phase: Phase) -> float:
        if not self.duration_s:
            return phase.usual_guest_share
        # Rounded, so that passes at the same speed have the same figure.
        return min(1.0, round(self.work_s / self.duration_s, _DIGITS))


@define
class _Record:
    """One migration: its passes in the order of their coming."""

    migration: Migration
    source_id: str
    started_s: float
    at_s: float
    passes: dict[tuple[Phase, int], _Pass] = field(factory=dict)
    network_faults: float = 0.0
    samples: list[Sample] = field(factory=list)
    ended: Ended | None = None

    def add(self, event: Progressed, most_samples: int) -> None:
        self.network_faults += event.network_faults
        self.passes.setdefault((event.phase, event.round), _Pass()).add(event, event.at_s - self.at_s)
        sent_bytes = 0
        for moved in event.pieces:
            sent_bytes += moved.bytes
        self.samples.append(
            Sample(
                event.at_s - self.started_s,
                event.phase,
                event.round,
                event.remaining_bytes,
                sent_bytes,
                event.guest_share,
                event.network_faults,
                event.throttle,
            )
        )
        self.thin(most_samples)

    def thin(self, most_samples: int) -> None:
        while len(self.samples) > most_samples:
            self.samples = _thinned(self.samples, most_samples)

    def segments(self) -> list[Segment]:
        """The pieces of each pass one after the other: pieces are sent mixed, but their times add up to the pass."""
        segments: list[Segment] = []
        start = 0.0
        for (phase, number), one in self.passes.items():
            speed = one.guest_share(phase)
            for (piece, kind), share in one.shares.items():
                if share.duration_s or share.bytes:
                    pages = round(share.pages)
                    segments.append(
                        Segment(phase, piece, kind, number, start, share.duration_s, share.bytes, speed, pages)
                    )
                    start += share.duration_s
        for then in self.ended.afterwards if self.ended else ():
            segments.append(
                Segment(then.phase, then.piece, then.kind, then.round, start, then.duration_s, 0, then.guest_share)
            )
            start += then.duration_s
        return segments


def _thinned(samples: list[Sample], most: int) -> list[Sample]:
    """About half as many: of two neighbours in the same pass one is made, or of any two where passes are too many.
    Nothing that was sent is lost.
    """
    are_many = len(list(groupby(samples, key=lambda one: (one.phase, one.round)))) > most * 3 // 4
    thinned: list[Sample] = []
    before_s, may_join = 0.0, False
    for one in samples:
        last = thinned[-1] if thinned else None
        if last is not None and may_join and (are_many or (last.phase, last.round) == (one.phase, one.round)):
            thinned[-1] = _joined(last, one, before_s)
            may_join = False
        else:
            before_s, may_join = last.at_s if last else 0.0, True
            thinned.append(one)
    return thinned


def _joined(first: Sample, second: Sample, since_s: float) -> Sample:
    """Both as one that begins at `since_s`; its speeds are means over the time."""
    whole_s = second.at_s - since_s
    share = (second.at_s - first.at_s) / whole_s if whole_s else 1.0
    return second._replace(
        bytes=first.bytes + second.bytes,
        guest_share=first.guest_share + (second.guest_share - first.guest_share) * share,
        network_faults=first.network_faults + second.network_faults,
        throttle=first.throttle + (second.throttle - first.throttle) * share,
    )


class Recorder:
    """Collects the events of one run. Give it each start, then each event; ask it for the results at any time."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._records: dict[str, _Record] = {}
        self._host_of = {machine.id: machine.host_id for machine in project.machines.values()}

    def started(self, migration: Migration, at_s: float) -> None:
        self._records[migration.id] = _Record(migration, self._host_of[migration.vm_id], at_s, at_s)

    def add(self, event: MigrationEvent) -> None:
        record = self._records[event.migration_id]
        if isinstance(event, Ended):
            record.ended = event
            if event.outcome is Outcome.COMPLETED:
                self._host_of[record.migration.vm_id] = record.migration.target_id
        else:
            record.add(event, self._most_samples)
        record.at_s = event.at_s

    @property
    def _most_samples(self) -> int:
        """Of each migration."""
        return min(MOST_SAMPLES, max(1, _MOST_SAMPLES_OF_RUN // len(self._records)))

    def result(self, migration_id: str) -> MigrationResult:
        """The result so far; its outcome is FAILED with the reason 'not finished' until the migration has ended."""
        record = self._records[migration_id]
        record.thin(self._most_samples)
        machine = self._project.machines[record.migration.vm_id]
        source = self._project.hosts[record.source_id]
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
            afterwards_s=sum(then.duration_s for then in record.ended.afterwards) if record.ended else 0.0,
            network_faults=round(record.network_faults),
            reported_total_s=record.ended.reported_total_s if record.ended else None,
            reported_downtime_s=record.ended.reported_downtime_s if record.ended else None,
            samples=record.samples,
        )

    def results(self) -> tuple[MigrationResult, ...]:
        """Results in the order of the starts."""
        return tuple(self.result(migration_id) for migration_id in self._records)
