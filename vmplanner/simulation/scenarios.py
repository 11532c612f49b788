"""Plain pre-copy under a threshold policy (QEMU's) for very many scenarios at once: sweeps and Monte Carlo.

The model is that of techniques/pre_copy.py and pending.py, for a migration that has a link without delay for itself.
What is an event there is an array operation here, over arrays of shape (classes, scenarios): one row for each class of
pages, in the order of addresses. A chunk of scenarios fits into a core's cache, and those that have ended are dropped.
Scenarios with a pattern that needs many classes or powers of time are migrated apart, so that the others are not
slowed down.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

import numpy as np
from attrs import define, evolve, fields, frozen
from numpy.typing import NDArray

from vmplanner.domain.machines import MeasuredCurve
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import ZIPF_CLASSES, Dirtying, Floats, Growth, Law, share_of, zipf_shares
from vmplanner.simulation.policies import QEMU
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.rounds import look_s, top_pages
from vmplanner.simulation.stop_rules import Threshold

# Scenarios at a time: few enough for the cache, enough to make up for what a call of numpy costs.
_CHUNK = 16_384

# Seven digits are enough for pages and seconds, and twice as many numbers fit into the cache.
_REAL: Any = np.float32
# Divisors that would be 0 are this; the dividends are 0 then.
_TINY = _REAL(1e-30)
_NEVER_S = _REAL(1e30)
_NO_PIECE = np.empty(0, dtype=np.intp)


class PatternCode(IntEnum):
    """Write patterns as numbers in an array."""

    UNIFORM = 0
    SEQUENTIAL = 1
    HOT_COLD = 2
    ZIPF = 3
    POWER_LAW = 4
    MEASURED_CURVE = 5


# By PatternCode.
_LAWS = np.array((Law.SCATTERED, Law.WALK, Law.SCATTERED, Law.SCATTERED, Law.GROWTH, Law.GROWTH), dtype=np.int8)


@frozen(eq=False)
class Scenarios:
    """What differs between the scenarios. The pieces of a scenario make up all of its VM's memory, so memory that was
    never touched is a piece of its own, with a zero share of 1. See domain.machines.Piece for the fields.

    Arrays of the pieces have the shape (scenarios, pieces), the others (scenarios,).
    """

    pages: Floats
    writes_per_s: Floats
    pattern: NDArray[np.integer]  # of PatternCode
    zero_share: Floats
    hot_size_share: Floats  # read where the pattern is hot/cold
    hot_write_share: Floats
    exponent: Floats  # read where the pattern is Zipf or a power law
    curve: NDArray[np.integer]  # which of `curves`, read where the pattern is a measured curve
    bandwidth_bytes_per_s: Floats  # of the link
    max_bandwidth_bytes_per_s: Floats  # the sender's cap; infinite where it has none
    downtime_limit_s: Floats
    curves: tuple[MeasuredCurve, ...] = ()

    def __len__(self) -> int:
        return len(self.pages)

    def part(self, which: slice | NDArray[np.intp]) -> "Scenarios":
        """Some of the scenarios."""
        arrays = (each.name for each in fields(Scenarios) if each.name != "curves")
        return Scenarios(**{name: getattr(self, name)[which] for name in arrays}, curves=self.curves)


@frozen(eq=False)
class Outcomes:
    """What came of each scenario, shape (scenarios,). One that has not converged is cut after its last live round, and
    has no downtime. `rounds` counts the stop-and-copy pass too.
    """

    total_s: Floats
    downtime_s: Floats
    bytes: Floats
    rounds: NDArray[np.intp]
    converged: NDArray[np.bool_]

    @classmethod
    def zeros(cls, count: int) -> "Outcomes":
        return cls(
            np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count, dtype=np.intp), np.zeros(count, bool)
        )


def pre_copy_outcomes(scenarios: Scenarios, policy: Policy = QEMU, max_rounds: int = 30) -> Outcomes:
    """Migrate each scenario by pre-copy, in at most `max_rounds` live rounds. Raises ValueError for a policy that does
    not stop by a threshold.
    """
    outcomes = Outcomes.zeros(len(scenarios))
    for which in _chunks(scenarios.pattern):
        some = _migrate(scenarios.part(which), policy, max_rounds)
        for each in fields(Outcomes):
            getattr(outcomes, each.name)[which] = getattr(some, each.name)
    return outcomes


def _chunks(pattern: NDArray[np.integer]) -> Iterator[slice | NDArray[np.intp]]:
    """Which scenarios to migrate together."""
    is_simple: NDArray[np.bool_] = np.all(pattern <= PatternCode.HOT_COLD, axis=1)
    for start in range(0, len(pattern), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        for is_alike in (is_simple[chunk], ~is_simple[chunk]):
            if is_alike.any():
                yield chunk if is_alike.all() else start + np.flatnonzero(is_alike)


def _migrate(scenarios: Scenarios, policy: Policy, max_rounds: int) -> Outcomes:
    outcomes = Outcomes.zeros(len(scenarios))
    live = _Live.of(scenarios, policy)
    for number in range(1, max_rounds + 1):
        allowed_pages = live.round()
        is_done = live.pending_pages() <= allowed_pages
        if is_done.any():
            ended, live = live.chosen(is_done), live.chosen(~is_done)
            seconds, sent_bytes = ended.last_pass()
            outcomes.total_s[ended.index] = ended.passed_s + seconds
            outcomes.downtime_s[ended.index] = seconds
            outcomes.bytes[ended.index] = ended.sent_bytes + sent_bytes
            outcomes.rounds[ended.index] = number + 1
            outcomes.converged[ended.index] = True
            if not live.index.size:
                return outcomes
    outcomes.total_s[live.index] = live.passed_s
    outcomes.bytes[live.index] = live.sent_bytes
    outcomes.rounds[live.index] = max_rounds
    return outcomes


@frozen(eq=False)
class _Stretches:
    """Stretches of memory in the order in which a pass sends them. Arrays of the shape (stretches, scenarios)."""

    full: Floats
    empty: Floats
    wire_bytes: Floats
    cpu_s: Floats  # the sender's time for the empty pages

    def seconds(self, bytes_per_s: Floats) -> Floats:
        """How long each takes at a rate of shape (scenarios,)."""
        return np.maximum(self.wire_bytes / bytes_per_s, self.cpu_s)


@define(eq=False)
class _Live:
    """Scenarios under way, with their pending pages by class and what has passed so far."""

    policy: Policy
    rule: Threshold
    growth: Growth | None
    index: NDArray[np.intp]  # shape (scenarios,)
    # Shape (classes, scenarios), by the writes that a page gets, most first.
    law: NDArray[np.int8]
    is_untouched: NDArray[np.bool_]
    size: Floats
    writes_per_s: Floats
    full: Floats
    empty: Floats
    unsent: Floats  # of `full`, what the last pass left: the next one begins with it
    # Shape (scenarios,).
    link_bytes_per_s: Floats
    bytes_per_s: Floats  # of a sender that is not held up by empty pages
    below_s: Floats
    burst_bytes: Floats  # what lies in socket buffers; 0 where the cap binds
    look_every_s: Floats
    top_pages: Floats
    passed_s: Floats
    sent_bytes: Floats

    @classmethod
    def of(cls, scenarios: Scenarios, policy: Policy) -> "_Live":
        rule = policy.stop
        if not isinstance(rule, Threshold):
            raise ValueError(f"{policy.describes} does not stop by a threshold")
        page_shares, write_shares = _shares(scenarios)
        count = len(page_shares)
        size = _by_class(scenarios.pages * page_shares)
        writes_per_s = _by_class(scenarios.writes_per_s * write_shares)
        # Most written first, and last what is empty, of which only so much is kept as some scenario needs.
        is_empty = size == 0
        order = np.argsort(np.where(is_empty, 1.0, -share_of(writes_per_s, size)), axis=0, kind="stable")
        order = order[: max(1, len(order) - int(is_empty.sum(axis=0).min()))]

        def in_order(of_pieces: NDArray[Any]) -> NDArray[Any]:
            return np.take_along_axis(np.repeat(of_pieces.T, count, axis=0), order, axis=0)

        size, writes_per_s = (np.take_along_axis(array, order, axis=0) for array in (size, writes_per_s))
        zero_share, pattern = in_order(scenarios.zero_share), in_order(scenarios.pattern.astype(np.int8))
        law = _LAWS[pattern]
        growth = None
        if (law == Law.GROWTH).any():
            growth = Growth(
                np.where(pattern == PatternCode.POWER_LAW, in_order(scenarios.exponent), 1.0).astype(_REAL),
                np.where(pattern == PatternCode.MEASURED_CURVE, in_order(scenarios.curve), -1),
                scenarios.curves,
            )
        cap = _effective_caps(policy, scenarios.max_bandwidth_bytes_per_s)
        bytes_per_s = np.minimum(scenarios.bandwidth_bytes_per_s, cap)
        is_network_bound = scenarios.bandwidth_bytes_per_s < cap * (1 - 1e-9)
        reals: tuple[NDArray[Any], ...] = (
            size,
            writes_per_s,
            size * (1 - zero_share),
            size * zero_share,
            np.zeros_like(size),
            scenarios.bandwidth_bytes_per_s,
            bytes_per_s,
            scenarios.downtime_limit_s,
            is_network_bound * float(rule.burst_bytes),
            np.where(is_network_bound, rule.burst_bytes / bytes_per_s, rule.look_every_s),
            top_pages(scenarios.pages.sum(axis=1)),
            np.full(len(scenarios), policy.setup_s),
            np.zeros(len(scenarios)),
        )
        index = np.arange(len(scenarios))
        return cls(policy, rule, growth, index, law, zero_share == 1, *(array.astype(_REAL) for array in reals))

    def chosen(self, which: NDArray[np.bool_]) -> "_Live":
        """Those of the scenarios, shape (scenarios,)."""
        indices = np.flatnonzero(which)
        growth = self.growth and evolve(
            self.growth, exponent=self.growth.exponent[:, indices], curve=self.growth.curve[:, indices]
        )
        arrays = (getattr(self, name) for name in _LIVE_ARRAYS)
        return _Live(self.policy, self.rule, growth, *(array.take(indices, axis=-1) for array in arrays))

    def pending_pages(self) -> Floats:
        pages: Floats = (self.full + self.empty).sum(axis=0)
        return pages

    def round(self) -> Floats:
        """Make one live round. Returns how many pages may be pending after it for the guest to be stopped."""
        stretches = self._stretches()
        seconds, allowed_pages, left = self._sent_early(stretches)
        self.sent_bytes += (stretches.wire_bytes * (1 - left)).sum(axis=0)
        self.passed_s += seconds
        full_left, empty_left = self._left_by_class(stretches, left)
        before = self.full + self.empty
        dirtying = Dirtying(_NO_PIECE, self.size, self.writes_per_s, self.law, self.growth)
        dirtied = dirtying.distinct_pages(seconds)
        self.full, self.empty = dirtying.pending_after(seconds, dirtied, before, full_left, empty_left)
        self.unsent = np.minimum(full_left, self.full)
        return allowed_pages

    def last_pass(self) -> tuple[Floats, Floats]:
        """The pass with the guest at rest, which no cap holds up, until it runs again: seconds and bytes."""
        stretches, policy = self._stretches(), self.policy
        seconds = stretches.seconds(self.link_bytes_per_s).sum(axis=0)
        seconds += policy.device_state_bytes / self.link_bytes_per_s + policy.resume_s
        return seconds, stretches.wire_bytes.sum(axis=0) + policy.device_state_bytes

    def _stretches(self) -> _Stretches:
        """What is pending: what the last pass left, each class, and if there is memory that was never touched, that
        and the part of each class that lies above it.
        """
        policy, classes = self.policy, len(self.full)
        untouched = self.empty * self.is_untouched
        has_untouched = untouched.any()
        shape = (2 * classes + 2 if has_untouched else classes + 1, self.full.shape[1])
        full, empty = np.empty(shape, _REAL), np.empty(shape, _REAL)
        self.unsent.sum(axis=0, out=full[0])
        empty[0] = 0
        below, above = slice(1, classes + 1), slice(classes + 2, None)
        np.subtract(self.full, self.unsent, out=full[below])
        np.subtract(self.empty, untouched, out=empty[below])
        if has_untouched:
            full[classes + 1] = 0
            untouched.sum(axis=0, out=empty[classes + 1])
            self._fill_top(full[below], empty[classes + 1] > 0, full[above])
            np.multiply(empty[below], full[above] / np.maximum(full[below], _TINY), out=empty[above])
            full[below] -= full[above]
            empty[below] -= empty[above]
        wire_bytes = full * policy.page_bytes
        wire_bytes += empty * policy.zero_page_bytes
        cpu_s = empty * policy.zero_page_cpu_s
        if has_untouched:
            cpu_s[classes + 1] = np.maximum(0, cpu_s[classes + 1] - policy.hidden_scan_s)
        return _Stretches(full, empty, wire_bytes, cpu_s)

    def _fill_top(self, fresh: Floats, has_untouched: NDArray[np.bool_], above: Floats) -> None:
        """Find how many pages of each class lie above the memory that was never touched: first the least written."""
        top = self.top_pages * has_untouched
        for row in reversed(range(len(fresh))):
            top -= np.minimum(fresh[row], top, out=above[row])

    def _sent_early(self, stretches: _Stretches) -> tuple[Floats, Floats, Floats]:
        """A live pass: its seconds, how many pages may be pending after it, and the share of each stretch it left."""
        pages = stretches.full + stretches.empty
        seconds = stretches.seconds(self.bytes_per_s)
        ends_s, to_come = np.empty_like(pages), np.empty_like(pages)
        ends_s[0], to_come[-1] = seconds[0], pages[-1]
        for row in range(1, len(pages)):
            np.add(ends_s[row - 1], seconds[row], out=ends_s[row])
            np.add(to_come[-row], pages[-row - 1], out=to_come[-row - 1])
        begins_s = ends_s - seconds
        seconds_per_page = seconds / np.maximum(pages, _TINY)
        allowed = (self.bytes_per_s * self.below_s + self.burst_bytes) / PAGE_BYTES
        seen_s = look_s(begins_s, to_come - allowed, seconds_per_page, self.look_every_s)

        # In a stretch of empty pages the sender, not the network, says how fast it goes; such stretches are few.
        is_slow = stretches.cpu_s * self.bytes_per_s > stretches.wire_bytes * (1 + 1e-6)
        slow = np.divmod(np.flatnonzero(is_slow), is_slow.shape[1])
        which = slow[1]
        slow_allowed = stretches.wire_bytes[slow] / seconds[slow] * self.below_s[which] / PAGE_BYTES
        seen_s[slow] = look_s(
            begins_s[slow], to_come[slow] - slow_allowed, seconds_per_page[slow], self.rule.look_every_s
        )

        seen_s += (seen_s >= ends_s) * _NEVER_S
        passed_s = np.minimum(seen_s.min(axis=0), ends_s[-1])
        ends_in = (begins_s[slow] <= passed_s[which]) & (passed_s[which] <= ends_s[slow])
        allowed[which[ends_in]] = slow_allowed[ends_in]
        left = np.subtract(ends_s, passed_s, out=ends_s)
        left /= np.maximum(seconds, _TINY)
        return passed_s, allowed, np.clip(left, 0, 1, out=left)

    def _left_by_class(self, stretches: _Stretches, left: Floats) -> tuple[Floats, Floats]:
        """Pages with content, and empty ones, of each class that a pass left."""
        classes = len(self.full)
        below, above = slice(1, classes + 1), slice(classes + 2, None)
        full = stretches.full[below] * left[below]
        full += self.unsent * left[0]
        empty = stretches.empty[below] * left[below]
        if len(left) > classes + 1:
            full += stretches.full[above] * left[above]
            empty += stretches.empty[above] * left[above]
            empty += self.empty * self.is_untouched * left[classes + 1]
        return full, empty


_LIVE_ARRAYS = tuple(each.name for each in fields(_Live)[3:])


def _shares(scenarios: Scenarios) -> tuple[Floats, Floats]:
    """The shares of the pages and of the writes of each piece that its classes have; shape (classes, scenarios,
    pieces). Pieces with fewer classes than others have empty ones.
    """
    is_hot_cold, is_zipf = scenarios.pattern == PatternCode.HOT_COLD, scenarios.pattern == PatternCode.ZIPF
    hot = np.where(is_hot_cold, scenarios.hot_size_share, 1.0)
    hot_writes = np.where(is_hot_cold, scenarios.hot_write_share, 1.0)
    page_shares, write_shares = np.stack((hot, 1 - hot)), np.stack((hot_writes, 1 - hot_writes))
    if is_zipf.any():
        ranks = zipf_shares(np.where(is_zipf, scenarios.exponent, 1.0), scenarios.pages)
        none = np.zeros((ZIPF_CLASSES - 2, *scenarios.pages.shape))
        page_shares, write_shares = (
            np.where(is_zipf, zipf, np.concatenate((other, none)))
            for zipf, other in zip(ranks, (page_shares, write_shares), strict=True)
        )
    return page_shares, write_shares


def _by_class(of_pieces: Floats) -> Floats:
    """The classes of each piece one after the other; from (classes, scenarios, pieces) to (classes, scenarios)."""
    return np.ascontiguousarray(of_pieces.transpose(2, 0, 1).reshape(-1, of_pieces.shape[1]))


def _effective_caps(policy: Policy, caps: Floats) -> Floats:
    """The rates that caps really allow; most scenarios of a sweep have one in common."""
    distinct, which = np.unique(caps, return_inverse=True)
    return np.array([policy.effective_cap(None if np.isinf(cap) else float(cap)) for cap in distinct])[which]
