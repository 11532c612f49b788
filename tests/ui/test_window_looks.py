"""Everybody can use the window: in light and dark, by keyboard alone, with a screen reader, at the smallest size."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QModelIndex, QPointF, QSettings, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.project import Project
from vmplanner.engine.runner import run_plan
from vmplanner.store import library
from vmplanner.ui.application import prepare
from vmplanner.ui.dialogs.words_and_keys import WordsAndKeys
from vmplanner.ui.theme import DARK, LIGHT, look
from vmplanner.ui.window import RUN, MainWindow
from vmplanner.ui.window_size import first_size

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]
FOR_INPUT = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView, QTabBar)


@pytest.fixture(autouse=True)
def light_again(qapp: QApplication) -> Iterator[None]:
    yield
    look.theme = LIGHT


@pytest.fixture
def full(person: Person, open_project: OpenProject) -> Person:
    """An example of real size with a run."""
    project = library.example("evacuate-a-rack")
    open_project(project.with_run(run_plan(project, project.plan, SimulatedBackend()).run))
    return person


def _each_view(person: Person) -> Iterator[str]:
    """Every page, with every sort of thing in the inspector."""
    project, tabs = person.project, person.window.tabs
    tables = (project.hosts, project.switches, project.storages, project.links, project.machines)
    things = [next(iter(table), "") for table in tables]
    for page in range(tabs.count()):
        tabs.setCurrentIndex(page)
        for thing_id in (*things, project.plan.migrations[0].id, ""):
            person.window.selection.select([thing_id] if thing_id else [])
            for opener in person.window.inspector.findChildren(QAbstractButton):
                if opener.isCheckable():
                    opener.setChecked(True)
            QApplication.processEvents()
            yield f"{tabs.tabText(page)}, {thing_id or 'nothing'} selected"


def _is_qts_own(widget: QWidget) -> bool:
    """Parts that Qt puts into its widgets: the list of a combo box, scroll buttons of tabs, and so on."""
    inside = isinstance(widget.parent(), QComboBox | QLineEdit | QTabBar) or isinstance(widget, QHeaderView)
    return inside or widget.objectName().startswith("qt_") or "Private" in type(widget.parent()).__name__


def test_every_input_has_a_name_for_screen_readers(full: Person) -> None:
    nameless = set()
    for view in _each_view(full):
        for widget in full.window.findChildren(QWidget):
            if isinstance(widget, FOR_INPUT) and widget.isVisible() and not _is_qts_own(widget):
                reader = QAccessible.queryAccessibleInterface(widget)
                if not reader.text(QAccessible.Text.Name).strip():
                    nameless.add(f"{type(widget).__name__} ({view})")
    assert nameless == set()


@pytest.mark.parametrize("size", [(1280, 800), (1000, 600)])
def test_no_text_is_cut_off(full: Person, size: tuple[int, int]) -> None:
    full.window.resize(*size)
    cut = set()
    for view in _each_view(full):
        for widget in full.window.findChildren(QWidget):
            if widget.isVisible() and widget.width() < _needed_width(widget):
                cut.add(f"{widget.property('text')!r} ({view})")
    assert cut == set()


def _needed_width(widget: QWidget) -> int:
    """What the text of a button or of a label of one line needs; 0 for all other things."""
    has_text = isinstance(widget, QPushButton) or (isinstance(widget, QLabel) and not widget.wordWrap())
    return widget.minimumSizeHint().width() if has_text and widget.text() else 0


def test_everything_of_the_run_table_can_be_read(full: Person) -> None:
    window = full.window
    window.resize(1280, 800)
    window.tabs.setCurrentIndex(RUN)
    assert not window.inspector.isVisible()
    window.monitor.begin(full.project)
    QApplication.processEvents()
    table = window.run_page.table
    for row in range(table.model().rowCount()):
        for column in range(2):
            index = table.model().index(row, column)
            assert table.sizeHintForIndex(index).width() <= table.columnWidth(column), index.data()


@pytest.mark.parametrize(
    ("screen", "size"),
    [((1920, 1080), (1280, 800)), ((1280, 800), (1264, 752)), ((1366, 768), (1280, 720)), ((800, 600), (784, 552))],
)
def test_the_window_is_not_larger_than_the_screen(screen: tuple[int, int], size: tuple[int, int]) -> None:
    assert first_size(QSize(*screen)) == QSize(*size)


def test_narrow_tables_keep_their_names_readable(full: Person) -> None:
    full.window.resize(1000, 600)
    full.window.show_plan()
    full.window.selection.select([full.project.plan.migrations[0].id])
    QApplication.processEvents()
    table = full.window.plan_page.table
    assert full.window.inspector.isVisible()
    assert min(table.columnWidth(1), table.columnWidth(3)) >= 90
    full.window.selection.select([])
    assert not full.window.inspector.isVisible()


def test_words_and_keys_are_explained(person: Person) -> None:
    person.use("Help", "Words and keys")
    [dialog] = person.window.findChildren(WordsAndKeys)
    texts = {label.text() for label in dialog.findChildren(QLabel)}
    assert {"preflight", "hot set", "recalled", "Ctrl+R", "Carry the plan out and watch it"} <= texts
    dialog.close()


class TestColours:
    def test_dark_and_light(self, full: Person, qapp: QApplication) -> None:
        for entry, theme in (("Dark", DARK), ("Light", LIGHT)):
            full.use("Colours", entry)
            assert look.theme is theme
            assert qapp.palette().color(QPalette.ColorRole.Window) == theme.window
            assert full.action("Colours", entry).isChecked()
            picture = full.window.grab().toImage()
            corner = full.window.statusBar().geometry().center()
            assert picture.pixelColor(corner * full.window.devicePixelRatio()) == theme.window
            canvas = full.window.canvas.viewport().grab().toImage()
            assert _lightness(canvas.pixelColor(2, 2)) == pytest.approx(_lightness(theme.window), abs=0.1)

    def test_the_choice_is_kept(self, person: Person, qapp: QApplication) -> None:
        person.use("Colours", "Dark")
        assert QSettings().value("theme") == "dark"
        look.use(qapp, "light")
        prepare(qapp)
        assert look.theme is DARK

    def test_the_window_opens_where_it_was(self, window: MainWindow, qtbot: QtBot) -> None:
        window.resize(780, 650)  # the offscreen screen is 800 x 800
        window.close()
        another = MainWindow()
        qtbot.addWidget(another)
        assert (another.width(), another.height()) == (780, 650)


def _lightness(colour: QColor) -> float:
    return colour.lightnessF()


class TestKeyboard:
    def test_the_outline_selects_on_the_canvas(self, person: Person, open_project: OpenProject) -> None:
        window = open_project(two_hosts(2))
        window.outline.setFocus()
        window.outline.setCurrentIndex(QModelIndex())
        walked = []
        for _ in range(7):
            QTest.keyClick(window.outline, Qt.Key.Key_Down)
            walked.append(set(window.canvas.topology.selected_ids))
        assert [ids for ids in walked if ids] == [{"host-1"}, {"vm-1"}, {"vm-2"}, {"host-2"}, {"link-1"}]
        assert window.selection.ids == {"link-1"}

    def test_what_the_outline_selects_is_scrolled_into_view(self, person: Person, open_project: OpenProject) -> None:
        window = open_project(two_hosts())
        window.canvas.centerOn(-5000, 5000)
        window.outline.setFocus()
        QTest.keyClick(window.outline, Qt.Key.Key_Home)
        QTest.keyClick(window.outline, Qt.Key.Key_Down)
        assert window.selection.ids == {"host-1"}
        assert window.canvas.viewport().rect().contains(window.canvas.mapFromScene(person.card("alpha")))

    def test_the_canvas_selects_in_the_outline(self, person: Person, open_project: OpenProject) -> None:
        window = open_project(two_hosts())
        window.canvas.editor.move_nodes({"host-2": QPointF(400, 0)})
        person.hand.click(person.chip("web-1"))
        [line] = window.outline.selectedIndexes()
        assert line.data() == "web-1 → beta"
        window.canvas.setFocus()
        QTest.keyClick(window.canvas, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        assert len(window.outline.selectedIndexes()) == 4  # both hosts, the VM, the link; moves are not listed

    def test_delete_deletes_in_the_outline(self, person: Person, open_project: OpenProject) -> None:
        window = open_project(two_hosts())
        window.outline.setFocus()
        QTest.keyClick(window.outline, Qt.Key.Key_Home)
        QTest.keyClick(window.outline, Qt.Key.Key_Down)
        QTest.keyClick(window.outline, Qt.Key.Key_Delete)
        assert list(person.project.hosts) == ["host-2"]
        assert person.undo_text == "Undo delete alpha, web-1 and 1 link"

    @pytest.mark.parametrize(("number", "title"), [(1, "Topology"), (2, "Plan"), (3, "Run"), (4, "Time stacks")])
    def test_pages_are_a_key_away(self, person: Person, number: int, title: str) -> None:
        person.window.show_plan()
        QTest.keyClick(person.window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        tabs = person.window.tabs
        assert tabs.tabText(tabs.currentIndex()) == title
        assert person.window.pages.currentIndex() == tabs.currentIndex()

    def test_tab_leads_through_the_inspector(self, person: Person, open_project: OpenProject) -> None:
        window = open_project(two_hosts())
        window.selection.select(["host-1"])
        person.find(QLineEdit, "Host name").setFocus()
        walked = []
        for _ in range(4):
            focus = QApplication.focusWidget()
            assert focus is not None
            walked.append(focus.accessibleName())
            QTest.keyClick(focus, Qt.Key.Key_Tab)
        assert walked == ["Host name", "Hypervisor", "Host memory", "CPU cores"]
