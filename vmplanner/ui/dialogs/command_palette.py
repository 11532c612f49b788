"""Everything that the menus can do, found by a few typed letters."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QMainWindow, QMenu, QTreeWidget, QTreeWidgetItem, QVBoxLayout

from vmplanner.ui.finding_names import matching

_SIZE = QSize(520, 380)
_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_EXAMPLES = "New from an example: "
_ACTION = Qt.ItemDataRole.UserRole


def commands(window: QMainWindow) -> list[tuple[str, QAction]]:
    """Every entry of the menus with its way there: 'Edit: Undo'."""
    # Not by QAction.menu: the menu would go with what that returns.
    menus = {menu.menuAction(): menu for menu in window.findChildren(QMenu)}
    return [command for top in window.menuBar().actions() for command in _inside("", top, menus)]


def _inside(way: str, action: QAction, menus: Mapping[QAction, QMenu]) -> list[tuple[str, QAction]]:
    menu = menus.get(action)
    if menu is None:
        return [] if action.isSeparator() else [(f"{way}{plain(action.text())}", action)]
    menu.aboutToShow.emit()
    return [each for inner in menu.actions() for each in _inside(f"{way}{plain(action.text())}: ", inner, menus)]


def plain(text: str) -> str:
    """A menu's text without the signs that mark its key."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").removesuffix("...")


class CommandPalette(QDialog):
    """Type, choose with Up and Down, Enter does it."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Commands")
        self._commands = commands(window)
        self.field = QLineEdit(placeholderText="What do you want to do?")
        self.field.setAccessibleName("Command")
        self.field.setToolTip("Up and Down choose in the list, Enter does it")
        self.field.textChanged.connect(self._show_matching)
        self.field.returnPressed.connect(self._use)
        self.field.installEventFilter(self)
        self.list = QTreeWidget(columnCount=2)
        self.list.setAccessibleName("Commands")
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, self.list.header().ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, self.list.header().ResizeMode.ResizeToContents)
        self.list.itemClicked.connect(self._use)
        self.nothing = QLabel("No command has these words")
        self.nothing.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.nothing)
        self._show_matching("")
        self.resize(_SIZE.boundedTo(window.size()))
        self.field.setFocus()
        self.move(window.mapToGlobal(QPoint((window.width() - self.width()) // 2, 80)))

    def _show_matching(self, typed: str) -> None:
        found = matching(typed, ((command[0], command) for command in self._commands))
        found = found if typed.strip() else self._commands
        # What takes another project in the place of this one comes late; what can't be done now last, and greyed.
        found = sorted(found, key=lambda command: (not command[1].isEnabled(), _EXAMPLES in command[0]))
        self.list.clear()
        self.list.addTopLevelItems([_row(text, action) for text, action in found])
        self.list.setCurrentIndex(self.list.model().index(0, 0))
        self.nothing.setVisible(not found)

    def _use(self) -> None:
        item = self.list.currentItem()
        action = None if item is None else item.data(0, _ACTION)
        if isinstance(action, QAction) and action.isEnabled():
            self.accept()
            action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_press = watched is self.field and event.type() == QEvent.Type.KeyPress
        if is_press and isinstance(event, QKeyEvent) and event.key() in _KEYS:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)


def _row(text: str, action: QAction) -> QTreeWidgetItem:
    row = QTreeWidgetItem([text, action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)])
    row.setData(0, _ACTION, action)
    row.setToolTip(0, action.statusTip() or text)
    row.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    row.setDisabled(not action.isEnabled())
    return row
