"""Curves of one migration over its time, with one axis and one cursor: what was left, what was sent, what was felt."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from vmplanner.analysis.course import Curve, Pass
from vmplanner.analysis.stack_view import Measure
from vmplanner.domain.quantities import format_duration
from vmplanner.ui.charts.stack_labels import draw, elided
from vmplanner.ui.charts.ticks import ticks
from vmplanner.ui.theme import base_font, look, mixed

_STRIP_PX = 84
_TITLE_PX = 20
_AXIS_PX = 26
_LEFT_PX = 4
_RIGHT_PX = 12
_BAND_PX = 16
_TICK_ROOM_PX = 84


class CoursePicture(QWidget):
    """The passes as a band in the colours of their phases, and below it a strip for each curve."""

    def __init__(self) -> None:
        super().__init__()
        self._passes: Sequence[Pass] = ()
        self._curves: Sequence[Curve] = ()
        self._end_s = 0.0
        self.cursor_s: float | None = None
        self._small, self._bold = base_font(11), base_font(12, bold=True)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Course of the migration")
        look.changed.connect(self.update)

    def show_course(self, passes: Sequence[Pass], curves: Sequence[Curve]) -> None:
        self._passes, self._curves = passes, curves
        self._end_s = max((one.end_s for one in passes), default=0.0)
        self.cursor_s = None
        self.setMinimumHeight(self.sizeHint().height())
        told = (f"{curve.title}: at most {curve.shown(max(value for _, value in curve.points))}" for curve in curves)
        self.setAccessibleDescription("\n".join(told))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, 2 * _BAND_PX + _STRIP_PX * len(self._curves) + _AXIS_PX)

    def words_at(self, seconds: float) -> list[str]:
        """What each curve says of a moment."""
        words = []
        for curve in self._curves:
            value = curve.at(seconds)
            words.append("" if value is None else curve.shown(value))
        return words

    def pass_at(self, seconds: float) -> Pass | None:
        return next((one for one in self._passes if one.start_s <= seconds < one.end_s), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.cursor_s = self._seconds(event.position().x())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.cursor_s = None
        self.update()

    def _x(self, seconds: float) -> float:
        return _LEFT_PX + seconds / self._end_s * (self.width() - _LEFT_PX - _RIGHT_PX)

    def _seconds(self, x: float) -> float | None:
        seconds = (x - _LEFT_PX) / max(1, self.width() - _LEFT_PX - _RIGHT_PX) * self._end_s
        return seconds if 0 <= seconds <= self._end_s else None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.theme.surface)
        if self._end_s > 0:
            self._paint(painter)
        painter.end()

    def _paint(self, painter: QPainter) -> None:
        theme = look.theme
        rounds = max((one.round for one in self._passes), default=1)
        bottom = 2 * _BAND_PX + _STRIP_PX * len(self._curves)
        for one in self._passes:
            left, right = self._x(one.start_s), self._x(one.end_s)
            colour = theme.phase(one.phase, one.round or 1, rounds)
            painter.fillRect(QRectF(left, 0, max(1.0, right - left), _BAND_PX), colour)
            if one.phase.is_downtime:
                tint = QColor(theme.bad)
                tint.setAlphaF(0.12)
                painter.fillRect(QRectF(left, _BAND_PX, max(1.0, right - left), bottom - _BAND_PX), tint)
        at_most = max(2, int(self.width() / _TICK_ROOM_PX))
        for tick in ticks(self._end_s, Measure.SECONDS, at_most):
            if tick.value <= self._end_s:
                x = self._x(tick.value)
                painter.fillRect(QRectF(x, 2 * _BAND_PX, 1, bottom - 2 * _BAND_PX), theme.grid)
                width = QFontMetricsF(self._small).horizontalAdvance(tick.text)
                x = min(max(_LEFT_PX, x - width / 2), self.width() - width - 4)
                draw(painter, x, bottom + 17, tick.text, self._small, theme.muted)
        words = self.words_at(self.cursor_s) if self.cursor_s is not None else [""] * len(self._curves)
        for place, (curve, said) in enumerate(zip(self._curves, words, strict=True)):
            self._paint_curve(painter, curve, 2 * _BAND_PX + place * _STRIP_PX, said)
        if self.cursor_s is not None:
            self._paint_cursor(painter, self.cursor_s, bottom)

    def _paint_curve(self, painter: QPainter, curve: Curve, top: float, said: str) -> None:
        theme, most = look.theme, max(curve.most, *(value for _, value in curve.points))
        area = QRectF(_LEFT_PX, top + _TITLE_PX, self.width() - _LEFT_PX - _RIGHT_PX, _STRIP_PX - _TITLE_PX - 10)
        title = f"{curve.title}: {said}" if said else curve.title
        draw(painter, _LEFT_PX, top + 14, title, self._bold, theme.text)
        limit = f"to {curve.shown(most)}"
        width = QFontMetricsF(self._small).horizontalAdvance(limit)
        draw(painter, area.right() - width, top + 14, limit, self._small, theme.muted)
        points = [
            QPointF(self._x(seconds), area.bottom() - (value / most if most else 0) * area.height())
            for seconds, value in curve.points
        ]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QPolygonF([QPointF(points[0].x(), area.bottom()), *points, QPointF(points[-1].x(), area.bottom())])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(theme.surface, theme.accent, 0.18))
        painter.drawPolygon(ground)
        painter.setPen(QPen(theme.accent, 1.5))
        painter.drawPolyline(points)
        painter.restore()
        painter.fillRect(QRectF(area.left(), area.bottom(), area.width(), 1), theme.border)

    def _paint_cursor(self, painter: QPainter, seconds: float, bottom: float) -> None:
        theme, here = look.theme, self.pass_at(seconds)
        painter.fillRect(QRectF(self._x(seconds), 0, 1, bottom), theme.text)
        number = f" round {here.round}" if here and here.round else ""
        text = f"{format_duration(seconds)}{f' · {here.phase.value}{number}' if here else ''}"
        short = elided(text, self._small, self.width())
        width = QFontMetricsF(self._small).horizontalAdvance(short)
        x = min(max(_LEFT_PX, self._x(seconds) + 6), self.width() - width - 4)
        draw(painter, x, 2 * _BAND_PX - 3, short, self._small, theme.text)
