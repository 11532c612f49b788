"""Pre-copy: send everything while the guest runs, then again what it wrote meanwhile, until the policy says stop.

After Clark et al. (NSDI 2005). What is pending after each round is in pending.py; the stop rules are those of
stop_rules.py: one function here for each.
"""

import math
from collections.abc import Generator
from enum import Enum, auto

import numpy as np

from vmplanner.domain.edits import count
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Technique
from vmplanner.domain.quantities import BYTES, PAGE_BYTES, SECONDS, SHARE
from vmplanner.domain.results import Outcome, Phase
from vmplanner.simulation.dirtying import Floats
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.steps import Done, Early, Ending, Pause, Process, Step, Transfer, device_state
from vmplanner.simulation.stop_rules import Adaptive, Rounds, Switchover, Threshold
from vmplanner.simulation.techniques.auto_converge import AutoConverge
from vmplanner.simulation.techniques.free_page_hints import takes_hints
from vmplanner.simulation.techniques.pending import Pending
from vmplanner.simulation.techniques.post_copy import switch_over
from vmplanner.simulation.techniques.slow_down import SlowDown


class Then(Enum):
    """What follows the live rounds."""

    STOP = auto()
    STOP_BY_FORCE = auto()  # much is left, but the policy has no more rounds for it
    POST_COPY = auto()


# What a stop rule is: it yields live rounds and returns what follows them, or how the migration ended in them.
LiveRounds = Generator[Step, Done, Then | Ending]

# A window of time is over when this share of it is: rounding must not make it a second one.
_ALMOST = 1 - 1e-9

# Xen 3 ends when a round sends more than the one before. What a real guest writes varies by some per cent from round to
# round, so that this happens as soon as rounds shrink by less; a simulated guest's rounds would shrink for ever.
_AS_MANY = 0.95

# Planner's rule: policies that stop a guest whatever is left have no downtime limit. A last pass longer than the most
# generous limit of those that have one, vMotion's, is told as a pre-copy that did not converge.
_LONG_PASS_S = 0.5

# A round counts as progress when it brings the pending pages below this share of the lowest count so far.
_PROGRESS = 0.999


class _Progress:
    """Whether live rounds still lead anywhere."""

    def __init__(self, stalled_rounds: int) -> None:
        self._most_rounds = stalled_rounds
        self._rounds = 0
        self._lowest_bytes = math.inf

    def has_stalled(self, pending_bytes: float) -> bool:
        """A round is over that left so much: whether it was one too many without progress."""
        self._rounds = 0 if pending_bytes < self._lowest_bytes * _PROGRESS else self._rounds + 1
        self._lowest_bytes = min(self._lowest_bytes, pending_bytes)
        return self._rounds >= self._most_rounds


class _Switch:
    """When a hybrid copy goes on by post-copy; never for any other. `seconds` have passed in live rounds.

    The order to switch comes from outside, when so many rounds are seen to be over or the time is, and QEMU follows it
    at the end of the window that it is in. A new round begins with a window.
    """

    def __init__(self, migration: Migration, rule: Threshold) -> None:
        options = migration.options
        is_hybrid = migration.technique is Technique.HYBRID
        self.seconds = 0.0
        self._window_s = rule.look_every_s
        self._after_rounds = options.switch_after_rounds if is_hybrid else math.inf
        self._after_s = math.inf
        if is_hybrid and options.switch_after_s is not None:
            self._after_s = math.ceil(options.switch_after_s / self._window_s * _ALMOST) * self._window_s

    @property
    def within_s(self) -> float:
        return self._after_s - self.seconds

    def is_due(self, rounds: int) -> bool:
        if self.seconds >= self._after_s * _ALMOST:
            return True
        if rounds >= self._after_rounds:
            self._after_s = min(self._after_s, self.seconds + self._window_s)
        return False


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
        case Switchover():
            rounds = _until_switchover(pending, policy.stop, migration, SlowDown(policy.slows_guest), cap)
            last_cap = cap
        case Rounds():
            rounds = _fixed_rounds(pending, policy.stop, cap)
            last_cap = cap
        case Adaptive():
            rounds = _adaptive_rounds(pending, policy, policy.stop, cap, machine.memory_bytes)
            last_cap = cap
    then = yield from rounds
    if isinstance(then, Ending):
        return then
    if then is Then.POST_COPY:
        return (yield from switch_over(pending, machine, migration, policy))
    if isinstance(policy.stop, Adaptive):
        last_cap = min(cap, _catching_up(pending, policy, policy.stop))
    if math.isinf(last_cap):
        pending.lift_cap()
    done = yield Transfer(Phase.STOP_AND_COPY, pending.round, (*pending.groups(), device_state(policy)), last_cap)
    yield Pause(Phase.RESUME, pending.round, policy.resume_s + pending.target_behind_s(done.duration_s))
    is_forced = then is Then.STOP_BY_FORCE and done.duration_s > _LONG_PASS_S
    return Ending(Outcome.COMPLETED, _forced(pending.round - 1, done) if is_forced else "")


