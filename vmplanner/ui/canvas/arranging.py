"""Lines up, spreads out and arranges cards of the drawing: one undo step each, and cards that glide to their places."""

from collections.abc import Iterable

from attrs import evolve
from PySide6.QtCore import QEasingCurve, QObject, QPointF, QVariantAnimation, Signal

from vmplanner.domain import edits
from vmplanner.domain.project import Change, Edit
from vmplanner.domain.topology import Position
from vmplanner.ui.canvas.alignment import Axis, Card, Line, Places, align, distribute, middle, positions
from vmplanner.ui.canvas.editing import Editor
from vmplanner.ui.canvas.force import force_directed
from vmplanner.ui.canvas.geometry import snapped
from vmplanner.ui.canvas.layered import Layers
from vmplanner.ui.canvas.place_items import AROUND, HEADER
from vmplanner.ui.canvas.scene import TopologyScene

_GLIDE_MS = 180
# More cards than this jump: each step would take too long to draw.
_MOST_GLIDING = 120


class Arranger(QObject):
    """Works on the selected cards of the scene; the arrangements on all of them while fewer than two are selected.

    `arranged()`: everything has found another place and is there; `settled()`: whatever moved is there.
    """

    arranged = Signal()
    settled = Signal()

    def __init__(self, scene: TopologyScene, editor: Editor, parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene
        self._editor = editor
        self._starts: dict[str, QPointF] = {}
        self._arranging: frozenset[str] = frozenset()
        self._glide = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=_GLIDE_MS)
        self._glide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._glide.valueChanged.connect(self._show)
        self._glide.finished.connect(self._settle)
        scene.document.changed.connect(self.stop)
        scene.document.replaced.connect(self.stop)

    # What the actions do

    def align_left(self) -> None:
        self._align(Line.LEFT)

    def align_centre(self) -> None:
        self._align(Line.CENTRE)

    def align_right(self) -> None:
        self._align(Line.RIGHT)

    def align_top(self) -> None:
        self._align(Line.TOP)

    def align_middle(self) -> None:
        self._align(Line.MIDDLE)

    def align_bottom(self) -> None:
        self._align(Line.BOTTOM)

    def distribute_across(self) -> None:
        self._distribute(Axis.ACROSS)

    def distribute_down(self) -> None:
        self._distribute(Axis.DOWN)

    def in_layers(self) -> None:
        """Arrange by site, rack and host."""
        cards = self._arranged()
        if cards:
            self._arrange(cards, self._layers(cards).whole().cards, "in layers")

    def by_forces(self) -> None:
        """Arrange so that linked things are near each other."""
        cards = self._arranged()
        if cards:
            self._arrange(cards, force_directed(self._editor.project, self._layers(cards)), "by its links")

    # How

    def _cards(self, ids: Iterable[str]) -> dict[str, Card]:
        """The cards of the nodes among these, in the order of their ids."""
        cards = {}
        for node_id in sorted(ids):
            item = self._scene.node_item(node_id)
            if item is not None:
                rect, position = item.scene_card(), item.pos()
                offset = position - rect.topLeft()
                size = rect.width(), rect.height()
                cards[node_id] = Card(node_id, rect.left(), rect.top(), *size, offset.x(), offset.y())
        return cards

    def _selected(self) -> dict[str, Card]:
        return self._cards(self._scene.selected_ids)

    def _arranged(self) -> dict[str, Card]:
        selected = self._selected()
        return selected if len(selected) > 1 else self._cards(self._scene.all_ids())

    def _layers(self, cards: dict[str, Card]) -> Layers:
        return Layers(self._editor.project, cards, AROUND, HEADER + 8)

    def _align(self, line: Line) -> None:
        cards = self._selected()
        if len(cards) > 1:
            self._move(align(cards.values(), line), f"Align the {line.value} of {edits.count(len(cards), 'item')}")

    def _distribute(self, axis: Axis) -> None:
        cards = self._selected()
        if len(cards) > 2:
            self._move(distribute(cards.values(), axis), f"Distribute {edits.count(len(cards), 'item')} {axis.value}")

    def _arrange(self, cards: dict[str, Card], arranged: Iterable[Card], how: str) -> None:
        """Move cards to where they were arranged, so that their middle stays; boxes have no least sizes any more."""
        after = {card.id: card for card in arranged}
        (x, y), (new_x, new_y) = middle(cards), middle(after)
        shift = snapped(QPointF(x - new_x, y - new_y))
        moved = {i: card.at(card.left + shift.x(), card.top + shift.y()) for i, card in after.items()}
        on_grid = {i: snapped(QPointF(*place)).toTuple() for i, place in positions(moved.values()).items()}
        is_all = len(cards) == len(self._cards(self._scene.all_ids()))
        what = "the drawing" if is_all else edits.count(len(cards), "item")
        frames = [
            Edit(group, evolve(group, frame=None))
            for group in (self._editor.project.groups.values() if is_all else ())
            if group.frame is not None
        ]
        self._move(on_grid, f"Arrange {what} {how}", frames)
        self._arranging = frozenset(cards)
        if not self._starts:
            self._settle()

    def _move(self, places: Places, title: str, more: Iterable[Edit] = ()) -> None:
        starts = {node_id: item.pos() for node_id in places if (item := self._scene.node_item(node_id)) is not None}
        before = self._editor.project
        moved = edits.move_nodes(before, {node_id: Position(*place) for node_id, place in places.items()})
        self._editor.push(Change(title, (*moved.edits, *more)))
        if self._editor.project is not before and len(starts) <= _MOST_GLIDING:
            self._starts = starts
            self._show(0.0)
            self._glide.start()

    def _settle(self) -> None:
        """After a part of the drawing only what is out of sight comes into view."""
        arranging, self._arranging = self._arranging, frozenset()
        if arranging and self._scene.nodes.keys() <= arranging:
            self.arranged.emit()
        else:
            self._editor.show(arranging)
        self.settled.emit()

    def stop(self) -> None:
        """Let the cards be where they belong."""
        self._arranging = frozenset()
        if self._starts:
            self._glide.stop()
            self._show(1.0)
            self._starts = {}

    def _show(self, share: float) -> None:
        """The cards on their way; at 1.0 they are there."""
        project = self._editor.project
        for node_id, start in self._starts.items():
            node, item = project.node(node_id), self._scene.node_item(node_id)
            if node is not None and item is not None:
                end = QPointF(node.position.x, node.position.y)
                item.setPos(start + (end - start) * share)
        self._scene.nodes_moved(self._starts)
        if share >= 1.0:
            self._starts = {}
