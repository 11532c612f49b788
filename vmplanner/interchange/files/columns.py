"""Columns of a table by what they mean, and cells as values: numbers of any country, sizes in any unit, yes and no.

A number such as 4.096 or 4,096 is four thousand to one half of the world and about four to the other. Where the other
numbers of the column don't tell, it is a problem and not a guess.
"""

import re
from collections.abc import Iterator, Sequence

from attrs import define, frozen

from vmplanner.domain.quantities import BYTES, BYTES_PER_S, GROUP_SIGN, Quantity
from vmplanner.interchange.files.sheet import Sheet, plain
from vmplanner.interchange.inventory import MappedColumn, Place, Reading, shown

_BLANKS = str.maketrans("", "", f" \N{NO-BREAK SPACE}{GROUP_SIGN}'\N{RIGHT SINGLE QUOTATION MARK}")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]{1,3})?")
_IN_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:[.,][0-9]{3})+")
_WITH_UNIT = re.compile(
    r"(.*?)[ _]*[(\[]?((?:[kmgt]i?b|bytes)|(?:[kmgt]?bit|[kmgt]b)(?:/s|ps)|(?<=[(\[])[mµu]s)[)\]]?", re.IGNORECASE
)
# No blank may be taken by two of its parts: a cell of thirty thousand blanks would take minutes.
_CELL_UNIT = re.compile(r"([+-]?[0-9](?:[0-9.,'\s]*[0-9.,'])?)\s*([a-zA-Z][a-zA-Z/]*)")
# What makes a spreadsheet take a text for a formula.
FORMULA_SIGNS = "=+-@\t\r"
# With the words that spreadsheets in German, French, Spanish, Portuguese, Italian, Dutch, Swedish and Polish write.
_YES = frozenset(
    ("true", "yes", "y", "1", "on", "x", "wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar", "sant", "prawda")
)
_NO = frozenset(("", "false", "no", "n", "0", "off", "falsch", "faux", "falso", "onwaar", "falskt", "fałsz"))


def is_marked(text: str) -> bool:
    """Whether a text has the apostrophe that keeps it from being a formula."""
    after = text.lstrip("'")
    return text != after and after != "" and after[0] in FORMULA_SIGNS


@frozen
class Wanted:
    """A column to look for: the key that the reader uses, what it means to a person, the headings that it may have, and
    the unit of a bare number ("" where cells or the heading say it). `is_whole`: no program writes fractions there, so
    that 4.096 can only be four thousand.
    """

    key: str
    meaning: str
    headings: tuple[str, ...]
    unit: str = ""
    quantity: Quantity | None = None
    is_whole: bool = False


def wanted(
    key: str, meaning: str, *headings: str, unit: str = "", quantity: Quantity | None = None, is_whole: bool = False
) -> Wanted:
    return Wanted(key, meaning, headings, unit, quantity or (BYTES if unit else None), is_whole)


@define(eq=False)
class _Column:
    number: int
    heading: str
    wanted: Wanted
    unit: str
    decimal: str | None = None  # "?" once the column was looked through in vain


@frozen(eq=False)
class TableRow:
    """One row; a question that a cell does not answer is told as a problem with its place, and answered by None."""

    place: Place
    _cells: Sequence[str]
    _table: "Table"

    def text(self, key: str) -> str:
        """The text of a cell; "" where there is none. The mark that keeps it from being a formula is no part of it."""
        column = self._table.columns.get(key)
        text = self._cells[column.number] if column is not None and column.number < len(self._cells) else ""
        return text[1:] if is_marked(text) else text

    def whole(self, key: str) -> int | None:
        """A whole number of at least 0."""
        value = self._number(key, self.text(key))
        if value is not None and (value != int(value) or value < 0):
            self._wrong(key, "must be a whole number of at least 0")
            return None
        return None if value is None else int(value)

    def size(self, key: str) -> float | None:
        """A number with a unit, in base units: bytes, or bytes per second."""
        text = self.text(key)
        if not text:
            return None
        column = self._table.columns[key]
        quantity = column.wanted.quantity or BYTES
        unit, number = column.unit, text
        own = _CELL_UNIT.fullmatch(text)
        if own is not None and not re.fullmatch(r"[0-9.,]+[eE][0-9]+", text):
            number, unit = own.groups()
        if not unit:
            self._wrong(key, f"has no unit; write {quantity.example}, or name the unit in the heading")
            return None
        value = self._number(key, number)
        if value is None:
            return None
        try:
            scaled = value * quantity.parse(f"1 {unit}")
        except ValueError as error:
            self._wrong(key, f"is wrong: {error}")
            return None
        if not 0 <= scaled < 2**62:
            self._wrong(key, "is out of range")
            return None
        return scaled

    def bytes(self, key: str) -> int | None:
        value = self.size(key)
        return None if value is None else round(value)

    def flag(self, key: str) -> bool | None:
        """Yes or no; None where the column is not there."""
        if key not in self._table.columns:
            return None
        text = self.text(key).casefold()
        if text in _YES or text in _NO:
            return text in _YES
        self._wrong(key, "must be true or false")
        return None

    def field(self, key: str) -> Place:
        """The place of a cell."""
        column = self._table.columns.get(key)
        return self.place.at(column.heading if column is not None else key)

    def _number(self, key: str, text: str) -> float | None:
        if not text:
            return None
        bare = text.translate(_BLANKS)
        if _NUMBER.fullmatch(bare) is None:
            self._wrong(key, "must be a number")
            return None
        sign = self._table.decimal_sign(key, bare)
        if sign is None:
            what = f"{shown(text)} may be a whole number in thousands or a fraction"
            self._table.reading.warn(self.field(key), what, "write it without thousands signs; the value is left out")
            return None
        value = float(bare.replace("," if sign == "." else ".", "").replace(sign, "."))
        if abs(value) > 1e300:
            self._wrong(key, "is out of range")
            return None
        return value

    def _wrong(self, key: str, why: str) -> None:
        what = f"{shown(self.text(key))} {why}"
        self._table.reading.warn(self.field(key), what, "the value is left out; mend the cell and import again")


