"""Time stacks: where the time and the bytes of each migration went, by phase or by kind of data.

A migration's segments follow each other without gap from its start to its end. A stack adds them up by what they have
in common, so its parts sum to the migration's total time (seconds) and transferred bytes, whatever the split; what the
guest still does at the target when the source is free comes after the total, and the sum then is `settled_s`. Beside
a comparison with a plain pre-copy (compare.py) the stack is that of the move alone, without what was done in advance.
What was saved goes on from its end to that of the plain pre-copy, as series of its own.
"""

import csv
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TextIO

import numpy as np
import numpy.typing as npt
from attrs import asdict, fields, frozen

from vmplanner.analysis.compare import Comparison
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.plans import Technique
from vmplanner.domain.results import MigrationResult, Outcome, Phase, Run, Segment
from vmplanner.domain.topology import PolicyName

LAST_OWN_ROUND = 8
"""Pre-copy rounds after this one share a series: they are many, short and alike."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Split(StrEnum):
    """What the parts of a stack stand for."""

    PHASE = "phase"
    PIECE = "piece"


class Measure(StrEnum):
    """What the length of a part says: seconds, bytes, or its share (0 to 1) of the migration's total time."""

    SECONDS = "seconds"
    BYTES = "bytes"
    SHARE = "share"


@frozen
class Series:
    """One part that stacks may have: by phase a `phase` and a `round` (0 outside pre-copy), by piece a `kind`; or what
    one means saved against a plain pre-copy.
    """

    key: str
    label: str
    phase: Phase | None = None
    round: int = 0
    kind: PieceKind | None = None
    is_saving: bool = False


@frozen
class Stack:
    """One migration. `seconds` and `bytes` have one number for each series, 0 where the migration has nothing of it;
    `guest_shares` says how much of its work the guest made in it (0 to 1). Totals are without savings.
    """

    migration_id: str
    vm: str
    source: str
    target: str
    technique: Technique
    outcome: Outcome
    reason: str
    seconds: tuple[float, ...]
    bytes: tuple[int, ...]
    guest_shares: tuple[float, ...]
    total_s: float
    settled_s: float
    total_bytes: int
    downtime_s: float
    lost_work_s: float
    network_faults: int
    policy: PolicyName
    reported_total_s: float | None
    reported_downtime_s: float | None
    is_forced: bool = False
    comparison: Comparison | None = None


@frozen
class TimeStacks:
    """The stacks of a run, in the order of its results. `series` are in the order of drawing; all of them occur."""

    split: Split
    series: tuple[Series, ...]
    stacks: tuple[Stack, ...]

    def values(self, measure: Measure) -> npt.NDArray[np.float64]:
        """Stacks x series, in seconds, bytes or shares of the total time; savings have no share. A migration without
        time has shares of 0.
        """
        parts = [stack.bytes if measure is Measure.BYTES else stack.seconds for stack in self.stacks]
        values = np.array(parts, dtype=np.float64).reshape(len(self.stacks), len(self.series))
        if measure is Measure.SHARE:
            values[:, [one.is_saving for one in self.series]] = 0.0
            totals = values.sum(axis=1, keepdims=True)
            values = np.divide(values, totals, out=np.zeros_like(values), where=totals > 0)
        return values


def time_stacks(run: Run, by: Split, comparisons: Mapping[str, Comparison] | None = None) -> TimeStacks:
    """The stacks of a run, split by phase (each pre-copy round on its own) or by kind of data, and what was saved by
    the migrations that `comparisons` has (by id).
    """
    compared = comparisons or {}
    results = [compared[one.migration_id].move if one.migration_id in compared else one for one in run.results]
    segments = [segment for result in results for segment in result.segments]
    series = _phase_series(segments) if by is Split.PHASE else _piece_series(segments)
    series += _saving_series([compared[result.migration_id] for result in results if result.migration_id in compared])
    place = {one.key: index for index, one in enumerate(series)}
    return TimeStacks(
        by, series, tuple(_stack(result, by, place, compared.get(result.migration_id)) for result in results)
    )


