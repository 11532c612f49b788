"""VMs as chips on a host's card: where each one is and how it looks at every distance."""

from functools import cache, lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.quantities import BYTES
from vmplanner.ui import names
from vmplanner.ui.theme import base_font, look, mixed

COLUMNS = 2
WIDTH, HEIGHT = 116.0, 34.0
GAP_X, GAP_Y = 8.0, 6.0
_STRIPE = 4.0
_ROUND = 5.0
_TEXT_LEFT = 15.0
_GAUGE_LEFT = 66.0


def font(pixels: int, bold: bool = False) -> QFont:
    """The application's font; cached because it is asked for with every paint."""
    return _font(pixels, bold, look.is_on_paper)


@cache
def _font(pixels: int, bold: bool, _is_on_paper: bool) -> QFont:
    return base_font(pixels, bold=bold)


def metrics(pixels: int, bold: bool = False) -> QFontMetricsF:
    return _metrics(pixels, bold, look.is_on_paper)


@cache
def _metrics(pixels: int, bold: bool, is_on_paper: bool) -> QFontMetricsF:
    return QFontMetricsF(_font(pixels, bold, is_on_paper))


def elided(text: str, width: float, pixels: int, bold: bool = False) -> str:
    """`text` without its middle where it is wider than `width`."""
    return _elided(text, width, pixels, bold, look.is_on_paper)


@lru_cache(maxsize=50_000)
def _elided(text: str, width: float, pixels: int, bold: bool, is_on_paper: bool) -> str:
    return names.elided(text, _metrics(pixels, bold, is_on_paper).horizontalAdvance, width)


def rows(count: int) -> int:
    return -(-count // COLUMNS)


def rows_height(count: int) -> float:
    """The height of the rows of `count` chips."""
    return rows(count) * (HEIGHT + GAP_Y) - GAP_Y if count else 0.0


def chip_rect(index: int, origin: QPointF) -> QRectF:
    """Where the chip with this number is, when the first one's corner is at `origin`."""
    row, column = divmod(index, COLUMNS)
    return QRectF(origin.x() + column * (WIDTH + GAP_X), origin.y() + row * (HEIGHT + GAP_Y), WIDTH, HEIGHT)


def chip_index(point: QPointF, origin: QPointF, count: int) -> int | None:
    """The number of the chip at `point`, or None between and beside chips."""
    column, in_column = divmod(point.x() - origin.x(), WIDTH + GAP_X)
    row, in_row = divmod(point.y() - origin.y(), HEIGHT + GAP_Y)
    index = int(row * COLUMNS + column)
    inside = 0 <= column < COLUMNS and row >= 0 and in_column <= WIDTH and in_row <= HEIGHT
    return index if inside and index < count else None


def draw_chip(
    painter: QPainter,
    rect: QRectF,
    machine: VirtualMachine,
    *,
    share: float = 0.0,
    text: float = 1.0,
    is_away: bool = False,
    is_selected: bool = False,
    is_hovered: bool = False,
) -> None:
    """One VM: a stripe in the colour of its data, its name and its memory, and beside that how large a `share` of its
    host's memory it is. `is_away`: a move of it is planned. Below 1 `text` is left out, and the less of it there is the
    more the chip takes the colour of its data, until it is the block that is drawn from far away.
    """
    theme = look.theme
    fill = theme.accent_soft if is_selected else mixed(theme.surface, theme.text, 0.08 if is_hovered else 0.035)
    border = theme.accent if is_selected else mixed(theme.border, theme.text, 0.25) if is_hovered else theme.border
    pen = QPen(border, 1.6 if is_selected else 1.0)
    if is_away:
        pen.setStyle(Qt.PenStyle.DashLine)
        pen.setDashPattern([3, 2.5])
        if not is_selected:
            fill = theme.surface
            pen.setColor(mixed(theme.accent, theme.surface, 0.35))
    kind = machine.biggest_kind()
    if text < 1:
        fill = mixed(theme.piece(kind), fill, 0.65 + 0.35 * text if is_away else text)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(rect, _ROUND, _ROUND)
    painter.setOpacity(0.5 if is_away else 1.0)
    stripe = QRectF(rect.left() + 5, rect.top() + 6, _STRIPE, rect.height() - 12)
    painter.fillRect(stripe, theme.piece_brush(kind))
    if text >= 1:
        gauge = QRectF(rect.left() + _GAUGE_LEFT, rect.top() + 22, rect.width() - _GAUGE_LEFT - 8, 3)
        painter.fillRect(gauge, mixed(theme.surface, theme.text, 0.10))
        gauge.setWidth(max(2.0, gauge.width() * min(1.0, share)))
        painter.fillRect(gauge, theme.piece(kind))
    painter.setOpacity(1.0)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), _ROUND, _ROUND)
    if text >= 1:
        _draw_text(painter, rect, machine, mixed(theme.surface, theme.text, 0.62) if is_away else theme.text)


def _draw_text(painter: QPainter, rect: QRectF, machine: VirtualMachine, colour: QColor) -> None:
    left, width = rect.left() + _TEXT_LEFT, rect.width() - _TEXT_LEFT - 6
    painter.setPen(colour)
    painter.setFont(font(12))
    painter.drawText(QPointF(left, rect.top() + 14.5), elided(machine.name, width, 12))
    painter.setPen(look.theme.muted)
    painter.setFont(font(10))
    painter.drawText(QPointF(left, rect.top() + 27.5), BYTES.format(machine.memory_bytes))


def departure(rect: QRectF, in_left_column: bool, to_right: bool, card: QRectF) -> QPainterPath:
    """How a planned move's arrow leaves the card.

    It goes straight from the chip's outer side, or through the gap below the chip when another one is beside it. The
    path ends on the card's edge.
    """
    edge = card.right() if to_right else card.left()
    if in_left_column is not to_right:
        path = QPainterPath(QPointF(rect.right() if to_right else rect.left(), rect.center().y()))
        path.lineTo(edge, rect.center().y())
        return path
    turn = 4.0 if to_right else -4.0
    start = QPointF((rect.right() if to_right else rect.left()) - 3 * turn, rect.bottom())
    gap_y = rect.bottom() + GAP_Y / 2
    path = QPainterPath(start)
    path.quadTo(start.x(), gap_y, start.x() + turn, gap_y)
    path.lineTo(edge, gap_y)
    return path
