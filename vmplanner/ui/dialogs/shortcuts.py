"""A table of all actions and their keys, each of which can be changed."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from vmplanner.ui import shortcuts
from vmplanner.ui.actions import ACTIONS
from vmplanner.ui.dialogs.command_palette import plain
from vmplanner.ui.dialogs.first_size import open_with_size

# Keys that the canvas itself knows, see words_and_keys.py: an action with one of them would take it away.
CANVAS_KEYS = {"F": "Zoom to fit", "+": "Zoom in", "-": "Zoom out", "0": "Zoom to 100 %", "Space": "Move the canvas"}
_ID = Qt.ItemDataRole.UserRole


class ShortcutsDialog(QDialog):
    """`changed` is called when other keys are kept. A key that two actions have is told, and can't be kept."""

    def __init__(self, parent: QWidget, changed: Callable[[], None]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        self._changed = changed
        self._keys = shortcuts.current()
        self.table = QTreeWidget(columnCount=2)
        self.table.setAccessibleName("Shortcuts")
        self.table.setHeaderLabels(["Action", "Keys"])
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.header().setStretchLastSection(False)
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        for spec in ACTIONS:
            row = QTreeWidgetItem([plain(spec.text), ""])
            row.setData(0, _ID, spec.id)
            row.setToolTip(0, spec.tip)
            self.table.addTopLevelItem(row)
        self.table.currentItemChanged.connect(self._show_key)
        self.field = QKeySequenceEdit()
        self.field.setMaximumSequenceLength(1)
        self.field.setAccessibleName("Keys of the chosen action")
        self.field.setToolTip("Press the new keys of the chosen action")
        self.field.setClearButtonEnabled(True)
        self.field.keySequenceChanged.connect(self._take)
        self.reset = QPushButton("As it was")
        self.reset.setToolTip("Give the chosen action the keys that it came with")
        self.reset.clicked.connect(lambda: self._set(self.chosen, shortcuts.DEFAULTS[self.chosen]))
        self.reset_all = QPushButton("All as they were")
        self.reset_all.clicked.connect(self._reset_all)
        self.conflict = QLabel()
        self.conflict.setProperty("role", "error")
        self.conflict.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self._keep)
        self.buttons.rejected.connect(self.reject)
        line = QHBoxLayout()
        for widget, stretch in (
            (QLabel("Press the new keys"), 0),
            (self.field, 1),
            (self.reset, 0),
            (self.reset_all, 0),
        ):
            line.addWidget(widget, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.table, 1)
        layout.addLayout(line)
        layout.addWidget(self.conflict)
        layout.addWidget(self.buttons)
        self.table.setCurrentIndex(self.table.model().index(0, 0))
        self._show_all()
        open_with_size(self, 600, 540)

    @property
    def chosen(self) -> str:
        """The id of the chosen action."""
        return str(self.table.currentItem().data(0, _ID))

    def choose(self, action_id: str) -> None:
        """Choose an action in the table."""
        place = [spec.id for spec in ACTIONS].index(action_id)
        self.table.setCurrentIndex(self.table.model().index(place, 0))

    def _take(self, sequence: QKeySequence) -> None:
        self._set(self.chosen, sequence.toString(QKeySequence.SequenceFormat.PortableText))

    def _set(self, action_id: str, key: str) -> None:
        if self._keys[action_id] != key:
            self._keys[action_id] = key
            self._show_all()

    def _reset_all(self) -> None:
        self._keys = dict(shortcuts.DEFAULTS)
        self._show_all()

    def _show_all(self) -> None:
        for place, spec in enumerate(ACTIONS):
            row = self.table.topLevelItem(place)
            if row is not None:
                row.setText(1, shortcuts.native(self._keys[spec.id]))
        self._show_key()
        conflicts = self._conflicts()
        self.conflict.setText("\n".join(conflicts[:3]))
        self.conflict.setVisible(bool(conflicts))
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not conflicts)
        self.reset_all.setEnabled(self._keys != shortcuts.DEFAULTS)

    def _show_key(self) -> None:
        self.field.blockSignals(True)
        self.field.setKeySequence(QKeySequence(self._keys[self.chosen]))
        self.field.blockSignals(False)
        self.reset.setEnabled(self._keys[self.chosen] != shortcuts.DEFAULTS[self.chosen])

    def _conflicts(self) -> list[str]:
        """A sentence for each key that two want."""
        users: dict[str, list[str]] = {key: [f"the canvas ({what})"] for key, what in CANVAS_KEYS.items()}
        for spec in ACTIONS:
            if key := self._keys[spec.id]:
                portable = QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
                users.setdefault(portable, []).append(f"'{plain(spec.text)}'")
        return [
            f"{shortcuts.native(key)} would be for {' and '.join(names)}: give one of them other keys."
            for key, names in users.items()
            if len(names) > 1
        ]

    def _keep(self) -> None:
        shortcuts.keep(self._keys)
        self._changed()
        self.accept()
