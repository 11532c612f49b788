"""Who gets how much of which link, while flows come and go: max-min fairness that pays only for what changes.

The rates are those of progressive filling: all levels (bytes/s per unit of weight) rise together; a flow stops at its
own cap, or when a link on its way is full. (Bertsekas and Gallager, Data Networks, section 6.5.2.) To compute them for
every flow at every event would cost the square of the number of flows. Four thoughts save that, and lose nothing:

Classes. Only a link that may fill up matters: a tight one. Flows with the same tight links on their way form a
`Bundle` and have the same level, however far apart their hosts are.

Bands. A bundle has a band around its level. While the level stays in it, what can't matter is left out: a link is slack
when all flows at the top of their bands would not fill it; a flow whose cap is below the band takes just that, and one
whose cap is above it has none. When a level leaves its band, that one bundle is sorted anew.

Neighbours. A bundle that is held by a link where nothing has changed is left as it is (filling.py).

Virtual clocks. Flows that rise together form a `Stream` (streams.py), for which a change of rate is one step.
"""

import math
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from itertools import count

from vmplanner.simulation.filling import Bundle, Wire, found_anew
from vmplanner.simulation.network import DirectedLink
from vmplanner.simulation.streams import NOW_S, Flow, Steady, Stream

# A level may rise or fall by this factor before its bundle is sorted anew.
_BAND = 1.1
# A tight link that would not be filled beyond this share is slack again; the rest keeps it from changing to and fro.
_SLACK_SHARE = 0.95
# After so many attempts to find a band the bundle goes without: each cap counts then, which is right at any level.
_ATTEMPTS = 3
# What a flow gets that no link holds back; infinity would make its bytes not a number.
_UNHINDERED_BYTES_PER_S = 1e18


