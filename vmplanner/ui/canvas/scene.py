"""The drawing of the open project: its items follow the document, and it holds the one selection of things."""

import re
from collections.abc import Iterable

from attrs import frozen
from PySide6.QtCore import QObject, QPointF, QRectF, QTimer, Signal
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.project import Change
from vmplanner.domain.quantities import BYTES
from vmplanner.planning.moment import Moment
from vmplanner.planning.preflight import Finding
from vmplanner.ui.canvas import chips
from vmplanner.ui.canvas.badges import Badge, Badges
from vmplanner.ui.canvas.geometry import Side
from vmplanner.ui.canvas.items import HostItem, Marks, NodeItem, StorageItem, item_for
from vmplanner.ui.canvas.lines import LinkItem, LinkLabel, MoveArrow
from vmplanner.ui.canvas.overlays import PORT_RADIUS, PortHandles
from vmplanner.ui.canvas.wiring import Wiring
from vmplanner.ui.document import Document
from vmplanner.ui.theme import look

_SETTLE_MS = 40


@frozen
class Hit:
    """What is at a point: the thing itself (VM, card, arrow or link), the card below it, and the port handle;
    `is_badge`: the thing's badge is there.
    """

    thing_id: str | None = None
    node_id: str | None = None
    port: Side | None = None
    is_badge: bool = False


def _by_name(machine: VirtualMachine) -> list[str | int]:
    """Sorts 'web-2' before 'web-10'."""
    parts = re.split(r"([0-9]+)", machine.name)
    return [*(int(part) if part.isdecimal() else part.casefold() for part in parts), machine.id]


