"""The drawing of the open project: its items follow the document, and it holds the one selection of things."""

from collections.abc import Iterable, Mapping
from functools import partial

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from vmplanner.domain.project import Change
from vmplanner.planning.moment import Moment
from vmplanner.planning.preflight import Finding
from vmplanner.ui.canvas import hits, tips, whereabouts
from vmplanner.ui.canvas.badges import Badge, Badges
from vmplanner.ui.canvas.boxes import Boxes
from vmplanner.ui.canvas.distance import CHIPS_FROM, NEAR_FROM
from vmplanner.ui.canvas.far import FarLayer
from vmplanner.ui.canvas.hits import Hit
from vmplanner.ui.canvas.items import HostItem, Marks, NodeItem, StorageItem, item_for
from vmplanner.ui.canvas.lines import MoveArrow
from vmplanner.ui.canvas.links import LinkLine
from vmplanner.ui.canvas.overlays import PortHandles
from vmplanner.ui.canvas.settler import Settler
from vmplanner.ui.canvas.wiring import Wiring
from vmplanner.ui.document import Document
from vmplanner.ui.names import natural
from vmplanner.ui.theme import look

# Lines beyond these find their ways in slices, so that a large drawing doesn't hold up the window.
_SETTLED_AT_ONCE = 300
_FEW = 200
_NO_CONTENTS = QGraphicsItem.GraphicsItemFlag.ItemHasNoContents


