"""The parts that time stacks have: which there are in some migrations, in what order, and what each is called."""

from collections.abc import Collection, Iterable

from attrs import frozen

from vmplanner.analysis.compare import Comparison
from vmplanner.analysis.stack_view import Split
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.results import Phase, Segment

LAST_OWN_ROUND = 8
"""Rounds after this one share a series: they are many, short and alike."""

_PHASES = {phase: index for index, phase in enumerate(Phase)}
_KINDS = {kind: index for index, kind in enumerate(PieceKind)}


@frozen
class Series:
    """One part that stacks may have: a `phase`, with a `round` in pre-copy; a `kind` of data; both; a `round` alone (0:
    what is in no round); or what one means saved against a plain pre-copy.
    """

    key: str
    label: str
    phase: Phase | None = None
    round: int = 0
    kind: PieceKind | None = None
    is_saving: bool = False


Part = tuple[int, int, int]
"""The places of a phase and a kind in their orders (-1: any), and a round: what a series has in common."""


def part_of(segment: Segment, by: Split) -> Part:
    """The part that a segment is counted in. Far rounds are counted as one."""
    match by:
        case Split.PIECE:
            return -1, _KINDS[segment.kind], 0
        case Split.ROUND:
            return -1, -1, min(segment.round, LAST_OWN_ROUND + 1)
        case Split.PHASE_PIECE:
            return _PHASES[segment.phase], _KINDS[segment.kind], 0
    number = min(segment.round, LAST_OWN_ROUND + 1) if segment.phase is Phase.PRE_COPY else 0
    return _PHASES[segment.phase], -1, number


def series_of(segments: Collection[Segment], by: Split) -> dict[Part, Series]:
    """The series that occur in the segments, in the order of drawing: phases in the order of time, kinds of data in the
    order of PieceKind, which ends with device state and overhead.
    """
    last = max((one.round for one in segments if by is Split.ROUND or one.phase is Phase.PRE_COPY), default=0)
    return {part: _series(part, by, last) for part in sorted({part_of(segment, by) for segment in segments})}


def _series(part: Part, by: Split, last_round: int) -> Series:
    phase = list(Phase)[part[0]] if part[0] >= 0 else None
    kind = list(PieceKind)[part[1]] if part[1] >= 0 else None
    number = part[2]
    names = [one.value for one in (phase, kind) if one is not None]
    label = " · ".join(names)
    if by is Split.ROUND and not number:
        label = "outside the rounds"
    elif number:
        is_lumped = number > LAST_OWN_ROUND and last_round > number
        label = f"{label} {f'rounds {number}–{last_round}' if is_lumped else f'round {number}'}".lstrip()
    return Series(" ".join([*names, str(number)]), label, phase, number, kind)


def saving_key(means: str) -> str:
    return f"saved: {means}"


def saving_series(comparisons: Iterable[Comparison]) -> tuple[Series, ...]:
    """In the order in which the means were added."""
    means = dict.fromkeys(saving.means for one in comparisons for saving in one.savings or ())
    return tuple(Series(saving_key(name), name, is_saving=True) for name in means)
