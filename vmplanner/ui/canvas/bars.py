"""Bars that show how full something is, and the same in words."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from vmplanner.domain.quantities import BYTES, grouped
from vmplanner.ui.theme import look, mixed


def use_colour(share: float) -> QColor:
    """Of what is used: calm, nearly full, overfull."""
    theme = look.theme
    return theme.bad if share > 1 else theme.warn if share > 0.9 else theme.accent


def draw_use(painter: QPainter, bar: QRectF, share: float, reserved: float = 0.0) -> None:
    """A bar that shows how full something is, and what is `reserved` of the rest in a lighter tone."""
    together = share + reserved
    if reserved > 0:
        draw_bar(painter, bar, together, mixed(look.theme.surface, use_colour(together), 0.45))
    draw_bar(painter, bar, share, use_colour(share), with_ground=not reserved)


def draw_bar(painter: QPainter, bar: QRectF, share: float, colour: QColor, *, with_ground: bool = True) -> None:
    """The first `share` of a bar, at most all of it."""
    painter.setPen(Qt.PenStyle.NoPen)
    if with_ground:
        painter.setBrush(mixed(look.theme.surface, look.theme.text, 0.10))
        painter.drawRoundedRect(bar, 3, 3)
    if share > 0:
        painter.setBrush(colour)
        filled = max(6.0, bar.width() * min(1.0, share))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), filled, bar.height()), 3, 3)


def use_text(used_bytes: int, total_bytes: int) -> str:
    """Both in the unit of the whole."""
    total = BYTES.format(total_bytes)
    unit = total.rpartition(" ")[2]
    used = grouped(used_bytes / BYTES.units[unit], 2).rstrip("0").rstrip(".")
    return f"{used} of {total}"
