"""Two columns of any origin become a curve, or one sentence says which row and column is wrong."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.write_patterns import curves
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.machines import MeasuredCurve
from vmplanner.interchange.curves import read_curve, written_curve

CURVE = MeasuredCurve([(0.5, 100), (2, 250)])


@pytest.mark.parametrize(
    "text",
    [
        "seconds,pages\n0.5,100\n2,250\n",
        "0.5,100\r\n\r\n2,250",
        "\N{BYTE ORDER MARK}Seconds;Pages\n0,5;100\n2,0;250",
        "0.5\t100\n2\t250\n",
        "  0,5\t100\n2\t250,0\n",
        "0.5 100\n2   250",
        '"seconds","pages"\n"0.5","100"\n"2","250"',
        "seconds, pages\n0, 0\n0.5, 100\n2, 250",
    ],
)
def test_two_columns_are_understood_however_they_are_written(text: str) -> None:
    assert read_curve(text) == CURVE


@given(curves())
def test_a_curve_that_was_written_is_read_back(curve: MeasuredCurve) -> None:
    assert read_curve(written_curve(curve)) == curve


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Measured curve: points must be 2 to 1000, not 0"),
        ("1,2", "Measured curve: points must be 2 to 1000, not 1"),
        ("\n".join(f"{n},{n}" for n in range(1, 1002)), "Measured curve: points must be 2 to 1000, not 1001"),
        ("1,2,3\n", "Row 1 must have two columns, seconds and pages, not 3"),
        ("time,pages\n1,2", "Row 1: seconds must be a number such as 0.5, not 'time'"),
        ("1,2\n\n2,many", "Row 3: pages must be a number such as 0.5, not 'many'"),
        ("x" * 200_000, "Row 1 is not a row of a CSV file: field larger than field limit (131072)"),
        ("1,2\n2,nan", "Row 2: pages must be from 0.000001 to 1000000000, not nan"),
        ("seconds,pages\n-1,2\n2,3", "Row 2: seconds must be from 0.000001 to 1000000000, not -1"),
        ("0,0\n1,5\n1,6", "Row 3: seconds must be more than the 1 of the point before, not 1"),
        ("1,5\n2,4", "Row 2: pages must not be fewer than the 5 of the point before, but are 4"),
        (
            "1,100\n2,250",
            "Row 2: pages can be 201.5 at the most after 100 in 1 s, not 250: pages per second must not rise",
        ),
    ],
)
def test_a_mistake_is_told_with_its_row_and_column(text: str, sentence: str) -> None:
    with pytest.raises(PlannerError) as caught:
        read_curve(text)
    assert str(caught.value) == sentence


@given(st.text(max_size=200))
def test_any_text_gives_a_curve_or_a_sentence(text: str) -> None:
    with suppress(PlannerError):
        assert isinstance(read_curve(text), MeasuredCurve)


@pytest.mark.parametrize("points", [[(1, 333), (3, 1000)], [(1, 334), (3, 1000)]])
def test_pages_that_were_rounded_are_no_fault(points: list[tuple[float, float]]) -> None:
    assert MeasuredCurve(points).pages_at(3) == 1000
