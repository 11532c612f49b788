"""The legend: what the colours and marks of a chart mean, as chips that wrap to the width there is."""

from collections.abc import Callable, Iterable

from attrs import frozen
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from vmplanner.domain.results import Provenance
from vmplanner.ui.charts.fills import fill

SWATCH_PX = 12
LINE_PX = 22
_GAP_PX = 6
_BETWEEN_PX = 18

Sample = Callable[[QPainter, QRectF], None]
"""Paints what an entry stands for into a small square."""


@frozen
class Entry:
    """One thing the legend explains."""

    label: str
    sample: Sample


@frozen
class Chip:
    """An entry and where its sample's square goes, from the legend's top left corner in pixels."""

    entry: Entry
    area: QRectF


def area_sample(brush: QBrush) -> Sample:
    return lambda painter, area: fill(painter, area, brush)


def mark_sample(provenance: Provenance, colour: QColor, ground: QColor) -> Sample:
    return lambda painter, area: draw_mark(painter, area.center(), SWATCH_PX, provenance, colour, ground)


def base_sample(colour: QColor) -> Sample:
    """The line that says where the stack of another run ends."""
    return lambda painter, area: painter.fillRect(
        QRectF(area.center().x() - 1, area.top() - 1, 2, area.height() + 2), colour
    )


def draw_mark(
    painter: QPainter,
    middle: QPointF,
    height: float,
    provenance: Provenance,
    colour: QColor,
    ground: QColor,
    *,
    is_level: bool = False,
) -> None:
    """A line of `height` pixels across a bar (level where bars stand upright) with a diamond, filled when measured; the
    line is dotted when recalled.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    line = Qt.PenStyle.DotLine if provenance is Provenance.RECALLED else Qt.PenStyle.SolidLine
    reach_px = QPointF(height / 2, 0) if is_level else QPointF(0, height / 2)
    top, bottom = middle - reach_px, middle + reach_px
    painter.setPen(QPen(ground, 4))
    painter.drawLine(top, bottom)
    painter.setPen(QPen(colour, 1.5, line))
    painter.drawLine(top, bottom)
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(colour if provenance is Provenance.MEASURED else ground)
    reach = 4.5
    corners = [QPointF(0, -reach), QPointF(reach, 0), QPointF(0, reach), QPointF(-reach, 0)]
    painter.drawPolygon(QPolygonF([middle + corner for corner in corners]))
    painter.restore()


def wrapped(entries: Iterable[Entry], font: QFont, width: float) -> list[Chip]:
    """The entries in lines of at most `width` pixels. A line holds at least one."""
    metrics = QFontMetricsF(font)
    chips: list[Chip] = []
    x = y = 0.0
    for entry in entries:
        needed = SWATCH_PX + _GAP_PX + metrics.horizontalAdvance(entry.label)
        if x > 0 and x + needed > width:
            x, y = 0.0, y + LINE_PX
        chips.append(Chip(entry, QRectF(x, y + (LINE_PX - SWATCH_PX) / 2, SWATCH_PX, SWATCH_PX)))
        x += needed + _BETWEEN_PX
    return chips


def height(chips: list[Chip]) -> float:
    """Pixels from the legend's top to the end of its last line."""
    return chips[-1].area.center().y() + LINE_PX / 2 if chips else 0.0


def paint(painter: QPainter, chips: list[Chip], corner: QPointF, font: QFont, colour: QColor) -> None:
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    for chip in chips:
        area = chip.area.translated(corner)
        chip.entry.sample(painter, area)
        painter.setPen(colour)
        baseline = area.center().y() + (metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(area.right() + _GAP_PX, baseline), chip.entry.label)
