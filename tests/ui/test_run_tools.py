"""What a person does with a run from its page: pause, resume, skip, cancel, retry, read and copy a log, be notified."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QPlainTextEdit, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts, web_profile
from tests.ui.person import Person
from vmplanner.domain.project import Project
from vmplanner.domain.results import Outcome
from vmplanner.engine.jobs import JobState
from vmplanner.ui.job_words import give_or_take, log_text
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]
STATE, TIME = 2, 8


@pytest.fixture
def slow_run(person: Person, open_project: OpenProject, qtbot: QtBot) -> Person:
    """One of three moves under way in real time, for minutes."""
    project = two_hosts(3, max_concurrent=1, bandwidth_bytes_per_s=2e6, profile=web_profile(writes_pages_per_s=1))
    window = open_project(project)
    person.choose_speed("1x (real time)")
    person.use("Run", "Run the plan")
    qtbot.waitUntil(lambda: states(person) == ["running", "queued", "queued"])
    qtbot.waitUntil(lambda: bool(person.rows()[0][TIME]))
    assert window.page is window.run_page
    return person


def states(person: Person) -> list[str]:
    return [row[STATE] for row in person.rows()]


def pick(person: Person, *rows: int) -> None:
    table, flag = person.window.run_page.table, QItemSelectionModel.SelectionFlag
    table.clearSelection()
    for row in rows:
        table.selectionModel().select(table.model().index(row, 0), flag.Select | flag.Rows)


def test_a_paused_queue_starts_nothing_and_is_told(slow_run: Person, qtbot: QtBot) -> None:
    window = slow_run.window
    slow_run.press("Pause")
    qtbot.waitUntil(lambda: "the queue is paused" in window.run_page.status.text())
    pick(slow_run, 0)
    slow_run.press("Cancel selected")
    qtbot.waitUntil(lambda: states(slow_run)[0] == "cancelled")
    qtbot.wait(150)
    assert states(slow_run) == ["cancelled", "queued", "queued"]
    assert "done in" not in window.run_page.status.text()
    slow_run.press("Resume")
    qtbot.waitUntil(lambda: states(slow_run) == ["cancelled", "running", "queued"])


def test_queued_ones_are_skipped(slow_run: Person, qtbot: QtBot) -> None:
    pick(slow_run, 0)
    assert not slow_run.window.run_page.tools.skip.isEnabled(), "what runs can only be cancelled"
    pick(slow_run, 1, 2)
    slow_run.press("Skip")
    qtbot.waitUntil(lambda: states(slow_run) == ["running", "skipped", "skipped"])
    assert "skipped: skipped" not in log_text(slow_run.window.monitor.jobs["migration-2"])
    tip = slow_run.window.run_page.table.model().index(1, STATE).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("Skipped: it was left out of this run. web-2 has not moved and runs on alpha.")


def test_a_cancelled_one_is_tried_again_in_the_same_run(slow_run: Person, qtbot: QtBot) -> None:
    pick(slow_run, 0)
    slow_run.press("Cancel selected")
    qtbot.waitUntil(lambda: states(slow_run) == ["cancelled", "running", "queued"])
    slow_run.press("Retry")
    qtbot.waitUntil(lambda: states(slow_run)[0] == "queued")
    with qtbot.waitSignal(slow_run.window.engine.ended):
        slow_run.choose_speed("As fast as possible")
    [run] = slow_run.project.runs
    assert run.completed
    tip = slow_run.window.run_page.table.model().index(0, STATE).data(Qt.ItemDataRole.ToolTipRole)
    assert "Tried 2 times; " in tip
    assert "Tried 2 times; " in log_text(slow_run.window.monitor.jobs["migration-1"])


@pytest.mark.parametrize(
    ("seconds", "margin_s", "told"), [(12, 1, "12 s ± 1 s"), (0.629, 1, "less than 2 s"), (0, 0.04, "less than 40 ms")]
)
def test_what_may_be_over_at_once_has_no_margin(seconds: float, margin_s: float, told: str) -> None:
    assert give_or_take(seconds, margin_s) == told


def test_a_run_that_is_over_is_taken_up_again(slow_run: Person, qtbot: QtBot) -> None:
    window = slow_run.window
    with qtbot.waitSignal(window.engine.ended):
        slow_run.press("Cancel all")
    [first] = slow_run.project.runs
    assert {result.outcome for result in first.results} == {Outcome.CANCELLED}
    window.run_page.speed.setCurrentIndex(3)
    pick(slow_run, 0, 2)
    with qtbot.waitSignal(window.engine.ended):
        slow_run.press("Retry")
    [run] = slow_run.project.runs
    assert (run.id, run.name) == (first.id, first.name)
    assert states(slow_run) == ["completed", "cancelled", "completed"]
    assert [result.outcome.value for result in run.results] == states(slow_run)
    assert window.files.keeper.has_kept()
    assert window.run_button.isEnabled()


def test_another_run_begins_after_one_that_could_be_taken_up_again(slow_run: Person, qtbot: QtBot) -> None:
    with qtbot.waitSignal(slow_run.window.engine.ended):
        slow_run.press("Cancel all")
    slow_run.window.run_page.speed.setCurrentIndex(3)
    with qtbot.waitSignal(slow_run.window.engine.ended):
        slow_run.use("Run", "Run the plan")
    assert [run.completed for run in slow_run.project.runs] == [False, True]


def test_the_log_of_the_picked_one_says_what_happened_and_where_its_vm_is(slow_run: Person, qtbot: QtBot) -> None:
    page = slow_run.window.run_page
    assert not page.log.isVisible()
    pick(slow_run, 0)
    shown = slow_run.find(QPlainTextEdit, "Log of the selected migration")
    assert "started, from alpha to beta" in shown.toPlainText()
    qtbot.waitUntil(lambda: "pre-copy, round 1: " in shown.toPlainText() and "so far" in shown.toPlainText())
    slow_run.press("Cancel selected")
    qtbot.waitUntil(lambda: "It was rolled back: web-1 runs on alpha as before" in shown.toPlainText())
    slow_run.press("Copy the log")
    assert QApplication.clipboard().text() == shown.toPlainText()
    pick(slow_run, 0, 1)
    assert not page.log.isVisible()


def test_what_is_left_is_told_with_its_margin_and_where_that_is_from(slow_run: Person) -> None:
    assert " ± " in slow_run.rows()[0][TIME]
    tip = slow_run.window.run_page.table.model().index(0, TIME).data(Qt.ItemDataRole.ToolTipRole)
    assert "nine of ten took no more than" in tip
    job = slow_run.window.monitor.jobs["migration-1"]
    assert job.state is JobState.RUNNING
    assert job.eta_s is not None
    assert job.forecast is not None
    assert job.eta_s == pytest.approx(job.forecast.total_s - job.at_s, rel=0.05), "it goes as predicted"


def test_who_does_not_look_is_told_of_the_end(slow_run: Person, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    window, alerts = slow_run.window, []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    monkeypatch.setattr(QApplication, "alert", lambda widget: alerts.append(widget))
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    with qtbot.waitSignal(window.engine.ended):
        slow_run.press("Cancel all")
    assert alerts == [window]
    QTest.mouseClick(slow_run.find(QCheckBox, "Notify at the end"), Qt.MouseButton.LeftButton)
    window.runs.notice.tell("Run 2 is done")
    assert alerts == [window], "it was switched off"


def test_the_timeline_shows_the_run_as_it_goes_on_and_then_the_kept_one(slow_run: Person, qtbot: QtBot) -> None:
    page = slow_run.window.run_page
    slow_run.press("Timeline")
    panel = page.timeline.panel
    qtbot.waitUntil(lambda: "web-1" in panel.timeline.accessibleDescription())
    assert page.timeline.choice.currentText() == "The run under way"
    with qtbot.waitSignal(slow_run.window.engine.ended):
        slow_run.choose_speed("As fast as possible")
    assert page.timeline.choice.currentText() == "Run 1 · Plan"
    assert panel.axis.end_s == pytest.approx(slow_run.project.runs[0].makespan_s)
    assert [panel.link.itemText(row) for row in range(panel.link.count())] == [
        "Moves at once",
        "alpha - beta, from alpha",
    ]
