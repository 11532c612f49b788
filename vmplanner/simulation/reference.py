"""The oracle of the tests: one migration page by page, slow and obvious, to hold the fast model against.

Every page has a version that each write raises. A dirty log and a migration bitmap are kept as hypervisors keep them:
a round copies the pages whose bit is set, and what is written meanwhile goes into the log. At the end the target must
have the last version of every page. Nothing here knows the equations of the fast model; the two share the policies and
the layout of memory that techniques/pending.py assumes: pages from most to least written, then memory that was never
touched, then the top pages, which are the last of the least written ones.

Each page of a uniform, hot/cold or Zipf piece is written at random with a rate of its own. A power law and a measured
curve say only how many distinct pages U(t) are written in t seconds. A process that does so on the average, in any t
seconds, writes each page again and again after gaps that are independent of each other, and longer than t with the
chance U'(t) / U'(0).
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from vmplanner.domain.machines import HotCold, MeasuredCurve, Piece, PowerLaw, Sequential, Zipf
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.rounds import top_pages
from vmplanner.simulation.stop_rules import Rounds, Threshold

Addresses = NDArray[np.intp]
Floats = NDArray[np.float64]

# The sender looks up this many pages at a time; the guest writes while it sends them.
_FLUSH_PAGES = 32
# From one thousandth of a second, below which U is proportional to time, to weeks.
_BURST_TIMES_S = np.concatenate(([0.0], np.geomspace(1e-3, 1e6, 3000)))


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


class _Writer(Protocol):
    """What writes the pages of a piece."""

    def written(self, seconds: float) -> Addresses:
        """The addresses that it writes in the next so many seconds."""


class _Scattered:
    """Writes at random, to each page with its own rate."""

    def __init__(self, addresses: Addresses, writes_per_s: Floats, dice: np.random.Generator) -> None:
        self._addresses = addresses
        self._sums = np.cumsum(writes_per_s)
        self._dice = dice

    def written(self, seconds: float) -> Addresses:
        if not len(self._sums):
            return self._addresses
        writes_per_s = self._sums[-1]
        at = self._dice.random(self._dice.poisson(writes_per_s * seconds)) * writes_per_s
        places: Addresses = np.searchsorted(self._sums, at, side="right")
        return self._addresses[places]


class _Walk:
    """Writes one page after the other, from a random start."""

    def __init__(self, addresses: Addresses, writes_per_s: float, dice: np.random.Generator) -> None:
        self._addresses = addresses
        self._writes_per_s = writes_per_s
        self._walked = float(dice.uniform(0, max(1, len(addresses))))

    def written(self, seconds: float) -> Addresses:
        begin, self._walked = self._walked, self._walked + self._writes_per_s * seconds
        places = np.arange(int(begin), int(self._walked))
        return self._addresses[places % max(1, len(self._addresses))]


class _Bursts:
    """Writes each page after gaps such that the distinct pages follow a curve; U is taken as straight between many
    times, so that a gap is one of those times.
    """

    def __init__(self, addresses: Addresses, distinct_pages: Floats, dice: np.random.Generator) -> None:
        """`distinct_pages` is U at _BURST_TIMES_S. Raises ValueError for a U that is not concave."""
        slopes = np.diff(distinct_pages) / np.diff(_BURST_TIMES_S)
        if (np.diff(slopes) > 1e-6 * slopes[:-1]).any():
            raise ValueError("no page-by-page model of distinct pages that grow faster and faster")
        self._addresses = addresses
        self._dice = dice
        self._now_s = 0.0
        self._is_longer = slopes / (slopes[0] or 1.0)
        at = dice.random(len(addresses)) * len(addresses)
        first_s = np.interp(at, distinct_pages, _BURST_TIMES_S)
        self._next_s = np.where(at < distinct_pages[-1], first_s, np.inf)

    def written(self, seconds: float) -> Addresses:
        self._now_s += seconds
        found = [self._addresses[:0]]
        while len(due := np.flatnonzero(self._next_s <= self._now_s)):
            found.append(self._addresses[due])
            self._next_s[due] += self._gaps(len(due))
        return np.concatenate(found)

    def _gaps(self, count: int) -> Floats:
        """Times of which each is longer than _BURST_TIMES_S[n] with the chance _is_longer[n]."""
        chances = 1 - self._dice.random(count)
        passed = np.searchsorted(-self._is_longer, -chances, side="right")
        return np.append(_BURST_TIMES_S, np.inf)[np.where(passed == len(self._is_longer), len(_BURST_TIMES_S), passed)]


class GuestMemory:
    """Memory with its contents as versions, and the dirty log."""

    def __init__(self, pieces: Sequence[Piece], seed: int) -> None:
        dice = np.random.default_rng(seed)
        rates = [_rates(piece) for piece in pieces]
        piece_of = np.repeat(np.arange(len(pieces)), [len(each) for each in rates])
        order = np.argsort(-np.concatenate(rates), kind="stable")
        untouched = np.array([piece.zero_share == 1 for piece in pieces])[piece_of]
        size = len(order)
        touched_size = size - int(untouched.sum())
        top = min(touched_size, round(top_pages(float(size)))) if touched_size < size else 0
        below = np.arange(touched_size - top)
        middle = np.arange(touched_size - top, size - top)
        above = np.arange(size - top, size)
        address = np.empty(size, dtype=np.intp)
        address[order[~untouched[order]]] = np.concatenate((below, above))
        address[order[untouched[order]]] = middle

        self.version = np.zeros(size, dtype=np.int64)
        self.is_empty = np.zeros(size, dtype=bool)
        self.dirty = np.zeros(size, dtype=bool)
        self._writers = []
        for index, piece in enumerate(pieces):
            addresses = address[piece_of == index]
            self.is_empty[dice.permutation(addresses)[: round(len(addresses) * piece.zero_share)]] = True
            self._writers.append(_writer(piece, addresses, rates[index], dice))

    def run(self, seconds: float) -> None:
        """Let it write for so long."""
        for writer in self._writers:
            addresses = writer.written(seconds)
            np.add.at(self.version, addresses, 1)
            self.is_empty[addresses] = False
            self.dirty[addresses] = True


def _rates(piece: Piece) -> Floats:
    """The write rate of each page of a piece, most written first."""
    shares = np.ones(piece.pages)
    match piece.pattern:
        case HotCold(hot_size_share, hot_write_share):
            hot = round(piece.pages * hot_size_share)
            shares[:hot] = hot_write_share / max(1, hot)
            shares[hot:] = (1 - hot_write_share) / max(1, piece.pages - hot)
        case Zipf(exponent):
            shares = np.arange(1.0, piece.pages + 1) ** -exponent
    rates: Floats = piece.write_rate_pages_per_s * shares / (shares.sum() or 1.0)
    return rates


def _writer(piece: Piece, addresses: Addresses, rates: Floats, dice: np.random.Generator) -> _Writer:
    """What writes a piece whose pages have these addresses and write rates."""
    rate = piece.write_rate_pages_per_s
    match piece.pattern:
        case Sequential():
            return _Walk(addresses, rate, dice)
        case PowerLaw(exponent):
            distinct = rate * _BURST_TIMES_S**exponent
        case MeasuredCurve() as curve:
            distinct = rate * np.array([curve.pages_at(t) for t in _BURST_TIMES_S]) / curve.pages_at(1.0)
        case _:
            return _Scattered(addresses, rates, dice)
    return _Bursts(addresses, np.minimum(distinct, len(addresses)), dice)


class _Sender:
    """Walks through memory, round and round, and sends the pages whose bit is set."""

    def __init__(self, guest: GuestMemory, policy: Policy) -> None:
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
    sender = _Sender(GuestMemory(pieces, seed), policy)
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
    sender = _Sender(GuestMemory(pieces, 0), policy)
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
