"""The drawn topology as a sender sees it: which way data take from a host to another, and what each link can carry.

Data go over switches only, the way with the least latency; of ways equal in that, the one whose narrowest link is the
widest. Over ways equal in both, parallel links among them, the pairs of hosts are spread as routers do it (equal-cost
multi-path, RFC 2992): at each fork the link with the highest hash of source, target and link is taken. So a pair keeps
its way, in every run and on every machine, and where a link goes only the pairs that used it go elsewhere.

The ways between switches are found once for each switch that is the last on a way: hosts are many, switches are few.
"""

import math
from collections.abc import Collection
from hashlib import blake2b

import networkx
from attrs import frozen

from vmplanner.domain.project import Project
from vmplanner.domain.topology import Link
from vmplanner.simulation import tcp

# The link's id and the id of the node that it is entered from: each direction has its own bandwidth.
DirectedLink = tuple[str, str]

# What makes one way better than another: its latency in whole femtoseconds, and its narrowest link's bytes/s, negative.
_Rank = tuple[int, float]
_FEMTOSECONDS_PER_S = 1e15
# The switches that a target hangs on, with the cost and the width of the links to them.
_Near = tuple[tuple[str, int, float], ...]
# A link, where it leads, and its cost.
_Step = tuple[Link, str, int]


@frozen
class Route:
    """The links from one host to another, in order, their latency one way, and the share of packets lost on it."""

    links: tuple[DirectedLink, ...]
    latency_s: float
    loss_share: float = 0.0


@frozen
class _Edge:
    """The best of the links between two nodes: the quickest, of these the widest, and all that are equal in both."""

    links: tuple[Link, ...]
    cost: int
    width: float

    @classmethod
    def of(cls, links: Collection[Link], width: dict[str, float]) -> "_Edge":
        cost, narrow = min((_cost(link), -width[link.id]) for link in links)
        best = tuple([link for link in links if (_cost(link), -width[link.id]) == (cost, narrow)])
        return cls(best, cost, -narrow)


