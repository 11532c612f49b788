"""What all gestures of the canvas have in common: one cancellable object each.

The view hands the pointer to the gesture under way. A gesture shows what would happen, and only its end changes the
document, with one change; `cancel` leaves no trace.
"""

from typing import TYPE_CHECKING

from attrs import frozen
from PySide6.QtCore import QPoint, QPointF, Qt

from vmplanner.ui.canvas.overlays import Overlay

if TYPE_CHECKING:
    from vmplanner.ui.canvas.view import TopologyView


@frozen
class Pointer:
    """Where the pointer is, in the viewport and in the scene, and the modifier keys held."""

    at: QPoint
    scene: QPointF
    modifiers: Qt.KeyboardModifier

    @property
    def with_ctrl(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ControlModifier)

    @property
    def with_alt(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.AltModifier)


class Gesture:
    """Base of all gestures. `scrolls`: near the edge of the view the canvas scrolls along.

    A gesture that waits for clicks is a mode: `mode` is the palette's payload it began with, and `hint` says what the
    next click does.
    """

    cursor = Qt.CursorShape.ArrowCursor
    scrolls = False
    mode: dict[str, str] | None = None
    hint = ""

    def __init__(self, view: "TopologyView") -> None:
        self.view = view
        self.scene = view.topology
        self._overlays: list[Overlay] = []

    def press(self, pointer: Pointer) -> None:
        """A button goes down."""

    def move(self, pointer: Pointer) -> None:
        """The pointer moves, or a modifier key changes."""

    def release(self, pointer: Pointer) -> None:
        """The button goes up."""

    def confirm(self, pointer: Pointer) -> None:
        """Enter or Space is pressed; `pointer` is at the middle of the view."""

    def cancel(self) -> None:
        """Take back everything shown and end."""
        self.end()

    def say(self, hint: str) -> None:
        self.hint = hint
        self.view.show_mode()

    def end(self) -> None:
        """Remove the overlays and give the view back its own cursor."""
        for overlay in self._overlays:
            self.scene.removeItem(overlay)
        self._overlays.clear()
        self.scene.set_drop_target(None)
        self.view.gesture_ended(self)

    def float(self, overlay: Overlay) -> None:
        self._overlays.append(overlay)
        self.scene.addItem(overlay)
