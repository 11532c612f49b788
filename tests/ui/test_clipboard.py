"""What a user gets from cut, copy, paste and duplicate, by the keys of the window."""

import json
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.person import Person
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.topology import Host, Link, Position, Switch
from vmplanner.ui.window import MainWindow

pytest_plugins = ["tests.ui.window_fixtures"]

CTRL = Qt.KeyboardModifier.ControlModifier
PROJECT = Project.of(
    Host("host-1", "alpha", position=Position(0, 0)),
    Host("host-2", "beta", position=Position(400, 0)),
    Switch("switch-1", "core", Position(200, 320)),
    Link("link-1", "host-1", "switch-1"),
    Link("link-2", "host-2", "switch-1"),
    VirtualMachine("vm-1", "web-1", "host-1"),
    Plan("plan-1", "Plan", [Migration("migration-1", "vm-1", "host-2")]),
)


@pytest.fixture
def drawing(person: Person, open_project: Callable[[Project], MainWindow]) -> Person:
    open_project(PROJECT)
    person.window.canvas.reset_zoom()
    QApplication.clipboard().clear()
    return person


def press(drawing: Person, key: Qt.Key) -> None:
    drawing.window.canvas.setFocus()
    QTest.keyClick(drawing.window, key, CTRL)


def names(project: Project) -> list[str]:
    return sorted(host.name for host in project.hosts.values())


def test_hosts_are_pasted_at_the_pointer_in_one_step(drawing: Person) -> None:
    drawing.window.canvas.topology.select({"host-1", "host-2"})
    press(drawing, Qt.Key.Key_C)
    drawing.hand.move(QPointF(200, 600))
    press(drawing, Qt.Key.Key_V)
    assert names(drawing.project) == ["alpha", "alpha-2", "beta", "beta-2"]
    assert drawing.project.hosts["host-3"].position == Position(0, 600)
    assert len(drawing.project.links) == 4
    assert [(move.vm_id, move.target_id) for move in drawing.project.plan.migrations][1:] == [("vm-2", "host-4")]
    assert drawing.undo_text == "Undo paste 2 hosts"
    assert drawing.window.selection.ids == {"host-3", "host-4"}
    press(drawing, Qt.Key.Key_Z)
    assert drawing.project == PROJECT


def test_pasted_again_they_do_not_lie_on_each_other(drawing: Person) -> None:
    drawing.window.canvas.topology.select({"switch-1"})
    press(drawing, Qt.Key.Key_C)
    drawing.hand.move(QPointF(0, 240))
    press(drawing, Qt.Key.Key_V)
    press(drawing, Qt.Key.Key_V)
    assert drawing.project.switches["switch-2"].position == Position(0, 240)
    assert drawing.project.switches["switch-3"].position == Position(24, 264)


def test_cut_and_paste_keeps_names_and_links(drawing: Person) -> None:
    drawing.hand.click(drawing.card("alpha"))
    press(drawing, Qt.Key.Key_X)
    assert names(drawing.project) == ["beta"]
    assert drawing.undo_text == "Undo cut alpha, web-1 and 1 link"
    press(drawing, Qt.Key.Key_V)
    assert names(drawing.project) == ["alpha", "beta"]
    assert len(drawing.project.links) == 2
    assert [machine.name for machine in drawing.project.machines.values()] == ["web-1"]


def test_duplicates_have_room(drawing: Person) -> None:
    drawing.hand.click(drawing.card("alpha"))
    press(drawing, Qt.Key.Key_D)
    assert drawing.undo_text == "Undo duplicate alpha-2"
    scene = drawing.window.canvas.topology
    cards = [item.scene_card() for item in scene.nodes.values()]
    assert not any(a.intersects(b) for index, a in enumerate(cards) for b in cards[:index])


