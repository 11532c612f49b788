"""From values to pixels along a chart's axis: in proportion, or by orders of magnitude."""

import math

import numpy as np
import numpy.typing as npt
from attrs import frozen

from vmplanner.analysis.stack_view import Measure
from vmplanner.ui.charts.ticks import Tick, log_ticks, ticks

Values = npt.NDArray[np.float64]

_ROUNDING = 1 + 1e-9


@frozen
class Scale:
    """`px` for each unit; where `least` is given, px for each power of ten from that on, and values below it are 0 px
    long.
    """

    px: float
    least: float | None = None

    def lengths(self, values: Values) -> Values:
        """How long values are, in pixels."""
        if self.least is None:
            return values * self.px
        return np.log10(np.maximum(values, self.least) / self.least) * self.px

    def length(self, value: float) -> float:
        return float(self.lengths(np.array([value]))[0])

    def parts(self, values: Values) -> tuple[Values, Values]:
        """Where the parts of stacks (stacks x series) begin and end, in pixels: borders are where the axis says."""
        ends = np.cumsum(values, axis=1)
        return self.lengths(ends - values), self.lengths(ends)

    def ticks(self, largest: float, measure: Measure, at_most: int, most_px: float) -> list[Tick]:
        """About `at_most` ticks for values up to `largest` that lie within `most_px`."""
        if largest <= 0:
            return []
        if self.least is not None:
            found = log_ticks(self.least, max(largest, self.least), at_most)
        else:
            found = ticks(largest, measure, at_most)
        return [tick for tick in found if self.length(tick.value) <= most_px * _ROUNDING]


def fitted(ends: Values, room_px: Values, is_log: bool) -> Scale:
    """The largest scale at which each bar, with its end at `ends`, keeps to its room."""
    positive = ends > 0
    if not positive.any():
        return Scale(1.0)
    ends, room_px = ends[positive], room_px[positive]
    if not is_log:
        return Scale(float(np.min(room_px / ends)))
    # A decade below the shortest one, so that it still has a length.
    least = 10.0 ** (math.ceil(math.log10(float(ends.min()))) - 1)
    decades = np.log10(ends / least)
    return Scale(float(np.min(room_px[decades > 0] / decades[decades > 0], initial=np.inf)), least)
