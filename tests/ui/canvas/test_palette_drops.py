"""What a user gets from dragging or clicking things of the palette onto the canvas."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtTest import QSignalSpy

from tests.ui.canvas.conftest import Hand
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.topology import Position
from vmplanner.ui.canvas.geometry import Side
from vmplanner.ui.canvas.payload import PALETTE_MIME, to_mime
from vmplanner.ui.canvas.view import TopologyView

FREE = QPointF(205, 163)
WEB_SERVER = {"kind": "profile", "name": "Web server"}


def test_a_host_dropped_on_the_canvas_is_added_there(view: TopologyView, hand: Hand) -> None:
    assert hand.drop(to_mime({"kind": "host", "name": ""}), FREE)
    assert view.document.project.hosts["host-4"].position == Position(208, 160)
    assert view.document.undo_stack.undoText() == "Add host-1"
    assert view.topology.selected_ids == {"host-4"}
    view.document.undo_stack.undo()
    assert "host-4" not in view.topology.all_ids()


def test_a_switch_can_be_dropped(view: TopologyView, hand: Hand) -> None:
    assert hand.drop(to_mime({"kind": "switch", "name": ""}), FREE)
    assert view.document.undo_stack.undoText() == "Add switch-1"


def test_a_storage_can_be_dropped_and_linked(view: TopologyView, hand: Hand) -> None:
    assert hand.drop(to_mime({"kind": "storage", "name": ""}), FREE)
    assert view.document.undo_stack.undoText() == "Add storage-1"
    assert view.topology.selected_ids == {"storage-1"}
    hand.move(hand.card("storage-1"))
    hand.drag(hand.port("storage-1", Side.RIGHT), hand.card("host-2"))
    assert view.document.undo_stack.undoText() == "Link storage-1 and beta"
    assert view.topology.link_item("link-2") is not None


def test_a_profile_dropped_on_a_host_becomes_a_vm(view: TopologyView, hand: Hand) -> None:
    assert hand.drop(to_mime(WEB_SERVER), hand.card("host-2"))
    machine = view.document.project.machines["vm-4"]
    assert (machine.host_id, machine.memory_bytes, machine.profile.name) == ("host-2", 4 * GIB, "Web server")
    assert machine.profile.size_bytes == 2 * GIB
    assert view.document.undo_stack.undoText() == "Add web-server-1"


@pytest.mark.parametrize("name", ["Web server", "Unheard of"])
def test_where_a_vm_cannot_be_it_says_why(view: TopologyView, hand: Hand, name: str) -> None:
    told = QSignalSpy(view.told)
    hand.drop(to_mime({"kind": "profile", "name": name}), FREE)
    assert told.count() == 1
    assert view.document.undo_stack.count() == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'"host"',
        b"{}",
        b'{"kind": "bomb"}',
        b'{"kind": ["host"]}',
        b'{"kind": "profile", "name": 3}',
    ],
)
def test_what_is_not_understood_is_refused(view: TopologyView, hand: Hand, data: bytes) -> None:
    mime = QMimeData()
    mime.setData(PALETTE_MIME, data)
    assert not hand.drop(mime, FREE)


def test_text_from_elsewhere_is_refused(view: TopologyView, hand: Hand) -> None:
    mime = QMimeData()
    mime.setText("host")
    assert not hand.drop(mime, FREE)


def test_placing_by_click(view: TopologyView, hand: Hand) -> None:
    view.start_placing({"kind": "host", "name": ""})
    hand.move(FREE)
    hand.click(FREE)
    assert view.document.project.hosts["host-4"].position == Position(208, 160)
    hand.click(QPointF(205, -160))
    assert view.document.undo_stack.count() == 1


def test_placing_a_vm_waits_for_a_host(view: TopologyView, hand: Hand) -> None:
    view.start_placing(WEB_SERVER)
    told = QSignalSpy(view.told)
    hand.click(FREE)
    assert told.count() == 1
    hand.click(hand.card("host-3"))
    assert view.document.project.machines["vm-4"].host_id == "host-3"


def test_escape_ends_placing(view: TopologyView, hand: Hand) -> None:
    view.start_placing({"kind": "switch", "name": ""})
    hand.move(FREE)
    hand.key(Qt.Key.Key_Escape)
    hand.click(FREE)
    assert view.document.undo_stack.count() == 0


def test_a_right_click_ends_placing(view: TopologyView, hand: Hand) -> None:
    view.start_placing({"kind": "switch", "name": ""})
    hand.press(FREE, button=Qt.MouseButton.RightButton)
    hand.release(FREE, button=Qt.MouseButton.RightButton)
    hand.click(FREE)
    assert view.document.undo_stack.count() == 0


def test_choosing_the_link_starts_link_mode(view: TopologyView, hand: Hand) -> None:
    view.start_placing({"kind": "link", "name": ""})
    hand.click(hand.card("host-1"))
    hand.click(hand.card("switch-1"))
    assert view.document.undo_stack.undoText() == "Link alpha and core"


def test_an_empty_canvas_says_what_to_do(new_view: Callable[[Project], TopologyView]) -> None:
    view = new_view(Project())
    assert view.first_help.isVisible()
    assert Hand(view).drop(to_mime({"kind": "host", "name": ""}), QPointF())
    assert not view.first_help.isVisible()
