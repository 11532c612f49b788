"""What keys, menus, drops and gestures do to the document. Whatever can't be done is told in a sentence."""

from collections.abc import Callable, Collection, Iterable

from PySide6.QtCore import QPointF, QRectF

from vmplanner.domain import edits, group_edits
from vmplanner.domain import places as in_places
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.groups import Frame
from vmplanner.domain.project import Change, Project
from vmplanner.domain.topology import Position
from vmplanner.store.library import ProfileTemplate
from vmplanner.ui.canvas.free_place import free_place
from vmplanner.ui.canvas.geometry import snapped
from vmplanner.ui.canvas.scene import TopologyScene
from vmplanner.ui.theme import GRID

PREVIEW = "This is how it will be. Go back to now to change the drawing."
NO_HOST = "A VM needs a host: put it on a host's card."


class Editor:
    """Edits the scene's document; `tell` takes sentences for the person, `show` brings things into view."""

    def __init__(
        self,
        scene: TopologyScene,
        templates: Iterable[ProfileTemplate],
        tell: Callable[[str], None],
        show: Callable[[Collection[str]], None],
    ) -> None:
        self._scene = scene
        self._templates = templates
        self.tell = tell
        self.show = show

    @property
    def project(self) -> Project:
        return self._scene.document.project

    def push(self, change: Change) -> None:
        """Apply a change and select what it adds to the drawing."""
        if self._scene.is_preview:
            self.tell(PREVIEW)
            return
        try:
            self._scene.document.push(change)
        except PlannerError as error:
            self.tell(str(error))
            return
        drawn = [edit for edit in change.edits if edit.collection not in ("plans", "groups")]
        added = {edit.thing.id for edit in drawn if edit.before is None}
        if added:
            self._scene.select(added)

    def place(self, payload: dict[str, str], at: QPointF) -> None:
        """Add what a palette's payload says at a point of the scene: cards on the grid, VMs on a host. What is added is
        brought into view.
        """
        position = Position(*snapped(at).toTuple())
        if payload["kind"] == "host":
            self.push(edits.add_host(self.project, position))
        elif payload["kind"] == "switch":
            self.push(edits.add_switch(self.project, position))
        elif payload["kind"] == "storage":
            self.push(edits.add_storage(self.project, position))
        else:
            self.add_machine(payload["name"], self._scene.host_at(at))
        self.show(self._scene.selected_ids)

    def add_host(self) -> None:
        """Add a host where there is room."""
        self.place({"kind": "host"}, free_place(self._scene, "host"))

    def add_switch(self) -> None:
        """Add a switch where there is room."""
        self.place({"kind": "switch"}, free_place(self._scene, "switch"))

    def add_storage(self) -> None:
        """Add a storage where there is room."""
        self.place({"kind": "storage"}, free_place(self._scene, "storage"))

    @property
    def profile_names(self) -> list[str]:
        """The profiles that a new VM can be given."""
        return [template.name for template in self._templates]

    def add_machine(self, profile_name: str, host_id: str | None) -> None:
        """Add a VM with a profile of the library to a host."""
        template = next((each for each in self._templates if each.name == profile_name), None)
        if template is None:
            self.tell(f"There is no profile '{profile_name}' in the library; choose one from the palette.")
        elif host_id is None:
            self.tell(NO_HOST)
        else:
            profile = template.profile_for(template.memory_bytes)
            self.push(edits.add_machine(self.project, host_id, profile, template.memory_bytes))

    def link_selected(self) -> None:
        """Link two selected cards, or the one switch or storage among several with all others."""
        try:
            self.push(edits.link_all(self.project, self._scene.selected_ids))
        except PlannerError as error:
            self.tell(f"{error}.")

    def link(self, end_a_id: str, end_b_id: str) -> None:
        self.push(edits.add_link(self.project, end_a_id, end_b_id))

    def move_nodes(self, places: dict[str, QPointF]) -> None:
        """Give cards new positions."""
        positions = {node_id: Position(*place.toTuple()) for node_id, place in places.items()}
        self.push(edits.move_nodes(self.project, positions))

    def move_into(self, places: dict[str, QPointF], host_ids: Collection[str], place_id: str | None) -> None:
        """Give cards new positions; these hosts of them lie in another place then, None: in none."""
        positions = {node_id: Position(*place.toTuple()) for node_id, place in places.items()}
        self.push(in_places.move_into(self.project, positions, host_ids, place_id))

    def move_place(self, place_id: str, offset: QPointF, parent_id: str | None) -> None:
        """Move a site or a rack with all that lies in it, and make it a part of another place or of none."""
        self.push(in_places.move_place(self.project, place_id, offset.x(), offset.y(), parent_id))

    def resize_place(self, place_id: str, rect: QRectF | None) -> None:
        """Give a place a least size; None: as large as what lies in it."""
        frame = None if rect is None else Frame(rect.x(), rect.y(), rect.width(), rect.height())
        self.push(in_places.resize_place(self.project, place_id, frame))

    def toggle_place(self, place_id: str) -> None:
        """Collapse a place, or expand it again."""
        self.push(in_places.collapse(self.project, place_id, not self.project.groups[place_id].is_collapsed))

    def make_site(self) -> None:
        """Make a site of the selected hosts, with the racks that they fill."""
        self.push(in_places.make_site(self.project, self._scene.selected_ids))

    def dissolve_place(self, place_id: str) -> None:
        """Remove a place; what lies in it stays."""
        self.push(edits.delete(self.project, {place_id}))

    def nudge(self, dx: int, dy: int) -> bool:
        """Move the selected cards by steps of the grid; False when none is selected."""
        nodes = [node for node in map(self.project.node, sorted(self._scene.selected_ids)) if node is not None]
        step = QPointF(dx, dy) * GRID
        if nodes:
            self.move_nodes({node.id: QPointF(node.position.x, node.position.y) + step for node in nodes})
        return bool(nodes)

    def move_machines(self, machine_ids: Iterable[str], host_id: str, *, at_once: bool) -> None:
        """Plan to move VMs to a host, or put them there at once."""
        edit = edits.place_machines if at_once else edits.plan_moves
        self.push(edit(self.project, machine_ids, host_id))

    def delete_selected(self) -> None:
        """Remove the selected things and what can't be without them."""
        self.push(edits.delete(self.project, self._scene.selected_ids))

    def make_rack(self) -> None:
        """Make a rack of the selected hosts."""
        self.push(group_edits.make_rack(self.project, self._scene.selected_ids))

    def keep_selected(self) -> None:
        """Take the selected VMs' planned moves, and the selected arrows, out of the plan."""
        moves = self._scene.migrations_of(self._scene.selected_ids)
        machine_ids = [move.vm_id for move in self.project.plan.migrations if move.id in moves]
        homes = {self.project.machines[machine_id].host_id for machine_id in machine_ids}
        if len(homes) == 1:
            self.push(edits.plan_moves(self.project, machine_ids, homes.pop()))
        else:
            self.push(edits.delete(self.project, moves))
