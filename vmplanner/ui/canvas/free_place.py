"""Where there is room for another card in the drawing."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from vmplanner.ui.canvas import items
from vmplanner.ui.canvas.geometry import snapped
from vmplanner.ui.theme import GRID

if TYPE_CHECKING:
    from vmplanner.ui.canvas.scene import TopologyScene

_GAP = 8.0 * GRID
_SIZES = {
    "host": (items.CARD_WIDTH, items.EMPTY_HEIGHT),
    "switch": items.SWITCH_SIZE,
    "storage": items.STORAGE_SIZE,
}


def free_place(scene: "TopologyScene", kind: str) -> QPointF:
    """The middle of a new card of a kind: to the right of the selected cards or else of all, where nothing is."""
    taken = [node.scene_card() for node in scene.nodes.values() if node.isVisible()]
    taken += [place.rect for place in scene.boxes.shown()]
    width, height = _SIZES[kind]
    beside = QRectF()
    for node_id in scene.selected_ids & scene.nodes.keys():
        beside = beside.united(scene.rect_of(node_id))
    if beside.isEmpty():
        beside = scene.content_rect()
    if beside.isEmpty():
        return QPointF()
    card = QRectF(beside.right() + _GAP, beside.top(), width, height)
    while blocking := [rect for rect in taken if rect.intersects(card.adjusted(-_GAP / 2, 0, _GAP / 2, 0))]:
        card.moveLeft(max(rect.right() for rect in blocking) + _GAP)
    return snapped(card.center())
