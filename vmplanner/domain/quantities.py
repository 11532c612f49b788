"""Numbers with units, as people read and type them.

Inside the program every value is in its base unit, named in its identifier (`_bytes`, `_s`, `_bytes_per_s`, `_pages`).
A `Quantity` is the one place that turns such a value into text ("10 Gbit/s") and text back into a value.
"""

import math
import re

from attrs import frozen

PAGE_BYTES = 4096
KIB = 1024
MIB = 1024**2
GIB = 1024**3
TIB = 1024**4

# Between the thousands: neither comma nor point, which are decimal signs to one half of the world each.
GROUP_SIGN = "\N{NARROW NO-BREAK SPACE}"
_NUMBER_AND_UNIT = re.compile(r"^\s*([+-]?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*(\S*)\s*$")


@frozen
class Quantity:
    """A kind of number with its units, smallest first; the first unit listed in `shown` that fits is used to show it.

    `units` maps a unit's text to the base units in one of it; what people write besides is among them. `default_unit`
    is what a bare number typed by a person means. A refusal names the units in `shown` and `also_named`.
    """

    name: str
    units: dict[str, float]
    shown: tuple[str, ...]
    default_unit: str
    also_named: tuple[str, ...] = ()

    def format(self, value: float, digits: int = 3) -> str:
        """`value` (base units) with about `digits` significant digits and the largest shown unit that is not above
        it.
        """
        if not math.isfinite(value):
            return "never" if value > 0 else "-"
        unit = self.shown[-1] if value else self.default_unit
        for candidate in self.shown:
            if abs(value) >= self.units[candidate] * 0.99995:
                unit = candidate
                break
        scaled = value / self.units[unit]
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(scaled)))) if scaled else 0
        text = grouped(scaled, min(decimals, digits))
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return f"{text} {unit}"

    def parse(self, text: str) -> float:
        """The value of `text` in base units. Raises ValueError with a sentence that names the units understood."""
        match = _NUMBER_AND_UNIT.match(text.replace(GROUP_SIGN, ""))
        if match is None:
            raise ValueError(f"'{text.strip()}' is not a number with a unit such as '{self.example}'")
        number, unit = match.groups()
        value = float(number.replace(",", ".")) * self._scale(unit or self.default_unit)
        if not math.isfinite(value):
            raise ValueError(f"'{text.strip()}' is too large")
        return value

    @property
    def example(self) -> str:
        return f"1 {self.default_unit}"

    def _scale(self, unit: str) -> float:
        """How many base units a unit has. Small or capital letters matter only where they tell bits from bytes."""
        if unit in self.units:
            return self.units[unit]
        meant = {name: scale for name, scale in self.units.items() if name.casefold() == unit.casefold()}
        if not meant:
            named = ", ".join((*reversed(self.shown), *self.also_named))
            raise ValueError(f"'{unit}' is not a unit of {self.name}; use {named}")
        if len(set(meant.values())) > 1:
            raise ValueError(f"'{unit}' may be bits or bytes and is not a clear unit; write {' or '.join(meant)}")
        return next(iter(meant.values()))


def grouped(value: float, decimals: int = 0) -> str:
    """A number with a narrow space between its thousands: '1 000 000'."""
    return f"{value:,.{decimals}f}".replace(",", GROUP_SIGN)


BYTES = Quantity(
    "memory",
    {"B": 1, "KiB": KIB, "MiB": MIB, "GiB": GIB, "TiB": TIB, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
    # As hypervisors' own tools mean them.
    | {"K": KIB, "M": MIB, "G": GIB, "T": TIB},
    ("TiB", "GiB", "MiB", "KiB", "B"),
    "GiB",
)
# Network people count in bits and in thousands: '1G' and '10 Mbps' are theirs, while a capital B stands for bytes.
_BITS = {"k": 125.0, "M": 125e3, "G": 125e6, "T": 125e9}
BYTES_PER_S = Quantity(
    "bandwidth",
    {
        "bit/s": 1 / 8,
        "kbit/s": 125.0,
        "Mbit/s": 125e3,
        "Gbit/s": 125e6,
        "Tbit/s": 125e9,
        "KiB/s": KIB,
        "MiB/s": MIB,
        "GiB/s": GIB,
        "B/s": 1,
    }
    | {f"{prefix}{ending}": scale for prefix, scale in _BITS.items() for ending in ("bps", "bit", "b/s", "b", "")}
    | {f"{prefix}B{ending}": 8 * scale for prefix, scale in _BITS.items() for ending in ("/s", "ps", "")},
    ("Tbit/s", "Gbit/s", "Mbit/s", "kbit/s", "bit/s"),
    "Gbit/s",
)
SECONDS = Quantity(
    "time",
    {"s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "m": 60, "min": 60, "h": 3600, "d": 86_400}
    | dict.fromkeys(("sec", "secs", "second", "seconds"), 1)
    | dict.fromkeys(("mins", "minute", "minutes"), 60)
    | dict.fromkeys(("hr", "hrs", "hour", "hours"), 3600)
    | dict.fromkeys(("day", "days"), 86_400),
    ("s", "ms", "µs"),
    "s",
    ("min", "h", "d"),
)
PAGES_PER_S = Quantity(
    "write rate",
    {"pages/s": 1, "MiB/s": MIB / PAGE_BYTES, "GiB/s": GIB / PAGE_BYTES, "KiB/s": KIB / PAGE_BYTES}
    | {"kB/s": 1e3 / PAGE_BYTES, "MB/s": 1e6 / PAGE_BYTES, "GB/s": 1e9 / PAGE_BYTES},
    ("pages/s",),
    "pages/s",
)
PAGES = Quantity("number of pages", {"pages": 1, "page": 1}, ("pages",), "pages")
ROUNDS = Quantity("number of rounds", {"rounds": 1, "round": 1}, ("rounds",), "rounds")
CORES = Quantity("number of cores", {"cores": 1, "core": 1}, ("cores",), "cores")
RATIO = Quantity("ratio", {"×": 1, "x": 1}, ("×",), "×")
SHARE = Quantity("share", {"%": 0.01}, ("%",), "%")


def format_duration(seconds: float) -> str:
    """A duration for people: '230 ms', '4.52 s', '3 min 20 s', '2 h 05 min'."""
    if not math.isfinite(seconds) or seconds < 100:
        return SECONDS.format(seconds)
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
