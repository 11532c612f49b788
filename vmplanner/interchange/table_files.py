"""Tables as files of other programs: CSV, XLSX, Parquet, and text for the clipboard.

A text that a spreadsheet would take for a formula gets an apostrophe before it, wherever a spreadsheet may read it.
Parquet keeps texts as they are: nothing that reads it has formulas.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from attrs import field, frozen
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from vmplanner.domain.errors import PlannerError
from vmplanner.interchange.files.columns import FORMULA_SIGNS, is_marked

Cell = str | int | float | bool | None

_WIDEST, _NARROWEST = 60, 8
# As many rows as a sheet can have, its heading among them.
_SHEET_ROWS = 1_048_576


@frozen
class Table:
    """Headings and rows. As the data of a chart it is tidy: a column for each variable, with its unit in its name, and
    a row for each observation. None is an empty cell.
    """

    name: str
    columns: tuple[str, ...] = field(converter=tuple[str, ...])
    rows: tuple[tuple[Cell, ...], ...] = field(converter=tuple[tuple[Cell, ...], ...])


def as_csv(table: Table) -> bytes:
    """UTF-8, with commas and the line ends of RFC 4180."""
    return _separated(table, ",").encode("utf-8", "replace")


def as_text(table: Table) -> str:
    """With tabs, as spreadsheets take it from the clipboard, and with as many digits as a person reads."""
    rows = [[float(f"{cell:.6g}") if isinstance(cell, float) else cell for cell in row] for row in table.rows]
    return _separated(Table(table.name, table.columns, [tuple(row) for row in rows]), "\t")


def as_xlsx(*tables: Table) -> bytes:
    """A workbook with a sheet for each table. Raises PlannerError for more rows than a sheet has."""
    book = Workbook(write_only=True)
    for table in tables:
        if len(table.rows) >= _SHEET_ROWS:
            raise PlannerError(f"A sheet can't hold the {len(table.rows)} rows of '{table.name}'; write CSV instead")
        sheet = book.create_sheet(table.name[:31])
        sheet.freeze_panes = "A2"
        for number, heading in enumerate(table.columns):
            lengths = [len(str(row[number])) for row in table.rows[:200]]
            width = min(_WIDEST, 3 + max(len(heading), _NARROWEST, *lengths))
            sheet.column_dimensions[get_column_letter(number + 1)].width = width
        headings = [WriteOnlyCell(sheet, value=heading) for heading in table.columns]
        for cell in headings:
            cell.font = Font(bold=True)
        sheet.append(headings)
        for row in table.rows:
            sheet.append([harmless(value) for value in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_parquet(table: Table) -> bytes:
    """Raises PlannerError where the library for it is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise PlannerError(
            "Parquet needs the library pyarrow, which is not installed; "
            "install it with 'pip install vmplanner[parquet]', or choose csv or xlsx"
        ) from None
    columns = zip(*table.rows, strict=True) if table.rows else [()] * len(table.columns)
    arrays = [pyarrow.array([_valid(value) for value in column]) for column in columns]
    content = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(arrays, names=list(table.columns)), content)
    return content.getvalue()


TABLE_FORMATS: dict[str, Callable[[Table], bytes]] = {"csv": as_csv, "xlsx": as_xlsx, "parquet": as_parquet}
"""The bytes of a file by its ending."""


def harmless(value: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula, and that XML can hold."""
    if not isinstance(value, str):
        return value
    text = "".join(character if character.isprintable() or character == " " else "?" for character in value)
    begins_so = value != "" and value[0] in FORMULA_SIGNS
    # What looks as if it had been marked is marked too, and so read back as it is.
    return f"'{text}" if begins_so or is_marked(value) else text


def _separated(table: Table, separator: str) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator)
    writer.writerow(table.columns)
    writer.writerows(_harmless_row(row) for row in table.rows)
    return stream.getvalue()


def _harmless_row(row: Iterable[Cell]) -> Sequence[Cell]:
    return [harmless(value) for value in row]


def _valid(value: Cell) -> Cell:
    """Without halves of surrogate pairs, which are no UTF-8."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
