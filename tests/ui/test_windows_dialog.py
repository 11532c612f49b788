"""A person says when things may move, each change one step back, and sees what of the plan does not fit."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QToolButton
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.domain.project import Project
from vmplanner.domain.windows import Window, WindowKind, time_of
from vmplanner.ui.dialogs.windows import WindowsDialog
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"


@pytest.fixture
def dialog(person: Person, open_project: Callable[[Project], MainWindow]) -> Iterator[WindowsDialog]:
    window = open_project(two_hosts())
    person.use("Plan", "Maintenance windows")
    [dialog] = window.findChildren(WindowsDialog)
    yield dialog
    dialog.reject()


def added(person: Person) -> Window:
    person.press("Add window")
    [window] = person.project.windows.values()
    return window


def test_a_window_is_added_changed_and_removed(person: Person, dialog: WindowsDialog) -> None:
    window = added(person)
    assert (window.kind, window.recurrence, window.applies_to) == (WindowKind.MAINTENANCE, "", ())
    person.enter("Name of the window", "Nightly")
    person.enter("Length of the window", "90 min")
    person.enter("Start of the window", "2026-11-23 22:00 Europe/Berlin")
    person.choose("Kind of the window", "Blackout: nothing moves")
    [window] = person.project.windows.values()
    assert (window.name, window.duration_s, window.kind) == ("Nightly", 5400, WindowKind.BLACKOUT)
    assert window.starts_at == time_of("2026-11-23T22:00+01:00")
    assert person.undo_text == "Undo change kind of Nightly"
    person.press("Remove window")
    assert not person.project.windows
    person.window.document.undo_stack.undo()
    assert list(person.project.windows.values()) == [window]


def test_it_repeats_on_chosen_days_or_by_a_rule(person: Person, dialog: WindowsDialog) -> None:
    added(person)
    person.enter("Start of the window", "2026-11-23 22:00 Europe/Berlin")
    person.choose("Repeats", "Every week on some days")
    assert person.project.windows["window-1"].recurrence == "FREQ=WEEKLY;BYDAY=MO"
    QTest.mouseClick(person.find(QToolButton, "Saturday"), Qt.MouseButton.LeftButton)
    assert person.project.windows["window-1"].recurrence == "FREQ=WEEKLY;BYDAY=MO,SA"
    person.choose("Repeats", "By a rule of its own")
    person.enter("Rule of its own", "FREQ=HOURLY")
    assert person.project.windows["window-1"].recurrence == "FREQ=WEEKLY;BYDAY=MO,SA"
    person.enter("Rule of its own", "FREQ=MONTHLY;BYDAY=-1SA")
    assert person.project.windows["window-1"].recurrence == "FREQ=MONTHLY;BYDAY=-1SA"


def test_it_is_for_what_is_checked(person: Person, dialog: WindowsDialog) -> None:
    added(person)
    things = next(
        each for each in dialog.findChildren(QListWidget) if each.accessibleName() == "What the window is for"
    )
    assert not things.isVisible()
    person.choose("What the window is for: all or some", "Only these hosts, VMs and groups")
    assert things.isVisible()
    assert [things.item(row).text() for row in range(things.count())] == [
        "alpha   (host)",
        "beta   (host)",
        "web-1   (VM)",
    ]
    things.item(2).setCheckState(Qt.CheckState.Checked)
    assert person.project.windows["window-1"].applies_to == ("vm-1",)
    things.item(2).setCheckState(Qt.CheckState.Unchecked)
    assert person.project.windows["window-1"].applies_to == ("vm-1",), "nobody meant everything by that"
    person.choose("What the window is for: all or some", "Everything")
    assert person.project.windows["window-1"].applies_to == ()
    assert not things.isVisible()


def test_what_does_not_keep_to_a_window_is_found(person: Person, dialog: WindowsDialog, qtbot: QtBot) -> None:
    person.enter("This plan starts at", "2026-11-23 20:00 Europe/Berlin")
    assert person.project.plan.starts_at == time_of("2026-11-23T20:00+01:00")
    added(person)
    person.choose("Kind of the window", "Blackout: nothing moves")
    found = person.window.findings.list
    qtbot.waitUntil(lambda: found.count() and "in the blackout 'window-1'" in found.item(0).text(), timeout=10_000)
    assert "it waits until 2026-11-" in found.item(0).text()
    person.enter("This plan starts at", "")
    assert person.project.plan.starts_at is None


def test_a_time_that_is_none_is_refused(person: Person, dialog: WindowsDialog) -> None:
    person.enter("This plan starts at", "tonight")
    assert "is not one such as 2026-11-23 22:00 Europe/Berlin" in person.refusal("This plan starts at")
    line = person.find(QLineEdit, "This plan starts at")
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert person.project.plan.starts_at is None
