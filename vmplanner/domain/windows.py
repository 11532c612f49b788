"""When things may move and when not: maintenance windows, blackouts and cut-over times, once or again and again.

How a window repeats is an RRULE of RFC 5545, worked out by python-dateutil on the wall clock of the window's own time
zone: what opens at 22:00 does so in summer and in winter. An opening lasts its whole length, whatever the clock does.
A time that the clock leaves out in spring counts as if the clock had not been set yet; of one that comes twice in
autumn the first is meant.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from attrs import Attribute, evolve, field, frozen
from dateutil.rrule import rrulestr

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue

_LONGEST_S = 366 * 86_400
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# The parts of an RRULE that are numbers, with the least and the most. Nothing in them makes more than one opening a
# day, so that no rule, however it is meant, has more of them than can be gone through.
_NUMBERS = {
    "INTERVAL": (1, 1000),
    "COUNT": (1, 100_000),
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYSETPOS": (-366, 366),
}
_PARTS = ("FREQ", "UNTIL", "WKST", "BYDAY", *_NUMBERS)
_BELOW_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_UNTIL_FORMS = ("%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d")


class WindowKind(StrEnum):
    """MAINTENANCE: moves are to lie inside. BLACKOUT: nothing moves. CUT_OVER: the guest stands still only inside."""

    MAINTENANCE = "maintenance"
    BLACKOUT = "blackout"
    CUT_OVER = "cut-over"


def zone_name(zone: tzinfo | None) -> str:
    """The name of a time zone as `zone_of` takes it: 'Europe/Berlin', 'UTC', '+01:00'."""
    if isinstance(zone, ZoneInfo):
        return zone.key
    return "UTC" if zone == UTC else datetime(2000, 1, 1, tzinfo=zone).isoformat()[19:]


def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name such as Europe/Berlin, or an offset such as +01:00. Raises InvalidValue."""
    if name == "UTC":
        return UTC
    try:
        if name[:1] in ("+", "-"):
            zone = datetime.fromisoformat(f"2000-01-01T00:00:00{name}").tzinfo
            assert zone is not None
            return zone
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        why = f"must be a name such as Europe/Berlin, or an offset such as +01:00, not {name[:60]!a}"
        raise InvalidValue("Time", "zone", why) from None


def time_of(text: str, zone: tzinfo | None = None) -> datetime:
    """A time with its zone: '2026-11-23T22:00+01:00' or '2026-11-23 22:00 Europe/Berlin'. Where none is told, `zone` is
    meant. Raises InvalidValue.
    """
    clock, _, named = text.strip().rpartition(" ")
    try:
        if clock and any(letter.isalpha() for letter in named):
            return datetime.fromisoformat(clock).replace(tzinfo=zone_of(named))
        found = datetime.fromisoformat(text.strip())
    except InvalidValue:
        raise
    except ValueError:
        raise InvalidValue("Time", f"{text[:60]!a}", "is not one such as 2026-11-23 22:00 Europe/Berlin") from None
    found = found if found.tzinfo else found.replace(tzinfo=zone)
    if found.tzinfo is None:
        raise InvalidValue("Time", f"'{text.strip()}'", "needs a zone, such as +01:00 or Europe/Berlin, after it")
    return found


def shown_time(time: datetime) -> str:
    """'2026-11-23 22:00 Europe/Berlin'; seconds only where there are some."""
    return f"{time:%Y-%m-%d} {shown_clock(time)} {zone_name(time.tzinfo)}"


def shown_clock(time: datetime) -> str:
    """'22:00', '22:00:05'."""
    return f"{time:%H:%M:%S}" if time.second else f"{time:%H:%M}"


def whole_seconds(time: Any) -> Any:
    """A time without fractions; of an hour that comes twice, the first."""
    return time.replace(microsecond=0, fold=0) if isinstance(time, datetime) else time


def zoned(thing: object, attribute: "Attribute[Any]", value: object) -> None:
    """The attrs validator of a time with a zone that has a name or an offset."""
    what, name = checks.describe(thing), checks.label(attribute.name)
    if not isinstance(value, datetime):
        raise InvalidValue(what, name, f"must be a time, not {value!r}")
    # A zone that was read from a stream has no name.
    if not isinstance(value.tzinfo, timezone) and not getattr(value.tzinfo, "key", None):
        raise InvalidValue(what, name, "must have a time zone")
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise InvalidValue(what, name, f"must be in a year from {_FIRST_YEAR} to {_LAST_YEAR}, not {value.year}")


def _without_name(text: str) -> str:
    """The value of an RRULE that was copied with the name of the property."""
    return text.strip().upper().removeprefix("RRULE:") if isinstance(text, str) else text


