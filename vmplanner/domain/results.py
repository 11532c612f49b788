"""What a run of a plan brought: for each migration its times, bytes and time stack."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from sys import float_info
from typing import Any, NamedTuple

from attrs import Attribute, Factory, field, frozen, validators

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.plans import Technique
from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.domain.topology import PolicyName


class Phase(StrEnum):
    """What a migration is busy with."""

    PREFLIGHT = "preflight"
    STORAGE_COPY = "storage copy"
    BALLOON = "balloon"
    CHECKPOINT = "checkpoint"
    WAITING = "waiting"
    PRE_COPY = "pre-copy"
    STOP_AND_COPY = "stop-and-copy"
    RESUME = "resume"
    POST_COPY = "post-copy"
    DEFLATE = "deflate"
    CLEAN_UP = "clean-up"  # the guest runs at the target already; the source lets go of it

    @property
    def is_downtime(self) -> bool:
        """Whether the guest executes nowhere during it."""
        return self in (Phase.STOP_AND_COPY, Phase.RESUME)

    @property
    def is_in_advance(self) -> bool:
        """Whether it only prepares the move: a checkpoint, and the time from there to the rest."""
        return self in (Phase.CHECKPOINT, Phase.WAITING)

    @property
    def usual_guest_share(self) -> float:
        """How much of its work the guest makes in it when nothing slows it down."""
        return 0.0 if self.is_downtime else 1.0


def usual_guest_share() -> Any:
    """The default of a field `guest_share` in a class with a `phase`."""
    return Factory(lambda self: self.phase.usual_guest_share, takes_self=True)


class Outcome(StrEnum):
    """How a migration ended. Only after COMPLETED is the VM on its target. After LOST it runs nowhere; after UNKNOWN
    its hosts could not be asked; after all others it still runs on its source.
    """

    COMPLETED = "completed"
    NOT_CONVERGED = "not converged"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"
    UNKNOWN = "not known"


@frozen
class Segment:
    """One stretch of a migration's time: this piece of data, in this phase and round. `start_s` counts from the
    migration's start.

    The stop-and-copy pass has the round number after the last live one; phases before the copy have round 0.
    `guest_share` is how much of its work the guest makes meanwhile, 0 (it stands still) to 1, averaged over the pass.
    `pages` were sent, 0 where that is not known.
    """

    phase: Phase
    piece: str = field(validator=checks.text())
    kind: PieceKind
    round: int = field(validator=checks.whole(at_least=0))
    start_s: float = field(validator=checks.number(at_least=0))
    duration_s: float = field(validator=checks.number(at_least=0))
    bytes: int = field(validator=checks.whole(at_least=0))
    guest_share: float = field(default=usual_guest_share(), validator=checks.number(at_least=0, at_most=1))
    pages: int = field(default=0, validator=checks.whole(at_least=0))

    @property
    def end_s(self) -> float:
        return self.start_s + self.duration_s

    @property
    def lost_work_s(self) -> float:
        return self.duration_s * (1 - self.guest_share)


@frozen
class Stretch:
    """Part of a migration's time in which the guest runs at one speed: `guest_share` of its work, 0 to 1."""

    start_s: float
    duration_s: float
    guest_share: float


class Sample(NamedTuple):
    """What went on in a stretch of a migration that ends at `at_s`, in seconds from the migration's start. Samples
    follow each other from 0; a migration has no more than MOST_SAMPLES. (A tuple: runs have many of them.)

    `remaining_bytes` is what was left to send in the round at its end, `bytes` what went over in it; the rest as in
    events.Progressed.
    """

    at_s: float
    phase: Phase
    round: int
    remaining_bytes: int
    bytes: int
    guest_share: float
    network_faults: float
    throttle: float

    def checked(self) -> "Sample":
        """The sample itself. Raises InvalidValue for a number that can't be."""
        for name, most in _MOST_OF_SAMPLE:
            value = getattr(self, name)
            if not 0 <= value <= most:
                limit = f"at most {most:g}" if value > most else "at least 0"
                raise InvalidValue("Sample", checks.label(name), f"must be {limit}, not {value:g}")
        return self


