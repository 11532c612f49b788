"""The time of day beside the seconds of a plan, for one that says when it starts, and when its moves may not run."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from attrs import field, frozen

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.windows import WindowKind
from vmplanner.planning.windows import Spans, calendar_of


@frozen
class Openings:
    """When a window is open, in seconds since the plan starts."""

    name: str
    kind: WindowKind
    spans: Spans


@frozen
class WallClock:
    """When the plan starts, the project's windows, and for each migration by its id when it may not run (seconds)."""

    starts_at: datetime
    windows: tuple[Openings, ...] = ()
    closed: Mapping[str, Spans] = field(factory=dict)

    def at(self, seconds: float) -> datetime:
        """The time of day so many seconds after the start, in the zone of the start."""
        time = self.starts_at.astimezone(UTC) + timedelta(seconds=seconds)
        return time.astimezone(self.starts_at.tzinfo)

    def told(self, seconds: float, *, to_the_minute: bool = False) -> str:
        """'22:07:12'; on another day than the first 'Tue 02:10:00', or after a week '30 Nov 02:10:00'."""
        time = self.at(seconds)
        clock = f"{time:%H:%M}" if to_the_minute else f"{time:%H:%M:%S}"
        days = (time.date() - self.starts_at.date()).days
        return clock if not days else f"{time:%a} {clock}" if days < 7 else f"{time:%d %b} {clock}"

    def open_at(self, seconds: float) -> str:
        """The time of day and the windows that are open then, a line for each; empty where none is."""
        names = [
            f"{window.kind.value}: {window.name}"
            for window in self.windows
            if any(begin <= seconds < end for begin, end in window.spans)
        ]
        return "\n".join([self.told(max(0.0, seconds)), *names]) if names else ""


def wall_clock_of(project: Project, plan: Plan) -> WallClock | None:
    """None where it is not said when the plan starts."""
    if plan.starts_at is None:
        return None
    calendar = calendar_of(project, plan)
    if calendar is None:
        return WallClock(plan.starts_at)
    sources = project.sources_of(plan)
    closed = {
        move.id: _between(calendar.openings(move.vm_id, sources[move.id], move.target_id)) for move in plan.migrations
    }
    windows = [Openings(window.name, window.kind, calendar.spans(window)) for window in project.windows.values()]
    return WallClock(plan.starts_at, tuple(windows), closed)


def _between(spans: Spans) -> Spans:
    """The times from the start of the plan on that are in none of the spans."""
    ends = (0.0, *(end for _, end in spans))
    begins = (*(begin for begin, _ in spans), float("inf"))
    return tuple((end, begin) for end, begin in zip(ends, begins, strict=True) if end < begin)
