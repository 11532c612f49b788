"""What a hand can do on the canvas with cards, links and VMs: one gesture each."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QApplication

from vmplanner.ui.canvas import geometry
from vmplanner.ui.canvas.editing import NO_HOST, PREVIEW
from vmplanner.ui.canvas.gesture import Gesture, Pointer
from vmplanner.ui.canvas.hits import Hit
from vmplanner.ui.canvas.items import NodeItem
from vmplanner.ui.canvas.overlays import ChipGhost, Guides, LinkPreview, PlacingGhost
from vmplanner.ui.canvas.place_gestures import Drop, MovePlace
from vmplanner.ui.canvas.snapping import Snapping

if TYPE_CHECKING:
    from vmplanner.ui.canvas.view import TopologyView


class Press(Gesture):
    """A button went down on a thing: a click selects it, a drag becomes the gesture that suits the thing."""

    def __init__(self, view: "TopologyView", hit: Hit) -> None:
        super().__init__(view)
        self._thing_id = hit.thing_id or ""
        self._ids = self.scene.together(self._thing_id)
        self._is_badge = hit.is_badge
        self._start: Pointer | None = None

    def press(self, pointer: Pointer) -> None:
        self._start = pointer
        if not pointer.with_ctrl and not self._ids <= self.scene.selected_ids:
            self.scene.select(self._ids)

    def move(self, pointer: Pointer) -> None:
        start = self._start
        if start is None or (pointer.at - start.at).manhattanLength() < QApplication.startDragDistance():
            return
        if self.scene.is_preview:
            self.view.told.emit(PREVIEW)
            self.end()
            return
        project = self.view.document.project
        drag: type[MoveNodes] | type[DragMachines] | type[MovePlace] | None = None
        if project.node(self._thing_id):
            drag = MoveNodes
        elif self._thing_id in project.machines:
            drag = DragMachines
        elif self._thing_id in self.scene.boxes.items:
            drag = MovePlace
        if drag is not None:
            self.scene.select(self.scene.selected_ids | self._ids)
            self.end()
            gesture = drag(self.view, self._thing_id)
            self.view.begin(gesture, start)
            gesture.move(pointer)

    def release(self, pointer: Pointer) -> None:
        self.end()
        before = self.scene.selected_ids
        both = before - self._ids if self._ids <= before else before | self._ids
        self.scene.select(both if pointer.with_ctrl else self._ids)
        if self._is_badge:
            self.scene.tell_badge_clicked(self._thing_id)


class MoveNodes(Gesture):
    """Drag the selected cards; the grabbed one snaps to the edges and centres of others and to the grid, the others
    keep their places to it. Hosts go into the place that they are dropped in, or out of theirs. Alt turns both off.
    """

    cursor = Qt.CursorShape.SizeAllCursor
    scrolls = True

    def __init__(self, view: "TopologyView", grabbed_id: str) -> None:
        super().__init__(view)
        self._grabbed_id = grabbed_id
        self._start = QPointF()
        self._items = {i: item for i in self.scene.selected_ids if (item := self.scene.node_item(i)) is not None}
        self._before = {node_id: item.pos() for node_id, item in self._items.items()}
        self._drop = Drop(self, self._items.keys())
        others = (item for i, item in self.scene.nodes.items() if i not in self._items and item.isVisible())
        self._snapping = Snapping(item.scene_card() for item in others)
        self._guides = Guides()
        self.float(self._guides)

    def press(self, pointer: Pointer) -> None:
        self._start = pointer.scene

    def move(self, pointer: Pointer) -> None:
        grabbed = self._before[self._grabbed_id]
        self._drop.follow(pointer)
        self._shift(self._end(grabbed + pointer.scene - self._start, pointer.with_alt) - grabbed)

    def _end(self, position: QPointF, is_free: bool) -> QPointF:
        """Where the grabbed card goes when the pointer has it at `position`."""
        if is_free:
            self._guides.set_lines([])
            return position
        item = self._items[self._grabbed_id]
        card = item.card().translated(position)
        end, lines = self._snapping.snap(card, position, self.view.zoom, self.view.seen_rect())
        self._guides.set_lines(lines)
        return end

    def release(self, pointer: Pointer) -> None:
        self.move(pointer)
        self.end()
        places = {node_id: item.pos() for node_id, item in self._items.items()}
        if self._drop.host_ids:
            self.view.editor.move_into(places, self._drop.host_ids, self._drop.place_id)
        else:
            self.view.editor.move_nodes(places)

    def cancel(self) -> None:
        self._drop.forget()
        self._shift(QPointF())
        super().cancel()

    def _shift(self, offset: QPointF) -> None:
        for node_id, item in self._items.items():
            item.setPos(self._before[node_id] + offset)
        self.scene.nodes_moved(self._items, with_boxes=not self._drop.holds_boxes)


class DragMachines(Gesture):
    """Drag the selected VMs to a host: plans their moves, or with Ctrl puts them there at once."""

    cursor = Qt.CursorShape.ClosedHandCursor
    scrolls = True

    def __init__(self, view: "TopologyView", grabbed_id: str) -> None:
        super().__init__(view)
        machines = view.document.project.machines
        others = sorted(self.scene.selected_ids & machines.keys() - {grabbed_id})
        self._ids = [grabbed_id, *others]
        self._ghost = ChipGhost([machines[machine_id] for machine_id in self._ids])
        self.float(self._ghost)

    def move(self, pointer: Pointer) -> None:
        host_id = self.scene.host_at(pointer.scene)
        self.scene.set_drop_target(host_id)
        self._ghost.setPos(pointer.scene)
        self._ghost.setScale(1 / min(1.0, self.view.zoom))
        self._ghost.set_caption(self._caption(host_id, pointer.with_ctrl))

    def _caption(self, host_id: str | None, with_ctrl: bool) -> str:
        project = self.view.document.project
        if host_id is None:
            return "Drop on a host"
        name = project.hosts[host_id].name
        if all(project.machines[machine_id].host_id == host_id for machine_id in self._ids):
            return f"Keep on {name}"
        return f"Place on {name} now" if with_ctrl else f"Plan to move to {name}"

    def release(self, pointer: Pointer) -> None:
        host_id = self.scene.host_at(pointer.scene)
        self.end()
        if host_id is not None:
            self.view.editor.move_machines(self._ids, host_id, at_once=pointer.with_ctrl)


class Pan(Gesture):
    """Drag the canvas itself."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def press(self, pointer: Pointer) -> None:
        self._last = pointer.at

    def move(self, pointer: Pointer) -> None:
        self.view.scroll_by(self._last - pointer.at)
        self._last = pointer.at

    def release(self, pointer: Pointer) -> None:
        self.end()


