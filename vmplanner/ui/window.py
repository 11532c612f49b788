"""The main window: puts the parts together and connects them. It holds no state of the project."""

from functools import partial

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtGui import QAction, QCloseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QMainWindow,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from vmplanner.domain import edits
from vmplanner.domain.results import Run
from vmplanner.engine.runner import JobState
from vmplanner.planning.preflight import Finding, check
from vmplanner.store import library
from vmplanner.ui import shortcuts
from vmplanner.ui.actions import build_actions, dress_actions
from vmplanner.ui.bridge import Advice, Advisor
from vmplanner.ui.canvas.minimap import Minimap
from vmplanner.ui.canvas.view import TopologyView
from vmplanner.ui.dialogs import accuracy, messages
from vmplanner.ui.dialogs.command_palette import CommandPalette
from vmplanner.ui.dialogs.export_drawing import ExportDrawing, copy_drawing
from vmplanner.ui.dialogs.export_stacks import export_shown_stacks
from vmplanner.ui.dialogs.failures import FailuresDialog
from vmplanner.ui.dialogs.shortcuts import ShortcutsDialog
from vmplanner.ui.dialogs.words_and_keys import WordsAndKeys
from vmplanner.ui.document import Document
from vmplanner.ui.drawing_actions import enable_drawing
from vmplanner.ui.enabling import set_enabled
from vmplanner.ui.example_offer import ExampleOffer, example_menu
from vmplanner.ui.files import Files
from vmplanner.ui.find_bar import FindBar
from vmplanner.ui.findings import Findings
from vmplanner.ui.inspector import Inspector
from vmplanner.ui.menus import fill_menu_bar, theme_menu, tool_bar
from vmplanner.ui.names import shortened
from vmplanner.ui.narrow import mark_narrow
from vmplanner.ui.outline import Outline
from vmplanner.ui.pages.page_stack import PageStack
from vmplanner.ui.pages.plan_page import PlanPage
from vmplanner.ui.pages.run_page import RunPage
from vmplanner.ui.pages.stacks_page import StacksPage
from vmplanner.ui.palette import Palette
from vmplanner.ui.planner import Planner
from vmplanner.ui.run_control import RunControl, ending_of
from vmplanner.ui.run_picture import RunPicture
from vmplanner.ui.selection import Selection
from vmplanner.ui.side_panels import SidePanels
from vmplanner.ui.theme import look

TOPOLOGY, PLAN, RUN, STACKS = range(4)
# All of it can be used in this, on a screen of 1280x800 at the scale 2.
_SMALLEST = QSize(600, 360)
_NARROW_PX = 720
_FRAME = QSize(16, 48)


