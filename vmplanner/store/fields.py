"""Typed reading of what may be wrong: a row of a project file or a table of a shipped TOML file.

Every refusal is a PlannerError that says where the value is, what it is and what it should be.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from sys import float_info
from typing import TypeVar

from vmplanner.domain.errors import InvalidValue, PlannerError
from vmplanner.domain.quantities import Quantity

Choice = TypeVar("Choice", bound=StrEnum)
Built = TypeVar("Built")
Key = TypeVar("Key", str, int, tuple[int, int])


class WrongFields(PlannerError):
    """A row or table that can't be used. `where` is the place of it, as `Fields.where` has it, `why` the rest."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


class Orphans(WrongFields):
    """Rows that are parts of one thing that is not there. `places` are their places; the first is told."""

    def __init__(self, places: Sequence[str], why: str) -> None:
        super().__init__(places[0], why)
        self.places = places


class Fields:
    """Named values from outside. `where` says where they are ("table hosts, row host-1"). None counts as absent."""

    __slots__ = ("_known", "_values", "where")

    def __init__(self, where: str, values: Mapping[str, object]) -> None:
        self.where = where
        self._values = values
        self._known: set[str] = set()

    def error(self, name: str, why: str) -> PlannerError:
        return WrongFields(self.where, f"{name} {why}")

    def has(self, name: str) -> bool:
        self._known.add(name)
        return self._values.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """Text that can be written as UTF-8."""
        if default is not None and not self.has(name):
            return default
        value = self._value(name)
        if not isinstance(value, str):
            raise self.error(name, f"must be text, not {_shown(value)}")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise self.error(name, "holds bytes that are not UTF-8 text") from None
        return value

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        if default is not None and not self.has(name):
            return default
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(name, f"must be a whole number, not {_shown(value)}")
        return value

    def flag(self, name: str) -> bool:
        """A yes or no, kept as 1 or 0."""
        number = self.whole(name)
        if number not in (0, 1):
            raise self.error(name, f"must be 0 or 1, not {number}")
        return bool(number)

    def real(self, name: str, default: float | None = None) -> float:
        """A finite number."""
        if default is not None and not self.has(name):
            return default
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= float_info.max:
            raise self.error(name, f"must be a number, not {_shown(value)}")
        return float(value)

    def optional_whole(self, name: str) -> int | None:
        return self.whole(name) if self.has(name) else None

    def optional_real(self, name: str) -> float | None:
        return self.real(name) if self.has(name) else None

    def choice(self, name: str, kind: type[Choice]) -> Choice:
        """A member of an enumeration, by its text."""
        text = self.text(name)
        try:
            return kind(text)
        except ValueError:
            raise self.error(name, f"must be one of {', '.join(kind)}, not {_shown(text)}") from None

    def optional_choice(self, name: str, kind: type[Choice]) -> Choice | None:
        return self.choice(name, kind) if self.has(name) else None

    def json_items(self, name: str) -> list[object]:
        """A JSON list."""
        text = self.text(name)
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, list):
            raise self.error(name, f"must be a JSON list, not {_shown(text)}")
        return found

    def json_texts(self, name: str) -> list[str]:
        """Texts in a JSON list."""
        return Fields(self.where, {name: self.json_items(name)}).texts(name)

    def json_wholes(self, name: str) -> list[int]:
        """Whole numbers in a JSON list."""
        return [Fields(self.where, {name: item}).whole(name) for item in self.json_items(name)]

    def quantity(self, name: str, unit: Quantity) -> float:
        """Text with a unit ("256 MiB"), in the base units of `unit`."""
        try:
            return unit.parse(self.text(name))
        except ValueError as error:
            raise self.error(name, f"is wrong: {error}") from None

    def optional_quantity(self, name: str, unit: Quantity) -> float | None:
        return self.quantity(name, unit) if self.has(name) else None

    def quantities(self, name: str, unit: Quantity) -> list[float]:
        """A list of texts with units, in the base units of `unit`; empty when absent."""
        return [Fields(self.where, {name: item}).quantity(name, unit) for item in self.items(name)]

    def name_of(self, name: str, known: Collection[str]) -> str:
        """The name of one of the `known` things."""
        text = self.text(name)
        if text not in known:
            raise self.error(name, f"must be one of {', '.join(known)}, not {_shown(text)}")
        return text

    def names_of(self, name: str, known: Collection[str], kind: str) -> list[str]:
        """A list of names of the `known` things; empty when absent. `kind` says in a refusal what they are."""
        texts = self.texts(name)
        for text in texts:
            if text not in known:
                raise self.error(name, f"names {_shown(text)}, which is no {kind}")
        return texts

    def items(self, name: str) -> list[object]:
        """A list; empty when absent."""
        value = self._value(name) if self.has(name) else []
        if not isinstance(value, list):
            raise self.error(name, f"must be a list, not {_shown(value)}")
        return value

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty when absent."""
        return [Fields(self.where, {name: item}).text(name) for item in self.items(name)]

    def tables(self, name: str) -> "list[Fields]":
        """A list of tables, each named by its own name or place in further errors; empty when absent."""
        found = []
        for number, values in enumerate(self.items(name), start=1):
            if not isinstance(values, dict):
                raise self.error(name, f"must hold tables, not {_shown(values)}")
            label = values.get("name", number)
            found.append(Fields(f"{self.where}, {name} {label!r}", values))
        return found

    def table(self, name: str) -> "Fields":
        """One table."""
        value = self._value(name)
        if not isinstance(value, dict):
            raise self.error(name, f"must be a table, not {_shown(value)}")
        return Fields(f"{self.where}, {name}", value)

    def build(self, make: Callable[[], Built]) -> Built:
        """What `make` makes; a value that the domain refuses is told with its place."""
        try:
            return make()
        except InvalidValue as error:
            raise WrongFields(self.where, str(error)) from error

    def nothing_else(self) -> None:
        """Refuses names that were never asked for: most often a typing mistake."""
        for name in self._values:
            if name not in self._known:
                raise self.error(name, f"is not known here; known are {', '.join(sorted(self._known))}")

    def _value(self, name: str) -> object:
        self._known.add(name)
        value = self._values.get(name)
        if value is None:
            raise self.error(name, "is missing")
        return value


def grouped(
    rows: Sequence[Fields], owner_of: Callable[[Fields], Key], what: str, owners: Iterable[Key]
) -> dict[Key, list[Fields]]:
    """Rows by the thing that they are parts of: one of the `owners`, each of which is a `what`."""
    groups: dict[Key, list[Fields]] = {owner: [] for owner in owners}
    for row in rows:
        owner = owner_of(row)
        if owner not in groups:
            places = [each.where for each in rows if owner_of(each) == owner]
            raise Orphans(places, f"it is part of {what} {owner!r}, which is not in the file")
        groups[owner].append(row)
    return groups


def _shown(value: object) -> str:
    """A wrong value as an error shows it: short."""
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
