"""When a hypervisor stops iterating, and what a page costs it: as data, each constant with its source.

`measured` below means: by us, with QEMU 10.0.2 under its own emulation, one vCPU, 107 migrations of a small Linux
guest.
"""

import math

from attrs import frozen

from vmplanner.domain.plans import Technique
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.domain.topology import PolicyName


@frozen
class Threshold:
    """Go on until what is left can be sent within the downtime limit (QEMU).

    A round ends when the pending pages would take less than the limit at the bandwidth just measured; then the dirty
    bitmap is synchronised, and the guest is stopped if the pending pages are still below the threshold. The sender
    looks at the pending pages every `look_every_s`, or after each `burst_bytes` where the network is slower than the
    sender; as many bytes lie in socket buffers then, count as sent, and delay the last pass.
    """

    downtime_limit_s: float
    look_every_s: float
    burst_bytes: int
    # Planner's rule, not QEMU's, which never gives up: after so many rounds without a new lowest count of pending
    # pages the migration is called not converging.
    stalled_rounds: int


@frozen
class Rounds:
    """A fixed number of live rounds, fewer when little is left; each sends all of its pages (Xen 4)."""

    max_rounds: int
    target_pages: int


@frozen
class Adaptive:
    """Rounds whose rate follows the dirty rate (Clark et al. 2005, Xen 3).

    Round 1 goes at `min_bytes_per_s`, each later one at the dirty rate of the round before plus `step_bytes_per_s`, but
    no slower than that. The last pass comes when the rate would pass `max_bytes_per_s`, when less than `target_bytes`
    is left, after `max_rounds`, or when `max_memory_factor` times the memory has been sent. A page that is dirtied
    again before its turn in a round is skipped.
    """

    min_bytes_per_s: float
    max_bytes_per_s: float
    step_bytes_per_s: float
    target_bytes: int
    max_rounds: int
    max_memory_factor: float


@frozen
class Policy:
    """One hypervisor's way of migrating.

    A non-zero page costs `page_bytes` on the wire, a zero page `zero_page_bytes` and `zero_page_cpu_s` of the sender's
    time, of which `hidden_scan_s` in a stretch pass while the sender would wait anyway. `setup_s` comes before the
    first page; `device_state_bytes` go with the last pass; `resume_s` passes until the guest runs at the target. A
    bandwidth cap is kept by windows of `window_s`, each with a budget for `budget_s` that is rounded up to whole
    `flush_bytes`, and `window_excess_bytes` that leave after it is spent. `offers` are the techniques that it has, and
    `offers_options` says whether a pre-copy can be helped with `Options`.
    """

    name: PolicyName
    describes: str
    stop: Threshold | Rounds | Adaptive
    page_bytes: int
    zero_page_bytes: int
    zero_page_cpu_s: float
    hidden_scan_s: float
    setup_s: float
    device_state_bytes: int
    resume_s: float
    window_s: float = 0.0
    budget_s: float = 0.0
    flush_bytes: int = 0
    window_excess_bytes: int = 0
    postcopy_resume_s: float = 0.0
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


# BUFFER_DELAY in migration/migration.h is 100 ms; measured: the timer is 0.2 ms late on the average.
_QEMU_WINDOW_S = 0.1002

QEMU = Policy(
    PolicyName.QEMU,
    describes="QEMU 10.0",
    stop=Threshold(
        downtime_limit_s=0.3,  # the default of downtime-limit (qapi/migration.json)
        look_every_s=_QEMU_WINDOW_S,  # one look at the start of a window
        burst_bytes=2_900_000,  # measured on shaped links: the step in which a full socket takes data again
        stalled_rounds=30,
    ),
    page_bytes=PAGE_BYTES + 8,  # measured: transferred = 4104 per normal page, exact in all idle runs
    zero_page_bytes=9,  # measured, exact; 8 bytes of header and one of content
    zero_page_cpu_s=1e-6,  # measured
    hidden_scan_s=0.1,  # the window; 86 ms where the sender waits for a shaped network
    setup_s=0.003,  # measured, median
    device_state_bytes=114_000,  # measured, 113,400 to 114,600
    resume_s=0.010,  # measured: STOP to RESUME less the bytes of the last pass
    window_s=_QEMU_WINDOW_S,
    budget_s=0.1,
    postcopy_resume_s=0.0146,  # measured: the target loads the devices' state and registers its memory for faults
    offers=frozenset(Technique),
    offers_options=True,
    flush_bytes=32 * (PAGE_BYTES + 8),  # measured: the budget of a window is counted at each flush of 32 pages
)

XEN_4 = Policy(
    PolicyName.XEN_4,
    describes="Xen 4.7 to 4.20 (libxenguest, migration stream version 2)",
    stop=Rounds(max_rounds=5, target_pages=50),  # SPP_MAX_ITERATIONS, SPP_TARGET_DIRTY_COUNT in xg_sr_save.c
    page_bytes=PAGE_BYTES + 8,  # stream v2: an 8-byte frame number a page; record headers are 16 bytes per 1,024 pages
    zero_page_bytes=PAGE_BYTES + 8,  # stream v2 sends the content of every page that is populated
    zero_page_cpu_s=0.0,
    hidden_scan_s=0.0,
    setup_s=0.05,  # assumption, not measured: xl's handshake
    device_state_bytes=200_000,  # assumption, not measured: vCPU, HVM and device-model records
    resume_s=0.05,  # assumption, not measured: devices connect again, the target unpauses
)

XEN_3 = Policy(
    PolicyName.XEN_3,
    describes="Xen 3 as in Clark et al., NSDI 2005",
    # The rates and the 256 KB are the paper's; 29 rounds and three times the memory are those of Xen 3's
    # xc_linux_save.c.
    stop=Adaptive(
        min_bytes_per_s=100e6 / 8,
        max_bytes_per_s=500e6 / 8,
        step_bytes_per_s=50e6 / 8,
        target_bytes=256_000,
        max_rounds=29,
        max_memory_factor=3.0,
    ),
    page_bytes=PAGE_BYTES + 4,  # a 4-byte frame number a page
    zero_page_bytes=PAGE_BYTES + 4,
    zero_page_cpu_s=0.0,
    hidden_scan_s=0.0,
    setup_s=0.0,  # the paper's times begin with the first page
    device_state_bytes=0,
    resume_s=0.020,  # the paper has 9 ms for SPECweb99 and 40 ms for Quake 3; this is their geometric mean
)

_POLICIES = {policy.name: policy for policy in (QEMU, XEN_4, XEN_3)}


def policy_of(name: PolicyName) -> Policy:
    return _POLICIES[name]
