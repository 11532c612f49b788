"""What is told of a plan's times: the time of day where it is known, windows, blocked moves, and what colours mean."""

from collections.abc import Callable

import pytest
from attrs import evolve
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts, web_profile
from tests.ui.person import Person
from vmplanner.domain import edits, window_edits
from vmplanner.domain.plans import Technique
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.topology import Position
from vmplanner.domain.windows import WindowKind, time_of
from vmplanner.ui.charts.wall_clock import WallClock
from vmplanner.ui.theme import look
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]
START = time_of("2026-11-23 21:59:50 Europe/Berlin")


def _at_night(project: Project) -> Project:
    """The plan starts ten seconds before a maintenance window opens, in which there is a blackout."""
    project = project.applied(window_edits.start_plan(project, START))
    for kind, opens, seconds in (
        (WindowKind.MAINTENANCE, "2026-11-23 22:00 Europe/Berlin", 3600.0),
        (WindowKind.BLACKOUT, "2026-11-23 22:00:10 Europe/Berlin", 5.0),
    ):
        added = window_edits.add_window(project, time_of(opens))
        project = project.applied(added)
        window = added.edits[0].thing
        project = project.applied(
            window_edits.change_window(project, evolve(window, kind=kind, duration_s=seconds), "what")
        )
    return project


@pytest.fixture
def planner(person: Person, open_project: OpenProject, qtbot: QtBot) -> Person:
    open_project(_at_night(two_hosts(2, max_concurrent=1)))
    person.window.show_plan()
    qtbot.waitUntil(lambda: bool(person.rows()[0][6]), timeout=10_000)
    return person


def test_the_table_tells_the_time_of_day(planner: Person) -> None:
    assert planner.rows()[0][5:7] == ["10 s", "22:00:00"]
    model = planner.window.plan_page.table.model()
    assert "Predicted for 2026-11-23 22:00 Europe/Berlin" in model.index(0, 5).data(Qt.ItemDataRole.ToolTipRole)


def test_without_a_start_there_is_no_such_column(person: Person, open_project: OpenProject) -> None:
    open_project(two_hosts())
    person.window.show_plan()
    assert len(person.rows()[0]) == 8
    assert person.window.plan_page.table.isColumnHidden(6)


def test_the_timeline_has_windows_and_a_legend(planner: Person) -> None:
    moment = planner.window.plan_page.moment
    labels = moment.legend.labels
    assert {"may not run", "maintenance", "blackout", "stop-and-copy"} <= set(labels)
    assert "cut-over" not in labels
    timeline = moment.timeline
    QTest.mouseMove(timeline.viewport(), QPoint(round(timeline.bar(0).left()) + 2, 36))
    assert "maintenance: window-1" in timeline.card.text()
    QTest.mouseMove(timeline.viewport(), timeline.bar(0).center().toPoint())
    assert "from 22:00:00 to 22:00:0" in timeline.card.text()


def test_another_day_is_named() -> None:
    clock = WallClock(START)
    assert clock.told(0) == "21:59:50"
    assert clock.told(3 * 3600) == "Tue 00:59:50"
    assert clock.told(10 * 86_400, to_the_minute=True) == "03 Dec 21:59"


def test_a_blocked_move_leaves_the_others_predicted(person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
    project = two_hosts(2)
    project = project.applied(edits.add_host(project, Position(600, 0)))
    far = next(host_id for host_id in project.hosts if host_id not in ("host-1", "host-2"))
    move = project.plan.migrations[1]
    project = project.applied(Change("", (Edit(project.plan, project.plan.replaced(evolve(move, target_id=far))),)))
    window = open_project(project)
    window.show_plan()
    qtbot.waitUntil(lambda: person.rows()[0][6] != "-", timeout=10_000)
    assert person.rows()[1][5:] == ["-", "blocked", "-"]
    tip = window.plan_page.table.model().index(1, 7).data(Qt.ItemDataRole.ToolTipRole)
    assert "no link" in tip.lower() or "no way" in tip.lower()
    texts = [label.text() for label in window.plan_page.findChildren(QLabel)]
    assert any("2 moves · 1 blocked · without it predicted to be done after" in text for text in texts)


def test_a_selected_row_keeps_its_red(person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
    window = open_project(two_hosts(bandwidth_bytes_per_s=1e6, profile=web_profile(writes_pages_per_s=200_000)))
    window.show_plan()
    qtbot.waitUntil(lambda: person.rows()[0][6] == "never", timeout=10_000)
    table, option = window.plan_page.table, QStyleOptionViewItem()
    table.selectRow(0)
    table.itemDelegate().initStyleOption(option, table.model().index(0, 7))
    assert option.palette.color(QPalette.ColorRole.HighlightedText) == look.theme.bad  # type: ignore[attr-defined]


def test_a_long_technique_is_told_in_a_word(person: Person, open_project: OpenProject) -> None:
    project = two_hosts()
    plan = project.plan
    changed = plan.replaced(plan.migrations[0].by(Technique.CHECKPOINT))
    window = open_project(project.applied(Change("", (Edit(plan, changed),))))
    window.show_plan()
    assert person.rows()[0][4] == "checkpoint"
    tip = window.plan_page.table.model().index(0, 4).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "checkpoint + good memory"


def test_a_dragged_move_is_selected(planner: Person) -> None:
    planner.window.plan_page.moment.timeline.shifted.emit("migration-2", 20.0)
    assert planner.window.selection.ids == {"migration-2"}


def test_undo_says_what_it_took_back(planner: Person) -> None:
    planner.window.plan_page.moment.timeline.shifted.emit("migration-2", 20.0)
    undo = planner.window.actions_by_id["undo"]
    assert "Undo start web-2 at 20 s" in undo.toolTip()
    undo.trigger()
    assert planner.window.statusBar().currentMessage() == "Undone: Start web-2 at 20 s"


def test_clearing_the_starts_says_how_many_stay(planner: Person) -> None:
    planner.window.planner.pin({"migration-1": 5.0, "migration-2": 9.0})
    planner.use("Plan", "Clear start times")
    assert planner.window.statusBar().currentMessage() == "2 pinned starts stay"


def test_a_plan_that_is_done_too_late_says_so(planner: Person, qtbot: QtBot) -> None:
    document = planner.window.document
    document.push(window_edits.limit_plan(document.project, 1.0))
    summary = planner.window.plan_page._summary
    qtbot.waitUntil(lambda: "LATE: to be done within 1 s" in summary.text())
    document.push(window_edits.limit_plan(document.project, 7200.0))
    qtbot.waitUntil(lambda: "predicted" in summary.text())
    assert "LATE" not in summary.text()
    assert "to be done within 2 h 00 min" in summary.text()
