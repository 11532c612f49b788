"""A thing in two lines, what it is and what there is to say of it, that a button opens."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget


class Opener(QFrame):
    """`body` takes what is shown while it is open; `toggled(bool)` when it was opened or closed. `sign` stands before
    the lines.
    """

    toggled = Signal(bool)

    def __init__(self, title: QLabel, line: QLabel, sign: QWidget | None = None) -> None:
        super().__init__()
        self._what = ""
        self._button = QToolButton()
        self._button.setCheckable(True)
        self._content = QWidget()
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(0, 4, 0, 6)
        line.setProperty("role", "muted")
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(title)
        names.addWidget(line)
        head = QHBoxLayout()
        head.setSpacing(10)
        if sign is not None:
            head.addWidget(sign)
        head.addLayout(names, 1)
        head.addWidget(self._button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 2)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._content)
        self._button.toggled.connect(self._show_content)
        self._show_content(False)

    def look_like_a_card(self) -> None:
        self.setProperty("role", "card")
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(12, 4, 6, 4)

    @property
    def is_open(self) -> bool:
        return self._button.isChecked()

    def open(self, is_open: bool = True) -> None:
        self._button.setChecked(is_open)

    def name(self, what: str) -> None:
        """Tell those who can't see it what the button opens."""
        self._what = what
        self._button.setAccessibleName(f"{self._button.text()} {what}")
        self._button.setToolTip(self._button.accessibleName())

    def _show_content(self, is_open: bool) -> None:
        self._content.setVisible(is_open)
        self._button.setText("Close" if is_open else "Edit")
        self.name(self._what)
        self.toggled.emit(is_open)
