"""What a user gets from drawing with the mouse and the keyboard."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication

from tests.ui.canvas.conftest import CTRL, SHIFT, Hand
from vmplanner.domain.topology import Position
from vmplanner.ui.canvas.geometry import Side
from vmplanner.ui.canvas.view import TopologyView

EMPTY = QPointF(200, -150)


def _undo_texts(view: TopologyView) -> list[str]:
    stack = view.document.undo_stack
    return [stack.text(index) for index in range(stack.count())]


def _moves(view: TopologyView) -> dict[str, str]:
    return {move.vm_id: move.target_id for move in view.document.project.plan.migrations}


class TestSelecting:
    def test_a_click_selects_each_sort_of_thing(self, view: TopologyView, hand: Hand) -> None:
        link, arrow = view.topology.link_item("link-1"), view.topology.arrow("migration-1")
        assert link is not None
        assert arrow is not None
        for point, thing_id in (
            (hand.card("host-1"), "host-1"),
            (hand.card("switch-1"), "switch-1"),
            (hand.chip("vm-1"), "vm-1"),
            (link.path.pointAtPercent(0.2), "link-1"),
            (arrow.path.pointAtPercent(0.7), "migration-1"),
        ):
            hand.click(point)
            assert view.topology.selected_ids == {thing_id}

    def test_ctrl_click_toggles(self, view: TopologyView, hand: Hand) -> None:
        hand.click(hand.chip("vm-1"))
        hand.click(hand.chip("vm-2"), CTRL)
        assert view.topology.selected_ids == {"vm-1", "vm-2"}
        hand.click(hand.chip("vm-1"), CTRL)
        assert view.topology.selected_ids == {"vm-2"}

    def test_a_click_on_one_of_several_selects_it_alone(self, view: TopologyView, hand: Hand) -> None:
        view.topology.select({"vm-1", "vm-2"})
        hand.click(hand.chip("vm-1"))
        assert view.topology.selected_ids == {"vm-1"}

    def test_select_all_and_escape(self, view: TopologyView, hand: Hand) -> None:
        hand.key(Qt.Key.Key_A, CTRL)
        assert view.topology.selected_ids == view.topology.all_ids()
        assert {"host-1", "switch-1", "link-1", "vm-1", "migration-1"} <= view.topology.selected_ids
        hand.key(Qt.Key.Key_Escape)
        assert view.topology.selected_ids == frozenset()

    def test_each_change_is_told_once(self, view: TopologyView, hand: Hand) -> None:
        spy = QSignalSpy(view.topology.selection_changed)
        hand.click(hand.chip("vm-1"))
        hand.click(hand.chip("vm-1"))
        assert [spy.at(index) for index in range(spy.count())] == [[frozenset({"vm-1"})]]

    def test_a_rubber_band_takes_what_it_touches(self, view: TopologyView, hand: Hand) -> None:
        hand.drag(QPointF(-200, -150), QPointF(450, 20))
        assert view.topology.selected_ids == {"host-1", "host-2", "link-1"}
        assert not _undo_texts(view)

    def test_a_rubber_band_with_ctrl_adds(self, view: TopologyView, hand: Hand) -> None:
        view.topology.select({"vm-1"})
        hand.drag(QPointF(250, 250), QPointF(420, 330), CTRL)
        assert view.topology.selected_ids == {"vm-1", "switch-1"}

    def test_a_rubber_band_inside_a_card_takes_its_vms(self, view: TopologyView, hand: Hand) -> None:
        first, last = view.topology.chip_rect("vm-3"), view.topology.chip_rect("vm-1")
        hand.drag(first.topLeft() + QPointF(4, 4), last.center(), SHIFT)
        assert view.topology.selected_ids == {"vm-1", "vm-3"}

    def test_escape_gives_the_selection_back(self, view: TopologyView, hand: Hand) -> None:
        view.topology.select({"vm-1"})
        hand.carry(QPointF(-200, -150), QPointF(450, 20))
        hand.key(Qt.Key.Key_Escape)
        hand.release(QPointF(450, 20))
        assert view.topology.selected_ids == {"vm-1"}


class TestMovingNodes:
    def test_it_snaps_and_is_undone_in_one_step(self, view: TopologyView, hand: Hand) -> None:
        start = hand.card("host-1")
        hand.drag(start, start + QPointF(101, -42))
        assert view.document.project.hosts["host-1"].position == Position(104, -40)
        assert _undo_texts(view) == ["Move alpha"]
        view.document.undo_stack.undo()
        assert view.document.project.hosts["host-1"].position == Position(0, 0)
        item = view.topology.node_item("host-1")
        assert item is not None
        assert item.pos() == QPointF(0, 0)

    def test_all_that_is_selected_moves_along(self, view: TopologyView, hand: Hand) -> None:
        view.topology.select({"host-1", "switch-1"})
        start = hand.card("host-1")
        hand.drag(start, start + QPointF(16, 32))
        assert view.document.project.switches["switch-1"].position == Position(416, 352)
        assert _undo_texts(view) == ["Move 2 items"]

    def test_escape_puts_everything_back(self, view: TopologyView, hand: Hand) -> None:
        before = view.document.project
        start = hand.card("host-1")
        hand.carry(start, start + QPointF(80, 80))
        hand.key(Qt.Key.Key_Escape)
        hand.release(start + QPointF(80, 80))
        item = view.topology.node_item("host-1")
        assert item is not None
        assert item.pos() == QPointF(0, 0)
        assert view.document.project == before
        assert not _undo_texts(view)

    def test_links_follow_while_it_moves(self, view: TopologyView, hand: Hand) -> None:
        link = view.topology.link_item("link-1")
        assert link is not None
        start = hand.card("host-2")
        hand.carry(start, start + QPointF(80, 40))
        assert hand.port("host-2", Side.LEFT) in (link.path.pointAtPercent(0.0), link.path.pointAtPercent(1.0))
        hand.key(Qt.Key.Key_Escape)

    def test_an_edit_from_elsewhere_ends_the_drag(self, view: TopologyView, hand: Hand) -> None:
        start = hand.card("host-1")
        hand.carry(start, start + QPointF(80, 80))
        view.topology.select({"host-2"})
        view.editor.delete_selected()
        hand.release(start + QPointF(80, 80))
        assert view.document.project.hosts["host-1"].position == Position(0, 0)
        assert _undo_texts(view) == ["Delete beta and 1 link"]

    def test_arrow_keys_move_by_the_grid(self, view: TopologyView, hand: Hand) -> None:
        hand.click(hand.card("host-1"))
        hand.key(Qt.Key.Key_Right)
        hand.key(Qt.Key.Key_Up)
        assert view.document.project.hosts["host-1"].position == Position(8, -8)
        assert _undo_texts(view) == ["Move alpha", "Move alpha"]


class TestLinking:
    def test_a_link_is_drawn_from_a_handle(self, view: TopologyView, hand: Hand) -> None:
        hand.move(hand.card("host-3"))
        hand.drag(hand.port("host-3", Side.RIGHT), hand.card("switch-1"))
        link = view.document.project.links["link-2"]
        assert {link.end_a_id, link.end_b_id} == {"host-3", "switch-1"}
        assert _undo_texts(view) == ["Link gamma and core"]
        assert view.topology.selected_ids == {"link-2"}

    @pytest.mark.parametrize("end", [EMPTY, QPointF(0, 320)], ids=["nowhere", "its own card"])
    def test_a_link_needs_another_end(self, view: TopologyView, hand: Hand, end: QPointF) -> None:
        hand.move(hand.card("host-3"))
        hand.drag(hand.port("host-3", Side.TOP), end)
        assert not _undo_texts(view)

    def test_escape_drops_the_line(self, view: TopologyView, hand: Hand) -> None:
        hand.move(hand.card("host-3"))
        hand.carry(hand.port("host-3", Side.RIGHT), hand.card("switch-1"))
        hand.key(Qt.Key.Key_Escape)
        hand.release(hand.card("switch-1"))
        assert not _undo_texts(view)

    def test_link_mode_takes_two_clicks(self, view: TopologyView, hand: Hand) -> None:
        view.start_link_mode()
        hand.click(hand.card("host-2"))
        hand.move(hand.card("switch-1"))
        hand.click(hand.card("switch-1"))
        assert _undo_texts(view) == ["Link beta and core"]
        hand.click(hand.card("host-1"))
        assert view.topology.selected_ids == {"host-1"}

    def test_link_mode_takes_a_drag_too(self, view: TopologyView, hand: Hand) -> None:
        view.start_link_mode()
        hand.drag(hand.card("host-2"), hand.card("switch-1"))
        assert _undo_texts(view) == ["Link beta and core"]

    def test_with_ctrl_link_mode_goes_on(self, view: TopologyView, hand: Hand) -> None:
        view.start_link_mode()
        hand.click(hand.card("host-2"))
        assert "Ctrl" in view.hint_bar.text()
        hand.click(hand.card("switch-1"), CTRL)
        hand.click(hand.card("host-3"))
        hand.click(hand.card("switch-1"))
        assert _undo_texts(view) == ["Link beta and core", "Link gamma and core"]
        assert not view.hint_bar.isVisible()

    def test_escape_leaves_link_mode(self, view: TopologyView, hand: Hand) -> None:
        view.start_link_mode()
        hand.click(hand.card("host-2"))
        hand.key(Qt.Key.Key_Escape)
        hand.click(hand.card("switch-1"))
        assert not _undo_texts(view)
        assert view.topology.selected_ids == {"switch-1"}


class TestMovingMachines:
    def test_dropping_a_vm_on_a_host_plans_its_move(self, view: TopologyView, hand: Hand) -> None:
        hand.drag(hand.chip("vm-1"), hand.card("host-2"))
        assert _moves(view) == {"vm-3": "host-2", "vm-1": "host-2"}
        assert view.document.project.machines["vm-1"].host_id == "host-1"
        assert _undo_texts(view) == ["Plan to move web-1 to beta"]
        assert view.topology.arrow("migration-2") is not None
        view.document.undo_stack.undo()
        assert _moves(view) == {"vm-3": "host-2"}
        assert view.topology.arrow("migration-2") is None

    def test_with_ctrl_it_is_placed(self, view: TopologyView, hand: Hand) -> None:
        hand.drag(hand.chip("vm-1"), hand.card("host-2"), CTRL)
        assert view.document.project.machines["vm-1"].host_id == "host-2"
        assert _moves(view) == {"vm-3": "host-2"}
        assert _undo_texts(view) == ["Place web-1 on beta"]
        assert view.topology.hit(view.topology.chip_rect("vm-1").center()).node_id == "host-2"

    def test_ctrl_pressed_at_the_end_counts(self, view: TopologyView, hand: Hand) -> None:
        hand.carry(hand.chip("vm-1"), hand.card("host-2"))
        QTest.keyPress(view, Qt.Key.Key_Control)
        hand.release(hand.card("host-2"), CTRL)
        QTest.keyRelease(view, Qt.Key.Key_Control)
        assert _undo_texts(view) == ["Place web-1 on beta"]

    def test_selected_vms_move_together(self, view: TopologyView, hand: Hand) -> None:
        hand.click(hand.chip("vm-1"))
        hand.click(hand.chip("vm-2"), CTRL)
        hand.drag(hand.chip("vm-2"), hand.card("host-3"))
        assert _moves(view) == {"vm-3": "host-2", "vm-1": "host-3", "vm-2": "host-3"}
        assert _undo_texts(view) == ["Plan to move 2 VMs to gamma"]

    def test_dropped_on_its_own_host_it_stays(self, view: TopologyView, hand: Hand) -> None:
        hand.drag(hand.chip("vm-3"), hand.card("host-1"))
        assert _moves(view) == {}
        assert _undo_texts(view) == ["Keep db-1 on alpha"]

    @pytest.mark.parametrize("end", [EMPTY, QPointF(400, 320)], ids=["nowhere", "a switch"])
    def test_dropped_elsewhere_nothing_happens(self, view: TopologyView, hand: Hand, end: QPointF) -> None:
        hand.drag(hand.chip("vm-1"), end)
        assert not _undo_texts(view)

    def test_escape_drops_nothing(self, view: TopologyView, hand: Hand) -> None:
        hand.carry(hand.chip("vm-1"), hand.card("host-2"))
        hand.key(Qt.Key.Key_Escape)
        hand.release(hand.card("host-2"))
        assert not _undo_texts(view)

    def test_the_arrow_can_be_taken_away_by_menu(self, view: TopologyView, hand: Hand) -> None:
        view.topology.select({"migration-1"})
        menu = view.context_menu()
        assert [action.text() for action in menu.actions() if action.text()] == [
            "Keep on its host",
            "Cut",
            "Copy",
            "Paste",
            "Duplicate",
            "Delete",
            "Zoom to fit",
        ]
        menu.actions()[0].trigger()
        assert _undo_texts(view) == ["Keep db-1 on alpha"]


class TestDeleting:
    @pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
    def test_delete_and_undo(self, view: TopologyView, hand: Hand, key: Qt.Key) -> None:
        before = view.document.project
        hand.click(hand.card("host-1"))
        hand.key(key)
        assert set(view.document.project.hosts) == {"host-2", "host-3"}
        assert not view.document.project.machines
        assert _undo_texts(view) == ["Delete alpha, 3 VMs and 1 link"]
        assert view.topology.selected_ids == frozenset()
        assert view.topology.all_ids() == {"host-2", "host-3", "switch-1"}
        view.document.undo_stack.undo()
        assert view.document.project.hosts.keys() == before.hosts.keys()
        assert {"vm-1", "link-1", "migration-1"} <= view.topology.all_ids()

    def test_deleting_an_arrow_keeps_its_vm(self, view: TopologyView, hand: Hand) -> None:
        view.topology.select({"migration-1"})
        hand.key(Qt.Key.Key_Delete)
        assert "vm-3" in view.document.project.machines
        assert _undo_texts(view) == ["Delete 1 planned move"]

    def test_without_a_selection_nothing_happens(self, view: TopologyView, hand: Hand) -> None:
        hand.key(Qt.Key.Key_Delete)
        assert not _undo_texts(view)


class TestLooking:
    def test_the_wheel_zooms_to_the_pointer(self, view: TopologyView, hand: Hand) -> None:
        corner = QPointF(300, 100)
        before = view.mapFromScene(corner)
        hand.wheel(corner, 240)
        assert view.zoom > 1.3
        assert (view.mapFromScene(corner) - before).manhattanLength() <= 3

    @pytest.mark.parametrize(("delta", "bound"), [(120_000, 4.0), (-120_000, 0.02)])
    def test_zoom_has_bounds(self, view: TopologyView, hand: Hand, delta: int, bound: float) -> None:
        hand.wheel(QPointF(), delta)
        assert view.zoom == pytest.approx(bound)

    def test_keys_zoom(self, view: TopologyView, hand: Hand) -> None:
        hand.key(Qt.Key.Key_Plus)
        assert view.zoom == pytest.approx(1.25)
        hand.key(Qt.Key.Key_Minus)
        hand.key(Qt.Key.Key_Minus)
        assert view.zoom == pytest.approx(0.8)
        hand.key(Qt.Key.Key_0)
        assert view.zoom == 1.0

    def test_fit_shows_everything(self, view: TopologyView, hand: Hand) -> None:
        view.resize(400, 300)
        hand.key(Qt.Key.Key_F)
        shown = view.mapToScene(view.viewport().rect()).boundingRect()
        assert shown.contains(view.topology.content_rect())

    @pytest.mark.parametrize("with_space", [True, False], ids=["space", "middle button"])
    def test_panning(self, view: TopologyView, hand: Hand, with_space: bool) -> None:
        button = Qt.MouseButton.LeftButton if with_space else Qt.MouseButton.MiddleButton
        host = view.mapFromScene(QPointF())
        if with_space:
            QTest.keyPress(view, Qt.Key.Key_Space)
        hand.press(hand.card("host-1"), button=button)
        hand.move(hand.card("host-1") + QPointF(60, 30))
        hand.release(hand.card("host-1"), button=button)
        if with_space:
            QTest.keyRelease(view, Qt.Key.Key_Space)
        moved = view.mapFromScene(QPointF()) - host
        assert (moved.x(), moved.y()) == (60, 30)
        assert not _undo_texts(view)


def _pinch(view: TopologyView, point: QPointF, value: float) -> None:
    """Two fingers on a touchpad that move apart, or together for values below 0."""
    at = QPointF(view.mapFromScene(point))
    everywhere = view.viewport().mapToGlobal(at)
    zoom = Qt.NativeGestureType.ZoomNativeGesture
    device = QPointingDevice.primaryPointingDevice()
    QApplication.sendEvent(
        view.viewport(), QNativeGestureEvent(zoom, device, 2, at, at, everywhere, value, QPointF(), 1)
    )


def test_two_fingers_that_move_apart_zoom_at_the_pointer(view: TopologyView, hand: Hand) -> None:
    point = hand.card("host-2")
    before = view.mapFromScene(point)
    _pinch(view, point, 0.25)
    assert view.zoom == pytest.approx(1.25)
    assert (view.mapFromScene(point) - before).manhattanLength() <= 2
    _pinch(view, point, -0.2)
    assert view.zoom == pytest.approx(1.0)
