"""What to do on an empty canvas: a card in its middle that says as much as there is room for."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from vmplanner.ui.canvas import chips
from vmplanner.ui.canvas.icons import draw_icon
from vmplanner.ui.theme import RADIUS, look, mixed

_TITLE_PX, _LINE_PX, _TEXT_LEFT = 40, 44, 52
_MARGIN, _SMALL_MARGIN = 32, 14
# The card ends so far from the edges of the canvas.
_AROUND = 12


class FirstHelp(QWidget):
    """A title and lines that say what to do. Where it is low the last lines go first, where it is narrow they wrap."""

    TITLE = "Draw your topology"
    LINES = (
        ("host", "Drag a host from the palette and drop it here"),
        ("link", "Link hosts, switches and storage from the dots on their edges"),
        ("vm", "Drop VMs on hosts, then drag a VM to another host to plan its move"),
        ("host", "Ctrl+D duplicates what is selected; the menu Draw makes racks and sites of hosts"),
    )

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._margin = _MARGIN
        self._lines = len(self.LINES)
        self._kept_free = 0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(self.TITLE)
        self.setAccessibleDescription(". ".join(text for _icon, text in self.LINES))
        look.changed.connect(self.update)

    def keep_free(self, below_px: int) -> None:
        """Something else has its place so far below the card."""
        self._kept_free = below_px
        self.place()

    def place(self) -> None:
        """Go to the middle of the canvas, as large as there is room."""
        canvas = self.parentWidget()
        assert canvas is not None
        room = canvas.rect().adjusted(_AROUND, _AROUND, -_AROUND, -_AROUND - self._kept_free)
        wanted = (_MARGIN, len(self.LINES))
        smaller = ((_SMALL_MARGIN, lines) for lines in range(len(self.LINES), 0, -1))
        fitting = (each for each in (wanted, *smaller) if self._size(*each).height() <= room.height())
        self._margin, self._lines = next(fitting, (_SMALL_MARGIN, 0))
        size = self._size(self._margin, self._lines)
        place = QRect(0, 0, min(size.width(), room.width()), size.height())
        place.moveCenter(room.center())
        self.setGeometry(place)

    def sizeHint(self) -> QSize:
        return self._size(_MARGIN, len(self.LINES))

    def _size(self, margin: int, lines: int) -> QSize:
        widest = max(chips.metrics(13).horizontalAdvance(text) for _icon, text in self.LINES)
        return QSize(round(widest) + _TEXT_LEFT + 4 + 2 * margin, _TITLE_PX + _LINE_PX * lines + 2 * margin - 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.border)
        painter.setBrush(theme.surface)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2 * RADIUS, 2 * RADIUS)
        width = self.width() - 2 * self._margin
        painter.translate(self._margin, self._margin)
        painter.setPen(theme.text)
        painter.setFont(chips.font(18, True))
        painter.drawText(QRectF(0, 0, width, 28), Qt.AlignmentFlag.AlignVCenter, self.TITLE)
        painter.setFont(chips.font(13))
        for row, (icon, text) in enumerate(self.LINES[: self._lines]):
            top = _TITLE_PX + 8.0 + _LINE_PX * row
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(mixed(theme.surface, theme.accent, 0.12))
            painter.drawEllipse(QPointF(18, top + 14), 18, 18)
            draw_icon(painter, icon, QRectF(9, top + 5, 18, 18), theme.accent)
            painter.setPen(theme.muted)
            place = QRectF(_TEXT_LEFT, top - 4, width - _TEXT_LEFT, 36)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, text)
        painter.end()
