"""A page or table that can be empty: then a sentence in its middle says what to do."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget


class OrEmpty(QWidget):
    """Shows `content`, or a title and a sentence while there is none."""

    def __init__(self, content: QWidget, title: str, sentence: str) -> None:
        super().__init__()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(content)
        empty = QWidget()
        layout = QVBoxLayout(empty)
        layout.addStretch(2)
        self._sentence = QLabel(sentence)
        for label, role in ((QLabel(title), "title"), (self._sentence, "muted")):
            label.setProperty("role", role)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addStretch(3)
        self._stack.addWidget(empty)

    def say(self, sentence: str) -> None:
        """What to do has changed."""
        self._sentence.setText(sentence)

    def show_content(self, there_is_some: bool) -> None:
        self._stack.setCurrentIndex(0 if there_is_some else 1)
