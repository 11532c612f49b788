"""How one migration went on: its rounds, and what was left, sent and felt by the guest at each moment.

Where somebody watched, the samples tell. Where only the segments were kept, rates and speeds are the means of each
round, and what was left at a moment is not known.
"""

from collections.abc import Callable, Iterator
from itertools import groupby

from attrs import frozen

from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SHARE, grouped
from vmplanner.domain.results import MigrationResult, Phase, Sample, Segment


@frozen
class Pass:
    """One phase and round. `throttle` is the highest in it; None where that is not known."""

    phase: Phase
    round: int
    start_s: float
    duration_s: float
    bytes: int
    pages: int
    guest_share: float
    throttle: float | None

    @property
    def end_s(self) -> float:
        return self.start_s + self.duration_s

    @property
    def bytes_per_s(self) -> float:
        return self.bytes / self.duration_s if self.duration_s else 0.0


@frozen
class Curve:
    """A quantity over a migration's time: `points` are (seconds from its start, value), joined by straight lines.
    `most` is what the axis should reach at least.
    """

    title: str
    points: tuple[tuple[float, float], ...]
    shown: Callable[[float], str]
    most: float = 0.0

    def at(self, seconds: float) -> float | None:
        """The value at a moment; None outside."""
        for (start_s, before), (end_s, after) in zip(self.points, self.points[1:], strict=False):
            if start_s <= seconds <= end_s and end_s > start_s:
                return before + (after - before) * (seconds - start_s) / (end_s - start_s)
        return None


def passes(result: MigrationResult) -> list[Pass]:
    """The passes of a migration, in the order of time."""
    throttles: dict[tuple[Phase, int], float] = {}
    for sample in result.samples:
        key = sample.phase, sample.round
        throttles[key] = max(throttles.get(key, 0.0), sample.throttle)
    return [
        _pass(list(segments), throttles.get(key))
        for key, segments in groupby(result.segments, key=lambda segment: (segment.phase, segment.round))
    ]


def _pass(segments: list[Segment], throttle: float | None) -> Pass:
    first, seconds = segments[0], sum(segment.duration_s for segment in segments)
    lost_s = sum(segment.lost_work_s for segment in segments)
    return Pass(
        first.phase,
        first.round,
        first.start_s,
        seconds,
        sum(segment.bytes for segment in segments),
        sum(segment.pages for segment in segments),
        1 - lost_s / seconds if seconds else first.guest_share,
        throttle,
    )


def curves(result: MigrationResult) -> list[Curve]:
    """What is known of the migration's course, curve by curve; those that say nothing are left out."""
    if result.samples:
        return list(_sampled(result))
    found = passes(result)
    bandwidth = [(one.start_s, one.end_s, one.bytes_per_s) for one in found]
    speed = [(one.start_s, one.start_s + one.duration_s, one.guest_share) for one in result.guest_speed()]
    return [
        Curve("Bandwidth, mean of each round", _steps(bandwidth), BYTES_PER_S.format),
        Curve("Speed of the guest", _steps(speed), _percent, 1.0),
    ]


def _sampled(result: MigrationResult) -> Iterator[Curve]:
    stretches = list(_stretches(result.samples))
    yield Curve("Left to send in the round", tuple(_remaining(stretches)), BYTES.format)
    rates = [(start, one.at_s, one.bytes / (one.at_s - start)) for start, one in stretches]
    yield Curve("Bandwidth", _steps(rates), BYTES_PER_S.format)
    speed = [(start, one.at_s, one.guest_share) for start, one in stretches]
    yield Curve("Speed of the guest", _steps(speed), _percent, 1.0)
    if any(one.throttle for one in result.samples):
        yield Curve("Throttle", _steps([(start, one.at_s, one.throttle) for start, one in stretches]), _percent, 1.0)
    if any(one.network_faults for one in result.samples):
        faults = [(start, one.at_s, one.network_faults / (one.at_s - start)) for start, one in stretches]
        yield Curve("Waits for a page", _steps(faults), lambda value: f"{grouped(value)} per s")


def _stretches(samples: tuple[Sample, ...]) -> Iterator[tuple[float, Sample]]:
    """Each sample that has taken time, with its start."""
    start_s = 0.0
    for sample in samples:
        if sample.at_s > start_s:
            yield start_s, sample
            start_s = sample.at_s


def _remaining(stretches: list[tuple[float, Sample]]) -> Iterator[tuple[float, float]]:
    """From what was left before a stretch to what was after it."""
    for start_s, sample in stretches:
        yield start_s, float(sample.remaining_bytes + sample.bytes)
        yield sample.at_s, float(sample.remaining_bytes)


def _steps(spans: list[tuple[float, float, float]]) -> tuple[tuple[float, float], ...]:
    """Spans of (start, end, value) as points."""
    return tuple(point for start_s, end_s, value in spans for point in ((start_s, value), (end_s, value)))


def _percent(value: float) -> str:
    return SHARE.format(value, digits=2)
