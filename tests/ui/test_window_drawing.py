"""A person draws a topology with the mouse: every step shows in the project, and can be taken back by its name."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.domain.project import Project
from vmplanner.domain.topology import Link
from vmplanner.store import library
from vmplanner.ui.palette import Entry
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]


@pytest.fixture
def drawn(person: Person) -> Person:
    """Two linked hosts, a VM on the first, and its planned move to the second."""
    person.take("Host")
    person.click_canvas(200, 200)
    person.take("Host")
    person.click_canvas(560, 200)
    QTest.keyClick(person.window, Qt.Key.Key_L)
    person.hand.click(person.card("host-1"))
    person.hand.click(person.card("host-2"))
    person.take("Web server")
    person.hand.click(person.card("host-1"))
    person.hand.drag(person.chip("web-server-1"), person.card("host-2"))
    return person


def test_two_hosts_a_link_a_vm_and_its_move_are_drawn(drawn: Person) -> None:
    project = drawn.project
    assert [host.name for host in project.hosts.values()] == ["host-1", "host-2"]
    assert [(link.end_a_id, link.end_b_id) for link in project.links.values()] == [("host-1", "host-2")]
    assert [(vm.name, vm.host_id) for vm in project.machines.values()] == [("web-server-1", "host-1")]
    assert [(move.vm_id, move.target_id) for move in project.plan.migrations] == [("vm-1", "host-2")]
    assert drawn.window.isWindowModified()


def test_all_of_it_is_undone_and_redone_by_name(drawn: Person) -> None:
    done = drawn.project
    names = []
    while drawn.window.actions_by_id["undo"].isEnabled():
        names.append(drawn.undo_text)
        QTest.keyClick(drawn.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert names == [
        "Undo plan to move web-server-1 to host-2",
        "Undo add web-server-1",
        "Undo link host-1 and host-2",
        "Undo add host-2",
        "Undo add host-1",
    ]
    assert not drawn.project.hosts
    assert not drawn.window.isWindowModified()
    assert (drawn.undo_text, drawn.redo_text) == ("Undo", "Redo add host-1")
    while drawn.window.actions_by_id["redo"].isEnabled():
        drawn.use("Edit", "Redo")
    assert drawn.project == done


def test_delete_takes_a_host_with_all_that_hangs_on_it(drawn: Person) -> None:
    before = drawn.project
    drawn.hand.click(drawn.card("host-1"))
    QTest.keyClick(drawn.window.canvas, Qt.Key.Key_Delete)
    assert [host.name for host in drawn.project.hosts.values()] == ["host-2"]
    assert [*drawn.project.links, *drawn.project.machines, *drawn.project.plan.migrations] == []
    assert drawn.undo_text == "Undo delete host-1, web-server-1 and 1 link"
    assert not drawn.action("Edit", "Delete").isEnabled()
    drawn.use("Edit", "Undo")
    assert drawn.project == before


def test_the_menu_deletes_what_is_selected_on_any_page(drawn: Person) -> None:
    drawn.window.show_plan()
    QTest.mouseClick(drawn.window.plan_page.table.viewport(), Qt.MouseButton.LeftButton, pos=_first_cell(drawn.window))
    drawn.use("Edit", "Delete")
    assert not drawn.project.plan.migrations
    assert drawn.project.machines
    assert drawn.undo_text == "Undo delete 1 planned move"


def _first_cell(window: MainWindow) -> QPoint:
    table = window.plan_page.table
    return table.visualRect(table.model().index(0, 1)).center()


def test_a_vm_dropped_on_its_own_host_stays(drawn: Person) -> None:
    drawn.hand.drag(drawn.chip("web-server-1"), drawn.card("host-1"))
    assert not drawn.project.plan.migrations
    assert drawn.undo_text == "Undo keep web-server-1 on host-1"


def test_a_vm_needs_a_host_and_the_status_bar_says_so(person: Person) -> None:
    person.take("Desktop")
    person.click_canvas(300, 300)
    assert not person.project.machines
    assert person.window.statusBar().currentMessage() == "A VM needs a host: put it on a host's card."
    assert person.window.canvas.hint_bar.text().startswith("A VM needs a host")
    QTest.keyClick(person.window.canvas, Qt.Key.Key_Escape)
    assert person.window.statusBar().currentMessage() == ""


def test_what_the_palette_gives_lands_on_the_topology_page(drawn: Person) -> None:
    drawn.window.show_plan()
    drawn.use("Draw", "Draw a link")
    assert drawn.window.pages.currentWidget() is drawn.window.canvas


def test_select_all_and_the_delete_key(person: Person, open_project: OpenProject) -> None:
    open_project(two_hosts(2))
    person.use("Edit", "Select all")
    assert len(person.window.selection.ids) == 7  # 2 hosts, the link, 2 VMs, 2 moves
    QTest.keyClick(person.window, Qt.Key.Key_Delete)
    assert not person.project.hosts
    assert person.undo_text == "Undo delete 2 hosts, 2 VMs and 1 link"


def test_keys_of_the_canvas_are_letters_in_a_field(person: Person, open_project: OpenProject) -> None:
    open_project(two_hosts())
    person.window.selection.select(["host-1"])
    person.enter("Host name", "Lille")
    assert person.project.hosts["host-1"].name == "Lille"
    line = person.find(QLineEdit, "Host name")
    line.setCursorPosition(0)
    QTest.keyClick(line, Qt.Key.Key_Delete)
    assert line.text() == "ille"
    assert "host-1" in person.project.hosts


def test_a_name_with_an_ampersand_is_whole_in_the_menu(person: Person, open_project: OpenProject) -> None:
    open_project(two_hosts())
    person.window.selection.select(["host-1"])
    person.enter("Host name", "R&D")
    person.use("Edit", "Delete")
    assert person.window.actions_by_id["undo"].text() == "&Undo delete R&&D, web-1 and 1 link"


def test_a_second_link_between_two_hosts_is_another_cable(drawn: Person) -> None:
    drawn.use("Draw", "Draw a link")
    drawn.hand.click(drawn.card("host-2"))
    drawn.hand.click(drawn.card("host-1"))
    assert list(drawn.project.links.values())[1] == Link("link-2", "host-2", "host-1")


class TestModes:
    def test_what_the_next_click_does_is_shown_until_it_is_done(self, person: Person) -> None:
        window = person.window
        [host] = [entry for entry in window.findChildren(Entry) if entry.text() == "Host"]
        person.take("Host")
        assert host.is_armed
        assert window.canvas.hint_bar.isVisible()
        assert window.canvas.hint_bar.text() == "Click where the host shall be. Esc cancels."
        person.click_canvas(200, 200)
        assert not host.is_armed
        assert not window.canvas.hint_bar.isVisible()
        assert window.statusBar().currentMessage() == ""

    def test_escape_takes_the_hint_away(self, drawn: Person) -> None:
        window = drawn.window
        drawn.use("Draw", "Draw a link")
        [link] = [entry for entry in window.findChildren(Entry) if entry.text() == "Link"]
        assert link.is_armed
        drawn.hand.click(drawn.card("host-1"))
        assert "where the link ends" in window.canvas.hint_bar.text()
        QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
        assert not link.is_armed
        assert not window.canvas.hint_bar.isVisible()

    @pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
    def test_the_keyboard_places_too(self, person: Person, key: Qt.Key) -> None:
        person.take("Host")
        QTest.keyClick(person.window.canvas, key)
        assert list(person.project.hosts) == ["host-1"]
        person.take("Web server")
        QTest.keyClick(person.window.canvas, key)
        assert [machine.host_id for machine in person.project.machines.values()] == ["host-1"]

    def test_what_is_put_down_at_the_edge_is_scrolled_into_view(self, person: Person) -> None:
        canvas = person.window.canvas
        person.take("Host")
        person.click_canvas(4, canvas.height() - 4)
        card = canvas.topology.node_item("host-1").scene_card()  # type: ignore[union-attr]
        seen = canvas.mapToScene(canvas.viewport().rect()).boundingRect()
        assert seen.contains(card)

    def test_what_does_nothing_is_disabled(self, person: Person) -> None:
        names = ("Draw a link", "Zoom in", "Zoom to fit")
        actions = [person.action("View" if name[0] == "Z" else "Draw", name) for name in names]
        assert [action.isEnabled() for action in actions] == [False, False, False]
        for x in (200, 560):
            person.take("Host")
            person.click_canvas(x, 200)
        assert [action.isEnabled() for action in actions] == [True, True, True]
        person.window.show_plan()
        assert [action.isEnabled() for action in actions] == [True, False, False]


def test_a_project_opened_from_another_page_is_fitted(person: Person, open_project: OpenProject) -> None:
    person.window.show_run()
    window = open_project(library.example("evacuate-a-rack"))
    QApplication.processEvents()
    seen = window.canvas.mapToScene(window.canvas.viewport().rect()).boundingRect()
    drawing = window.canvas.topology.content_rect()
    assert seen.contains(drawing)
    assert drawing.width() > 0.5 * seen.width() or drawing.height() > 0.5 * seen.height()


def test_what_cannot_be_meant_is_refused(person: Person, open_project: OpenProject) -> None:
    window = open_project(two_hosts())
    window.selection.select(["link-1"])
    person.enter("Bandwidth", "20 Tbps")
    assert person.refusal("Bandwidth") == "20 Tbit/s is too much; 10 Tbit/s is the most"
    person.enter("Bandwidth", "1000")
    assert person.shown("Bandwidth") == "1 Tbit/s"
    person.enter("Bandwidth", "10G")
    assert person.project.links["link-1"].bandwidth_bytes_per_s == 1.25e9
