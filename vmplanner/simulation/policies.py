"""When a hypervisor stops iterating, and what a page costs it: as data. Each value's source is in policy_sources.py.

What a user may set otherwise for a host says so in its field's metadata (about.py); policy_values.py applies it.
"""

import math

from attrs import evolve, field, frozen

from vmplanner.domain.plans import Technique
from vmplanner.domain.quantities import (
    BYTES,
    BYTES_PER_S,
    CORES,
    GIB,
    MIB,
    PAGE_BYTES,
    PAGES,
    RATIO,
    ROUNDS,
    SECONDS,
    SHARE,
)
from vmplanner.domain.topology import PolicyName
from vmplanner.simulation.about import about

# Bytes of a page, which are counted one by one.
_PAGE_SIZE = evolve(BYTES, shown=("B",), default_unit="B")
_DAY_S = 86_400.0
_MOST_PAGE_BYTES = 1 * MIB
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
    stop: Threshold | Switchover | Rounds | Adaptive
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


_QEMU_WINDOW_S = 0.1002

QEMU = Policy(
    PolicyName.QEMU,
    describes="QEMU 10.0",
    stop=Threshold(
        downtime_limit_s=0.3,
        look_every_s=_QEMU_WINDOW_S,
        burst_bytes=2_900_000,
        stalled_rounds=30,
    ),
    page_bytes=PAGE_BYTES + 8,
    zero_page_bytes=9,
    zero_page_cpu_s=4.5e-7,
    hidden_scan_s=0.1,
    setup_s=0.003,
    device_state_bytes=114_000,
    resume_s=0.009,
    window_s=_QEMU_WINDOW_S,
    budget_s=0.1,
    postcopy_resume_s=0.0146,
    preempt_wait_s=0.0007,
    reports=True,
    stop_s=0.002,
    packing_cores=8.0,
    offers=frozenset(Technique),
    offers_options=True,
    flush_bytes=32 * (PAGE_BYTES + 8),
)

XEN_4 = Policy(
    PolicyName.XEN_4,
    describes="Xen 4.7 to 4.20 (libxenguest, migration stream version 2)",
    stop=Rounds(max_rounds=5, target_pages=50),
    page_bytes=PAGE_BYTES + 8,
    zero_page_bytes=PAGE_BYTES + 8,
    zero_page_cpu_s=0.0,
    hidden_scan_s=0.0,
    setup_s=0.05,
    device_state_bytes=200_000,
    resume_s=0.05,
)

XEN_3 = Policy(
    PolicyName.XEN_3,
    describes="Xen 3 as in Clark et al., NSDI 2005",
    # The rates and the 256 KB are the paper's. When a rate rises and what ends the rounds is as in Xen 3's
    # xc_linux_save.c (seen). The paper has it otherwise: it ends when the
    # next rate would pass the highest. Its memory muncher would then have had two live rounds; it had three.
    stop=Adaptive(
        min_bytes_per_s=100e6 / 8,
        max_bytes_per_s=500e6 / 8,
        step_bytes_per_s=50e6 / 8,
        target_bytes=256_000,
        max_rounds=29,
        max_memory_factor=3.0,
        # Seen in xc_linux_save.c: the limit adds up what was not used. With this the 222.5 MB of the memory muncher
        # take 3.5 s, as published.
        catch_up_s=0.09,
    ),
    page_bytes=PAGE_BYTES + 4,
    zero_page_bytes=PAGE_BYTES + 4,
    zero_page_cpu_s=0.0,
    hidden_scan_s=0.0,
    setup_s=0.0,
    device_state_bytes=0,
    resume_s=0.020,
)

VMOTION = Policy(
    PolicyName.VMOTION,
    describes="vMotion of VMware vSphere 5 to 8, as far as it is published; most of its constants are assumptions",
    stop=Switchover(downtime_limit_s=0.5, stalled_rounds=30),
    slows_guest=True,  # seen, since vSphere 5.0: techniques/slow_down.py
    page_bytes=PAGE_BYTES + 16,
    zero_page_bytes=16,
    zero_page_cpu_s=0.0,
    hidden_scan_s=0.0,
    setup_s=1.0,
    device_state_bytes=8 * MIB,
    resume_s=0.2,
)

HYPER_V = Policy(
    PolicyName.HYPER_V,
    describes="Hyper-V of Windows Server 2008 R2, over TCP/IP, uncompressed; most of its constants are assumptions",
    stop=Rounds(max_rounds=10, target_pages=1000),
    # Compression is on by default since 2012 R2 (seen: Msvm_VirtualSystemMigrationServiceSettingData); it is not
    # simulated, and neither is SMB.
    page_bytes=PAGE_BYTES + 8,
    zero_page_bytes=PAGE_BYTES + 8,
    zero_page_cpu_s=0.0,
    hidden_scan_s=0.0,
    setup_s=1.0,
    device_state_bytes=8 * MIB,
    resume_s=1.0,
)

SIMGRID = Policy(
    PolicyName.SIMGRID,
    describes="SimGrid's live-migration plug-in (VmLiveMigration.cpp, 2025), a formula to compare with",
    # Seen in the plug-in: 30 ms of the bandwidth just measured. Its guest writes at a constant rate into a working set
    # of 90 % of the memory by default: a sequential piece. A limit on the rate by TCP's window is not simulated.
    stop=Switchover(downtime_limit_s=0.03, stalled_rounds=30),
    page_bytes=PAGE_BYTES,
    zero_page_bytes=PAGE_BYTES,
    zero_page_cpu_s=0.0,
    hidden_scan_s=0.0,
    setup_s=0.0,
    device_state_bytes=0,
    resume_s=0.0,
    latency_factor=13.01,
    bandwidth_factor=0.97,
    migration_cores=0.0,
    core_bytes_per_s=0.0,
    offers=frozenset({Technique.PRE_COPY}),
)

POLICIES = {policy.name: policy for policy in (QEMU, XEN_4, XEN_3, VMOTION, HYPER_V, SIMGRID)}
