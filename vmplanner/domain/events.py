"""What a migration under way tells about itself, on the clock of the session that carries it out."""

from typing import NamedTuple

from attrs import field, frozen

from vmplanner.domain.machines import PieceKind
from vmplanner.domain.results import Outcome, Phase, usual_guest_share


class Moved(NamedTuple):
    """Part of a piece that went over since the migration's previous event, its share of that time (0 to 1), and its
    pages, where they are known. (A tuple: plans make millions of them.)
    """

    piece: str
    kind: PieceKind
    bytes: int
    time_share: float
    pages: float = 0.0


NOTHING_MOVED = Moved("overhead", PieceKind.OVERHEAD, 0, 1.0)


@frozen
class Progressed:
    """From the migration's previous event (or its start) until `at_s` it was in `phase` and `round`, and moved
    `pieces`.

    The time shares of `pieces` add up to 1. Where nothing moves (set-up, resume) they are `(NOTHING_MOVED,)`.
    `remaining_bytes` is what is still to send in this round. The guest made `guest_share` of its work meanwhile (0 to
    1), and waited for `network_faults` pages from the source: a mean, so not always a whole number. `throttle` is the
    share of its processors' time that the hypervisor kept from it, to slow its writes down.
    """

    migration_id: str
    at_s: float
    phase: Phase
    round: int
    pieces: tuple[Moved, ...]
    remaining_bytes: int
    guest_share: float = field(default=usual_guest_share())
    network_faults: float = 0.0
    throttle: float = 0.0


@frozen
class Afterwards:
    """What the guest still does at the target when the migration is over and its source is free: `piece` is what it
    does it with, `guest_share` how much of its work it makes meanwhile.
    """

    phase: Phase
    round: int
    piece: str
    kind: PieceKind
    duration_s: float
    guest_share: float = field(default=usual_guest_share())


@frozen
class Ended:
    """The migration is over. `reason` is a sentence that says where the VM is when it is not on its target.

    `reported_total_s` and `reported_downtime_s` are the hypervisor's own figures, None where it gives none.
    """

    migration_id: str
    at_s: float
    outcome: Outcome
    reason: str = ""
    afterwards: tuple[Afterwards, ...] = ()
    reported_total_s: float | None = None
    reported_downtime_s: float | None = None


MigrationEvent = Progressed | Ended