def _until_threshold(
    pending: Pending, rule: Threshold, migration: Migration, throttle: AutoConverge, cap: float
) -> LiveRounds:
    """QEMU: a round goes on while its pages would take longer than the downtime limit."""
    limit_s = migration.downtime_limit_s or rule.downtime_limit_s
    early = Early(limit_s, rule.look_every_s, rule.burst_bytes)
    progress = _Progress(rule.stalled_rounds)
    switch = _Switch(migration, rule)
    while True:
        share = throttle.guest_share
        done = yield Transfer(
            Phase.PRE_COPY,
            pending.round,
            pending.groups(),
            cap,
            None if pending.round == 1 and takes_hints(migration) else early,
            switch.within_s,
            guest_share=share,
            throttle=throttle.throttle,
        )
        switch.seconds += done.duration_s
        found = pending.next_round(done.duration_s, done.left, share)
        pending_bytes = pending.bytes
        if pending_bytes <= done.threshold_bytes:
            return Then.STOP
        if switch.is_due(pending.round - 1):
            return Then.POST_COPY
        throttle.synchronised(done.duration_s, found * PAGE_BYTES, done.sent_bytes)
        if progress.has_stalled(pending_bytes) and not throttle.can_slow_more:
            slowed = _slowed(throttle.throttle, "auto-converge")
            return _not_converging(pending_bytes, done.threshold_bytes, limit_s, slowed)


def _until_switchover(
    pending: Pending, rule: Switchover, migration: Migration, guest: SlowDown, cap: float
) -> LiveRounds:
    """vMotion, SimGrid: whole rounds, each with an exchange at its end, until the rest fits into the downtime limit."""
    limit_s = migration.downtime_limit_s or rule.downtime_limit_s
    progress = _Progress(rule.stalled_rounds)
    while True:
        share = guest.guest_share
        sent = yield Transfer(Phase.PRE_COPY, pending.round, pending.groups(), cap, guest_share=share)
        answered = yield Pause(Phase.PRE_COPY, pending.round, 0.0, share)
        seconds = sent.duration_s + answered.duration_s
        pending.next_round(seconds, sent.left, share)
        left_bytes = sum(group.wire_bytes for group in pending.groups())
        fitting_bytes = sent.sent_bytes / seconds * limit_s if seconds else math.inf
        if left_bytes <= fitting_bytes:
            return Then.STOP
        guest.round_over(left_bytes, sent.sent_bytes)
        if progress.has_stalled(left_bytes) and not guest.can_slow_more:
            return _not_converging(left_bytes, fitting_bytes, limit_s, _slowed(1 - guest.guest_share, "the hypervisor"))


def _not_converging(pending_bytes: float, fitting_bytes: float, limit_s: float, slowed: str) -> Ending:
    return Ending(
        Outcome.NOT_CONVERGED,
        f"the guest writes {BYTES.format(pending_bytes)} again in every round, and only {BYTES.format(fitting_bytes)} "
        f"can be sent within the downtime limit of {SECONDS.format(limit_s)}{slowed}",
    )


