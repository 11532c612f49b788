"""Which links and planned moves are drawn, which cards they join, and how they run between them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsScene

from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project
from vmplanner.domain.topology import Link
from vmplanner.ui.canvas import chips, geometry
from vmplanner.ui.canvas.boxes import Boxes
from vmplanner.ui.canvas.geometry import Side
from vmplanner.ui.canvas.items import HostItem, Marks, NodeItem
from vmplanner.ui.canvas.lines import MoveArrow
from vmplanner.ui.canvas.links import LinkLayer, LinkLine
from vmplanner.ui.canvas.place_items import PlaceItem
from vmplanner.ui.canvas.routes import Router, TakenSpace

_PARALLEL = 14.0
_ARRIVALS_FROM = 44.0
_ARRIVAL_STEP = 14.0
# Of more arrows only those have their technique beside them that have another one than most.
_ALL_LABELLED = 8
_NO_CARDS = Router(())

Card = NodeItem | PlaceItem


class Wiring:
    """The lines of a scene: `lines` by the id of their first link, `arrows` by id, and `move_of`, the id of each VM's
    planned move.

    `nodes` and `host_of` (VM id to host id) are the scene's own tables and are only read.
    """

    def __init__(
        self,
        scene: QGraphicsScene,
        nodes: Mapping[str, NodeItem],
        boxes: Boxes,
        host_of: Mapping[str, str],
        marks: Marks,
    ) -> None:
        self.lines: dict[str, LinkLine] = {}
        self.arrows: dict[str, MoveArrow] = {}
        self.move_of: dict[str, str] = {}
        self.layer = LinkLayer(self.lines, marks, self._end_card)
        # Kept apart from the arrows: an arrow that is deleted and brought back still shows how its migration ended.
        self._progress: dict[str, tuple[float | None, str]] = {}
        self._loads: Mapping[str, float] = {}
        self._scene = scene
        self._nodes = nodes
        self._boxes = boxes
        self._host_of = host_of
        self._marks = marks
        self._line_of: dict[str, LinkLine] = {}
        self._lines_of: dict[str, set[str]] = {}
        self._arrows_of: dict[str, set[str]] = {}
        scene.addItem(self.layer)
        scene.addItem(self.layer.labels)

    def clear(self) -> None:
        for arrow in self.arrows.values():
            self._scene.removeItem(arrow)
        for table in (
            self.lines,
            self.arrows,
            self.move_of,
            self._progress,
            self._line_of,
            self._lines_of,
            self._arrows_of,
        ):
            table.clear()
        self._loads = {}
        self.layer.clear()

    def _card(self, node_id: str) -> Card:
        """What is drawn for a node: its own card, or the collapsed place that hides it."""
        return self._boxes.card_of(node_id) or self._nodes[node_id]

    def _card_id(self, node_id: str) -> str:
        place = self._boxes.card_of(node_id)
        return node_id if place is None else place.place.id

    # Links

    @property
    def link_ids(self) -> Iterable[str]:
        """The links that are drawn."""
        return self._line_of.keys()

    def line(self, link_id: str) -> LinkLine | None:
        """The line of a link; None when both of its ends are in one collapsed place."""
        return self._line_of.get(link_id)

    def show_links(self, project: Project) -> None:
        """Bring the lines in line with the project: one for each link, or for all that a collapsed place has with
        another card.
        """
        bundles: dict[tuple[str, str, str], list[Link]] = {}
        for link in project.links.values():
            a, b = sorted((self._card_id(link.end_a_id), self._card_id(link.end_b_id)))
            if a != b:
                is_bundle = a in self._boxes.items or b in self._boxes.items
                bundles.setdefault((a, b, "" if is_bundle else link.id), []).append(link)
        before = dict(self.lines)
        self.lines.clear()
        self._line_of.clear()
        self._lines_of.clear()
        for (a, b, _), links in bundles.items():
            line = before.pop(links[0].id, None)
            if line is None or line.ends != (a, b):
                line = LinkLine(tuple(links), (a, b), self._direct)
                line.set_loads(self._loads)
            elif line.links != tuple(links):
                line.set_links(tuple(links))
            self.lines[line.id] = line
            self._line_of.update(dict.fromkeys(line.ids, line))
            for card_id in (a, b):
                self._lines_of.setdefault(card_id, set()).add(line.id)
        self.layer.drop(before)
        self.layer.loosen(list(self.lines.values()))

    def show_loads(self, loads: Mapping[str, float]) -> None:
        """The shares of links' bandwidth that a run takes; links that are not named are free."""
        self._loads = loads
        self.layer.repaint([line for line in self.lines.values() if line.set_loads(loads)])

    def _end(self, card_id: str) -> Card:
        return self._boxes.items.get(card_id) or self._nodes[card_id]

    def _end_card(self, card_id: str) -> QRectF:
        return self._end(card_id).scene_card()

    def _direct(self, line: LinkLine) -> QPainterPath:
        """The way of a line, without looking for ways around cards."""
        return self._route(line, _NO_CARDS)

    def _route(self, line: LinkLine, router: Router) -> QPainterPath:
        a_id, b_id = line.ends
        a, b = self._end(a_id), self._end(b_id)
        leave, arrive = geometry.facing_sides(a.scene_card(), b.scene_card())
        parallel = sorted(self._lines_of[a_id] & self._lines_of[b_id])
        offset = (parallel.index(line.id) - (len(parallel) - 1) / 2) * _PARALLEL
        shift = QPointF(offset, 0) if leave in (Side.TOP, Side.BOTTOM) else QPointF(0, offset)
        path = QPainterPath(a.port(leave) + shift)
        router.extend(path, leave, b.port(arrive) + shift, arrive)
        return path

    # Planned moves

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
        coming: dict[str, int] = {}
        for move in moves.values():
            touched |= self._show_move(move)
            self.move_of[move.vm_id] = move.id
            source_id = self._host_of[move.vm_id]
            away.setdefault(source_id, set()).add(move.vm_id)
            coming[move.target_id] = coming.get(move.target_id, 0) + project.machines[move.vm_id].memory_bytes
            for host_id in (source_id, move.target_id):
                self._arrows_of.setdefault(host_id, set()).add(move.id)
        for host_id in project.hosts:
            if self._host(host_id).set_planned(frozenset(away.get(host_id, ())), coming.get(host_id, 0)):
                touched.add(host_id)
        return touched

    def _show_move(self, move: Migration) -> set[str]:
        arrow = self.arrows.get(move.id)
        if arrow is None:
            arrow = self.arrows[move.id] = MoveArrow(move, self._marks)
            arrow.set_progress(*self._progress.get(move.id, (None, "")))
            self._scene.addItem(arrow)
            return {move.target_id}
        before = arrow.migration
        if before == move:
            return set()
        arrow.set_migration(move)
        return {before.target_id, move.target_id}

    def show_progress(self, move_id: str, fraction: float | None, state: str) -> None:
        """How far a move's migration is, see MoveArrow.set_progress."""
        self._progress[move_id] = fraction, state
        if arrow := self.arrows.get(move_id):
            arrow.set_progress(fraction, state)

    # Ways

    def follow(self, node_ids: Iterable[str]) -> None:
        """Draw the lines of cards that have moved or grown at once, without looking for ways around other cards."""
        node_ids = set(node_ids)
        cards = {self._card_id(node_id) if node_id in self._nodes else node_id for node_id in node_ids}
        line_ids = {line_id for card_id in cards for line_id in self._lines_of.get(card_id, ())}
        if line_ids:
            self.layer.loosen([self.lines[line_id] for line_id in line_ids])
        moves = {move_id for node_id in node_ids for move_id in self._arrows_of.get(node_id, ())}
        self._draw_arrows({self.arrows[move_id].migration.target_id for move_id in moves}, _NO_CARDS)

    def settling(self) -> Iterator[None]:
        """Draw all lines so that they keep clear of cards, and put labels where they cover nothing, piece by piece."""
        cards = [node.scene_card() for node in self._nodes.values() if node.isVisible()]
        cards += [item.rect for item in self._boxes.items.values() if item.isVisible() and item.place.is_collapsed]
        yield
        router = Router(cards)
        yield
        for line in list(self.lines.values()):
            path = self._route(line, router)
            if path != line.path:
                self.layer.repaint([line])
                line.set_path(path)
                self.layer.repaint([line])
            self.layer.put(line)
            yield
        self._draw_arrows(self._arrows_of, router)
        yield
        yield from self._place_labels(cards, router)

    def _draw_arrows(self, target_ids: Iterable[str], router: Router) -> None:
        """Give every arrow to these hosts its own place on the host's edge, in the order of their sources."""
        arriving: dict[tuple[str, Side], list[tuple[float, str, Side]]] = {}
        cards = {self._card_id(target_id) for target_id in target_ids}
        for target_id in self._arrows_of:
            for move_id in self._arrows_of[target_id] if self._card_id(target_id) in cards else ():
                move = self.arrows[move_id].migration
                if move.target_id == target_id:
                    leave, arrive, height = self._departure(move)
                    arriving.setdefault((self._card_id(target_id), arrive), []).append((height, move_id, leave))
        for (card_id, arrive), group in arriving.items():
            group.sort(key=itemgetter(0, 1))
            self._draw_arrivals(self._end(card_id), arrive, group, router)

    def _departure(self, move: Migration) -> tuple[Side, Side, float]:
        """The sides at which a move leaves and arrives, and how high its source is."""
        source_id = self._host_of[move.vm_id]
        source, target = self._card(source_id), self._card(move.target_id)
        if isinstance(source, HostItem):
            in_left = source.is_in_left_column(move.vm_id)
            height = source.y() + source.chip_rect(move.vm_id).center().y()
        else:
            in_left, height = False, source.scene_card().center().y()
        return *geometry.move_sides(source.scene_card(), target.scene_card(), in_left), height

    def _draw_arrivals(self, card: Card, arrive: Side, group: list[tuple[float, str, Side]], router: Router) -> None:
        target = card.scene_card()
        above = _ARRIVALS_FROM if isinstance(card, HostItem) else 8
        room = target.height() - above - 8
        step = min(_ARRIVAL_STEP, room / len(group))
        edge = target.left() if arrive is Side.LEFT else target.right()
        first = target.top() + above + (room - step * (len(group) - 1)) / 2
        for place, (_height, move_id, leave) in enumerate(group):
            arrow = self.arrows[move_id]
            move = arrow.migration
            source = self._card(self._host_of[move.vm_id])
            arrow.setVisible(source is not card)
            if isinstance(source, HostItem):
                chip = source.chip_rect(move.vm_id).translated(source.pos())
                in_left = source.is_in_left_column(move.vm_id)
                path = chips.departure(chip, in_left, leave is Side.RIGHT, source.scene_card())
            else:
                path = QPainterPath(source.port(leave))
            router.extend(path, leave, QPointF(edge, first + step * place), arrive)
            arrow.set_way(path, arrive)

    def _place_labels(self, cards: Iterable[QRectF], router: Router) -> Iterator[None]:
        """A label goes where it covers no card, no other label and no second line, or is hidden."""
        taken = TakenSpace()
        for card in cards:
            taken.add(card.adjusted(-3, -3, 3, 3))
        for line in list(self.lines.values()):
            free = (rect for rect in line.label_places() if taken.is_free(rect) and router.lines_at(rect) <= 1)
            rect = next(free, QRectF())
            self.layer.labels.update(line.label.rect)
            line.label.rect = rect
            self.layer.labels.update(rect)
            if not rect.isEmpty():
                taken.add(rect)
            yield
        techniques = Counter(arrow.migration.technique for arrow in self.arrows.values())
        usual = techniques.most_common(1)[0][0] if len(self.arrows) > _ALL_LABELLED else None
        for arrow in list(self.arrows.values()):
            is_told = arrow.isVisible() and arrow.migration.technique is not usual
            places = (arrow.label.rect_at(arrow.path.pointAtPercent(share)) for share in (0.5, 0.35, 0.65))
            rect = next((rect for rect in places if taken.is_free(rect)), QRectF()) if is_told else QRectF()
            arrow.place_label(rect)
            if not rect.isEmpty():
                taken.add(rect.adjusted(-24, -2, 24, 2))
            yield

    def _host(self, host_id: str) -> HostItem:
        item = self._nodes[host_id]
        assert isinstance(item, HostItem)
        return item
