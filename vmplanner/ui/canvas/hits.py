"""What is where in the drawing: what the pointer is at, and what a rubber band takes."""

from typing import TYPE_CHECKING

from attrs import frozen
from PySide6.QtCore import QPointF, QRectF

from vmplanner.ui.canvas.badges import Badge
from vmplanner.ui.canvas.distance import NEAR_FROM
from vmplanner.ui.canvas.geometry import Side
from vmplanner.ui.canvas.items import HostItem, NodeItem
from vmplanner.ui.canvas.lines import MoveArrow
from vmplanner.ui.canvas.overlays import PORT_RADIUS

if TYPE_CHECKING:
    from vmplanner.ui.canvas.scene import TopologyScene


@frozen
class Hit:
    """What is at a point: the thing itself (VM, card, arrow, link or place), the card below it, and the port handle;
    `is_badge`: the thing's badge is there; `is_grip`: the corner that resizes the place.
    """

    thing_id: str | None = None
    node_id: str | None = None
    port: Side | None = None
    is_badge: bool = False
    is_grip: bool = False


def hit(scene: "TopologyScene", point: QPointF, zoom: float) -> Hit:
    """What is at `point`. Handles and lines can be hit from the same distance in pixels at every zoom."""
    port = _port_at(scene, point, zoom)
    if port is not None:
        return port
    reach = max(1.0, 2.0 / zoom)
    around = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
    found = scene.items(around)
    node = next((item for item in found if isinstance(item, NodeItem) and item.scene_card().contains(point)), None)
    node_id = None if node is None else node.node.id
    badge = next((item for item in found if isinstance(item, Badge)), None)
    if badge is not None and zoom >= NEAR_FROM:
        return Hit(badge.thing_id, node_id, is_badge=True)
    if isinstance(node, HostItem) and (machine_id := node.machine_at(point - node.pos())):
        return Hit(machine_id, node_id)
    arrow = next((item for item in found if isinstance(item, MoveArrow)), None)
    if arrow is not None:
        return Hit(arrow.migration.id, node_id)
    if node is not None:
        return Hit(node_id, node_id)
    place_id = scene.boxes.handle_at(point, zoom)
    if place_id is not None:
        return Hit(place_id)
    line = next((line for line in scene.wiring.layer.meeting(around) if line.is_at(around)), None)
    if line is not None:
        return Hit(line.id)
    grip_id = scene.boxes.grip_at(point, zoom)
    return Hit(grip_id, is_grip=grip_id is not None)


def node_at(scene: "TopologyScene", point: QPointF) -> str | None:
    """The id of the host, switch or storage whose card is at `point`."""
    found = (item for item in scene.items(point) if isinstance(item, NodeItem))
    return next((item.node.id for item in found if item.scene_card().contains(point)), None)


def ids_in(scene: "TopologyScene", rect: QRectF) -> set[str]:
    """What a rubber band takes: cards it touches and lines it holds; inside one card, the VMs it touches."""
    found = scene.items(rect)
    nodes = [item for item in found if isinstance(item, NodeItem)]
    if len(nodes) == 1 and isinstance(nodes[0], HostItem) and nodes[0].scene_card().contains(rect):
        return nodes[0].machines_in(rect.translated(-nodes[0].pos()))
    ids = {item.node.id for item in nodes if item.scene_card().intersects(rect)}
    for place_id in scene.boxes.cards_in(rect):
        ids |= scene.together(place_id)
    for line in scene.wiring.layer.meeting(rect):
        if line.lies_in(rect):
            ids |= line.ids
    ids |= {item.migration.id for item in found if isinstance(item, MoveArrow) and item.lies_in(rect)}
    return ids


def _port_at(scene: "TopologyScene", point: QPointF, zoom: float) -> Hit | None:
    """The handle at `point`, of the card that shows its handles."""
    if not scene.ports.are_shown:
        return None
    reach = max(PORT_RADIUS + 3, 7 / zoom)
    for node in scene.items(QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)):
        if isinstance(node, NodeItem):
            for side in Side:
                offset = point - node.port(side)
                if offset.x() ** 2 + offset.y() ** 2 <= reach**2:
                    return Hit(node.node.id, node.node.id, side)
    return None
