"""The oracle of the tests: one migration page by page, slow and obvious, to hold the fast model against.

Every page has a version that each write raises. A dirty log and a migration bitmap are kept as hypervisors keep them:
a round copies the pages whose bit is set, and what is written meanwhile goes into the log. At the end the target must
have the last version of every page. Nothing here knows the equations of the fast model; the two share the policies and
the layout of memory that techniques/pending.py assumes: classes of pages from most to least written, then memory that
was never touched, then the top pages, which are the last of the least written ones.
"""

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from vmplanner.domain.machines import HotCold, Piece, Sequential
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.policies import Policy, Rounds, Threshold
from vmplanner.simulation.rounds import top_pages

Addresses = NDArray[np.intp]

# The sender looks up this many pages at a time; the guest writes while it sends them.
_FLUSH_PAGES = 32


@frozen
class Reference:
    """What came of it. `pages_per_round` are the pages that were sent in each, the last pass included; `stale_pages`
    those of which the target has an old version.
    """

    converged: bool
    total_s: float
    downtime_s: float
    bytes: int
    pages_per_round: tuple[int, ...]
    stale_pages: int

    @property
    def rounds(self) -> int:
        return len(self.pages_per_round)


class _Writer:
    """One class of pages, and what writes it: at random, or a walk from a random start."""

    def __init__(self, addresses: Addresses, writes_per_s: float, is_walk: bool, dice: np.random.Generator) -> None:
        self._addresses = addresses
        self._writes_per_s = writes_per_s if len(addresses) else 0.0
        self._is_walk = is_walk
        self._dice = dice
        self._walked = float(dice.uniform(0, max(1, len(addresses))))

    def written(self, seconds: float) -> Addresses:
        """The addresses that it writes in so many seconds."""
        if not self._writes_per_s:
            return self._addresses[:0]
        if self._is_walk:
            begin, self._walked = self._walked, self._walked + self._writes_per_s * seconds
            return self._addresses[np.arange(int(begin), int(self._walked)) % len(self._addresses)]
        count = self._dice.poisson(self._writes_per_s * seconds)
        return self._addresses[self._dice.integers(0, len(self._addresses), count)]


class _Guest:
    """Memory with its contents as versions, and the dirty log."""

    def __init__(self, pieces: Sequence[Piece], seed: int) -> None:
        dice = np.random.default_rng(seed)
        classes = [(piece, *each) for piece in pieces for each in _classes(piece)]
        classes.sort(key=lambda each: -each[2] / each[1] if each[1] else 0.0)
        touched = [each for each in classes if each[0].zero_share < 1]
        untouched = [each for each in classes if each[0].zero_share == 1]
        size = sum(pages for _, pages, _, _ in classes)
        touched_size = sum(pages for _, pages, _, _ in touched)
        top = min(touched_size, round(top_pages(float(size)))) if untouched else 0
        below = np.arange(touched_size - top)
        middle = np.arange(touched_size - top, size - top)
        above = np.arange(size - top, size)

        self.version = np.zeros(size, dtype=np.int64)
        self.is_empty = np.zeros(size, dtype=bool)
        self.dirty = np.zeros(size, dtype=bool)
        self._writers = []
        for group, places in ((touched, np.concatenate((below, above))), (untouched, middle)):
            for piece, pages, writes_per_s, is_walk in group:
                addresses, places = places[:pages], places[pages:]
                self.is_empty[dice.permutation(addresses)[: round(pages * piece.zero_share)]] = True
                self._writers.append(_Writer(addresses, writes_per_s, is_walk, dice))

    def run(self, seconds: float) -> None:
        """Let it write for so long."""
        for writer in self._writers:
            addresses = writer.written(seconds)
            np.add.at(self.version, addresses, 1)
            self.is_empty[addresses] = False
            self.dirty[addresses] = True


def _classes(piece: Piece) -> list[tuple[int, float, bool]]:
    """Pages that are written alike: how many, the writes a second that they get together, and if it is a walk."""
    writes = piece.write_rate_pages_per_s
    if isinstance(piece.pattern, HotCold):
        hot = round(piece.pages * piece.pattern.hot_size_share)
        hot_writes = writes * piece.pattern.hot_write_share
        return [(hot, hot_writes, False), (piece.pages - hot, writes - hot_writes, False)]
    return [(piece.pages, writes, isinstance(piece.pattern, Sequential))]


