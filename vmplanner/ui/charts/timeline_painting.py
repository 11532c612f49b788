"""How the parts of a timeline are drawn: its axis, its bars, and the line of the moment."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from vmplanner.domain.quantities import format_duration
from vmplanner.domain.results import MigrationResult
from vmplanner.interchange.plan_calendar import Wave
from vmplanner.planning.windows import Spans
from vmplanner.ui.charts.fills import fill
from vmplanner.ui.charts.ticks import Tick
from vmplanner.ui.charts.time_axis import NAMES_PX, TimeAxis
from vmplanner.ui.charts.timeline_legend import kind_colour
from vmplanner.ui.charts.wall_clock import WallClock
from vmplanner.ui.names import elided
from vmplanner.ui.theme import base_font, look

STRIP_PX = 4
WAVES_PX = 16
BAR_PX = 14
_LEAST_NAMED_PX = 40


def seen(axis: TimeAxis, spans: Spans) -> Iterator[tuple[float, float]]:
    """The parts of spans that are on the axis, in pixels."""
    first, last = axis.first_s, axis.seconds(axis.width_px)
    for begin, end in spans:
        if begin < last and end > first:
            yield axis.x(max(first, begin)), axis.x(min(end, last))


def paint_times(painter: QPainter, axis: TimeAxis, shown: Sequence[Tick], clock: WallClock | None) -> None:
    """The times since the start and, below them, those of the day."""
    lines = [(16, [tick.text for tick in shown])]
    if clock is not None:
        in_minutes = len(shown) > 1 and (shown[1].value - shown[0].value) % 60 == 0
        lines.append((32, [clock.told(tick.value, to_the_minute=in_minutes) for tick in shown]))
    metrics = QFontMetricsF(base_font(11))
    painter.setFont(base_font(11))
    painter.setPen(look.theme.muted)
    for y, texts in lines:
        for tick, text in zip(shown, texts, strict=True):
            x = axis.x(tick.value) - metrics.horizontalAdvance(text) / 2
            x = min(max(x, NAMES_PX), axis.width_px - metrics.horizontalAdvance(text) - 4)
            painter.drawText(QPointF(x, y), text)


def paint_windows(painter: QPainter, axis: TimeAxis, clock: WallClock, bottom: float) -> None:
    """A strip below the times: when which kind of window is open."""
    for window in clock.windows:
        colour = kind_colour(look.theme, window.kind)
        for begin, end in seen(axis, window.spans):
            painter.fillRect(QRectF(begin, bottom - STRIP_PX - 1, end - begin, STRIP_PX), colour)


def paint_waves(painter: QPainter, axis: TimeAxis, waves: Sequence[Wave], bottom: float) -> None:
    """A line over each wave, with its number where that has room."""
    theme, font = look.theme, base_font(10)
    painter.setFont(font)
    for number, wave in enumerate(waves, 1):
        for begin, end in seen(axis, ((wave.start_s, wave.end_s),)):
            top = bottom - 3
            painter.fillRect(QRectF(begin, top, max(2.0, end - begin), 2), theme.muted)
            text = f"wave {number}"
            if QFontMetricsF(font).horizontalAdvance(text) < end - begin:
                painter.setPen(theme.muted)
                area = QRectF(begin, top - WAVES_PX + 2, end - begin, WAVES_PX - 2)
                painter.drawText(area, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, text)


def paint_bar(
    painter: QPainter,
    bar: QRectF,
    result: MigrationResult,
    px_per_s: float,
    *,
    limit_s: float | None,
    is_pinned: bool,
) -> None:
    """A migration with its phases, framed where it did not go as it should. A line says when it would be given up."""
    theme = look.theme
    painter.setPen(Qt.PenStyle.NoPen)
    # Without seams between the pieces of a phase.
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for segment in result.segments:
        brush = theme.phase_brush(segment.phase, segment.round, result.rounds)
        left = bar.left() + segment.start_s * px_per_s
        fill(painter, QRectF(left, bar.top(), segment.duration_s * px_per_s, BAR_PX), brush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if limit_s is not None:
        painter.fillRect(QRectF(bar.left() + limit_s * px_per_s - 1, bar.top() - 3, 2, BAR_PX + 6), theme.bad)
    if not result.converged or result.is_forced:
        painter.setPen(QPen(theme.warn, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
    if is_pinned:
        painter.setPen(QPen(theme.text, 2))
        painter.drawLine(QPointF(bar.left(), bar.top() - 3), QPointF(bar.left(), bar.bottom() + 3))


def paint_name(painter: QPainter, bar: QRectF, name: str) -> None:
    """The VM in its bar, where it has room."""
    if bar.width() < _LEAST_NAMED_PX:
        return
    font = base_font(10, bold=True)
    area = bar.adjusted(6, 0, -6, 0)
    # Zoomed in, the bar may begin left of the plot: its name stays in sight.
    area.setLeft(max(area.left(), NAMES_PX + 22.0))
    painter.setFont(font)
    painter.setPen(Qt.GlobalColor.white)
    text = elided(name, QFontMetricsF(font).horizontalAdvance, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)


def paint_end(painter: QPainter, axis: TimeAxis, window_s: float, top: int, height: int) -> None:
    """A line where all is to be done, with how long that is."""
    x, text = axis.x(window_s), f"to be done within {format_duration(window_s)}"
    painter.fillRect(QRectF(x - 0.75, top, 1.5, height - top), look.theme.bad)
    painter.setFont(base_font(11, bold=True))
    painter.setPen(look.theme.bad)
    width = QFontMetricsF(painter.font()).horizontalAdvance(text)
    left = x + 5 if x + 5 + width < axis.width_px else x - 5 - width
    painter.drawText(QPointF(left, height - 6), text)


def paint_moment(painter: QPainter, axis: TimeAxis, clock: WallClock | None, height: int) -> None:
    """The line of the moment, with its time on a flag."""
    theme, x = look.theme, axis.x(axis.moment_s)
    text, font = format_duration(axis.moment_s) if axis.moment_s else "0 s", base_font(11, bold=True)
    if clock is not None:
        text += f"  ·  {clock.told(axis.moment_s)}"
    width = QFontMetricsF(font).horizontalAdvance(text) + 12
    left = min(max(NAMES_PX - 4, x - width / 2), axis.width_px - width - 2)
    painter.fillRect(QRectF(x - 0.75, 20, 1.5, height), theme.accent)
    painter.setBrush(theme.accent)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(QRectF(left, 2, width, 18), 4, 4)
    painter.setFont(font)
    painter.setPen(theme.on_accent)
    painter.drawText(QRectF(left, 2, width, 18), Qt.AlignmentFlag.AlignCenter, text)
