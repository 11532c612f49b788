"""What a user gets from the palette."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from tests.ui.canvas.conftest import TEMPLATES
from vmplanner.ui.palette import Entry, Palette


@pytest.fixture
def palette(qtbot: QtBot) -> Palette:
    palette = Palette(TEMPLATES)
    qtbot.addWidget(palette)
    palette.resize(220, 560)
    palette.show()
    return palette


def _entry(palette: Palette, title: str) -> Entry:
    return next(entry for entry in palette.findChildren(Entry) if entry.text() == title)


@pytest.mark.parametrize(
    ("title", "payload"),
    [
        ("Host", {"kind": "host", "name": ""}),
        ("Storage", {"kind": "storage", "name": ""}),
        ("Link", {"kind": "link", "name": ""}),
        ("Database", {"kind": "profile", "name": "Database"}),
    ],
)
@pytest.mark.parametrize("by_key", [True, False], ids=["space key", "click"])
def test_choosing(palette: Palette, title: str, payload: dict[str, str], by_key: bool) -> None:
    chosen = QSignalSpy(palette.chosen)
    if by_key:
        QTest.keyClick(_entry(palette, title), Qt.Key.Key_Space)
    else:
        QTest.mouseClick(_entry(palette, title), Qt.MouseButton.LeftButton)
    assert [chosen.at(index) for index in range(chosen.count())] == [[payload]]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("data", {"Database"}), ("PAGE", {"Web server"}), ("", {"Web server", "Database"}), ("x", set())],
)
def test_the_filter_looks_in_names_and_descriptions(palette: Palette, typed: str, shown: set[str]) -> None:
    QTest.keyClicks(palette.filter, typed)
    visible = {entry.text() for entry in palette.findChildren(Entry) if entry.isVisible()}
    assert visible == {"Host", "Switch", "Storage", "Link"} | shown


def test_everything_has_a_name_and_a_tip(palette: Palette) -> None:
    for entry in palette.findChildren(Entry):
        assert entry.accessibleName()
        assert entry.toolTip()
    assert _entry(palette, "Database").accessibleName() == "Database, 16 GiB"


def test_a_dragged_entry_has_a_picture(palette: Palette) -> None:
    entry = _entry(palette, "Database")
    assert entry.picture().deviceIndependentSize().toSize() == entry.size()
