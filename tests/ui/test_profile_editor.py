"""A write pattern that is chosen and edited in the inspector is the piece's; a measured curve can be brought along."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPlainTextEdit, QPushButton, QToolButton

from tests.small_projects import two_hosts
from tests.ui.person import LEFT, Person
from vmplanner.domain.machines import PATTERNS, MeasuredCurve, Pattern, Piece, PowerLaw, Zipf
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GROUP_SIGN
from vmplanner.simulation.dirtying import Dirtying
from vmplanner.store.library import example
from vmplanner.ui.dialogs.curve import CurveDialog
from vmplanner.ui.dirtying_picture import DirtyingPicture
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"


@pytest.fixture
def editing(person: Person, open_project: Callable[[Project], MainWindow]) -> Person:
    """The heap of a VM is open for editing."""
    open_project(two_hosts())
    person.window.selection.select(["vm-1"])
    QTest.mouseClick(person.find(QToolButton, "Edit heap"), LEFT)
    return person


def heap(person: Person) -> Piece:
    return next(piece for piece in person.project.machines["vm-1"].profile.pieces if piece.name == "heap")


def pages_after(piece: Piece, seconds: float) -> float:
    return float(Dirtying.of([piece]).distinct_pages(seconds).sum())


def curve_dialog(person: Person) -> CurveDialog:
    """What opens where a measured curve is chosen that nobody has measured yet."""
    person.choose("Write pattern", "Measured curve")
    return open_dialog(person)


def open_dialog(person: Person) -> CurveDialog:
    [dialog] = person.window.findChildren(CurveDialog)
    QApplication.processEvents()
    return dialog


def paste(dialog: CurveDialog, text: str) -> None:
    QApplication.clipboard().setText(text)
    [editor] = dialog.findChildren(QPlainTextEdit)
    editor.selectAll()
    editor.paste()


def button(dialog: CurveDialog, text: str) -> QPushButton:
    return next(each for each in dialog.findChildren(QPushButton) if each.text() == text)


def said(dialog: CurveDialog) -> str:
    """What stands below the points."""
    last = [label for label in dialog.findChildren(QLabel) if label.isVisible()][-1]
    return last.text().replace("\N{ZERO WIDTH SPACE}", "")


def test_every_pattern_is_offered(editing: Person) -> None:
    combo = editing.find(QComboBox, "Write pattern")
    titles = [combo.itemText(index) for index in range(combo.count())]
    assert titles == ["Uniform", "Sequential", "Hot / cold", "Zipf", "Power law", "Measured curve"]
    assert len(titles) == len(PATTERNS)


@pytest.mark.parametrize(
    ("title", "typed", "pattern"), [("Zipf", "0.8", Zipf(0.8)), ("Power law", "0,65", PowerLaw(0.65))]
)
def test_the_exponent_of_a_pattern_is_edited(editing: Person, title: str, typed: str, pattern: Pattern) -> None:
    editing.choose("Write pattern", title)
    assert type(heap(editing).pattern) is type(pattern)
    editing.enter("Exponent", typed)
    assert heap(editing).pattern == pattern
    assert editing.undo_text == "Undo change exponent of heap in web-1"
    editing.use("Edit", "Undo")
    editing.use("Edit", "Undo")
    assert editing.find(QComboBox, "Write pattern").currentText() == "Hot / cold"


@pytest.mark.parametrize(
    ("title", "typed", "reason"),
    [
        ("Zipf", "4", "Exponent must be at most 3, not 4"),
        ("Power law", "1.2", "Exponent must be at most 1, not 1.2"),
        ("Power law", "0", "Exponent must be more than 0, not 0"),
        ("Zipf", "steep", "'steep' is not a number such as 0.8"),
        ("Zipf", "nan", "Exponent must be a number, not nan"),
    ],
)
def test_an_exponent_that_can_not_be_says_why(editing: Person, title: str, typed: str, reason: str) -> None:
    editing.choose("Write pattern", title)
    before = editing.project
    editing.enter("Exponent", typed)
    assert editing.refusal("Exponent") == reason
    assert editing.project is before


def test_the_picture_tells_what_is_written(editing: Person) -> None:
    editing.choose("Write pattern", "Power law")
    told = "Distinct pages written: 632 in 100 ms; 2 000 in 1 s; 6 325 in 10 s; 20 000 in 100 s"
    picture = editing.find(DirtyingPicture, re.sub(r"(?<=\d) (?=\d)", GROUP_SIGN, told))
    assert picture.isVisible()
    editing.enter("Write rate", "0")
    assert not picture.isVisible()


def test_a_measured_curve_is_asked_for_and_never_made_up(editing: Person) -> None:
    before = editing.project
    dialog = curve_dialog(editing)
    assert said(dialog) == "Two points at least are needed."
    assert not button(dialog, "Use this curve").isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert editing.project is before
    assert editing.find(QComboBox, "Write pattern").currentText() == "Hot / cold"


def test_a_measured_curve_comes_back_as_it_was(measured: Person) -> None:
    before = heap(measured)
    for title in ("Zipf", "Power law", "Measured curve"):
        measured.choose("Write pattern", title)
    assert heap(measured) == before


def test_figures_that_are_changed_no_longer_have_their_source(
    person: Person, open_project: Callable[[Project], MainWindow]
) -> None:
    open_project(example("clark-2005"))
    person.window.selection.select(["vm-1"])
    QTest.mouseClick(person.find(QToolButton, "Edit Connections, logs and heap"), LEFT)

    def sources() -> list[str]:
        labels = [
            label.text().replace("\N{ZERO WIDTH SPACE}", "") for label in person.window.inspector.findChildren(QLabel)
        ]
        return [text for text in labels if text.startswith("Source: ")]

    assert sources()[0].startswith("Source: derived from the nine published rounds")
    person.enter("Piece name", "Connections")
    assert sources()[0].startswith("Source: derived from the nine published rounds")
    person.enter("Write rate", "9000 pages/s")
    assert sources()[0].startswith("Source: changed by hand; was: derived from the nine published rounds")
    person.enter("Write rate", "9001 pages/s")
    assert sources()[0].count("changed by hand") == 1
    person.use("Edit", "Undo")
    person.use("Edit", "Undo")
    assert sources()[0].startswith("Source: derived")


def test_a_pasted_curve_is_taken_as_measured_in_one_step(editing: Person) -> None:
    before = heap(editing)
    dialog = curve_dialog(editing)
    paste(dialog, "seconds\tpages\n0,5\t400\n2\t900\n10\t2000\n")
    assert said(dialog).startswith("3 points; in one second")
    assert "The write rate becomes 600 pages/s; it was 2" in said(dialog)
    QTest.mouseClick(button(dialog, "Use this curve"), LEFT)
    curve = MeasuredCurve([(0.5, 400), (2, 900), (10, 2000)])
    assert heap(editing).pattern == curve
    assert [pages_after(heap(editing), t) for t in (0.5, 2, 10, 99)] == pytest.approx([400, 900, 2000, 2000])
    assert editing.undo_text == "Undo change pattern of heap in web-1"
    assert heap(editing).source == "changed by hand"
    assert editing.find(QPushButton, "Measured curve").text() == "Edit 3 points..."
    editing.use("Edit", "Undo")
    assert heap(editing) == before


@pytest.fixture
def measured(editing: Person) -> Person:
    """The heap has a measured curve."""
    dialog = curve_dialog(editing)
    paste(dialog, "1,1000\n10,5000\n100,6000")
    QTest.mouseClick(button(dialog, "Use this curve"), LEFT)
    return editing


def test_the_write_rate_scales_a_measured_curve(measured: Person) -> None:
    measured.enter("Write rate", "100 pages/s")
    assert pages_after(heap(measured), 1.0) == pytest.approx(100)


def test_a_measured_curve_is_edited(measured: Person) -> None:
    measured.press("Measured curve")
    dialog = open_dialog(measured)
    paste(dialog, "1,900\n10,5000")
    QTest.mouseClick(button(dialog, "Use this curve"), LEFT)
    assert heap(measured).pattern == MeasuredCurve([(1, 900), (10, 5000)])
    assert measured.undo_text == "Undo change curve of heap in web-1"


def test_wrong_rows_are_named_and_can_not_be_used(editing: Person) -> None:
    before = editing.project
    dialog = curve_dialog(editing)
    for text, sentence in (
        ("1,100\n2,many", "Row 2: pages must be a number such as 0.5, not 'many'."),
        ("seconds,pages\n1,100\n1,200", "Row 3: seconds must be more than the 1 of the point before, not 1."),
        ("1,100", "Measured curve: points must be 2 to 1000, not 1."),
    ):
        paste(dialog, text)
        assert said(dialog) == sentence
        assert not button(dialog, "Use this curve").isEnabled()
    paste(dialog, "1,100\n2,150")
    assert button(dialog, "Use this curve").isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert editing.project is before


def test_more_pages_than_the_piece_has_are_told(editing: Person) -> None:
    dialog = curve_dialog(editing)
    paste(dialog, "1,40000\n10,90000")
    assert (f"It goes up to 90{GROUP_SIGN}000; the piece has only 51{GROUP_SIGN}200.") in said(dialog)
    dialog.reject()


def test_a_curve_is_imported_from_a_file(editing: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = curve_dialog(editing)
    path = tmp_path / "dirty.csv"
    monkeypatch.setattr("vmplanner.ui.dialogs.curve.file_to_open", lambda *_: path)
    for content, sentence in (
        (b"\xff\xfe\x00\x80", "dirty.csv is not a text file. Save it as CSV, in UTF-8."),
        (b"1,2\n" * 300_000, "dirty.csv is larger than 1 MiB and can't be a measured curve."),
        (b"1,2,3\n", "Row 1 must have two columns, seconds and pages, not 3."),
    ):
        path.write_bytes(content)
        QTest.mouseClick(button(dialog, "Import CSV..."), LEFT)
        assert said(dialog) == sentence
    path.unlink()
    QTest.mouseClick(button(dialog, "Import CSV..."), LEFT)
    assert said(dialog) == "Can't read dirty.csv: No such file or directory."
    path.write_text("seconds;pages\n0,5;100\n5;700\n", encoding="utf-8-sig")
    QTest.mouseClick(button(dialog, "Import CSV..."), LEFT)
    QTest.mouseClick(button(dialog, "Use this curve"), LEFT)
    assert heap(editing).pattern == MeasuredCurve([(0.5, 100), (5, 700)])
    assert heap(editing).source == "dirty.csv"