class TopologyScene(QGraphicsScene):
    """`selection_changed(frozenset[str])` has the ids of the selected hosts, switches, storages, links, VMs and
    migrations. `badge_clicked(str)` has the id of the thing whose findings a person wants to see.
    """

    selection_changed = Signal(object)
    badge_clicked = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.marks = Marks()
        self._nodes: dict[str, NodeItem] = {}
        self._machines_of: dict[str, set[str]] = {}
        self._host_of: dict[str, str] = {}
        self._moment: Moment | None = None
        self._wiring = Wiring(self, self._nodes, self._host_of, self.marks)
        self._badges = Badges(self, self._badge_place)
        self._ports = PortHandles()
        self.addItem(self._ports)
        self._settle_timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle_timer.timeout.connect(self.settle)
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
        wanted = frozenset(thing_id for thing_id in ids if self._is_drawn(thing_id))
        if wanted != self.marks.selected:
            changed = wanted ^ self.marks.selected
            self.marks.selected = wanted
            self._repaint(changed)
            self.selection_changed.emit(wanted)

    def all_ids(self) -> set[str]:
        """Everything that can be selected."""
        return {*self._nodes, *self._wiring.links, *self._wiring.arrows, *self._host_of}

    def ids_in(self, rect: QRectF) -> set[str]:
        """What a rubber band takes: cards it touches and lines it holds; inside one card, the VMs it touches."""
        found = self.items(rect)
        nodes = [item for item in found if isinstance(item, NodeItem)]
        if len(nodes) == 1 and isinstance(nodes[0], HostItem) and nodes[0].scene_card().contains(rect):
            return nodes[0].machines_in(rect.translated(-nodes[0].pos()))
        ids = {item.node.id for item in nodes if item.scene_card().intersects(rect)}
        ids |= {item.link.id for item in found if isinstance(item, LinkItem) and item.lies_in(rect)}
        ids |= {item.migration.id for item in found if isinstance(item, MoveArrow) and item.lies_in(rect)}
        return ids

    def migrations_of(self, ids: Iterable[str]) -> set[str]:
        """The planned moves among these things, and those of the VMs among them."""
        moves = (self._wiring.move_of.get(thing_id, thing_id) for thing_id in ids)
        return {move_id for move_id in moves if move_id in self._wiring.arrows}

    # What is where

    def node_item(self, node_id: str) -> NodeItem | None:
        return self._nodes.get(node_id)

    def arrow(self, migration_id: str) -> MoveArrow | None:
        return self._wiring.arrows.get(migration_id)

    def badge(self, thing_id: str) -> Badge | None:
        return self._badges.get(thing_id)

    def link_item(self, link_id: str) -> LinkItem | None:
        return self._wiring.links.get(link_id)

    def chip_rect(self, machine_id: str) -> QRectF:
        """Where a VM's chip is (scene coordinates)."""
        host = self._nodes[self._host_of[machine_id]]
        assert isinstance(host, HostItem)
        return host.chip_rect(machine_id).translated(host.pos())

    def rect_of(self, thing_id: str) -> QRectF:
        """The rectangle around a drawn thing (scene coordinates)."""
        if thing_id in self._host_of:
            return self.chip_rect(thing_id)
        if (node := self._nodes.get(thing_id)) is not None:
            return node.scene_card()
        return (self._wiring.links.get(thing_id) or self._wiring.arrows[thing_id]).sceneBoundingRect()

    def content_rect(self) -> QRectF:
        """The rectangle around everything drawn; empty when nothing is."""
        rect = QRectF()
        for item in (*self._nodes.values(), *self._wiring.arrows.values()):
            rect = rect.united(item.sceneBoundingRect())
        return rect

    def hit(self, point: QPointF, zoom: float = 1.0) -> Hit:
        """What is at `point`. Handles and lines can be hit from the same distance in pixels at every zoom."""
        port = self._port_at(point, zoom)
        if port is not None:
            return port
        reach = max(1.0, 2.0 / zoom)
        found = self.items(QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach))
        node = next((item for item in found if isinstance(item, NodeItem) and item.scene_card().contains(point)), None)
        node_id = None if node is None else node.node.id
        badge = next((item for item in found if isinstance(item, Badge)), None)
        if badge is not None and zoom >= chips.CHIPS_FROM:
            return Hit(badge.thing_id, node_id, is_badge=True)
        if isinstance(node, HostItem) and (machine_id := node.machine_at(point - node.pos())):
            return Hit(machine_id, node_id)
        arrow = next((item for item in found if isinstance(item, MoveArrow)), None)
        if arrow is not None:
            return Hit(arrow.migration.id, node_id)
        if node is not None:
            return Hit(node_id, node_id)
        link = next((item for item in found if isinstance(item, (LinkItem, LinkLabel))), None)
        return Hit(None if link is None else link.link.id)

    def node_at(self, point: QPointF) -> str | None:
        """The id of the host, switch or storage whose card is at `point`."""
        found = (item for item in self.items(point) if isinstance(item, NodeItem))
        return next((item.node.id for item in found if item.scene_card().contains(point)), None)

    def host_at(self, point: QPointF) -> str | None:
        node_id = self.node_at(point)
        return node_id if node_id in self.document.project.hosts else None

    def describe(self, thing_id: str) -> str:
        """A line or two about a thing and the findings on it, for its tool tip."""
        badge = self._badges.get(thing_id)
        return "\n\n".join(filter(None, (self._what_is(thing_id), badge.text if badge else "")))

    def _what_is(self, thing_id: str) -> str:
        project = self.document.project
        if arrow := self._wiring.arrows.get(thing_id):
            move = arrow.migration
            names = project.machines[move.vm_id].name, project.hosts[move.target_id].name
            return f"{names[0]} moves to {names[1]}\n{move.technique.value}"
        if machine := project.machines.get(thing_id):
            size = f"{BYTES.format(machine.memory_bytes)}, {machine.vcpus} vCPU"
            return f"{machine.name}\n{size}\nProfile: {machine.profile.name}"
        if link := self._wiring.links.get(thing_id):
            return link.label.text
        node = self._nodes.get(thing_id)
        if isinstance(node, HostItem):
            return f"{node.node.name}\n{node.node.policy.label}, {node.node.cores} cores\nMemory: {node.memory_text()}"
        if isinstance(node, StorageItem):
            return f"{node.node.name}\nDisks of VMs: {node.line()}"
        return "" if node is None else node.node.name

    # Marks

    def set_hovered(self, hit: Hit, *, with_ports: bool) -> None:
        """Light up what is under the pointer; a card shows its port handles."""
        if hit.thing_id != self.marks.hovered:
            changed = {thing_id for thing_id in (hit.thing_id, self.marks.hovered) if thing_id}
            self.marks.hovered = hit.thing_id
            self._repaint(changed)
        node = self._nodes.get(hit.node_id or "") if with_ports else None
        self._ports.show_on(node, hit.port)

    def set_drop_target(self, node_id: str | None) -> None:
        """Light up the card that would take what is dragged."""
        if node_id != self.marks.drop_target:
            changed = {changed_id for changed_id in (node_id, self.marks.drop_target) if changed_id}
            self.marks.drop_target = node_id
            self._repaint(changed)

    def show_progress(self, migration_id: str, fraction: float | None, state: str) -> None:
        """Fill a planned move's arrow to `fraction` (0 to 1; None: it does not run); `state` is the job's state."""
        self._wiring.show_progress(migration_id, fraction, state)

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Put a badge on each thing that one of these is about, and on no other."""
        self._badges.show(findings)

    def _badge_place(self, thing_id: str) -> QPointF | None:
        """In a chip's lower corner, on a card's upper one, on a link's label; None for what is not drawn."""
        if thing_id in self._host_of:
            return self.chip_rect(thing_id).bottomRight() - QPointF(12, 11)
        if (node := self._nodes.get(thing_id)) is not None:
            return node.scene_card().topRight() + QPointF(-2, 2)
        if (link := self._wiring.links.get(thing_id)) is not None:
            label = link.label.rect
            return link.path.pointAtPercent(0.5) if label.isEmpty() else label.topRight() + QPointF(-2, 2)
        if (arrow := self._wiring.arrows.get(thing_id)) is not None:
            return arrow.path.pointAtPercent(0.5)
        return None

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
        touched: set[str] = set()
        for machine_id in self.document.project.machines:
            before, after = self._host_of.get(machine_id), self._file_machine(machine_id)
            if before != after:
                touched |= {host_id for host_id in (before, after) if host_id}
        for host_id in self._machines_of:
            self._show_machines(host_id)
        touched |= self._wiring.show_plan(self.document.project)
        self.nodes_moved(touched)
        self.set_hovered(Hit(), with_ports=False)

    # Following the document

    def rebuild(self) -> None:
        """Draw the whole project anew."""
        self._moment = None
        self._wiring.clear()
        for item in self._nodes.values():
            self.removeItem(item)
        for table in (self._nodes, self._machines_of, self._host_of):
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
        for link_id in project.links:
            self._wiring.show_link(project, link_id)
        self._wiring.show_plan(project)
        self.settle()
        self.marks.drop_target = None
        self.set_hovered(Hit(), with_ports=False)
        self.select(self.selected_ids)

    def _follow(self, change: Change) -> None:
        """Bring the items of a change up to date, and those alone."""
        if self._moment is not None:  # it was one of the plan before the change
            self._moment = None
            self.rebuild()
            return
        project = self.document.project
        touched = change.touched("hosts") | change.touched("switches") | change.touched("storages")
        for node_id in touched:
            self._show_node(node_id)
        for machine_id in change.touched("machines"):
            touched |= {host for host in (self._host_of.get(machine_id), self._file_machine(machine_id)) if host}
        for host_id in touched:
            self._show_machines(host_id)
        if change.touched("machines") or change.touched("storages"):
            self._show_storage_use()
        for link_id in change.touched("links"):
            touched |= self._wiring.show_link(project, link_id)
        touched |= self._wiring.show_plan(project)
        self.nodes_moved(touched)
        self.set_hovered(Hit(), with_ports=False)
        self.select(self.selected_ids)

    def nodes_moved(self, node_ids: Iterable[str]) -> None:
        """Let the lines follow cards that have moved or grown; a moment later they find their ways anew."""
        self._wiring.follow(node_ids)
        self._badges.place()
        self._settle_timer.start()

    def settle(self) -> None:
        """Let all lines find their ways and labels now (before a picture is taken, say)."""
        self._settle_timer.stop()
        self._wiring.settle()
        self._badges.place()

    def _show_node(self, node_id: str) -> None:
        node = self.document.project.node(node_id)
        item = self._nodes.get(node_id)
        if node is None:
            if item is not None:
                self.removeItem(self._nodes.pop(node_id))
        elif item is not None:
            item.set_node(node)
        else:
            item = self._nodes[node_id] = item_for(node, self.marks)
            self.addItem(item)

    def _file_machine(self, machine_id: str) -> str | None:
        """Note on which host a VM is now, or at the moment that is shown; returns the host."""
        before = self._host_of.pop(machine_id, None)
        if before is not None:
            self._machines_of[before].discard(machine_id)
        machine = self.document.project.machines.get(machine_id)
        if machine is None:
            return None
        host_id = machine.host_id if self._moment is None else self._moment.host_of[machine_id]
        self._host_of[machine_id] = host_id
        self._machines_of.setdefault(host_id, set()).add(machine_id)
        return host_id

    def _show_machines(self, host_id: str) -> None:
        item = self._nodes.get(host_id)
        if isinstance(item, HostItem):
            machines = self.document.project.machines
            item.set_machines(sorted((machines[i] for i in self._machines_of.get(host_id, ())), key=_by_name))

    def _show_storage_use(self) -> None:
        project = self.document.project
        used = dict.fromkeys(project.storages, 0)
        if used:
            for machine in project.machines.values():
                for disk in machine.needs.disks:
                    if disk.storage_id is not None:
                        used[disk.storage_id] += disk.size_bytes
        for storage_id, used_bytes in used.items():
            item = self._nodes[storage_id]
            assert isinstance(item, StorageItem)
            item.set_used(used_bytes)

    # Small things

    def _is_drawn(self, thing_id: str) -> bool:
        return any(thing_id in table for table in (self._nodes, self._wiring.links, self._wiring.arrows, self._host_of))

    def _port_at(self, point: QPointF, zoom: float) -> Hit | None:
        """The handle at `point`, of the card that shows its handles."""
        if not self._ports.are_shown:
            return None
        reach = max(PORT_RADIUS + 3, 7 / zoom)
        for node in self.items(QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)):
            if isinstance(node, NodeItem):
                for side in Side:
                    offset = point - node.port(side)
                    if offset.x() ** 2 + offset.y() ** 2 <= reach**2:
                        return Hit(node.node.id, node.node.id, side)
        return None

    def _repaint(self, ids: Iterable[str]) -> None:
        items: set[QGraphicsItem] = set()
        for thing_id in ids:
            if node := self._nodes.get(self._host_of.get(thing_id, thing_id)):
                items.add(node)
            if arrow := self._wiring.arrows.get(self._wiring.move_of.get(thing_id, thing_id)):
                items.add(arrow)
            if link := self._wiring.links.get(thing_id):
                items |= {link, link.label}
        for item in items:
            item.update()

    def _repaint_all(self) -> None:
        for item in self.items():
            item.update()
