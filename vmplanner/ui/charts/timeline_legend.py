"""What the colours and marks of the timeline mean: only those that are to be seen in it."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from vmplanner.domain.results import MigrationResult, Outcome, Phase
from vmplanner.domain.windows import WindowKind
from vmplanner.ui.charts.fills import fill
from vmplanner.ui.charts.legend import Chip, Entry, Sample, area_sample, height, paint, wrapped
from vmplanner.ui.charts.wall_clock import WallClock
from vmplanner.ui.theme import Theme, base_font, look

_KINDS = {WindowKind.MAINTENANCE: "good", WindowKind.BLACKOUT: "bad", WindowKind.CUT_OVER: "warn"}
_MARGIN_PX = 16


def kind_colour(theme: Theme, kind: WindowKind) -> QColor:
    """The colour of a kind of window."""
    colour: QColor = getattr(theme, _KINDS[kind])
    return colour


def closed_brush(theme: Theme) -> QBrush:
    """The ground of times at which a move may not run."""
    return QBrush(theme.border, Qt.BrushStyle.BDiagPattern)


class TimelineLegend(QWidget):
    """As many lines of chips as they need."""

    def __init__(self) -> None:
        super().__init__()
        self._results: Sequence[MigrationResult] = ()
        self._marks: tuple[bool, bool, WallClock | None] = (False, False, None)
        self._chips: list[Chip] = []
        self.setAccessibleName("Legend of the timeline")
        look.changed.connect(self._fit)

    def show_legend(
        self, results: Sequence[MigrationResult], *, pinned: bool, critical: bool, clock: WallClock | None
    ) -> None:
        """For these results; whether some are pinned, or the end hangs on some."""
        self._results, self._marks = results, (pinned, critical, clock)
        self.setAccessibleDescription(", ".join(entry.label for entry in self._entries()))
        self._fit()

    @property
    def labels(self) -> list[str]:
        return [chip.entry.label for chip in self._chips]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(painter, self._chips, QPointF(_MARGIN_PX, 0), base_font(11), look.theme.muted)
        painter.end()

    def _fit(self) -> None:
        self._chips = wrapped(self._entries(), base_font(11), self.width() - 2 * _MARGIN_PX)
        self.setFixedHeight(round(height(self._chips)))
        self.update()

    def _entries(self) -> Iterator[Entry]:
        theme = look.theme
        pinned, critical, clock = self._marks
        rounds = max((result.rounds for result in self._results), default=0)
        there = {segment.phase for result in self._results for segment in result.segments}
        for phase in (phase for phase in Phase if phase in there):
            if phase is Phase.PRE_COPY and rounds > 1:
                yield Entry("pre-copy, round 1", area_sample(theme.phase_brush(phase, 1, rounds)))
                yield Entry("last round", area_sample(theme.phase_brush(phase, rounds, rounds)))
            else:
                yield Entry(phase.value, area_sample(theme.phase_brush(phase)))
        framed = [result for result in self._results if result.is_forced or not result.converged]
        if framed:
            endless = all(result.is_forced or result.outcome is Outcome.NOT_CONVERGED for result in framed)
            yield Entry("does not converge" if endless else "did not complete", _framed(theme.warn))
        if pinned:
            yield Entry("pinned", _bar(theme.text))
        if critical:
            yield Entry("bold: the end hangs on it", _no_sample)
        if clock is not None:
            if any(clock.closed.values()):
                yield Entry("may not run", area_sample(closed_brush(theme)))
            for kind in (kind for kind in WindowKind if any(window.kind is kind for window in clock.windows)):
                yield Entry(kind.value, area_sample(QBrush(kind_colour(theme, kind))))


def _framed(colour: QColor) -> Sample:
    def draw(painter: QPainter, area: QRectF) -> None:
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area.adjusted(1, 2, -1, -2))

    return draw


def _bar(colour: QColor) -> Sample:
    return lambda painter, area: fill(
        painter, QRectF(area.center().x() - 1, area.top(), 2, area.height()), QBrush(colour)
    )


def _no_sample(painter: QPainter, area: QRectF) -> None:
    """The label says what it looks like."""
