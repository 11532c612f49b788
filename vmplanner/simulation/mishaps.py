"""What becomes of a migration when something that it needs fails.

                    guest at its source     at its target, memory     at its target, all
                                            still at the source       memory is over
    way is cut      FAILED                  LOST                      goes on
    source down     LOST                    LOST                      goes on
    target down     FAILED                  LOST                      LOST

FAILED leaves the guest running where it was. LOST is the price of post-copy: no host has all of the guest. QEMU pauses
such a guest while its way is cut, until somebody gives it a new one (post-copy recovery); here nobody does. A guest
belongs to its target from its resume on.

A way is cut only where no other is left. Otherwise TCP outlives the change: its connections belong to addresses, and
give up after minutes only. The second that switches take to find the other way is not counted.
"""

from enum import Enum, auto

from vmplanner.domain.results import Outcome


class Mishap(Enum):
    """What a migration loses."""

    WAY = auto()
    SOURCE = auto()
    TARGET = auto()

    def outcome(self, *, has_switched: bool) -> Outcome:
        """How a migration ends by it that has memory to send, or needs its target."""
        return Outcome.LOST if has_switched or self is Mishap.SOURCE else Outcome.FAILED
