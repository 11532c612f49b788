"""Selecting many things at once: with a rectangle or with a line drawn around them.

Shift adds to what is selected; Ctrl takes what is selected out of it and adds the rest.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath

from vmplanner.ui.canvas.gesture import Gesture, Pointer
from vmplanner.ui.canvas.overlays import Band, Loop

if TYPE_CHECKING:
    from vmplanner.ui.canvas.view import TopologyView


class _Many(Gesture):
    """Selects what it has caught, together with what was selected before as the keys say."""

    scrolls = True

    def __init__(self, view: "TopologyView") -> None:
        super().__init__(view)
        self._before = self.scene.selected_ids
        self._adds = self._swaps = False

    def press(self, pointer: Pointer) -> None:
        self._adds = bool(pointer.modifiers & Qt.KeyboardModifier.ShiftModifier)
        self._swaps = pointer.with_ctrl
        self._catch(frozenset())

    def _catch(self, caught: frozenset[str]) -> None:
        if self._swaps:
            self.scene.select(self._before ^ caught)
        else:
            self.scene.select(self._before | caught if self._adds else caught)

    def release(self, pointer: Pointer) -> None:
        self.end()

    def cancel(self) -> None:
        self.scene.select(self._before)
        super().cancel()


class RubberBand(_Many):
    """Drag a rectangle over what shall be selected."""

    def __init__(self, view: "TopologyView") -> None:
        super().__init__(view)
        self._start = QPointF()
        self._band = Band()
        self.float(self._band)

    def press(self, pointer: Pointer) -> None:
        self._start = pointer.scene
        super().press(pointer)

    def move(self, pointer: Pointer) -> None:
        rect = QRectF(self._start, pointer.scene).normalized()
        self._band.set_rect(rect)
        self._catch(frozenset(self.scene.ids_in(rect)))


class Lasso(_Many):
    """Draw a line around what shall be selected: cards and VMs whose middles lie inside, and the links between them.
    As a mode it waits for the button to go down.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: "TopologyView", *, waits: bool = False) -> None:
        super().__init__(view)
        self._path: QPainterPath | None = None
        self._loop = Loop()
        self.float(self._loop)
        if waits:
            self.mode = {"kind": "lasso", "name": ""}
            self.hint = "Draw around what shall be selected. Shift adds, Ctrl takes out. Esc cancels."

    def press(self, pointer: Pointer) -> None:
        self._path = QPainterPath(pointer.scene)
        super().press(pointer)

    def move(self, pointer: Pointer) -> None:
        if self._path is not None:
            self._path.lineTo(pointer.scene)
            self._loop.set_path(self._path)
            self._catch(self._inside(self._path))

    def release(self, pointer: Pointer) -> None:
        if self._path is not None:
            self.end()

    def _inside(self, path: QPainterPath) -> frozenset[str]:
        project, around = self.scene.document.project, path.boundingRect()

        def holds(point: QPointF) -> bool:
            return around.contains(point) and path.contains(point)

        cards = {i: item.scene_card() for i, item in self.scene.nodes.items() if item.isVisible()}
        host = next((i for i, card in cards.items() if card.contains(around) and i in project.hosts), None)
        if host is not None:
            inside = project.machines_on(host)
            return frozenset(m.id for m in inside if holds(self.scene.chip_rect(m.id).center()))
        caught = {node_id for node_id, card in cards.items() if holds(card.center())}
        links = {i for i, link in project.links.items() if link.end_a_id in caught and link.end_b_id in caught}
        return frozenset(caught | links)
