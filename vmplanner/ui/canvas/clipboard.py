"""Cut, copy, paste and duplicate: the selected part of the drawing as JSON text on the clipboard, and back."""

from collections.abc import Callable

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from vmplanner.domain import clips
from vmplanner.domain.clips import Clip
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Change
from vmplanner.store import clip_json
from vmplanner.ui.canvas.editing import PREVIEW, Editor
from vmplanner.ui.canvas.geometry import snapped
from vmplanner.ui.canvas.scene import TopologyScene
from vmplanner.ui.theme import GRID

NOTHING = "Select hosts, switches, storage or VMs first; links go along with what they link."
_STEP = QPointF(3 * GRID, 3 * GRID)


class Clipboard:
    """Works on the selection of the scene. `pointer` says where the pointer is in it."""

    def __init__(self, scene: TopologyScene, editor: Editor, pointer: Callable[[], QPointF]) -> None:
        self._pointer = pointer
        self._scene = scene
        self._editor = editor

    def copy(self) -> bool:
        """Put the selected things on the clipboard; False when there are none that can be."""
        clip = self._clip()
        if clip is None:
            return False
        QApplication.clipboard().setText(clip_json.as_json(clip))
        self._editor.tell(f"Copied {clip.summary}")
        return True

    def cut(self) -> None:
        """Copy the selected things, and remove them."""
        if self._scene.is_preview:
            self._editor.tell(PREVIEW)
        elif self.copy():
            self._editor.push(clips.cut(self._editor.project, self._scene.selected_ids))

    def paste(self) -> None:
        """Add what the clipboard holds, with its middle at the pointer. VMs go to the host there, else to the selected
        one, else to the one that they were on.
        """
        at = self._pointer()
        try:
            clip = clip_json.clip_of_json(QApplication.clipboard().text())
            shift = self._free(clip, snapped(at - QPointF(*clip.middle)))
            self._add(clips.paste(self._editor.project, clip, shift.toTuple(), self._host_for(clip, at)))
        except PlannerError as error:
            self._editor.tell(f"{str(error).rstrip('.')}.")

    def duplicate(self) -> None:
        """Add the selected things once more, beside themselves; the clipboard keeps what it holds."""
        clip = self._clip()
        if clip is not None:
            shift = self._beside(clip)
            self._add(clips.paste(self._editor.project, clip, shift.toTuple(), verb="Duplicate"))

    def _clip(self) -> Clip | None:
        clip = clips.clip(self._editor.project, self._scene.selected_ids)
        if not clip.nodes and not clip.machines:
            self._editor.tell(NOTHING)
            return None
        return clip

    def _add(self, change: Change) -> None:
        """Make the change, and select what it adds: cards, or VMs on cards that were there."""
        self._editor.push(change)
        added = [edit.thing.id for edit in change.edits if edit.before is None]
        nodes = [thing_id for thing_id in added if self._scene.node_item(thing_id) is not None]
        machines = [thing_id for thing_id in added if thing_id in self._editor.project.machines]
        if added and not self._scene.is_preview:
            self._scene.select(nodes or machines)
            places = [thing_id for thing_id in added if thing_id in self._scene.boxes.items]
            self._editor.show([*(nodes or machines), *places])

    def _host_for(self, clip: Clip, at: QPointF) -> str | None:
        """The host for VMs that were copied without theirs."""
        selected = self._scene.selected_ids & self._editor.project.hosts.keys()
        return self._scene.host_at(at) or (next(iter(selected)) if len(selected) == 1 else None)

    def _free(self, clip: Clip, shift: QPointF) -> QPointF:
        """`shift`, or a bit further where a card would cover another one completely."""
        taken = {(item.pos().x(), item.pos().y()) for item in self._scene.nodes.values()}
        while any((n.position.x + shift.x(), n.position.y + shift.y()) in taken for n in clip.nodes):
            shift += _STEP
        return shift

    def _beside(self, clip: Clip) -> QPointF:
        """The way to where the copied cards and their racks and sites have room: to the right of themselves, or
        further. What is copied without the place that it is in goes out of that.
        """
        cards = [self._scene.rect_of(node.id) for node in clip.nodes]
        if not cards:
            return QPointF()
        ids = {node.id for node in clip.nodes}
        shown = self._scene.boxes.shown()
        cards += [item.rect for item in shown if item.place.id in clip.part.groups]
        others = [item.scene_card() for node_id, item in self._scene.nodes.items() if node_id not in ids]
        others += [item.rect for item in shown if item.place.id not in clip.part.groups]
        around = cards[0]
        for card in cards:
            around = around.united(card)
        width = around.width() + 5 * GRID
        shift = QPointF()
        while True:
            shift = snapped(shift + QPointF(width, 0))
            if not any(card.translated(shift).intersects(other) for card in cards for other in others):
                return shift
