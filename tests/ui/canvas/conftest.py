"""A canvas in a window, and a hand that works it with real mouse and key events."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vmplanner.domain.machines import Piece, PieceKind, VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.topology import Host, Link, Position, Switch
from vmplanner.store.library import PieceTemplate, ProfileTemplate
from vmplanner.ui.canvas.geometry import Side
from vmplanner.ui.canvas.view import TopologyView
from vmplanner.ui.document import Document

NO_KEY = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
TEMPLATES = (
    ProfileTemplate(
        "Web server", "Page cache above all.", 4 * GIB, (PieceTemplate(Piece("files", PieceKind.PAGE_CACHE, 0), 0.5),)
    ),
    ProfileTemplate(
        "Database", "Buffers in memory.", 16 * GIB, (PieceTemplate(Piece("pool", PieceKind.DATABASE_BUFFERS, 0), 0.6),)
    ),
)


class Hand:
    """Sends the events of a mouse and a keyboard to the view. Points are in scene coordinates."""

    def __init__(self, view: TopologyView) -> None:
        self.view = view
        self._buttons = Qt.MouseButton.NoButton

    def press(self, point: QPointF, keys: Qt.KeyboardModifier = NO_KEY, button: Qt.MouseButton = LEFT) -> None:
        self._buttons |= button
        self._send(QEvent.Type.MouseButtonPress, point, button, keys)

    def move(self, point: QPointF, keys: Qt.KeyboardModifier = NO_KEY) -> None:
        self._send(QEvent.Type.MouseMove, point, Qt.MouseButton.NoButton, keys)

    def release(self, point: QPointF, keys: Qt.KeyboardModifier = NO_KEY, button: Qt.MouseButton = LEFT) -> None:
        self._buttons &= ~button
        self._send(QEvent.Type.MouseButtonRelease, point, button, keys)

    def click(self, point: QPointF, keys: Qt.KeyboardModifier = NO_KEY) -> None:
        self.press(point, keys)
        self.release(point, keys)

    def carry(self, start: QPointF, end: QPointF, keys: Qt.KeyboardModifier = NO_KEY) -> None:
        """Press at `start` and move to `end`, without letting go."""
        self.press(start, keys)
        for step in (0.25, 0.5, 1.0):
            self.move(start + (end - start) * step, keys)

    def drag(self, start: QPointF, end: QPointF, keys: Qt.KeyboardModifier = NO_KEY) -> None:
        self.carry(start, end, keys)
        self.release(end, keys)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NO_KEY) -> None:
        QTest.keyClick(self.view, key, keys)

    def wheel(self, point: QPointF, delta: int) -> None:
        at = QPointF(self.view.mapFromScene(point))
        everywhere = self.view.viewport().mapToGlobal(at)
        event = QWheelEvent(
            at,
            everywhere,
            QPoint(),
            QPoint(0, delta),
            Qt.MouseButton.NoButton,
            NO_KEY,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.view.viewport(), event)

    def drop(self, mime: QMimeData, point: QPointF) -> bool:
        """Drag from the palette and drop; returns whether the view would take it."""
        at = self.view.mapFromScene(point)
        enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, mime, LEFT, NO_KEY)
        QApplication.sendEvent(self.view.viewport(), enter)
        if not enter.isAccepted():
            return False
        drop = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, mime, LEFT, NO_KEY)
        QApplication.sendEvent(self.view.viewport(), drop)
        return drop.isAccepted()

    def card(self, node_id: str) -> QPointF:
        """A point of a card where nothing else is."""
        item = self.view.topology.node_item(node_id)
        assert item is not None
        return item.scene_card().topLeft() + QPointF(60, 12)

    def chip(self, machine_id: str) -> QPointF:
        return self.view.topology.chip_rect(machine_id).center()

    def port(self, node_id: str, side: Side) -> QPointF:
        item = self.view.topology.node_item(node_id)
        assert item is not None
        return item.port(side)

    def _send(self, kind: QEvent.Type, point: QPointF, button: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
        viewport = self.view.viewport()
        at = QPointF(self.view.mapFromScene(point))
        QApplication.sendEvent(viewport, QMouseEvent(kind, at, viewport.mapToGlobal(at), button, self._buttons, keys))


@pytest.fixture
def project() -> Project:
    """Two linked hosts with three VMs, one of which is planned to move, a third host and a switch."""
    return Project.of(
        Host("host-1", "alpha", position=Position(0, 0)),
        Host("host-2", "beta", position=Position(400, 0)),
        Host("host-3", "gamma", position=Position(0, 320)),
        Switch("switch-1", "core", Position(400, 320)),
        Link("link-1", "host-1", "host-2"),
        VirtualMachine("vm-1", "web-1", "host-1"),
        VirtualMachine("vm-2", "web-2", "host-1"),
        VirtualMachine("vm-3", "db-1", "host-1"),
        Plan("plan-1", "Plan", [Migration("migration-1", "vm-3", "host-2")]),
    )


@pytest.fixture
def new_view(qtbot: QtBot) -> Callable[[Project], TopologyView]:
    def new_view(project: Project) -> TopologyView:
        document = Document()
        document.open(project, None)
        view = TopologyView(document, TEMPLATES)
        qtbot.addWidget(view)
        view.resize(1280, 900)
        view.show()
        view.reset_zoom()
        view.setFocus()
        return view

    return new_view


@pytest.fixture
def view(new_view: Callable[[Project], TopologyView], project: Project) -> TopologyView:
    return new_view(project)


@pytest.fixture
def hand(view: TopologyView) -> Hand:
    return Hand(view)
