"""What a user gets from snapping, from a lasso and rubber bands with keys, and from a touchpad."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from tests.ui.canvas.conftest import CTRL, SHIFT, Hand
from vmplanner.domain.topology import Position
from vmplanner.ui.canvas.overlays import Guides
from vmplanner.ui.canvas.snapping import Snapping
from vmplanner.ui.canvas.view import TopologyView

ALT = Qt.KeyboardModifier.AltModifier


def guides(view: TopologyView) -> list[Guides]:
    return [item for item in view.topology.items() if isinstance(item, Guides) and item.lines]


class TestSnapping:
    def test_a_card_stops_in_line_with_another(self, view: TopologyView, hand: Hand) -> None:
        start = hand.card("host-3")
        hand.carry(start, start + QPointF(797, -317))
        [shown] = guides(view)
        assert [(line.y1(), line.y2()) for line in shown.lines if line.y1() == line.y2()]
        hand.release(start + QPointF(797, -317))
        assert view.document.project.hosts["host-3"].position.y == 0
        assert not guides(view)

    def test_alt_turns_it_off(self, view: TopologyView, hand: Hand) -> None:
        start = hand.card("host-3")
        hand.drag(start, start + QPointF(797, -317), ALT)
        assert view.document.project.hosts["host-3"].position == Position(797, 3)

    def test_escape_takes_the_lines_away(self, view: TopologyView, hand: Hand) -> None:
        start = hand.card("host-3")
        hand.carry(start, start + QPointF(797, -317))
        hand.key(Qt.Key.Key_Escape)
        assert not guides(view)
        assert view.document.project.hosts["host-3"].position == Position(0, 320)

    def test_centres_count_too_but_only_of_what_is_seen(self) -> None:
        snapping = Snapping([QRectF(0, 0, 100, 50)])
        card = QRectF(28, 403, 50, 50)
        end, lines = snapping.snap(card, QPointF(28, 403), 1.0, QRectF(-500, -500, 2000, 2000))
        assert end == QPointF(25, 400)
        assert [line.x1() for line in lines] == [50]
        end, lines = snapping.snap(card, QPointF(28, 403), 1.0, QRectF(200, 200, 300, 300))
        assert (end, lines) == (QPointF(32, 400), [])


def draw_around(hand: Hand, rect: QRectF, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    hand.press(rect.topLeft(), keys)
    for corner in (rect.topRight(), rect.bottomRight(), rect.bottomLeft(), rect.topLeft()):
        hand.move(corner, keys)
    hand.release(rect.topLeft(), keys)


class TestLasso:
    LEFT_HALF = QRectF(-200, -150, 400, 700)

    def test_alt_draws_around_cards(self, view: TopologyView, hand: Hand) -> None:
        draw_around(hand, self.LEFT_HALF, ALT)
        assert view.topology.selected_ids == {"host-1", "host-3"}

    def test_links_between_caught_cards_come_along(self, view: TopologyView, hand: Hand) -> None:
        draw_around(hand, QRectF(-200, -150, 800, 330), ALT)
        assert view.topology.selected_ids == {"host-1", "host-2", "link-1"}

    def test_as_a_mode(self, view: TopologyView, hand: Hand) -> None:
        view.start_lasso()
        assert "Draw around" in view.hint_bar.text()
        draw_around(hand, self.LEFT_HALF)
        assert view.topology.selected_ids == {"host-1", "host-3"}
        assert view.hint_bar.text() == ""

    def test_shift_adds_and_ctrl_takes_out(self, view: TopologyView, hand: Hand) -> None:
        view.topology.select({"host-1", "switch-1"})
        view.start_lasso()
        draw_around(hand, self.LEFT_HALF, SHIFT)
        assert view.topology.selected_ids == {"host-1", "host-3", "switch-1"}
        view.start_lasso()
        draw_around(hand, QRectF(-200, 150, 400, 400), CTRL)
        assert view.topology.selected_ids == {"host-1", "switch-1"}

    def test_escape_gives_the_selection_back(self, view: TopologyView, hand: Hand) -> None:
        view.topology.select({"vm-1"})
        hand.press(QPointF(-200, -150), ALT)
        for corner in (QPointF(200, -150), QPointF(200, 600), QPointF(-200, 600)):
            hand.move(corner, ALT)
        hand.key(Qt.Key.Key_Escape)
        assert view.topology.selected_ids == {"vm-1"}


class TestRubberBand:
    def test_shift_adds(self, view: TopologyView, hand: Hand) -> None:
        view.topology.select({"vm-1"})
        hand.drag(QPointF(250, 250), QPointF(420, 330), SHIFT)
        assert view.topology.selected_ids == {"vm-1", "switch-1"}

    def test_ctrl_takes_out(self, view: TopologyView, hand: Hand) -> None:
        view.topology.select({"vm-1", "switch-1"})
        hand.drag(QPointF(250, 250), QPointF(420, 330), CTRL)
        assert view.topology.selected_ids == {"vm-1"}


class TestTouchpad:
    @pytest.mark.parametrize("with_ctrl", [False, True])
    def test_two_fingers_pan_and_zoom_with_ctrl(self, view: TopologyView, with_ctrl: bool) -> None:
        before, at = view.mapFromScene(QPointF()), QPointF(300, 300)
        keys = CTRL if with_ctrl else Qt.KeyboardModifier.NoModifier
        event = QWheelEvent(
            at,
            view.viewport().mapToGlobal(at),
            QPoint(-30, 40),
            QPoint(-60, 80),
            Qt.MouseButton.NoButton,
            keys,
            Qt.ScrollPhase.ScrollUpdate,
            False,
        )
        assert event.type() == QEvent.Type.Wheel
        QApplication.sendEvent(view.viewport(), event)
        if with_ctrl:
            assert view.zoom > 1
        else:
            moved = view.mapFromScene(QPointF()) - before
            assert (view.zoom, moved.x(), moved.y()) == (1, -30, 40)


def test_zoom_to_the_selection(view: TopologyView) -> None:
    view.topology.select({"host-2"})
    view.fit_selection()
    assert view.seen_rect().contains(view.topology.rect_of("host-2"))
    assert (view.seen_rect().center() - view.topology.rect_of("host-2").center()).manhattanLength() < 4
