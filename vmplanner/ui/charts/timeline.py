"""The plan on a time axis: a bar for each migration from its start to its end, and a line for the moment looked at.

A bar dragged along the axis asks for another start time; a drag anywhere else moves the moment.
"""

from collections.abc import Collection, Iterator, Mapping

from attrs import frozen
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from vmplanner.analysis.time_stacks import Measure
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.results import MigrationResult, Run
from vmplanner.planning.windows import Spans
from vmplanner.ui.charts.fills import fill
from vmplanner.ui.charts.hover_card import HoverCard
from vmplanner.ui.charts.ticks import Tick, ticks
from vmplanner.ui.charts.timeline_legend import closed_brush, kind_colour
from vmplanner.ui.charts.wall_clock import WallClock
from vmplanner.ui.names import elided
from vmplanner.ui.theme import base_font, look

ROW_PX = 24
AXIS_PX = 26
# A second line, with the time of day, where the plan says when it starts.
_CLOCK_PX = 16
_STRIP_PX = 4
_BAR_PX = 14
_NAMES_PX = 168
_MARGIN_PX = 16
_TICK_ROOM_PX = 90
_CLOCK_ROOM_PX = 130
_NEAREST_PX = 6
_KEY_STEP_SHARE = 0.01
_LEAST_SLACK_S = 0.1


@frozen
class _Drag:
    """A bar on its way: which one, where on it the mouse took it (seconds from its start), and where it is now."""

    row: int
    grip_s: float
    start_s: float


