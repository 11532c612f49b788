"""The pages of a guest that still have to go over, while it is being copied."""

from collections.abc import Sequence

import numpy as np

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Dirtying, Floats
from vmplanner.simulation.policies import Policy
from vmplanner.simulation.steps import Part, parts_of


class Pending:
    """Pending pages per piece, and the number of the pass that sends them. All arrays have the shape (pieces,).

    After a round of T seconds that left `left` pages of a piece of N pages unsent, there are pending

        n = left + U(T) (1 - left / N)

    with U of dirtying.py: what was left and what was dirtied are independent. A page that was written is no longer
    zero.
    """

    def __init__(self, machine: VirtualMachine, policy: Policy) -> None:
        self._pieces = tuple(machine.all_pieces())
        self._policy = policy
        self.dirtying = Dirtying.of(self._pieces)
        self.pages: Floats = self.dirtying.pages.copy()
        self._zero_pages: Floats = self.pages * np.array([piece.zero_share for piece in self._pieces])
        self.round = 1

    @property
    def bytes(self) -> float:
        """Zero pages count as whole ones, as QEMU and Xen count them."""
        return float(self.pages.sum()) * PAGE_BYTES

    def parts(self) -> tuple[Part, ...]:
        """What a pass over them sends."""
        return parts_of(self._pieces, self.pages, self._zero_pages, self._policy)

    def drop(self, pages: Floats) -> None:
        """Take pages out of the pass that comes next; they were not zero."""
        self.pages = self.pages - pages
        self._zero_pages = np.minimum(self._zero_pages, self.pages)

    def leave(self, left: Sequence[float]) -> None:
        """A pass with the guest at rest ended early with `left` pages unsent."""
        share = self._share(np.asarray(left))
        self._zero_pages = self._zero_pages * share
        self.pages = np.asarray(left)

    def next_round(self, seconds: float, left: Sequence[float]) -> None:
        """A round with the guest running is over: find what is pending now."""
        unsent = np.asarray(left)
        of_piece = np.divide(unsent, self.dirtying.pages, out=np.zeros_like(unsent), where=self.dirtying.pages > 0)
        dirtied = self.dirtying.distinct_pages(seconds)
        clean = 1 - np.divide(dirtied, self.dirtying.pages, out=np.zeros_like(unsent), where=self.dirtying.pages > 0)
        self._zero_pages = self._zero_pages * self._share(unsent) * clean
        self.pages = unsent + dirtied * (1 - of_piece)
        self.round += 1

    def _share(self, left: Floats) -> Floats:
        """Which part of the pass `left` is, per piece."""
        return np.divide(left, self.pages, out=np.zeros_like(left), where=self.pages > 0)
