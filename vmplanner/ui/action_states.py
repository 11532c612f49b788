"""When each action of the window can be used, and how Undo and Redo are called now."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from vmplanner.domain.project import Project
from vmplanner.ui.drawing_actions import enable_drawing
from vmplanner.ui.enabling import set_enabled
from vmplanner.ui.names import shortened
from vmplanner.ui.shown_frames import excluded_move, subject_of

if TYPE_CHECKING:
    from vmplanner.ui.window import MainWindow

_ABOUT_MOVES = ("schedule", "clear_starts", "limits", "export_calendar", "export_script", "report")
_ABOUT_PLANS = ("delete_plan", "compare_plans")
_ZOOMING = ("zoom_in", "zoom_out", "fit")


def refresh(window: "MainWindow") -> None:
    """Enable what has something to work on, and disable the rest."""
    stack, actions = window.undo_stack, window.actions_by_id
    project, selected = window.document.project, window.selection.ids
    is_drawing, may_edit = window.is_drawing, not window.is_previewing
    nodes = len(project.hosts) + len(project.switches) + len(project.storages)
    _name(actions["undo"], "Undo", stack.undoText(), stack.canUndo())
    _name(actions["redo"], "Redo", stack.redoText(), stack.canRedo())
    actions["delete"].setEnabled(may_edit and any(_is_in_sight(project, each) for each in selected))
    actions["run"].setEnabled(window.runs.may_start)
    set_enabled(window.run_button, window.runs.may_start, refuge=window.run_page.table)
    actions["cancel"].setEnabled(window.engine.is_running)
    for name in _ABOUT_MOVES:
        actions[name].setEnabled(bool(project.plan.migrations))
    for name in _ABOUT_PLANS:
        actions[name].setEnabled(len(project.plans) > 1)
    for name in _ZOOMING:
        actions[name].setEnabled(is_drawing and nodes > 0)
    enable_drawing(actions, project, selected, is_drawing=is_drawing, may_edit=may_edit)
    actions["panel_tools"].setChecked(window.panels.tools_shown)
    actions["panel_tools"].setEnabled(is_drawing)
    actions["panel_inspector"].setChecked(window.panels.inspector_shown)
    actions["panel_inspector"].setEnabled(window.may_inspect)


def _is_in_sight(project: Project, thing_id: str) -> bool:
    """Whether it is a thing or a move of the plan that is shown; the bars of older runs are of others."""
    return excluded_move(project, thing_id) is not None or subject_of(project, thing_id) is not None


def _name(action: QAction, verb: str, what: str, enabled: bool) -> None:
    what = shortened(what[:1].lower() + what[1:])
    text, plain = action.text(), f"{verb} {what}".rstrip()
    action.setText(f"&{verb} {what.replace('&', '&&')}".rstrip())
    action.setEnabled(enabled)
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    if text != action.text():
        action.setToolTip(f"{plain}  ({key})" if key else plain)
