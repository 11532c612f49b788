"""What a run has to say to people, as a list that can be clicked: the sentences and the numbers below them."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from vmplanner.analysis.sentences import Sentence
from vmplanner.ui.labels import WrappedLabel

NOTHING = "Nothing in this run stands out."
WORKING = "Working out what there is to say..."
NO_RUN = "After a run this says what stood out, and what would have been better."


class RunSentences(QScrollArea):
    """Signal: `asked(list)` with the ids of the migrations that a sentence is about."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("What stood out in the run")
        self.texts: list[str] = []
        self.show_words(NO_RUN)

    def show_words(self, words: str) -> None:
        """Say one thing in place of sentences."""
        self.texts = []
        label = WrappedLabel(words)
        label.setProperty("role", "muted")
        self._show([label])

    def show_sentences(self, sentences: Sequence[Sentence]) -> None:
        if not sentences:
            self.show_words(NOTHING)
            return
        self.texts = [sentence.text for sentence in sentences]
        self._show([self._shown(sentence) for sentence in sentences])

    def _shown(self, sentence: Sentence) -> QWidget:
        row = QWidget()
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(16)
        layout = QVBoxLayout()
        layout.setSpacing(1)
        layout.addWidget(WrappedLabel(sentence.text))
        across.addLayout(layout, 1)
        numbers = WrappedLabel("  ·  ".join(f"{name}: {value}" for name, value in sentence.numbers))
        numbers.setProperty("role", "muted")
        layout.addWidget(numbers)
        if sentence.migration_ids:
            show = QPushButton("Show" if len(sentence.migration_ids) == 1 else "Show them")
            show.setProperty("role", "small")
            show.setToolTip("Select what this is about, everywhere")
            show.setAccessibleName(f"Show: {sentence.text}")
            show.clicked.connect(partial(self.asked.emit, list(sentence.migration_ids)))
            across.addWidget(show, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _show(self, widgets: Sequence[QWidget | QLabel]) -> None:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 8, 8, 4)
        layout.setSpacing(12)
        for widget in widgets:
            layout.addWidget(widget)
        layout.addStretch()
        self.setWidget(inside)
