"""A part of a panel that is folded away until asked for."""

from PySide6.QtWidgets import QLabel

from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.opener import Opener


class Folded(Opener):
    """`opened` has the titles of the open parts: whoever builds a part anew hands the same set on, and finds it as it
    was left.
    """

    def __init__(self, title: str, opened: set[str], tip: str = "") -> None:
        heading, self._line = QLabel(title), WrappedLabel()
        heading.setStyleSheet("font-weight: 600")
        heading.setToolTip(tip)
        super().__init__(heading, self._line)
        self.look_like_a_card()
        self.body.setContentsMargins(0, 4, 6, 6)
        self.body.setSpacing(10)
        self.name(title.lower())
        self.open(title in opened)
        self.toggled.connect(lambda is_open: (opened.add if is_open else opened.discard)(title))

    def tell(self, line: str) -> None:
        """Say in a line what is in it."""
        self._line.show_text(line)
