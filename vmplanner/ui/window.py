"""The main window: puts the parts together and connects them. It holds no state of the project."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from vmplanner.analysis.time_stacks import Measure, Split
from vmplanner.backends.simulated import Pace, SimulatedBackend
from vmplanner.domain import edits
from vmplanner.domain.errors import PlannerError
from vmplanner.engine.runner import JobState, RunEnded, RunnerEvent
from vmplanner.planning.preflight import Finding, blocking, check
from vmplanner.store import library
from vmplanner.ui.actions import MENUS, SEPARATOR, THEMES, TOOLBAR, build_actions, dress_actions
from vmplanner.ui.bridge import Advice, Advisor, EngineBridge
from vmplanner.ui.canvas.view import TopologyView
from vmplanner.ui.charts.export import export_time_stacks
from vmplanner.ui.dialogs import accuracy, messages
from vmplanner.ui.dialogs.choose_file import file_to_write
from vmplanner.ui.dialogs.words_and_keys import WordsAndKeys
from vmplanner.ui.document import Document
from vmplanner.ui.enabling import set_enabled
from vmplanner.ui.files import Files, file_name, with_suffix
from vmplanner.ui.findings import Findings
from vmplanner.ui.inspector import Inspector
from vmplanner.ui.names import shortened
from vmplanner.ui.outline import Outline
from vmplanner.ui.pages.plan_page import PlanPage
from vmplanner.ui.pages.run_page import RunPage
from vmplanner.ui.pages.stacks_page import StacksPage
from vmplanner.ui.palette import Palette
from vmplanner.ui.planner import Planner
from vmplanner.ui.run_monitor import RunMonitor
from vmplanner.ui.selection import Selection
from vmplanner.ui.theme import look

TOPOLOGY, PLAN, RUN, STACKS = range(4)


_SMALLEST = QSize(1000, 600)
_FRAME = QSize(16, 48)


class MainWindow(QMainWindow):
    """Palette and outline on the left, the pages in the middle, the inspector on the right, findings at the bottom."""

    def __init__(self) -> None:
        super().__init__()
        self.document = Document(self)
        self.selection = Selection(self)
        self.engine = EngineBridge(self)
        self.monitor = RunMonitor(self)
        self.files = Files(self.document, self, self._may_end_run)
        self.advisor = Advisor(lambda: self.document.project, self)
        self._pace = Pace()
        self._templates = library.profiles()
        self.planner = Planner(self.document, self.selection, self)
        self.actions_by_id = build_actions(self)
        self._build_pages()
        self._build_menus()
        self._build_toolbar()
        self._connect()
        self._dress()
        self._refresh_title()
        self._refresh_actions()
        available = self.screen().availableGeometry().size()
        self.setMinimumSize(_SMALLEST.boundedTo(available))
        self.resize(first_size(available))
        geometry = QSettings().value("geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)

    # Building

    def _build_pages(self) -> None:
        self.canvas = TopologyView(self.document, self._templates)
        self.plan_page = PlanPage(self.document, self.selection, self.planner)
        self.run_page = RunPage(self.monitor)
        self.stacks_page = StacksPage(self.document, self.selection)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Pages")
        self.tabs.setExpanding(False)
        self.pages = QStackedWidget()
        for title, page in (
            ("Topology", self.canvas),
            ("Plan", self.plan_page),
            ("Run", self.run_page),
            ("Time stacks", self.stacks_page),
        ):
            self.tabs.addTab(title)
            self.pages.addWidget(page)
        self.tabs.currentChanged.connect(self._turn_page)
        self._only_the_page_needs_room()
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.pages, 1)
        self.palette_panel = Palette(self._templates)
        self.outline = Outline(self.document, self.selection)
        left = self._drawing_tools = QSplitter(Qt.Orientation.Vertical)
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
        self.setCentralWidget(self.columns)

    def _build_menus(self) -> None:
        submenus = {
            "recent": QMenu("Open &recent", self),
            "examples": QMenu("New from an &example", self),
            "export": QMenu("&Export the time stacks", self),
            "theme": QMenu("&Colours", self),
        }
        self._recent_menu = submenus["recent"]
        self._recent_menu.aboutToShow.connect(self._fill_recent)
        for info in library.examples():
            action = submenus["examples"].addAction(info.title, partial(self.files.new_from_example, info.name))
            action.setToolTip(info.description)
        submenus["examples"].setToolTipsVisible(True)
        for title, file_format in (("Picture (PNG)...", "png"), ("Drawing (SVG)...", "svg"), ("Table (CSV)...", "csv")):
            submenus["export"].addAction(title, partial(self.export_chart, file_format))
        self._export_menu = submenus["export"]
        themes = QActionGroup(self)
        for theme in THEMES:
            themes.addAction(self.actions_by_id[theme])
            submenus["theme"].addAction(self.actions_by_id[theme])
        self.actions_by_id[f"theme_{QSettings().value('theme', 'system')}"].setChecked(True)
        for title, entries in MENUS:
            menu = self.menuBar().addMenu(title)
            for entry in entries:
                if entry == SEPARATOR:
                    menu.addSeparator()
                elif entry in submenus:
                    menu.addMenu(submenus[entry])
                else:
                    menu.addAction(self.actions_by_id[entry])

    def _build_toolbar(self) -> None:
        bar = QToolBar("Tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(16, 16))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for entry in TOOLBAR:
            if entry == SEPARATOR:
                bar.addSeparator()
            else:
                bar.addAction(self.actions_by_id[entry])
        spring = QWidget()
        box = QHBoxLayout(spring)
        box.setContentsMargins(0, 0, 0, 0)
        box.addStretch(1)
        self.run_button = QPushButton("Run the plan")
        self.run_button.setProperty("role", "primary")
        self.run_button.clicked.connect(self.run_plan)
        box.addWidget(self.run_button)
        bar.addWidget(spring)
        self.addToolBar(bar)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.statusBar().setSizeGripEnabled(False)

    def _connect(self) -> None:
        scene = self.canvas.topology
        scene.selection_changed.connect(self.selection.select)
        scene.badge_clicked.connect(lambda _thing_id: self.findings.open())
        self.selection.changed.connect(self.findings.select)
        self.selection.changed.connect(scene.select)
        self.selection.changed.connect(self._refresh_actions)
        self.selection.changed.connect(self._show_inspector)
        self.palette_panel.chosen.connect(self._place)
        self.canvas.mode_changed.connect(self._show_mode)
        self.canvas.told.connect(lambda text: self.statusBar().showMessage(text, 8000))
        self.findings.chosen.connect(self._go_to)
        self.findings.fix_asked.connect(self._fix)
        self.outline.chosen.connect(self.canvas.reveal)
        self.document.changed.connect(self._project_changed)
        self.document.replaced.connect(self._project_replaced)
        self.document.state_changed.connect(self._refresh_title)
        self.document.undo_stack.indexChanged.connect(self._refresh_actions)
        self.document.runs_changed.connect(self._refresh_actions)
        self.advisor.advised.connect(self._show_advice)
        self.plan_page.moment.moment_changed.connect(self.canvas.show_moment)
        self.canvas.left_moment.connect(self.plan_page.moment.back_to_now)
        self.run_page.speed_chosen.connect(self._pace.set_speed)
        self.run_page.cancel_asked.connect(lambda ids: self.engine.cancel(*ids))
        self.stacks_page.export_asked.connect(self.export_chart)
        self.stacks_page.shown.connect(self._refresh_actions)
        self.engine.happened.connect(self._take_events)
        self.engine.ended.connect(self._run_ended)
        look.changed.connect(self._dress)

    # What the actions do

    def new_project(self) -> None:
        self.files.new()

    def open_project(self) -> None:
        self.files.open()

    def save_project(self) -> bool:
        return self.files.save()

    def save_project_as(self) -> bool:
        return self.files.save_as()

    def undo(self) -> None:
        self.document.undo_stack.undo()

    def redo(self) -> None:
        self.document.undo_stack.redo()

    def delete_selected(self) -> None:
        self.document.push(edits.delete(self.document.project, self.selection.ids))

    def select_all(self) -> None:
        self.show_topology()
        self.selection.select(self.canvas.topology.all_ids())

    def draw_link(self) -> None:
        self.show_topology()
        self.canvas.start_link_mode()

    def zoom_in(self) -> None:
        self.canvas.zoom_in()

    def zoom_out(self) -> None:
        self.canvas.zoom_out()

    def zoom_to_fit(self) -> None:
        self.canvas.fit()

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

    def about(self) -> None:
        messages.about(self)

    def run_plan(self) -> None:
        """Start a simulated run, unless one is under way or a finding blocks the plan."""
        if self.engine.is_running or not self.document.project.plan.migrations:
            return
        project = self.document.project
        # Checked afresh: the advice may still be that on the plan before the last change.
        blocked = blocking(check(project, project.plan))
        if blocked:
            reason = f"{blocked[0].message}. To mend it: {blocked[0].mend}."
            messages.tell_error(self, "The plan can't be carried out", reason)
            return
        self._pace.set_speed(self.run_page.chosen_speed)
        self.monitor.begin(project)
        self.engine.start(project, SimulatedBackend(self._pace))
        self.show_run()
        self._refresh_actions()

    def cancel_run(self) -> None:
        self.engine.cancel()

    def export_chart(self, file_format: str) -> None:
        """Write the shown run's time stacks to a file that the user chooses."""
        run = self.stacks_page.run
        if run is None:
            return
        name = Path(f"{file_name(self.document.project.name)} - {run.name} - time stacks.{file_format}")
        kinds = f"{file_format.upper()} (*.{file_format})"
        chosen = file_to_write(self, "Export the time stacks", name, kinds)
        if not chosen:
            return
        path = with_suffix(chosen, f".{file_format}")
        if str(path) != chosen and not messages.may_replace(self, path):
            return
        try:
            chart = self.stacks_page.chart
            by, measure = Split(chart.split.value), Measure(chart.measure.value)
            export_time_stacks(
                run,
                self.document.project.figures,
                path,
                file_format,
                by=by,
                measure=measure,
                comparisons=chart.comparisons,
            )
        except PlannerError as error:
            messages.tell_error(self, "The chart could not be exported", str(error))
            return
        self.statusBar().showMessage(f"Exported to {path}", 8000)

    # What happens

    def _turn_page(self, index: int) -> None:
        """Palette and outline are for drawing: the tables and charts of the other pages get their room."""
        self.pages.setCurrentIndex(index)
        self._only_the_page_needs_room()
        self._drawing_tools.setVisible(index == TOPOLOGY)
        self._show_inspector()
        self._refresh_actions()

    def _show_inspector(self) -> None:
        """Beside a table or a chart it is shown for what is selected there. Nothing in it can change a run."""
        page = self.pages.currentIndex()
        self.inspector.setVisible(page == TOPOLOGY or (page != RUN and bool(self.selection.ids)))

    def _only_the_page_needs_room(self) -> None:
        """A page in the background does not keep the panels beside the present one narrow."""
        for index in range(self.pages.count()):
            policy = QSizePolicy.Policy.Preferred if index == self.pages.currentIndex() else QSizePolicy.Policy.Ignored
            page = self.pages.widget(index)
            assert page is not None
            page.setSizePolicy(policy, policy)

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
        planned = {migration.id for plan in project.plans.values() for migration in plan.migrations}
        self.selection.select(i for i in self.selection.ids if i in planned or project.thing(i) is not None)
        self.advisor.ask()
        self._refresh_actions()

    def _project_replaced(self) -> None:
        self.engine.stop()
        self.monitor.clear()
        self.selection.select([])
        self.show_topology()
        self._project_changed()

    def _show_advice(self, advice: Advice) -> None:
        self.findings.show_advice(advice, len(self.document.project.plan.migrations))
        self.canvas.topology.show_findings(advice.findings)
        self.plan_page.show_advice(advice)

    def _take_events(self, events: list[RunnerEvent]) -> None:
        self.monitor.take(events)
        for job in self.monitor.jobs.values():
            share = None if job.state is JobState.QUEUED else job.share_done
            self.canvas.topology.show_progress(job.migration_id, share, job.state.value)

    def _run_ended(self, ended: RunEnded) -> None:
        self.document.add_run(ended.run)
        self._refresh_actions()
        if ended.bug is not None:
            messages.tell_bug(self, ended.bug)
        elif ended.error:
            messages.tell_error(self, "The run broke off", ended.error)
        else:
            self.statusBar().showMessage(
                f"{ended.run.name} is done; see where its time went on the page Time stacks", 12000
            )

    def _may_end_run(self, then: str) -> bool:
        return not self.engine.is_running or messages.may_stop_run(self, then)

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
        stack, actions = self.document.undo_stack, self.actions_by_id
        self._name_action(actions["undo"], "Undo", stack.undoText(), stack.canUndo())
        self._name_action(actions["redo"], "Redo", stack.redoText(), stack.canRedo())
        actions["delete"].setEnabled(bool(self.selection.ids))
        may_run = bool(self.document.project.plan.migrations) and not self.engine.is_running
        actions["run"].setEnabled(may_run)
        set_enabled(self.run_button, may_run, refuge=self.run_page.table)
        actions["cancel"].setEnabled(self.engine.is_running)
        for about_moves in ("schedule", "clear_starts", "limits"):
            actions[about_moves].setEnabled(bool(self.document.project.plan.migrations))
        for about_plans in ("delete_plan", "compare_plans"):
            actions[about_plans].setEnabled(len(self.document.project.plans) > 1)
        project, is_drawing = self.document.project, self.pages.currentIndex() == TOPOLOGY
        nodes = len(project.hosts) + len(project.switches) + len(project.storages)
        actions["link"].setEnabled(nodes > 1)
        actions["make_rack"].setEnabled(bool(self.selection.ids & project.hosts.keys()))
        for zoom in ("zoom_in", "zoom_out", "fit"):
            actions[zoom].setEnabled(is_drawing and nodes > 0)
        self._export_menu.setEnabled(self.stacks_page.run is not None)

    @staticmethod
    def _name_action(action: QAction, verb: str, what: str, enabled: bool) -> None:
        what = shortened(what[:1].lower() + what[1:]).replace("&", "&&")
        action.setText(f"&{verb} {what}".rstrip())
        action.setEnabled(enabled)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about a run under way and unsaved work, then end the threads."""
        if not self.files.may_leave("quit"):
            event.ignore()
            return
        self.engine.stop()
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