def _stack(result: MigrationResult, by: Split, place: dict[str, int], comparison: Comparison | None) -> Stack:
    seconds, lost, sizes = [0.0] * len(place), [0.0] * len(place), [0] * len(place)
    for segment in result.segments:
        index = place[_key(segment, by)]
        seconds[index] += segment.duration_s
        lost[index] += segment.lost_work_s
        sizes[index] += segment.bytes
    shares = [max(0.0, 1 - lost_s / spent_s) if spent_s else 1.0 for spent_s, lost_s in zip(seconds, lost, strict=True)]
    if comparison is not None and comparison.savings:
        savings, plain = comparison.savings, comparison.plain
        saved_s = _net([saving.total_s for saving in savings], plain.total_s - result.total_s)
        saved_bytes = _net([saving.bytes for saving in savings], plain.transferred_bytes - result.transferred_bytes)
        for saving, of_time, of_bytes in zip(savings, saved_s, saved_bytes, strict=True):
            index = place[_saving_key(saving.means)]
            seconds[index], sizes[index] = of_time, round(of_bytes)
    return Stack(
        migration_id=result.migration_id,
        vm=result.vm,
        source=result.source,
        target=result.target,
        technique=result.technique,
        outcome=result.outcome,
        reason=result.reason,
        seconds=tuple(seconds),
        bytes=tuple(sizes),
        guest_shares=tuple(shares),
        total_s=result.total_s,
        settled_s=result.settled_s,
        total_bytes=result.transferred_bytes,
        downtime_s=result.downtime_s,
        lost_work_s=result.lost_work_s,
        network_faults=result.network_faults,
        policy=result.policy,
        reported_total_s=result.reported_total_s,
        reported_downtime_s=result.reported_downtime_s,
        is_forced=result.is_forced,
        comparison=comparison,
    )


def _net(savings: list[float], difference: float) -> list[float]:
    """The lengths of savings, together no longer than the difference. What costs more than it saves has no length, and
    makes the others shorter; the words about the migration tell of it.
    """
    gains = [max(0.0, saving) for saving in savings]
    gain = sum(gains)
    return [one * min(1.0, max(0.0, difference) / gain) if gain else 0.0 for one in gains]


def _own_round(segment: Segment) -> int:
    """The round that a segment is counted in: its own, or the first of the far ones. 0 outside pre-copy."""
    return min(segment.round, LAST_OWN_ROUND + 1) if segment.phase is Phase.PRE_COPY else 0


def _key(segment: Segment, by: Split) -> str:
    if by is Split.PIECE:
        return segment.kind.value
    return f"{segment.phase.value} {_own_round(segment)}" if segment.phase is Phase.PRE_COPY else segment.phase.value


def _phase_series(segments: list[Segment]) -> tuple[Series, ...]:
    order = list(Phase)
    found = sorted(
        {(order.index(segment.phase), _own_round(segment), _key(segment, Split.PHASE)) for segment in segments}
    )
    last = max((segment.round for segment in segments if segment.phase is Phase.PRE_COPY), default=0)

    def label(phase: Phase, number: int) -> str:
        if phase is not Phase.PRE_COPY:
            return phase.value
        lumped = number > LAST_OWN_ROUND and last > number
        return f"{phase.value} rounds {number}–{last}" if lumped else f"{phase.value} round {number}"

    return tuple(
        Series(key, label(order[index], number), phase=order[index], round=number) for index, number, key in found
    )


def _piece_series(segments: list[Segment]) -> tuple[Series, ...]:
    """In the order of PieceKind, which ends with device state and overhead."""
    found = {segment.kind for segment in segments}
    return tuple(Series(kind.value, kind.value, kind=kind) for kind in PieceKind if kind in found)


def _saving_key(means: str) -> str:
    return f"saved: {means}"


def _saving_series(comparisons: list[Comparison]) -> tuple[Series, ...]:
    """In the order in which the means were added."""
    means = dict.fromkeys(saving.means for one in comparisons for saving in one.savings or ())
    return tuple(Series(_saving_key(name), name, is_saving=True) for name in means)


@frozen
class Row:
    """One segment with all that identifies it, so that a table of rows can be filtered and grouped (tidy data)."""

    run: str
    vm: str
    source: str
    target: str
    technique: str
    outcome: str
    phase: str
    piece: str
    kind: str
    round: int
    start_s: float
    duration_s: float
    bytes: int
    guest_share: float


COLUMNS = tuple(attribute.name for attribute in fields(Row))


def rows(run: Run) -> Iterator[Row]:
    """Every segment of every migration of the run. `start_s` counts from the migration's start."""
    for result in run.results:
        for segment in result.segments:
            yield Row(
                run=run.name,
                vm=result.vm,
                source=result.source,
                target=result.target,
                technique=result.technique.value,
                outcome=result.outcome.value,
                phase=segment.phase.value,
                piece=segment.piece,
                kind=segment.kind.value,
                round=segment.round,
                start_s=segment.start_s,
                duration_s=segment.duration_s,
                bytes=segment.bytes,
                guest_share=segment.guest_share,
            )


def write_csv(run: Run, stream: TextIO) -> None:
    """The rows as comma-separated values with a heading. Open `stream` with newline=""."""
    table = csv.writer(stream)
    table.writerow(COLUMNS)
    for row in rows(run):
        table.writerow([_harmless(cell) if isinstance(cell, str) else cell for cell in asdict(row).values()])


def _harmless(text: str) -> str:
    """Text that a spreadsheet shows instead of executing: an apostrophe goes before what would begin a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