class MainWindow(QMainWindow):
    """Palette and outline on the left, the pages in the middle, the inspector on the right, findings at the bottom."""

    def __init__(self) -> None:
        super().__init__()
        self.document = Document(self)
        self.undo_stack = self.document.undo_stack
        self.selection = Selection(self)
        self.runs = RunControl(self.document, self)
        self.engine, self.monitor = self.runs.engine, self.runs.monitor
        self.files = Files(self.document, self, self.runs.may_end)
        self.advisor = Advisor(lambda: self.document.project, self)
        self._templates = library.profiles()
        self.planner = Planner(self.document, self.selection, self)
        self._build_pages()
        self.actions_by_id = build_actions(self)
        shortcuts.give(self.actions_by_id)
        self._build_menus()
        self._build_toolbar()
        self._connect()
        self._dress()
        self._refresh_title()
        self._refresh_actions()
        self.examples.follow(self.document.project)
        available = self.screen().availableGeometry().size()
        self.setMinimumSize(_SMALLEST.boundedTo(available))
        self.resize(first_size(available))
        geometry = QSettings().value("geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)

    # Building

    def _build_pages(self) -> None:
        self.canvas = TopologyView(self.document, self._templates)
        self.find_bar, self.minimap = FindBar(self.canvas), Minimap(self.canvas)
        self.run_picture = RunPicture(self.canvas.topology, self.document, self.monitor)
        self.plan_page = PlanPage(self.document, self.selection, self.planner)
        self.run_page = RunPage(self.document, self.runs)
        self.stacks_page = StacksPage(self.document, self.selection)
        centre = self._centre = PageStack(
            (
                ("Topology", self.canvas),
                ("Plan", self.plan_page),
                ("Run", self.run_page),
                ("Time stacks", self.stacks_page),
            )
        )
        centre.turned.connect(self._page_turned)
        self.tabs, self.pages = centre.tabs, centre.stack
        self.examples = ExampleOffer(self.canvas, self.canvas.first_help, self.files.new_from_example)
        self.palette_panel = Palette(self._templates)
        self.outline = Outline(self.document, self.selection)
        left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(self.palette_panel)
        left.addWidget(_titled("OUTLINE", self.outline))
        left.setSizes([420, 300])
        self.findings = Findings()
        middle = QWidget()
        middle_layout = QVBoxLayout(middle)
        middle_layout.setContentsMargins(0, 0, 0, 0)
        middle_layout.setSpacing(0)
        middle_layout.addWidget(centre, 1)
        middle_layout.addWidget(self.findings)
        self.inspector = Inspector(self.document, self.selection, self._templates)
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        for widget, stretch in ((left, 0), (middle, 1), (self.inspector, 0)):
            self.columns.addWidget(widget)
            self.columns.setStretchFactor(self.columns.count() - 1, stretch)
        self.columns.setSizes([232, 728, 320])
        self.columns.setChildrenCollapsible(False)
        left.setMinimumWidth(200)
        self.inspector.setMinimumWidth(300)
        self.panels = SidePanels(left, self.inspector, self)
        self.setCentralWidget(self.columns)

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self._centre.page

    def _build_menus(self) -> None:
        submenus = {
            "recent": QMenu("Open &recent", self),
            "examples": example_menu(self, self.files.new_from_example),
            "export": QMenu("&Export the time stacks", self),
            "theme": theme_menu(self, self.actions_by_id),
        }
        self._recent_menu = submenus["recent"]
        self._recent_menu.aboutToShow.connect(self._fill_recent)
        for title, file_format in (("Picture (PNG)...", "png"), ("Drawing (SVG)...", "svg"), ("Table (CSV)...", "csv")):
            submenus["export"].addAction(title, partial(self.export_chart, file_format))
        self._export_menu = submenus["export"]
        fill_menu_bar(self, self.actions_by_id, submenus)

    def _build_toolbar(self) -> None:
        self.run_button = QPushButton("Run the plan")
        self.run_button.setProperty("role", "primary")
        self.run_button.clicked.connect(self.run_plan)
        self._bar = tool_bar(self.actions_by_id, self.run_button)
        self.addToolBar(self._bar)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.statusBar().setSizeGripEnabled(False)

    def _connect(self) -> None:
        scene = self.canvas.topology
        scene.selection_changed.connect(self.selection.select)
        scene.badge_clicked.connect(lambda _thing_id: self.findings.open())
        self.selection.changed.connect(self.findings.select)
        self.selection.changed.connect(scene.show_selected)
        self.selection.changed.connect(self._refresh_actions)
        self.selection.changed.connect(self._show_panels)
        self.panels.changed.connect(self._refresh_actions)
        self.palette_panel.chosen.connect(self._place)
        self.canvas.mode_changed.connect(self._show_mode)
        self.canvas.told.connect(lambda text: self.statusBar().showMessage(text, 8000))
        self.findings.chosen.connect(self._go_to)
        self.findings.fix_asked.connect(self._fix)
        self.outline.chosen.connect(self.canvas.reveal)
        self.document.changed.connect(self._project_changed)
        self.document.replaced.connect(self._project_replaced)
        self.document.state_changed.connect(self._refresh_title)
        self.undo_stack.indexChanged.connect(self._refresh_actions)
        self.document.runs_changed.connect(self._refresh_actions)
        self.advisor.advised.connect(self._show_advice)
        self.plan_page.moment.moment_changed.connect(self.canvas.show_moment)
        self.plan_page.moment.moment_changed.connect(self._mark_preview)
        self.canvas.left_moment.connect(self.plan_page.moment.back_to_now)
        self.run_page.failures_asked.connect(self.try_failures)
        self.runs.started.connect(self._run_started)
        self.runs.outdated.connect(self._show_progress)
        self.runs.done.connect(self._run_done)
        self.monitor.updated.connect(self._show_progress)
        self.engine.happened.connect(self.files.keeper.take_events)
        self.engine.ended.connect(self._run_ended)
        self.stacks_page.export_asked.connect(self.export_chart)
        self.stacks_page.shown.connect(self._refresh_actions)
        look.changed.connect(self._dress)

    # What the actions do

    def delete_selected(self) -> None:
        self.document.push(edits.delete(self.document.project, self.selection.ids))

    def select_all(self) -> None:
        self.show_topology()
        self.selection.select(self.canvas.topology.all_ids())

    def draw_link(self) -> None:
        self.show_topology()
        self.canvas.start_link_mode()

    def use_light(self) -> None:
        self._use_theme("light")

    def use_dark(self) -> None:
        self._use_theme("dark")

    def use_system(self) -> None:
        self._use_theme("system")

    def show_topology(self) -> None:
        self.tabs.setCurrentIndex(TOPOLOGY)

    def show_plan(self) -> None:
        self.tabs.setCurrentIndex(PLAN)

    def show_run(self) -> None:
        self.tabs.setCurrentIndex(RUN)

    def show_stacks(self) -> None:
        self.tabs.setCurrentIndex(STACKS)

    def show_accuracy(self) -> None:
        accuracy.show_accuracy(self)

    def words_and_keys(self) -> None:
        WordsAndKeys(self).open()

    def show_keys(self) -> None:
        WordsAndKeys(self, keys_first=True).open()

    def find_things(self) -> None:
        """Find things of the drawing by their names."""
        self.show_topology()
        self.find_bar.open()

    def export_drawing(self) -> None:
        ExportDrawing(self, self.document.project, self.selection.ids, self.statusBar().showMessage).open()

    def copy_image(self) -> None:
        copy_drawing(self, self.document.project, self.selection.ids, self.statusBar().showMessage)

    def command_palette(self) -> None:
        CommandPalette(self).open()

    def change_shortcuts(self) -> None:
        ShortcutsDialog(self, lambda: shortcuts.give(self.actions_by_id)).open()

    def about(self) -> None:
        messages.about(self)

    def run_plan(self) -> None:
        self.runs.pace.set_speed(self.run_page.chosen_speed)
        self.runs.start()

    def try_failures(self) -> None:
        """Say what is to fail in the next runs."""
        FailuresDialog(self, self.document.project, self.runs.what_if, self.run_plan).open()

    def export_chart(self, file_format: str) -> None:
        """Write the shown run's time stacks to a file that the user chooses."""
        path = export_shown_stacks(self, self.document.project, self.stacks_page, file_format)
        if path is not None:
            self.statusBar().showMessage(f"Exported to {path}", 8000)

    # What happens

    def _page_turned(self) -> None:
        self._show_panels()
        self._mark_preview()

    def _show_panels(self) -> None:
        """Palette and outline are for drawing: the tables and charts of the other pages get their room. Beside those
        the inspector is shown for what is selected there. Nothing in it can change a run.
        """
        page = self.pages.currentIndex()
        is_drawing, may_inspect = page == TOPOLOGY, page != RUN
        wanted = is_drawing or (may_inspect and bool(self.selection.ids))
        self.panels.want(tools=is_drawing, inspector=wanted, may_inspect=may_inspect)

    @property
    def _is_previewing(self) -> bool:
        """Whether the drawing is looked at as it will be: then nothing here may change what is not yet so."""
        return self.canvas.topology.is_preview and self.pages.currentIndex() == TOPOLOGY

    def _mark_preview(self) -> None:
        self.inspector.set_read_only(self._is_previewing)
        self.palette_panel.setEnabled(not self._is_previewing)
        self._refresh_actions()

    def _show_mode(self, payload: dict[str, str] | None) -> None:
        self.palette_panel.show_mode(payload)
        if payload is None:
            self.statusBar().clearMessage()

    def _place(self, payload: dict[str, str]) -> None:
        self.show_topology()
        self.canvas.start_placing(payload)

    def _go_to(self, thing_id: str) -> None:
        self.show_topology()
        self.selection.select([thing_id])
        self.canvas.reveal(thing_id)

    def _fix(self, finding: Finding) -> None:
        """Mend what a finding is about, as one step. It is looked for afresh: the plan may have changed since."""
        project = self.document.project
        for fresh in check(project, project.plan):
            if (fresh.rule, fresh.message) == (finding.rule, finding.message) and fresh.fix is not None:
                self.document.push(fresh.fix)
                return

    def _project_changed(self) -> None:
        project = self.document.project
        planned = {move.id for plan in project.plans.values() for move in (*plan.migrations, *plan.excluded)}
        self.selection.select(i for i in self.selection.ids if i in planned or project.thing(i) is not None)
        self.advisor.ask()
        self.examples.follow(project)
        self._refresh_actions()

    def _project_replaced(self) -> None:
        self.runs.drop()
        self.selection.select([])
        self.show_topology()
        self._project_changed()

    def _show_advice(self, advice: Advice) -> None:
        self.findings.show_advice(advice, len(self.document.project.plan.migrations))
        self.canvas.topology.show_findings(advice.findings)
        self.plan_page.show_advice(advice)

    def _show_progress(self) -> None:
        for job in self.monitor.jobs.values():
            share, state = None if job.state is JobState.QUEUED else job.share_done, job.state.value
            if self.runs.is_outdated and job.state.is_final:
                share, state = None, ""  # what has come of it holds no longer
            self.canvas.topology.show_progress(job.migration_id, share, state)

    def _run_started(self) -> None:
        self.plan_page.moment.back_to_now()  # a preview would mix with what the run shows
        self.show_run()
        self._refresh_actions()

    def _run_ended(self) -> None:
        self.plan_page.moment.back_to_now()
        self._refresh_actions()

    def _run_done(self, run: Run) -> None:
        self.statusBar().showMessage(ending_of(run), 12000)

    def _fill_recent(self) -> None:
        self._recent_menu.clear()
        for path in self.files.recent:
            name = shortened(str(path), 90).replace("&", "&&")
            self._recent_menu.addAction(name, partial(self.files.open, path))
        if self._recent_menu.isEmpty():
            self._recent_menu.addAction("No project files yet").setEnabled(False)

    def _use_theme(self, name: str) -> None:
        QSettings().setValue("theme", name)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        look.use(application, name)

    def _dress(self) -> None:
        dress_actions(self.actions_by_id)

    def _refresh_title(self) -> None:
        self.setWindowTitle(f"{self.document.title}[*] - vmplanner")
        self.setWindowModified(self.document.is_unsaved)

    def _refresh_actions(self) -> None:
        stack, actions = self.undo_stack, self.actions_by_id
        self._name_action(actions["undo"], "Undo", stack.undoText(), stack.canUndo())
        self._name_action(actions["redo"], "Redo", stack.redoText(), stack.canRedo())
        may_edit = not self._is_previewing
        actions["delete"].setEnabled(may_edit and bool(self.selection.ids))
        actions["run"].setEnabled(self.runs.may_start)
        set_enabled(self.run_button, self.runs.may_start, refuge=self.run_page.table)
        actions["cancel"].setEnabled(self.engine.is_running)
        for about_moves in ("schedule", "clear_starts", "limits"):
            actions[about_moves].setEnabled(bool(self.document.project.plan.migrations))
        for about_plans in ("delete_plan", "compare_plans"):
            actions[about_plans].setEnabled(len(self.document.project.plans) > 1)
        project, is_drawing = self.document.project, self.pages.currentIndex() == TOPOLOGY
        nodes = len(project.hosts) + len(project.switches) + len(project.storages)
        actions["link"].setEnabled(may_edit and nodes > 1)
        actions["make_rack"].setEnabled(may_edit and bool(self.selection.ids & project.hosts.keys()))
        enable_drawing(actions, project, self.selection.ids, is_drawing=is_drawing, may_edit=may_edit)
        for zoom in ("zoom_in", "zoom_out", "fit"):
            actions[zoom].setEnabled(is_drawing and nodes > 0)
        actions["panel_tools"].setChecked(self.panels.tools_shown)
        actions["panel_tools"].setEnabled(is_drawing)
        actions["panel_inspector"].setChecked(self.panels.inspector_shown)
        actions["panel_inspector"].setEnabled(self.pages.currentIndex() != RUN)
        self._export_menu.setEnabled(self.stacks_page.run is not None)

    @staticmethod
    def _name_action(action: QAction, verb: str, what: str, enabled: bool) -> None:
        what = shortened(what[:1].lower() + what[1:]).replace("&", "&&")
        action.setText(f"&{verb} {what}".rstrip())
        action.setEnabled(enabled)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.panels.fit(event.size().width())
        mark_narrow(self._bar, event.size().width() < _NARROW_PX)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about a run under way and unsaved work, then end the threads."""
        if not self.files.may_leave("quit"):
            event.ignore()
            return
        self.engine.stop()
        self.files.close()
        self.advisor.stop()
        self.stacks_page.stop()
        self.planner.stop()
        QSettings().setValue("geometry", self.saveGeometry())
        event.accept()


def first_size(available: QSize) -> QSize:
    """The size of a window never opened before, on a screen with so much room: its frame must fit as well."""
    return QSize(1280, 800).boundedTo(available - _FRAME).expandedTo(_SMALLEST).boundedTo(available)


def _titled(title: str, content: QWidget) -> QWidget:
    """A panel with a small heading."""
    panel = QFrame()
    panel.setProperty("role", "panel")
    heading = QLabel(title)
    heading.setProperty("role", "section")
    heading.setContentsMargins(12, 10, 12, 2)
    layout = QVBoxLayout(panel)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    layout.addWidget(heading)
    layout.addWidget(content, 1)
    return panel
