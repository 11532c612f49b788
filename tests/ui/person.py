"""A person who works the whole window with mouse and keyboard."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMenu, QMessageBox, QPushButton, QWidget

from tests.ui.canvas.conftest import Hand
from vmplanner.domain.project import Project
from vmplanner.ui.fields import Field
from vmplanner.ui.palette import Entry
from vmplanner.ui.window import MainWindow

LEFT = Qt.MouseButton.LeftButton
Found = TypeVar("Found", bound=QWidget)


class Person:
    """Finds things in the window by what they are called, as a person or a screen reader does, and uses them."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.hand = Hand(window.canvas)

    # The canvas

    def take(self, entry: str) -> None:
        """Click an entry of the palette."""
        [found] = [each for each in self.window.findChildren(Entry) if each.text() == entry]
        QTest.mouseClick(found, LEFT)

    def click_canvas(self, x: int, y: int) -> None:
        """Click at a place of the canvas, in pixels of the window on it."""
        self.hand.click(self.window.canvas.mapToScene(QPoint(x, y)))

    def card(self, name: str) -> QPointF:
        """A point of a host's, switch's or storage's card where nothing else is."""
        project = self.window.document.project
        nodes = (*project.hosts.values(), *project.switches.values(), *project.storages.values())
        return self.hand.card(next(node.id for node in nodes if node.name == name))

    def chip(self, name: str) -> QPointF:
        machines = self.window.document.project.machines.values()
        return self.hand.chip(next(machine.id for machine in machines if machine.name == name))

    # Fields and buttons

    def find(self, kind: type[Found], name: str) -> Found:
        """The visible widget with this text or accessible name."""

        def called(widget: QWidget) -> bool:
            return name in (widget.accessibleName(), getattr(widget, "text", str)())

        QApplication.processEvents()  # what was just built shows now
        [found] = [each for each in self.window.findChildren(kind) if each.isVisible() and called(each)]
        return found

    def press(self, text: str) -> None:
        QTest.mouseClick(self.find(QPushButton, text), LEFT)

    def enter(self, field: str, text: str, *, end: Qt.Key = Qt.Key.Key_Return) -> None:
        """Type into a field in the place of what is there, and press Enter."""
        line = self.find(QLineEdit, field)
        QTest.mouseClick(line, LEFT)
        line.selectAll()
        QTest.keyClick(line, Qt.Key.Key_Delete)
        QTest.keyClicks(line, text)
        QTest.keyClick(line, end)

    def shown(self, field: str) -> str:
        return self.find(QLineEdit, field).text()

    def refusal(self, field: str) -> str:
        """The reason that stands below a field, if any."""
        parent = self.find(QLineEdit, field).parent()
        assert isinstance(parent, Field)
        return parent.refusal

    def choose(self, field: str, title: str) -> None:
        """Choose in a list with the keyboard."""
        combo = self.find(QComboBox, field)
        place = combo.findText(title)
        assert place >= 0, [combo.itemText(index) for index in range(combo.count())]
        combo.setFocus()
        QTest.keyClick(combo, Qt.Key.Key_Space)
        combo.view().setCurrentIndex(combo.model().index(place, 0))
        QTest.keyClick(combo.view(), Qt.Key.Key_Return)

    def choose_speed(self, title: str) -> None:
        self.window.show_run()
        self.choose("Speed of the simulated run", title)

    # Menus and boxes

    def menu(self, title: str) -> QMenu:
        """The menu or submenu whose title begins so, filled as when it opens."""
        menus = self.window.findChildren(QMenu)
        menu = next(menu for menu in menus if menu.title() and _plain(menu.title()).startswith(title))
        menu.aboutToShow.emit()
        return menu

    def action(self, menu: str, entry: str) -> QAction:
        """The entry of a menu whose text begins so."""
        return next(action for action in self.menu(menu).actions() if _plain(action.text()).startswith(entry))

    def use(self, menu: str, entry: str) -> None:
        """Choose an entry of a menu; both must be enabled."""
        assert self.menu(menu).isEnabled(), f"{menu} is disabled"
        action = self.action(menu, entry)
        assert action.isEnabled(), f"{action.text()} is disabled"
        action.trigger()
        self.wait_for_disk()

    def open(self, path: Path) -> bool:
        """Open a file, as from the command line. Returns whether it is open now."""
        before = self.window.document.project
        self.window.files.open(path)
        self.wait_for_disk()
        return self.window.document.project is not before

    def wait_for_disk(self) -> None:
        """Until what is done with files has ended, with the questions that it asks."""
        while self.window.files.disk.is_busy:
            QTest.qWait(1)

    def read_message(self) -> str:
        """What the open message box says; presses its OK."""
        [box] = [box for box in self.window.findChildren(QMessageBox) if box.isVisible()]
        text = f"{box.text()}: {box.informativeText()}".replace("\N{ZERO WIDTH SPACE}", "")
        QTest.mouseClick(box.button(QMessageBox.StandardButton.Ok), LEFT)
        return text

    def answering(self, button: QMessageBox.StandardButton, act: Callable[[], object]) -> str:
        """Do something that asks a question, press `button` in its box, and return the question."""
        questions: list[str] = []

        def answer() -> None:
            box = QApplication.activeModalWidget()
            if not isinstance(box, QMessageBox):
                QTimer.singleShot(5, answer)  # the question comes in a moment
                return
            questions.append(box.text())
            QTest.mouseClick(box.button(button), LEFT)

        QTimer.singleShot(0, answer)
        act()
        [question] = questions
        return question

    # What the window shows

    @property
    def undo_text(self) -> str:
        return _plain(self.window.actions_by_id["undo"].text())

    @property
    def redo_text(self) -> str:
        return _plain(self.window.actions_by_id["redo"].text())

    @property
    def project(self) -> Project:
        return self.window.document.project

    def rows(self) -> list[list[str]]:
        """The texts of the table on the present page, without the columns that are hidden."""
        QApplication.sendPostedEvents()  # a page that was just turned to has its width now
        table = self.window.page.table  # type: ignore[attr-defined]
        model = table.model()
        columns = [column for column in range(model.columnCount()) if not table.isColumnHidden(column)]
        return [[model.index(row, column).data() for column in columns] for row in range(model.rowCount())]


def _plain(text: str) -> str:
    """A menu's text without the signs that mark its key."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")
