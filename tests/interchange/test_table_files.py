"""A table that leaves the program opens anywhere, does no harm there, and keeps its numbers."""

import io
import sys

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from vmplanner.domain.errors import PlannerError
from vmplanner.interchange.table_files import Cell, Table, as_csv, as_parquet, as_text, as_xlsx

TABLE = Table("moves", ("vm", "total_s", "rounds", "is_done"), [("=1+1", 1.5, 3, True), ("web", None, 0, False)])
CELLS = st.one_of(st.text(max_size=20), st.integers(-(2**40), 2**40), st.floats(-1e12, 1e12), st.none())


def test_csv_has_units_in_its_heading_and_no_formula() -> None:
    assert as_csv(TABLE) == b"vm,total_s,rounds,is_done\r\n'=1+1,1.5,3,True\r\nweb,,0,False\r\n"


def test_the_clipboard_has_tabs() -> None:
    assert as_text(TABLE).splitlines()[0] == "vm\ttotal_s\trounds\tis_done"


def test_the_clipboard_has_as_many_digits_as_a_person_reads() -> None:
    assert as_text(Table("t", ("s",), [(1 / 3,)])).splitlines() == ["s", "0.333333"]


def test_a_workbook_has_numbers_as_numbers() -> None:
    book = load_workbook(io.BytesIO(as_xlsx(TABLE)))
    rows = [[cell.value for cell in row] for row in book["moves"].rows]
    assert rows[1:] == [["'=1+1", 1.5, 3, True], ["web", None, 0, False]]
    assert book["moves"].freeze_panes == "A2"
    book.close()


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_no_cell_of_a_workbook_is_a_formula(rows: list[tuple[Cell, Cell]]) -> None:
    book = load_workbook(io.BytesIO(as_xlsx(Table("any", ("a", "b"), rows))))
    assert all(cell.data_type != "f" for row in book["any"].rows for cell in row)
    book.close()


def test_parquet_keeps_texts_and_types() -> None:
    read = pyarrow.parquet.read_table(io.BytesIO(as_parquet(TABLE)))
    assert read.to_pylist()[0] == {"vm": "=1+1", "total_s": 1.5, "rounds": 3, "is_done": True}


def test_parquet_of_no_rows_has_its_columns() -> None:
    read = pyarrow.parquet.read_table(io.BytesIO(as_parquet(Table("none", ("vm", "total_s"), []))))
    assert read.column_names == ["vm", "total_s"]


def test_without_its_library_parquet_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(PlannerError, match=r"pip install vmplanner\[parquet\]"):
        as_parquet(TABLE)


def test_more_rows_than_a_sheet_has_are_refused() -> None:
    with pytest.raises(PlannerError, match="write CSV instead"):
        as_xlsx(Table("long", ("a",), [(1,)] * 1_048_576))
