"""Everything that a menu, a toolbar button or a shortcut can do, as a table."""

from operator import attrgetter

from attrs import frozen
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from vmplanner.ui.icons import icon

SEPARATOR = "-"


@frozen
class ActionSpec:
    """`handler` is the method of the window, or of one of its parts, that does it. `tip` goes to the tooltip and the
    status bar.
    """

    id: str
    text: str
    handler: str
    tip: str
    icon: str = ""
    shortcut: str = ""
    checkable: bool = False


ACTIONS = (
    ActionSpec("new", "&New", "files.new", "Start an empty project", "fa6s.file", "Ctrl+N"),
    ActionSpec("open", "&Open...", "files.open", "Open a project file", "fa6s.folder-open", "Ctrl+O"),
    ActionSpec("save", "&Save", "files.save", "Save the project", "fa6s.floppy-disk", "Ctrl+S"),
    ActionSpec("save_as", "Save &as...", "files.save_as", "Save the project under another name", "", "Ctrl+Shift+S"),
    ActionSpec(
        "import",
        "&Import...",
        "files.import_files",
        "Read hosts, VMs and networks from files of other programs",
        "fa6s.file-import",
        "Ctrl+I",
    ),
    ActionSpec("export_drawing", "Export the &drawing...", "export_drawing", "Save the drawing as PNG, SVG or PDF"),
    ActionSpec("recover", "Recover &unsaved work...", "files.recover", "Find work that was lost or not saved"),
    ActionSpec("quit", "&Quit", "close", "Leave vmplanner", "", "Ctrl+Q"),
    ActionSpec("undo", "&Undo", "undo_stack.undo", "Take the last change back", "fa6s.arrow-rotate-left", "Ctrl+Z"),
    ActionSpec(
        "redo", "&Redo", "undo_stack.redo", "Do again what was taken back", "fa6s.arrow-rotate-right", "Ctrl+Shift+Z"
    ),
    ActionSpec("cut", "Cu&t", "canvas.clipboard.cut", "Copy what is selected and remove it", "fa6s.scissors", "Ctrl+X"),
    ActionSpec("copy", "&Copy", "canvas.clipboard.copy", "Copy what is selected", "fa6s.copy", "Ctrl+C"),
    ActionSpec("paste", "&Paste", "canvas.clipboard.paste", "Add what was copied", "fa6s.paste", "Ctrl+V"),
    ActionSpec(
        "duplicate",
        "D&uplicate",
        "canvas.clipboard.duplicate",
        "Add what is selected once more, beside it",
        "",
        "Ctrl+D",
    ),
    ActionSpec("delete", "&Delete", "delete_selected", "Delete what is selected", "fa6s.trash-can", "Del"),
    ActionSpec("select_all", "Select &all", "select_all", "Select everything on the canvas", "", "Ctrl+A"),
    ActionSpec("copy_image", "Copy as i&mage", "copy_image", "Copy the drawing, or what is selected, as a picture"),
    ActionSpec("lasso", "Select with a l&asso", "canvas.start_lasso", "Draw around what shall be selected", "", "Q"),
    ActionSpec("find", "&Find...", "find_things", "Find things by their names", "fa6s.magnifying-glass", "Ctrl+F"),
    ActionSpec("commands", "Co&mmands...", "command_palette", "Find and use any command by its name", "", "Ctrl+K"),
    ActionSpec("shortcuts", "&Keyboard shortcuts...", "change_shortcuts", "Choose the keys of the commands"),
    ActionSpec("groups", "&Groups and rules...", "planner.groups_and_rules", "Say what belongs together or apart"),
    ActionSpec("make_rack", "Make a rac&k of the selection", "planner.make_rack", "A group of the selected hosts"),
    ActionSpec("link", "Draw a &link", "draw_link", "Click one thing, then another", "fa6s.link", "L"),
    ActionSpec("align_left", "Align &left edges", "canvas.arranger.align_left", "Bring left edges on one line"),
    ActionSpec("align_centre", "Align &centres", "canvas.arranger.align_centre", "Bring centres on one vertical line"),
    ActionSpec("align_right", "Align &right edges", "canvas.arranger.align_right", "Bring right edges on one line"),
    ActionSpec("align_top", "Align &top edges", "canvas.arranger.align_top", "Bring top edges on one line"),
    ActionSpec("align_middle", "Align &middles", "canvas.arranger.align_middle", "Bring middles on one level"),
    ActionSpec("align_bottom", "Align &bottom edges", "canvas.arranger.align_bottom", "Bring bottom edges on one line"),
    ActionSpec(
        "distribute_across",
        "Distribute &horizontally",
        "canvas.arranger.distribute_across",
        "The same room between all",
    ),
    ActionSpec(
        "distribute_down",
        "Distribute &vertically",
        "canvas.arranger.distribute_down",
        "The same room between all",
    ),
    ActionSpec(
        "arrange_layers",
        "Arrange by &site, rack and host",
        "canvas.arranger.in_layers",
        "Find places for what is selected, or for everything, in layers",
        "",
        "Ctrl+Shift+L",
    ),
    ActionSpec(
        "arrange_forces",
        "Arrange by l&inks",
        "canvas.arranger.by_forces",
        "Find places for what is selected, or for everything, near what it is linked with",
    ),
    ActionSpec("zoom_in", "Zoom &in", "canvas.zoom_in", "Look closer", "fa6s.magnifying-glass-plus", "Ctrl++"),
    ActionSpec("zoom_out", "Zoom &out", "canvas.zoom_out", "See more", "fa6s.magnifying-glass-minus", "Ctrl+-"),
    ActionSpec("fit", "Zoom to &fit", "canvas.fit", "See the whole drawing", "fa6s.expand", "Ctrl+0"),
    ActionSpec("fit_selection", "Zoom to s&election", "canvas.fit_selection", "See what is selected", "", "Shift+F"),
    ActionSpec("theme_light", "&Light", "use_light", "Light colours", checkable=True),
    ActionSpec("theme_dark", "&Dark", "use_dark", "Dark colours", checkable=True),
    ActionSpec("theme_system", "As the &desktop", "use_system", "Colours as the desktop has them", checkable=True),
    ActionSpec("page_topology", "&Topology", "show_topology", "Draw hosts, links and VMs", "", "Ctrl+1"),
    ActionSpec("page_plan", "&Plan", "show_plan", "Order the planned moves", "", "Ctrl+2"),
    ActionSpec("page_run", "&Run", "show_run", "Watch a run", "", "Ctrl+3"),
    ActionSpec("page_stacks", "Time &stacks", "show_stacks", "See where the time went", "", "Ctrl+4"),
    ActionSpec(
        "panel_tools",
        "Palette and &outline",
        "panels.toggle_tools",
        "Show or hide the palette and the outline",
        "fa6s.shapes",
        "F8",
        checkable=True,
    ),
    ActionSpec(
        "panel_inspector",
        "&Inspector",
        "panels.toggle_inspector",
        "Show or hide the inspector of what is selected",
        "fa6s.sliders",
        "F9",
        checkable=True,
    ),
    ActionSpec("run", "&Run the plan", "run_plan", "Simulate the plan and watch it", "fa6s.play", "Ctrl+R"),
    ActionSpec("cancel", "&Cancel the run", "runs.cancel", "Cancel every migration of the run", "fa6s.stop", "Ctrl+."),
    ActionSpec("failures", "&Try what fails...", "try_failures", "Let hosts, links or moves fail in the next runs"),
    ActionSpec("evacuate", "&Evacuate hosts...", "planner.evacuate", "Have the moves found that empty hosts"),
    ActionSpec("drain", "&Drain a rack or site...", "planner.drain", "Have the moves found that empty a rack or site"),
    ActionSpec("roll", "&Roll through hosts...", "planner.roll", "Empty hosts one by one and bring their VMs back"),
    ActionSpec("balance", "&Balance...", "planner.balance", "Even out how full the hosts are"),
    ActionSpec("consolidate", "&Consolidate...", "planner.consolidate", "Empty as many hosts as can be"),
    ActionSpec("spread", "&Spread after a failure...", "planner.spread", "Even out the hosts that are left"),
    ActionSpec("schedule", "Sc&hedule...", "planner.schedule", "Choose start times for the moves"),
    ActionSpec("clear_starts", "C&lear start times", "planner.clear_starts", "Let the moves start as soon as they may"),
    ActionSpec("limits", "&Platform limits...", "planner.platform_limits", "See what platforms' limits would cost"),
    ActionSpec("windows", "Maintenance &windows...", "planner.windows", "Say when things may move, and when not"),
    ActionSpec("copy_plan", "C&opy this plan", "planner.copy_plan", "Try something on a copy of the plan"),
    ActionSpec("rename_plan", "Re&name this plan...", "planner.rename_plan", "Give the plan another name"),
    ActionSpec("delete_plan", "Delete &this plan", "planner.delete_plan", "Delete the current plan"),
    ActionSpec("compare_plans", "Compare plans side b&y side...", "planner.compare_plans", "See what each plan takes"),
    ActionSpec("accuracy", "Accuracy of the &model...", "show_accuracy", "See how true the simulation is"),
    ActionSpec("words", "&Words and keys", "words_and_keys", "What the words here mean, and all shortcuts", "", "F1"),
    ActionSpec("keys", "&Keys", "show_keys", "All keys, and what the pointer does", "", "?"),
    ActionSpec("about", "&About vmplanner", "about", "Version and licence"),
)