class Timeline(QAbstractScrollArea):
    """`shifted(migration id, start in seconds)` after a bar was dragged, `chosen(migration id)` when one was clicked,
    `moment_changed(seconds)` when another moment is looked at.
    """

    shifted = Signal(str, float)
    chosen = Signal(str)
    moment_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._results: tuple[MigrationResult, ...] = ()
        self._selected: frozenset[str] = frozenset()
        self._pinned: frozenset[str] = frozenset()
        self._critical: frozenset[str] = frozenset()
        self._slack_s: dict[str, float] = {}
        self._drag: _Drag | None = None
        self._pressed_at: QPointF | None = None
        self._end_s = 0.0
        self._clock: WallClock | None = None
        self.moment_s = 0.0
        self.setAccessibleName("Timeline of the plan")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.card = HoverCard(self.viewport())
        look.changed.connect(self._dress)
        self._dress()

    def show_run(
        self,
        run: Run | None,
        pinned: Collection[str] = (),
        critical: Collection[str] = (),
        slack_s: Mapping[str, float] | None = None,
        clock: WallClock | None = None,
    ) -> None:
        """The migrations of a forecast; `pinned` have a start time of their own, `critical` are those that the end of
        the plan hangs on, the others may be later by their `slack_s`. With a `clock` the time of day is told as well.
        """
        self._clock = clock
        self._results = run.results if run else ()
        self._pinned, self._critical = frozenset(pinned), frozenset(critical)
        self._slack_s = dict(slack_s or {})
        self._end_s = max((result.started_s + result.total_s for result in self._results), default=0.0)
        self.moment_s = min(self.moment_s, self._end_s)
        self._drag = None
        self.setAccessibleDescription("\n".join(_sentence(result) for result in self._results))
        self._fit_scroll_bar()
        self.viewport().update()

    def select(self, ids: Collection[str]) -> None:
        if self._selected != frozenset(ids):
            self._selected = frozenset(ids)
            self._reveal_selected()
        self.viewport().update()

    def _reveal_selected(self) -> None:
        """Scroll until the first selected migration can be seen, if none can."""
        rows = [row for row, result in enumerate(self._results) if result.migration_id in self._selected]
        bar, shown = self.verticalScrollBar(), self.viewport().height() - self._axis_px
        if rows and not any(bar.value() <= row * ROW_PX <= bar.value() + shown - ROW_PX for row in rows):
            bar.setValue(rows[0] * ROW_PX - max(0, shown - ROW_PX) // 2)

    def set_moment(self, seconds: float) -> None:
        """Look at another moment, held between 0 and the end of the plan."""
        seconds = min(max(0.0, seconds), self._end_s)
        if seconds != self.moment_s:
            self.moment_s = seconds
            self.viewport().update()
            self.moment_changed.emit(seconds)

    def sizeHint(self) -> QSize:
        return QSize(560, AXIS_PX + 8 * ROW_PX)

    # Where things are, in pixels of the viewport

    @property
    def _axis_px(self) -> int:
        return AXIS_PX + (_CLOCK_PX + (_STRIP_PX if self._clock.windows else 0) if self._clock else 0)

    @property
    def _px_per_s(self) -> float:
        width = self.viewport().width() - _NAMES_PX - 2 * _MARGIN_PX
        return max(1.0, width) / self._end_s if self._end_s else 1.0

    def _x(self, seconds: float) -> float:
        return _NAMES_PX + _MARGIN_PX + seconds * self._px_per_s

    def _seconds(self, x: float) -> float:
        return (x - _NAMES_PX - _MARGIN_PX) / self._px_per_s

    def _start_s(self, row: int) -> float:
        return self._drag.start_s if self._drag and self._drag.row == row else self._results[row].started_s

    def bar(self, row: int) -> QRectF:
        """The bar of a migration."""
        top = self._axis_px + row * ROW_PX - self.verticalScrollBar().value() + (ROW_PX - _BAR_PX) / 2
        return QRectF(self._x(self._start_s(row)), top, max(2.0, self._results[row].total_s * self._px_per_s), _BAR_PX)

    def _row_at(self, y: float) -> int | None:
        row = int((y - self._axis_px + self.verticalScrollBar().value()) // ROW_PX)
        return row if y >= self._axis_px and 0 <= row < len(self._results) else None

    def _bar_at(self, point: QPointF) -> int | None:
        row = self._row_at(point.y())
        if row is None:
            return None
        reach = self.bar(row).adjusted(-_NEAREST_PX / 2, -4, _NEAREST_PX / 2, 4)
        return row if reach.contains(point) else None

    def _fit_scroll_bar(self) -> None:
        shown = self.viewport().height() - self._axis_px
        self.verticalScrollBar().setRange(0, max(0, len(self._results) * ROW_PX - shown))
        self.verticalScrollBar().setPageStep(max(1, shown))
        self.verticalScrollBar().setSingleStep(ROW_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_scroll_bar()

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._pressed_at = event.position()
        row = self._bar_at(event.position())
        if row is None:
            self._look_at(event.position())
        else:
            start_s = self._results[row].started_s
            self._drag = _Drag(row, self._seconds(event.position().x()) - start_s, start_s)
            self.card.hide()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._drag is not None:
            if self._is_drag(point):
                start_s = max(0.0, self._seconds(point.x()) - self._drag.grip_s)
                self._drag = _Drag(self._drag.row, self._drag.grip_s, start_s)
                self.viewport().update()
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self._look_at(point)
        else:
            self._hover(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        if drag is None:
            return
        migration_id = self._results[drag.row].migration_id
        if self._is_drag(event.position()):
            self.shifted.emit(migration_id, round(drag.start_s, 3))
        else:
            self.chosen.emit(migration_id)
        self.viewport().update()

    def leaveEvent(self, event: object) -> None:
        self.card.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
        if event.key() == Qt.Key.Key_Escape and self._drag is not None:
            self._drag = None
            self.viewport().update()
        elif event.key() in steps:
            self.set_moment(self.moment_s + steps[Qt.Key(event.key())] * _KEY_STEP_SHARE * self._end_s)
        elif event.key() == Qt.Key.Key_Home:
            self.set_moment(0.0)
        elif event.key() == Qt.Key.Key_End:
            self.set_moment(self._end_s)
        else:
            super().keyPressEvent(event)

    def _is_drag(self, point: QPointF) -> bool:
        return self._pressed_at is not None and abs(point.x() - self._pressed_at.x()) >= _NEAREST_PX

    def _look_at(self, point: QPointF) -> None:
        if point.x() >= _NAMES_PX:
            self.set_moment(self._seconds(point.x()))

    def _hover(self, point: QPointF) -> None:
        row = self._bar_at(point)
        if window := self._window_at(point):
            self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
            self.card.show_at(point.toPoint(), window)
            return
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor if row is None else Qt.CursorShape.SizeHorCursor)
        if row is None:
            self.card.hide()
            return
        result = self._results[row]
        lines = [_sentence(result), "drag it to another start time"]
        if self._clock is not None:
            end_s = result.started_s + result.total_s
            lines.insert(1, f"from {self._clock.told(result.started_s)} to {self._clock.told(end_s)}")
        if result.migration_id in self._pinned:
            lines.insert(1, "its start is pinned")
        if result.migration_id in self._critical:
            lines.insert(1, "the end of the plan hangs on it")
        elif self._slack_s.get(result.migration_id, 0.0) >= _LEAST_SLACK_S:
            lines.insert(1, f"may be {format_duration(self._slack_s[result.migration_id])} later")
        self.card.show_at(point.toPoint(), "\n".join(lines))

    def _window_at(self, point: QPointF) -> str:
        """What is open at a place of the axis."""
        if self._clock is None or point.y() >= self._axis_px or point.x() < _NAMES_PX:
            return ""
        seconds = self._seconds(point.x())
        names = [
            f"{window.kind.value}: {window.name}"
            for window in self._clock.windows
            if any(begin <= seconds < end for begin, end in window.spans)
        ]
        return "\n".join([self._clock.told(max(0.0, seconds)), *names]) if names else ""

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        theme = look.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = self.viewport().width(), self.viewport().height()
        room_px = _TICK_ROOM_PX if self._clock is None else _CLOCK_ROOM_PX
        at_most = max(2, int((width - _NAMES_PX) / room_px))
        shown = [tick for tick in ticks(self._end_s, Measure.SECONDS, at_most) if self._x(tick.value) < width - 4]
        for tick in shown:
            painter.fillRect(QRectF(round(self._x(tick.value)), self._axis_px, 1, height), theme.grid)
        painter.save()
        painter.setClipRect(QRectF(0, self._axis_px, width, height - self._axis_px))
        first = self.verticalScrollBar().value() // ROW_PX
        for row in range(first, min(len(self._results), first + height // ROW_PX + 2)):
            self._paint_row(painter, row)
        painter.restore()
        self._paint_axis(painter, shown)
        if self._end_s:
            self._paint_moment(painter, height)

    def _paint_axis(self, painter: QPainter, shown: list[Tick]) -> None:
        """The times since the start and, below them, those of the day and when windows are open."""
        lines = [(16, [tick.text for tick in shown])]
        if self._clock is not None:
            in_minutes = len(shown) > 1 and shown[1].value % 60 == 0
            lines.append((32, [self._clock.told(tick.value, to_the_minute=in_minutes) for tick in shown]))
            self._paint_windows(painter, self._clock)
        metrics, width = QFontMetricsF(base_font(11)), self.viewport().width()
        painter.setFont(base_font(11))
        painter.setPen(look.theme.muted)
        for y, texts in lines:
            for tick, text in zip(shown, texts, strict=True):
                x = self._x(tick.value) - metrics.horizontalAdvance(text) / 2
                x = min(max(x, _NAMES_PX), width - metrics.horizontalAdvance(text) - 4)
                painter.drawText(QPointF(x, y), text)

    def _paint_windows(self, painter: QPainter, clock: WallClock) -> None:
        """A strip below the axis: when which kind of window is open."""
        for window in clock.windows:
            colour = kind_colour(look.theme, window.kind)
            for begin, end in self._seen(window.spans):
                painter.fillRect(QRectF(begin, self._axis_px - _STRIP_PX - 1, end - begin, _STRIP_PX), colour)

    def _seen(self, spans: Spans) -> Iterator[tuple[float, float]]:
        """The parts of spans that are on the axis, in pixels."""
        last = self._seconds(self.viewport().width())
        for begin, end in spans:
            if begin < last and end > 0:
                yield self._x(max(0.0, begin)), self._x(min(end, last))

    def _paint_row(self, painter: QPainter, row: int) -> None:
        theme, result = look.theme, self._results[row]
        bar = self.bar(row)
        if result.migration_id in self._selected:
            area = QRectF(0, bar.center().y() - ROW_PX / 2, self.viewport().width(), ROW_PX)
            painter.fillRect(area, theme.accent_soft)
        for begin, end in self._seen(self._clock.closed.get(result.migration_id, ()) if self._clock else ()):
            fill(painter, QRectF(begin, bar.center().y() - ROW_PX / 2, end - begin, ROW_PX), closed_brush(theme))
        font = base_font(12, bold=result.migration_id in self._critical)
        painter.setFont(font)
        painter.setPen(theme.text)
        name = elided(result.vm, QFontMetricsF(font).horizontalAdvance, _NAMES_PX - _MARGIN_PX)
        painter.drawText(QPointF(_MARGIN_PX, bar.center().y() + 4), name)
        painter.setPen(Qt.PenStyle.NoPen)
        # Without seams between the pieces of a phase.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for segment in result.segments:
            brush = theme.phase_brush(segment.phase, segment.round, result.rounds)
            left = bar.left() + segment.start_s * self._px_per_s
            fill(painter, QRectF(left, bar.top(), segment.duration_s * self._px_per_s, _BAR_PX), brush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not result.converged or result.is_forced:
            painter.setPen(QPen(theme.warn, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(bar)
        if result.migration_id in self._pinned:
            painter.setPen(QPen(theme.text, 2))
            painter.drawLine(QPointF(bar.left(), bar.top() - 3), QPointF(bar.left(), bar.bottom() + 3))

    def _paint_moment(self, painter: QPainter, height: int) -> None:
        """The line of the moment, with its time on a flag."""
        theme, x = look.theme, self._x(self.moment_s)
        text, font = format_duration(self.moment_s) if self.moment_s else "0 s", base_font(11, bold=True)
        if self._clock is not None:
            text += f"  ·  {self._clock.told(self.moment_s)}"
        width = QFontMetricsF(font).horizontalAdvance(text) + 12
        left = min(max(_NAMES_PX - 4, x - width / 2), self.viewport().width() - width - 2)
        painter.fillRect(QRectF(x - 0.75, 20, 1.5, height), theme.accent)
        painter.setBrush(theme.accent)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(left, 2, width, 18), 4, 4)
        painter.setFont(font)
        painter.setPen(theme.on_accent)
        painter.drawText(QRectF(left, 2, width, 18), Qt.AlignmentFlag.AlignCenter, text)

    def _dress(self) -> None:
        palette = self.viewport().palette()
        palette.setColor(QPalette.ColorRole.Window, look.theme.surface)
        self.viewport().setPalette(palette)
        self.viewport().setAutoFillBackground(True)
        self.viewport().update()


def _sentence(result: MigrationResult) -> str:
    start = format_duration(result.started_s) if result.started_s else "0 s"
    text = f"{result.vm}, {result.source} → {result.target}: starts at {start}, takes {format_duration(result.total_s)}"
    return f"{text}, {result.ending}" if result.is_forced or not result.converged else text
