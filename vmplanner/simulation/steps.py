"""The words in which a technique tells the simulator what it does next.

A technique is a generator: it yields steps, and the simulator sends back what came of each. Between two steps only time
passes and bytes flow, so that the simulator can go from event to event without a time step.
"""

import math
from collections.abc import Generator, Iterable

from attrs import define, field, frozen

from vmplanner.domain.events import Afterwards
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.domain.results import Outcome, Phase, usual_guest_share
from vmplanner.simulation.demand_paging import DemandPaging
from vmplanner.simulation.policy import Policy


# Parts, groups and what goes to and fro never change, but plans make millions of them: a frozen class takes three times
# as long to make one.
@define
class Part:
    """Pages of one class: their bytes on the wire, and the sender's time to find them empty where they are, or to make
    them smaller.

    Where threads pack them that is with all the cores that packing has; they need `packing_s` of one core, and the
    sender `before_s` to hand them over.
    """

    piece: str
    kind: PieceKind
    pages: float
    wire_bytes: int
    cpu_s: float = 0.0
    is_empty: bool = False
    class_index: int = -1
    packing_s: float = 0.0
    before_s: float = 0.0

    def remaining(self, share: float) -> "Part":
        """The last `share` of it."""
        wire, cpu_s = round(self.wire_bytes * share), self.cpu_s * share
        part = Part(self.piece, self.kind, self.pages * share, wire, cpu_s, self.is_empty, self.class_index)
        if self.packing_s:
            part.packing_s, part.before_s = self.packing_s * share, self.before_s * share
        return part

    def crowded_s(self, core_share: float, packing_cores: float) -> float:
        """The sender's time where it has only a share of a core, and packing no more than so many cores."""
        if not self.packing_s:
            return self.cpu_s / core_share
        return max(self.cpu_s, self.before_s / core_share + self.packing_s / packing_cores)


@define
class Group:
    """Parts that are sent mixed evenly, and what they add up to."""

    parts: tuple[Part, ...]
    pages: float
    wire_bytes: int
    cpu_s: float

    @classmethod
    def of(cls, *parts: Part) -> "Group":
        if len(parts) == 1:
            return cls(parts, parts[0].pages, parts[0].wire_bytes, parts[0].cpu_s)
        pages, wire_bytes, cpu_s = 0.0, 0, 0.0
        for part in parts:
            pages += part.pages
            wire_bytes += part.wire_bytes
            cpu_s += part.cpu_s
        return cls(parts, pages, wire_bytes, cpu_s)

    @property
    def sender_bytes_per_s(self) -> float:
        """The rate at which the sender can find and make them."""
        return self.wire_bytes / self.cpu_s if self.cpu_s else math.inf

    def crowded_bytes_per_s(self, core_share: float, packing_cores: float) -> float:
        """That rate where its processors are shared: `Part.crowded_s`."""
        seconds = sum([part.crowded_s(core_share, packing_cores) for part in self.parts])
        return self.wire_bytes / seconds if seconds else math.inf


@define
class Pause:
    """Nothing is sent for `duration_s`, but one exchange with the target. The guest makes `guest_share` of its work."""

    phase: Phase
    round: int
    duration_s: float
    guest_share: float = field(default=usual_guest_share())


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
    return tuple(groups) or (Group.of(),)


@define
class Transfer:
    """Send groups one after the other, no faster than `cap_bytes_per_s`; to the end, or until `early` lets it go or
    `until_s` have passed.

    Where there is nothing to send it has one empty group. The guest makes `guest_share` of its work, at this `throttle`
    of its processors; where it runs at the target already, `paging` says how much.
    """

    phase: Phase
    round: int
    groups: tuple[Group, ...] = field(converter=_at_least_one)
    cap_bytes_per_s: float = math.inf
    early: Early | None = None
    until_s: float = math.inf
    guest_share: float = field(default=usual_guest_share())
    paging: DemandPaging | None = None
    throttle: float = 0.0


@define
class Done:
    """What the simulator sends back: the step's duration, the bytes sent, what was left unsent, the bytes of
    pages that the transfer's last rate would carry within its `early.below_s`, and that rate."""

    duration_s: float
    sent_bytes: int = 0
    left: tuple[Part, ...] = ()
    threshold_bytes: float = 0.0
    bytes_per_s: float = math.inf


@frozen
class Ending:
    """How the migration ended; `reason` is one sentence. `afterwards` is what the guest still does at the target, and
    the rest what the hypervisor would say of the migration, None where it says nothing.
    """

    outcome: Outcome
    reason: str = ""
    afterwards: tuple[Afterwards, ...] = ()
    reported_total_s: float | None = None
    reported_downtime_s: float | None = None


Step = Pause | Transfer
Process = Generator[Step, Done, Ending]


def device_state(policy: Policy) -> Group:
    """The CPU and device state that goes with the last pass."""
    pages = policy.device_state_bytes / PAGE_BYTES
    return Group.of(Part(PieceKind.DEVICE_STATE.value, PieceKind.DEVICE_STATE, pages, policy.device_state_bytes))
