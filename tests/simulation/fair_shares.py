"""Fair shares computed anew for all flows at every event: slow and simple, to hold the fast way against."""

import math
from collections.abc import Mapping

from attrs import frozen

from vmplanner.simulation.network import DirectedLink
from vmplanner.simulation.streams import NOW_S, Flow, Steady


@frozen
class Wish:
    """What a sender wants: a way through the network, no more than `cap_bytes_per_s`, and a share by its weight."""

    links: tuple[DirectedLink, ...]
    cap_bytes_per_s: float
    weight: float = 1.0


def share_fairly(flows: Mapping[str, Wish], capacity: Mapping[DirectedLink, float]) -> dict[str, float]:
    """The max-min fair rate of each flow in bytes/s, by progressive filling. A flow without links and cap gets an
    infinite rate.
    """
    rates: dict[str, float] = {}
    free = {link: capacity[link] for flow in flows.values() for link in flow.links}
    rising = dict(flows)
    while rising:
        weights = {link: sum(flow.weight for flow in rising.values() if link in flow.links) for link in free}
        full_at = {link: free[link] / weight for link, weight in weights.items() if weight}
        caps = {key: flow.cap_bytes_per_s / flow.weight for key, flow in rising.items()}
        level = min([*full_at.values(), *caps.values()])
        full = {link for link, when in full_at.items() if when <= level * (1 + 1e-12)}
        stopped = [key for key, flow in rising.items() if caps[key] <= level or not full.isdisjoint(flow.links)]
        for key in stopped:
            flow = rising.pop(key)
            rates[key] = min(level * flow.weight, flow.cap_bytes_per_s)
            for link in flow.links:
                free[link] = max(0.0, free[link] - rates[key])
    return rates


class PlainShares:
    """In the place of `Shares`: all rates at every event, and every flow looked at for the next one."""

    def __init__(self, capacity: Mapping[DirectedLink, float]) -> None:
        self.now_s = 0.0
        self._capacity = capacity
        self._flows: dict[str, Flow] = {}
        self._steady = Steady(rate=1.0)

    @property
    def next_due_s(self) -> float:
        return min(map(self._due_s, self._flows.values()), default=math.inf)

    def put(self, flow: Flow) -> None:
        self._flows[str(id(flow))] = flow

    def take_out(self, flow: Flow) -> None:
        self._flows.pop(str(id(flow)), None)
        flow._stream = None

    def rate(self, flow: Flow) -> float:
        return flow._speed

    def take_due(self) -> list[Flow]:
        return [flow for flow in self._flows.values() if self._due_s(flow) <= self.now_s + NOW_S]

    def settle(self) -> None:
        wishes = {
            key: Wish(flow.links, min(flow.cap_bytes_per_s, 1e18), flow.weight) for key, flow in self._flows.items()
        }
        rates = share_fairly(wishes, self._capacity)
        for key, flow in self._flows.items():
            flow.settle(self.now_s)
            flow._stream, flow._speed, flow._settled_at = self._steady, rates[key], self.now_s

    def _due_s(self, flow: Flow) -> float:
        flow.settle(self.now_s)
        return flow.due_s(self.now_s, flow._speed)
