"""Progressive filling, for the part of the network where something has changed.

All levels (bytes/s per unit of weight) rise together; a stream of flows stops at its own cap, or when a link on its way
is full. (Bertsekas and Gallager, Data Networks, section 6.5.2.) A bundle that is held by a link where nothing has
changed keeps its level, and is for the other links on its way like a flow with a cap. The links found anew are those
that have changed; others join them only if that turns out to be wrong:

    a link is full before the level of a bundle held elsewhere is reached      the link that held it joins
    a bundle takes more or less on another link                                that link joins if it holds any bundle,
                                                                               or if that is more than it carries

What is left then is fair: each stream has its cap, or goes over a full link where no other has a higher level.
"""

import math
from collections.abc import Collection, Iterable
from heapq import heapify, heappop, heappush

from attrs import define, field

from vmplanner.simulation.streams import Flow, Stream


@define(eq=False, repr=False)
class Wire:
    """One direction of a link: the flows on it, and the bundles where it is tight."""

    capacity: float
    flows: dict[Flow, None] = field(factory=dict)
    bundles: "dict[Bundle, None]" = field(factory=dict)
    _gone: int = 0
    is_tight: bool = False
    # What its flows take at most while all levels stay in their bands; what flows with caps below their bands take.
    bound: float = 0.0
    fixed: float = 0.0
    # While the levels are found: what is free, the weight and number of the streams that still rise, and the level at
    # which it is full.
    room: float = 0.0
    weight: float = 0.0
    rising: int = 0
    level: float = math.inf

    def forget(self, bundle: "Bundle") -> None:
        """A bundle is empty. A dict keeps the places of what has gone, and each loop over it goes over them too: that
        would be most of the time after thousands of bundles have gone.
        """
        del self.bundles[bundle]
        self._gone += 1
        if self._gone > len(self.bundles):
            self.bundles, self._gone = dict(self.bundles), 0

    @property
    def is_concerned(self) -> bool:
        """Whether it matters here that a bundle has taken more or less: some are held here, or should be."""
        taken = self.fixed
        for bundle in self.bundles:
            if bundle.held_by is self:
                return True
            taken += bundle.taken
        return taken > self.capacity


@define(eq=False, repr=False)
class Bundle:
    """Flows with the same tight links on their way, sorted by their caps: above, within or below the band of the level.

    Those below belong to a stream of their own that all bundles share.
    """

    wires: tuple[Wire, ...]
    low: float
    high: float
    level: float = math.inf
    flows: dict[Flow, None] = field(factory=dict)
    free: Stream = field(factory=Stream)
    between: dict[float, Stream] = field(factory=dict)
    # The streams among which its level was found last, what these take together, and the link that holds the level
    # where it is; None where they all have what their caps let through.
    filled: list[Stream] = field(factory=list)
    taken: float = 0.0
    held_by: Wire | None = None

    @property
    def is_open(self) -> bool:
        """It has no band yet."""
        return self.high > self.low == 0

    def streams(self) -> list[Stream]:
        streams = list(self.between.values()) if self.between else []
        if self.free.size:
            streams.append(self.free)
        return streams


def found_anew(changed: Iterable[Wire]) -> dict[Bundle, None]:
    """Find the rates of the streams on links that have changed, and of as many others as these bear on. Returns the
    bundles of these streams.
    """
    wires = dict.fromkeys(changed)
    before: dict[Bundle, float] = {}
    while True:
        bundles: dict[Bundle, None] = {}
        held: dict[Bundle, Wire] = {}
        for wire in wires:
            for bundle in wire.bundles:
                if bundle.held_by is None or bundle.held_by in wires or bundle in before:
                    bundles[bundle] = None
                    before.setdefault(bundle, bundle.taken)
                else:
                    held[bundle] = bundle.held_by
        _fill(wires, bundles, held)
        wider: list[Wire] = []
        for wire in wires:
            level = wire.level
            for bundle in wire.bundles:
                if bundle.level > level and bundle in held:
                    wider.append(held[bundle])
        for bundle in bundles:
            if len(bundle.wires) > 1 and bundle.taken != before[bundle]:
                for wire in bundle.wires:
                    if wire not in wires and wire.is_concerned:
                        wider.append(wire)
        if not wider:
            return bundles
        for wire in wider:
            wires[wire] = None


def _fill(wires: Iterable[Wire], bundles: Collection[Bundle], held: Iterable[Bundle]) -> None:
    """Find the levels of bundles and the rates of their streams by progressive filling; the `held` stay as they are."""
    stops: list[tuple[float, int, Wire | tuple[Bundle, Stream]]] = []
    for wire in wires:
        wire.room, wire.weight, wire.rising, wire.level = wire.capacity - wire.fixed, 0.0, 0, math.inf
    for bundle in held:
        for wire in bundle.wires:
            wire.room -= bundle.taken
    for bundle in bundles:
        bundle.level, bundle.held_by, bundle.taken, bundle.filled = math.inf, None, 0.0, bundle.streams()
        for stream in bundle.filled:
            stream.is_rising = True
            for wire in bundle.wires:
                wire.weight += stream.weight
                wire.rising += 1
            if stream.limit < math.inf:
                stops.append((stream.limit, len(stops), (bundle, stream)))
    for wire in wires:
        if wire.rising:
            stops.append((max(0.0, wire.room / wire.weight), len(stops), wire))
        elif wire.room < -1e-10 * wire.capacity:
            wire.level = 0.0
            for bundle in wire.bundles:
                if bundle in bundles:
                    bundle.level, bundle.held_by = 0.0, wire
    if len(stops) > 1:
        heapify(stops)
    while stops:
        level, number, item = heappop(stops)
        if isinstance(item, tuple):
            bundle, stream = item
            if stream.is_rising:
                _stop(stream, bundle, level)
        elif item.rising:
            # Streams that have stopped since leave more to the others.
            full_at = max(level, item.room / item.weight)
            if full_at > level:
                heappush(stops, (full_at, number, item))
                continue
            item.level = level
            for bundle in item.bundles:
                if bundle not in bundles:
                    continue
                if level < bundle.level:
                    bundle.level, bundle.held_by = level, item
                for stream in bundle.filled:
                    if stream.is_rising:
                        _stop(stream, bundle, level)


def _stop(stream: Stream, bundle: Bundle, level: float) -> None:
    """A stream rises no more."""
    stream.is_rising = False
    stream.found_rate = level
    taken = level * stream.weight
    bundle.taken += taken
    for wire in bundle.wires:
        wire.room -= taken
        wire.weight -= stream.weight
        wire.rising -= 1
