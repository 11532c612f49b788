"""Copies of a plan to try things on, and changes to several moves at once."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QInputDialog, QLineEdit, QTableWidget
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.domain.project import Project
from vmplanner.ui.dialogs.compare_plans import ComparePlans
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]


@pytest.fixture
def planner(person: Person, open_project: OpenProject) -> Person:
    """Three moves on the page Plan."""
    open_project(two_hosts(3))
    person.use("View", "Plan")
    return person


def _name(person: Person, name: str) -> None:
    """Rename the plan, typing into the box that asks."""

    def type_name() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QInputDialog)
        line = box.findChild(QLineEdit)
        line.selectAll()
        QTest.keyClicks(line, name)
        QTest.keyClick(line, Qt.Key.Key_Return)

    QTimer.singleShot(0, type_name)
    person.use("Plan", "Rename this plan")


def test_a_copy_is_changed_and_the_first_plan_stays(planner: Person) -> None:
    assert not planner.window.plan_page.choice.combo.isVisible()
    assert not planner.action("Plan", "Delete this plan").isEnabled()
    planner.use("Plan", "Copy this plan")
    assert planner.find(QComboBox, "Plan").currentText() == "Plan 2"
    planner.window.selection.select([planner.project.plan.migrations[0].id])
    planner.press("Remove")
    assert [len(plan.migrations) for plan in planner.project.plans.values()] == [2, 3]
    planner.choose("Plan", "Plan")
    assert len(planner.rows()) == 3
    assert planner.undo_text == "Undo choose Plan"
    planner.use("Edit", "Undo")
    assert len(planner.rows()) == 2
    assert planner.find(QComboBox, "Plan").currentText() == "Plan 2"


def test_a_plan_is_renamed_and_deleted(planner: Person) -> None:
    planner.use("Plan", "Copy this plan")
    _name(planner, "Gently")
    assert planner.find(QComboBox, "Plan").currentText() == "Gently"
    _name(planner, "Plan")
    assert "there is a plan 'Plan' already" in planner.read_message()
    planner.use("Plan", "Delete this plan")
    assert [plan.name for plan in planner.project.plans.values()] == ["Plan"]
    planner.use("Edit", "Undo")
    assert [plan.name for plan in planner.project.plans.values()] == ["Gently", "Plan"]


def test_plans_are_compared_side_by_side(planner: Person, qtbot: QtBot) -> None:
    planner.use("Plan", "Copy this plan")
    planner.window.selection.select([planner.project.plan.migrations[0].id])
    planner.press("Remove")
    planner.use("Plan", "Compare plans side by side")
    [dialog] = planner.window.findChildren(ComparePlans)
    qtbot.waitUntil(dialog.table.isVisible)
    table = planner.find(QTableWidget, "Plans side by side")
    figures = {
        table.verticalHeaderItem(row).text(): [table.item(row, column).text() for column in range(2)]
        for row in range(table.rowCount())
    }
    assert figures["Moves"] == ["3", "2"]
    assert figures["Would not complete"] == ["0", "0"]
    assert {"Done after", "Lower bound", "All downtimes", "Sent", "Findings"} <= set(figures)
    assert [table.item(0, column).font().bold() for column in range(2)] == [False, True]
    planner.press("Close")


def test_several_moves_are_changed_together(planner: Person) -> None:
    planner.window.selection.select(["migration-1", "migration-3"])
    planner.press("Change...")
    planner.enter("Bandwidth cap of the moves", "400 Mbit/s", end=Qt.Key.Key_Tab)
    planner.choose("Technique of the moves", "Post-copy")
    planner.press("Change")
    changed = [(m.technique, m.max_bandwidth_bytes_per_s) for m in planner.project.plan.migrations]
    assert changed == [("post-copy", 5e7), ("pre-copy", None), ("post-copy", 5e7)]
    assert planner.undo_text == "Undo change 2 moves"


def test_an_impossible_change_is_refused_in_the_dialog(planner: Person) -> None:
    planner.window.selection.select(["migration-1"])
    planner.press("Change...")
    planner.enter("Priority of the moves", "5000", end=Qt.Key.Key_Tab)
    planner.press("Change")
    assert planner.project.plan.migrations[0].priority == 0
    planner.enter("Priority of the moves", "5", end=Qt.Key.Key_Tab)
    planner.press("Change")
    assert planner.project.plan.migrations[0].priority == 5


def test_the_inspector_shows_the_move_of_the_plan_that_is_shown(planner: Person) -> None:
    planner.window.selection.select(["migration-2"])
    planner.use("Plan", "Copy this plan")
    [shown] = planner.window.selection.ids
    assert shown == planner.project.plan.migrations[1].id != "migration-2"
    planner.enter("Time limit", "9 s")
    copy, original = planner.project.plans.values()
    assert [m.time_limit_s for m in copy.migrations] == [None, 9.0, None]
    assert [m.time_limit_s for m in original.migrations] == [None, None, None]
    assert planner.undo_text == "Undo change time limit of the move of web-2 (Plan 2)"
    planner.choose("Plan", "Plan")
    assert planner.window.selection.ids == {"migration-2"}
    planner.press("Remove planned move")
    assert [len(plan.migrations) for plan in planner.project.plans.values()] == [2, 3]
    assert not planner.window.selection.ids


def test_what_is_not_in_the_plan_that_is_shown_is_not_selected(planner: Person) -> None:
    planner.use("Plan", "Copy this plan")
    planner.window.selection.select([planner.project.plan.migrations[0].id])
    planner.press("Remove")
    planner.choose("Plan", "Plan")
    planner.window.selection.select(["migration-1"])
    planner.choose("Plan", "Plan 2")
    assert not planner.window.selection.ids
    planner.window.selection.select(["migration-1"])  # as a click on a bar of an older run does
    assert not planner.action("Edit", "Delete").isEnabled()
