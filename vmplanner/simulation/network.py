"""How flows share links: max-min fairness by progressive filling.

All rates rise together; a flow stops rising when it reaches its own cap or when a link on its way is full. The result
is the one allocation in which no flow can get more without one that has less (or as much) getting less. (Bertsekas
and Gallager, Data Networks, section 6.5.2.)
"""

import math
from collections.abc import Mapping
from itertools import pairwise

import networkx
from attrs import frozen

from vmplanner.domain.project import Project

DirectedLink = tuple[
    str, str
]  # the link's id and the id of the node it is entered from: each direction has its own bandwidth


@frozen
class Route:
    """The links from one host to another, in order, and their latency one way."""

    links: tuple[DirectedLink, ...]
    latency_s: float


class Network:
    """The drawn topology as a sender sees it."""

    def __init__(self, project: Project) -> None:
        self._graph: networkx.Graph[str] = networkx.Graph()
        self._graph.add_nodes_from([*project.hosts, *project.switches])
        self.capacity: dict[DirectedLink, float] = {}
        for link in project.links.values():
            for end in (link.end_a_id, link.end_b_id):
                self.capacity[link.id, end] = link.bandwidth_bytes_per_s
            self._add_edge(link.end_a_id, link.end_b_id, link.id, link.latency_s, link.bandwidth_bytes_per_s)
        self._hosts = set(project.hosts)
        self._routes: dict[tuple[str, str], Route | None] = {}

    def route(self, source_id: str, target_id: str) -> Route | None:
        """The way with the least latency that does not lead through a third host, or None."""
        key = source_id, target_id
        if key not in self._routes:
            self._routes[key] = self._find(source_id, target_id)
        return self._routes[key]

    def _add_edge(self, a: str, b: str, link_id: str, latency_s: float, bandwidth: float) -> None:
        """Of parallel links keep the quickest, then the widest."""
        known = self._graph.get_edge_data(a, b)
        if known is None or (latency_s, -bandwidth) < (known["latency_s"], -known["bandwidth"]):
            self._graph.add_edge(a, b, link_id=link_id, latency_s=latency_s, bandwidth=bandwidth)

    def _find(self, source_id: str, target_id: str) -> Route | None:
        between = (self._hosts - {source_id, target_id}).__contains__
        graph = networkx.subgraph_view(self._graph, filter_node=lambda node: not between(node))
        try:
            nodes = networkx.shortest_path(graph, source_id, target_id, weight="latency_s")
        except (networkx.NetworkXNoPath, networkx.NodeNotFound):
            return None
        edges = [(node, self._graph.edges[node, following]) for node, following in pairwise(nodes)]
        return Route(
            tuple((edge["link_id"], node) for node, edge in edges), float(sum(edge["latency_s"] for _, edge in edges))
        )


@frozen
class Flow:
    """What a sender wants: a way through the network, and no more than `cap_bytes_per_s`."""

    links: tuple[DirectedLink, ...]
    cap_bytes_per_s: float


def share_fairly(flows: Mapping[str, Flow], capacity: Mapping[DirectedLink, float]) -> dict[str, float]:
    """The max-min fair rate of each flow in bytes/s. A flow without links and cap gets an infinite rate."""
    rates: dict[str, float] = {}
    free = {link: capacity[link] for flow in flows.values() for link in flow.links}
    users: dict[DirectedLink, int] = dict.fromkeys(free, 0)
    for flow in flows.values():
        for link in flow.links:
            users[link] += 1
    rising = dict(flows)
    while rising:
        full_at = min((free[link] / count for link, count in users.items() if count), default=math.inf)
        capped_at = min(flow.cap_bytes_per_s for flow in rising.values())
        level = min(full_at, capped_at)
        tight = {link for link, count in users.items() if count and free[link] / count <= full_at * (1 + 1e-12)}
        stopped = [
            key
            for key, flow in rising.items()
            if flow.cap_bytes_per_s <= level or (full_at <= capped_at and not tight.isdisjoint(flow.links))
        ]
        for key in stopped or list(rising):
            flow = rising.pop(key)
            rates[key] = min(level, flow.cap_bytes_per_s)
            for link in flow.links:
                free[link] = max(0.0, free[link] - rates[key])
                users[link] -= 1
    return rates
