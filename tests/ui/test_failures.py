"""What if: failures that a person lets happen in a simulated run, and what is told of every VM afterwards."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.domain import edits
from vmplanner.domain.project import Project
from vmplanner.domain.results import Outcome
from vmplanner.store import project_file
from vmplanner.ui.dialogs.failures import FailuresDialog
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]


@pytest.fixture
def runner(person: Person, open_project: OpenProject) -> Person:
    """Two moves one after the other, on the page Run."""
    open_project(two_hosts(2, max_concurrent=1))
    person.choose_speed("As fast as possible")
    return person


def _dialog(person: Person) -> FailuresDialog:
    [dialog] = [each for each in person.window.findChildren(FailuresDialog) if each.isVisible()]
    return dialog


def _listed(person: Person) -> list[str]:
    failures = _dialog(person).list
    return [failures.item(row).text() for row in range(failures.count())]


def _add(person: Person, kind: str, thing: str, when: str) -> None:
    person.choose("What fails", kind)
    person.choose("Which one", thing)
    person.enter("When it fails", when)
    person.press("Add")


def _fates(person: Person) -> list[str]:
    fates = person.window.run_page.fates
    return [fates.item(row).text() for row in range(fates.count())] if fates.isVisible() else []


def test_a_host_that_stops_takes_vms_with_it(runner: Person, qtbot: QtBot) -> None:
    runner.press("Try what fails...")
    _add(runner, "A host stops", "beta", "8 s")
    assert _listed(runner) == ["beta stops at 8 s"]
    with qtbot.waitSignal(runner.window.engine.ended):
        runner.press("Run with these")
    assert _fates(runner) == [
        "web-1: lost with the host that it ran on",
        "web-2: beta went down; web-2 keeps running on alpha",
    ]
    assert runner.window.run_page.next_failures.text() == "The next run tries: beta stops at 8 s"
    assert runner.project.runs[-1].backend == "simulation with failures"


def test_an_aborted_move_leaves_its_vm_where_it_was(runner: Person, qtbot: QtBot) -> None:
    runner.use("Run", "Try what fails")
    _add(runner, "A move is aborted", "web-2 to beta", "9 s")
    runner.press("Close")
    with qtbot.waitSignal(runner.window.engine.ended):
        runner.use("Run", "Run the plan")
    assert _fates(runner) == ["web-2: it was aborted; web-2 keeps running on alpha", "1 VM moved as planned"]


def test_a_link_goes_down(runner: Person, qtbot: QtBot) -> None:
    runner.press("Try what fails...")
    _add(runner, "A link goes down", "alpha - beta, 1 Gbit/s", "1 s")
    with qtbot.waitSignal(runner.window.engine.ended):
        runner.press("Run with these")
    assert [result.outcome for result in runner.project.runs[-1].results] == [Outcome.FAILED] * 2
    assert _fates(runner)[0].startswith("web-1: the link alpha - beta went down")


def test_failures_are_listed_by_time_and_removed(runner: Person, qtbot: QtBot) -> None:
    runner.press("Try what fails...")
    _add(runner, "A host stops", "beta", "8 s")
    _add(runner, "A move is aborted", "web-1 to beta", "0 s")
    assert _listed(runner) == ["The move of web-1 is aborted at 0 s", "beta stops at 8 s"]
    runner.press("Remove")
    runner.press("Remove")
    assert _listed(runner) == []
    runner.press("Close")
    assert not runner.window.run_page.next_failures.isVisible()
    with qtbot.waitSignal(runner.window.engine.ended):
        runner.use("Run", "Run the plan")
    assert _fates(runner) == []
    assert runner.project.runs[-1].completed


def test_a_time_that_can_not_be_is_refused(runner: Person) -> None:
    runner.press("Try what fails...")
    runner.enter("When it fails", "soon")
    assert runner.refusal("When it fails")
    runner.press("Add")
    assert _listed(runner) == []
    runner.press("Close")


def test_failures_are_saved_with_the_plan_and_can_be_undone(
    runner: Person, open_project: OpenProject, tmp_path: Path
) -> None:
    runner.press("Try what fails...")
    _add(runner, "A host stops", "beta", "8 s")
    _add(runner, "A link goes down", "alpha - beta, 1 Gbit/s", "9 s")
    runner.press("Close")
    assert runner.window.isWindowModified()
    stack = runner.window.document.undo_stack
    assert stack.undoText() == "Try that the link alpha - beta goes down at 9 s"
    stack.undo()
    assert runner.window.run_page.next_failures.text() == "The next run tries: beta stops at 8 s"
    project_file.save(runner.project, tmp_path / "kept.vmplan")
    open_project(two_hosts(1))
    assert runner.window.run_page.next_failures.isHidden()
    open_project(project_file.load(tmp_path / "kept.vmplan"))
    assert runner.window.run_page.next_failures.text() == "The next run tries: beta stops at 8 s"


def test_what_is_gone_can_not_fail_and_another_project_has_none(runner: Person, open_project: OpenProject) -> None:
    runner.press("Try what fails...")
    _add(runner, "A host stops", "beta", "8 s")
    _add(runner, "A move is aborted", "web-1 to beta", "4 s")
    runner.press("Close")
    document = runner.window.document
    document.push(edits.delete(document.project, ["migration-1"]))
    assert runner.window.run_page.next_failures.text() == "The next run tries: beta stops at 8 s"
    document.push(edits.delete(document.project, ["host-2"]))
    assert runner.window.run_page.next_failures.isHidden()
    document.undo_stack.undo()
    open_project(two_hosts(1))
    assert runner.window.runs.what_if.failures == ()
    assert not runner.window.isWindowModified()
