"""The words in which a technique tells the simulator what it does next.

A technique is a generator: it yields steps, and the simulator sends back what came of each. Between two steps only time
passes and bytes flow, so that the simulator can go from event to event without a time step.
"""

import math
from collections.abc import Generator, Sequence

import numpy as np
from attrs import field, frozen

from vmplanner.domain.machines import Piece, PieceKind
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.domain.results import Outcome, Phase
from vmplanner.simulation.dirtying import Floats
from vmplanner.simulation.policies import Policy


@frozen
class Part:
    """Pages of one piece in a transfer: their bytes on the wire, and the sender's time to find them zero."""

    piece: str
    kind: PieceKind
    pages: float
    wire_bytes: int
    cpu_s: float = 0.0


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


@frozen
class Transfer:
    """Send parts, mixed evenly, no faster than `cap_bytes_per_s`; to the end, or until `early` lets it go."""

    phase: Phase
    round: int
    parts: Sequence[Part]
    cap_bytes_per_s: float = math.inf
    early: Early | None = None
    pages: float = field(init=False)
    wire_bytes: int = field(init=False)
    cpu_s: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "pages", sum(part.pages for part in self.parts))
        object.__setattr__(self, "wire_bytes", sum(part.wire_bytes for part in self.parts))
        object.__setattr__(self, "cpu_s", sum(part.cpu_s for part in self.parts))

    @property
    def demand_bytes_per_s(self) -> float:
        """The rate that the sender would reach alone."""
        return min(self.cap_bytes_per_s, self.wire_bytes / self.cpu_s if self.cpu_s else math.inf)


@frozen
class Done:
    """What the simulator sends back: the step's duration, the pages of each part that are left, and the bytes of
    pages that the transfer's last rate would carry within its `early.below_s`."""

    duration_s: float
    pages_left: tuple[float, ...] = ()
    threshold_bytes: float = 0.0


@frozen
class Ending:
    """How the migration ended; `reason` is one sentence."""

    outcome: Outcome
    reason: str = ""


Step = Pause | Transfer
Process = Generator[Step, Done, Ending]


def parts_of(pieces: Sequence[Piece], pages: Floats, zero_pages: Floats, policy: Policy) -> tuple[Part, ...]:
    """The parts for `pages` pages of each piece, `zero_pages` of which are zero; both of shape (pieces,)."""
    wire = np.rint((pages - zero_pages) * policy.page_bytes + zero_pages * policy.zero_page_bytes)
    return tuple(
        Part(piece.name, piece.kind, float(pages[i]), int(wire[i]), float(zero_pages[i]) * policy.zero_page_cpu_s)
        for i, piece in enumerate(pieces)
    )


def device_state(policy: Policy) -> Part:
    """The CPU and device state that goes with the last pass."""
    pages = policy.device_state_bytes / PAGE_BYTES
    return Part(PieceKind.DEVICE_STATE.value, PieceKind.DEVICE_STATE, pages, policy.device_state_bytes)