class Table:
    """A sheet whose wanted columns were found; what was found, and what not, is told to the reading."""

    def __init__(self, sheet: Sheet, all_wanted: Sequence[Wanted], reading: Reading) -> None:
        self.sheet = sheet
        self.reading = reading
        self.columns: dict[str, _Column] = {}
        by_heading = {heading: each for each in all_wanted for heading in each.headings}
        for number, heading in enumerate(sheet.headings):
            base, unit = plain(heading), ""
            found = by_heading.get(base)
            if found is None and (match := _WITH_UNIT.fullmatch(base)) is not None:
                found = by_heading.get(match[1])
                unit = _spelled(match[2], found)
            if found is None or found.key in self.columns:
                reading.columns.append(MappedColumn(sheet.file, sheet.name, heading, ""))
                continue
            column = _Column(number, heading, found, found.unit or unit)
            self.columns[found.key] = column
            reading.columns.append(MappedColumn(sheet.file, sheet.name, heading, found.meaning, column.unit))

    def __iter__(self) -> Iterator[TableRow]:
        for count, (number, cells) in enumerate(self.sheet.rows()):
            if count % 500 == 0:
                part = f"{self.sheet.file} {self.sheet.name}".strip()
                self.reading.tell(f"{part}: {count:,} rows")
            yield TableRow(Place(self.sheet.file, self.sheet.name, number), cells, self)

    def decimal_sign(self, key: str, bare: str) -> str | None:
        """The decimal sign of a number; None where it can't be known."""
        sign = _sign_of(bare)
        if sign is not None or self.sheet.is_typed:
            return sign or "."
        column = self.columns[key]
        if column.wanted.is_whole:
            return "," if "." in bare else "."
        if column.decimal is None:
            column.decimal = self._sign_of_column(column)
        return None if column.decimal == "?" else column.decimal

    def _sign_of_column(self, column: _Column) -> str:
        """The decimal sign that all unmistakable numbers of a column have; "?" where there is none."""
        signs = set()
        for _, cells in self.sheet.rows():
            bare = cells[column.number].translate(_BLANKS) if column.number < len(cells) else ""
            bare = (match[1] if (match := _CELL_UNIT.fullmatch(bare)) else bare).strip()
            if ("," in bare or "." in bare) and _NUMBER.fullmatch(bare) and (sign := _sign_of(bare)):
                signs.add(sign)
        return signs.pop() if len(signs) == 1 else "?"


def _sign_of(bare: str) -> str | None:
    """The decimal sign of a number that tells it by itself; "." where it has none."""
    signs = [character for character in bare if character in ".,"]
    if not signs:
        return "."
    last = signs[-1]
    if len(set(signs)) == 2:
        return last
    if len(signs) > 1:  # thousands: the other one would be the decimal sign
        return "," if last == "." else "."
    return None if _IN_THOUSANDS.fullmatch(bare) else last


def _spelled(unit: str, found: Wanted | None) -> str:
    """A unit of a heading as quantities spell it: 'gib' is GiB; 'gbps' and 'gbit/s' are bits."""
    if found is None:
        return ""
    units = (found.quantity or BYTES).units
    if found.quantity is None:
        return ""
    if unit == "bytes":
        return "B"
    if found.quantity is BYTES_PER_S:
        return {"gb/s": "Gbit/s", "mb/s": "Mbit/s"}.get(unit) or next((u for u in units if u.casefold() == unit), "")
    return next((u for u in units if u.casefold() == unit), "")
