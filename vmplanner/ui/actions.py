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
    ActionSpec(
        "discover",
        "&Discover hosts...",
        "real_hosts.discover",
        "Ask real Xen hosts for themselves and their VMs",
        "fa6s.network-wired",
    ),
    ActionSpec("export_chart", "&Chart or its data...", "exporter.chart", "Save or copy a chart, or its data"),
    ActionSpec("export_drawing", "&Drawing...", "export_drawing", "Save the drawing as PNG, SVG or PDF"),
    ActionSpec("export_inventory", "&Inventory...", "exporter.inventory", "Save hosts, VMs and links as a workbook"),
    ActionSpec("export_calendar", "Plan as c&alendar...", "exporter.calendar", "Save the plan as iCalendar"),
    ActionSpec("export_script", "Plan as &script...", "exporter.script", "Save the plan as a script to be read"),
    ActionSpec("report", "&Report...", "exporter.report", "Write a report on the plan, as a web page or PDF"),
    ActionSpec("recover", "Recover &unsaved work...", "files.recover", "Find work that was lost or not saved"),
    ActionSpec("quit", "&Quit", "close", "Leave vmplanner", "", "Ctrl+Q"),
    ActionSpec("undo", "&Undo", "undo", "Take the last change back", "fa6s.arrow-rotate-left", "Ctrl+Z"),
    ActionSpec("redo", "&Redo", "redo", "Do again what was taken back", "fa6s.arrow-rotate-right", "Ctrl+Shift+Z"),
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
    ActionSpec("profiles", "Library of &profiles...", "show_profiles", "See all profiles; rename or delete your own"),
    ActionSpec("groups", "&Groups and rules...", "planner.groups_and_rules", "Say what belongs together or apart"),
    ActionSpec("make_rack", "Make a rac&k of the selection", "planner.make_rack", "A group of the selected hosts"),
    ActionSpec(
        "make_site",
        "Make a s&ite of the selection",
        "planner.make_site",
        "A site of the selected hosts, with the racks that they fill",
    ),
    ActionSpec(
        "add_host", "Add a &host", "canvas.editor.add_host", "Add a host beside what is selected", "", "Ctrl+Shift+N"
    ),
    ActionSpec("add_switch", "Add a &switch", "canvas.editor.add_switch", "Add a switch beside what is selected"),
    ActionSpec("add_storage", "Add s&torage", "canvas.editor.add_storage", "Add a storage beside what is selected"),
    ActionSpec("rename", "Rena&me", "outline.rename", "Give what is selected another name, in the outline", "", "F2"),
    ActionSpec(
        "link_selected",
        "Link the selecte&d",
        "canvas.link_selected",
        "Link two things, or several hosts with one switch",
        "",
        "Ctrl+L",
    ),
    ActionSpec(
        "collapse",
        "&Collapse or expand",
        "toggle_places",
        "Show the selected racks and sites as one box each, or whole again",
        "",
        "Ctrl+Shift+E",
    ),
    ActionSpec("move_to", "Plan a &move to...", "moving.plan", "Plan to move the selected VMs to a host", "", "Ctrl+M"),
    ActionSpec(
        "place_on",
        "&Place on a host...",
        "moving.place",
        "Put the selected VMs on a host at once, without a plan",
        "",
        "Ctrl+Shift+M",
    ),
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
    ActionSpec("theme_light", "&Light", "themes.light", "Light colours", checkable=True),
    ActionSpec("theme_dark", "&Dark", "themes.dark", "Dark colours", checkable=True),
    ActionSpec("theme_system", "As the &desktop", "themes.system", "Colours as the desktop has them", checkable=True),
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
    ActionSpec("run", "&Run the plan", "run_plan", "Carry the plan out and watch it", "fa6s.play", "Ctrl+R"),
    ActionSpec("cancel", "&Cancel the run", "runs.cancel", "Cancel every migration of the run", "fa6s.stop", "Ctrl+."),
    ActionSpec("follow", "&Follow what was left...", "real_hosts.follow", "Follow moves on real hosts that were left"),
    ActionSpec("failures", "&Try what fails...", "try_failures", "Let hosts, links or moves fail in the next runs"),
    ActionSpec("evacuate", "&Evacuate hosts...", "planner.evacuate", "Have the moves found that empty hosts"),
    ActionSpec("drain", "Evacuate a rac&k or site...", "planner.drain", "Find the moves that empty racks or sites"),
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
    ActionSpec("start", "&Start page", "show_start", "New, examples, recent projects and unsaved work", "fa6s.house"),
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
            "discover",
            "export",
            "report",
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
            "profiles",
            "shortcuts",
        ),
    ),
    (
        "&Draw",
        (
            "add_host",
            "add_switch",
            "add_storage",
            SEPARATOR,
            "link",
            "link_selected",
            SEPARATOR,
            "rename",
            "move_to",
            "place_on",
            SEPARATOR,
            "make_rack",
            "make_site",
            "collapse",
            "groups",
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
    ("&Run", ("run", "cancel", SEPARATOR, "failures", "follow")),
    ("&Help", ("start", "words", "keys", "accuracy", SEPARATOR, "about")),
)
EXPORTS = ("export_chart", "export_drawing", "export_inventory", SEPARATOR, "export_calendar", "export_script")
THEMES = ("theme_light", "theme_dark", "theme_system")
ON_THINGS = ("rename", "move_to", "place_on")
"""What the menu of a thing offers as well."""
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
