"""How much each link carried over time, and by which migrations: recomputed from a run's results, never stored.

A migration's rate is that of its samples (domain/results.py), or where nobody watched that of its passes: the bytes of
one phase and round over its time. Where a pass lasts longer than the share of the link that it had, its mean rate may
seem more than the link carries.
"""

from collections.abc import Iterable
from functools import cached_property
from itertools import groupby

import numpy as np
import numpy.typing as npt
from attrs import frozen

from vmplanner.domain.link_names import link_names
from vmplanner.domain.project import Project
from vmplanner.domain.results import MigrationResult
from vmplanner.simulation.network import Network

Array = npt.NDArray[np.float64]


@frozen(eq=False)
class Flow:
    """What one migration sent: `sent_bytes` by each of `at_s`, both growing; seconds on the run's clock."""

    migration_id: str
    vm: str
    at_s: Array
    sent_bytes: Array

    def rates(self, edges_s: Array) -> Array:
        """The mean rate between each two neighbours of `edges_s`, in bytes/s."""
        sent = np.interp(edges_s, self.at_s, self.sent_bytes)
        return np.diff(sent) / np.maximum(np.diff(edges_s), 1e-9)


@frozen(eq=False, slots=False)
class LinkLoad:
    """One direction of a link: its name ('alpha - core, from alpha'), what it can carry, and what went over it."""

    name: str
    capacity_bytes_per_s: float
    results: tuple[MigrationResult, ...]

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        return tuple(map(flow_of, self.results))

    @cached_property
    def sent_bytes(self) -> int:
        return sum(result.transferred_bytes for result in self.results)


def flow_of(result: MigrationResult) -> Flow:
    """What a migration sent over time."""
    at_s, sent = [result.started_s], [0.0]
    if result.samples:
        for sample in result.samples:
            at_s.append(result.started_s + sample.at_s)
            sent.append(sent[-1] + sample.bytes)
    else:
        for _, segments in groupby(result.segments, key=lambda segment: (segment.phase, segment.round)):
            parts = list(segments)
            at_s.append(result.started_s + parts[-1].end_s)
            sent.append(sent[-1] + sum(part.bytes for part in parts))
    return Flow(result.migration_id, result.vm, np.array(at_s), np.array(sent))


def link_loads(project: Project, results: Iterable[MigrationResult]) -> list[LinkLoad]:
    """The links that migrations went over, each direction by itself, the busiest first. Hosts are found by the names
    that they had then; what went to or from others is left out.
    """
    ids = {host.name: host.id for host in project.hosts.values()}
    network, names = Network(project), link_names(project)
    over: dict[tuple[str, str], list[MigrationResult]] = {}
    for result in results:
        if result.source not in ids or result.target not in ids or not result.segments:
            continue
        route = network.route(ids[result.source], ids[result.target])
        for link in route.links if route is not None else ():
            over.setdefault(link, []).append(result)
    loads = []
    for (link_id, from_id), parts in over.items():
        node = project.node(from_id)
        name = f"{names[link_id]}, from {node.name if node is not None else from_id}"
        loads.append(LinkLoad(name, network.capacity[link_id, from_id], tuple(parts)))
    return sorted(loads, key=lambda load: (-load.sent_bytes / load.capacity_bytes_per_s, load.name))
