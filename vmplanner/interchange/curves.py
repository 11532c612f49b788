"""Measured curves as people have them: two columns in a CSV file or on the clipboard, seconds and distinct pages.

Columns are separated by commas, semicolons, tabs or blanks; next to semicolons and tabs a comma may be the decimal
sign. A row of headings may come first.
"""

import csv
from collections.abc import Iterator

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.machines import MeasuredCurve, Point, fault_in

_COLUMNS = ("seconds", "pages")


def read_curve(text: str) -> MeasuredCurve:
    """The curve that rows of seconds and pages make. Raises PlannerError that names the row and the column."""
    rows: list[int] = []
    points: list[Point] = []
    for number, cells in _rows(text):
        if not points and tuple(cell.casefold() for cell in cells) == _COLUMNS:
            continue
        if len(cells) != len(_COLUMNS):
            raise PlannerError(f"Row {number} must have two columns, seconds and pages, not {len(cells)}")
        point = (_number(number, "seconds", cells[0]), _number(number, "pages", cells[1]))
        if points or point != (0, 0):  # every curve begins there
            rows.append(number)
            points.append(point)
    fault = fault_in(points)
    if fault is not None:
        place, column, why = fault
        raise PlannerError(f"Row {rows[place]}: {column} {why}")
    return MeasuredCurve(points)


def written_curve(curve: MeasuredCurve) -> str:
    """The curve as such rows, with headings."""
    lines = [",".join(repr(value).removesuffix(".0") for value in point) for point in curve.points]
    return "\n".join([",".join(_COLUMNS), *lines, ""])


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of every row that is not empty, with its number."""
    for number, line in enumerate(text.removeprefix("\N{BYTE ORDER MARK}").splitlines(), start=1):
        separator = next((sign for sign in ";\t," if sign in line), " ")
        try:
            cells = next(csv.reader([line.strip()], delimiter=separator, skipinitialspace=True), [])
        except csv.Error as error:
            raise PlannerError(f"Row {number} is not a row of a CSV file: {error}") from None
        if any(cell.strip() for cell in cells):
            yield number, [_plain(cell, separator) for cell in cells]


def _plain(cell: str, separator: str) -> str:
    """A cell without blanks around it, and with a point as its decimal sign."""
    return cell.strip().replace(",", ".") if separator in ";\t" else cell.strip()


def _number(row: int, column: str, cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise PlannerError(f"Row {row}: {column} must be a number such as 0.5, not '{cell[:40]}'") from None
