"""Windows repeat as RFC 5545 says, by the clock on the wall, and what makes no sense is refused at once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.small_projects import two_hosts
from vmplanner.domain import edits
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.windows import Window, WindowKind, shown_time, time_of, zone_name, zone_of


def window(starts_at: str, recurrence: str = "", hours: float = 1, *applies_to: str) -> Window:
    return Window("w", "Nightly", WindowKind.MAINTENANCE, time_of(starts_at), hours * 3600, recurrence, applies_to)


def opens(window: Window, since: str, days: int = 10) -> list[str]:
    """The wall-clock times at which it opens."""
    begin = time_of(since)
    found = window.openings(begin, begin + timedelta(days=days))
    return [f"{start.astimezone(window.starts_at.tzinfo):%m-%d %H:%M}" for start, _ in found]


def test_a_window_opens_at_the_same_wall_clock_time_all_year() -> None:
    nightly = window("2026-03-27 22:00 Europe/Berlin", "FREQ=DAILY")
    assert opens(nightly, "2026-03-28T00:00Z", 3) == ["03-28 22:00", "03-29 22:00", "03-30 22:00"]
    (before, _), (after, end) = nightly.openings(time_of("2026-03-28T00:00Z"), time_of("2026-03-30T00:00Z"))
    assert after - before == timedelta(hours=23), "the clock was set in between"
    assert end - after == timedelta(hours=1)


def test_a_time_that_the_clock_leaves_out_comes_an_hour_later() -> None:
    nightly = window("2026-03-27 02:30 Europe/Berlin", "FREQ=DAILY")
    assert opens(nightly, "2026-03-28T00:00Z", 3) == ["03-28 02:30", "03-29 03:30", "03-30 02:30"]


def test_a_time_that_comes_twice_is_meant_the_first_time() -> None:
    nightly = window("2026-10-24 02:30 Europe/Berlin", "FREQ=DAILY;COUNT=2")
    starts = [start for start, _ in nightly.openings(time_of("2026-10-24T00:00Z"), time_of("2026-10-27T00:00Z"))]
    assert starts == [time_of("2026-10-24T00:30Z"), time_of("2026-10-25T00:30Z")]


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        ("", ["11-23 22:00"]),
        ("FREQ=WEEKLY;BYDAY=TU,SA", ["11-24 22:00", "11-28 22:00", "12-01 22:00"]),
        ("RRULE:FREQ=MONTHLY;BYDAY=-1SA", ["11-28 22:00"]),
        ("FREQ=DAILY;UNTIL=20261124", ["11-23 22:00", "11-24 22:00"]),
        ("FREQ=DAILY;UNTIL=20261124T210000Z", ["11-23 22:00", "11-24 22:00"]),
        ("FREQ=DAILY;UNTIL=20261124T205959Z", ["11-23 22:00"]),
        ("freq=daily;count=1", ["11-23 22:00"]),
    ],
)
def test_it_repeats_as_the_rule_says(recurrence: str, expected: list[str]) -> None:
    assert opens(window("2026-11-23 22:00 Europe/Berlin", recurrence), "2026-11-23T00:00Z") == expected


def test_what_is_still_open_counts() -> None:
    assert opens(window("2026-11-22T22:00+01:00", hours=24), "2026-11-23T12:00Z") == ["11-22 22:00"]
    assert opens(window("2026-11-22T22:00+01:00", hours=1), "2026-11-23T12:00Z") == []


@pytest.mark.parametrize(
    ("recurrence", "sentence"),
    [
        ("FREQ=SECONDLY", "FREQ must be one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL must be from 1 to 1000"),
        ("FREQ=DAILY;INTERVAL=99999999999999999999", "INTERVAL must be"),
        ("FREQ=DAILY;BYHOUR=1,2", "a window opens at one time of the day"),
        ("FREQ=DAILY;BYEASTER=1", "BYEASTER is not known"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ is there twice"),
        ("FREQ=MONTHLY;BYDAY=10MO", "there is no 10MO in BYDAY with MONTHLY; 5 is the most"),
        ("FREQ=DAILY;BYDAY=XX", "BYDAY must be days such as MO"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "can't be there both"),
        ("FREQ=DAILY;UNTIL=soon", "UNTIL must be a time"),
        ("FREQ=DAILY;UNTIL=20200101", "names no day at all"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "names no day at all"),
        ("every night", "is not a part such as FREQ=WEEKLY"),
        ("DTSTART:20200101T000000\nRRULE:FREQ=DAILY", "line breaks"),
    ],
)
def test_a_rule_that_can_not_be_followed_is_refused(recurrence: str, sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        window("2026-11-23T22:00+01:00", recurrence)


PARTS = ("FREQ=DAILY", "FREQ=YEARLY", "FREQ=MONTHLY", "BYDAY=-5FR", "BYDAY=53MO", "BYMONTH=12", "BYMONTHDAY=-31")
PARTS += ("BYWEEKNO=53", "BYYEARDAY=366", "BYSETPOS=-366", "INTERVAL=1000", "COUNT=100000", "WKST=SU", "UNTIL=20991231")


@given(st.lists(st.sampled_from(PARTS), unique=True, max_size=5).map(";".join) | st.text(max_size=50))
def test_any_text_is_followed_or_refused(recurrence: str) -> None:
    try:
        found = window("2026-11-23T22:00+01:00", recurrence)
    except InvalidValue:
        return
    since = time_of("2026-01-01T00:00Z")
    assert len(list(found.openings(since, since + timedelta(days=800)))) <= 801


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: time_of("tonight"), "is not one such as 2026-11-23 22:00 Europe/Berlin"),
        (lambda: time_of("2026-11-23T22:00"), "needs a zone"),
        (lambda: time_of("2026-11-23T22:00 Moon/Crater"), "zone must be a name such as Europe/Berlin"),
        (lambda: zone_of("../passwd"), "zone must be a name"),
        (lambda: Plan("p", "P", starts_at=datetime(2026, 1, 1)), "must have a time zone"),
        (lambda: window("1900-01-01T00:00Z"), "must be in a year from 1970"),
        (lambda: window("2026-11-23T22:00Z", hours=0), "duration must be at least"),
        (lambda: window("2026-11-23T22:00Z", "", 1, "a", "a"), "names 'a' twice"),
        (lambda: Project.of(window("2026-11-23T22:00Z", "", 1, "x")), "'x', no host, VM or group"),
    ],
)
def test_what_can_not_be_is_refused(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        make()


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "+01:00", "-03:30"])
def test_zones_have_names(name: str) -> None:
    assert zone_name(zone_of(name)) == name


def test_times_are_shown_as_they_can_be_typed() -> None:
    assert shown_time(time_of("2026-11-23 22:00 Europe/Berlin")) == "2026-11-23 22:00 Europe/Berlin"


def test_what_is_deleted_leaves_windows() -> None:
    windows = [window("2026-11-23T22:00Z", "", 1, "vm-1", "host-2"), window("2026-11-23T22:00Z")]
    named = [Window(f"w{n}", "W", each.kind, each.starts_at, 60, "", each.applies_to) for n, each in enumerate(windows)]
    project = two_hosts(2).applied(Change("", [Edit(None, each) for each in named]))
    change = edits.delete(project, ["vm-1"])
    after = project.applied(change)
    assert [each.applies_to for each in after.windows.values()] == [("host-2",), ()]
    assert after.applied(change.inverse()) == project
    gone = edits.delete(after, ["host-2"])
    assert list(after.applied(gone).windows) == ["w1"], "a window for what is gone must not be for everything"
    assert edits.delete(project, ["w1"]).title == "Delete W"