_MOST_OF_SAMPLE = (
    ("at_s", float_info.max),
    ("round", 2**62),
    ("remaining_bytes", 2**62),
    ("bytes", 2**62),
    ("guest_share", 1.0),
    ("network_faults", float_info.max),
    ("throttle", 1.0),
)
MOST_SAMPLES = 500


def _are_samples(result: object, _: "Attribute[Any]", samples: tuple[Sample, ...]) -> None:
    if len(samples) > MOST_SAMPLES:
        raise InvalidValue(checks.describe(result), "samples", f"must be at most {MOST_SAMPLES}, not {len(samples):,}")
    for sample in samples:
        sample.checked()


@frozen
class MigrationResult:
    """One migration of a run, with the names as they were then, so that it can be read when the plan has changed since.

    `started_s` is on the run's clock. The segments follow each other without gap or overlap from 0 to `total_s`. The
    last `afterwards_s` of them are no part of it: what the guest still does at the target when the source is free.
    `network_faults` counts the pages that the guest asked for and had to wait for. `reported_total_s` and
    `reported_downtime_s` are what the hypervisor itself says of the migration, or would; None where it says nothing.
    `reason` says why it ended as it did; that of one that completed, why it stopped its guest too early. `samples` say
    how it went on; there are none where nobody watched.
    """

    migration_id: str
    vm: str
    source: str
    target: str
    technique: Technique
    policy: PolicyName
    outcome: Outcome
    reason: str
    started_s: float
    segments: tuple[Segment, ...] = field(converter=tuple[Segment, ...])
    afterwards_s: float = field(default=0.0, validator=checks.number(at_least=0))
    network_faults: int = field(default=0, validator=checks.whole(at_least=0))
    reported_total_s: float | None = field(default=None, validator=validators.optional(checks.number(at_least=0)))
    reported_downtime_s: float | None = field(default=None, validator=validators.optional(checks.number(at_least=0)))
    samples: tuple[Sample, ...] = field(default=(), converter=tuple[Sample, ...], validator=_are_samples, repr=False)

    @property
    def total_s(self) -> float:
        """From the start of the first phase to the source being free, or to the end of an attempt that failed."""
        return max(0.0, self.settled_s - self.afterwards_s)

    @property
    def settled_s(self) -> float:
        """From the start of the first phase until the guest runs at the target as it ran before."""
        return self.segments[-1].end_s if self.segments else 0.0

    @property
    def downtime_s(self) -> float:
        """How long the guest executes nowhere, in seconds."""
        return sum(segment.duration_s for segment in self.segments if segment.phase.is_downtime)

    @property
    def lost_work_s(self) -> float:
        """The work that the guest did not do because it was migrated, in seconds of its undisturbed running; the
        downtime is part of it.
        """
        return sum(segment.lost_work_s for segment in self.segments)

    def guest_speed(self) -> tuple[Stretch, ...]:
        """How fast the guest ran from 0 to `settled_s`, as stretches that follow each other."""
        stretches = []
        for share, run in groupby(self.segments, key=lambda segment: segment.guest_share):
            same = list(run)
            stretches.append(Stretch(same[0].start_s, same[-1].end_s - same[0].start_s, share))
        return tuple(stretches)

    @property
    def transferred_bytes(self) -> int:
        return sum(segment.bytes for segment in self.segments)

    @property
    def rounds(self) -> int:
        """Passes over the dirty set, the stop-and-copy pass included."""
        return max((segment.round for segment in self.segments), default=0)

    @property
    def converged(self) -> bool:
        return self.outcome is Outcome.COMPLETED

    @property
    def is_forced(self) -> bool:
        """Whether it completed without having converged: its policy stopped the guest with much left to send."""
        return self.converged and bool(self.reason)

    @property
    def ending(self) -> str:
        """The outcome in words: 'completed', 'completed, but forced'."""
        return f"{self.outcome.value}, but forced" if self.is_forced else self.outcome.value

    def bytes_in_round(self, number: int) -> int:
        return sum(segment.bytes for segment in self.segments if segment.round == number)


