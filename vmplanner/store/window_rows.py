"""Windows, and times with their zones, as columns of the project file, and back.

A time keeps the name of its zone beside it: an offset alone does not tell when the clock is next set.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from vmplanner.domain.windows import Window, WindowKind, zone_name, zone_of
from vmplanner.store.fields import Fields
from vmplanner.store.platform_rows import Row


def window_rows(window: Window, position: int) -> Iterator[tuple[str, Row]]:
    """The rows of one window, by table; `position` is its place among the windows."""
    yield (
        "windows",
        {
            "id": window.id,
            "position": position,
            "name": window.name,
            "kind": window.kind.value,
            **time_columns(window.starts_at),
            "duration_s": float(window.duration_s),
            "recurrence": window.recurrence,
        },
    )
    for place, member_id in enumerate(window.applies_to, start=1):
        yield "window_members", {"window_id": window.id, "position": place, "member_id": member_id}


def window_of_row(row: Fields, members: Iterable[Fields]) -> Window:
    """The window of a row of `windows`."""
    return Window(
        id=row.text("id"),
        name=row.text("name"),
        kind=row.choice("kind", WindowKind),
        starts_at=zoned_time(row),
        duration_s=row.real("duration_s"),
        recurrence=row.text("recurrence"),
        applies_to=[member.text("member_id") for member in members],
    )


def time_columns(time: datetime | None) -> Row:
    """The columns `starts_at` and `time_zone`."""
    if time is None:
        return {"starts_at": None, "time_zone": None}
    return {"starts_at": time.isoformat(), "time_zone": zone_name(time.tzinfo)}


def optional_time(row: Fields) -> datetime | None:
    """The time in the columns `starts_at` and `time_zone`, if there is one."""
    return zoned_time(row) if row.has("starts_at") else None


def zoned_time(row: Fields) -> datetime:
    """The time in the columns `starts_at` and `time_zone`: what the clock shows in that zone."""
    text, zone = row.text("starts_at"), row.text("time_zone")
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise row.error("starts_at", f"must be a time such as 2026-03-01T12:00:00+01:00, not {text[:60]!a}")
    return row.build(lambda: time.replace(tzinfo=zone_of(zone)))
