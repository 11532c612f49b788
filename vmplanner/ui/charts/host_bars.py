"""How full each host's memory is before the plan, at the moment looked at, and after it."""

from attrs import frozen
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from vmplanner.domain.quantities import BYTES, grouped
from vmplanner.ui.charts.hover_card import HoverCard
from vmplanner.ui.names import elided
from vmplanner.ui.theme import base_font, look, mixed

ROW_PX = 34
AXIS_PX = 26
_NAMES_PX = 168
_MARGIN_PX = 16
_GAP_PX = 24
_BAR_PX = 8


@frozen
class HostUse:
    """A host, the memory it has, and what is taken of it: before, now (of which `held_bytes` for VMs whose guests run
    elsewhere at the moment) and after.
    """

    host_id: str
    name: str
    memory_bytes: int
    before_bytes: int
    now_bytes: int
    held_bytes: int
    after_bytes: int


class HostBars(QAbstractScrollArea):
    """Three bars for each host."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._uses: tuple[HostUse, ...] = ()
        self._now = ""
        self.setAccessibleName("Memory of the hosts")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.card = HoverCard(self.viewport())
        look.changed.connect(self._dress)
        self._dress()

    def show_uses(self, uses: tuple[HostUse, ...], now: str) -> None:
        """`now` names the moment: 'at 35 s'."""
        self._uses = uses
        self._now = now
        self.setAccessibleDescription("\n".join(self._sentence(use) for use in uses))
        self._fit_scroll_bar()
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(560, AXIS_PX + 5 * ROW_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_scroll_bar()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = int((event.position().y() - AXIS_PX) // ROW_PX)
        row = self.verticalScrollBar().value() + place
        if 0 <= place < self._whole_rows and row < len(self._uses):
            self.card.show_at(event.position().toPoint(), self._sentence(self._uses[row]))
        else:
            self.card.hide()

    def leaveEvent(self, event: object) -> None:
        self.card.hide()

    def _sentence(self, use: HostUse) -> str:
        of = BYTES.format(use.memory_bytes)
        held = f", {BYTES.format(use.held_bytes)} of it for VMs that run elsewhere" if use.held_bytes else ""
        return (
            f"{use.name}, {of}: {BYTES.format(use.before_bytes)} before the plan, "
            f"{BYTES.format(use.now_bytes)} {self._now}{held}, {BYTES.format(use.after_bytes)} after the plan"
        )

    def _fit_scroll_bar(self) -> None:
        """It counts in rows: none is ever cut."""
        self.verticalScrollBar().setRange(0, max(0, len(self._uses) - self._whole_rows))
        self.verticalScrollBar().setPageStep(self._whole_rows)

    @property
    def _whole_rows(self) -> int:
        """How many rows have room."""
        return max(1, (self.viewport().height() - AXIS_PX) // ROW_PX)

    def _columns(self) -> list[QRectF]:
        """Where the three columns are, from left to right; only their x counts."""
        left = _NAMES_PX + _MARGIN_PX
        width = (self.viewport().width() - left - _MARGIN_PX - 2 * _GAP_PX) / 3
        return [QRectF(left + column * (width + _GAP_PX), 0, max(8.0, width), 1) for column in range(3)]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, columns = look.theme, self._columns()
        painter.setFont(base_font(11, bold=True))
        for column, title in zip(columns, ("Before", self._now[:1].upper() + self._now[1:], "After"), strict=True):
            painter.setPen(theme.text if column is columns[1] else theme.muted)
            painter.drawText(QPointF(column.left(), 16), title)
        first = self.verticalScrollBar().value()
        for place, use in enumerate(self._uses[first : first + self._whole_rows]):
            self._paint_row(painter, use, AXIS_PX + place * ROW_PX, columns)

    def _paint_row(self, painter: QPainter, use: HostUse, top: float, columns: list[QRectF]) -> None:
        theme = look.theme
        font = base_font(12)
        painter.setFont(font)
        painter.setPen(theme.text)
        name = elided(use.name, QFontMetricsF(font).horizontalAdvance, _NAMES_PX - _MARGIN_PX)
        painter.drawText(QPointF(_MARGIN_PX, top + ROW_PX / 2 + 4), name)
        amounts = ((use.before_bytes, 0), (use.now_bytes, use.held_bytes), (use.after_bytes, 0))
        for column, (used, held) in zip(columns, amounts, strict=True):
            bar = QRectF(column.left(), top + 20, column.width(), _BAR_PX)
            self._paint_bar(painter, bar, used / use.memory_bytes, held / use.memory_bytes)
            painter.setFont(base_font(11))
            painter.setPen(theme.bad if used > use.memory_bytes else theme.muted)
            text = _of(used, use.memory_bytes)
            painter.drawText(QRectF(column.left(), top + 3, column.width(), 15), Qt.AlignmentFlag.AlignLeft, text)

    def _paint_bar(self, painter: QPainter, bar: QRectF, share: float, held: float) -> None:
        """What is taken, its last part hatched where it is only held."""
        theme = look.theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(theme.surface, theme.text, 0.10))
        painter.drawRoundedRect(bar, 3, 3)
        if share <= 0:
            return
        colour = theme.bad if share > 1 else theme.warn if share > 0.9 else theme.accent
        scale = bar.width() * min(1.0, share) / share
        painter.setBrush(colour)
        solid = QRectF(bar.left(), bar.top(), max(0.0, share - held) * scale, bar.height())
        painter.drawRoundedRect(solid, 3, 3)
        if held > 0:
            hatched = QRectF(solid.right(), bar.top(), held * scale, bar.height())
            painter.setBrush(mixed(theme.surface, colour, 0.25))
            painter.drawRect(hatched)
            painter.setBrush(QBrush(colour, Qt.BrushStyle.BDiagPattern))
            painter.drawRect(hatched)

    def _dress(self) -> None:
        palette = self.viewport().palette()
        palette.setColor(QPalette.ColorRole.Window, look.theme.surface)
        self.viewport().setPalette(palette)
        self.viewport().setAutoFillBackground(True)
        self.viewport().update()


def _of(used: int, memory: int) -> str:
    """'24 of 64 GiB', both in the unit of the whole."""
    total = BYTES.format(memory)
    unit = total.rpartition(" ")[2]
    return f"{grouped(used / BYTES.units[unit], 1).removesuffix('.0')} of {total}"
