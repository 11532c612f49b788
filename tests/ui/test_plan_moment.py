"""The plan in time: the timeline, the hosts at a moment, and the canvas that follows it."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.domain import edits
from vmplanner.domain.project import Project
from vmplanner.domain.topology import Position
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def planner(person: Person, open_project: OpenProject, qtbot: QtBot) -> Person:
    """Two moves, one after the other, on the page Plan, with their forecast."""
    project = two_hosts(2, max_concurrent=1)
    window = open_project(project.applied(edits.move_nodes(project, {"host-2": Position(480, 0)})))
    person.use("View", "Plan")
    qtbot.waitUntil(lambda: person.rows()[1][5] not in ("-", ""))
    window.canvas.topology.settle()
    return person


def _drag(person: Person, row: int, by_s: float) -> None:
    """Drag a bar of the timeline to the right."""
    timeline = person.window.plan_page.moment.timeline
    start = timeline.bar(row).center().toPoint()
    end = start + QPoint(round(by_s * timeline._px_per_s), 0)
    QTest.mousePress(timeline.viewport(), LEFT, pos=start)
    QTest.mouseMove(timeline.viewport(), end)
    QTest.mouseRelease(timeline.viewport(), LEFT, pos=end)


def test_a_bar_that_is_dragged_pins_its_start(planner: Person, qtbot: QtBot) -> None:
    _drag(planner, 0, 3.0)
    first = planner.project.plan.migrations[0]
    assert first.is_pinned
    assert first.earliest_start_s == pytest.approx(3.0, abs=0.1)
    assert planner.undo_text.startswith("Undo start web-1 at ")
    qtbot.waitUntil(lambda: planner.rows()[0][5].startswith("at "))
    planner.window.selection.select(["migration-1"])
    planner.press("Unpin")
    assert not planner.project.plan.migrations[0].is_pinned
    planner.use("Edit", "Undo")
    planner.use("Edit", "Undo")
    assert planner.project.plan.migrations[0].earliest_start_s == 0.0


def test_chosen_moves_are_pinned_where_they_are(planner: Person) -> None:
    planner.window.selection.select(["migration-2"])
    start_s = planner.window.plan_page.table.model().rows[1].forecast.started_s
    planner.press("Pin")
    second = planner.project.plan.migrations[1]
    assert (second.is_pinned, second.earliest_start_s) == (True, pytest.approx(start_s, abs=1e-3))
    assert planner.undo_text == "Undo pin the move of web-2"


def test_a_click_on_a_bar_selects_its_move(planner: Person) -> None:
    timeline = planner.window.plan_page.moment.timeline
    QTest.mouseClick(timeline.viewport(), LEFT, pos=timeline.bar(1).center().toPoint())
    assert planner.window.selection.ids == {"migration-2"}


def test_the_row_of_moves_that_the_end_hangs_on_is_told(planner: Person) -> None:
    timeline = planner.window.plan_page.moment.timeline
    QTest.mouseMove(timeline.viewport(), timeline.bar(1).center().toPoint())
    assert "the end of the plan hangs on it" in timeline.card.text()


def test_the_hosts_are_shown_at_the_moment_of_the_slider(planner: Person) -> None:
    moment = planner.window.plan_page.moment
    planner.press("Hosts")
    slider = planner.find(QSlider, "Moment of the plan")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_End)
    told = moment.hosts.accessibleDescription()
    end = moment.timeline.moment_s
    assert end == pytest.approx(moment._end_s)
    assert "beta, 64 GiB: 0 GiB before the plan, 2 GiB at" in told
    planner.press("Now")
    assert slider.value() == 0
    assert "beta, 64 GiB: 0 GiB before the plan, 0 GiB now" in moment.hosts.accessibleDescription()


def test_the_canvas_follows_the_moment(planner: Person) -> None:
    window, scene = planner.window, planner.window.canvas.topology
    first = window.plan_page.table.model().rows[0].forecast
    window.plan_page.moment.timeline.set_moment(first.total_s + 0.001)
    window.show_topology()
    assert scene.node_item("host-2").scene_card().contains(planner.chip("web-1"))
    assert scene.node_item("host-1").scene_card().contains(planner.chip("web-2"))
    assert scene.arrow("migration-1") is None
    assert scene.arrow("migration-2") is not None
    assert any(
        label.text().startswith("Preview, read-only: as it will be ") for label in window.canvas.findChildren(QLabel)
    )
    QTest.mouseClick(planner.find(QPushButton, "Back to now"), LEFT)
    assert scene.node_item("host-1").scene_card().contains(planner.chip("web-1"))
    assert scene.arrow("migration-1") is not None
    assert not window.canvas.moment_bar.isVisible()
    assert window.plan_page.moment.timeline.moment_s == 0.0


def test_how_it_will_be_can_not_be_changed(planner: Person) -> None:
    window = planner.window
    window.plan_page.moment.timeline.set_moment(1.0)
    window.show_topology()
    before = planner.project
    planner.hand.drag(planner.chip("web-1"), planner.card("beta") + QPointF(0, 60))
    assert planner.project is before
    assert window.statusBar().currentMessage() == "This is how it will be. Go back to now to change the drawing."
    assert not window.palette_panel.isEnabled()
    planner.hand.key(Qt.Key.Key_Delete)
    assert planner.project is before


def test_nothing_is_deleted_or_edited_in_a_preview(planner: Person) -> None:
    window = planner.window
    window.selection.select(["vm-1"])
    window.plan_page.moment.timeline.set_moment(1.0)
    assert planner.find(QLineEdit, "VM name").isEnabled(), "beside the table the plan itself is edited"
    window.show_topology()
    assert planner.find(QLineEdit, "VM name").isReadOnly()
    assert "Preview, read-only" in window.inspector.findChildren(WrappedLabel)[-1].text()
    assert not planner.action("Edit", "Delete").isEnabled()
    assert not planner.action("Draw", "Draw a link").isEnabled()
    menu = window.canvas.context_menu()
    assert [action.text() for action in menu.actions() if action.text()] == ["Back to now", "Zoom to fit"]
    menu.actions()[0].trigger()
    menu.deleteLater()
    assert planner.find(QLineEdit, "VM name").isEnabled()
    assert planner.action("Edit", "Delete").isEnabled()
    assert window.palette_panel.isEnabled()


def test_the_bar_of_a_preview_covers_nothing_of_the_drawing(planner: Person) -> None:
    window = planner.window
    window.show_topology()
    canvas = window.canvas
    window.plan_page.moment.timeline.set_moment(1.0)
    bar = canvas.moment_bar.geometry()
    assert not bar.intersects(canvas.viewport().geometry())
    assert bar.width() == canvas.width()
    planner.press("Back to now")
    assert canvas.viewport().geometry() == canvas.rect()


def test_a_change_of_the_plan_shows_the_present_until_it_is_predicted(planner: Person, qtbot: QtBot) -> None:
    window, scene = planner.window, planner.window.canvas.topology
    window.plan_page.moment.timeline.set_moment(1e9)
    assert scene.is_preview
    window.selection.select(["migration-2"])
    planner.press("Remove")
    assert not scene.is_preview
    qtbot.waitUntil(lambda: scene.is_preview)
    assert scene.host_of == {"vm-1": "host-2", "vm-2": "host-1"}


def test_another_project_is_shown_as_it_is(planner: Person, open_project: OpenProject) -> None:
    planner.window.plan_page.moment.timeline.set_moment(1e9)
    open_project(two_hosts(1))
    assert not planner.window.canvas.topology.is_preview
    assert not planner.window.canvas.moment_bar.isVisible()
