"""Exports of the shipped examples say what the stored references say: texts and places, cells, words.

After a change that is meant to change them run `.venv/bin/python -m tests.ui.exports.references`; read what differs.
"""

import io
from typing import Any

import pytest
from openpyxl import load_workbook
from PySide6.QtWidgets import QApplication

from tests.ui.exports import references
from vmplanner.interchange.table_files import harmless
from vmplanner.ui.exports.charts import CHARTS, rendered

DRAWINGS = [(example, name) for example in references.EXAMPLES for name in references.drawings(example)]
TABLES = [(example, chart) for example in references.EXAMPLES for chart in references.tables(example)]


@pytest.mark.parametrize(("example", "name"), DRAWINGS)
def test_a_drawing_has_the_texts_and_the_bars(qapp: QApplication, example: str, name: str) -> None:
    found, known = references.drawing(example, name), references.stored(example, name)
    assert found["title"] == known["title"]
    assert found["texts"] == known["texts"]
    assert [bar[0] for bar in found.get("bars", [])] == [bar[0] for bar in known.get("bars", [])]
    for bar, expected in zip(found.get("bars", []), known.get("bars", []), strict=True):
        assert bar[1:] == pytest.approx(expected[1:], abs=0.005)


@pytest.mark.parametrize(("example", "chart"), TABLES)
def test_a_table_has_the_cells(example: str, chart: str) -> None:
    found, known = references.table(example, chart), references.stored(example, f"{chart}-table")
    assert found == known


@pytest.mark.parametrize(("example", "chart"), TABLES)
def test_a_workbook_has_the_cells_of_the_table_as_numbers_and_texts(example: str, chart: str) -> None:
    of = references.subject(example)
    book = load_workbook(io.BytesIO(rendered(CHARTS[chart], of, "xlsx")))
    [sheet] = book.worksheets
    cells = [[_written(cell.value) for cell in row] for row in sheet.rows]
    book.close()
    assert cells == references.stored(example, f"{chart}-table")
    numbers = {type(value) for row in CHARTS[chart].table(of).rows for value in row if value is not None}
    assert numbers <= {str, int, float, bool}


def _written(value: Any) -> str:
    """A cell as CSV has it."""
    text = "" if value is None else str(harmless(value))
    return references.of_csv(f'"{text}"'.encode())[0][0] if text else ""


@pytest.mark.parametrize("example", references.EXAMPLES)
def test_the_pages_of_a_report_say_what_they_said(qapp: QApplication, example: str) -> None:
    found, known = references.report(example), references.stored(example, "report")
    # A drawing may be painted in any order.
    assert [sorted(words) for words in found] == [sorted(page.split()) for page in known]


@pytest.mark.parametrize(("example", "name"), [case for case in DRAWINGS if case[0] == "clark-2005"])
def test_a_page_has_the_words_of_the_drawing(qapp: QApplication, example: str, name: str) -> None:
    chart, _ = references.drawings(example)[name]
    of = references.subject(example)
    [words] = references.of_pages(rendered(CHARTS[chart], of, "pdf"))
    texts = references.of_drawing(rendered(CHARTS[chart], of, "svg"), chart)["texts"]
    assert sorted("".join(words)) == sorted("".join(texts).replace(" ", ""))
