"""Everything that can be used says what it does: by a tooltip, with its key where it has one, and to a screen reader.
A button says it by the words on it where those are all that there is to say.
"""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSlider,
    QTabBar,
    QWidget,
)

from tests.ui.person import Person
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.project import Project
from vmplanner.engine.runner import run_plan
from vmplanner.store import library
from vmplanner.ui.actions import ACTIONS, TOOLBAR
from vmplanner.ui.dialogs.words_and_keys import WordsAndKeys
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

CONTROLS = (
    QAbstractButton,
    QLineEdit,
    QComboBox,
    QAbstractSpinBox,
    QAbstractItemView,
    QPlainTextEdit,
    QSlider,
    QTabBar,
)
# Actions that open a dialog with the example's project. What they open is closed again.
DIALOGS = (
    "recover",
    "export_drawing",
    "groups",
    "shortcuts",
    "commands",
    "evacuate",
    "drain",
    "roll",
    "balance",
    "consolidate",
    "spread",
    "schedule",
    "limits",
    "windows",
    "compare_plans",
    "failures",
    "accuracy",
    "words",
    "keys",
    "import",
    "profiles",
)


@pytest.fixture
def full(person: Person, open_project: Callable[[Project], MainWindow]) -> Person:
    """An example of real size with a run."""
    project = library.example("evacuate-a-rack")
    open_project(project.with_run(run_plan(project, project.plan, SimulatedBackend()).run))
    return person


def _controls(within: QWidget) -> Iterator[QWidget]:
    for widget in within.findChildren(QWidget):
        if isinstance(widget, CONTROLS) and widget.isVisible() and not _is_a_part(widget):
            yield widget


def _is_a_part(widget: QWidget) -> bool:
    """Of a combo box, a tab bar and so on, which says for all of it what it does."""
    parent = widget.parent()
    if isinstance(widget, QHeaderView | QScrollArea) or isinstance(
        parent, QComboBox | QLineEdit | QTabBar | QAbstractSpinBox
    ):
        return True
    return widget.objectName().startswith("qt_") or "Private" in type(parent).__name__


def _silent(within: QWidget, where: str) -> set[str]:
    found = set()
    for widget in _controls(within):
        reader = QAccessible.queryAccessibleInterface(widget)
        name = reader.text(QAccessible.Text.Name).strip()
        says_itself = isinstance(widget, QAbstractItemView | QTabBar) or widget.property("text") == name
        if not name:
            found.add(f"{type(widget).__name__} without a name ({where})")
        elif not says_itself and not widget.toolTip().strip():
            found.add(f"{type(widget).__name__} '{name}' without a tooltip ({where})")
    return found


def test_every_control_of_the_window(full: Person) -> None:
    project, tabs = full.project, full.window.tabs
    tables = (project.hosts, project.switches, project.storages, project.links, project.machines)
    things = [*(next(iter(table)) for table in tables), project.plan.migrations[0].id]
    silent = set()
    full.window.show_start()
    silent |= _silent(full.window, "start page")
    for page in range(tabs.count()):
        full.window.leave_start()
        tabs.setCurrentIndex(page)
        for ids in ([], *([thing] for thing in things), things[:1] + things[4:5]):
            full.window.selection.select(ids)
            for opener in full.window.inspector.findChildren(QAbstractButton):
                if opener.isCheckable():
                    opener.setChecked(True)
            QApplication.processEvents()
            silent |= _silent(full.window, tabs.tabText(page))
    full.window.show_topology()
    full.window.find_things()
    silent |= _silent(full.window.find_bar, "find bar")
    assert sorted(silent) == []


@pytest.mark.parametrize("name", DIALOGS)
def test_every_control_of_the_dialogs(full: Person, name: str) -> None:
    window = full.window
    if name == "compare_plans":
        full.use("Plan", "Copy this plan")
    window.selection.select([next(iter(full.project.hosts))])
    window.actions_by_id[name].trigger()
    full.wait_for_disk()
    QApplication.processEvents()
    dialogs = [each for each in window.findChildren(QDialog) if each.isVisible()]
    assert dialogs, f"{name} opens no dialog"
    silent = set()
    for dialog in dialogs:
        silent |= _silent(dialog, name)
        dialog.reject()
    QApplication.processEvents()
    assert sorted(silent) == []


def test_tooltips_of_buttons_name_their_keys(person: Person) -> None:
    for spec in ACTIONS:
        action = person.window.actions_by_id[spec.id]
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        assert action.toolTip().endswith(f"({key})" if key else spec.tip)
    assert {"new", "undo", "fit"} <= set(TOOLBAR)


class TestQuestionMark:
    def test_it_shows_the_keys(self, person: Person) -> None:
        QTest.keyClick(person.window.canvas, Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
        [dialog] = person.window.findChildren(WordsAndKeys)
        assert dialog.isVisible()
        dialog.close()

    def test_in_a_text_field_it_is_a_letter(self, person: Person) -> None:
        field = person.find(QLineEdit, "Filter profiles")
        field.setFocus()
        QTest.keyClicks(field, "a?")
        assert field.text() == "a?"
        assert not person.window.findChildren(WordsAndKeys)
