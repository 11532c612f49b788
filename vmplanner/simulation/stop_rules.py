"""When a hypervisor stops iterating: the rules, each with its values.

What a user may set otherwise for a host says so in its field's metadata (about.py); policy_values.py applies it.
"""

from attrs import field, frozen

from vmplanner.domain.quantities import (
    BYTES,
    BYTES_PER_S,
    GIB,
    PAGE_BYTES,
    PAGES,
    RATIO,
    ROUNDS,
    SECONDS,
)
from vmplanner.simulation.about import about

_DAY_S = 86_400.0
_MOST_BYTES_PER_S = 1.25e12
_DOWNTIME_LIMIT = about(
    "Downtime limit",
    SECONDS,
    "The guest is stopped once what is left of it can be sent in this time. A planned move may have its own.",
    at_least=1e-3,
    at_most=_DAY_S,
)
_STALLED_ROUNDS = about(
    "Rounds without progress",
    ROUNDS,
    "So many rounds without fewer pages left than ever before, and the migration is called not converging.",
    at_least=1,
    at_most=1000,
)
_LIVE_ROUNDS = about(
    "Live rounds", ROUNDS, "After so many rounds the guest is stopped, whatever is left.", at_least=1, at_most=1000
)


@frozen
class Threshold:
    """Go on until what is left can be sent within the downtime limit (QEMU).

    A round ends when the pending pages would take less than the limit at the bandwidth just measured; then the dirty
    bitmap is synchronised, and the guest is stopped if the pending pages are still below the threshold. The sender
    looks at the pending pages every `look_every_s`, or after each `burst_bytes` where the network is slower than the
    sender; as many bytes lie in socket buffers then, count as sent, and delay the last pass.
    """

    downtime_limit_s: float = field(metadata=_DOWNTIME_LIMIT)
    look_every_s: float = field(
        metadata=about(
            "Check interval", SECONDS, "How often the sender looks whether it may stop.", at_least=0.01, at_most=60
        )
    )
    burst_bytes: int = field(
        metadata=about(
            "Burst size",
            BYTES,
            "What a sender writes at once to a slower network.",
            at_least=16 * PAGE_BYTES,
            at_most=GIB,
        )
    )
    # Planner's rule, not QEMU's, which never gives up: after so many rounds without a new lowest count of pending
    # pages the migration is called not converging.
    stalled_rounds: int = field(metadata=_STALLED_ROUNDS)


@frozen
class Switchover:
    """Whole rounds, until what is left can be sent within the downtime limit (vMotion, SimGrid).

    Each round sends all of its pages and ends with one exchange with the target. Its bytes by all of that time are the
    bandwidth by which the sender judges what was written meanwhile.
    """

    downtime_limit_s: float = field(metadata=_DOWNTIME_LIMIT)
    stalled_rounds: int = field(metadata=_STALLED_ROUNDS)  # the planner's rule, as in Threshold


@frozen
class Rounds:
    """A fixed number of live rounds, fewer when little is left; each sends all of its pages (Xen 4, Hyper-V)."""

    max_rounds: int = field(metadata=_LIVE_ROUNDS)
    target_pages: int = field(
        metadata=about("Dirty page target", PAGES, "A round with fewer pages is the last one live.", at_most=1e9)
    )


@frozen
class Adaptive:
    """Rounds whose rate follows the dirty rate (Xen 3, Clark et al. 2005).

    Round 1 goes at `min_bytes_per_s`. Where the guest wrote faster than a round was sent, the next goes at its dirty
    rate plus `step_bytes_per_s`, at `max_bytes_per_s` at the most; a rate never falls. A round is the last one live
    when it goes at the highest rate and sends no fewer pages than the one before, when it began with less than
    `target_bytes`, after `max_rounds`, or when `max_memory_factor` times the memory has been sent. A page that is
    dirtied again before its turn in a round is skipped. Nothing is sent for `catch_up_s` while the guest is being
    suspended; the last pass may make up for as much.
    """

    min_bytes_per_s: float = field(
        metadata=about(
            "First rate", BYTES_PER_S, "The rate of round 1, and the lowest.", at_least=125e3, at_most=_MOST_BYTES_PER_S
        )
    )
    max_bytes_per_s: float = field(
        metadata=about(
            "Highest rate",
            BYTES_PER_S,
            "No round is faster. At this rate, the guest is stopped when a round sends no fewer pages.",
            at_least=125e3,
            at_most=_MOST_BYTES_PER_S,
        )
    )
    step_bytes_per_s: float = field(
        metadata=about(
            "Rate step", BYTES_PER_S, "How much faster a round is than the guest wrote.", at_most=_MOST_BYTES_PER_S
        )
    )
    target_bytes: int = field(
        metadata=about(
            "Dirty size target", BYTES, "A round that begins with less is the last one live.", at_most=1024 * GIB
        )
    )
    max_rounds: int = field(metadata=_LIVE_ROUNDS)
    max_memory_factor: float = field(
        metadata=about(
            "Sent at most", RATIO, "The guest is stopped when so often its memory was sent.", at_least=1, at_most=1000
        )
    )
    catch_up_s: float = field(
        metadata=about(
            "Catch-up", SECONDS, "Time of the guest's suspension that the last pass may make up for.", at_most=60
        )
    )


StopRule = Threshold | Switchover | Rounds | Adaptive
