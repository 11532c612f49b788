"""A part of a panel that is folded away until asked for: a card with a title, a line that says what is in it, and a
button.
"""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from vmplanner.ui.labels import WrappedLabel


class Folded(QFrame):
    """`body` takes what is shown when it is open. `opened` has the titles of the open parts: whoever builds a part anew
    hands the same set on, and finds it as it was left.
    """

    def __init__(self, title: str, opened: set[str], tip: str = "") -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._title = title
        self._opened = opened
        self._line = WrappedLabel()
        self._line.setProperty("role", "muted")
        self._opener = QToolButton()
        self._opener.setCheckable(True)
        heading = QLabel(title)
        heading.setStyleSheet("font-weight: 600")
        heading.setToolTip(tip)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(heading)
        names.addWidget(self._line)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addLayout(names, 1)
        head.addWidget(self._opener)
        self._content = QWidget()
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(0, 4, 6, 6)
        self.body.setSpacing(10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 6, 4)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._content)
        self._opener.setChecked(title in opened)
        self._opener.toggled.connect(self._show_content)
        self._show_content(title in opened)

    def tell(self, line: str) -> None:
        """Say in a line what is in it."""
        self._line.show_text(line)

    def _show_content(self, is_open: bool) -> None:
        (self._opened.add if is_open else self._opened.discard)(self._title)
        self._content.setVisible(is_open)
        self._opener.setText("Close" if is_open else "Edit")
        self._opener.setAccessibleName(f"{self._opener.text()} {self._title.lower()}")