class Network:
    """Routes, and the `capacity` of each direction of each link in bytes/s: what other traffic leaves of it."""

    def __init__(self, project: Project, down: Collection[str] = ()) -> None:
        """`down` are the ids of links that carry nothing."""
        width = {link.id: link.bandwidth_bytes_per_s * (1 - link.background_share) for link in project.links.values()}
        self.capacity: dict[DirectedLink, float] = {}
        between: dict[str, dict[str, list[Link]]] = {}
        for link in project.links.values():
            for end, other in ((link.end_a_id, link.end_b_id), (link.end_b_id, link.end_a_id)):
                self.capacity[link.id, end] = width[link.id]
                if link.id not in down:
                    between.setdefault(end, {}).setdefault(other, []).append(link)
        self._edges = {
            node: {other: _Edge.of(links, width) for other, links in others.items()} for node, others in between.items()
        }
        self._to_switches = {
            node: {other: edge for other, edge in edges.items() if other in project.switches}
            for node, edges in self._edges.items()
        }
        self._switches: networkx.Graph[str] = networkx.Graph()
        self._switches.add_nodes_from(project.switches)
        for node in project.switches:
            for other, edge in self._to_switches.get(node, {}).items():
                self._switches.add_edge(node, other, cost=edge.cost)
        self._ranks: dict[str, dict[str, _Rank]] = {}
        self._routes: dict[tuple[str, str], Route | None] = {}
        self._far_steps: dict[tuple[str, _Rank, _Near], list[_Step]] = {}

    def route(self, source_id: str, target_id: str) -> Route | None:
        """The way from a host to a host or storage, or None where no links lead there over switches."""
        key = source_id, target_id
        if key not in self._routes:
            self._routes[key] = self._find(source_id, target_id)
        return self._routes[key]

    def most_bytes_per_s(self, route: Route, streams: int) -> float:
        """What so many TCP streams, alone on their way, get at most; 0 where there is no way to go."""
        narrowest = min((self.capacity[link] for link in route.links), default=0.0)
        return min(narrowest, tcp.most_bytes_per_s(route.latency_s, route.loss_share, streams))

    def _find(self, source_id: str, target_id: str) -> Route | None:
        """At each node one of the links that the best ways begin with, until the target is reached."""
        links: list[DirectedLink] = []
        latency_s, loss_share = 0.0, 0.0
        near = tuple([(switch, edge.cost, edge.width) for switch, edge in self._to_switches.get(target_id, {}).items()])
        steps = self._steps(source_id, target_id)
        if not steps:
            return None
        left, node = min([rank for rank, _, _ in steps]), source_id
        best = _best_of(steps, left)
        while True:
            step = best[0]
            if len(best) > 1:
                step = max(best, key=lambda step: _hash(source_id, target_id, step[0].id))
            link, following, cost = step
            links.append((link.id, node))
            latency_s += link.latency_s
            loss_share = 1 - (1 - loss_share) * (1 - link.loss_share)
            if following == target_id:
                return Route(tuple(links), latency_s, loss_share)
            left, node = (left[0] - cost, left[1]), following
            best = self._best_steps(node, target_id, left, near)

    def _best_steps(self, node: str, target_id: str, left: _Rank, near: _Near) -> list[_Step]:
        """The links that the best ways on from a node begin with."""
        # Far from the target only the switches that it hangs on matter, and these many targets have in common.
        is_far = target_id not in self._edges[node]
        key = node, left, near
        if is_far and key in self._far_steps:
            return self._far_steps[key]
        best = _best_of(self._steps(node, target_id), left)
        if is_far:
            self._far_steps[key] = best
        return best

    def _steps(self, node: str, target_id: str) -> list[tuple[_Rank, str, _Edge]]:
        """How good the best way to the target over each neighbour is."""
        direct = self._edges.get(node, {}).get(target_id)
        ways = [(other, edge) for other, edge in self._to_switches.get(node, {}).items() if other != target_id]
        onward = ways if direct is None else [(target_id, direct), *ways]
        return [
            (_joined(edge, rank), other, edge)
            for other, edge in onward
            if (rank := self._rank(other, target_id)) is not None
        ]

    def _rank(self, node: str, target_id: str) -> _Rank | None:
        """How good the best way from a switch, or from the target itself, to the target is."""
        if node == target_id:
            return 0, -math.inf
        best = None
        for last, edge in self._to_switches.get(target_id, {}).items():
            rank = self._ranks_to(last).get(node)
            if rank is not None:
                rank = _joined(edge, rank)
                if best is None or rank < best:
                    best = rank
        return best

    def _ranks_to(self, switch_id: str) -> dict[str, _Rank]:
        """How good the best way from each switch to this one is."""
        if switch_id not in self._ranks:
            costs = networkx.single_source_dijkstra_path_length(self._switches, switch_id, weight="cost")
            ranks: dict[str, _Rank] = {switch_id: (0, -math.inf)}
            for node in list(costs)[1:]:  # the nearest come first, so that what lies between is known
                ranks[node] = min(
                    _joined(edge, ranks[other]) for other, edge in self._to_switches[node].items() if other in ranks
                )
            self._ranks[switch_id] = ranks
        return self._ranks[switch_id]


def _best_of(steps: list[tuple[_Rank, str, _Edge]], left: _Rank) -> list[_Step]:
    """The steps on ways as good as `left`; a wider way than the one whose narrowest link lies behind is."""
    return [
        (link, other, edge.cost)
        for rank, other, edge in steps
        if rank[0] == left[0] and rank[1] <= left[1]
        for link in edge.links
    ]


def _cost(link: Link) -> int:
    """Its latency as a whole number, so that sums are equal where ways are; a little for each link keeps ways from
    leading in circles.
    """
    return round(link.latency_s * _FEMTOSECONDS_PER_S) + 1


def _joined(edge: _Edge, rank: _Rank) -> _Rank:
    return edge.cost + rank[0], max(-edge.width, rank[1])


def _hash(*ids: str) -> bytes:
    return blake2b(ascii(ids).encode(), digest_size=8).digest()
