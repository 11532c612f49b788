"""Unsaved work survives a crash and a hasty No, and two people with one file do not lose each other's work."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QSize, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts
from tests.ui.person import LEFT, Person
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.project import Project
from vmplanner.engine.runner import run_plan
from vmplanner.store import project_file
from vmplanner.store.journal import journals_folder
from vmplanner.store.recovery import find_unsaved
from vmplanner.ui.canvas.small_picture import picture_of
from vmplanner.ui.dialogs.recovery import RecoveryDialog
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "rack.vmplan"
    project_file.save(two_hosts(2), file)
    return file


@pytest.fixture
def opened(person: Person, file: Path) -> Person:
    """The file is open."""
    assert person.open(file)
    return person


def rename(person: Person, name: str = "renamed") -> None:
    person.window.show_topology()
    person.window.selection.select(["host-1"])
    person.enter("Host name", name)


def crash(person: Person) -> None:
    """Leave the journal as a process leaves it that dies now, and go on with an empty window."""
    assert person.window.files.keeper.has_kept()
    folder = journals_folder()
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)
    person.window.document.open(Project(), None)
    person.window.files.keeper.has_kept()
    shutil.rmtree(folder)
    shutil.copytree(copy, folder)
    shutil.rmtree(copy)


def offer_recovery(person: Person) -> None:
    person.window.files.offer_recovery()
    person.wait_for_disk()


def dialog(person: Person) -> RecoveryDialog:
    [found] = [each for each in person.window.findChildren(RecoveryDialog) if each.isVisible()]
    return found


def press(person: Person, text: str) -> None:
    [button] = [each for each in dialog(person).findChildren(QPushButton) if each.text() == text and each.isVisible()]
    QTest.mouseClick(button, LEFT)
    person.wait_for_disk()


def texts(person: Person) -> str:
    return " ".join(each.text() for each in dialog(person).findChildren(QLabel)).replace("\N{ZERO WIDTH SPACE}", "")


def choosing(text: str, act: Callable[[], object]) -> str:
    """Do something that asks a question, press the button with this text, and return the question."""
    questions: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(10, answer)  # the question comes in a moment
            return
        questions.append(f"{box.text()} {box.informativeText()}".replace("\N{ZERO WIDTH SPACE}", ""))
        QTest.mouseClick(next(each for each in box.buttons() if text in each.text().replace("&", "")), LEFT)

    QTimer.singleShot(0, answer)
    act()
    [question] = questions
    return question


def test_after_a_crash_the_next_start_offers_the_work(opened: Person, file: Path) -> None:
    rename(opened)
    rename(opened, "again")
    project = opened.project
    crash(opened)
    offer_recovery(opened)
    assert "rack.vmplan" in texts(opened)
    assert "2 changes not saved, the last at" in texts(opened)
    press(opened, "Recover")
    assert opened.project == project
    assert opened.window.windowTitle() == "rack.vmplan[*] - vmplanner"
    assert opened.window.isWindowModified()
    assert project_file.load(file).hosts["host-1"].name == "alpha"
    opened.use("File", "Save")
    assert project_file.load(file) == project
    offer_recovery(opened)
    assert [each for each in opened.window.findChildren(RecoveryDialog) if each.isVisible()] == []


def test_recovered_work_survives_the_next_crash_too(opened: Person) -> None:
    rename(opened)
    project = opened.project
    for _ in range(2):
        crash(opened)
        offer_recovery(opened)
        press(opened, "Recover")
    assert opened.project == project


def test_a_run_under_way_is_recovered_as_far_as_it_went(opened: Person, qtbot: QtBot) -> None:
    opened.choose_speed("100x")
    with qtbot.waitSignal(opened.window.engine.happened):
        opened.use("Run", "Run the plan")
    qtbot.waitUntil(lambda: any(job.sent_bytes for job in opened.window.monitor.jobs.values()))
    crash(opened)
    offer_recovery(opened)
    press(opened, "Recover")
    [run] = opened.project.runs
    assert run.name == "Run 1 (broken off)"
    assert any(result.transferred_bytes for result in run.results)


def test_a_run_that_ended_is_recovered_whole(opened: Person, qtbot: QtBot) -> None:
    opened.choose_speed("As fast as possible")
    with qtbot.waitSignal(opened.window.engine.ended):
        opened.use("Run", "Run the plan")
    project = opened.project
    crash(opened)
    offer_recovery(opened)
    press(opened, "Recover")
    assert opened.project == project


def test_discarded_work_is_not_offered_again_but_can_be_found(opened: Person) -> None:
    rename(opened)
    project = opened.project
    crash(opened)
    offer_recovery(opened)
    press(opened, "Discard")
    offer_recovery(opened)
    assert [each for each in opened.window.findChildren(RecoveryDialog) if each.isVisible()] == []
    opened.use("File", "Recover unsaved work")
    assert "Declined; kept at least until" in texts(opened)
    press(opened, "Recover")
    assert opened.project == project


def test_what_was_not_saved_on_purpose_can_be_found(opened: Person) -> None:
    rename(opened)
    project = opened.project
    question = choosing("Discard", lambda: opened.use("File", "New"))
    assert "found for 30 days under File > Recover unsaved work" in question
    opened.window.files.keeper.has_kept()
    opened.use("File", "Recover unsaved work")
    press(opened, "Recover")
    assert opened.project == project


def test_later_leaves_everything_and_removed_for_good_is_gone(opened: Person) -> None:
    rename(opened)
    crash(opened)
    offer_recovery(opened)
    press(opened, "Later")
    offer_recovery(opened)
    press(opened, "Discard")
    opened.use("File", "Recover unsaved work")
    press(opened, "Remove for good")
    assert find_unsaved(journals_folder()) == []
    opened.use("File", "Recover unsaved work")
    assert "There is no unsaved work to recover" in texts(opened)
    press(opened, "Close")


def test_a_window_that_closes_leaves_no_journal_and_no_lock(opened: Person, file: Path) -> None:
    opened.window.close()
    assert list(journals_folder().iterdir()) == []
    assert [path.name for path in file.parent.iterdir()] == ["rack.vmplan"]


def test_work_that_can_t_be_kept_safe_is_told_once(opened: Person, qtbot: QtBot) -> None:
    opened.window.document.open(opened.project, None)
    opened.window.files.keeper.has_kept()
    shutil.rmtree(journals_folder(), ignore_errors=True)
    journals_folder().parent.mkdir(exist_ok=True, parents=True)
    journals_folder().write_text("in the way")
    opened.window.document.open(opened.project, None)
    with qtbot.waitSignal(opened.window.files.keeper.trouble):
        rename(opened)
    assert "Changes can't be kept safe against a crash at present" in opened.read_message()
    rename(opened, "again")
    qtbot.wait(1100)
    assert [box for box in opened.window.findChildren(QMessageBox) if box.isVisible()] == []


def test_undo_goes_back_over_saves(opened: Person) -> None:
    before = opened.project
    for number in range(120):
        rename(opened, f"name {number}")
        if number % 50 == 0:
            opened.use("File", "Save")
    for _ in range(120):
        opened.window.document.undo_stack.undo()
    assert opened.project == before
    assert not opened.window.document.undo_stack.canUndo()


# Two with one file


@pytest.fixture
def in_use(file: Path) -> Path:
    """Somebody at another machine has the file open. Returns the lock."""
    lock = file.with_name(".rack.vmplan.lock")
    owner = {"user": "anna", "host": "host7", "process_id": 1, "process_start": "x", "since": "2026-01-01T10:00:00"}
    lock.write_text(json.dumps({**owner, "key": "k"}))
    return lock


def test_a_file_in_use_opens_read_only_and_is_saved_elsewhere(
    person: Person, file: Path, in_use: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = choosing("Open read-only", lambda: person.open(file))
    assert "rack.vmplan is open elsewhere. Opened by anna on host7, since 10:00 of 1 January" in question
    assert person.window.windowTitle() == "rack.vmplan (read-only)[*] - vmplanner"
    rename(person)
    before = file.read_bytes()
    person.use("File", "Save")
    [box] = [box for box in person.window.findChildren(QMessageBox) if box.isVisible()]
    assert "rack.vmplan is read-only: opened by anna on host7" in box.informativeText()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine.vmplan"), ""))
    QTest.mouseClick(next(each for each in box.buttons() if "elsewhere" in each.text()), LEFT)
    QApplication.processEvents()
    person.wait_for_disk()
    assert project_file.load(tmp_path / "mine.vmplan") == person.project
    assert person.window.windowTitle() == "mine.vmplan[*] - vmplanner"
    assert file.read_bytes() == before
    assert in_use.exists()


def test_a_file_in_use_can_be_left_alone(person: Person, file: Path, in_use: Path) -> None:
    choosing("Cancel", lambda: person.open(file))
    assert person.project == Project()


def test_a_file_in_use_can_be_taken_over(person: Person, file: Path, in_use: Path) -> None:
    choosing("Take it over", lambda: person.open(file))
    rename(person)
    person.use("File", "Save")
    assert project_file.load(file) == person.project


def test_who_had_the_file_is_told_that_it_was_taken_over(opened: Person, file: Path) -> None:
    rename(opened)
    lock = file.with_name(".rack.vmplan.lock")
    lock.write_text(json.dumps({**json.loads(lock.read_text()), "user": "anna", "host": "host7", "key": "hers"}))
    before = file.read_bytes()
    opened.use("File", "Save")
    assert "rack.vmplan is read-only: taken over by anna on host7" in opened.read_message()
    assert opened.window.windowTitle() == "rack.vmplan (read-only)[*] - vmplanner"
    assert file.read_bytes() == before


def test_opening_the_open_file_again_asks_nothing(opened: Person, file: Path) -> None:
    assert opened.open(file)
    assert opened.window.document.read_only == ""
    assert file.with_name(".rack.vmplan.lock").exists()


def test_a_file_without_permission_to_write_opens_read_only(
    person: Person, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert person.open(file)
    assert person.window.document.read_only == "you have no permission to write to it"


def _change_on_disk(file: Path) -> Project:
    elsewhere = project_file.load(file)
    changed = elsewhere.with_run(run_plan(elsewhere, elsewhere.plan, SimulatedBackend()).run)
    project_file.save(changed, file)
    return changed


def _come_back(person: Person) -> None:
    QApplication.sendEvent(person.window, QEvent(QEvent.Type.WindowActivate))
    QApplication.processEvents()
    while person.window.files.watch.is_looking:
        QTest.qWait(1)
    person.wait_for_disk()


def test_what_others_wrote_is_noticed_when_the_window_comes_back(opened: Person, file: Path) -> None:
    changed = _change_on_disk(file)
    question = choosing("Yes", lambda: _come_back(opened))
    assert question.startswith("rack.vmplan has changed on disk. Read it again?")
    assert opened.project == changed


def test_whoever_keeps_their_own_is_asked_once(opened: Person, file: Path) -> None:
    before = opened.project
    _change_on_disk(file)
    choosing("No", lambda: _come_back(opened))
    _come_back(opened)
    assert opened.project == before


def test_the_picture_shows_something(opened: Person) -> None:
    picture = picture_of(two_hosts(3), QSize(208, 128), 2.0).toImage()
    assert picture.width() == 416
    colours = {picture.pixel(x, y) for x in range(0, 416, 4) for y in range(0, 256, 4)}
    assert len(colours) > 5
    assert not picture_of(Project(), QSize(208, 128)).isNull()


def test_what_was_undone_or_saved_is_not_kept(opened: Person) -> None:
    rename(opened)
    opened.use("Edit", "Undo")
    opened.use("File", "New")
    assert opened.window.files.keeper.has_kept()
    assert find_unsaved(journals_folder()) == []
