"""What the next click does: a bar at the top of the canvas while something hangs on the pointer."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from vmplanner.ui.theme import GRID, RADIUS, look


class HintBar(QLabel):
    """A line in the middle of its parent's top edge; hidden while there is nothing to say. Clicks go through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.hide()
        look.changed.connect(self._dress)
        self._dress()

    def show_hint(self, text: str) -> None:
        """Say this; nothing hides the bar."""
        self.setText(text)
        self.setVisible(bool(text))
        self.place()

    def place(self) -> None:
        """Go to where the bar belongs; the parent calls it when its size has changed."""
        parent = self.parentWidget()
        assert parent is not None
        self.adjustSize()
        self.move((parent.width() - self.width()) // 2, 2 * GRID)
        self.raise_()

    def _dress(self) -> None:
        theme = look.theme
        self.setStyleSheet(
            f"background: {theme.accent.name()}; color: {theme.on_accent.name()};"
            f" padding: 6px 14px; border-radius: {RADIUS}px; font-weight: 600"
        )
