"""What a hand can do on the canvas with sites and racks: move one with all that lies in it, resize it, and drop hosts
into it.
"""

from collections.abc import Set
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from vmplanner.domain.groups import GroupKind
from vmplanner.ui.canvas import geometry
from vmplanner.ui.canvas.gesture import Gesture, Pointer

if TYPE_CHECKING:
    from vmplanner.ui.canvas.view import TopologyView


class Drop:
    """What a drag of cards means for the places they lie in: `host_ids` of them would go into `place_id`, None: out of
    their places. Boxes stay as they are meanwhile (`holds_boxes`), so that a host can leave its own. All hosts of a
    place together take it along.
    """

    def __init__(self, gesture: Gesture, node_ids: Set[str]) -> None:
        self._gesture = gesture
        self._scene = gesture.scene
        boxes, hosts = self._scene.boxes, self._scene.document.project.hosts
        whole = {item.place.id for item in boxes.items.values() if len(item.node_ids) > 1 and item.node_ids <= node_ids}
        self._hosts = {i for i in node_ids if i in hosts and boxes.places.place_of.get(i) not in whole}
        self.host_ids: frozenset[str] = frozenset()
        self.place_id: str | None = None
        self.holds_boxes = False

    def follow(self, pointer: Pointer) -> None:
        """The pointer is here now."""
        if not self._hosts or not self._scene.boxes.items:
            return
        self.forget()
        self.holds_boxes = not pointer.with_alt
        if self.holds_boxes:
            place_of = self._scene.boxes.places.place_of
            self.place_id = self._scene.boxes.place_at(pointer.scene)
            self.host_ids = frozenset(i for i in self._hosts if place_of.get(i) != self.place_id)
        self._scene.set_drop_target(self.place_id if self.host_ids else None)
        self._gesture.say(self._hint())

    def forget(self) -> None:
        """Nothing changes places."""
        self.host_ids, self.place_id, self.holds_boxes = frozenset(), None, False

    def _hint(self) -> str:
        groups = self._scene.document.project.groups
        if not self.host_ids:
            return ""
        if self.place_id is not None:
            return f"Into {groups[self.place_id].name}. Hold Alt to only move."
        place_of = self._scene.boxes.places.place_of
        left = sorted({groups[place_of[i]].name for i in self.host_ids})
        return f"Out of {' and '.join(left)}. Hold Alt to only move."


class MovePlace(Gesture):
    """Drag a place by its header, with all that lies in it. Dropped in a site it becomes a part of that, outside of
    its own no more, unless Alt is held.
    """

    cursor = Qt.CursorShape.SizeAllCursor
    scrolls = True

    def __init__(self, view: "TopologyView", place_id: str) -> None:
        super().__init__(view)
        boxes = self.scene.boxes
        self._place = boxes.items[place_id]
        self._inner = {place_id, *boxes.places.inside(place_id)[1]}
        self._items = {i: item for i in self._place.node_ids if (item := self.scene.node_item(i)) is not None}
        self._before = {node_id: item.pos() for node_id, item in self._items.items()}
        self._corner = self._place.rect.topLeft()
        self._start = QPointF()
        self._offset = QPointF()
        self._parent_id = boxes.places.parent_of.get(place_id)

    def press(self, pointer: Pointer) -> None:
        self._start = pointer.scene

    def move(self, pointer: Pointer) -> None:
        self._shift(geometry.snapped(self._corner + pointer.scene - self._start) - self._corner)
        own = self._place.place.parent_id
        self._parent_id = own if pointer.with_alt else self._site_at(pointer.scene)
        self.scene.set_drop_target(self._parent_id if self._parent_id != own else None)
        groups, hint = self.view.document.project.groups, ""
        if self._parent_id != own:
            hint = f"Into {groups[self._parent_id].name}" if self._parent_id else f"Out of {groups[own or ''].name}"
        self.say(f"{hint}. Hold Alt to only move." if hint else "")

    def _site_at(self, point: QPointF) -> str | None:
        """The site here that the place may be a part of. Its own site is as large as it was without it."""
        boxes = self.scene.boxes
        for item in boxes.shown():
            room = item.rect
            if item.place.id == self._place.place.parent_id and item.place.frame is None:
                room = boxes.content(item.place.id, {self._place.place.id}).united(self._home())
            if item.place.kind is GroupKind.SITE and item.place.id not in self._inner and room.contains(point):
                return item.place.id
        return None

    def _home(self) -> QRectF:
        """Where the place was."""
        return self._place.rect.translated(-self._offset)

    def release(self, pointer: Pointer) -> None:
        self.move(pointer)
        offset, parent_id = self._offset, self._parent_id
        self.end()
        self.scene.boxes.shift((), QPointF())
        self.view.editor.move_place(self._place.place.id, offset, parent_id)

    def cancel(self) -> None:
        self._shift(QPointF())
        self.scene.boxes.shift((), QPointF())
        super().cancel()

    def _shift(self, offset: QPointF) -> None:
        self._offset = offset
        self.scene.boxes.shift(self._inner, offset)
        for node_id, item in self._items.items():
            item.setPos(self._before[node_id] + offset)
        self.scene.places_moved(self._inner)
        self.scene.nodes_moved(self._items)


class ResizePlace(Gesture):
    """Drag the lower right corner of a place's box: it is at least so large from then on."""

    cursor = Qt.CursorShape.SizeFDiagCursor
    scrolls = True

    def __init__(self, view: "TopologyView", place_id: str) -> None:
        super().__init__(view)
        self._place_id = place_id
        self._before = self.scene.boxes.items[place_id].rect
        self._least = self.scene.boxes.content(place_id)
        self._rect = self._before

    def move(self, pointer: Pointer) -> None:
        rect = QRectF(self._before.topLeft(), geometry.snapped(pointer.scene))
        self._show(rect.united(self._least) if rect.isValid() else self._least)

    def release(self, pointer: Pointer) -> None:
        self.move(pointer)
        rect = self._rect
        self.end()
        self.scene.boxes.resize(None, QRectF())
        self.view.editor.resize_place(self._place_id, None if rect == self._least else rect)

    def cancel(self) -> None:
        self.scene.boxes.resize(None, QRectF())
        self._show(self._before)
        super().cancel()

    def _show(self, rect: QRectF) -> None:
        self._rect = rect
        self.scene.boxes.resize(self._place_id, rect)
        self.scene.places_moved({self._place_id})
