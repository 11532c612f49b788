"""What a page costs on its way: as it is, or made smaller by the sender."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, Protocol

from vmplanner.simulation.dirtying import Floats
from vmplanner.simulation.steps import Group


class PageCost(NamedTuple):
    """What a page costs: bytes on the wire, and seconds of the sender's time, where that may become the bottleneck.

    Where threads pack it one core needs `packing_s` for that, and the sender `before_s`; both are part of `cpu_s`.
    """

    wire_bytes: float
    cpu_s: float = 0.0
    packing_s: float = 0.0
    before_s: float = 0.0


class Encoding(Protocol):
    """The costs of pages, by their classes, which are those of `Dirtying`."""

    def page_cost(self, class_index: int, round_number: int) -> PageCost:
        """What a page of one class costs in one round, on the average."""

    def round_over(self, round_number: int, sent: Floats, rewrites: Floats) -> None:
        """A round is over: the pages that it sent of each class, and how often each page dirtied in it was written on
        the average; both of shape (classes,).
        """

    def behind_s(self, behind_s: float, sent: Iterable[Group], seconds: float) -> float:
        """Seconds by which the target is behind after it was sent these groups in `seconds`; `behind_s` before."""

    def lift_cap(self) -> None:
        """From now on no cap on the bandwidth holds."""


class Plain:
    """Pages go as they are."""

    def __init__(self, page_bytes: float) -> None:
        self._page_cost = PageCost(page_bytes)

    @classmethod
    @lru_cache
    def of(cls, page_bytes: float) -> "Plain":
        """It remembers nothing of a migration, so that all can have the same one."""
        return cls(page_bytes)

    def page_cost(self, class_index: int, round_number: int) -> PageCost:
        return self._page_cost

    def round_over(self, round_number: int, sent: Floats, rewrites: Floats) -> None:
        """Nothing is remembered."""

    def behind_s(self, behind_s: float, sent: Iterable[Group], seconds: float) -> float:
        return 0.0

    def lift_cap(self) -> None:
        """The simulator holds the cap."""
