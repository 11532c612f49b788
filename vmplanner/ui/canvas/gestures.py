"""What a hand can do on the canvas: one cancellable object per gesture.

The view hands the pointer to the gesture under way. A gesture shows what would happen, and only its end changes the
document, with one change; `cancel` leaves no trace.
"""

from typing import TYPE_CHECKING

from attrs import frozen
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QApplication

from vmplanner.ui.canvas import geometry
from vmplanner.ui.canvas.editing import NO_HOST, PREVIEW
from vmplanner.ui.canvas.items import NodeItem
from vmplanner.ui.canvas.overlays import Band, ChipGhost, LinkPreview, Overlay, PlacingGhost
from vmplanner.ui.canvas.scene import Hit

if TYPE_CHECKING:
    from vmplanner.ui.canvas.view import TopologyView


@frozen
class Pointer:
    """Where the pointer is, in the viewport and in the scene, and the modifier keys held."""

    at: QPoint
    scene: QPointF
    modifiers: Qt.KeyboardModifier

    @property
    def with_ctrl(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ControlModifier)


class Gesture:
    """Base of all gestures. `scrolls`: near the edge of the view the canvas scrolls along.

    A gesture that waits for clicks is a mode: `mode` is the palette's payload it began with, and `hint` says what the
    next click does.
    """

    cursor = Qt.CursorShape.ArrowCursor
    scrolls = False
    mode: dict[str, str] | None = None
    hint = ""

    def __init__(self, view: "TopologyView") -> None:
        self.view = view
        self.scene = view.topology
        self._overlays: list[Overlay] = []

    def press(self, pointer: Pointer) -> None:
        """A button goes down."""

    def move(self, pointer: Pointer) -> None:
        """The pointer moves, or a modifier key changes."""

    def release(self, pointer: Pointer) -> None:
        """The button goes up."""

    def confirm(self, pointer: Pointer) -> None:
        """Enter or Space is pressed; `pointer` is at the middle of the view."""

    def cancel(self) -> None:
        """Take back everything shown and end."""
        self.end()

    def _say(self, hint: str) -> None:
        self.hint = hint
        self.view.show_mode()

    def end(self) -> None:
        """Remove the overlays and give the view back its own cursor."""
        for overlay in self._overlays:
            self.scene.removeItem(overlay)
        self._overlays.clear()
        self.scene.set_drop_target(None)
        self.view.gesture_ended(self)

    def _float(self, overlay: Overlay) -> None:
        self._overlays.append(overlay)
        self.scene.addItem(overlay)


class Press(Gesture):
    """A button went down on a thing: a click selects it, a drag becomes the gesture that suits the thing."""

    def __init__(self, view: "TopologyView", hit: Hit) -> None:
        super().__init__(view)
        self._thing_id = hit.thing_id or ""
        self._is_badge = hit.is_badge
        self._start: Pointer | None = None

    def press(self, pointer: Pointer) -> None:
        self._start = pointer
        if not pointer.with_ctrl and self._thing_id not in self.scene.selected_ids:
            self.scene.select({self._thing_id})

    def move(self, pointer: Pointer) -> None:
        start = self._start
        if start is None or (pointer.at - start.at).manhattanLength() < QApplication.startDragDistance():
            return
        if self.scene.is_preview:
            self.view.told.emit(PREVIEW)
            self.end()
            return
        project = self.view.document.project
        drag: type[MoveNodes] | type[DragMachines] | None = None
        if project.node(self._thing_id):
            drag = MoveNodes
        elif self._thing_id in project.machines:
            drag = DragMachines
        if drag is not None:
            self.scene.select(self.scene.selected_ids | {self._thing_id})
            self.end()
            gesture = drag(self.view, self._thing_id)
            self.view.begin(gesture, start)
            gesture.move(pointer)

    def release(self, pointer: Pointer) -> None:
        self.end()
        self.scene.select(self.scene.selected_ids ^ {self._thing_id} if pointer.with_ctrl else {self._thing_id})
        if self._is_badge:
            self.scene.badge_clicked.emit(self._thing_id)


class MoveNodes(Gesture):
    """Drag the selected cards; the grabbed one snaps to the grid, the others keep their places to it."""

    cursor = Qt.CursorShape.SizeAllCursor
    scrolls = True

    def __init__(self, view: "TopologyView", grabbed_id: str) -> None:
        super().__init__(view)
        self._grabbed_id = grabbed_id
        self._start = QPointF()
        self._items = {i: item for i in self.scene.selected_ids if (item := self.scene.node_item(i)) is not None}
        self._before = {node_id: item.pos() for node_id, item in self._items.items()}

    def press(self, pointer: Pointer) -> None:
        self._start = pointer.scene

    def move(self, pointer: Pointer) -> None:
        grabbed = self._before[self._grabbed_id]
        self._shift(geometry.snapped(grabbed + pointer.scene - self._start) - grabbed)

    def release(self, pointer: Pointer) -> None:
        self.move(pointer)
        self.end()
        self.view.editor.move_nodes({node_id: item.pos() for node_id, item in self._items.items()})

    def cancel(self) -> None:
        self._shift(QPointF())
        super().cancel()

    def _shift(self, offset: QPointF) -> None:
        for node_id, item in self._items.items():
            item.setPos(self._before[node_id] + offset)
        self.scene.nodes_moved(self._items)


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
        self._float(self._ghost)

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


class RubberBand(Gesture):
    """Drag a rectangle over what shall be selected; with Ctrl it adds to the selection."""

    scrolls = True

    def __init__(self, view: "TopologyView") -> None:
        super().__init__(view)
        self._before = self.scene.selected_ids
        self._kept: frozenset[str] = frozenset()
        self._start = QPointF()
        self._band = Band()
        self._float(self._band)

    def press(self, pointer: Pointer) -> None:
        self._start = pointer.scene
        self._kept = self._before if pointer.with_ctrl else frozenset()
        self.scene.select(self._kept)

    def move(self, pointer: Pointer) -> None:
        rect = QRectF(self._start, pointer.scene).normalized()
        self._band.set_rect(rect)
        self.scene.select(self._kept | self.scene.ids_in(rect))

    def release(self, pointer: Pointer) -> None:
        self.end()

    def cancel(self) -> None:
        self.scene.select(self._before)
        super().cancel()


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
    """Draw a link: dragged from a port handle, or in link mode (no source yet) by a click on each end."""

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
        self._float(self._preview)

    def press(self, pointer: Pointer) -> None:
        if self._source_id is None:
            self._source_id = self.scene.node_at(pointer.scene)
            if self._source_id is not None:
                self._say("Click the host, switch or storage where the link ends. Esc cancels.")

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
        self._float(self._ghost)

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
            self._say(f"{NO_HOST} Esc cancels.")
            return
        self.end()
        self.view.put_down(self._payload, at)
