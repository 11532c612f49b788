"""The boxes of sites and racks in the drawing: how large they are, what they hide, and which one is where."""

from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtWidgets import QGraphicsScene

from vmplanner.domain.groups import Group
from vmplanner.domain.places import Places, places
from vmplanner.domain.project import Change, Project
from vmplanner.ui.canvas.items import HostItem, Marks, NodeItem
from vmplanner.ui.canvas.place_items import AROUND, COLLAPSED, HEADER, PlaceItem, PlaceNames, Totals


class Boxes:
    """The places of a scene: `items` by id, `places` says what lies where. `nodes` is the scene's own table."""

    def __init__(self, scene: QGraphicsScene, nodes: Mapping[str, NodeItem], marks: Marks) -> None:
        self.items: dict[str, PlaceItem] = {}
        self.places = Places({}, {})
        self._scene = scene
        self._nodes = nodes
        self._marks = marks
        self._names = PlaceNames(self.items)
        self._nodes_in: dict[str, list[str]] = {}
        self._places_in: dict[str, list[str]] = {}
        self._hider_of: dict[str, str] = {}
        self._shift: tuple[frozenset[str], QPointF] = frozenset(), QPointF()
        self._resized: tuple[str | None, QRectF] = None, QRectF()
        scene.addItem(self._names)

    @staticmethod
    def are_touched(change: Change) -> bool:
        """Whether other things may lie in other places after a change."""
        if any(edit.collection in ("groups", "links") for edit in change.edits):
            return True
        return any(
            edit.collection in ("hosts", "switches", "storages") and (edit.before is None or edit.after is None)
            for edit in change.edits
        )

    def show(self, project: Project) -> set[str]:
        """Bring all boxes in line with the project; returns the nodes that it hid or showed."""
        self.places = places(project)
        groups = {group.id: group for group in project.groups.values() if group.is_place}
        for place_id in self.items.keys() - groups.keys():
            self._scene.removeItem(self.items.pop(place_id))
        self._nodes_in = {place_id: [] for place_id in groups}
        self._places_in = {place_id: [] for place_id in groups}
        for node_id, place_id in self.places.place_of.items():
            self._nodes_in[place_id].append(node_id)
        for place_id, parent_id in self.places.parent_of.items():
            self._places_in[parent_id].append(place_id)
        self._hider_of = self._hidden(groups)
        for place_id, group in groups.items():
            if place_id not in self.items:
                self.items[place_id] = PlaceItem(group, self._marks)
                self._scene.addItem(self.items[place_id])
            depth, levels = len(self.places.around(place_id)), self._levels(place_id)
            self.items[place_id].show_place(group, depth, levels, self._inside(place_id))
            self.items[place_id].setVisible(place_id not in self._hider_of)
        changed = set()
        for node_id, node in self._nodes.items():
            if node.isVisible() is (node_id in self._hider_of):
                node.setVisible(node_id not in self._hider_of)
                changed.add(node_id)
        self.measure(groups)
        return changed

    def clear(self) -> None:
        for item in self.items.values():
            self._scene.removeItem(item)
        self.items.clear()

    def _inside(self, place_id: str) -> frozenset[str]:
        """All nodes in a place, however deep."""
        return frozenset(self._nodes_in[place_id]).union(*map(self._inside, self._places_in[place_id]))

    def _levels(self, place_id: str) -> int:
        """How many places are in each other in this one."""
        return max((1 + self._levels(inner) for inner in self._places_in[place_id]), default=0)

    def _hidden(self, groups: Mapping[str, Group]) -> dict[str, str]:
        """What collapsed places hide: the id of the outermost one by that of each node or place in it."""
        hidden = {}
        for thing_id in (*self.places.place_of, *self.places.parent_of):
            collapsed = [place for place in self.places.around(thing_id) if groups[place].is_collapsed]
            if collapsed:
                hidden[thing_id] = collapsed[-1]
        return hidden

    def card_of(self, node_id: str) -> PlaceItem | None:
        """The collapsed place that hides a node."""
        hider = self._hider_of.get(node_id)
        return None if hider is None else self.items[hider]

    def follow(self, node_ids: Iterable[str]) -> set[str]:
        """Let boxes follow cards that have moved or grown; returns the places that look different."""
        touched = {place for node_id in set(node_ids) for place in self.places.around(node_id)}
        return self.measure(touched) if touched else set()

    def shift(self, place_ids: Iterable[str], by: QPointF) -> None:
        """While places are dragged, their least sizes are elsewhere too."""
        self._shift = frozenset(place_ids), by

    def resize(self, place_id: str | None, rect: QRectF) -> None:
        """While a place is resized its least size is another; None: none is any more."""
        self._resized = place_id, rect

    def measure(self, place_ids: Iterable[str]) -> set[str]:
        """Fit these boxes, inner ones first, and add up what is in them; returns those that moved or changed size."""
        ordered = sorted(place_ids, key=lambda place_id: -len(self.places.around(place_id)))
        changed = set()
        for place_id in ordered:
            item = self.items[place_id]
            rect = self._room_of(item)
            if rect != item.rect:
                item.set_rect(rect)
                changed.add(place_id)
            item.set_totals(self._totals(place_id))
        if changed:
            self._names.grow()
        return changed

    def _room_of(self, item: PlaceItem) -> QRectF:
        """The box around what lies in a place; collapsed, its card at the same corner."""
        rect = self.content(item.place.id)
        frame = item.place.frame
        if item.place.id == self._resized[0]:
            rect = rect.united(self._resized[1])
        elif frame is not None:
            moved, by = self._shift
            own = QRectF(frame.x, frame.y, frame.width, frame.height)
            rect = rect.united(own.translated(by) if item.place.id in moved else own)
        if rect.isEmpty() or not item.place.is_collapsed:
            return rect
        return QRectF(rect.topLeft(), QSizeF(*COLLAPSED))

    def content(self, place_id: str, without: Collection[str] = ()) -> QRectF:
        """The box around what lies in a place, some places left out; empty when nothing does."""
        rect = QRectF()
        for node_id in self._nodes_in[place_id]:
            rect = rect.united(self._nodes[node_id].scene_card())
        for inner in self._places_in[place_id]:
            if inner not in without:
                rect = rect.united(self.items[inner].rect)
        return rect if rect.isEmpty() else rect.adjusted(-AROUND, -HEADER - 8, AROUND, AROUND)

    def _totals(self, place_id: str) -> Totals:
        found = [self.items[inner].totals for inner in self._places_in[place_id]]
        for node_id in self._nodes_in[place_id]:
            host = self._nodes[node_id]
            if isinstance(host, HostItem):
                memory_bytes = host.node.memory_bytes
                found.append(Totals(1, len(host.machines), host.used_bytes, memory_bytes, host.reserved_bytes))
        return Totals(
            sum(each.hosts for each in found),
            sum(each.machines for each in found),
            sum(each.used_bytes for each in found),
            sum(each.memory_bytes for each in found),
            sum(each.reserved_bytes for each in found),
        )

    # What is where

    def shown(self) -> list[PlaceItem]:
        """Those that are drawn, the innermost first."""
        items = [item for item in self.items.values() if item.isVisible() and not item.rect.isEmpty()]
        return sorted(items, key=lambda item: -item.zValue())

    def place_at(self, point: QPointF) -> str | None:
        """The innermost place whose box is at `point`."""
        return next((item.place.id for item in self.shown() if item.rect.contains(point)), None)

    def cards_in(self, rect: QRectF) -> list[str]:
        """The collapsed places whose cards touch `rect`."""
        return [i.place.id for i in self.shown() if i.place.is_collapsed and i.rect.intersects(rect)]

    def handle_at(self, point: QPointF, zoom: float) -> str | None:
        """The place whose header is at `point`."""
        return next((item.place.id for item in self.shown() if item.header(zoom).contains(point)), None)

    def grip_at(self, point: QPointF, zoom: float) -> str | None:
        """The place whose corner is at `point`."""
        return next((item.place.id for item in self.shown() if item.grip(zoom).contains(point)), None)

    def selected(self) -> list[Group]:
        """The places of which everything is selected, but not those in such a place."""
        whole = {item.place.id: item.place for item in self.shown() if item.is_selected}
        return [place for place in whole.values() if place.parent_id not in whole]

    def rect(self) -> QRectF:
        """The rectangle around all boxes that are drawn."""
        around = QRectF()
        for item in self.shown():
            around = around.united(item.rect)
        return around
