"""What a tool tip says about a thing of the drawing."""

from typing import TYPE_CHECKING

from vmplanner.domain.quantities import BYTES
from vmplanner.ui.canvas.bars import use_text
from vmplanner.ui.canvas.items import HostItem, StorageItem

if TYPE_CHECKING:
    from vmplanner.ui.canvas.scene import TopologyScene


def told(scene: "TopologyScene", thing_id: str) -> str:
    """A line or two about a thing; "" for what is not drawn."""
    project = scene.document.project
    if arrow := scene.wiring.arrows.get(thing_id):
        move = arrow.migration
        names = project.machines[move.vm_id].name, project.hosts[move.target_id].name
        return f"{names[0]} moves to {names[1]}\n{arrow.label.text}"
    if machine := project.machines.get(thing_id):
        size = f"{BYTES.format(machine.memory_bytes)}, {machine.vcpus} vCPU"
        return f"{machine.name}\n{size}\nProfile: {machine.profile.name}"
    if line := scene.wiring.line(thing_id):
        return line.label.text
    if place := scene.boxes.items.get(thing_id):
        totals = place.totals
        memory = use_text(totals.used_bytes, totals.memory_bytes)
        how = "expand" if place.place.is_collapsed else "collapse"
        return f"{place.place.name}\n{totals.text}\nMemory: {memory}\nDrag to move, double-click to {how}"
    node = scene.nodes.get(thing_id)
    if isinstance(node, HostItem):
        parts = [node.node.name, f"{node.node.policy.label}, {node.cpu_text()}", f"Memory: {node.memory_text()}"]
        if node.reserved_bytes:
            parts.append(f"Reserved for planned arrivals: {BYTES.format(node.reserved_bytes)}")
        return "\n".join(parts)
    if isinstance(node, StorageItem):
        return f"{node.node.name}\nDisks of VMs: {node.line()}"
    return "" if node is None else node.node.name
