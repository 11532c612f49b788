"""The small labels on links and arrows."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from vmplanner.ui.canvas import chips
from vmplanner.ui.theme import look

_PIXELS = 11
_HEIGHT = 18.0


class Label:
    """A text and the rectangle where it stands in the scene; an empty one hides it."""

    def __init__(self) -> None:
        self.rect = QRectF()
        self._text = ""
        self._width = 0.0

    @property
    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        """Say this, at the same place."""
        if text != self._text:
            self._text = text
            self._width = chips.metrics(_PIXELS).horizontalAdvance(text) + 14
            if not self.rect.isEmpty():
                self.rect = self.rect_at(self.rect.center())

    def rect_at(self, centre: QPointF) -> QRectF:
        """The room that it takes there."""
        return QRectF(centre.x() - self._width / 2, centre.y() - _HEIGHT / 2, self._width, _HEIGHT)


def draw_label(painter: QPainter, label: Label, text: QColor, border: QColor | None = None) -> None:
    """Draw it as a pill."""
    if label.rect.isEmpty():
        return
    painter.setPen(QPen(border or look.theme.border, 1.0))
    painter.setBrush(look.theme.window)
    painter.drawRoundedRect(label.rect, _HEIGHT / 2, _HEIGHT / 2)
    painter.setPen(text)
    painter.setFont(chips.font(_PIXELS))
    painter.drawText(label.rect, Qt.AlignmentFlag.AlignCenter, label.text)
