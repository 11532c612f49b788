"""Flows that get the same rate, and when each of them is due, whatever becomes of that rate.

A stream has a clock that counts bytes per unit of weight. A flow is due at a fixed time on that clock, so that a change
of rate is one step for the stream and none for its flows (fair queueing: Demers, Keshav and Shenker, SIGCOMM 1989).

A flow may also be due early, and then it depends on the rate r when: at the first look at which

    sent + lead r >= goal,      looks at began + k look / r,  k whole

Nothing of that can happen long before the goal. Only flows near it are looked at one by one, a handful of thousands.
"""

import math
from abc import ABC, abstractmethod
from array import array
from bisect import bisect_right
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
from attrs import define, field

from vmplanner.simulation.network import DirectedLink
from vmplanner.simulation.rounds import HAIR

if TYPE_CHECKING:
    from vmplanner.simulation.filling import Bundle, Wire

# What is due within so many seconds is due now: less than a rounding error of the clocks would be another event.
NOW_S = 1e-9
# From so many flows on, arrays are faster than a loop.
_MANY = 20
_tickets = count(1)


@define(eq=False, repr=False)
class Flow(ABC):
    """What a sender wants: a way through the network, a share of it by weight, and no more than `cap_bytes_per_s`.

    It is due when `work_bytes` are sent. While the network holds it back it may be due early: at its first look at
    which what `lead_s` carry is all that is missing of `goal_bytes`. Looks come from `began_s` on, each when
    `look_bytes` more would have gone at the present rate. `sent_bytes` are what it had sent when it was last settled;
    when it had sent `mark_bytes` is told to `reach_mark`.
    """

    links: tuple[DirectedLink, ...]
    weight: float = field(default=1.0, kw_only=True)
    cap_bytes_per_s: float = field(default=math.inf, kw_only=True)
    sent_bytes: float = field(default=0.0, init=False)
    work_bytes: float = field(default=0.0, init=False)
    goal_bytes: float = field(default=math.inf, init=False)
    lead_s: float = field(default=0.0, init=False)
    began_s: float = field(default=0.0, init=False)
    look_bytes: float = field(default=1.0, init=False)
    mark_bytes: float = field(default=math.inf, init=False)
    # What follows belongs to the stream, the bundle and the wires that it is in.
    _wires: "tuple[Wire, ...]" = field(default=(), init=False)
    _narrowest: float = field(default=math.inf, init=False)
    _bundle: "Bundle | None" = field(default=None, init=False)
    _stream: "Stream | None" = field(default=None, init=False)
    # Bytes for each tick of the stream's clock, and the clock's time when the flow was settled.
    _speed: float = field(default=0.0, init=False)
    _settled_at: float = field(default=0.0, init=False)
    # The cap by which it was sorted, the level at which that or a link on its way holds it, and what it may take at
    # most while its bundle's level stays in its band.
    _sorted_cap: float = field(default=-1.0, init=False)
    _limit: float = field(default=math.inf, init=False)
    _bound: float = field(default=0.0, init=False)
    _ticket: int = field(default=0, init=False)

    @abstractmethod
    def due_s(self, now_s: float, bytes_per_s: float) -> float:
        """When it is due at a constant rate, given that it is settled now."""

    def reach_mark(self, at_s: float) -> None:
        """It had sent `mark_bytes` at this time; it must set another mark."""
        self.mark_bytes = math.inf

    @property
    def may_be_early(self) -> bool:
        """Whether it can come to that before all is sent, as far as its bound tells."""
        return self.goal_bytes - self._bound * self.lead_s < self.work_bytes

    def settle(self, now_s: float) -> None:
        """Bring `sent_bytes` up to now."""
        stream = self._stream
        if stream is not None:
            clock = stream.clock + stream.rate * (now_s - stream.set_at_s)
            if clock == self._settled_at:
                return
            sent_bytes = self.sent_bytes + (clock - self._settled_at) * self._speed
            while sent_bytes >= self.mark_bytes:
                self.reach_mark(stream.when(clock - (sent_bytes - self.mark_bytes) / self._speed))
            self.sent_bytes = sent_bytes
            self._settled_at = clock


