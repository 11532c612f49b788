"""A table of a file: headings, and rows of text cells with their numbers. CSV becomes one here, XLSX in xlsx.py."""

import csv
import io
from collections.abc import Callable, Iterator

from attrs import frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.interchange.inventory import brief

MOST_ROWS = 200_000
MOST_EMPTY_ROWS = 1_100_000  # Excel writes rows that only have a colour
MOST_COLUMNS = 1_000
MOST_CELLS = 4_000_000
MOST_CELL_CHARACTERS = 32_768  # as many as Excel keeps

Row = tuple[int, list[str]]


@frozen(eq=False)
class Sheet:
    """`rows()` gives the rows below the headings with their numbers. `is_typed` tells numbers that a program wrote,
    with a point, from those that a person may have typed in their own country's way.
    """

    file: str
    name: str
    headings: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    is_typed: bool = False
    separator: str = ","

    def has(self, *headings: str) -> bool:
        """Whether all of these columns are there, however their letters and blanks are written."""
        there = {plain(heading) for heading in self.headings}
        return all(plain(heading) in there for heading in headings)


def plain(heading: str) -> str:
    """A heading to compare: small letters, one blank between words."""
    return " ".join(heading.replace("_", " ").casefold().split())


def bounded(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows that are not empty. Raises PlannerError for more than anyone has."""
    filled = cells = 0
    for count, (number, row) in enumerate(rows):
        has_any = any(row)
        filled += has_any
        cells += len(row)
        if filled > MOST_ROWS or count > MOST_EMPTY_ROWS or cells > MOST_CELLS or len(row) > MOST_COLUMNS:
            limits = f"{MOST_ROWS:,} rows, {MOST_COLUMNS:,} columns or {MOST_CELLS:,} cells"
            raise PlannerError(f"row {number}: there are more than {limits}; split the table")
        if has_any:
            yield number, row


def csv_sheet(text: str, file: str) -> Sheet | None:
    """The table of a CSV file; None for text of other sorts."""
    lines = text.splitlines()[:1]
    told = lines[0].casefold().removeprefix("sep=") if lines and lines[0].casefold().startswith("sep=") else ""
    first = _first_line(text, skip=bool(told))
    separator = told[:1] or max(";\t,", key=first.count)
    if not told and separator not in first and not file.casefold().endswith(".csv"):
        return None

    def rows() -> Iterator[Row]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        number = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise PlannerError(f"row {number + 1}: it is not a row of a CSV file ({brief(error)})") from None
            number += 1
            if not (number == 1 and told):
                yield number, [cell.strip() for cell in cells]

    body = bounded(rows())
    _, headings = next(body, (0, []))
    if not headings:
        return None

    def below() -> Iterator[Row]:
        again = bounded(rows())
        next(again, None)
        return again

    return Sheet(file, "", tuple(headings), below, separator=separator)


def _first_line(text: str, *, skip: bool) -> str:
    """The first line that says something, at most as long as headings are."""
    start = text[: 64 * 1024].splitlines()
    return next((line for line in start[1 if skip else 0 :] if line.strip()), "")
