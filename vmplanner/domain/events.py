"""What a migration under way tells about itself, on the clock of the session that carries it out."""

from attrs import frozen

from vmplanner.domain.machines import PieceKind
from vmplanner.domain.results import Outcome, Phase


@frozen
class Moved:
    """Part of a piece that went over since the migration's previous event, and its share of that time (0 to 1)."""

    piece: str
    kind: PieceKind
    bytes: int
    time_share: float


NOTHING_MOVED = Moved("overhead", PieceKind.OVERHEAD, 0, 1.0)


@frozen
class Progressed:
    """From the migration's previous event (or its start) until `at_s` it was in `phase` and `round`, and moved
    `pieces`.

    The time shares of `pieces` add up to 1. Where nothing moves (set-up, resume) they are `(NOTHING_MOVED,)`.
    `remaining_bytes` is what is still to send in this round.
    """

    migration_id: str
    at_s: float
    phase: Phase
    round: int
    pieces: tuple[Moved, ...]
    remaining_bytes: int


@frozen
class Ended:
    """The migration is over. `reason` is a sentence that says where the VM is when it is not on its target."""

    migration_id: str
    at_s: float
    outcome: Outcome
    reason: str = ""


MigrationEvent = Progressed | Ended
