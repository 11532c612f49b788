"""What is known of a hypervisor's way of migrating: when it stops iterating, and what pages, pauses and caps cost.

What a user may set otherwise for a host says so in its field's metadata (about.py); policy_values.py applies it.
"""

import math

from attrs import evolve, field, frozen

from vmplanner.domain.plans import Technique
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, CORES, GIB, MIB, RATIO, SECONDS, SHARE
from vmplanner.domain.topology import PolicyName
from vmplanner.simulation.about import about
from vmplanner.simulation.stop_rules import StopRule

# Bytes of a page, which are counted one by one.
_PAGE_SIZE = evolve(BYTES, shown=("B",), default_unit="B")
_DAY_S = 86_400.0
_MOST_PAGE_BYTES = 1 * MIB
_MOST_BYTES_PER_S = 1.25e12


@frozen
class Policy:
    """One hypervisor's way of migrating.

    A non-zero page costs `page_bytes` on the wire, a zero page `zero_page_bytes` and `zero_page_cpu_s` of the sender's
    time, of which `hidden_scan_s` in a stretch pass while the sender would wait anyway. `setup_s` comes before the
    first page; `device_state_bytes` go with the last pass; `resume_s` passes until the guest runs at the target. A
    bandwidth cap is kept by windows of `window_s`, each with a budget for `budget_s` that is rounded up to whole
    `flush_bytes`, and `window_excess_bytes` that leave after it is spent. In post-copy a guest waits `preempt_wait_s`
    for a page that has a connection of its own. A source that `reports` tells how long a migration and its downtime
    were; `stop_s` of the latter go to the guest's stop and to reading out its devices. An exchange with the target
    takes `latency_factor` times the way's latency, and a sender uses no more than `bandwidth_factor` of its narrowest
    link. Threads that pack pages have `packing_cores` between them (0: a core each), those that send `migration_cores`
    (0: a core each), and one that has only a share of a core sends as much of `core_bytes_per_s`. With `slows_guest` a
    guest that writes too much is slowed down unasked. `offers` are the techniques that it has, and `offers_options`
    says whether a pre-copy can be helped with `Options`.
    """

    name: PolicyName
    describes: str
    stop: StopRule
    page_bytes: int = field(
        metadata=about(
            "Page on the wire", _PAGE_SIZE, "What a page costs on the wire.", at_least=1, at_most=_MOST_PAGE_BYTES
        )
    )
    zero_page_bytes: int = field(
        metadata=about(
            "Zero page on the wire",
            _PAGE_SIZE,
            "What a page that holds only zeros costs on the wire.",
            at_least=1,
            at_most=_MOST_PAGE_BYTES,
        )
    )
    zero_page_cpu_s: float = field(
        metadata=about("Zero page scan", SECONDS, "What the sender needs to find a page all zeros.", at_most=1e-3)
    )
    hidden_scan_s: float = field(
        metadata=about(
            "Overlapped scan",
            SECONDS,
            "Search for pages of zeros that overlaps with sending and costs no time.",
            at_most=60,
            if_used=True,
        )
    )
    setup_s: float = field(metadata=about("Set-up", SECONDS, "What passes before the first page.", at_most=_DAY_S))
    device_state_bytes: int = field(
        metadata=about(
            "Device state", BYTES, "State of processors and devices, sent in the last pass.", at_most=1024 * GIB
        )
    )
    resume_s: float = field(
        metadata=about(
            "Resume", SECONDS, "What passes from the last page until the guest runs at the target.", at_most=_DAY_S
        )
    )
    window_s: float = field(
        default=0.0,
        metadata=about(
            "Cap window", SECONDS, "The windows by which a cap is kept.", at_least=1e-3, at_most=60, if_used=True
        ),
    )
    budget_s: float = field(
        default=0.0,
        metadata=about(
            "Cap budget",
            SECONDS,
            "What a cap gives in this time is sent in a window.",
            at_least=1e-3,
            at_most=60,
            if_used=True,
        ),
    )
    flush_bytes: int = field(
        default=0,
        metadata=about(
            "Cap step", BYTES, "What is sent in a window is rounded up to it.", at_least=1, at_most=GIB, if_used=True
        ),
    )
    window_excess_bytes: int = 0
    postcopy_resume_s: float = field(
        default=0.0,
        metadata=about(
            "Post-copy resume", SECONDS, "What passes until the guest runs then.", at_most=_DAY_S, if_used=True
        ),
    )
    preempt_wait_s: float = field(
        default=0.0,
        metadata=about(
            "Page fault wait", SECONDS, "What a wait for a page costs in post-copy.", at_most=60, if_used=True
        ),
    )
    reports: bool = False
    stop_s: float = field(
        default=0.0,
        metadata=about(
            "Guest's stop", SECONDS, "What stopping the guest adds to the reported downtime.", at_most=60, if_used=True
        ),
    )
    latency_factor: float = field(
        default=2.0,
        metadata=about(
            "Round trip", RATIO, "An exchange with the target, as a multiple of the latency one way.", at_most=1000
        ),
    )
    bandwidth_factor: float = field(
        default=1.0,
        metadata=about("Bandwidth used", SHARE, "The most that a sender takes of a link.", at_least=0.01, at_most=1),
    )
    packing_cores: float = field(
        default=0.0,
        metadata=about(
            "Cores for packing",
            CORES,
            "What the threads that pack pages have of the processors, all of them together.",
            at_least=0.01,
            at_most=1000,
            if_used=True,
        ),
    )
    migration_cores: float = field(
        default=32.0,
        metadata=about(
            "Cores for migrations",
            CORES,
            "What all migrations that leave a host at the same time have of its processors, packing aside.",
            at_least=0.01,
            at_most=1000,
            if_used=True,
        ),
    )
    core_bytes_per_s: float = field(
        default=2e9,
        metadata=about(
            "Sent by a core",
            BYTES_PER_S,
            "What one core can send. It holds migrations that have less than a core each.",
            at_least=125e3,
            at_most=_MOST_BYTES_PER_S,
            if_used=True,
        ),
    )
    slows_guest: bool = False
    offers: frozenset[Technique] = frozenset({Technique.PRE_COPY, Technique.STOP_AND_COPY, Technique.CHECKPOINT})
    offers_options: bool = False

    def effective_cap(self, max_bandwidth_bytes_per_s: float | None) -> float:
        """The rate that a bandwidth cap really allows, in bytes/s; infinite without a cap."""
        if max_bandwidth_bytes_per_s is None:
            return float("inf")
        if not self.window_s:
            return max_bandwidth_bytes_per_s
        flushes = math.ceil(max_bandwidth_bytes_per_s * self.budget_s / self.flush_bytes)
        return (flushes * self.flush_bytes + self.window_excess_bytes) / self.window_s
