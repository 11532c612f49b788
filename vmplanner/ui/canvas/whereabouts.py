"""Where things of the drawing are: their rectangles, and the points where their badges sit."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from vmplanner.ui.canvas.items import HostItem

if TYPE_CHECKING:
    from vmplanner.ui.canvas.scene import TopologyScene

# A line has no area; this far around it is still part of it.
_AROUND_LINE = 12.0


def chip_rect(scene: "TopologyScene", machine_id: str) -> QRectF:
    """Where a VM's chip is, or the card of the place that hides it (scene coordinates)."""
    host_id = scene.host_of[machine_id]
    if (place := scene.boxes.card_of(host_id)) is not None:
        return place.rect
    host = scene.nodes[host_id]
    assert isinstance(host, HostItem)
    return host.chip_rect(machine_id).translated(host.pos())


def rect_of(scene: "TopologyScene", thing_id: str) -> QRectF:
    """The rectangle around a drawn thing (scene coordinates)."""
    if thing_id in scene.host_of:
        return chip_rect(scene, thing_id)
    if (card := scene.boxes.card_of(thing_id) or scene.nodes.get(thing_id)) is not None:
        return card.scene_card()
    if (place := scene.boxes.items.get(thing_id)) is not None:
        return place.rect
    if (line := scene.wiring.line(thing_id)) is not None:
        return line.path.boundingRect().adjusted(-_AROUND_LINE, -_AROUND_LINE, _AROUND_LINE, _AROUND_LINE)
    return scene.wiring.arrows[thing_id].sceneBoundingRect()


def rect_around(scene: "TopologyScene", thing_ids: Iterable[str]) -> QRectF:
    """The rectangle around some drawn things and places; empty without any."""
    around = QRectF()
    for thing_id in thing_ids:
        around = around.united(rect_of(scene, thing_id))
    return around


def hider_of(scene: "TopologyScene", thing_id: str) -> str | None:
    """The collapsed place that hides a thing: a card, a VM, or a line of which both ends are in it."""
    ends = [scene.host_of.get(thing_id, thing_id)]
    if (link := scene.document.project.links.get(thing_id)) is not None:
        ends = [link.end_a_id, link.end_b_id]
    elif (arrow := scene.wiring.arrows.get(thing_id)) is not None:
        ends = [scene.host_of[arrow.migration.vm_id], arrow.migration.target_id]
    cards = {None if card is None else card.place.id for card in map(scene.boxes.card_of, ends)}
    return cards.pop() if len(cards) == 1 else None


def badge_place(scene: "TopologyScene", thing_id: str) -> QPointF | None:
    """In a chip's lower corner, on a card's upper one, on a link's label; None for what is not drawn."""
    place = scene.boxes.items.get(thing_id)
    if place is not None:
        return place.rect.topRight() + QPointF(-2, 2) if place.isVisible() and not place.rect.isEmpty() else None
    if scene.boxes.card_of(scene.host_of.get(thing_id, thing_id)) is not None:
        return None
    if thing_id in scene.host_of:
        return chip_rect(scene, thing_id).bottomRight() - QPointF(12, 11)
    if (node := scene.nodes.get(thing_id)) is not None:
        return node.scene_card().topRight() + QPointF(-2, 2)
    if (line := scene.wiring.line(thing_id)) is not None:
        label = line.label.rect
        return line.path.pointAtPercent(0.5) if label.isEmpty() else label.topRight() + QPointF(-2, 2)
    if (arrow := scene.wiring.arrows.get(thing_id)) is not None and arrow.isVisible():
        return arrow.path.pointAtPercent(0.5)
    return None