def test_what_is_duplicated_is_brought_into_view(drawing: Person) -> None:
    canvas = drawing.window.canvas
    canvas.centerOn(-200, 150)
    drawing.window.selection.select({"host-1", "host-2", "switch-1"})
    press(drawing, Qt.Key.Key_D)
    for thing_id in drawing.window.selection.ids:
        assert canvas.seen_rect().contains(canvas.topology.rect_of(thing_id))
    assert canvas.zoom == 1.0
    drawing.window.selection.select([*drawing.project.hosts, *drawing.project.switches])
    press(drawing, Qt.Key.Key_D)
    for thing_id in drawing.window.selection.ids:
        assert canvas.seen_rect().contains(canvas.topology.rect_of(thing_id))
    assert canvas.zoom < 1.0


def test_what_is_pasted_at_the_edge_is_brought_into_view(drawing: Person) -> None:
    canvas = drawing.window.canvas
    drawing.window.selection.select({"host-1"})
    press(drawing, Qt.Key.Key_C)
    drawing.hand.move(canvas.seen_rect().bottomRight() - QPointF(4, 4))
    press(drawing, Qt.Key.Key_V)
    assert canvas.seen_rect().contains(canvas.topology.rect_of("host-3"))


def test_duplicated_racks_stand_apart_in_view(
    person: Person, open_project: Callable[[Project], MainWindow], qtbot: QtBot
) -> None:
    open_project(
        Project.of(
            *(Host(f"host-{n}", f"h{n}", position=Position(400 * n, 0)) for n in (1, 2, 3)),
            Group("group-1", "Site", GroupKind.SITE),
            Group("group-2", "Rack", GroupKind.RACK, "group-1", ["host-1", "host-2"]),
        )
    )
    canvas = person.window.canvas
    canvas.reset_zoom()
    for place_id in ("group-1", "group-2"):
        person.window.selection.select(canvas.topology.together(place_id))
        press(person, Qt.Key.Key_D)
    boxes = canvas.topology.boxes
    outer = [item.rect for item in boxes.items.values() if item.place.parent_id is None]
    assert len(outer) == 3
    assert not any(a.intersects(b) for index, a in enumerate(outer) for b in outer[:index])
    assert not any(rect.intersects(canvas.topology.rect_of("host-3")) for rect in outer)
    assert canvas.seen_rect().contains(boxes.items[list(boxes.items)[-1]].rect)


def test_a_vm_is_pasted_on_the_host_below_the_pointer(drawing: Person) -> None:
    drawing.hand.click(drawing.chip("web-1"))
    press(drawing, Qt.Key.Key_C)
    drawing.hand.move(drawing.card("beta"))
    press(drawing, Qt.Key.Key_V)
    assert drawing.project.machines["vm-2"].host_id == "host-2"
    assert drawing.undo_text == "Undo paste web-2"


def test_between_windows_it_goes_as_json_text(drawing: Person, qtbot: QtBot) -> None:
    drawing.window.canvas.topology.select({"host-1"})
    press(drawing, Qt.Key.Key_C)
    value = json.loads(QApplication.clipboard().text())
    assert "alpha" in [row["name"] for row in value["tables"]["hosts"]]
    other = MainWindow()
    qtbot.addWidget(other, before_close_func=lambda window: window.document.open(Project(), None))
    other.show()
    qtbot.waitActive(other)
    QApplication.processEvents()  # shortcuts work from now on
    other.canvas.setFocus()
    QTest.keyClick(other, Qt.Key.Key_V, CTRL)
    assert [host.name for host in other.document.project.hosts.values()] == ["alpha"]
    assert [machine.name for machine in other.document.project.machines.values()] == ["web-1"]


@pytest.mark.parametrize("text", ["", "hello", '{"vmplanner project": "1.1", "tables": {"hosts": [{}]}}'])
def test_other_text_is_refused_in_a_sentence(drawing: Person, text: str) -> None:
    QApplication.clipboard().setText(text)
    press(drawing, Qt.Key.Key_V)
    assert drawing.project == PROJECT
    assert "clipboard" in drawing.window.statusBar().currentMessage()


def test_in_a_text_field_the_keys_mean_the_text(drawing: Person) -> None:
    drawing.hand.click(drawing.card("alpha"))
    field = drawing.window.inspector.findChild(type(drawing.window.find_bar.field))
    assert field is not None
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_C, CTRL)
    assert QApplication.clipboard().text() == "alpha"
