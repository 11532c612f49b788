"""Help on two pages: what the words of the application mean, and every shortcut."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
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
from vmplanner.ui.glossary import WORDS

# What the canvas does with keys and pointer besides the actions.
_CANVAS_KEYS = (
    ("Wheel", "Zoom at the pointer"),
    ("Space + drag", "Move the canvas"),
    ("Shift + drag", "Select with a rectangle"),
    ("Ctrl + drop", "Place a VM on a host at once, instead of planning its move"),
    ("Arrows", "Move the selected hosts, switches and storage by a step"),
    ("Enter", "Put down what was chosen in the palette, in the middle of the canvas"),
    ("Esc", "Leave what is under way, or select nothing"),
    ("F", "Zoom to fit"),
)


class WordsAndKeys(QDialog):
    """Two tables to read."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Words and keys")
        tabs = QTabWidget()
        tabs.addTab(_table("Words", sorted(WORDS.items())), "Words")
        tabs.addTab(_table("Keys", [*shortcuts(), *_CANVAS_KEYS]), "Keys")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(tabs, 1)
        layout.addWidget(buttons)
        self.resize(640, 520)


def shortcuts() -> list[tuple[str, str]]:
    """Every action with a shortcut, as this desktop writes it, and what it does."""
    native = QKeySequence.SequenceFormat.NativeText
    return [(QKeySequence(spec.shortcut).toString(native), spec.tip) for spec in ACTIONS if spec.shortcut]


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
