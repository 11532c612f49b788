"""Whether migrations keep to maintenance windows, blackouts and cut-over times, and when they next can.

All times are seconds on the run's clock, which is 0 when the plan starts: a set of times is a row of spans, in order
and apart from each other. A migration lies inside the maintenance windows of its VM, its source and its target, of
each that has any, and outside all blackouts; its guest stands still inside their cut-over times.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from attrs import field, frozen

from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import MigrationResult, Run
from vmplanner.domain.windows import Window, WindowKind, shown_clock

Span = tuple[float, float]
Spans = tuple[Span, ...]

# So far ahead openings are looked for: a window that comes once a year comes in it.
AHEAD_S = 400 * 86_400.0
# What is over the edge of a window by so little is inside.
_SAME_S = 1e-3


def union(spans: Iterable[Span]) -> Spans:
    """All times that are in any of the spans, which may overlap and be in any order."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif begin < end:
            found.append((begin, end))
    return tuple(found)


def common(one: Spans, other: Spans) -> Spans:
    """The times that are in both."""
    found, left, right = [], 0, 0
    while left < len(one) and right < len(other):
        begin, end = max(one[left][0], other[right][0]), min(one[left][1], other[right][1])
        if begin <= end:
            found.append((begin, end))
        if one[left][1] < other[right][1]:
            left += 1
        else:
            right += 1
    return tuple(found)


def _outside(spans: Spans) -> Spans:
    """The times from 0 on that are in none of the spans."""
    ends = (0.0, *(end for _, end in spans))
    begins = (*(begin for begin, _ in spans), math.inf)
    return tuple((end, begin) for end, begin in zip(ends, begins, strict=True) if end < begin)


def _starts_for(spans: Spans, part: Span) -> Spans:
    """When something may start whose `part`, begin and end since its start, is to lie inside one of the spans."""
    begin_s, end_s = part
    return tuple((begin - begin_s, end - end_s) for begin, end in spans if end - end_s >= begin - begin_s)


class Calendar:
    """The windows of a project as a plan meets them that starts at `starts_at`."""

    def __init__(self, project: Project, starts_at: datetime) -> None:
        self._project = project
        self._starts_at = starts_at
        self._spans = {window.id: self._spans_of(window) for window in project.windows.values()}
        self._of: dict[str, list[Window]] = {}
        for window in project.windows.values():
            everything = (*project.hosts, *project.machines)
            ids = (*project.hosts_in(window.applies_to), *project.machines_in(window.applies_to))
            for thing_id in ids if window.applies_to else everything:
                self._of.setdefault(thing_id, []).append(window)
        self._known: dict[tuple[WindowKind, frozenset[str]], Spans] = {}

    def windows(self, kind: WindowKind, *thing_ids: str) -> tuple[Window, ...]:
        """The windows of one kind for any of these hosts and VMs."""
        found = (window for thing_id in thing_ids for window in self._of.get(thing_id, ()) if window.kind is kind)
        return tuple({window.id: window for window in found}.values())

    def openings(self, *thing_ids: str) -> Spans:
        """When these hosts and VMs may take part in a migration."""
        blackouts = self._any_of(self.windows(WindowKind.BLACKOUT, *thing_ids), WindowKind.BLACKOUT)
        found = common(_outside(blackouts), self._all_of(WindowKind.MAINTENANCE, thing_ids))
        # Whether what begins later is free is not known: blackouts are looked for so far only.
        return tuple((begin, end) for begin, end in found if begin < min(end, AHEAD_S))

    def starts(self, thing_ids: tuple[str, ...], duration_s: float, switch: Span | None) -> Spans:
        """When a migration may start that is between these, takes so long and stands still from and to `switch` after
        its start.
        """
        starts = _starts_for(self.openings(*thing_ids), (0.0, duration_s))
        if switch is not None:
            starts = common(starts, _starts_for(self._all_of(WindowKind.CUT_OVER, thing_ids), switch))
        return starts

    def spans(self, window: Window) -> Spans:
        """The openings of one window."""
        return self._spans[window.id]

    def clock(self, seconds: float) -> datetime:
        """The time of day so many seconds after the plan starts, in the zone of its start."""
        bounded = min(seconds, 10 * AHEAD_S)
        return (self._starts_at.astimezone(UTC) + timedelta(seconds=bounded)).astimezone(self._starts_at.tzinfo)

    def _all_of(self, kind: WindowKind, thing_ids: tuple[str, ...]) -> Spans:
        """When each of the things that have windows of a kind has one open."""
        spans: Spans = ((0.0, math.inf),)
        for thing_id in thing_ids:
            if windows := self.windows(kind, thing_id):
                spans = common(spans, self._any_of(windows, kind))
        return spans

    def _any_of(self, windows: tuple[Window, ...], kind: WindowKind) -> Spans:
        key = kind, frozenset(window.id for window in windows)
        if key not in self._known:
            self._known[key] = union(span for window in windows for span in self._spans[window.id])
        return self._known[key]

    def _spans_of(self, window: Window) -> Spans:
        start = self._starts_at.astimezone(UTC)
        opened = window.openings(start, start + timedelta(seconds=AHEAD_S))
        return tuple(((begin - start).total_seconds(), (end - start).total_seconds()) for begin, end in opened)


def calendar_of(project: Project, plan: Plan) -> Calendar | None:
    """None where no window holds: there are none, or it is not said when the plan starts."""
    return Calendar(project, plan.starts_at) if project.windows and plan.starts_at is not None else None


def next_start_s(starts: Spans, not_before_s: float) -> float | None:
    """The first time in `starts` that is not before another."""
    return next((max(begin, not_before_s) for begin, end in starts if end >= not_before_s), None)


