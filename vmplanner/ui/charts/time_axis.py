"""The stretch of time that charts below each other show, and the moment that is looked at: one cursor for all of them.

It also says where a time is in pixels: names stand left of the plot, and have the same room in every chart.
"""

from PySide6.QtCore import QObject, Signal

from vmplanner.analysis.stack_view import Measure
from vmplanner.ui.charts.ticks import Tick, ticks

NAMES_PX = 168
MARGIN_PX = 16
_MOST_ZOOM = 400.0
_STEP = 1.25


class TimeAxis(QObject):
    """`changed()` when another stretch is shown, `moment_changed(seconds)` when another moment is looked at."""

    changed = Signal()
    moment_changed = Signal(float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.end_s = 0.0
        self.first_s = 0.0
        self.last_s = 0.0
        self.moment_s = 0.0
        # Of the charts, without the scroll bar that one of them has.
        self.width_px = 0

    @property
    def is_zoomed(self) -> bool:
        return (self.first_s, self.last_s) != (0.0, self.end_s)

    def cover(self, end_s: float) -> None:
        """There is something to be seen from 0 to `end_s`. Who has zoomed in stays where he is, if that still is."""
        if end_s == self.end_s:
            return
        was_zoomed = self.is_zoomed
        self.end_s = end_s
        self.moment_s = min(self.moment_s, end_s)
        if was_zoomed and self.last_s <= end_s:
            self.changed.emit()
        else:
            self.fit()

    def fit(self) -> None:
        """Show all."""
        self.first_s, self.last_s = 0.0, self.end_s
        self.changed.emit()

    def zoom(self, steps: float, at_s: float) -> None:
        """Show less of it (steps above 0) or more; what is at `at_s` stays where it is."""
        shown_s = self.last_s - self.first_s
        wanted_s = min(max(shown_s * _STEP**-steps, self.end_s / _MOST_ZOOM), self.end_s)
        if shown_s <= 0 or wanted_s == shown_s:
            return
        share = (at_s - self.first_s) / shown_s
        self._show(at_s - share * wanted_s, wanted_s)

    def pan(self, seconds: float) -> None:
        """Show what comes later, or earlier for less than 0."""
        self._show(self.first_s + seconds, self.last_s - self.first_s)

    def set_moment(self, seconds: float) -> None:
        """Look at another moment, held between 0 and the end."""
        seconds = min(max(0.0, seconds), self.end_s)
        if seconds != self.moment_s:
            self.moment_s = seconds
            self.moment_changed.emit(seconds)

    def _show(self, first_s: float, shown_s: float) -> None:
        self.first_s = min(max(0.0, first_s), max(0.0, self.end_s - shown_s))
        self.last_s = self.first_s + shown_s
        self.changed.emit()

    # In pixels

    @property
    def plot_px(self) -> int:
        """The width of the plots."""
        return max(1, self.width_px - NAMES_PX - 2 * MARGIN_PX)

    @property
    def px_per_s(self) -> float:
        shown_s = self.last_s - self.first_s
        return self.plot_px / shown_s if shown_s else 1.0

    def x(self, seconds: float) -> float:
        return NAMES_PX + MARGIN_PX + (seconds - self.first_s) * self.px_per_s

    def seconds(self, x: float) -> float:
        return self.first_s + (x - NAMES_PX - MARGIN_PX) / self.px_per_s

    def widen(self, width_px: int) -> None:
        """The charts have this width now."""
        if width_px != self.width_px:
            self.width_px = width_px
            self.changed.emit()

    def ticks(self, room_px: float) -> list[Tick]:
        """Those that are seen, if each needs so much room."""
        shown_s = self.last_s - self.first_s
        if shown_s <= 0:
            return []
        at_most = max(2, int((self.width_px - NAMES_PX) / room_px))
        found = ticks(self.last_s, Measure.SECONDS, max(2, round(at_most * self.last_s / shown_s)))
        return [tick for tick in found if tick.value >= self.first_s and self.x(tick.value) < self.width_px - 4]
