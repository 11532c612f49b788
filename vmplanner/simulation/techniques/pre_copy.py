"""Pre-copy: send everything while the guest runs, then again what it wrote meanwhile, until the policy says stop.

After Clark et al. (NSDI 2005). What is pending after each round is in pending.py; the stop rules are those of
policies.py: one function here for each.
"""

import math
from collections.abc import Generator
from enum import Enum, auto

import numpy as np

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Technique
from vmplanner.domain.quantities import BYTES, PAGE_BYTES, SECONDS
from vmplanner.domain.results import Outcome, Phase
from vmplanner.simulation.dirtying import Floats
from vmplanner.simulation.policies import Adaptive, Policy, Rounds, Threshold
from vmplanner.simulation.steps import Done, Early, Ending, Pause, Process, Step, Transfer, device_state
from vmplanner.simulation.techniques.auto_converge import AutoConverge
from vmplanner.simulation.techniques.pending import Pending
from vmplanner.simulation.techniques.post_copy import switch_over


class Then(Enum):
    """What follows the live rounds."""

    STOP = auto()
    POST_COPY = auto()


# What a stop rule is: it yields live rounds and returns what follows them, or how the migration ended in them.
LiveRounds = Generator[Step, Done, Then | Ending]

# A round counts as progress when it brings the pending pages below this share of the lowest count so far.
_PROGRESS = 0.999


def pre_copy(machine: VirtualMachine, migration: Migration, policy: Policy) -> Process:
    """The steps of a pre-copy migration."""
    yield Pause(Phase.PREFLIGHT, 0, policy.setup_s)
    return (yield from copy_live(Pending.of(machine, migration, policy), machine, migration, policy))


def copy_live(pending: Pending, machine: VirtualMachine, migration: Migration, policy: Policy) -> Process:
    """The steps from the first live round to the guest's resume at the target."""
    cap = policy.effective_cap(migration.max_bandwidth_bytes_per_s)
    match policy.stop:
        case Threshold():
            rounds = _until_threshold(
                pending, policy.stop, migration, AutoConverge(migration.options, machine.cpu_use), cap
            )
            last_cap = math.inf  # QEMU does not hold the last pass to max-bandwidth
        case Rounds():
            rounds = _fixed_rounds(pending, policy.stop, cap)
            last_cap = cap
        case Adaptive():
            rounds = _adaptive_rounds(pending, policy, policy.stop, cap)
            last_cap = min(cap, policy.stop.max_bytes_per_s)
    then = yield from rounds
    if isinstance(then, Ending):
        return then
    if then is Then.POST_COPY:
        return (yield from switch_over(pending, migration, policy))
    yield Transfer(Phase.STOP_AND_COPY, pending.round, (*pending.groups(), device_state(policy)), last_cap)
    yield Pause(Phase.RESUME, pending.round, policy.resume_s)
    return Ending(Outcome.COMPLETED)


def _until_threshold(
    pending: Pending, rule: Threshold, migration: Migration, throttle: AutoConverge, cap: float
) -> LiveRounds:
    """QEMU: a round goes on while its pages would take longer than the downtime limit."""
    limit_s = migration.downtime_limit_s or rule.downtime_limit_s
    early = Early(limit_s, rule.look_every_s, rule.burst_bytes)
    lowest = math.inf
    stalled = 0
    while True:
        done = yield Transfer(Phase.PRE_COPY, pending.round, pending.groups(), cap, early)
        found = pending.next_round(done.duration_s, done.left, throttle.guest_share)
        if pending.bytes <= done.threshold_bytes:
            return Then.STOP
        if migration.technique is Technique.HYBRID and pending.round > migration.options.switch_after_rounds:
            return Then.POST_COPY
        throttle.synchronised(done.duration_s, found * PAGE_BYTES, done.sent_bytes)
        stalled = 0 if pending.bytes < lowest * _PROGRESS else stalled + 1
        lowest = min(lowest, pending.bytes)
        if stalled >= rule.stalled_rounds and not throttle.can_slow_more:
            return Ending(
                Outcome.NOT_CONVERGED,
                f"the guest writes as fast as the network carries: {BYTES.format(pending.bytes)} stay pending and only "
                f"{BYTES.format(done.threshold_bytes)} fit into a downtime of {SECONDS.format(limit_s)}",
            )


def _fixed_rounds(pending: Pending, rule: Rounds, cap: float) -> LiveRounds:
    """Xen 4: a number of rounds, or until a round that is below the target, which is still sent live."""
    is_last = False
    while not is_last:
        is_last = pending.round == rule.max_rounds or float(pending.pages.sum()) < rule.target_pages
        done = yield Transfer(Phase.PRE_COPY, pending.round, pending.groups(), cap)
        pending.next_round(done.duration_s, done.left)
    return Then.STOP


def _adaptive_rounds(pending: Pending, policy: Policy, rule: Adaptive, cap: float) -> LiveRounds:
    """Xen 3: each round at the last one's dirty rate plus a step; pages dirtied before their turn wait for the next
    round.
    """
    memory_bytes = pending.bytes
    sent_bytes = 0.0
    rate = rule.min_bytes_per_s
    while True:
        pending.drop(_skipped(pending, policy, min(rate, cap)))
        sent_bytes += pending.bytes
        done = yield Transfer(Phase.PRE_COPY, pending.round, pending.groups(), min(rate, cap))
        pending.next_round(done.duration_s, done.left)
        dirty_rate = pending.bytes / done.duration_s if done.duration_s else 0.0
        rate = max(rule.min_bytes_per_s, dirty_rate + rule.step_bytes_per_s)
        if (
            pending.bytes < rule.target_bytes
            or rate > rule.max_bytes_per_s
            or pending.round > rule.max_rounds
            or sent_bytes > rule.max_memory_factor * memory_bytes
        ):
            return Then.STOP


def _skipped(pending: Pending, policy: Policy, rate: float) -> Floats:
    """Pages per piece that are dirtied again before their turn in a round at `rate`; shape (pieces,).

    A page whose turn comes at time x of a round of T seconds is skipped when it was written in [0, x]. Turns are spread
    evenly over the round, so a share of mean over x of U(x)/N is skipped; T itself depends on it, hence the iteration.
    """
    turns = np.linspace(0, 1, 33)[:, None]
    size = np.maximum(pending.dirtying.pages, 1)
    skipped = np.zeros_like(pending.pages)
    for _ in range(20):
        seconds = float((pending.pages - skipped).sum()) * policy.page_bytes / rate
        written = pending.dirtying.distinct_pages(turns * seconds) / size
        skipped = pending.pages * np.trapezoid(written, turns, axis=0)
    return skipped
