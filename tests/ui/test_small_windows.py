"""A small screen, or a plain one at scale 2: nothing is cut, the side panels make room, and pages scroll."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QWidget

from tests.ui.person import Person
from vmplanner.domain.project import Project
from vmplanner.store import library
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

SIZES = [(800, 500), (640, 400)]


@pytest.fixture
def rack(person: Person, open_project: Callable[[Project], MainWindow]) -> Person:
    open_project(library.example("evacuate-a-rack"))
    return person


def _resize(window: MainWindow, width: int, height: int) -> None:
    window.resize(width, height)
    QApplication.processEvents()
    assert window.size() == QSize(width, height)


@pytest.mark.parametrize("size", SIZES)
def test_everything_has_room(rack: Person, size: tuple[int, int]) -> None:
    window = rack.window
    _resize(window, *size)
    for index in range(window.tabs.count()):
        window.tabs.setCurrentIndex(index)
        QApplication.processEvents()
        assert window.tabs.tabRect(window.tabs.count() - 1).right() <= window.tabs.width()
        assert not [each.property("text") for each in window.findChildren(QWidget) if _is_cut(each)]
        assert window.run_button.mapTo(window, window.run_button.rect().bottomRight()).x() <= window.width()
        area = window.pages.currentWidget()
        if isinstance(area, QScrollArea) and area is not window.canvas:
            assert not area.horizontalScrollBar().maximum(), "it need not be scrolled sideways"


def _is_cut(widget: QWidget) -> bool:
    if not widget.isVisible() or not isinstance(widget, QPushButton | QLabel) or not widget.text():
        return False
    return not (isinstance(widget, QLabel) and widget.wordWrap()) and widget.width() < widget.minimumSizeHint().width()


def test_panels_hide_where_there_is_no_room_and_come_when_asked_for(rack: Person) -> None:
    window = rack.window
    _resize(window, 640, 400)
    assert (window.panels.tools_shown, window.panels.inspector_shown) == (False, False)
    rack.use("View", "Inspector")
    assert (window.panels.tools_shown, window.panels.inspector_shown) == (False, True)
    rack.use("View", "Palette and outline")
    assert (window.panels.tools_shown, window.panels.inspector_shown) == (True, False), "one at a time"
    assert window.actions_by_id["panel_tools"].isChecked()
    assert window.width() == 640
    _resize(window, 800, 500)
    assert (window.panels.tools_shown, window.panels.inspector_shown) == (True, False)
    _resize(window, 1280, 800)
    assert (window.panels.tools_shown, window.panels.inspector_shown) == (True, True)
    rack.use("View", "Inspector")
    window.selection.select(["host-1"])
    assert not window.panels.inspector_shown, "it was sent away"


def test_the_tables_and_the_run_have_no_use_for_the_palette(rack: Person) -> None:
    rack.window.show_run()
    assert not rack.action("View", "Palette").isEnabled()
    assert not rack.action("View", "Inspector").isEnabled()
    rack.window.show_plan()
    assert rack.action("View", "Inspector").isEnabled()


def test_examples_are_a_click_away_while_there_is_nothing(person: Person) -> None:
    assert person.window.examples.isVisible()
    assert "20 VMs of rack 1" in person.action("New from an example", "Evacuate a rack").toolTip()
    assert person.menu("New from an example").toolTipsVisible()
    person.press("Evacuate a rack")
    assert len(person.project.hosts) == 12
    assert not person.window.examples.isVisible()
