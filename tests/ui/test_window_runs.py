"""A run as a person sees it: its progress, its end, its cancel, and a window that answers all the while."""

from collections.abc import Callable
from threading import Event

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from tests.planning.test_windows import window as maintenance
from tests.planning.test_windows import with_windows
from tests.small_projects import two_hosts, web_profile
from tests.ui.person import Person
from vmplanner.domain import edits
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.domain.results import Outcome
from vmplanner.domain.topology import Position
from vmplanner.domain.windows import WindowKind
from vmplanner.engine.jobs import JobChanged, JobState, RunnerEvent
from vmplanner.ui import bridge
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

Answer = QMessageBox.StandardButton
LEFT = Qt.MouseButton.LeftButton
OpenProject = Callable[[Project], MainWindow]
VM, MOVE, STATE, PROGRESS, PHASE, REMAINING, RATE, DOWNTIME, TIME = range(9)


def _minutes_long(moves: int = 1) -> Project:
    """In real time it takes minutes: no test waits for its end."""
    return two_hosts(moves, bandwidth_bytes_per_s=2e6, profile=web_profile(writes_pages_per_s=1))


def _states_told(window: MainWindow) -> list[tuple[str, str]]:
    """Fills itself with the migrations and their states as the engine tells them."""
    told: list[tuple[str, str]] = []

    def take(events: list[RunnerEvent]) -> None:
        told.extend((event.migration_id, event.state.value) for event in events if isinstance(event, JobChanged))

    window.engine.happened.connect(take)
    return told


@pytest.fixture
def slow_run(person: Person, open_project: OpenProject, qtbot: QtBot) -> Person:
    """Two moves under way in real time."""
    window = open_project(_minutes_long(2))
    person.choose_speed("1x (real time)")
    person.use("Run", "Run the plan")
    qtbot.waitUntil(lambda: all(row[RATE] for row in person.rows()))
    assert window.page is window.run_page
    return person