# A flow that is looked at: when it is due and has its goal on the stream's clock, and the lead, beginning and looks.
_Row = tuple[float, float, float, float, float]


@define(eq=False)
class _Close:
    """The flows of a stream that are near their goals, and when each is due at the present rate."""

    flows: list[Flow] = field(factory=list)
    dues_s: list[float] = field(factory=list)
    places: dict[Flow, int] = field(factory=dict)
    rows: list[_Row] = field(factory=list)
    # The rows once more, one after the other, for arrays to look at.
    _table: "array[float]" = field(factory=lambda: array("d"))
    _first_s: float | None = None

    @property
    def first_s(self) -> float:
        """When the first is due; found only when it is asked for, since it mostly changes again before."""
        if self._first_s is None:
            self._first_s = min(self.dues_s, default=math.inf)
        return self._first_s

    def add(self, flow: Flow, row: _Row, due_s: float) -> None:
        self.places[flow] = len(self.flows)
        self.flows.append(flow)
        self.rows.append(row)
        self.dues_s.append(due_s)
        self._table.extend(row)
        if self._first_s is not None and due_s < self._first_s:
            self._first_s = due_s

    def remove(self, flow: Flow) -> None:
        """The last one takes its place."""
        place = self.places.pop(flow)
        last, row, due_s = self.flows.pop(), self.rows.pop(), self.dues_s.pop()
        del self._table[-5:]
        if last is not flow:
            self.flows[place], self.rows[place], self.dues_s[place] = last, row, due_s
            self.places[last] = place
            self._table[5 * place : 5 * place + 5] = array("d", row)
        self._first_s = None

    def set_dues(self, dues_s: list[float]) -> None:
        self.dues_s, self._first_s = dues_s, None

    def find_dues(self, now_s: float, clock: float, rate: float) -> None:
        """When each is due at another rate."""
        if len(self.rows) < _MANY:
            self.set_dues([_row_due_s(row, now_s, clock, rate) for row in self.rows])
            return
        end, goal, lead_s, began_s, look = np.frombuffer(self._table).reshape(-1, 5).T
        to_go = np.maximum(0.0, goal - clock - rate * lead_s)
        looks = np.ceil(((now_s - began_s) * rate + to_go) / look - HAIR)
        early_s = np.maximum(now_s, began_s + looks * look / rate)
        self.set_dues(np.minimum(now_s + (end - clock) / rate, early_s).tolist())


def _row_due_s(row: _Row, now_s: float, clock: float, rate: float) -> float:
    end, goal, lead_s, began_s, look = row
    looks = math.ceil(((now_s - began_s) * rate + max(0.0, goal - clock - rate * lead_s)) / look - HAIR)
    return min(now_s + (end - clock) / rate, max(now_s, began_s + looks * look / rate))