@frozen
class Run:
    """One execution of a plan. Times are seconds on the run's clock, which starts at 0. `inputs` is what it was made
    from (inputs.py), as JSON; empty where that was not kept.
    """

    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())
    plan_name: str = field(validator=checks.text())
    backend: str = field(validator=checks.text())
    started_at: datetime
    results: tuple[MigrationResult, ...] = field(default=(), converter=tuple[MigrationResult, ...])
    inputs: str = field(default="", repr=False)

    @property
    def makespan_s(self) -> float:
        """From the run's start to the end of its last migration."""
        return max((result.started_s + result.total_s for result in self.results), default=0.0)

    @property
    def arrived(self) -> set[str]:
        """The ids of the migrations whose VMs are on their targets."""
        return {result.migration_id for result in self.results if result.outcome is Outcome.COMPLETED}

    @property
    def completed(self) -> bool:
        return all(result.outcome is Outcome.COMPLETED for result in self.results)


class Provenance(StrEnum):
    """How we know a reference figure."""

    MEASURED = "measured"
    SEEN = "seen"
    RECALLED = "recalled"

    @property
    def explanation(self) -> str:
        return {
            "measured": "measured by us on real machines",
            "seen": "read in the published source",
            "recalled": "recalled from memory of the publication; not checked against it",
        }[self.value]


class Metric(StrEnum):
    """What a reference figure is about. Base units: seconds, bytes, rounds."""

    TOTAL_S = "total time"
    DOWNTIME_S = "downtime"
    REPORTED_DOWNTIME_S = "reported downtime"  # by the hypervisor itself, see MigrationResult
    TRANSFERRED_BYTES = "transferred"
    ROUNDS = "rounds"
    ROUND_BYTES = "bytes in round"

    def simulated(self, result: MigrationResult, round_number: int = 0) -> float | None:
        """The same figure of `result`, in base units; None where the hypervisor does not report it."""
        readings: dict[Metric, Callable[[], float | None]] = {
            Metric.TOTAL_S: lambda: result.total_s,
            Metric.DOWNTIME_S: lambda: result.downtime_s,
            Metric.REPORTED_DOWNTIME_S: lambda: result.reported_downtime_s,
            Metric.TRANSFERRED_BYTES: lambda: result.transferred_bytes,
            Metric.ROUNDS: lambda: result.rounds,
            Metric.ROUND_BYTES: lambda: result.bytes_in_round(round_number),
        }
        return readings[self]()

    def shown(self, value: float) -> str:
        """A value in base units as people read it."""
        match self:
            case Metric.TOTAL_S | Metric.DOWNTIME_S | Metric.REPORTED_DOWNTIME_S:
                return format_duration(value)
            case Metric.TRANSFERRED_BYTES | Metric.ROUND_BYTES:
                return BYTES.format(value)
            case Metric.ROUNDS:
                return f"{value:.0f}"


@frozen
class ReferenceFigure:
    """A published or measured figure for one migration of the plan, to stand beside the simulated one: of a run by the
    same `technique`.
    """

    migration_id: str = field(validator=checks.text())
    metric: Metric = field(validator=checks.one_of(Metric))
    value: float = field(validator=checks.number(at_least=0))
    provenance: Provenance = field(validator=checks.one_of(Provenance))
    source: str = field(validator=checks.text())
    round: int = field(default=0, validator=checks.whole(at_least=0))
    technique: Technique = field(default=Technique.PRE_COPY, validator=checks.one_of(Technique))

    def is_of(self, result: MigrationResult) -> bool:
        """Whether it can be held against a result: like against like."""
        return self.migration_id == result.migration_id and self.technique is result.technique

    @property
    def label(self) -> str:
        """What it is about: 'total time', 'bytes in round 3'."""
        return f"{self.metric.value} {self.round or ''}".rstrip()
