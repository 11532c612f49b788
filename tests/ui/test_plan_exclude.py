"""Moves that are left out of the plan and included again, on the page Plan."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.planning.placements import fleet
from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.domain import edits
from vmplanner.domain.project import Project
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]


@pytest.fixture
def planner(person: Person, open_project: OpenProject) -> Person:
    """Three moves on the page Plan."""
    open_project(two_hosts(3))
    person.use("View", "Plan")
    return person


def _choose(person: Person, *migration_ids: str) -> None:
    person.window.selection.select(migration_ids)


def _shades(person: Person, row: int) -> set[str]:
    model = person.window.plan_page.table.model()
    roles = (model.index(row, column).data(Qt.ItemDataRole.ForegroundRole) for column in range(6))
    return {colour.name() for colour in roles}


def test_excluded_moves_are_shown_in_grey_with_the_word(planner: Person) -> None:
    _choose(planner, "migration-1", "migration-2")
    planner.press("Exclude")
    assert [(row[0], row[1], row[5]) for row in planner.rows()] == [
        ("1", "web-3", "-"),
        ("", "web-1", "Excluded"),
        ("", "web-2", "Excluded"),
    ]
    assert len(_shades(planner, 1)) == 1
    assert _shades(planner, 1) != _shades(planner, 0)
    assert planner.undo_text == "Undo exclude 2 VMs from the plan"
    assert planner.window.canvas.topology.arrow("migration-1") is None
    assert planner.window.canvas.topology.arrow("migration-3") is not None
    assert "1 move, 2 excluded" in planner.window.plan_page._summary.text()


def test_they_are_included_again_with_the_same_button(planner: Person) -> None:
    _choose(planner, "migration-1")
    planner.press("Exclude")
    _choose(planner, "migration-1")
    planner.press("Include")
    assert [row[1] for row in planner.rows()] == ["web-2", "web-3", "web-1"]
    assert planner.undo_text == "Undo include web-1 in the plan"
    planner.use("Edit", "Undo")
    planner.use("Edit", "Undo")
    assert [row[1] for row in planner.rows()] == ["web-1", "web-2", "web-3"]


def test_the_keyboard_and_the_context_menu_do_it_too(planner: Person) -> None:
    table = planner.window.plan_page.table
    table.setFocus()
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert planner.rows()[2][5] == "Excluded"
    _choose(planner, "migration-1")
    menu = planner.window.plan_page.context_menu()
    entries = {action.text(): action for action in menu.actions()}
    assert {text for text, action in entries.items() if action.isEnabled()} == {"Include", "Remove"}
    entries["Include"].trigger()
    assert not planner.project.plan.excluded
    menu.deleteLater()


def test_a_choice_of_both_kinds_excludes_and_changes_only_what_is_planned(planner: Person) -> None:
    _choose(planner, "migration-1")
    planner.press("Exclude")
    _choose(planner, "migration-1", "migration-2")
    planner.press("Pin")
    assert [m.id for m in planner.project.plan.migrations if m.is_pinned] == ["migration-2"]
    planner.press("Exclude")
    assert [m.id for m in planner.project.plan.excluded] == ["migration-1", "migration-2"]


def test_an_excluded_move_is_removed_but_its_vm_stays(planner: Person) -> None:
    _choose(planner, "migration-1")
    planner.press("Exclude")
    _choose(planner, "migration-1")
    assert planner.find(QLabel, "web-1")
    planner.use("Edit", "Delete")
    assert not planner.project.plan.excluded
    assert "vm-1" in planner.project.machines


def test_a_vm_that_was_dragged_meanwhile_is_not_included(planner: Person) -> None:
    _choose(planner, "migration-1")
    planner.press("Exclude")
    document = planner.window.document
    document.push(edits.plan_moves(document.project, ["vm-1"], "host-2"))
    _choose(planner, "migration-1")
    planner.press("Include")
    assert "web-1 can't be included again: the plan moves it to beta by now" in planner.read_message()
    assert planner.project.plan.excluded


def test_a_plan_without_any_move_left_is_still_shown(planner: Person) -> None:
    _choose(planner, "migration-1", "migration-2", "migration-3")
    planner.press("Exclude")
    assert len(planner.rows()) == 3
    assert not planner.window.run_button.isEnabled()
    assert planner.find(QPushButton, "Include").isEnabled()


def test_plan_for_me_keeps_them_out_and_says_so(person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
    project = fleet({"a": 10, "b": 10, "c": 10}, {"v1": ("a", 4), "v2": ("a", 2)})
    open_project(project.applied(edits.plan_moves(project, ["v1"], "b")))
    person.use("View", "Plan")
    _choose(person, person.project.plan.migrations[0].id)
    person.press("Exclude")
    person.window.selection.select(["v1"])
    person.use("Plan", "Evacuate hosts")
    person.press("Find the moves")
    qtbot.waitUntil(lambda: any("Not moved" in label.text() for label in person.window.findChildren(QLabel)))
    told = [label.text() for label in person.window.findChildren(QLabel) if "Not moved" in label.text()]
    assert "v1 (excluded from this plan)" in told[0].replace("\N{ZERO WIDTH SPACE}", "")
    person.press("Use this plan")
    assert [migration.vm_id for migration in person.project.plan.migrations] == ["v2"]
    assert [migration.vm_id for migration in person.project.plan.excluded] == ["v1"]


@pytest.mark.parametrize(
    ("entry", "title"), [("Groups and rules...", "Groups and rules"), ("Maintenance windows...", "Maintenance windows")]
)
def test_rules_and_windows_are_at_hand(planner: Person, entry: str, title: str) -> None:
    menu = planner.find(QPushButton, "Rules").menu()
    [action] = [action for action in menu.actions() if action.text() == entry]
    action.trigger()
    assert title in [
        each.windowTitle()
        for each in planner.window.children()
        if getattr(each, "windowTitle", None) and each.isVisible()
    ]
    planner.press("Close")


def test_after_excluding_one_goes_on_with_the_row_that_took_its_place(planner: Person) -> None:
    _choose(planner, "migration-1")
    planner.press("Exclude")
    assert planner.window.selection.ids == {"migration-2"}
    planner.press("Exclude")
    assert planner.window.selection.ids == {"migration-3"}
    assert [move.id for move in planner.project.plan.excluded] == ["migration-1", "migration-2"]
    planner.press("Exclude")
    assert planner.window.selection.ids == {"migration-3"}, "none is left, so it stays on what can be included again"
