"""Everything that a menu, a toolbar button or a shortcut can do, as a table."""

from operator import attrgetter

from attrs import frozen
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from vmplanner.ui.icons import icon

SEPARATOR = "-"


@frozen
class ActionSpec:
    """`handler` is the method of the window, or of its planner, that does it. `tip` goes to the tooltip and the
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
    ActionSpec("new", "&New", "new_project", "Start an empty project", "fa6s.file", "Ctrl+N"),
    ActionSpec("open", "&Open...", "open_project", "Open a project file", "fa6s.folder-open", "Ctrl+O"),
    ActionSpec("save", "&Save", "save_project", "Save the project", "fa6s.floppy-disk", "Ctrl+S"),
    ActionSpec("save_as", "Save &as...", "save_project_as", "Save the project under another name", "", "Ctrl+Shift+S"),
    ActionSpec("quit", "&Quit", "close", "Leave vmplanner", "", "Ctrl+Q"),
    ActionSpec("undo", "&Undo", "undo", "Take the last change back", "fa6s.arrow-rotate-left", "Ctrl+Z"),
    ActionSpec("redo", "&Redo", "redo", "Do again what was taken back", "fa6s.arrow-rotate-right", "Ctrl+Shift+Z"),
    ActionSpec("delete", "&Delete", "delete_selected", "Delete what is selected", "fa6s.trash-can", "Del"),
    ActionSpec("select_all", "Select &all", "select_all", "Select everything on the canvas", "", "Ctrl+A"),
    ActionSpec("groups", "&Groups and rules...", "planner.groups_and_rules", "Say what belongs together or apart"),
    ActionSpec("make_rack", "Make a rac&k of the selection", "planner.make_rack", "A group of the selected hosts"),
    ActionSpec("link", "Draw a &link", "draw_link", "Click one thing, then another", "fa6s.link", "L"),
    ActionSpec("zoom_in", "Zoom &in", "zoom_in", "Look closer", "fa6s.magnifying-glass-plus", "Ctrl++"),
    ActionSpec("zoom_out", "Zoom &out", "zoom_out", "See more", "fa6s.magnifying-glass-minus", "Ctrl+-"),
    ActionSpec("fit", "Zoom to &fit", "zoom_to_fit", "See the whole drawing", "fa6s.expand", "Ctrl+0"),
    ActionSpec("theme_light", "&Light", "use_light", "Light colours", checkable=True),
    ActionSpec("theme_dark", "&Dark", "use_dark", "Dark colours", checkable=True),
    ActionSpec("theme_system", "As the &desktop", "use_system", "Colours as the desktop has them", checkable=True),
    ActionSpec("page_topology", "&Topology", "show_topology", "Draw hosts, links and VMs", "", "Ctrl+1"),
    ActionSpec("page_plan", "&Plan", "show_plan", "Order the planned moves", "", "Ctrl+2"),
    ActionSpec("page_run", "&Run", "show_run", "Watch a run", "", "Ctrl+3"),
    ActionSpec("page_stacks", "Time &stacks", "show_stacks", "See where the time went", "", "Ctrl+4"),
    ActionSpec("run", "&Run the plan", "run_plan", "Simulate the plan and watch it", "fa6s.play", "Ctrl+R"),
    ActionSpec("cancel", "&Cancel the run", "cancel_run", "Cancel every migration of the run", "fa6s.stop", "Ctrl+."),
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
    ActionSpec("about", "&About vmplanner", "about", "Version and licence"),
)

MENUS = (
    ("&File", ("new", "open", "recent", "examples", SEPARATOR, "save", "save_as", "export", SEPARATOR, "quit")),
    ("&Edit", ("undo", "redo", SEPARATOR, "delete", "select_all", SEPARATOR, "link", SEPARATOR, "groups", "make_rack")),
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
    ("&Run", ("run", "cancel")),
    ("&Help", ("words", "accuracy", SEPARATOR, "about")),
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
