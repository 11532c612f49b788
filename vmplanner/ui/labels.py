"""Labels for text of any length: one that leaves out what has no room, and one that breaks long words."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from vmplanner.ui.names import breakable, shortened

_MOST_CHARACTERS = 90


class ElidedLabel(QLabel):
    """One line that takes the room there is; the whole text is its tooltip."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(breakable(text))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        self.style().drawItemText(
            painter, area, self.alignment(), self.palette(), self.isEnabled(), text, self.foregroundRole()
        )
        painter.end()


class WrappedLabel(QLabel):
    """Plain text that wraps anywhere. With `shortens`, very long text loses its middle and is whole in the tooltip."""

    def __init__(self, text: str = "", *, shortens: bool = False) -> None:
        super().__init__()
        self._shortens = shortens
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.show_text(text)

    def show_text(self, text: str) -> None:
        short = shortened(text, _MOST_CHARACTERS) if self._shortens else text
        self.setText(breakable(short))
        self.setToolTip(breakable(text) if short != text else "")
