"""Every dialog fits a small screen and, once it is closed, leaves nothing behind that hears of the project."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QDialog

from tests.ui.person import Person
from vmplanner.domain import edits, plan_edits
from vmplanner.store import library
from vmplanner.ui.dialogs.first_size import LARGEST
from vmplanner.ui.theme import LIGHT, look
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

DIALOGS: dict[str, Callable[[MainWindow], object]] = {
    "groups and rules": lambda window: window.planner.groups_and_rules(),
    "maintenance windows": lambda window: window.planner.windows(),
    "evacuate": lambda window: window.planner.evacuate(),
    "drain": lambda window: window.planner.drain(),
    "roll": lambda window: window.planner.roll(),
    "balance": lambda window: window.planner.balance(),
    "consolidate": lambda window: window.planner.consolidate(),
    "spread": lambda window: window.planner.spread(),
    "schedule": lambda window: window.planner.schedule(),
    "platform limits": lambda window: window.planner.platform_limits(),
    "compare plans": lambda window: window.planner.compare_plans(),
    "change moves": lambda window: window.planner.change_moves([window.document.project.plan.migrations[0].id]),
    "failures": lambda window: window.try_failures(),
    "words and keys": lambda window: window.words_and_keys(),
    "accuracy": lambda window: window.show_accuracy(),
    "about": lambda window: window.about(),
}


@pytest.fixture(autouse=True)
def light_again() -> Iterator[None]:
    yield
    look.theme = LIGHT


@pytest.fixture
def rack(person: Person, open_project: Callable[[object], MainWindow]) -> Person:
    open_project(library.example("evacuate-a-rack"))
    return person


def _opened(window: MainWindow, name: str) -> QDialog:
    DIALOGS[name](window)
    [dialog] = [each for each in window.findChildren(QDialog) if each.isVisible()]
    return dialog


@pytest.mark.parametrize("name", DIALOGS)
def test_it_fits_a_screen_of_1000_by_600(rack: Person, name: str) -> None:
    dialog = _opened(rack.window, name)
    assert max(dialog.minimumHeight(), dialog.minimumSizeHint().height()) <= LARGEST.height()
    assert max(dialog.minimumWidth(), dialog.minimumSizeHint().width()) <= LARGEST.width()
    assert dialog.height() <= dialog.screen().availableGeometry().height()
    dialog.close()


def test_a_window_of_the_plan_and_a_new_rule_fit_as_well(rack: Person) -> None:
    dialog = _opened(rack.window, "maintenance windows")
    rack.press("Add window")
    rack.choose("What the window is for: all or some", "Only these hosts, VMs and groups")
    rack.choose("Repeats", "Every week on some days")
    assert dialog.minimumSizeHint().height() <= LARGEST.height()
    dialog.close()


def test_a_closed_dialog_hears_of_nothing(rack: Person, qapp: QApplication) -> None:
    """Were there a connection left, a slot would raise, and the test fail."""
    window = rack.window
    for name in DIALOGS:
        _opened(window, name).close()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    window.selection.select(["host-1", "vm-1"])
    window.document.push(edits.delete(window.document.project, ["vm-1"]))
    window.document.push(plan_edits.copy_plan(window.document.project))
    window.document.undo_stack.undo()
    window.actions_by_id["theme_dark"].trigger()
    window.selection.select([])
    qapp.processEvents()
