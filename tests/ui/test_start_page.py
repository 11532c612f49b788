"""What one can begin with: the page that is shown when no file is opened, and whenever it is asked for."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.domain.project import Project
from vmplanner.store import library, project_file
from vmplanner.ui.start_page import ExampleCard
from vmplanner.ui.theme import look
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"


@pytest.fixture
def start(person: Person) -> Person:
    person.window.show_start()
    QApplication.processEvents()
    return person


def _texts(person: Person) -> set[str]:
    return {label.text() for label in person.window.start_page.findChildren(QLabel) if label.isVisible()}


def _cards(person: Person) -> list[ExampleCard]:
    return person.window.start_page.findChildren(ExampleCard)


def test_it_offers_what_one_can_begin_with(start: Person) -> None:
    assert start.window.is_starting
    assert not start.window.canvas.isVisible()
    for text in ("New project", "Open a file...", "Import an inventory..."):
        assert start.find(QPushButton, text).toolTip()
    assert {info.title for info in library.examples()} <= _texts(start)
    assert "Projects that you open or save are listed here." in _texts(start)


def test_new_begins_with_an_empty_drawing(start: Person) -> None:
    start.press("New project")
    assert not start.window.is_starting
    assert start.window.canvas.isVisible()
    assert start.project == Project()


def test_pictures_of_the_examples_come_later_and_follow_the_look(
    start: Person, qtbot: QtBot, qapp: QApplication
) -> None:
    cards = _cards(start)
    qtbot.waitUntil(lambda: all(card.has_picture for card in cards))
    light = [card.picture.toImage() for card in cards]
    look.use(qapp, "dark")
    qtbot.waitUntil(lambda: all(card.has_picture for card in cards))
    dark = [card.picture.toImage() for card in cards]
    look.use(qapp, "light")
    assert all(one.pixelColor(0, 0).lightness() > 200 for one in light)
    assert all(one.pixelColor(0, 0).lightness() < 60 for one in dark)


def test_an_example_is_opened_with_the_keyboard_alone(start: Person) -> None:
    focus = QApplication.focusWidget()
    walked = []
    for _ in range(8):
        assert focus is not None
        walked.append(focus)
        if isinstance(focus, ExampleCard) and focus.info.name == "evacuate-a-rack":
            break
        QTest.keyClick(focus, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
    QTest.keyClick(walked[-1], Qt.Key.Key_Space)
    start.wait_for_disk()
    assert len(start.project.hosts) == 12
    assert not start.window.is_starting


class TestRecent:
    @pytest.fixture
    def files(self, tmp_path: Path) -> list[Path]:
        """One that was saved long ago, and one that has gone since."""
        here, gone = tmp_path / "cluster.vmplan", tmp_path / "gone.vmplan"
        project_file.save(two_hosts(), here)
        os.utime(here, (1_700_000_000, 1_700_000_000))
        QSettings().setValue("recent_files", [str(here), str(gone)])
        return [here, gone]

    @pytest.fixture
    def start(self, files: list[Path], person: Person, qtbot: QtBot) -> Person:
        person.window.show_start()
        qtbot.waitUntil(lambda: "Missing" in _texts(person))
        return person

    def test_they_are_listed_with_folder_and_time(self, start: Person, files: list[Path]) -> None:
        assert {"cluster.vmplan", str(files[0].parent), "Saved on 14 November 2023"} <= _texts(start)
        assert not start.find(QPushButton, "Open gone.vmplan").isEnabled()

    def test_a_click_opens_one(self, start: Person) -> None:
        start.press("Open cluster.vmplan")
        start.wait_for_disk()
        assert len(start.project.hosts) == 2
        assert not start.window.is_starting

    def test_a_missing_one_can_be_taken_off_the_list(self, start: Person, files: list[Path]) -> None:
        remove = start.find(QToolButton, "Remove gone.vmplan from the list")
        QTest.mouseClick(remove, Qt.MouseButton.LeftButton)
        assert start.window.files.known == [files[0]]
        assert "gone.vmplan" not in _texts(start)


def test_unsaved_work_is_told_of(person: Person, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person.window.files, "count_unsaved", lambda: 2)
    person.window.show_start()
    qtbot.waitUntil(lambda: "2 projects with unsaved changes can be recovered." in _texts(person))
    assert person.find(QPushButton, "Recover unsaved work").isVisible()


def test_one_can_go_back_to_what_is_open(person: Person, open_project: Callable[[Project], MainWindow]) -> None:
    open_project(two_hosts())
    person.use("Help", "Start page")
    assert person.find(QPushButton, "Back to Untitled").toolTip().endswith("(Esc)")
    assert not person.action("View", "Zoom in").isEnabled()
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Escape)
    assert not person.window.is_starting
    assert person.action("View", "Zoom in").isEnabled()


@pytest.mark.parametrize("size", [(1280, 800), (640, 400)])
def test_nothing_is_cut_off(start: Person, size: tuple[int, int], qtbot: QtBot) -> None:
    start.window.resize(QSize(*size))
    page = start.window.start_page
    qtbot.waitUntil(lambda: page.horizontalScrollBar().maximum() == 0)
    for button in page.findChildren(QPushButton):
        if button.isVisible():
            assert button.width() >= button.minimumSizeHint().width(), button.accessibleName()
