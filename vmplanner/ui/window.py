"""The main window: puts the parts together and connects them. It holds no state of the project."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from vmplanner.domain import edits
from vmplanner.domain.project import Change
from vmplanner.domain.results import Run
from vmplanner.ui import action_states, shortcuts, window_size
from vmplanner.ui.actions import ON_THINGS, build_actions, dress_actions
from vmplanner.ui.bridge import Advice, Advisor
from vmplanner.ui.canvas.minimap import Minimap
from vmplanner.ui.canvas.view import TopologyView
from vmplanner.ui.dialogs import accuracy, messages
from vmplanner.ui.dialogs.command_palette import CommandPalette
from vmplanner.ui.dialogs.export_drawing import ExportDrawing, copy_drawing
from vmplanner.ui.dialogs.failures import FailuresDialog
from vmplanner.ui.dialogs.profiles import ProfilesDialog
from vmplanner.ui.dialogs.shortcuts import ShortcutsDialog
from vmplanner.ui.dialogs.words_and_keys import WordsAndKeys
from vmplanner.ui.document import Document
from vmplanner.ui.example_offer import ExampleOffer, example_menu
from vmplanner.ui.exporter import Exporter
from vmplanner.ui.file_banner import FileBanner
from vmplanner.ui.files import Files
from vmplanner.ui.find_bar import FindBar
from vmplanner.ui.findings import Findings
from vmplanner.ui.inspector import Inspector
from vmplanner.ui.menus import RecentMenu, export_menu, fill_menu_bar, tool_bar
from vmplanner.ui.moving import Moving
from vmplanner.ui.narrow import mark_narrow
from vmplanner.ui.outline import Outline
from vmplanner.ui.pages.page_stack import PageStack
from vmplanner.ui.pages.plan_page import PlanPage
from vmplanner.ui.pages.run_page import RunPage
from vmplanner.ui.pages.stacks_page import StacksPage
from vmplanner.ui.palette import Palette
from vmplanner.ui.planner import Planner
from vmplanner.ui.profile_library import ProfileLibrary
from vmplanner.ui.real_hosts import RealHosts
from vmplanner.ui.run_control import RunControl, ending_of
from vmplanner.ui.run_picture import RunPicture
from vmplanner.ui.selection import Selection
from vmplanner.ui.side_panels import SidePanels, drawing_tools
from vmplanner.ui.start_page import StartPage
from vmplanner.ui.theme import look
from vmplanner.ui.theme_choice import ThemeChoice

TOPOLOGY, PLAN, RUN, STACKS = range(4)
_NARROW_PX = 720


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
        self.library = ProfileLibrary(parent=self)
        self.real_hosts = RealHosts(self.document, self)
        self.planner = Planner(self.document, self.selection, self)
        self.themes = ThemeChoice(self)
        self._build_pages()
        self.exporter = Exporter(self.document, self.stacks_page, self, self.statusBar().showMessage)
        self.actions_by_id = build_actions(self)
        shortcuts.give(self.actions_by_id)
        self.canvas.addActions([self.actions_by_id[name] for name in ON_THINGS])
        self.start_page = StartPage(self.files, self.actions_by_id)
        self._whole.addWidget(self.start_page)
        self._build_menus()
        self._build_toolbar()
        self._connect()
        self._dress()
        self._refresh_title()
        self._refresh_actions()
        self.examples.follow(self.document.project)
        window_size.give(self)

    # Building

    def _build_pages(self) -> None:
        self.canvas = TopologyView(self.document, self.library)
        self.find_bar, self.minimap = FindBar(self.canvas), Minimap(self.canvas)
        self.run_picture = RunPicture(self.canvas.topology, self.document, self.runs)
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
        self.palette_panel = Palette(self.library.shipped)
        self._show_own_profiles()
        self.outline = Outline(self.document, self.selection, self.canvas.context_menu)
        self.moving = Moving(self.document, self.selection, self.canvas.editor, self)
        left = drawing_tools(self.palette_panel, self.outline)
        self.findings = Findings()
        middle = QWidget()
        middle_layout = QVBoxLayout(middle)
        middle_layout.setContentsMargins(0, 0, 0, 0)
        middle_layout.setSpacing(0)
        middle_layout.addWidget(centre, 1)
        middle_layout.addWidget(self.findings)
        self.inspector = Inspector(self.document, self.selection, self.library)
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        for widget, stretch in ((left, 0), (middle, 1), (self.inspector, 0)):
            self.columns.addWidget(widget)
            self.columns.setStretchFactor(self.columns.count() - 1, stretch)
        self.columns.setSizes([232, 728, 320])
        self.columns.setChildrenCollapsible(False)
        self.panels = SidePanels(left, self.inspector, self)
        self._whole = QStackedWidget()
        self._whole.addWidget(self.columns)
        self.setCentralWidget(FileBanner(self.document, self.files, self.statusBar()).over(self._whole))

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self._centre.page

    def _build_menus(self) -> None:
        submenus = {
            "recent": RecentMenu(self.files, self),
            "examples": example_menu(self, self.files.new_from_example),
            "export": export_menu(self, self.actions_by_id),
            "theme": self.themes.menu(self, self.actions_by_id),
        }
        fill_menu_bar(self, self.actions_by_id, submenus)

    def _build_toolbar(self) -> None:
        self.run_button = QPushButton("Run the plan")
        self.run_button.setProperty("role", "primary")
        self.run_button.clicked.connect(self.run_plan)
        self.run_button.setToolTip(self.actions_by_id["run"].toolTip())
        self._bar = tool_bar(self.actions_by_id, self.run_button)
        self.addToolBar(self._bar)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.statusBar().setSizeGripEnabled(False)

    def _connect(self) -> None:
        scene = self.canvas.topology
        scene.selection_changed.connect(self.selection.select)
        scene.badge_clicked.connect(lambda _, about: self.findings.open(about))
        self.selection.changed.connect(self.findings.select)
        self.selection.changed.connect(scene.show_selected)
        self.selection.changed.connect(self._refresh_actions)
        self.selection.changed.connect(self._show_panels)
        self.panels.changed.connect(self._refresh_actions)
        self.palette_panel.chosen.connect(self._place)
        self.library.changed.connect(self._show_own_profiles)
        self.canvas.mode_changed.connect(self._show_mode)
        self.canvas.told.connect(lambda text: self.statusBar().showMessage(text, 8000))
        self.findings.chosen.connect(self._go_to)
        self.findings.fix_asked.connect(self.planner.fix)
        self.planner.told.connect(self.canvas.told)
        self.outline.chosen.connect(self.canvas.reveal)
        self.outline.told.connect(self.canvas.told)
        self.outline.nudged.connect(self.canvas.editor.nudge)
        self.start_page.left.connect(self.leave_start)
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
        self.runs.turned.connect(self._name_run)
        self.runs.started.connect(self._run_started)
        self.runs.done.connect(self._run_done)
        self.engine.happened.connect(self.files.keeper.take_events)
        self.engine.ended.connect(self._run_ended)
        self.engine.preparing.connect(self._refresh_actions)
        self.exporter.serve(self.stacks_page)
        self.exporter.offer(self.plan_page.moment.timeline, "timeline", is_forecast=True)
        self.exporter.offer(self.plan_page.moment.hosts, "hosts", is_forecast=True)
        self.stacks_page.shown.connect(self._refresh_actions)
        look.changed.connect(self._dress)

    # What the actions do

    def delete_selected(self) -> None:
        self.document.push(edits.delete(self.document.project, self.selection.ids))

    def undo(self) -> None:
        """Take the last change back, and say which."""
        what = self.undo_stack.undoText()
        self.undo_stack.undo()
        self.canvas.told.emit(f"Undone: {what}")

    def redo(self) -> None:
        """Do again what was taken back, and say what."""
        what = self.undo_stack.redoText()
        self.undo_stack.redo()
        self.canvas.told.emit(f"Done again: {what}")

    def select_all(self) -> None:
        self.show_topology()
        self.selection.select(self.canvas.topology.all_ids())

    def toggle_places(self) -> None:
        """Collapse or expand the places chosen in the outline, or those that are selected as a whole."""
        whole = [place.id for place in self.canvas.topology.boxes.selected()]
        for place_id in self.outline.places or whole:
            self.canvas.editor.toggle_place(place_id)

    def draw_link(self) -> None:
        self.show_topology()
        self.canvas.start_link_mode()

    def show_start(self) -> None:
        """What one can begin with, in the place of all pages."""
        is_open = bool(self.document.path or self.document.is_unsaved or self.document.project.hosts)
        self.start_page.offer(self.document.title if is_open else "")
        self._show_whole(self.start_page)

    def leave_start(self) -> None:
        if self.is_starting:
            self._show_whole(self.columns)
            self.page.setFocus()

    def show_topology(self) -> None:
        self._turn_to(TOPOLOGY)

    def show_plan(self) -> None:
        self._turn_to(PLAN)

    def show_run(self) -> None:
        self._turn_to(RUN)

    def show_stacks(self) -> None:
        self._turn_to(STACKS)

    def _turn_to(self, page: int) -> None:
        self.leave_start()
        self.tabs.setCurrentIndex(page)

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

    def show_profiles(self) -> None:
        """The library of profiles, one's own among them."""
        ProfilesDialog(self, self.library).open()

    def about(self) -> None:
        messages.about(self)

    def run_plan(self) -> None:
        self.runs.pace.set_speed(self.run_page.chosen_speed)
        self.runs.start()
        if self.engine.is_preparing:
            self.show_run()  # which says so

    def try_failures(self) -> None:
        """Say what is to fail in the next runs."""
        FailuresDialog(self, self.document.project, self.runs.what_if, self.run_plan).open()

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
    def is_starting(self) -> bool:
        """Whether the start page is shown."""
        return self._whole.currentWidget() is self.start_page

    @property
    def is_drawing(self) -> bool:
        """Whether the drawing is in view."""
        return self.pages.currentIndex() == TOPOLOGY and not self.is_starting

    @property
    def may_inspect(self) -> bool:
        """Whether there is anything in view that the inspector can be of use for."""
        return self.pages.currentIndex() != RUN and not self.is_starting

    @property
    def is_previewing(self) -> bool:
        """Whether the drawing is looked at as it will be: then nothing here may change what is not yet so."""
        return self.canvas.topology.is_preview and self.pages.currentIndex() == TOPOLOGY

    def _show_whole(self, content: QWidget) -> None:
        self._whole.setCurrentWidget(content)
        self._refresh_actions()

    def _mark_preview(self) -> None:
        self.inspector.set_read_only(self.is_previewing)
        self.palette_panel.setEnabled(not self.is_previewing)
        self._refresh_actions()

    def _show_mode(self, payload: dict[str, str] | None) -> None:
        self.palette_panel.show_mode(payload)
        if payload is None:
            self.statusBar().clearMessage()

    def _show_own_profiles(self) -> None:
        self.palette_panel.show_own((own.template for own in self.library.own), self.library.problems)

    def _place(self, payload: dict[str, str]) -> None:
        self.show_topology()
        self.canvas.start_placing(payload)

    def _go_to(self, thing_id: str) -> None:
        self.show_topology()
        self.selection.select([thing_id])
        self.canvas.reveal(thing_id)

    def _project_changed(self, change: Change | None = None) -> None:
        self.leave_start()
        project = self.document.project
        self.selection.follow(project, change)
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

    def _run_started(self) -> None:
        self.statusBar().clearMessage()  # how the run before ended is past
        self.plan_page.moment.back_to_now()  # a preview would mix with what the run shows
        self.show_run()
        self._refresh_actions()

    def _name_run(self) -> None:
        """The button says what it does."""
        is_real = self.runs.where.is_real
        self.run_button.setText("Run on real hosts..." if is_real else "Run the plan")
        self.run_button.setProperty("role", "alarm" if is_real else "primary")
        self.run_button.style().unpolish(self.run_button)
        self.run_button.style().polish(self.run_button)

    def _run_ended(self) -> None:
        self.plan_page.moment.back_to_now()
        self._refresh_actions()

    def _run_done(self, run: Run) -> None:
        self.statusBar().showMessage(ending_of(run), 12000)

    def _dress(self) -> None:
        dress_actions(self.actions_by_id)

    def _refresh_title(self) -> None:
        self.setWindowTitle(f"{self.document.title}[*] - vmplanner")
        self.setWindowModified(self.document.is_unsaved)

    def _refresh_actions(self) -> None:
        action_states.refresh(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.panels.fit(event.size().width())
        mark_narrow(self._bar, event.size().width() < _NARROW_PX)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about a run under way and unsaved work, then end the threads."""
        if not self.files.may_close():
            event.ignore()
            return
        self.runs.stop()
        self.real_hosts.stop()
        self.files.close()
        self.advisor.stop()
        self.stacks_page.stop()
        self.planner.stop()
        self.start_page.stop()
        window_size.keep(self)
        event.accept()
