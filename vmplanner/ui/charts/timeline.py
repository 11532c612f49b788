"""The plan or a run on a time axis: a bar for each migration from its start to its end, and a line for the moment
looked at.

A bar dragged along the axis asks for another start time; a drag anywhere else moves the moment. The wheel with Ctrl
zooms at the pointer, with Shift it goes along the axis.
"""

from collections.abc import Collection, Mapping

from attrs import frozen
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from vmplanner.domain.quantities import format_duration
from vmplanner.domain.results import MigrationResult, Run
from vmplanner.interchange.plan_calendar import Wave, waves_of
from vmplanner.ui.charts.fills import fill
from vmplanner.ui.charts.hover_card import HoverCard
from vmplanner.ui.charts.time_axis import MARGIN_PX, NAMES_PX, TimeAxis
from vmplanner.ui.charts.timeline_legend import closed_brush
from vmplanner.ui.charts.timeline_painting import (
    BAR_PX,
    STRIP_PX,
    WAVES_PX,
    paint_bar,
    paint_end,
    paint_moment,
    paint_name,
    paint_times,
    paint_waves,
    paint_windows,
    seen,
)
from vmplanner.ui.charts.timeline_rows import Grouped, Row, rows_of
from vmplanner.ui.charts.wall_clock import WallClock
from vmplanner.ui.names import elided
from vmplanner.ui.theme import base_font, look

