"""Help on two pages: what the words of the application mean, and every shortcut."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from vmplanner.ui.actions import ACTIONS
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.glossary import WORDS
from vmplanner.ui.pages.plan_page import EXCLUDE_KEY
from vmplanner.ui.shortcuts import current, native

# What the canvas does with keys and pointer besides the actions.
_CANVAS_KEYS = (
    ("Wheel", "Zoom at the pointer"),
    ("Two fingers", "On a touchpad: move the canvas; with Ctrl zoom"),
    ("Pinch", "On a touchpad or a touch screen: zoom"),
    ("Middle button + drag", "Move the canvas"),
    ("Space + drag", "Move the canvas"),
    ("Drag", "On empty ground: select with a rectangle. Shift adds, Ctrl takes out"),
    ("Alt + drag", "On empty ground: draw around what shall be selected. Shift adds, Ctrl takes out"),
    ("Shift + drag", "Select with a rectangle, on a card too"),
    ("Ctrl + click", "Select one more thing, or one less"),
    ("Alt while moving", "Move freely: no lines or grid to stop at, and no change of rack or site"),
    ("Ctrl + drop", "Place a VM on a host at once, instead of planning its move"),
    ("Arrows", "Move the selected hosts, switches and storage by a step"),
    ("Enter", "Put down what was chosen in the palette, in the middle of the canvas"),
    ("Esc", "Leave what is under way, or select nothing"),
    ("F", "Zoom to fit"),
    ("+ and -", "Zoom in and out"),
    ("0", "Zoom to 100 %"),
)
_FIND_KEYS = (
    ("Enter", "In the find bar: go to the next hit"),
    ("Shift + Enter", "In the find bar: go to the hit before"),
)
_OUTLINE_KEYS = (
    ("Enter", "In the outline: show it in the drawing"),
    ("Alt + arrows", "In the outline: move what is selected by a step"),
    ("Menu key", "In the outline: all that can be done with what is selected"),
)
_TABLE_KEYS = ((EXCLUDE_KEY, "In the table of planned moves: leave the chosen ones out, or take them in again"),)


class WordsAndKeys(QDialog):
    """Two tables to read."""

    def __init__(self, parent: QWidget, *, keys_first: bool = False) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Words and keys")
        tabs = QTabWidget()
        tabs.addTab(_table("Words", sorted(WORDS.items())), "Words")
        tabs.addTab(_table("Keys", [*shortcuts(), *_CANVAS_KEYS, *_FIND_KEYS, *_OUTLINE_KEYS, *_TABLE_KEYS]), "Keys")
        tabs.setCurrentIndex(int(keys_first))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(tabs, 1)
        layout.addWidget(buttons)
        open_with_size(self, 640, 520)


def shortcuts() -> list[tuple[str, str]]:
    """Every action with a shortcut, as this desktop writes it, and what it does."""
    keys = current()
    return [(native(key), spec.tip) for spec in ACTIONS if (key := keys[spec.id])]


def _table(name: str, rows: list[tuple[str, str]]) -> QScrollArea:
    """Rows of a heading and a sentence."""
    body = QWidget()
    grid = QGridLayout(body)
    grid.setContentsMargins(16, 16, 16, 16)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(10)
    grid.setColumnStretch(1, 1)
    for number, (heading, sentence) in enumerate(rows):
        word, text = QLabel(heading), QLabel(sentence)
        word.setProperty("role", "word")
        text.setWordWrap(True)
        grid.addWidget(word, number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(text, number, 1)
    grid.setRowStretch(len(rows), 1)
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setAccessibleName(name)
    area.setWidget(body)
    return area
