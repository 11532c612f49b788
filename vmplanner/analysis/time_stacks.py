"""Time stacks: where the time and the bytes of migrations went, by phase, by kind of data or by round.

A migration's segments follow each other without gap from its start to its end. A stack adds them up by what they have
in common, so its parts sum to the migration's total time (seconds), transferred bytes and downtime, whatever the split;
what the guest still does at the target when the source is free comes after the total, and the sum then is `settled_s`.
The stack of a group (a host, a technique, ...) is the sum of its migrations'.

Several runs stand beside each other: a stack of a further run knows the stack of the first run that it is compared
with. Beside a comparison with a plain pre-copy (compare.py) the stack is that of the move alone, without what was done
in advance. What was saved goes on from its end to that of the plain pre-copy, as series of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from attrs import frozen

from vmplanner.analysis.compare import Comparison
from vmplanner.analysis.matching import Key, matched
from vmplanner.analysis.stack_series import Part, Series, part_of, saving_key, saving_series, series_of
from vmplanner.analysis.stack_view import USUAL, Grouping, Measure, Sorting, View
from vmplanner.domain.edits import count
from vmplanner.domain.results import MigrationResult, Run


@frozen
class Stack:
    """What one bar stands for: a migration, or the migrations of a group in one run.

    `seconds`, `bytes`, `pages` (0: not known) and `down_s` (seconds of downtime) have one number for each series, 0
    where there is nothing of it; `guest_shares` says how much of its work the guest made in it (0 to 1). Totals are
    without savings. Stacks with the same `key` are of the same thing in different runs; `base` is the place of the
    first run's, None in that itself.
    """

    key: Key
    label: str
    detail: str
    run: str
    column: int
    results: tuple[MigrationResult, ...]
    seconds: tuple[float, ...]
    bytes: tuple[int, ...]
    pages: tuple[int, ...]
    down_s: tuple[float, ...]
    guest_shares: tuple[float, ...]
    total_s: float
    settled_s: float
    total_bytes: int
    downtime_s: float
    lost_work_s: float
    base: int | None = None
    comparison: Comparison | None = None

    @property
    def only(self) -> MigrationResult | None:
        """The migration, where it is one."""
        return self.results[0] if len(self.results) == 1 else None

    @property
    def migration_ids(self) -> tuple[str, ...]:
        return tuple(result.migration_id for result in self.results)

    def total(self, measure: Measure) -> float:
        """What the whole bar stands for: seconds, bytes or seconds of downtime. A share is one of the seconds."""
        match measure:
            case Measure.BYTES:
                return self.total_bytes
            case Measure.DOWNTIME:
                return self.downtime_s
        return self.total_s


@frozen
class TimeStacks:
    """The stacks of some runs as a view wants them. `series` are in the order of drawing; all of them occur. `runs` are
    the names of the runs, one for each column.
    """

    view: View
    series: tuple[Series, ...]
    stacks: tuple[Stack, ...]
    runs: tuple[str, ...] = ()

    def values(self, measure: Measure | None = None) -> npt.NDArray[np.float64]:
        """Stacks x series, in seconds, bytes, shares of the total time or seconds of downtime: as the view has it,
        unless another measure is named. Savings have neither a share nor a downtime. A stack without time has shares of
        0.
        """
        measure = measure or self.view.measure
        fields_of = {Measure.BYTES: "bytes", Measure.DOWNTIME: "down_s"}
        parts = [getattr(stack, fields_of.get(measure, "seconds")) for stack in self.stacks]
        values = np.array(parts, dtype=np.float64).reshape(len(self.stacks), len(self.series))
        if measure is Measure.SHARE:
            values[:, [one.is_saving for one in self.series]] = 0.0
            totals = values.sum(axis=1, keepdims=True)
            values = np.divide(values, totals, out=np.zeros_like(values), where=totals > 0)
        return values

    def cells(self) -> npt.NDArray[np.int_]:
        """Rows x panels: the place of the stack that stands there, -1 for none."""
        if not self.view.has_panels or len(self.runs) < 2:
            return np.arange(len(self.stacks)).reshape(-1, 1)
        rows = {key: row for row, key in enumerate(dict.fromkeys(stack.key for stack in self.stacks))}
        cells = np.full((len(rows), len(self.runs)), -1)
        for index, stack in enumerate(self.stacks):
            cells[rows[stack.key], stack.column] = index
        return cells


@frozen
class _Group:
    """What a stack will be made of."""

    key: Key
    label: str
    run: Run
    column: int
    results: list[MigrationResult]


def time_stacks(
    runs: Sequence[Run],
    view: View = USUAL,
    comparisons: Mapping[str, Comparison] = MappingProxyType({}),
    profiles: Mapping[str, str] = MappingProxyType({}),
) -> TimeStacks:
    """The stacks of runs, each further one compared with the first; what was saved by the migrations that `comparisons`
    has (by id), where each has a stack of its own. `profiles` names the VMs' profiles, by the names of the VMs.
    """
    compared = comparisons if view.group is Grouping.MIGRATION else {}
    groups = _sorted(list(_groups(runs, view, compared, profiles)), view)
    series = series_of([one for group in groups for result in group.results for one in result.segments], view.split)
    savings = saving_series(compared[id] for group in groups for id in _ids(group) if id in compared)
    place = {part: index for index, part in enumerate(series)}
    saving_place = {one.key: len(place) + index for index, one in enumerate(savings)}
    is_by_run = view.group is Grouping.RUN
    bases = {"" if is_by_run else group.key: index for index, group in enumerate(groups) if group.run is runs[0]}
    stacks = []
    for index, group in enumerate(groups):
        base = bases.get("" if is_by_run else group.key)
        comparison = compared.get(group.results[0].migration_id)
        stacks.append(
            _stack(group, view, len(runs) > 1, place, saving_place, base if base != index else None, comparison)
        )
    names = [view.group.value] if view.group is Grouping.RUN else [run.name for run in runs]
    return TimeStacks(view, (*series.values(), *savings), tuple(stacks), tuple(names))


def _ids(group: _Group) -> list[str]:
    return [result.migration_id for result in group.results]


def _groups(
    runs: Sequence[Run], view: View, compared: Mapping[str, Comparison], profiles: Mapping[str, str]
) -> Iterator[_Group]:
    """In the order of the runs, and in each in that of its results."""
    for column, (run, keyed) in enumerate(zip(runs, matched(runs), strict=True)):
        groups: dict[Key, _Group] = {}
        for key, result in keyed.items():
            result = compared[result.migration_id].move if result.migration_id in compared else result
            label = _LABELS[view.group](result, run, profiles)
            if view.group is Grouping.RUN:
                key = (str(column), run.id, 0)
            elif view.group is not Grouping.MIGRATION:
                key = (label, "", 0)
            place = 0 if view.group is Grouping.RUN else column
            groups.setdefault(key, _Group(key, label, run, place, [])).results.append(result)
        yield from groups.values()


_LABELS: dict[Grouping, Callable[[MigrationResult, Run, Mapping[str, str]], str]] = {
    Grouping.MIGRATION: lambda result, _run, _profiles: result.vm,
    Grouping.VM: lambda result, _run, _profiles: result.vm,
    Grouping.SOURCE: lambda result, _run, _profiles: result.source,
    Grouping.TARGET: lambda result, _run, _profiles: result.target,
    Grouping.TECHNIQUE: lambda result, _run, _profiles: result.technique.value,
    Grouping.RUN: lambda _result, run, _profiles: run.name,
    Grouping.PROFILE: lambda result, _run, profiles: profiles.get(result.vm, "profile not known"),
}


def _sorted(groups: list[_Group], view: View) -> list[_Group]:
    """Groups of the same thing stay together, in the order of their runs; the first of them says where they go.
    Longest are those whose bars are.
    """
    together: dict[Key, list[_Group]] = {}
    for group in groups:
        together.setdefault(group.key, []).append(group)
    blocks = list(together.values())
    of_measure = {Measure.BYTES: "transferred_bytes", Measure.DOWNTIME: "downtime_s"}
    longest = of_measure.get(view.measure, "total_s")
    match view.order:
        case Sorting.LONGEST:
            blocks.sort(key=lambda block: -sum(getattr(result, longest) for result in block[0].results))
        case Sorting.DOWNTIME:
            blocks.sort(key=lambda block: -sum(result.downtime_s for result in block[0].results))
        case Sorting.NAME:
            blocks.sort(key=lambda block: _natural(block[0].label))
    return [group for block in blocks for group in block]


def _natural(name: str) -> list[tuple[int, str]]:
    """So that web-2 comes before web-10."""
    spaced = "".join(char if char.isdecimal() else f" {char.casefold()} " for char in name)
    return [(int(word), "") if word.isdecimal() else (-1, word) for word in spaced.split()]


def _stack(
    group: _Group,
    view: View,
    is_one_of_many: bool,
    place: Mapping[Part, int],
    saving_place: Mapping[str, int],
    base: int | None,
    comparison: Comparison | None,
) -> Stack:
    width = len(place) + len(saving_place)
    seconds, lost, down = [0.0] * width, [0.0] * width, [0.0] * width
    sizes, pages = [0] * width, [0] * width
    for result in group.results:
        for segment in result.segments:
            index = place[part_of(segment, view.split)]
            seconds[index] += segment.duration_s
            lost[index] += segment.lost_work_s
            sizes[index] += segment.bytes
            pages[index] += segment.pages
            if segment.phase.is_downtime:
                down[index] += segment.duration_s
    shares = [max(0.0, 1 - lost_s / spent_s) if spent_s else 1.0 for spent_s, lost_s in zip(seconds, lost, strict=True)]
    total_s = sum(result.total_s for result in group.results)
    total_bytes = sum(result.transferred_bytes for result in group.results)
    if comparison is not None and comparison.savings:
        savings, plain = comparison.savings, comparison.plain
        saved_s = _net([saving.total_s for saving in savings], plain.total_s - total_s)
        saved_bytes = _net([saving.bytes for saving in savings], plain.transferred_bytes - total_bytes)
        for saving, of_time, of_bytes in zip(savings, saved_s, saved_bytes, strict=True):
            index = saving_place[saving_key(saving.means)]
            seconds[index], sizes[index] = of_time, round(of_bytes)
    details = [_detail(group.results, view.group)]
    if is_one_of_many and not view.has_panels and view.group is not Grouping.RUN:
        details.insert(0, group.run.name)
    return Stack(
        key=group.key,
        label=group.label,
        detail=" · ".join(details),
        run=group.run.name,
        column=group.column,
        results=tuple(group.results),
        seconds=tuple(seconds),
        bytes=tuple(sizes),
        pages=tuple(pages),
        down_s=tuple(down),
        guest_shares=tuple(shares),
        total_s=total_s,
        settled_s=sum(result.settled_s for result in group.results),
        total_bytes=total_bytes,
        downtime_s=sum(result.downtime_s for result in group.results),
        lost_work_s=sum(result.lost_work_s for result in group.results),
        base=base,
        comparison=comparison,
    )


def _detail(results: Sequence[MigrationResult], group: Grouping) -> str:
    """What stands below a stack's name."""
    if group is Grouping.MIGRATION:
        return f"{results[0].source} → {results[0].target}"
    return count(len(results), "migration")


def _net(savings: list[float], difference: float) -> list[float]:
    """The lengths of savings, together no longer than the difference. What costs more than it saves has no length, and
    makes the others shorter; the words about the migration tell of it.
    """
    gains = [max(0.0, saving) for saving in savings]
    gain = sum(gains)
    return [one * min(1.0, max(0.0, difference) / gain) if gain else 0.0 for one in gains]


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