MENUS = (
    (
        "&File",
        (
            "new",
            "open",
            "recent",
            "examples",
            SEPARATOR,
            "save",
            "save_as",
            "recover",
            "import",
            "export_drawing",
            "export",
            SEPARATOR,
            "quit",
        ),
    ),
    (
        "&Edit",
        (
            "undo",
            "redo",
            SEPARATOR,
            "cut",
            "copy",
            "copy_image",
            "paste",
            "duplicate",
            "delete",
            SEPARATOR,
            "select_all",
            "lasso",
            "find",
            "commands",
            SEPARATOR,
            "link",
            "groups",
            "make_rack",
            SEPARATOR,
            "shortcuts",
        ),
    ),
    (
        "&Arrange",
        (
            "align_left",
            "align_centre",
            "align_right",
            "align_top",
            "align_middle",
            "align_bottom",
            SEPARATOR,
            "distribute_across",
            "distribute_down",
            SEPARATOR,
            "arrange_layers",
            "arrange_forces",
        ),
    ),
    (
        "&View",
        (
            "page_topology",
            "page_plan",
            "page_run",
            "page_stacks",
            SEPARATOR,
            "zoom_in",
            "zoom_out",
            "fit",
            "fit_selection",
            SEPARATOR,
            "panel_tools",
            "panel_inspector",
            SEPARATOR,
            "theme",
        ),
    ),
    (
        "&Plan",
        (
            "evacuate",
            "drain",
            "roll",
            "balance",
            "consolidate",
            "spread",
            SEPARATOR,
            "schedule",
            "clear_starts",
            "limits",
            "windows",
            SEPARATOR,
            "copy_plan",
            "rename_plan",
            "delete_plan",
            "compare_plans",
        ),
    ),
    ("&Run", ("run", "cancel", SEPARATOR, "failures")),
    ("&Help", ("words", "keys", "accuracy", SEPARATOR, "about")),
)
THEMES = ("theme_light", "theme_dark", "theme_system")
TOOLBAR = (
    "new",
    "open",
    "save",
    SEPARATOR,
    "undo",
    "redo",
    SEPARATOR,
    "link",
    "delete",
    SEPARATOR,
    "zoom_out",
    "zoom_in",
    "fit",
    SEPARATOR,
    "panel_tools",
    "panel_inspector",
)


def build_actions(window: QWidget) -> dict[str, QAction]:
    """The actions of the table, bound to the window's methods."""
    actions = {}
    for spec in ACTIONS:
        action = QAction(spec.text, window)
        action.setCheckable(spec.checkable)
        if spec.shortcut:
            action.setShortcut(QKeySequence(spec.shortcut))
        handler = attrgetter(spec.handler)(window)
        action.triggered.connect(lambda _checked=False, handler=handler: handler())
        shortcut = f"  ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})" if spec.shortcut else ""
        action.setToolTip(f"{spec.tip}{shortcut}")
        action.setStatusTip(spec.tip)
        actions[spec.id] = action
    return actions


def dress_actions(actions: dict[str, QAction]) -> None:
    """Give the actions their icons in the colours of the present theme."""
    for spec in ACTIONS:
        if spec.icon:
            actions[spec.id].setIcon(icon(spec.icon))