def test_a_run_at_once_is_stored_and_shown(person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
    window = open_project(two_hosts(2))
    person.choose_speed("As fast as possible")
    with qtbot.waitSignal(window.engine.ended):
        QTest.mouseClick(window.run_button, LEFT)
    assert [row[:3] for row in person.rows()] == [
        ["web-1", "alpha  →  beta", "completed"],
        ["web-2", "alpha  →  beta", "completed"],
    ]
    assert window.run_page.status.text().startswith("2 of 2 completed")
    assert window.run_page.bar.value() == window.run_page.bar.maximum()
    [run] = person.project.runs
    assert run.completed
    assert window.stacks_page.run == run
    assert window.isWindowModified()
    assert not window.actions_by_id["undo"].isEnabled(), "results are facts"
    assert window.actions_by_id["run"].isEnabled()


def test_each_run_is_kept(person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
    window = open_project(two_hosts())
    person.choose_speed("As fast as possible")
    for _ in range(2):
        with qtbot.waitSignal(window.engine.ended):
            person.use("Run", "Run the plan")
    assert [run.name for run in person.project.runs] == ["Run 1", "Run 2"]


def test_a_slow_run_shows_its_progress_and_the_window_answers(slow_run: Person, qtbot: QtBot) -> None:
    window = slow_run.window
    beats: list[float] = []
    heart = QTimer(window)
    heart.timeout.connect(lambda: beats.append(window.monitor.clock_s))
    heart.start(10)
    before = window.monitor.clock_s
    qtbot.waitUntil(lambda: window.monitor.clock_s > before + 0.2)
    heart.stop()
    assert len(set(beats)) >= 3, "other work of the window goes on between the news of the run"
    for row in slow_run.rows():
        assert (row[STATE], row[PHASE]) == ("running", "pre-copy, round 1")
        assert row[REMAINING].endswith("iB")
        assert row[TIME].endswith(" left")
    assert "2 running" in window.run_page.status.text()
    assert "done in about" in window.run_page.status.text()
    assert 0 < window.monitor.share_done < 1
    window.show_plan()
    slow_run.enter("At most at once in the plan", "9")
    assert slow_run.project.plan.max_concurrent == 9
    assert window.engine.is_running


def test_only_one_run_at_a_time(slow_run: Person) -> None:
    assert not slow_run.action("Run", "Run the plan").isEnabled()
    assert not [button for button in slow_run.window.findChildren(QPushButton) if _offers_a_run(button)]


def _offers_a_run(button: QPushButton) -> bool:
    return button.text() == "Run the plan" and button.isEnabled()


def test_one_is_cancelled_and_the_other_goes_on(slow_run: Person, qtbot: QtBot) -> None:
    window = slow_run.window
    told = _states_told(window)
    assert not window.run_page.tools.cancel_chosen.isEnabled()
    table = window.run_page.table
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(table.model().index(1, VM)).center())
    slow_run.press("Cancel selected")
    qtbot.waitUntil(lambda: slow_run.rows()[1][STATE] == "cancelled")
    assert told == [("migration-2", "cancelling"), ("migration-2", "cancelled")]
    assert slow_run.rows()[0][STATE] == "running"
    assert not window.run_page.tools.cancel_chosen.isEnabled(), "it has ended"
    reason = table.model().index(1, STATE).data(Qt.ItemDataRole.ToolTipRole)
    assert reason == (
        "Cancelled: it was stopped because somebody asked for it. It was rolled back: web-2 runs on alpha as before, "
        "and what had been copied to beta is thrown away."
    )


def test_all_are_cancelled_and_every_vm_stays(slow_run: Person, qtbot: QtBot) -> None:
    window = slow_run.window
    told = _states_told(window)
    before = slow_run.project.machines
    with qtbot.waitSignal(window.engine.ended):
        slow_run.press("Cancel all")
    for migration_id in ("migration-1", "migration-2"):
        assert [state for which, state in told if which == migration_id] == ["cancelling", "cancelled"]
    assert slow_run.project.machines == before
    [run] = slow_run.project.runs
    assert {result.outcome for result in run.results} == {Outcome.CANCELLED}
    assert "2 cancelled" in window.run_page.status.text()
    assert window.statusBar().currentMessage() == "Run 1 was cancelled; every VM stays where it was"
    assert not window.run_page.tools.cancel_all.isEnabled()
    assert window.run_button.isEnabled()


def test_what_never_started_shows_no_progress(person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
    window = open_project(two_hosts(2, bandwidth_bytes_per_s=2e6, max_concurrent=1))
    person.choose_speed("1x (real time)")
    person.use("Run", "Run the plan")
    qtbot.waitUntil(lambda: bool(person.rows()[0][RATE]))
    with qtbot.waitSignal(window.engine.ended):
        person.use("Run", "Cancel the run")
    first, second = person.rows()
    assert first[TIME]
    assert (second[STATE], second[TIME]) == ("cancelled", "")
    tip = window.run_page.table.model().index(1, PROGRESS).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "0 %"


def test_the_speed_may_change_during_a_run(slow_run: Person, qtbot: QtBot) -> None:
    with qtbot.waitSignal(slow_run.window.engine.ended):
        slow_run.choose_speed("As fast as possible")
    assert slow_run.project.runs[0].completed


def test_another_project_ends_the_run_and_does_not_get_its_results(slow_run: Person) -> None:
    window = slow_run.window
    slow_run.answering(Answer.No, lambda: slow_run.use("File", "New"))
    assert window.engine.is_running
    slow_run.answering(Answer.Yes, lambda: slow_run.use("File", "New"))
    assert not window.engine.is_running
    assert slow_run.project == Project()
    assert not window.isWindowModified()
    window.show_run()
    assert slow_run.rows() == []
    assert not window.run_page.tools.cancel_all.isEnabled()


def test_closing_the_window_ends_the_run(slow_run: Person) -> None:
    question = slow_run.answering(Answer.No, slow_run.window.close)
    assert question == "A run is under way. Stop it?"
    assert slow_run.window.engine.is_running
    assert slow_run.window.isVisible()
    slow_run.answering(Answer.Yes, slow_run.window.close)
    assert not slow_run.window.isVisible()
    assert not slow_run.window.engine.is_running


def test_without_moves_there_is_nothing_to_run(person: Person) -> None:
    assert not person.window.run_button.isEnabled()
    assert not person.action("Run", "Run the plan").isEnabled()
    assert not person.action("Run", "Cancel").isEnabled()


def test_a_cancel_of_one_leaves_the_keyboard_away_from_cancel_all(slow_run: Person, qtbot: QtBot) -> None:
    page = slow_run.window.run_page
    page.table.selectRow(1)
    page.tools.cancel_chosen.setFocus()
    QTest.keyClick(page.tools.cancel_chosen, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not page.tools.cancel_chosen.isEnabled())
    assert slow_run.window.focusWidget() is page.table


def test_the_estimate_follows_a_cancel(person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
    window = open_project(two_hosts(2, bandwidth_bytes_per_s=2e6, max_concurrent=1))
    person.choose_speed("1x (real time)")
    person.use("Run", "Run the plan")
    qtbot.waitUntil(lambda: bool(person.rows()[0][RATE]))
    before = window.monitor.eta_s
    assert before is not None
    window.engine.cancel("migration-2")
    qtbot.waitUntil(lambda: person.rows()[1][STATE] == "cancelled")
    after = window.monitor.eta_s
    assert after is not None
    assert after < 0.7 * before


def test_what_will_not_converge_is_said_and_has_no_progress(
    person: Person, open_project: OpenProject, qtbot: QtBot
) -> None:
    window = open_project(two_hosts(bandwidth_bytes_per_s=1e6, profile=web_profile(writes_pages_per_s=200_000)))
    person.choose_speed("1x (real time)")
    person.use("Run", "Run the plan")
    qtbot.waitUntil(lambda: bool(person.rows()[0][RATE]))
    assert "1 would not converge   ·   over in about" in window.run_page.status.text()
    assert person.rows()[0][TIME] == "never"
    progress = window.run_page.table.model().index(0, PROGRESS)
    assert progress.data(Qt.ItemDataRole.ToolTipRole) == "–"
    with qtbot.waitSignal(window.engine.ended):
        person.choose_speed("As fast as possible")
    assert person.rows()[0][STATE] == "not converged"
    assert progress.data(Qt.ItemDataRole.ToolTipRole) == "–"


def test_arrows_brought_back_show_how_their_moves_ended(
    person: Person, open_project: OpenProject, qtbot: QtBot
) -> None:
    window = open_project(two_hosts())
    person.choose_speed("As fast as possible")
    with qtbot.waitSignal(window.engine.ended):
        person.use("Run", "Run the plan")
    window.selection.select(["host-2"])
    window.delete_selected()
    person.use("Edit", "Undo")
    arrow = window.canvas.topology.arrow("migration-1")
    assert arrow is not None
    assert arrow.progress == (1.0, "completed")


def test_how_moves_ended_fades_once_something_they_use_is_other(
    person: Person, open_project: OpenProject, qtbot: QtBot
) -> None:
    window = open_project(two_hosts())
    person.choose_speed("As fast as possible")
    with qtbot.waitSignal(window.engine.ended):
        person.use("Run", "Run the plan")
    arrow = window.canvas.topology.arrow("migration-1")
    assert arrow is not None
    window.document.push(edits.move_nodes(person.project, {"host-2": Position(40, 40)}))
    assert arrow.progress == (1.0, "completed")
    window.show_topology()
    window.selection.select(["host-1"])
    person.choose("Hypervisor", "Xen 4")
    assert arrow.progress == (None, "")
    person.use("Edit", "Undo")
    assert arrow.progress == (1.0, "completed")


def test_a_run_and_its_end_leave_the_preview(person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
    window = open_project(two_hosts())
    moment = window.plan_page.moment
    qtbot.waitUntil(lambda: moment.slider.isEnabled(), timeout=10_000)
    moment.slider.setValue(500)
    assert window.canvas.topology.is_preview
    person.choose_speed("As fast as possible")
    with qtbot.waitSignal(window.engine.ended):
        person.use("Run", "Run the plan")
    assert not window.canvas.topology.is_preview
    assert moment.timeline.moment_s == 0


def test_the_table_follows_what_runs_until_a_row_is_picked(person: Person, open_project: OpenProject) -> None:
    window = open_project(two_hosts(40))
    window.show_run()
    window.monitor.begin(person.project)
    order = [row[VM] for row in person.rows()]
    table, jobs = window.run_page.table, list(window.monitor.jobs.values())

    def runs(row: int) -> bool:
        """Whether its row can be seen once only this one is under way."""
        for number, job in enumerate(jobs):
            job.state = JobState.RUNNING if number == row else JobState.QUEUED
        # The table does not scroll away below the pointer, which an earlier test may have left on it.
        table.viewport().setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
        window.monitor.updated.emit(set())
        QApplication.processEvents()
        return table.viewport().rect().contains(table.visualRect(table.model().index(row, VM)))

    assert runs(35)
    assert [row[VM] for row in person.rows()] == order, "no row goes to another place"
    table.selectRow(35)
    assert not window.run_page.follow.isChecked()
    assert not runs(2), "who picks a row keeps it in sight"
    window.run_page.follow.setChecked(True)
    assert runs(2)


def test_while_the_waits_for_windows_are_worked_out_the_page_says_so(
    person: Person, open_project: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That would take for ever here, until it is given up."""

    def never_ready(_project: Project, given_up: Event) -> PlannerError:
        given_up.wait()
        return PlannerError("given up")

    monkeypatch.setattr(bridge, "_ready", never_ready)
    window = open_project(with_windows(maintenance(WindowKind.BLACKOUT, 0, 2)))
    person.use("Run", "Run the plan")
    assert window.page is window.run_page
    assert window.run_page.status.text().startswith("Working out when the moves start")
    person.press("Cancel all")
    assert not window.engine.is_running
    assert window.run_page.status.text() == ""
    assert not window.run_page.tools.cancel_all.isEnabled()