class DrawLink(Gesture):
    """Draw a link: dragged from a port handle, or in link mode (no source yet) by a click on each end. With Ctrl held
    at the end of a link the mode goes on.
    """

    cursor = Qt.CursorShape.CrossCursor
    scrolls = True

    def __init__(self, view: "TopologyView", source_id: str | None = None) -> None:
        super().__init__(view)
        self._source_id = source_id
        self._by_clicks = source_id is None
        if self._by_clicks:
            self.mode = {"kind": "link", "name": ""}
            self.hint = "Click the host, switch or storage where the link begins. Esc cancels."
        self._preview = LinkPreview()
        self.float(self._preview)

    def press(self, pointer: Pointer) -> None:
        if self._source_id is None:
            self._source_id = self.scene.node_at(pointer.scene)
            if self._source_id is not None:
                self.say("Click where the link ends; with Ctrl held, to draw another one after it. Esc cancels.")

    def move(self, pointer: Pointer) -> None:
        target_id = self.scene.node_at(pointer.scene)
        self.scene.set_drop_target(target_id if target_id != self._source_id else None)
        source = self.scene.node_item(self._source_id or "")
        if source is not None:
            self._preview.set_path(self._path_to(pointer.scene, source, target_id))

    def _path_to(self, point: QPointF, source: NodeItem, target_id: str | None) -> QPainterPath:
        if target_id == self._source_id:
            return QPainterPath()
        target = self.scene.node_item(target_id or "")
        end_card = QRectF(point, point) if target is None else target.scene_card()
        leave, arrive = geometry.facing_sides(source.scene_card(), end_card)
        path = QPainterPath(source.port(leave))
        path.cubicTo(*geometry.curve(path.currentPosition(), leave, target.port(arrive) if target else point, arrive))
        return path

    def release(self, pointer: Pointer) -> None:
        target_id = self.scene.node_at(pointer.scene)
        if self._source_id is not None and target_id not in (None, self._source_id):
            assert target_id is not None
            self.end()
            self.view.editor.link(self._source_id, target_id)
            if self._by_clicks and pointer.with_ctrl:
                self.view.start_link_mode()
        elif not self._by_clicks:
            self.cancel()


class Place(Gesture):
    """Something chosen in the palette hangs on the pointer; the next click puts it down."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: "TopologyView", payload: dict[str, str]) -> None:
        super().__init__(view)
        self.mode = self._payload = payload
        what = payload["kind"] if payload["kind"] != "profile" else "VM"
        self.hint = f"Click {'the host for the VM' if what == 'VM' else f'where the {what} shall be'}. Esc cancels."
        self._ghost = PlacingGhost(payload["kind"], payload["name"] if what == "VM" else f"New {what}")
        self._ghost.setVisible(False)
        self.float(self._ghost)

    def move(self, pointer: Pointer) -> None:
        is_profile = self._payload["kind"] == "profile"
        self._ghost.setPos(pointer.scene if is_profile else geometry.snapped(pointer.scene))
        self._ghost.setVisible(True)
        self.scene.set_drop_target(self.scene.host_at(pointer.scene) if is_profile else None)

    def release(self, pointer: Pointer) -> None:
        self._put_down(pointer.scene)

    def confirm(self, pointer: Pointer) -> None:
        """A VM goes to the selected host if there is one."""
        chosen = self.scene.node_item(next(iter(self.scene.selected_ids), ""))
        is_profile = self._payload["kind"] == "profile"
        self._put_down(chosen.pos() if is_profile and chosen is not None else pointer.scene)

    def _put_down(self, at: QPointF) -> None:
        if self._payload["kind"] == "profile" and self.scene.host_at(at) is None:
            self.view.told.emit(NO_HOST)
            self.say(f"{NO_HOST} Esc cancels.")
            return
        self.end()
        self.view.editor.place(self._payload, at)
