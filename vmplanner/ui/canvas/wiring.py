"""Which links and planned moves are drawn, which cards they join, and how they run between them."""

from collections.abc import Iterable, Mapping
from operator import itemgetter

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsScene

from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project
from vmplanner.ui.canvas import chips, geometry
from vmplanner.ui.canvas.geometry import Side
from vmplanner.ui.canvas.items import HostItem, Marks, NodeItem
from vmplanner.ui.canvas.lines import LinkItem, MoveArrow
from vmplanner.ui.canvas.routes import Router, TakenSpace

_PARALLEL = 14.0
_ARRIVALS_FROM = 44.0
_ARRIVAL_STEP = 14.0


class Wiring:
    """The lines of a scene: `links` and `arrows` by id, and `move_of`, the id of each VM's planned move.

    `nodes` and `host_of` (VM id to host id) are the scene's own tables and are only read.
    """

    def __init__(
        self, scene: QGraphicsScene, nodes: Mapping[str, NodeItem], host_of: Mapping[str, str], marks: Marks
    ) -> None:
        self.links: dict[str, LinkItem] = {}
        self.arrows: dict[str, MoveArrow] = {}
        self.move_of: dict[str, str] = {}
        # Kept apart from the arrows: an arrow that is deleted and brought back still shows how its migration ended.
        self._progress: dict[str, tuple[float | None, str]] = {}
        self._scene = scene
        self._nodes = nodes
        self._host_of = host_of
        self._marks = marks
        self._links_of: dict[str, set[str]] = {}
        self._arrows_of: dict[str, set[str]] = {}

    def clear(self) -> None:
        for link in self.links.values():
            self._remove_link(link)
        for arrow in self.arrows.values():
            self._scene.removeItem(arrow)
        for table in (self.links, self.arrows, self.move_of, self._progress, self._links_of, self._arrows_of):
            table.clear()

    def show_link(self, project: Project, link_id: str) -> set[str]:
        """Add, change or remove a link's item; returns the nodes whose links must be drawn anew."""
        link, item = project.links.get(link_id), self.links.pop(link_id, None)
        ends: set[str] = set()
        if item is not None:
            ends |= {item.link.end_a_id, item.link.end_b_id}
            for node_id in ends:
                self._links_of[node_id].discard(link_id)
        if link is None:
            if item is not None:
                self._remove_link(item)
            return ends
        if item is None:
            item = LinkItem(link, self._marks)
            self._scene.addItem(item)
            self._scene.addItem(item.label)
        item.set_link(link)
        self.links[link_id] = item
        for node_id in (link.end_a_id, link.end_b_id):
            self._links_of.setdefault(node_id, set()).add(link_id)
        return {*ends, link.end_a_id, link.end_b_id}

    def _remove_link(self, item: LinkItem) -> None:
        self._scene.removeItem(item)
        self._scene.removeItem(item.label)

    def show_plan(self, project: Project) -> set[str]:
        """Bring the arrows in line with the plan and with where its VMs are now; returns the hosts that they touch."""
        moves = {move.id: move for move in project.plan.migrations if self._host_of[move.vm_id] != move.target_id}
        touched: set[str] = set()
        for move_id in self.arrows.keys() - moves.keys():
            arrow = self.arrows.pop(move_id)
            touched.add(arrow.migration.target_id)
            self._scene.removeItem(arrow)
        self._arrows_of.clear()
        self.move_of.clear()
        away: dict[str, set[str]] = {}
        for move in moves.values():
            touched |= self._show_move(move)
            self.move_of[move.vm_id] = move.id
            source_id = self._host_of[move.vm_id]
            away.setdefault(source_id, set()).add(move.vm_id)
            for host_id in (source_id, move.target_id):
                self._arrows_of.setdefault(host_id, set()).add(move.id)
        for host_id in project.hosts:
            self._host(host_id).set_away(frozenset(away.get(host_id, ())))
        return touched

    def _show_move(self, move: Migration) -> set[str]:
        arrow = self.arrows.get(move.id)
        if arrow is None:
            arrow = self.arrows[move.id] = MoveArrow(move, self._marks)
            arrow.set_progress(*self._progress.get(move.id, (None, "")))
            self._scene.addItem(arrow)
            return {move.target_id}
        before, arrow.migration = arrow.migration, move
        return set() if before == move else {before.target_id, move.target_id}

    def show_progress(self, move_id: str, fraction: float | None, state: str) -> None:
        """How far a move's migration is, see MoveArrow.set_progress."""
        self._progress[move_id] = fraction, state
        if arrow := self.arrows.get(move_id):
            arrow.set_progress(fraction, state)

    def follow(self, node_ids: Iterable[str]) -> None:
        """Draw the lines of cards that have moved or grown at once, without looking for ways around other cards."""
        node_ids = set(node_ids)
        router = Router(())
        for link_id in {link_id for node_id in node_ids for link_id in self._links_of.get(node_id, ())}:
            self._draw_link(self.links[link_id], router)
        moves = {move_id for node_id in node_ids for move_id in self._arrows_of.get(node_id, ())}
        self._draw_arrows({self.arrows[move_id].migration.target_id for move_id in moves}, router)

    def settle(self) -> None:
        """Draw all lines so that they keep clear of cards, and put the links' labels where they cover nothing."""
        router = Router([node.scene_card() for node in self._nodes.values()])
        for item in self.links.values():
            self._draw_link(item, router)
        self._draw_arrows(self._arrows_of, router)
        self._place_labels(router)

    def _draw_link(self, item: LinkItem, router: Router) -> None:
        a_id, b_id = sorted((item.link.end_a_id, item.link.end_b_id))
        a, b = self._nodes[a_id], self._nodes[b_id]
        leave, arrive = geometry.facing_sides(a.scene_card(), b.scene_card())
        parallel = sorted(self._links_of[a_id] & self._links_of[b_id])
        offset = (parallel.index(item.link.id) - (len(parallel) - 1) / 2) * _PARALLEL
        shift = QPointF(offset, 0) if leave in (Side.TOP, Side.BOTTOM) else QPointF(0, offset)
        path = QPainterPath(a.port(leave) + shift)
        router.extend(path, leave, b.port(arrive) + shift, arrive)
        item.set_path(path)

    def _draw_arrows(self, target_ids: Iterable[str], router: Router) -> None:
        """Give every arrow to these hosts its own place on the host's edge, in the order of their sources."""
        for target_id in target_ids:
            arriving: dict[Side, list[tuple[float, str, Side]]] = {}
            for move_id in self._arrows_of.get(target_id, ()):
                move = self.arrows[move_id].migration
                if move.target_id == target_id:
                    source = self._host(self._host_of[move.vm_id])
                    in_left = source.is_in_left_column(move.vm_id)
                    target = self._nodes[target_id].scene_card()
                    leave, arrive = geometry.move_sides(source.scene_card(), target, in_left)
                    height = source.y() + source.chip_rect(move.vm_id).center().y()
                    arriving.setdefault(arrive, []).append((height, move_id, leave))
            for arrive, group in arriving.items():
                group.sort(key=itemgetter(0, 1))
                self._draw_arrivals(self._nodes[target_id].scene_card(), arrive, group, router)

    def _draw_arrivals(
        self, target: QRectF, arrive: Side, group: list[tuple[float, str, Side]], router: Router
    ) -> None:
        room = target.height() - _ARRIVALS_FROM - 8
        step = min(_ARRIVAL_STEP, room / len(group))
        edge = target.left() if arrive is Side.LEFT else target.right()
        first = target.top() + _ARRIVALS_FROM + (room - step * (len(group) - 1)) / 2
        for place, (_height, move_id, leave) in enumerate(group):
            arrow = self.arrows[move_id]
            source = self._host(self._host_of[arrow.migration.vm_id])
            chip = source.chip_rect(arrow.migration.vm_id).translated(source.pos())
            in_left = source.is_in_left_column(arrow.migration.vm_id)
            path = chips.departure(chip, in_left, leave is Side.RIGHT, source.scene_card())
            router.extend(path, leave, QPointF(edge, first + step * place), arrive)
            arrow.set_way(path, arrive)

    def _place_labels(self, router: Router) -> None:
        """A label goes where it covers no card, no other label and no second line, or is hidden."""
        taken = TakenSpace()
        for node in self._nodes.values():
            taken.add(node.scene_card().adjusted(-3, -3, 3, 3))
        for link in self.links.values():
            places = link.label_places()
            free = (rect for rect in places if taken.is_free(rect) and router.lines_at(rect) <= 1)
            rect = next(free, QRectF())
            link.label.set_rect(rect)
            if not rect.isEmpty():
                taken.add(rect)

    def _host(self, host_id: str) -> HostItem:
        item = self._nodes[host_id]
        assert isinstance(item, HostItem)
        return item