class Shares:
    """The flows under way. `put` them in (again when their cap or work has changed) and `take_out`, then `settle`.

    `capacity` is what each direction of each link can carry, in bytes/s.
    """

    def __init__(self, capacity: Mapping[DirectedLink, float]) -> None:
        self.now_s = 0.0
        self._capacity = capacity
        self._wires: dict[DirectedLink, Wire] = {}
        # Flows that meet no tight link have what their caps let through.
        self._unhindered = Bundle((), math.inf, math.inf)
        self._bundles: dict[tuple[Wire, ...], Bundle] = {(): self._unhindered}
        # The clock of flows that are held by their caps is time itself.
        self._steady: Stream = Steady(rate=1.0)
        self._changed: dict[Wire, None] = {}
        self._overfull: dict[Wire, None] = {}
        self._unqueued: dict[Flow, None] = {}
        self._touched: dict[Stream, None] = {}
        self._agenda: list[tuple[float, int, Stream]] = []
        self._tickets = count(1)

    @property
    def next_due_s(self) -> float:
        """When the next flow is due; infinite when none is."""
        agenda = self._agenda
        while agenda:
            due_s, _, stream = agenda[0]
            if stream.due_s == due_s:
                return due_s
            heappop(agenda)
        return math.inf

    def put(self, flow: Flow) -> None:
        """A flow begins, or goes on with another cap or other work. It must be settled then."""
        bundle = flow._bundle
        if bundle is None:
            flow._wires = wires = tuple([self._wire(link) for link in flow.links])
            flow._narrowest = min([wire.capacity for wire in wires], default=_UNHINDERED_BYTES_PER_S)
            for wire in wires:
                wire.flows[flow] = None
            bundle = self._bundle(tuple([wire for wire in wires if wire.is_tight]), self._unhindered)
        if flow.cap_bytes_per_s != flow._sorted_cap:
            self._sort(flow, bundle)
        self._unqueued[flow] = None

    def take_out(self, flow: Flow) -> None:
        """A flow ends, if it is one."""
        if flow._stream is None:
            return
        self._unstream(flow)
        self._leave_bundle(flow)
        for wire in flow._wires:
            wire.bound -= flow._bound
            del wire.flows[flow]
        flow._bound, flow._sorted_cap = 0.0, -1.0
        self._unqueued.pop(flow, None)

    def rate(self, flow: Flow) -> float:
        """Its share, in bytes/s."""
        return flow._stream.rate * flow._speed if flow._stream is not None else 0.0

    def take_due(self) -> list[Flow]:
        """The flows that are due by now, settled. They want to be put in again, or taken out."""
        due: list[Flow] = []
        agenda, by_s = self._agenda, self.now_s + NOW_S
        while agenda and agenda[0][0] <= by_s:
            when_s, _, stream = heappop(agenda)
            if when_s != stream.due_s:
                continue
            stream.due_s = math.inf
            self._touched[stream] = None
            due += stream.take_due(self.now_s)
        return due

    def settle(self) -> None:
        """Find the rates after all that was put in and taken out since the last time."""
        if self._changed or self._overfull:
            self._find_rates()
        touched, now_s = self._touched, self.now_s
        if self._unqueued:
            for flow in self._unqueued:
                stream = flow._stream
                if stream is not None:
                    stream.enqueue(flow, now_s)
                    touched[stream] = None
            self._unqueued.clear()
        for stream in touched:
            self._schedule(stream)
        touched.clear()

    def _find_rates(self) -> None:
        solved: dict[Bundle, None] = {}
        loosened: set[Wire] = set()
        attempts = 0
        while self._changed or self._overfull:
            if self._overfull:
                self._tighten()
            bundles = found_anew(self._changed)
            self._changed.clear()
            solved.update(bundles)
            for bundle in bundles:
                if not bundle.low <= bundle.level <= bundle.high:
                    self._set_band(bundle, is_open=attempts >= _ATTEMPTS)
                elif bundle.is_open and attempts < _ATTEMPTS:
                    self._set_band(bundle, is_open=False)
            if not self._changed and not self._overfull:
                self._loosen(bundles, loosened)
            attempts += 1
        for bundle in solved:
            for stream in bundle.filled:
                if stream.found_rate != stream.rate:
                    stream.set_rate(self.now_s, stream.found_rate)
                    self._touched[stream] = None

    def _wire(self, link: DirectedLink) -> Wire:
        wire = self._wires.get(link)
        if wire is None:
            wire = self._wires[link] = Wire(self._capacity[link])
        return wire

    def _bundle(self, wires: tuple[Wire, ...], before: Bundle) -> Bundle:
        """The bundle of these tight links; a new one has the band of the one that its first flow was in before."""
        bundle = self._bundles.get(wires)
        if bundle is None:
            band = (before.low, before.high) if before.wires else (0.0, math.inf)
            bundle = self._bundles[wires] = Bundle(wires, *band)
            for wire in wires:
                wire.bundles[bundle] = None
        return bundle

    def _sort(self, flow: Flow, bundle: Bundle) -> None:
        """Put a flow where its cap belongs in a bundle."""
        weight = speed = flow.weight
        cap = flow._sorted_cap = flow.cap_bytes_per_s
        flow._limit = limit = (cap if cap < flow._narrowest else flow._narrowest) / weight
        if limit <= bundle.low:
            stream, speed, bound = self._steady, limit * weight, limit * weight
        elif limit >= bundle.high * (1 + 1e-8):
            stream, bound = bundle.free, weight * bundle.high
        else:
            bound = limit * weight
            found = bundle.between.get(limit)
            if found is None:
                found = bundle.between[limit] = Stream(limit)
            stream = found
        if bound != flow._bound:
            self._set_bound(flow, bound)
        if stream is flow._stream and speed == flow._speed and bundle is flow._bundle:
            return
        self._unqueued[flow] = None
        self._unstream(flow)
        if bundle is not flow._bundle:
            self._leave_bundle(flow)
            bundle.flows[flow] = None
            flow._bundle = bundle
        stream.size += 1
        if stream is self._steady:
            for wire in bundle.wires:
                wire.fixed += speed
        else:
            stream.weight += weight
        for wire in bundle.wires:
            self._changed[wire] = None
        flow._stream, flow._speed, flow._settled_at = stream, speed, stream.clock_at(self.now_s)

    def _set_bound(self, flow: Flow, bound: float) -> None:
        """A flow may take so much at most."""
        more = bound - flow._bound
        flow._bound = bound
        for wire in flow._wires:
            wire.bound += more
            if not wire.is_tight and wire.bound > wire.capacity * (1 + 1e-10):
                self._overfull[wire] = None
        if flow.may_be_early:
            self._unqueued[flow] = None

    def _unstream(self, flow: Flow) -> None:
        stream, bundle = flow._stream, flow._bundle
        if stream is None or bundle is None:
            return
        flow.settle(self.now_s)
        stream.forget(flow)
        stream.size -= 1
        self._touched[stream] = None
        if stream is self._steady:
            for wire in bundle.wires:
                wire.fixed -= flow._speed
        else:
            stream.weight -= flow.weight
            if not stream.size and stream is not bundle.free:
                del bundle.between[stream.limit]
        for wire in bundle.wires:
            self._changed[wire] = None
        flow._stream = None

    def _leave_bundle(self, flow: Flow) -> None:
        bundle = flow._bundle
        if bundle is None:
            return
        del bundle.flows[flow]
        flow._bundle = None
        if not bundle.flows and bundle.wires:
            del self._bundles[bundle.wires]
            for wire in bundle.wires:
                wire.forget(bundle)

    def _tighten(self) -> None:
        """Links that may fill up become tight."""
        for wire in self._overfull:
            wire.is_tight = True
            wire.fixed = 0.0
        self._regroup(self._overfull)
        for wire in list(self._overfull):
            if wire.is_tight:
                del self._overfull[wire]

    def _loosen(self, bundles: Iterable[Bundle], loosened: set[Wire]) -> None:
        """Links of these bundles that are far from filling up become slack."""
        slack: dict[Wire, None] = {}
        for bundle in bundles:
            for wire in bundle.wires:
                if wire.bound <= _SLACK_SHARE * wire.capacity and wire not in loosened:
                    slack[wire] = None
        if slack:
            for wire in slack:
                wire.is_tight = False
            loosened.update(slack)
            self._regroup(slack)

    def _regroup(self, wires: Iterable[Wire]) -> None:
        """Put the flows on links that have become tight or slack in the bundles where they belong now."""
        flows = {flow: None for wire in list(wires) for flow in wire.flows}
        for flow in flows:
            before = flow._bundle
            assert before is not None, "a flow on a link is in a bundle"
            self._sort(flow, self._bundle(tuple([wire for wire in flow._wires if wire.is_tight]), before))

    def _set_band(self, bundle: Bundle, *, is_open: bool) -> None:
        level = bundle.level
        if is_open or not level:
            bundle.low, bundle.high = 0.0, math.inf
        else:
            bundle.low, bundle.high = level / _BAND, level * _BAND
        free, high, least = bundle.free, bundle.high, bundle.high * (1 + 1e-8)
        for flow in list(bundle.flows):
            # Most go on without a cap; then only what they may take at most is another.
            if flow._stream is free and flow._limit >= least:
                self._set_bound(flow, flow.weight * high)
            else:
                self._sort(flow, bundle)

    def _schedule(self, stream: Stream) -> None:
        """Note when the first of a stream is due."""
        due_s = stream.next_due_s(self.now_s)
        if due_s < self.now_s + NOW_S / 2:
            due_s = self.now_s
        if due_s != stream.due_s:
            stream.due_s = due_s
            if due_s < math.inf:
                heappush(self._agenda, (due_s, next(self._tickets), stream))
