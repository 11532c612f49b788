"""Round numbers for an axis, all in one unit, with as many as there is room for."""

import math

from attrs import frozen

from vmplanner.analysis.stack_view import Measure
from vmplanner.domain.quantities import GROUP_SIGN, format_duration

_SECONDS = ((7200, "h"), (100, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs"))
_UNITS: dict[Measure, tuple[tuple[float, str], ...]] = {
    Measure.SECONDS: _SECONDS,
    Measure.DOWNTIME: _SECONDS,
    Measure.BYTES: ((1024**4, "TiB"), (1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"), (1, "B")),
    Measure.SHARE: ((0, "%"),),
}
"""From which largest value on an axis counts in a unit. Minutes begin where durations are written in minutes."""

_SIZES = {"h": 3600.0, "min": 60.0, "%": 0.01}
"""Units that are not worth what they begin at."""


@frozen
class Tick:
    """A place on the axis, in base units, and what is written there."""

    value: float
    text: str


def ticks(largest: float, measure: Measure, at_most: int) -> list[Tick]:
    """Ticks from 0 to the first at or above `largest`: about `at_most`, in steps of 1, 2 or 5 times 10^n."""
    if largest <= 0:
        return []
    start, unit = next((one for one in _UNITS[measure] if largest >= one[0]), _UNITS[measure][-1])
    size = _SIZES.get(unit, start)
    step = _round_step(largest / size / max(1, at_most - 1))
    count = math.ceil(largest / size / step - 1e-9)
    places = range(count + 1)
    texts = (f"{round(index * step, 9):,.10g} {unit}".replace(",", GROUP_SIGN) for index in places)
    return [Tick(index * step * size, text) for index, text in zip(places, texts, strict=True)]


def log_ticks(smallest: float, largest: float, at_most: int) -> list[Tick]:
    """Durations that are powers of ten, from `smallest` (one itself) to `largest`; with 2 and 5 times them where there
    is room, and of many only every second or so.
    """
    first, last = round(math.log10(smallest)), math.floor(math.log10(largest) + 1e-9)
    decades = last - first + 1
    factors = (1, 2, 5) if 3 * decades <= at_most + 1 else (1,)
    step = max(1, math.ceil(decades / max(1, at_most)))
    values = (factor * 10.0**power for power in range(first, last + 1, step) for factor in factors)
    return [Tick(value, format_duration(value)) for value in values if value <= largest * (1 + 1e-9)]


def _round_step(smallest: float) -> float:
    power = 10.0 ** math.floor(math.log10(smallest))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= smallest * (1 - 1e-9))
