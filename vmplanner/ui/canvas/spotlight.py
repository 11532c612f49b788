"""Leads the eye to things of the drawing: they are selected, in view and large enough to read, with a frame around."""

from collections.abc import Iterable

from PySide6.QtCore import QRectF

from vmplanner.ui.canvas.overlays import Ring
from vmplanner.ui.canvas.view import TopologyView

_READABLE = 0.6


class Spotlight:
    """At most one frame in the drawing of a view."""

    def __init__(self, view: TopologyView) -> None:
        self._view = view
        self._ring: Ring | None = None

    def show(self, ids: Iterable[str]) -> None:
        """Go to these things."""
        self.hide()
        scene, view = self._view.topology, self._view
        drawn = scene.all_ids()
        rect = QRectF()
        ids = [thing_id for thing_id in ids if thing_id in drawn]
        for thing_id in ids:
            rect = rect.united(scene.rect_of(thing_id))
        scene.select(ids)
        if rect.isEmpty():
            return
        if view.zoom < _READABLE:
            view.show_rect(rect)
        elif not view.seen_rect().contains(rect):
            view.keep_view()
            view.centerOn(rect.center())
        self._ring = Ring(rect)
        scene.addItem(self._ring)

    def hide(self) -> None:
        """Take the frame away."""
        if self._ring is not None:
            self._view.topology.removeItem(self._ring)
            self._ring = None