@frozen
class Course:
    """When a migration is under way, and when its guest stands still."""

    migration_id: str
    start_s: float
    end_s: float
    switches: Spans = ()


@frozen
class Misfit:
    """A migration that does not keep to the windows, why, and when it next could start (None: at no time that is
    near). Where that is none but an opening has gone by, `latest_start_s` is when it should have started. `thing_id` is
    its VM.
    """

    migration_id: str
    thing_id: str
    reason: str
    next_start_s: float | None
    breaks_blackout: bool = field(default=False)
    latest_start_s: float | None = None


def courses_of(run: Run) -> tuple[Course, ...]:
    """What a run, or a forecast, did."""
    return tuple(
        Course(result.migration_id, result.started_s, result.started_s + result.total_s, _switches(result))
        for result in run.results
    )


def _switches(result: MigrationResult) -> Spans:
    return union(
        (result.started_s + segment.start_s, result.started_s + segment.end_s)
        for segment in result.segments
        if segment.phase.is_downtime
    )


def misfits(project: Project, plan: Plan, courses: Iterable[Course]) -> tuple[Misfit, ...]:
    """The migrations of a plan that do not keep to the windows, as their courses are predicted; what breaks a blackout
    comes first.
    """
    calendar = calendar_of(project, plan)
    if calendar is None:
        return ()
    check = _Check(project, plan, calendar)
    found = [misfit for course in courses if (misfit := check.misfit(course)) is not None]
    return tuple(sorted(found, key=lambda misfit: not misfit.breaks_blackout))


class _Check:
    def __init__(self, project: Project, plan: Plan, calendar: Calendar) -> None:
        self._project = project
        self._calendar = calendar
        self._migrations: dict[str, Migration] = {migration.id: migration for migration in plan.migrations}
        self._sources = project.sources_of(plan)

    def misfit(self, course: Course) -> Misfit | None:
        migration = self._migrations[course.migration_id]
        things = migration.vm_id, self._sources[migration.id], migration.target_id
        blackouts = list(self._in_blackouts(course, things))
        reasons = [*blackouts, *self._outside_windows(course, things)]
        if not reasons:
            return None
        switch = None
        if course.switches:
            switch = course.switches[0][0] - course.start_s, course.switches[-1][1] - course.start_s
        starts = self._calendar.starts(things, course.end_s - course.start_s, switch)
        next_s, latest_s = next_start_s(starts, course.start_s), None
        if next_s is None:
            latest_s = max((last for _, last in starts if last >= 0), default=None)
        reason = f"{self._project.machines[migration.vm_id].name} {' and '.join(reasons)}"
        return Misfit(migration.id, migration.vm_id, reason, next_s, bool(blackouts), latest_s)

    def _in_blackouts(self, course: Course, things: tuple[str, ...]) -> Iterator[str]:
        for window in self._calendar.windows(WindowKind.BLACKOUT, *things):
            for begin, end in self._calendar.spans(window):
                if course.start_s < end - _SAME_S and begin + _SAME_S < course.end_s:
                    when, of = self._told(course.start_s, course.end_s), self._told(begin, end)
                    yield f"would move {when}, in the blackout '{window.name}' {of}"
                    break

    def _outside_windows(self, course: Course, things: tuple[str, ...]) -> Iterator[str]:
        moved = ((course.start_s, course.end_s),)
        cases: tuple[tuple[WindowKind, Spans, str, str], ...] = (
            (WindowKind.MAINTENANCE, moved, "would move", "maintenance windows"),
            (WindowKind.CUT_OVER, course.switches, "would stand still", "cut-over times"),
        )
        for kind, parts, verb, what in cases:
            for thing_id in things:
                windows = self._calendar.windows(kind, thing_id)
                if not windows:
                    continue
                open_s = union(span for window in windows for span in self._calendar.spans(window))
                outside = next((part for part in parts if not _is_inside(part, open_s)), None)
                if outside is not None:
                    owner = getattr(self._project.thing(thing_id), "name", "")
                    names = "', '".join(window.name for window in windows)
                    yield f"{verb} {self._told(*outside)}, outside the {what} of {owner} ('{names}')"
                    break

    def _told(self, begin_s: float, end_s: float) -> str:
        return told_span(self._calendar.clock, begin_s, end_s)


def told_span(clock: Callable[[float], datetime], begin_s: float, end_s: float) -> str:
    """'from 2026-11-23 22:00 to 23:10:05'."""
    begin, end = clock(begin_s).replace(microsecond=0), clock(end_s).replace(microsecond=0)
    day = "" if begin.date() == end.date() else f"{end:%Y-%m-%d} "
    return f"from {begin:%Y-%m-%d} {shown_clock(begin)} to {day}{shown_clock(end)}"


def told_next(project: Project, plan: Plan, misfit: Misfit) -> str:
    """When a misfit could start instead, as a sentence's end."""
    calendar = calendar_of(project, plan)
    if calendar is not None and misfit.next_start_s is None and misfit.latest_start_s is not None:
        latest = calendar.clock(misfit.latest_start_s).replace(microsecond=0)
        until = f"{latest:%Y-%m-%d} {shown_clock(latest)}"
        return f"it would fit if it started by {until}, and there is no later opening in the next year"
    if calendar is None or misfit.next_start_s is None:
        return "no opening of the next year is long enough"
    at = calendar.clock(misfit.next_start_s).replace(microsecond=0)
    return f"it could start {at:%Y-%m-%d} {shown_clock(at)}"


def _is_inside(part: Span, spans: Spans) -> bool:
    return any(begin - _SAME_S <= part[0] and part[1] <= end + _SAME_S for begin, end in spans)