@define(eq=False, repr=False)
class Stream:
    """Flows that have the same rate per unit of weight, or, with a `limit`, the one at which their caps hold them.

    The queue may hold flows that have left or have another ticket.
    """

    limit: float = math.inf
    rate: float = 0.0
    clock: float = 0.0
    set_at_s: float = 0.0
    weight: float = 0.0
    size: int = 0
    due_s: float = math.inf
    # While the levels are found.
    is_rising: bool = False
    found_rate: float = 0.0
    # When its rate changed, and the clock then.
    _changed_s: "array[float]" = field(factory=lambda: array("d"))
    _changed_at: "array[float]" = field(factory=lambda: array("d"))
    _queue: list[tuple[float, int, Flow]] = field(factory=list)
    _close: _Close = field(factory=_Close)

    def clock_at(self, now_s: float) -> float:
        return self.clock + self.rate * (now_s - self.set_at_s)

    def set_rate(self, now_s: float, rate: float) -> None:
        self.clock, self.set_at_s, self.rate = self.clock_at(now_s), now_s, rate
        self._changed_s.append(now_s)
        self._changed_at.append(self.clock)
        close = self._close
        if not close.flows:
            return
        if not rate:
            close.set_dues([math.inf] * len(close.flows))
        elif self.limit == math.inf:
            close.find_dues(now_s, self.clock, rate)
        else:
            close.set_dues([self._due_s(flow, now_s) for flow in close.flows])

    def when(self, clock: float) -> float:
        """When the clock stood so."""
        after = bisect_right(self._changed_at, clock)
        if after == len(self._changed_at):
            return self.set_at_s + (clock - self.clock) / self.rate if self.rate else self.set_at_s
        begin_s, begin = (self._changed_s[after - 1], self._changed_at[after - 1]) if after else (0.0, 0.0)
        share = (clock - begin) / (self._changed_at[after] - begin)
        return begin_s + share * (self._changed_s[after] - begin_s)

    def enqueue(self, flow: Flow, now_s: float) -> None:
        """A flow is to be due when its work is done, or when it may be early."""
        flow.settle(now_s)
        if flow in self._close.places:
            self._close.remove(flow)
        # The rate will not be higher than the bound.
        due_bytes = flow.goal_bytes - flow._bound * flow.lead_s
        to_go = (flow.work_bytes if flow.work_bytes < due_bytes else due_bytes) - flow.sent_bytes
        self._push(flow, flow._settled_at + to_go / flow.weight if to_go > 0 else flow._settled_at)

    def forget(self, flow: Flow) -> None:
        """A flow leaves."""
        flow._ticket = 0
        if flow in self._close.places:
            self._close.remove(flow)

    def next_due_s(self, now_s: float) -> float:
        """When the first is due at the present rate. Looks closer at those that may be due before."""
        close = self._close
        if not self.rate:
            return close.first_s
        while True:
            first_s = self.set_at_s + (self._first() - self.clock) / self.rate
            if first_s >= close.first_s:
                return close.first_s
            flow = self._queue[0][2]
            if not flow.may_be_early:
                return first_s
            heappop(self._queue)
            self._look_closer(flow, self._due_s(flow, now_s))

    def take_due(self, now_s: float) -> list[Flow]:
        """The flows that are due by now."""
        close = self._close
        soon = self.clock_at(now_s) + self.rate * NOW_S
        due = []
        while self._first() <= soon:
            flow = heappop(self._queue)[2]
            flow._ticket = 0
            due_s = self._due_s(flow, now_s)
            if due_s <= now_s + NOW_S:
                due.append(flow)
            else:
                self._look_closer(flow, due_s)
        while close.first_s <= now_s + NOW_S:
            flow = close.flows[close.dues_s.index(close.first_s)]
            close.remove(flow)
            flow.settle(now_s)
            due.append(flow)
        return due

    def _look_closer(self, flow: Flow, due_s: float) -> None:
        """A settled flow that has left the queue is near its goal."""
        weight, sent, clock = flow.weight, flow.sent_bytes, flow._settled_at
        end, goal = clock + (flow.work_bytes - sent) / weight, clock + (flow.goal_bytes - sent) / weight
        flow._ticket = 0
        self._close.add(flow, (end, goal, flow.lead_s, flow.began_s, flow.look_bytes / weight), due_s)

    def _due_s(self, flow: Flow, now_s: float) -> float:
        flow.settle(now_s)
        return flow.due_s(now_s, self.rate * flow._speed)

    def _push(self, flow: Flow, key: float) -> None:
        flow._ticket = ticket = next(_tickets)
        heappush(self._queue, (key, ticket, flow))

    def _first(self) -> float:
        """When the first in the queue is due, on the clock."""
        queue = self._queue
        while queue:
            first = queue[0]
            if first[2]._ticket == first[1]:
                return first[0]
            heappop(queue)
        return math.inf


class Steady(Stream):
    """Flows that are held by their caps, each at a rate of its own: the clock is time itself."""

    def when(self, clock: float) -> float:
        return clock

    def enqueue(self, flow: Flow, now_s: float) -> None:
        flow.settle(now_s)
        self._push(flow, flow.due_s(now_s, flow._speed))

    def next_due_s(self, now_s: float) -> float:
        return self._first()

    def take_due(self, now_s: float) -> list[Flow]:
        due = []
        while self._first() <= now_s + NOW_S:
            flow = heappop(self._queue)[2]
            flow.settle(now_s)
            due.append(flow)
        return due
