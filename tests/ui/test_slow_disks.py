"""A disk or network share that does not answer: the window goes on, says what it waits for, and offers a way out.

A share that hangs can't be had everywhere, so it is faked: a call of the system waits until the test lets it go.
"""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts
from tests.ui.person import Person
from tests.ui.test_safety import choosing, crash, offer_recovery, press, rename
from vmplanner.store import project_file
from vmplanner.store.file_lock import FileLock
from vmplanner.ui import disk_work
from vmplanner.ui.file_banner import FileBanner

pytest_plugins = "tests.ui.window_fixtures"


class FakeShare:
    """Calls of the system to a folder hang from `hang()` until `answer()`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._answers = threading.Event()
        self._answers.set()
        self.is_asked = threading.Event()

    def hang(self) -> None:
        self._answers.clear()

    def answer(self) -> None:
        self._answers.set()

    def slow(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def slow_call(path: Path, *arguments: Any) -> Any:
            if path.parent == self._folder:
                self.is_asked.set()
                self._answers.wait()
            return call(path, *arguments)

        return slow_call


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeShare]:
    share = FakeShare(tmp_path)
    monkeypatch.setattr(disk_work, "_SIGN_AFTER_MS", 1)
    monkeypatch.setattr(disk_work, "_PATIENCE_MS", 20)
    monkeypatch.setattr(os, "replace", share.slow(os.replace))
    monkeypatch.setattr(project_file, "contents", share.slow(project_file.contents))
    yield share
    share.answer()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "rack.vmplan"
    project_file.save(two_hosts(2), file)
    return file


@pytest.fixture
def opened(share: FakeShare, file: Path, person: Person) -> Person:
    """The file is open; its share does not answer from now on."""
    assert person.open(file)
    share.hang()
    return person


def name_in(file: Path) -> str:
    return project_file.load(file).hosts["host-1"].name


def start_saving(person: Person, share: FakeShare, qtbot: QtBot) -> None:
    share.is_asked.clear()
    person.action("File", "Save").trigger()
    qtbot.waitUntil(share.is_asked.is_set)


def banner(person: Person) -> FileBanner:
    [found] = person.window.findChildren(FileBanner)
    return found


def told(person: Person) -> str:
    return banner(person).sentence.text().replace("\N{ZERO WIDTH SPACE}", "")


def buttons(person: Person) -> list[str]:
    QApplication.processEvents()  # what was just built shows now
    return [each.text() for each in banner(person).findChildren(QPushButton) if not each.isHidden()]


def test_work_goes_on_while_a_save_hangs(opened: Person, share: FakeShare, file: Path, qtbot: QtBot) -> None:
    rename(opened, "saved")
    start_saving(opened, share, qtbot)
    qtbot.waitUntil(lambda: banner(opened).isVisible())
    labels = [each.text() for each in opened.window.statusBar().findChildren(QLabel) if each.isVisible()]
    assert labels == ["Saving to rack.vmplan..."]
    assert told(opened).startswith("Saving to rack.vmplan takes long: the disk or network share does not answer.")
    assert buttons(opened) == ["Save elsewhere...", "Stop waiting"]
    rename(opened, "changed meanwhile")
    share.answer()
    opened.wait_for_disk()
    assert not banner(opened).isVisible()
    assert name_in(file) == "saved"
    assert opened.window.isWindowModified()
    opened.use("File", "Save")
    assert name_in(file) == "changed meanwhile"
    assert not opened.window.isWindowModified()


def test_what_was_changed_during_a_save_survives_a_crash(
    opened: Person, share: FakeShare, file: Path, qtbot: QtBot
) -> None:
    rename(opened, "saved")
    start_saving(opened, share, qtbot)
    rename(opened, "changed meanwhile")
    share.answer()
    opened.wait_for_disk()
    project = opened.project
    crash(opened)
    offer_recovery(opened)
    press(opened, "Recover")
    assert opened.project == project
    # It knows which state of the file it belongs to: nobody is said to have changed it.
    opened.use("File", "Save")
    assert name_in(file) == "changed meanwhile"


def test_saving_elsewhere_leaves_the_file_that_hangs_as_it_was(
    opened: Person, share: FakeShare, file: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(opened)
    start_saving(opened, share, qtbot)
    qtbot.waitUntil(lambda: banner(opened).isVisible())
    elsewhere = tmp_path / "other disk" / "mine.vmplan"
    elsewhere.parent.mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(elsewhere), ""))
    opened.press("Save elsewhere...")
    opened.wait_for_disk()
    assert opened.window.windowTitle() == "mine.vmplan[*] - vmplanner"
    assert not opened.window.isWindowModified()
    share.answer()
    for thread in threading.enumerate():
        if thread.name == "vmplanner-disk":
            thread.join()
    assert name_in(elsewhere) == "renamed"
    assert name_in(file) == "alpha"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other disk", "rack.vmplan"]


def test_who_stops_waiting_keeps_the_work(opened: Person, share: FakeShare, qtbot: QtBot) -> None:
    rename(opened)
    start_saving(opened, share, qtbot)
    qtbot.waitUntil(lambda: banner(opened).isVisible())
    opened.press("Stop waiting")
    assert not banner(opened).isVisible()
    assert opened.window.isWindowModified()
    assert opened.project.hosts["host-1"].name == "renamed"


def test_a_window_that_closes_during_a_save_waits_for_it(
    opened: Person, share: FakeShare, file: Path, qtbot: QtBot
) -> None:
    rename(opened)
    start_saving(opened, share, qtbot)
    opened.window.close()
    assert opened.window.isVisible()
    qtbot.waitUntil(lambda: banner(opened).isVisible())
    share.answer()
    qtbot.waitUntil(lambda: not opened.window.isVisible())
    assert name_in(file) == "renamed"
    assert [path.name for path in file.parent.iterdir()] == ["rack.vmplan"]


def test_closing_without_waiting_asks_about_what_is_not_saved(opened: Person, share: FakeShare, qtbot: QtBot) -> None:
    rename(opened)
    start_saving(opened, share, qtbot)
    opened.window.close()
    qtbot.waitUntil(lambda: banner(opened).isVisible())
    question = opened.answering(QMessageBox.StandardButton.Discard, lambda: opened.press("Stop waiting"))
    assert question == "Save the changes to rack.vmplan?"
    qtbot.waitUntil(lambda: not opened.window.isVisible())


def test_a_file_that_does_not_open_is_given_up(
    share: FakeShare, person: Person, file: Path, qtbot: QtBot, open_two: None
) -> None:
    share.hang()
    before = person.project
    person.window.files.open(file)
    qtbot.waitUntil(lambda: banner(person).isVisible())
    assert told(person).startswith("Opening rack.vmplan takes long")
    assert buttons(person) == ["Stop waiting"]
    person.press("Stop waiting")
    assert person.project is before
    share.answer()
    lock = FileLock(file)
    qtbot.waitUntil(lambda: lock.take() is None)  # the window has given it back
    lock.release()


@pytest.fixture
def open_two(person: Person) -> None:
    person.window.document.open(two_hosts(), None)


def test_what_is_changed_while_a_file_opens_is_asked_about(
    share: FakeShare, person: Person, file: Path, qtbot: QtBot, open_two: None
) -> None:
    share.hang()
    person.window.files.open(file)
    qtbot.waitUntil(lambda: banner(person).isVisible())
    rename(person)
    share.answer()
    person.answering(QMessageBox.StandardButton.Cancel, person.wait_for_disk)
    assert person.project.hosts["host-1"].name == "renamed"
    assert person.window.document.path is None


def test_a_second_save_waits_for_the_first(opened: Person, share: FakeShare, file: Path, qtbot: QtBot) -> None:
    rename(opened, "one")
    start_saving(opened, share, qtbot)
    rename(opened, "two")
    opened.action("File", "Save").trigger()
    share.answer()
    opened.wait_for_disk()
    assert name_in(file) == "two"
    assert not opened.window.isWindowModified()


# Read-only


def test_a_banner_says_who_has_the_file_and_takes_it_over(person: Person, file: Path) -> None:
    other = FileLock(file)
    other.take()
    choosing("Open read-only", lambda: person.open(file))
    assert told(person).startswith("Read only: opened by ")
    assert told(person).endswith("Changes can only be saved as a copy.")
    assert buttons(person) == ["Take over", "Save a copy..."]
    person.press("Take over")
    person.wait_for_disk()
    assert not banner(person).isVisible()
    assert not other.touch()
    rename(person)
    person.use("File", "Save")
    assert name_in(file) == "renamed"


def test_what_the_other_wrote_is_offered_when_it_is_taken_over(person: Person, file: Path) -> None:
    other = FileLock(file)
    other.take()
    choosing("Open read-only", lambda: person.open(file))
    project_file.save(two_hosts(3), file)

    def take_over() -> None:
        person.press("Take over")
        person.wait_for_disk()

    question = choosing("Yes", take_over)
    assert question.startswith("rack.vmplan has changed on disk. Read it again?")
    assert person.project == two_hosts(3)
    assert person.window.document.read_only == ""


def test_without_permission_there_is_nobody_to_take_it_from(
    person: Person, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert person.open(file)
    assert told(person).startswith("Read only: you have no permission to write to it.")
    assert buttons(person) == ["Save a copy..."]
