"""What a page costs on its way: as it is, or made smaller by the sender."""

from collections.abc import Iterable
from typing import Protocol

from vmplanner.simulation.dirtying import Floats
from vmplanner.simulation.policies import Policy
from vmplanner.simulation.steps import Group


class Encoding(Protocol):
    """The costs of a page of one class in one round, on the average. Classes are those of `Dirtying`."""

    def page_bytes(self, class_index: int, round_number: int) -> float:
        """Bytes on the wire."""

    def page_cpu_s(self, class_index: int, round_number: int) -> float:
        """Seconds of the sender's time, where that may become the bottleneck."""

    def packing_s(self, class_index: int, round_number: int) -> tuple[float, float]:
        """Where threads pack it: seconds that one core needs for that, and those of the sender before (both are part
        of `page_cpu_s`); else none.
        """

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

    def __init__(self, policy: Policy) -> None:
        self._page_bytes = policy.page_bytes

    def page_bytes(self, class_index: int, round_number: int) -> float:
        return self._page_bytes

    def page_cpu_s(self, class_index: int, round_number: int) -> float:
        return 0.0

    def packing_s(self, class_index: int, round_number: int) -> tuple[float, float]:
        return 0.0, 0.0

    def round_over(self, round_number: int, sent: Floats, rewrites: Floats) -> None:
        """Nothing is remembered."""

    def behind_s(self, behind_s: float, sent: Iterable[Group], seconds: float) -> float:
        return 0.0

    def lift_cap(self) -> None:
        """The simulator holds the cap."""
