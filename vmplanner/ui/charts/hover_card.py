"""A small card beside the cursor that says what is under it. It lives inside its chart and never takes the mouse."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QWidget

from vmplanner.ui.names import breakable
from vmplanner.ui.theme import RADIUS, base_font, look

_OFFSET = QPoint(14, 18)
_WIDEST_PX = 420
_PADDING_PX = 10


class HoverCard(QLabel):
    """Plain text in the look that is on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(base_font(12))
        self.hide()
        look.changed.connect(self._dress)
        self._dress()

    def show_at(self, point: QPoint, text: str) -> None:
        """Show `text` near `point` (in the parent), on the side where there is room."""
        self.setText(breakable(text))
        metrics = QFontMetrics(self.font())
        natural = max(metrics.horizontalAdvance(line) for line in text.splitlines()) + 2 * _PADDING_PX + 12
        self.setFixedWidth(min(natural, _WIDEST_PX))
        self.setFixedHeight(self.heightForWidth(self.width()))
        room = self._around.rect()
        corner = point + _OFFSET
        if corner.x() + self.width() > room.right():
            corner.setX(max(0, point.x() - self.width() - _OFFSET.x() // 2))
        if corner.y() + self.height() > room.bottom():
            corner.setY(max(0, point.y() - self.height() - _OFFSET.y() // 2))
        self.move(corner)
        self.raise_()
        self.show()

    def _dress(self) -> None:
        theme = look.theme
        self.setStyleSheet(
            f"QLabel {{ background: {theme.raised.name()}; color: {theme.text.name()}; font-size: 12px;"
            f" padding: 6px {_PADDING_PX}px;"
            f" border: 1px solid {theme.border.name()}; border-radius: {RADIUS}px }}"
        )
