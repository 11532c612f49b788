"""When the actions that work on the drawing can be used."""

from collections.abc import Mapping

from PySide6.QtGui import QAction

from vmplanner.domain.project import Project

ALIGNING = ("align_left", "align_centre", "align_right", "align_top", "align_middle", "align_bottom")
DISTRIBUTING = ("distribute_across", "distribute_down")
ARRANGING = ("arrange_layers", "arrange_forces")


def enable_drawing(
    actions: Mapping[str, QAction], project: Project, selected: frozenset[str], *, is_drawing: bool, may_edit: bool
) -> None:
    """`is_drawing`: the drawing is in view, `may_edit`: and it is no preview."""
    nodes = project.hosts.keys() | project.switches.keys() | project.storages.keys()
    chosen, edits = len(nodes & selected), is_drawing and may_edit
    has_places = any(group.is_place for group in project.groups.values()) and bool(selected & project.hosts.keys())
    can_copy = bool(chosen or project.machines.keys() & selected)
    for name in ("add_host", "add_switch", "add_storage"):
        actions[name].setEnabled(edits)
    actions["link"].setEnabled(may_edit and len(nodes) > 1)
    actions["link_selected"].setEnabled(edits and len(nodes) > 1)
    actions["collapse"].setEnabled(edits and has_places)
    actions["rename"].setEnabled(edits and (len(selected) == 1 or has_places) and not selected <= project.links.keys())
    for name in ("move_to", "place_on"):
        actions[name].setEnabled(edits and bool(selected & project.machines.keys()))
    for name in ("make_rack", "make_site"):
        actions[name].setEnabled(may_edit and bool(selected & project.hosts.keys()))
    actions["copy"].setEnabled(is_drawing and can_copy)
    for name in ("cut", "duplicate"):
        actions[name].setEnabled(edits and can_copy)
    actions["paste"].setEnabled(edits)
    for name in ALIGNING:
        actions[name].setEnabled(edits and chosen > 1)
    for name in DISTRIBUTING:
        actions[name].setEnabled(edits and chosen > 2)
    for name in ARRANGING:
        actions[name].setEnabled(edits and len(nodes) > 1)
    actions["fit_selection"].setEnabled(is_drawing and bool(selected))
    actions["lasso"].setEnabled(is_drawing and bool(nodes))
    actions["export_drawing"].setEnabled(bool(nodes))
    actions["copy_image"].setEnabled(is_drawing and bool(nodes))
    actions["find"].setEnabled(bool(nodes))