ROW_PX = 24
AXIS_PX = 26
# A second line, with the time of day, where the plan says when it starts.
_CLOCK_PX = 16
_TICK_ROOM_PX = 90
_CLOCK_ROOM_PX = 130
_NEAREST_PX = 6
_KEY_STEP_SHARE = 0.01
_WHEEL_SHARE = 0.1
_LEAST_SLACK_S = 0.1
# A screen reader reads no more; the tables have them all.
_MOST_TOLD = 100


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

    def __init__(self, parent: QWidget | None = None, *, axis: TimeAxis | None = None, may_shift: bool = True) -> None:
        """`axis` may be shared with other charts. With `may_shift` bars can be dragged."""
        super().__init__(parent)
        self.axis = axis or TimeAxis(self)
        self._may_shift = may_shift
        self._grouped = Grouped.VM
        self._rows: list[Row] = []
        self._waves: tuple[Wave, ...] = ()
        self._deadline_s: dict[str, float] = {}
        self._window_s: float | None = None
        self._results: tuple[MigrationResult, ...] = ()
        self._selected: frozenset[str] = frozenset()
        self._pinned: frozenset[str] = frozenset()
        self._critical: frozenset[str] = frozenset()
        self._slack_s: dict[str, float] = {}
        self._drag: _Drag | None = None
        self._pressed_at: QPointF | None = None
        self._clock: WallClock | None = None
        self.setAccessibleName("Timeline of the plan")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.card = HoverCard(self.viewport())
        self.axis.changed.connect(self.viewport().update)
        self.axis.moment_changed.connect(self._follow_moment)
        look.changed.connect(self._dress)
        self._dress()

    def show_run(
        self,
        run: Run | None,
        pinned: Collection[str] = (),
        critical: Collection[str] = (),
        slack_s: Mapping[str, float] | None = None,
        clock: WallClock | None = None,
        time_limits_s: Mapping[str, float] | None = None,
        window_s: float | None = None,
    ) -> None:
        """The migrations of a forecast; `pinned` have a start time of their own, `critical` are those that the end of
        the plan hangs on, the others may be later by their `slack_s`. With a `clock` the time of day is told as
        well. `time_limits_s` says after how long some are to be given up, `window_s` when all is to be done.
        """
        self._clock = clock
        self._results = run.results if run else ()
        self._pinned, self._critical = frozenset(pinned), frozenset(critical)
        self._slack_s = dict(slack_s or {})
        self._deadline_s = dict(time_limits_s or {})
        self._window_s = window_s
        self._rows = rows_of(self._results, self._grouped)
        waves = tuple(waves_of(self._results))
        self._waves = waves if len(waves) > 1 else ()
        self._drag = None
        self.axis.cover(run.makespan_s if run else 0.0)
        self.setAccessibleDescription("\n".join(_sentence(result) for result in self._results[:_MOST_TOLD]))
        self._fit_scroll_bar()
        self.viewport().update()

    def group(self, grouped: Grouped) -> None:
        """Show a row for each migration, or the rows of each host."""
        self._grouped = grouped
        self._rows = rows_of(self._results, grouped)
        self._fit_scroll_bar()
        self.viewport().update()

    def select(self, ids: Collection[str]) -> None:
        if self._selected != frozenset(ids):
            self._selected = frozenset(ids)
            self._reveal_selected()
        self.viewport().update()

    def _reveal_selected(self) -> None:
        """Scroll until the first selected migration can be seen, if none can."""
        rows = [
            place
            for place, row in enumerate(self._rows)
            if any(self._results[number].migration_id in self._selected for number in row.numbers)
        ]
        bar, shown = self.verticalScrollBar(), self.viewport().height() - self._axis_px
        if rows and not any(bar.value() <= row * ROW_PX <= bar.value() + shown - ROW_PX for row in rows):
            bar.setValue(rows[0] * ROW_PX - max(0, shown - ROW_PX) // 2)

    def set_moment(self, seconds: float) -> None:
        """Look at another moment, held between 0 and the end of the plan."""
        self.axis.set_moment(seconds)

    @property
    def moment_s(self) -> float:
        return self.axis.moment_s

    def _follow_moment(self, seconds: float) -> None:
        self.viewport().update()
        self.moment_changed.emit(seconds)

    def sizeHint(self) -> QSize:
        return QSize(560, AXIS_PX + 8 * ROW_PX)

    # Where things are, in pixels of the viewport

    @property
    def _axis_px(self) -> int:
        clock_px = _CLOCK_PX + (STRIP_PX if self._clock.windows else 0) if self._clock else 0
        return AXIS_PX + clock_px + (WAVES_PX if self._waves else 0)

    @property
    def _px_per_s(self) -> float:
        return self.axis.px_per_s

    def _x(self, seconds: float) -> float:
        return self.axis.x(seconds)

    def _seconds(self, x: float) -> float:
        return self.axis.seconds(x)

    def _start_s(self, number: int) -> float:
        return self._drag.start_s if self._drag and self._drag.row == number else self._results[number].started_s

    def bar(self, number: int) -> QRectF:
        """The bar of a migration, by its place in the results; of several the first."""
        return self._bar(next(place for place, row in enumerate(self._rows) if number in row.numbers), number)

    def _bar(self, place: int, number: int) -> QRectF:
        top = self._axis_px + place * ROW_PX - self.verticalScrollBar().value() + (ROW_PX - BAR_PX) / 2
        width = max(2.0, self._results[number].total_s * self._px_per_s)
        return QRectF(self._x(self._start_s(number)), top, width, BAR_PX)

    def _row_at(self, y: float) -> int | None:
        row = int((y - self._axis_px + self.verticalScrollBar().value()) // ROW_PX)
        return row if y >= self._axis_px and 0 <= row < len(self._rows) else None

    def _bar_at(self, point: QPointF) -> int | None:
        """The migration there, by its place in the results."""
        row = self._row_at(point.y())
        if row is None or point.x() < NAMES_PX:
            return None
        for number in self._rows[row].numbers:
            if self._bar(row, number).adjusted(-_NEAREST_PX / 2, -4, _NEAREST_PX / 2, 4).contains(point):
                return number
        return None

    def _fit_scroll_bar(self) -> None:
        shown = self.viewport().height() - self._axis_px
        self.verticalScrollBar().setRange(0, max(0, len(self._rows) * ROW_PX - shown))
        self.verticalScrollBar().setPageStep(max(1, shown))
        self.verticalScrollBar().setSingleStep(ROW_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_scroll_bar()
        self.axis.widen(self.viewport().width())

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
            if self._may_shift and self._is_drag(point):
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
        if self._may_shift and self._is_drag(event.position()):
            self.shifted.emit(migration_id, round(drag.start_s, 3))
        else:
            self.chosen.emit(migration_id)
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.axis.zoom(steps, self._seconds(event.position().x()))
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier or event.angleDelta().x():
            along = steps or event.angleDelta().x() / 120
            self.axis.pan(-along * _WHEEL_SHARE * (self.axis.last_s - self.axis.first_s))
        else:
            super().wheelEvent(event)
            return
        self.card.hide()
        event.accept()

    def leaveEvent(self, event: object) -> None:
        self.card.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
        if event.key() == Qt.Key.Key_Escape and self._drag is not None:
            self._drag = None
            self.viewport().update()
        elif event.key() in steps:
            self.set_moment(self.moment_s + steps[Qt.Key(event.key())] * _KEY_STEP_SHARE * self.axis.end_s)
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.axis.zoom(-1 if event.key() == Qt.Key.Key_Minus else 1, self.moment_s)
        elif event.key() == Qt.Key.Key_0:
            self.axis.fit()
        elif event.key() == Qt.Key.Key_Home:
            self.set_moment(0.0)
        elif event.key() == Qt.Key.Key_End:
            self.set_moment(self.axis.end_s)
        else:
            super().keyPressEvent(event)

    def _is_drag(self, point: QPointF) -> bool:
        return self._pressed_at is not None and abs(point.x() - self._pressed_at.x()) >= _NEAREST_PX

    def _look_at(self, point: QPointF) -> None:
        if point.x() >= NAMES_PX:
            self.set_moment(self._seconds(point.x()))

    def _hover(self, point: QPointF) -> None:
        row = self._bar_at(point)
        if window := self._window_at(point):
            self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
            self.card.show_at(point.toPoint(), window)
            return
        shifts = row is not None and self._may_shift
        self.viewport().setCursor(Qt.CursorShape.SizeHorCursor if shifts else Qt.CursorShape.ArrowCursor)
        if row is None:
            self.card.hide()
            return
        result = self._results[row]
        lines = [_sentence(result), *(["drag it to another start time"] if self._may_shift else [])]
        if result.migration_id in self._deadline_s:
            lines.insert(1, f"given up after {format_duration(self._deadline_s[result.migration_id])}")
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
        if self._clock is None or point.y() >= self._axis_px or point.x() < NAMES_PX:
            return ""
        return self._clock.open_at(self._seconds(point.x()))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        theme = look.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = self.viewport().width(), self.viewport().height()
        room_px = _TICK_ROOM_PX if self._clock is None else _CLOCK_ROOM_PX
        shown = self.axis.ticks(room_px)
        for tick in shown:
            painter.fillRect(QRectF(round(self._x(tick.value)), self._axis_px, 1, height), theme.grid)
        paint_waves(painter, self.axis, self._waves, self._axis_px)
        painter.save()
        painter.setClipRect(QRectF(0, self._axis_px, width, height - self._axis_px))
        first = self.verticalScrollBar().value() // ROW_PX
        for row in range(first, min(len(self._rows), first + height // ROW_PX + 2)):
            self._paint_row(painter, row)
        painter.restore()
        paint_times(painter, self.axis, shown, self._clock)
        if self._clock is not None:
            paint_windows(painter, self.axis, self._clock, self._axis_px - (WAVES_PX if self._waves else 0))
        if self._window_s is not None and self.axis.first_s <= self._window_s <= self.axis.last_s:
            paint_end(painter, self.axis, self._window_s, self._axis_px, height)
        if self.axis.first_s <= self.moment_s <= self.axis.last_s and self.axis.end_s:
            paint_moment(painter, self.axis, self._clock, height)

    def _paint_row(self, painter: QPainter, place: int) -> None:
        theme, row = look.theme, self._rows[place]
        top = self._axis_px + place * ROW_PX - self.verticalScrollBar().value()
        ids = {self._results[number].migration_id for number in row.numbers}
        if ids & self._selected:
            painter.fillRect(QRectF(0, top, self.viewport().width(), ROW_PX), theme.accent_soft)
        if row.name and self._grouped is Grouped.HOST and place:
            painter.fillRect(QRectF(0, top, self.viewport().width(), 1), theme.grid)
        is_bold = self._grouped is Grouped.HOST or bool(ids & self._critical)
        font = base_font(12, bold=is_bold)
        painter.setFont(font)
        painter.setPen(theme.text)
        name = elided(row.name, QFontMetricsF(font).horizontalAdvance, NAMES_PX - MARGIN_PX)
        painter.drawText(QPointF(MARGIN_PX, top + ROW_PX / 2 + 4), name)
        painter.save()
        painter.setClipRect(
            QRectF(NAMES_PX + MARGIN_PX - 2, self._axis_px, self.viewport().width(), self.viewport().height())
        )
        if self._clock is not None and self._grouped is Grouped.VM:
            for begin, end in seen(self.axis, self._clock.closed.get(next(iter(ids)), ())):
                fill(painter, QRectF(begin, top, end - begin, ROW_PX), closed_brush(theme))
        for number in row.numbers:
            bar = self._bar(place, number)
            if bar.right() > NAMES_PX and bar.left() < self.viewport().width():
                result = self._results[number]
                limit_s = self._deadline_s.get(result.migration_id)
                is_pinned = result.migration_id in self._pinned
                paint_bar(painter, bar, result, self._px_per_s, limit_s=limit_s, is_pinned=is_pinned)
                if self._grouped is Grouped.HOST:
                    paint_name(painter, bar, result.vm)
        painter.restore()

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
