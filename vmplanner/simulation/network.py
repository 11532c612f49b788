"""The drawn topology as a sender sees it: which way data take from a host to another, and what each link can carry.

Data go the way with the least latency, over switches only. The shortest ways between switches are found once for each
switch that is the first on a way: hosts are many, switches are few.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import cast

import networkx
from attrs import frozen

from vmplanner.domain.project import Project

# The link's id and the id of the node that it is entered from: each direction has its own bandwidth.
DirectedLink = tuple[str, str]

# From a switch to each other one: the latency, and the switches on the way.
_Ways = tuple[dict[str, float], dict[str, list[str]]]


@frozen
class Route:
    """The links from one host to another, in order, and their latency one way."""

    links: tuple[DirectedLink, ...]
    latency_s: float


@frozen(order=True)
class _Edge:
    """The best of the links between two nodes: the quickest, then the widest."""

    latency_s: float
    minus_bandwidth: float
    link_id: str


class Network:
    """Routes, and the `capacity` of each direction of each link in bytes/s.

    `background` is the share of a link's bandwidth, 0 to 1, that other traffic takes in either direction, by link id.
    """

    def __init__(self, project: Project, background: Mapping[str, float] | None = None) -> None:
        taken = background or {}
        self.capacity: dict[DirectedLink, float] = {}
        self._edges: dict[str, dict[str, _Edge]] = {}
        for link in project.links.values():
            edge = _Edge(link.latency_s, -link.bandwidth_bytes_per_s, link.id)
            for end, other in ((link.end_a_id, link.end_b_id), (link.end_b_id, link.end_a_id)):
                self.capacity[link.id, end] = link.bandwidth_bytes_per_s * (1 - taken.get(link.id, 0.0))
                edges = self._edges.setdefault(end, {})
                edges[other] = min(edge, edges.get(other, edge))
        self._switches: networkx.Graph[str] = networkx.Graph()
        self._switches.add_nodes_from(project.switches)
        for node in project.switches:
            for other, edge in self._edges.get(node, {}).items():
                if other in project.switches:
                    self._switches.add_edge(node, other, latency_s=edge.latency_s)
        self._ways: dict[str, _Ways] = {}
        self._routes: dict[tuple[str, str], Route | None] = {}

    def route(self, source_id: str, target_id: str) -> Route | None:
        """The way with the least latency from a host to a host or storage that leads through switches only, or None."""
        key = source_id, target_id
        if key not in self._routes:
            self._routes[key] = self._find(source_id, target_id)
        return self._routes[key]

    def _find(self, source_id: str, target_id: str) -> Route | None:
        if source_id == target_id:
            return Route((), 0.0)
        from_source, from_target = self._edges.get(source_id, {}), self._edges.get(target_id, {})
        found: list[tuple[float, list[str]]] = []
        if target_id in from_source:
            found.append((from_source[target_id].latency_s, []))
        for first in from_source:
            if first not in self._switches:
                continue
            latencies, ways = self._ways_from(first)
            for last in from_target:
                if last in latencies:
                    ends_s = from_source[first].latency_s + from_target[last].latency_s
                    found.append((ends_s + latencies[last], ways[last]))
        if not found:
            return None
        nodes = [source_id, *min(found, key=lambda way: way[0])[1], target_id]
        edges = [(node, self._edges[node][following]) for node, following in pairwise(nodes)]
        links = tuple([(edge.link_id, node) for node, edge in edges])
        return Route(links, float(sum([edge.latency_s for _, edge in edges])))

    def _ways_from(self, switch_id: str) -> _Ways:
        if switch_id not in self._ways:
            found = networkx.single_source_dijkstra(self._switches, switch_id, weight="latency_s")
            self._ways[switch_id] = cast(_Ways, found)
        return self._ways[switch_id]