class _Sender:
    """Walks through memory, round and round, and sends the pages whose bit is set."""

    def __init__(self, guest: _Guest, policy: Policy) -> None:
        self.guest = guest
        self.policy = policy
        self.clock_s = 0.0
        self.sent_bytes = 0
        self.pages_per_round: list[int] = []
        self.pending = np.ones(len(guest.version), dtype=bool)
        self.version_at_target = np.full(len(guest.version), -1, dtype=np.int64)
        self._cursor = 0

    @property
    def pending_bytes(self) -> int:
        return int(self.pending.sum()) * PAGE_BYTES

    def begin_round(self) -> None:
        self.pages_per_round.append(0)

    def synchronise(self) -> None:
        """Take over what the dirty log has found, and begin it anew."""
        self.pending |= self.guest.dirty
        self.guest.dirty[:] = False

    def send(self, count: int) -> tuple[int, float]:
        """Send the next pages, as many as `count`; returns their bytes and the time that it took to find them empty."""
        ahead = np.flatnonzero(self.pending[self._cursor :])[:count] + self._cursor
        around = np.flatnonzero(self.pending[: self._cursor])[: count - len(ahead)] if len(ahead) < count else ahead[:0]
        pages = np.concatenate((ahead, around))
        if len(pages):
            self._cursor = int(pages[-1]) + 1
        self.pending[pages] = False
        self.version_at_target[pages] = self.guest.version[pages]
        self.pages_per_round[-1] += len(pages)
        empty = int(self.guest.is_empty[pages].sum())
        sent_bytes = (len(pages) - empty) * self.policy.page_bytes + empty * self.policy.zero_page_bytes
        self.sent_bytes += sent_bytes
        return sent_bytes, empty * self.policy.zero_page_cpu_s

    def pass_time(self, seconds: float, guest_runs: bool) -> None:
        self.clock_s += seconds
        if guest_runs:
            self.guest.run(seconds)

    def send_all(self, bytes_per_s: float, guest_runs: bool) -> None:
        """Send every page that is pending, at a rate."""
        while self.pending.any():
            sent_bytes, cpu_s = self.send(_FLUSH_PAGES)
            self.pass_time(max(sent_bytes / bytes_per_s, cpu_s), guest_runs)

    def last_pass(self, bytes_per_s: float) -> None:
        """Stop the guest, send the rest and the devices' state, and resume the guest at the target."""
        self.begin_round()
        self.send_all(bytes_per_s, guest_runs=False)
        self.sent_bytes += self.policy.device_state_bytes
        self.pass_time(self.policy.device_state_bytes / bytes_per_s + self.policy.resume_s, guest_runs=False)

    def result(self, converged: bool, stopped_s: float) -> Reference:
        return Reference(
            converged,
            self.clock_s,
            self.clock_s - stopped_s if converged else 0.0,
            self.sent_bytes,
            tuple(self.pages_per_round),
            int((self.version_at_target != self.guest.version).sum()),
        )


def pre_copy_by_page(
    pieces: Sequence[Piece],
    policy: Policy,
    bandwidth_bytes_per_s: float,
    max_bandwidth_bytes_per_s: float | None = None,
    downtime_limit_s: float | None = None,
    *,
    seed: int,
    max_rounds: int = 60,
) -> Reference:
    """Pre-copy of a VM whose memory is made of `pieces`, over a link of its own. For policies with a threshold or a
    fixed number of rounds. After `max_rounds` live rounds it is cut and has not converged.
    """
    sender = _Sender(_Guest(pieces, seed), policy)
    sender.pass_time(policy.setup_s, guest_runs=False)
    cap = policy.effective_cap(max_bandwidth_bytes_per_s)
    if isinstance(policy.stop, Threshold):
        limit_s = downtime_limit_s or policy.stop.downtime_limit_s
        if not _until_threshold(sender, policy.stop, bandwidth_bytes_per_s, cap, limit_s, max_rounds):
            return sender.result(False, sender.clock_s)
    elif isinstance(policy.stop, Rounds):
        bandwidth_bytes_per_s = min(bandwidth_bytes_per_s, cap)
        _fixed_rounds(sender, policy.stop, bandwidth_bytes_per_s)
    else:
        raise ValueError(f"no page-by-page model of {policy.describes}")
    stopped_s = sender.clock_s
    sender.last_pass(bandwidth_bytes_per_s)
    return sender.result(True, stopped_s)


def stop_and_copy_by_page(pieces: Sequence[Piece], policy: Policy, bandwidth_bytes_per_s: float) -> Reference:
    """Stop-and-copy of a VM over a link of its own, without a cap."""
    sender = _Sender(_Guest(pieces, 0), policy)
    sender.pass_time(policy.setup_s, guest_runs=False)
    sender.last_pass(bandwidth_bytes_per_s)
    return sender.result(True, 0.0)


def _until_threshold(
    sender: _Sender, rule: Threshold, link: float, cap: float, limit_s: float, max_rounds: int
) -> bool:
    """QEMU: bursts, and a look at what is pending before each. True when the guest may be stopped."""
    if link < cap:  # a socket takes a burst, and the next one when that has left
        rate, burst_bytes, buffered_bytes = link, float(rule.burst_bytes), rule.burst_bytes
    else:  # a window's budget is spent at its start
        rate, burst_bytes, buffered_bytes = cap, cap * rule.look_every_s, 0
    may_be_left = rate * limit_s + buffered_bytes
    for _ in range(max_rounds):
        sender.begin_round()
        while sender.pending.any() and sender.pending_bytes > may_be_left:
            _burst(sender, burst_bytes, rate)
        sender.synchronise()
        if sender.pending_bytes <= may_be_left:
            return True
    return False


def _burst(sender: _Sender, burst_bytes: float, rate: float) -> None:
    """Send so many bytes at once and wait until the rate allows more. To find empty pages takes time; when the next
    burst is due meanwhile, this one ends.
    """
    began_s = sender.clock_s
    sent_bytes = 0
    while sender.pending.any() and sent_bytes < burst_bytes and sender.clock_s < began_s + burst_bytes / rate:
        fitting = -(-int(burst_bytes - sent_bytes) // sender.policy.page_bytes)
        more_bytes, cpu_s = sender.send(max(1, min(_FLUSH_PAGES, fitting)))
        sent_bytes += more_bytes
        sender.pass_time(cpu_s, guest_runs=True)
    sender.pass_time(max(0.0, began_s + sent_bytes / rate - sender.clock_s), guest_runs=True)


def _fixed_rounds(sender: _Sender, rule: Rounds, rate: float) -> None:
    """Xen 4: a number of rounds, or until one that is below the target, which is still sent live."""
    is_last = False
    while not is_last:
        sender.begin_round()
        is_last = len(sender.pages_per_round) == rule.max_rounds or int(sender.pending.sum()) < rule.target_pages
        sender.send_all(rate, guest_runs=True)
        sender.synchronise()
