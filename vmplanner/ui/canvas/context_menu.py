"""The canvas's context menu: what can be done with the selected things."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from vmplanner.ui.names import shortened

if TYPE_CHECKING:
    from vmplanner.ui.canvas.view import TopologyView


def context_menu(view: "TopologyView") -> QMenu:
    """What can be done with the selected things, the view's own actions first; with a preview, to leave it."""
    menu = QMenu(view)
    scene, editor = view.topology, view.editor
    selected = frozenset() if scene.is_preview else scene.selected_ids
    if scene.is_preview:
        menu.addAction("Back to now", view.left_moment.emit)
        menu.addSeparator()
    menu.addActions([action for action in view.actions() if action.isEnabled()])
    if len(hosts := selected & view.document.project.hosts.keys()) == 1:
        add = menu.addMenu("Add a VM")
        for name in editor.profile_names:
            add.addAction(name.replace("&", "&&"), partial(editor.add_machine, name, next(iter(hosts))))
    if not menu.isEmpty():
        menu.addSeparator()
    if scene.migrations_of(selected):
        menu.addAction("Keep on its host", editor.keep_selected)
    if len(selected & scene.nodes.keys()) > 1:
        menu.addAction("Link the selected", editor.link_selected)
    if hosts:
        menu.addAction("Make a rack", editor.make_rack)
        menu.addAction("Make a site", editor.make_site)
    for place in scene.boxes.selected() if selected else ():
        how, name = "Expand" if place.is_collapsed else "Collapse", shortened(place.name).replace("&", "&&")
        menu.addAction(f"{how} {name}", partial(editor.toggle_place, place.id))
        menu.addAction(f"Dissolve {name}", partial(editor.dissolve_place, place.id))
    if selected:
        menu.addAction("Cut", view.clipboard.cut)
        menu.addAction("Copy", view.clipboard.copy)
    if not scene.is_preview:
        menu.addAction("Paste", view.clipboard.paste)
    if selected:
        menu.addAction("Duplicate", view.clipboard.duplicate)
        menu.addAction("Delete", editor.delete_selected).setShortcut(QKeySequence(Qt.Key.Key_Delete))
        menu.addSeparator()
    menu.addAction("Zoom to fit", view.fit).setShortcut(QKeySequence(Qt.Key.Key_F))
    return menu
