"""The words in which a technique tells the simulator what it does next.

A technique is a generator: it yields steps, and the simulator sends back what came of each. Between two steps only time
passes and bytes flow, so that the simulator can go from event to event without a time step.
"""

import math
from collections.abc import Generator, Iterable

from attrs import evolve, field, frozen

from vmplanner.domain.machines import PieceKind
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.domain.results import Outcome, Phase
from vmplanner.simulation.policies import Policy


@frozen
class Part:
    """Pages of one class: their bytes on the wire, and the sender's time to find them empty where they are."""

    piece: str
    kind: PieceKind
    pages: float
    wire_bytes: int
    cpu_s: float = 0.0
    is_empty: bool = False
    class_index: int = -1

    def remaining(self, share: float) -> "Part":
        """The last `share` of it."""
        return evolve(
            self, pages=self.pages * share, wire_bytes=round(self.wire_bytes * share), cpu_s=self.cpu_s * share
        )


@frozen
class Group:
    """Parts that are sent mixed evenly."""

    parts: tuple[Part, ...] = field(converter=tuple[Part, ...])
    pages: float = field(init=False)
    wire_bytes: int = field(init=False)
    cpu_s: float = field(init=False)

    @pages.default
    def _sum_pages(self) -> float:
        return sum(part.pages for part in self.parts)

    @wire_bytes.default
    def _sum_bytes(self) -> int:
        return sum(part.wire_bytes for part in self.parts)

    @cpu_s.default
    def _sum_cpu(self) -> float:
        return sum(part.cpu_s for part in self.parts)

    @property
    def sender_bytes_per_s(self) -> float:
        """The rate at which the sender can find and make them."""
        return self.wire_bytes / self.cpu_s if self.cpu_s else math.inf


@frozen
class Pause:
    """Nothing is sent for `duration_s`, but one exchange with the target."""

    phase: Phase
    round: int
    duration_s: float


@frozen
class Early:
    """When a transfer may end before all is sent: the pages left would take less than `below_s` at the present rate.

    The sender looks every `look_every_s`. Where the network is slower than its cap, it writes `burst_bytes` at a time
    instead and looks after each; as many bytes again lie in socket buffers and count as sent.
    """

    below_s: float
    look_every_s: float
    burst_bytes: int


def _at_least_one(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(groups) or (Group(()),)


@frozen
class Transfer:
    """Send groups one after the other, no faster than `cap_bytes_per_s`; to the end, or until `early` lets it go.

    Where there is nothing to send it has one empty group.
    """

    phase: Phase
    round: int
    groups: tuple[Group, ...] = field(converter=_at_least_one)
    cap_bytes_per_s: float = math.inf
    early: Early | None = None


@frozen
class Done:
    """What the simulator sends back: the step's duration, the bytes sent, what was left unsent, and the bytes of
    pages that the transfer's last rate would carry within its `early.below_s`."""

    duration_s: float
    sent_bytes: int = 0
    left: tuple[Part, ...] = ()
    threshold_bytes: float = 0.0


@frozen
class Ending:
    """How the migration ended; `reason` is one sentence."""

    outcome: Outcome
    reason: str = ""


Step = Pause | Transfer
Process = Generator[Step, Done, Ending]


def device_state(policy: Policy) -> Group:
    """The CPU and device state that goes with the last pass."""
    pages = policy.device_state_bytes / PAGE_BYTES
    return Group((Part(PieceKind.DEVICE_STATE.value, PieceKind.DEVICE_STATE, pages, policy.device_state_bytes),))
