"""A plan as a calendar of RFC 5545, for those who have to be there or to be told: its waves, and in them its moves.

A wave is a stretch of time in which something moves. Waves take up the time of whoever keeps the calendar, moves do
not. Times are those of the forecast, in UTC: every calendar shows them in the zone of its reader.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from uuid import NAMESPACE_URL, uuid5

from attrs import frozen
from icalendar import Calendar, Event

from vmplanner.domain.edits import count
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.results import MigrationResult, Run

# A shorter pause does not part two waves.
_PAUSE_S = 60.0


@frozen
class Wave:
    """Migrations that follow each other without a pause; times are seconds on the run's clock."""

    results: tuple[MigrationResult, ...]

    @property
    def start_s(self) -> float:
        return min(result.started_s for result in self.results)

    @property
    def end_s(self) -> float:
        return max(_end_s(result) for result in self.results)


def waves_of(results: Iterable[MigrationResult]) -> Iterator[Wave]:
    """The waves of a run, the first one first."""
    wave: list[MigrationResult] = []
    end_s = 0.0
    for result in sorted(results, key=lambda result: result.started_s):
        if wave and result.started_s > end_s + _PAUSE_S:
            yield Wave(tuple(wave))
            wave = []
        wave.append(result)
        end_s = max(end_s, _end_s(result))
    if wave:
        yield Wave(tuple(wave))


def plan_as_calendar(project: Project, plan: Plan, forecast: Run, now: datetime) -> bytes:
    """The calendar of a plan that moves as in `forecast`, written at `now`. The same plan has the same events: an
    import replaces them. Raises PlannerError where it is not said when the plan starts.
    """
    if plan.starts_at is None:
        raise PlannerError(
            f"The plan '{plan.name}' does not say when it starts; set a start under Plan > Maintenance windows"
        )
    calendar = Calendar()
    calendar.add("prodid", "-//vmplanner//plan//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _line(f"{project.name}: {plan.name}"))
    waves = list(waves_of(forecast.results))
    for number, wave in enumerate(waves, start=1):
        named = f"{plan.name}, wave {number} of {len(waves)}" if len(waves) > 1 else plan.name
        event = _event(project, plan, f"wave {number}", now, wave.start_s, wave.end_s)
        event.add("summary", _line(f"{named}: {count(len(wave.results), 'migration')}"))
        event.add("description", "\n".join(_told(plan.starts_at, wave.results)))
        calendar.add_component(event)
        for result in wave.results:
            move = _event(project, plan, result.migration_id, now, result.started_s, _end_s(result))
            move.add("summary", _line(f"{result.vm} moves from {result.source} to {result.target}"))
            move.add("description", _line(_about(result)))
            move.add("transp", "TRANSPARENT")
            move.add("related-to", event["uid"])
            calendar.add_component(move)
    return bytes(calendar.to_ical())


def _end_s(result: MigrationResult) -> float:
    return result.started_s + result.total_s


def _event(project: Project, plan: Plan, what: str, now: datetime, start_s: float, end_s: float) -> Event:
    """In whole seconds, and at least one long."""
    assert plan.starts_at is not None, "looked at before"
    begin = plan.starts_at.astimezone(UTC) + timedelta(seconds=int(start_s))
    event = Event()
    event.add("uid", f"{uuid5(NAMESPACE_URL, f'vmplanner:{_line(project.name)}/{plan.id}/{what}')}@vmplanner")
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", begin)
    event.add("dtend", begin + timedelta(seconds=max(1, ceil(end_s) - int(start_s))))
    return event


def _told(starts_at: datetime, results: Sequence[MigrationResult]) -> Iterator[str]:
    """A line for each migration, in the order of their starts."""
    for result in results:
        begin = starts_at.astimezone(UTC) + timedelta(seconds=result.started_s)
        clock = f"{begin.astimezone(starts_at.tzinfo):%H:%M:%S}"
        yield _line(f"{clock}  {result.vm}: {result.source} to {result.target}, {_about(result)}")


def _about(result: MigrationResult) -> str:
    down = f", guest stands still for {format_duration(result.downtime_s)}" if result.downtime_s else ""
    ending = "" if result.converged else f", {result.ending}"
    return f"{result.technique.value}, predicted to take {format_duration(result.total_s)}{down}{ending}"


def _line(text: str) -> str:
    """Names are data: what they hold may not begin a line of its own."""
    return "".join(character if character.isprintable() else " " for character in text)
