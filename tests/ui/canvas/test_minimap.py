"""What a user gets from the small overview in the corner of the canvas."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from vmplanner.domain import edits
from vmplanner.domain.topology import Position
from vmplanner.ui.canvas.minimap import Minimap
from vmplanner.ui.canvas.view import TopologyView

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def minimap(view: TopologyView, qtbot: QtBot) -> Minimap:
    view.fit()
    minimap = Minimap(view)
    minimap.refresh()
    return minimap


def test_it_is_there_when_something_is_out_of_view(minimap: Minimap, view: TopologyView, qtbot: QtBot) -> None:
    assert not minimap.isVisible()
    view.document.push(edits.add_host(view.document.project, Position(5000, 3000)))
    qtbot.waitUntil(minimap.isVisible)
    view.fit()
    assert not minimap.isVisible()
    view.reset_zoom()
    assert minimap.isVisible()
    assert view.rect().contains(minimap.geometry())


def test_a_click_and_a_drag_move_the_view(minimap: Minimap, view: TopologyView) -> None:
    view.document.push(edits.add_host(view.document.project, Position(5000, 3000)))
    minimap.refresh()
    for point in (QPoint(150, 90), QPoint(40, 30)):
        QTest.mouseClick(minimap, LEFT, pos=point)
        away = view.seen_rect().center() - minimap.at(point.toPointF())
        assert away.manhattanLength() < 8
    QTest.mousePress(minimap, LEFT, pos=QPoint(40, 30))
    QTest.mouseMove(minimap, QPoint(120, 80))
    QTest.mouseRelease(minimap, LEFT, pos=QPoint(120, 80))
    assert (view.seen_rect().center() - minimap.at(QPoint(120, 80).toPointF())).manhattanLength() < 8


def test_it_is_no_larger_than_its_picture(minimap: Minimap, view: TopologyView) -> None:
    view.document.push(edits.add_host(view.document.project, Position(9000, 0)))
    minimap.refresh()
    assert minimap.width() == 192
    assert minimap.height() < 64
    drawn = minimap.shown_at(view.topology.content_rect())
    assert minimap.rect().toRectF().contains(drawn)


def test_on_a_small_canvas_it_covers_nothing(minimap: Minimap, view: TopologyView) -> None:
    view.reset_zoom()
    view.document.push(edits.add_host(view.document.project, Position(5000, 3000)))
    minimap.refresh()
    assert minimap.isVisible()
    view.resize(330, 200)
    minimap.refresh()
    assert not minimap.isVisible()