def _slowed(share: float, by: str) -> str:
    """What was tried, for the end of a sentence."""
    return f", though {by} slowed it down by up to {SHARE.format(share, digits=2)}" if share else ""


def _forced(rounds: int, last: Done) -> str:
    left = f"{BYTES.format(last.sent_bytes)} were left, for {SECONDS.format(last.duration_s)} of downtime"
    return f"forced to stop after {count(rounds, 'round')}, did not converge: {left}"


def _fixed_rounds(pending: Pending, rule: Rounds, cap: float) -> LiveRounds:
    """Xen 4, Hyper-V: a number of rounds, or until a round that is below the target, which is still sent live."""
    is_last = is_small = False
    while not is_last:
        is_last = pending.round == rule.max_rounds or float(pending.pages.sum()) < rule.target_pages
        done = yield Transfer(Phase.PRE_COPY, pending.round, pending.groups(), cap)
        is_small = float(pending.pages.sum()) < rule.target_pages
        pending.next_round(done.duration_s, done.left)
    return Then.STOP if is_small else Then.STOP_BY_FORCE


def _adaptive_rounds(pending: Pending, policy: Policy, rule: Adaptive, cap: float, memory_bytes: int) -> LiveRounds:
    """Xen 3: rates rise with the dirty rate; pages dirtied before their turn wait for the next round."""
    all_sent, sent_before = 0.0, math.inf
    rate = rule.min_bytes_per_s
    while True:
        is_small = pending.bytes < rule.target_bytes
        pending.drop(_skipped(pending, policy, min(rate, cap)))
        sent = pending.bytes
        all_sent += sent
        done = yield Transfer(Phase.PRE_COPY, pending.round, pending.groups(), min(rate, cap))
        pending.next_round(done.duration_s, done.left)
        if (
            is_small
            or (rate >= rule.max_bytes_per_s and sent > _AS_MANY * sent_before)
            or pending.round > rule.max_rounds
            or all_sent > rule.max_memory_factor * memory_bytes
        ):
            return Then.STOP if is_small else Then.STOP_BY_FORCE
        sent_before = sent
        dirty_rate = pending.bytes / done.duration_s if done.duration_s else 0.0
        if dirty_rate > rate:
            rate = min(rule.max_bytes_per_s, dirty_rate + rule.step_bytes_per_s)


def _skipped(pending: Pending, policy: Policy, rate: float) -> Floats:
    """Pages per class that are dirtied again before their turn in a round at `rate`; shape (classes,).

    Turns are spread evenly over the round's T seconds: skipped is the mean, over x from 0 to T, of the pending pages
    that are written in [0, x]. The longer a round, the more is skipped and the less is sent: T is searched by halves.
    """
    turns = (np.arange(32)[:, None] + 0.5) / 32
    pages, dirtying = pending.pages, pending.dirtying
    skipped = np.zeros_like(pages)
    shortest_s, longest_s = 0.0, float(pages.sum()) * policy.page_bytes / rate
    for _ in range(30):
        seconds = (shortest_s + longest_s) / 2
        until_s = turns * seconds
        written = dirtying.distinct_pages(until_s)
        either, _empty = dirtying.pending_after(until_s, written, pages, pages, np.zeros_like(pages))
        skipped = (pages + written - either).mean(axis=0)
        if float((pages - skipped).sum()) * policy.page_bytes / rate > seconds:
            shortest_s = seconds
        else:
            longest_s = seconds
    return skipped


def _catching_up(pending: Pending, policy: Policy, rule: Adaptive) -> float:
    """The rate of the last pass, in bytes/s: the highest, and what was not sent while the guest was being suspended."""
    wire_bytes = float(sum(group.wire_bytes for group in pending.groups())) + policy.device_state_bytes
    seconds = wire_bytes / rule.max_bytes_per_s - rule.catch_up_s
    return wire_bytes / seconds if seconds > 0 else math.inf
