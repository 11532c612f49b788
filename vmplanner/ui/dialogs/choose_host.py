"""A host out of many, chosen by a few typed letters."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from vmplanner.domain.edits import count
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.finding_names import matching
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.names import natural
from vmplanner.ui.tables.elided import ElidedCells

_ID = Qt.ItemDataRole.UserRole
_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class ChooseHost(QDialog):
    """Says what is `asked`, lists all hosts with their free memory, and calls `use` with the id of the chosen one."""

    def __init__(self, parent: QWidget, title: str, asked: str, project: Project, use: Callable[[str], object]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._rows = list(_rows(project))
        self._use = use
        self.field = QLineEdit(placeholderText="Type a part of a host's name")
        self.field.setAccessibleName("Host")
        self.field.setToolTip("Up and Down choose in the list, Enter takes")
        self.field.textChanged.connect(self._show_matching)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setProperty("role", "framed")
        self.list.setAccessibleName("Hosts")
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(ElidedCells(self.list))
        self.list.itemDoubleClicked.connect(self.accept)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText(title)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._nothing = QLabel("No host has these letters")
        self._nothing.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        for widget in (WrappedLabel(asked), self.field, self.list, self._nothing, buttons):
            layout.addWidget(widget)
        self._show_matching("")
        open_with_size(self, 440, 420)

    def accept(self) -> None:
        chosen = self.list.currentItem()
        if chosen is not None:
            super().accept()
            self._use(chosen.data(_ID))

    def _show_matching(self, typed: str) -> None:
        found = matching(typed, ((row[0], row) for row in self._rows)) if typed.strip() else self._rows
        self.list.clear()
        for name, more, host_id in found:
            item = QListWidgetItem(f"{name}   {more}")
            item.setData(_ID, host_id)
            item.setToolTip(name)
            self.list.addItem(item)
        self.list.setCurrentRow(0 if found else -1)
        self._ok.setEnabled(bool(found))
        self._nothing.setVisible(not found)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_press = watched is self.field and event.type() == QEvent.Type.KeyPress
        if is_press and isinstance(event, QKeyEvent) and event.key() in _KEYS:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)


def _rows(project: Project) -> Iterable[tuple[str, str, str]]:
    """The name of each host, what there is to say of it, and its id."""
    used, machines = dict.fromkeys(project.hosts, 0), dict.fromkeys(project.hosts, 0)
    for machine in project.machines.values():
        used[machine.host_id] += machine.memory_bytes
        machines[machine.host_id] += 1
    for host in sorted(project.hosts.values(), key=lambda host: natural(host.name)):
        free = max(0, host.memory_bytes - used[host.id])
        yield host.name, f"{BYTES.format(free)} free, {count(machines[host.id], 'VM')}", host.id