@frozen
class Window:
    """A stretch of time for hosts, VMs and groups of them by their ids (none: for everything).

    It opens first at `starts_at`, or the first time after it that `recurrence` names ('': once, at `starts_at`), and
    stays open for `duration_s`.
    """

    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())
    kind: WindowKind = field(validator=checks.one_of(WindowKind))
    starts_at: datetime = field(converter=whole_seconds, validator=zoned)
    duration_s: float = field(validator=checks.number(at_least=1, at_most=_LONGEST_S))
    recurrence: str = field(default="", converter=_without_name, validator=checks.text(may_be_empty=True))
    applies_to: tuple[str, ...] = field(default=(), converter=tuple[str, ...])

    def __attrs_post_init__(self) -> None:
        if len(set(self.applies_to)) != len(self.applies_to):
            double = next(each for each in self.applies_to if self.applies_to.count(each) > 1)
            raise InvalidValue(checks.describe(self), "what it applies to", f"names '{double}' twice")
        if not self.recurrence:
            return
        try:
            _check_rule(self.recurrence)
            first = next(self._wall_clock(), None)
        except (ValueError, IndexError, TypeError, OverflowError) as error:
            raise InvalidValue(checks.describe(self), "recurrence", f"can't be followed: {error}") from None
        if first is None:
            raise InvalidValue(checks.describe(self), "recurrence", "names no day at all; change it")

    def openings(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Its openings that are not over at `since` and begin before `until`, in order: begin and end, in UTC."""
        length = timedelta(seconds=self.duration_s)
        last = until.astimezone(UTC).replace(tzinfo=None) + timedelta(days=2)
        for clock in self._wall_clock():
            if clock > last:
                return
            begin = clock.replace(tzinfo=self.starts_at.tzinfo).astimezone(UTC)
            if since < begin + length and begin < until:
                yield begin, begin + length

    def _wall_clock(self) -> Iterator[datetime]:
        """The starts of its openings by the clock on the wall, without a zone."""
        first = self.starts_at.replace(tzinfo=None)
        if not self.recurrence:
            yield first
            return
        parts = _parts(self.recurrence)
        until = self._until(parts.pop("UNTIL", ""))
        for start in rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=first):
            if start > until:
                return
            yield start

    def _until(self, text: str) -> datetime:
        """The last start that an RRULE allows, by the clock on the wall; a day alone counts to its end."""
        if not text:
            return datetime.max
        found = _until(text)
        if text.endswith("Z"):
            return found.replace(tzinfo=UTC).astimezone(self.starts_at.tzinfo).replace(tzinfo=None)
        return found if "T" in text else found + timedelta(days=1, seconds=-1)


def without(window: Window, gone: set[str]) -> Window | None:
    """The window when these things are no more; None when it was for nothing else."""
    kept = tuple(each for each in window.applies_to if each not in gone)
    if window.applies_to and not kept:
        return None
    return evolve(window, applies_to=kept)


def _parts(rule: str) -> dict[str, str]:
    """The parts of an RRULE by name. Raises ValueError."""
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        name, sign, value = part.partition("=")
        if not sign or not value:
            raise ValueError(f"'{part}' is not a part such as FREQ=WEEKLY")
        if name in parts:
            raise ValueError(f"{name} is there twice")
        parts[name] = value
    return parts


def _check_rule(rule: str) -> None:
    """Raises ValueError where a part is unknown, or has a value that it can't have."""
    parts = _parts(rule)
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise ValueError(f"FREQ must be one of {', '.join(_FREQUENCIES)}")
    for name, value in parts.items():
        if name in _BELOW_A_DAY:
            raise ValueError(f"{name} is not possible: a window opens at one time of the day; make another for another")
        if name not in _PARTS:
            raise ValueError(f"{name} is not known; known are {', '.join(sorted(_PARTS))}")
        if name in _NUMBERS:
            _check_numbers(name, value)
    if parts.get("WKST", "MO") not in _DAYS:
        raise ValueError(f"WKST must be one of {', '.join(_DAYS)}")
    most = {"MONTHLY": 5, "YEARLY": 5 if "BYMONTH" in parts else 53}.get(frequency, 0)
    for day in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        found = re.fullmatch(f"([+-]?[0-9]{{1,2}})?({'|'.join(_DAYS)})", day)
        if found is None:
            raise ValueError(f"BYDAY must be days such as MO or, of months and years, -1FR, not '{day}'")
        if found[1] and not 1 <= abs(int(found[1])) <= most:
            raise ValueError(f"there is no {day} in BYDAY with {frequency}" + (f"; {most} is the most" if most else ""))
    if "UNTIL" in parts:
        if "COUNT" in parts:
            raise ValueError("COUNT and UNTIL can't be there both")
        _until(parts["UNTIL"])


def _check_numbers(name: str, text: str) -> None:
    least, most = _NUMBERS[name]
    for number in text.split(",") if name.startswith("BY") else (text,):
        if not re.fullmatch("[+-]?[0-9]{1,6}", number) or not least <= int(number) <= most or not int(number):
            but = " but not 0" if least < 0 else ""
            raise ValueError(f"{name} must be from {least} to {most}{but}, not '{number}'")


def _until(text: str) -> datetime:
    for form in _UNTIL_FORMS:
        try:
            found = datetime.strptime(text, form)
        except ValueError:
            continue
        if _FIRST_YEAR <= found.year <= _LAST_YEAR + 100:
            return found
    raise ValueError(f"UNTIL must be a time such as 20271231T220000Z or 20271231, not '{text}'")