class TopologyScene(QGraphicsScene):
    """`selection_changed(frozenset[str])` has the ids of the selected hosts, switches, storages, links, VMs and
    migrations. `badge_clicked(str, frozenset[str])`: a person wants to see the findings on this thing, or in this
    collapsed place; the ids are those of the things that they are about.

    `nodes` are the cards by id, `boxes` those of places, `host_of` has the host on which each VM is shown, `wiring` has
    the lines, and `ports` are the handles on a card.
    """

    selection_changed = Signal(object)
    badge_clicked = Signal(str, object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.marks = Marks()
        self.nodes: dict[str, NodeItem] = {}
        self._machines_of: dict[str, set[str]] = {}
        self.host_of: dict[str, str] = {}
        self._moment: Moment | None = None
        self._arrived: Mapping[str, str] = {}
        self._is_far = False
        self.boxes = Boxes(self, self.nodes, self.marks)
        self.wiring = Wiring(self, self.nodes, self.boxes, self.host_of, self.marks)
        self._far = FarLayer(self.nodes, self.marks)
        self.addItem(self._far)
        self._badges = Badges(self, partial(whereabouts.badge_place, self), partial(whereabouts.hider_of, self))
        self.ports = PortHandles()
        self.addItem(self.ports)
        self._settler = Settler(self.wiring.settling, self._badges.place, self)
        document.changed.connect(self._follow)
        document.replaced.connect(self.rebuild)
        look.changed.connect(self._repaint_all)
        self.rebuild()

    # The selection

    @property
    def selected_ids(self) -> frozenset[str]:
        return self.marks.selected

    def select(self, ids: Iterable[str]) -> None:
        """Select exactly these things; ids that are not drawn are left out."""
        before = self.marks.selected
        self.show_selected(ids)
        if self.marks.selected != before:
            self.selection_changed.emit(self.marks.selected)

    def show_selected(self, ids: Iterable[str]) -> None:
        """Mark what is selected elsewhere, as far as it is drawn; nothing is told."""
        wanted = frozenset(ids) & self.all_ids()
        before, self.marks.selected = self.marks.selected, wanted
        self._repaint(wanted ^ before)

    def all_ids(self) -> set[str]:
        """Everything that can be selected."""
        return {*self.nodes, *self.wiring.link_ids, *self.wiring.arrows, *self.host_of}

    def ids_in(self, rect: QRectF) -> set[str]:
        """What a rubber band takes, see hits.ids_in."""
        return hits.ids_in(self, rect)

    def together(self, thing_id: str) -> frozenset[str]:
        """What a click on a thing selects: itself, all that lies in a place, all links of one line."""
        if thing_id in self.boxes.items:
            return self.boxes.items[thing_id].node_ids
        line = self.wiring.line(thing_id)
        return frozenset({thing_id}) if line is None else line.ids

    def migrations_of(self, ids: Iterable[str]) -> set[str]:
        """The planned moves among these things, and those of the VMs among them."""
        moves = (self.wiring.move_of.get(thing_id, thing_id) for thing_id in ids)
        return {move_id for move_id in moves if move_id in self.wiring.arrows}

    # What is where

    def node_item(self, node_id: str) -> NodeItem | None:
        return self.nodes.get(node_id)

    def arrow(self, migration_id: str) -> MoveArrow | None:
        return self.wiring.arrows.get(migration_id)

    def badge(self, thing_id: str) -> Badge | None:
        return self._badges.get(thing_id)

    def link_item(self, link_id: str) -> LinkLine | None:
        return self.wiring.line(link_id)

    def chip_rect(self, machine_id: str) -> QRectF:
        """Where a VM's chip is, or the card of the place that hides it (scene coordinates)."""
        return whereabouts.chip_rect(self, machine_id)

    def rect_of(self, thing_id: str) -> QRectF:
        """The rectangle around a drawn thing (scene coordinates)."""
        return whereabouts.rect_of(self, thing_id)

    def content_rect(self) -> QRectF:
        """The rectangle around everything drawn; empty when nothing is."""
        rect = self.boxes.rect().united(self._far.extents.united())
        for item in self.wiring.arrows.values():
            if item.isVisible():
                rect = rect.united(item.sceneBoundingRect())
        return rect

    def hit(self, point: QPointF, zoom: float = 1.0) -> Hit:
        """What is at `point`, see hits.hit."""
        return hits.hit(self, point, zoom)

    def node_at(self, point: QPointF) -> str | None:
        """The id of the host, switch or storage whose card is at `point`."""
        return hits.node_at(self, point)

    def host_at(self, point: QPointF) -> str | None:
        node_id = self.node_at(point)
        return node_id if node_id in self.document.project.hosts else None

    def describe(self, thing_id: str) -> str:
        """A line or two about a thing and the findings on it, for its tool tip."""
        badge = self._badges.get(thing_id)
        return "\n\n".join(filter(None, (tips.told(self, thing_id), badge.text if badge else "")))

    # Marks

    def set_hovered(self, hit: Hit, *, with_ports: bool) -> None:
        """Light up what is under the pointer; a card shows its port handles."""
        if hit.thing_id != self.marks.hovered:
            changed = {thing_id for thing_id in (hit.thing_id, self.marks.hovered) if thing_id}
            self.marks.hovered = hit.thing_id
            self._repaint(changed)
        node = self.nodes.get(hit.node_id or "") if with_ports else None
        self.ports.show_on(node, hit.port)

    def set_drop_target(self, node_id: str | None) -> None:
        """Light up the card or the place that would take what is dragged."""
        if node_id != self.marks.drop_target:
            changed = {changed_id for changed_id in (node_id, self.marks.drop_target) if changed_id}
            self.marks.drop_target = node_id
            self._repaint(changed)

    def show_progress(self, migration_id: str, fraction: float | None, state: str) -> None:
        """Fill a planned move's arrow to `fraction` (0 to 1; None: it does not run); `state` is the job's state."""
        self.wiring.show_progress(migration_id, fraction, state)

    def show_loads(self, loads: Mapping[str, float]) -> None:
        """The share of its bandwidth that a run takes of each link, by its id; links that are not named are free."""
        self.wiring.show_loads(loads)

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Put a badge on each thing that one of these is about, and on no other."""
        self._badges.show(findings)

    def tell_badge_clicked(self, thing_id: str) -> None:
        if badge := self._badges.get(thing_id):
            self.badge_clicked.emit(thing_id, frozenset(finding.thing_id for finding in badge.findings))

    # Near and far

    def show_at(self, zoom: float) -> None:
        """Draw for a view with this zoom: below distance.NEAR_FROM one layer draws all cards."""
        is_far = zoom < NEAR_FROM
        self._settler.set_needed(zoom >= CHIPS_FROM)
        if is_far != self._is_far:
            self._is_far = is_far
            self._far.setVisible(is_far)
            for node in self.nodes.values():
                node.setFlag(_NO_CONTENTS, is_far)

    def render(
        self,
        painter: QPainter,
        target: QRectF | QRect = QRectF(),  # noqa: B008
        source: QRectF | QRect = QRectF(),  # noqa: B008
        mode: Qt.AspectRatioMode = Qt.AspectRatioMode.KeepAspectRatio,
    ) -> None:
        """Paint a part of the drawing, in the detail that its own scale allows."""
        was_far = self._is_far
        self.show_at(target.width() / source.width() if target.width() and source.width() else 1.0)
        super().render(painter, target, source, mode)
        self.show_at(0.0 if was_far else 1.0)

    # A moment of the plan

    @property
    def is_preview(self) -> bool:
        """Whether the VMs are shown where they will be, which is to be looked at only."""
        return self._moment is not None

    def show_moment(self, moment: Moment | None) -> None:
        """Show the VMs where they will be at a moment of the plan; None: where they are."""
        if moment is self._moment:
            return
        self._moment = moment
        self._show_machines_anew()

    def show_arrived(self, host_of: Mapping[str, str]) -> None:
        """Show these VMs on hosts where a run under way has brought them, by their ids; all others where they are."""
        if host_of != self._arrived:
            self._arrived = host_of
            self._show_machines_anew()

    def _show_machines_anew(self) -> None:
        """Every VM on the host where it is shown now."""
        touched: set[str] = set()
        for machine_id in self.document.project.machines:
            before, after = self.host_of.get(machine_id), self._file_machine(machine_id)
            if before != after:
                touched |= {host_id for host_id in (before, after) if host_id}
        for host_id in touched:
            self._show_machines(host_id)
        touched |= self.wiring.show_plan(self.document.project)
        self.nodes_moved(touched)
        self.set_hovered(Hit(), with_ports=False)

    # Following the document

    def rebuild(self) -> None:
        """Draw the whole project anew."""
        self._moment = None
        self._arrived = {}
        self.wiring.clear()
        self.boxes.clear()
        self._far.clear()
        for item in self.nodes.values():
            self.removeItem(item)
        for table in (self.nodes, self._machines_of, self.host_of):
            table.clear()
        self._badges.show(())
        project = self.document.project
        for node_id in (*project.hosts, *project.switches, *project.storages):
            self._show_node(node_id)
        for machine_id in project.machines:
            self._file_machine(machine_id)
        for host_id in project.hosts:
            self._show_machines(host_id)
        self._show_storage_use()
        self.boxes.show(project)
        self.wiring.show_links(project)
        self.wiring.show_plan(project)
        self.nodes_moved(self.nodes)
        if len(self.wiring.lines) + len(self.wiring.arrows) <= _SETTLED_AT_ONCE:
            self.settle()
        self.marks.drop_target = None
        self.set_hovered(Hit(), with_ports=False)
        self.show_selected(self.selected_ids)

    def _follow(self, change: Change) -> None:
        """Bring the items of a change up to date, and those alone."""
        if self._moment is not None or self._arrived:  # they were of the plan before the change
            self._moment = None
            self.rebuild()
            return
        project = self.document.project
        touched = change.touched("hosts") | change.touched("switches") | change.touched("storages")
        refilled = touched - self.nodes.keys()
        for node_id in touched:
            self._show_node(node_id)
        for machine_id in change.touched("machines"):
            refilled |= {host for host in (self.host_of.get(machine_id), self._file_machine(machine_id)) if host}
        for host_id in refilled:
            self._show_machines(host_id)
        touched |= refilled
        if change.touched("machines") or change.touched("storages"):
            self._show_storage_use()
        boxes_change = self.boxes.are_touched(change)
        if boxes_change:
            touched |= self.boxes.show(project)
            self.wiring.show_links(project)
            self._badges.gather()
        touched |= self.wiring.show_plan(project)
        self.nodes_moved(touched)
        self.set_hovered(Hit(), with_ports=False)
        self.show_selected(self.selected_ids)

    def nodes_moved(self, node_ids: Iterable[str], *, with_boxes: bool = True) -> None:
        """Let boxes and lines follow cards that have moved or grown; a moment later lines find their ways anew."""
        moved = set(node_ids)
        places = self.boxes.follow(moved) if with_boxes else set()
        self._far.changed(moved)
        self.wiring.layer.set_room(self._far.extents.united())
        self.wiring.follow(moved | places)
        self._badges.place()
        self._settler.start()

    def places_moved(self, place_ids: Iterable[str]) -> None:
        """Boxes have another least size: let those around them and the lines of collapsed ones follow."""
        around = {place for place_id in place_ids for place in (place_id, *self.boxes.places.around(place_id))}
        self.wiring.follow(self.boxes.measure(around))

    def settle(self) -> None:
        """Let all lines find their ways and labels now (before a picture is taken, say)."""
        self._settler.finish()

    def _show_node(self, node_id: str) -> None:
        node = self.document.project.node(node_id)
        item = self.nodes.get(node_id)
        if node is None:
            if item is not None:
                self.removeItem(self.nodes.pop(node_id))
        elif item is not None:
            item.set_node(node)
        else:
            item = self.nodes[node_id] = item_for(node, self.marks)
            item.setFlag(_NO_CONTENTS, self._is_far)
            self.addItem(item)

    def _file_machine(self, machine_id: str) -> str | None:
        """Note on which host a VM is now, or at the moment that is shown; returns the host."""
        before = self.host_of.pop(machine_id, None)
        if before is not None:
            self._machines_of[before].discard(machine_id)
        machine = self.document.project.machines.get(machine_id)
        if machine is None:
            return None
        host_id = self._arrived.get(machine_id, machine.host_id)
        host_id = host_id if self._moment is None else self._moment.host_of[machine_id]
        self.host_of[machine_id] = host_id
        self._machines_of.setdefault(host_id, set()).add(machine_id)
        return host_id

    def _show_machines(self, host_id: str) -> None:
        item = self.nodes.get(host_id)
        if isinstance(item, HostItem):
            machines = self.document.project.machines
            mine = (machines[machine_id] for machine_id in self._machines_of.get(host_id, ()))
            item.set_machines(sorted(mine, key=lambda machine: (natural(machine.name), machine.id)))

    def _show_storage_use(self) -> None:
        project = self.document.project
        used = dict.fromkeys(project.storages, 0)
        if used:
            for machine in project.machines.values():
                for disk in machine.needs.disks:
                    if disk.storage_id is not None:
                        used[disk.storage_id] += disk.size_bytes
        for storage_id, used_bytes in used.items():
            item = self.nodes[storage_id]
            assert isinstance(item, StorageItem)
            item.set_used(used_bytes)

    # Painting anew

    def _repaint(self, ids: Iterable[str]) -> None:
        """These things look different."""
        ids = set(ids)
        if not ids:
            return
        if len(ids) > _FEW:
            self._repaint_all()
            return
        self._far.update()
        for place in self.boxes.items.values():
            place.update()
        for thing_id in ids:
            if node := self.nodes.get(self.host_of.get(thing_id, thing_id)):
                node.update()
            if arrow := self.wiring.arrows.get(self.wiring.move_of.get(thing_id, thing_id)):
                arrow.update()
            if line := self.wiring.line(thing_id):
                self.wiring.layer.repaint([line])

    def _repaint_all(self) -> None:
        """Cards keep their pictures until they are told; a layer is one item."""
        for node in self.nodes.values():
            node.update()
        self.update()
