"""A drawing in which linked things pull each other near and all others push each other away. Knows nothing of Qt.

networkx finds the places; what lies in a site or a rack stays together as one block. Cards are not points, so blocks
that would overlap are moved apart at the end.
"""

from math import sqrt

import networkx as nx
import numpy as np

from vmplanner.domain.project import Project
from vmplanner.ui.canvas.alignment import Card
from vmplanner.ui.canvas.blocks import GAP, Block, grid
from vmplanner.ui.canvas.layered import Layers

# From so many on things with the same neighbours are one block: their places would take too long to find.
_MOST = 300
_SPREAD = 3.0
_SEED = 7


def force_directed(project: Project, layers: Layers) -> list[Card]:
    """The cards at their new places."""
    units = layers.units()
    if len(units) > _MOST:
        units = _merged(project, units)
    if not units:
        return []
    unit_of = {node_id: index for index, (_block, ids) in enumerate(units) for node_id in ids}
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(units)))
    for link in project.links.values():
        a, b = unit_of.get(link.end_a_id), unit_of.get(link.end_b_id)
        if a is not None and b is not None and a != b:
            graph.add_edge(a, b)
    blocks = [block for block, _ids in units]
    centres = _places(graph) * sqrt(_SPREAD * sum((b.width + GAP) * (b.height + GAP) for b in blocks)) / 2
    return [
        card for block, (left, top) in zip(blocks, _apart(blocks, centres), strict=True) for card in block.at(left, top)
    ]


def _places(graph: "nx.Graph[int]") -> np.ndarray:
    """A place for each node, between -1 and 1."""
    if len(graph) < 2:
        return np.zeros((len(graph), 2))
    if len(graph) <= _MOST:
        places = np.array([*nx.spring_layout(graph, seed=_SEED, iterations=100).values()], dtype=np.float64)
    else:
        places = np.array([*nx.forceatlas2_layout(graph, seed=_SEED, max_iter=12).values()], dtype=np.float64)
    places -= places.mean(axis=0)
    return places / max(1e-9, float(np.abs(places).max()))


def _merged(project: Project, units: list[tuple[Block, set[str]]]) -> list[tuple[Block, set[str]]]:
    """Single cards with the same neighbours as one block."""
    neighbours: dict[str, set[str]] = {}
    for link in project.links.values():
        neighbours.setdefault(link.end_a_id, set()).add(link.end_b_id)
        neighbours.setdefault(link.end_b_id, set()).add(link.end_a_id)
    alike: dict[frozenset[str], list[tuple[Block, set[str]]]] = {}
    found = []
    for block, ids in units:
        near = frozenset(neighbours.get(next(iter(ids)), ())) if len(ids) == 1 else None
        if near is None:
            found.append((block, ids))
        else:
            alike.setdefault(near, []).append((block, ids))
    for several in alike.values():
        found.append((grid([block for block, _ids in several], 1.2), set().union(*(ids for _block, ids in several))))
    return found


def _apart(blocks: list[Block], centres: np.ndarray) -> list[tuple[float, float]]:
    """The corners of blocks that do not overlap: from the middle outwards each is moved on, away from the middle,
    until it has room.
    """
    corners = np.array([(x - b.width / 2, y - b.height / 2) for b, (x, y) in zip(blocks, centres, strict=True)])
    sizes = np.array([(block.width, block.height) for block in blocks])
    order = np.argsort((centres**2).sum(axis=1), kind="stable")
    placed: list[int] = []
    for index in order:
        is_below = centres[index][1] >= 0
        while placed:
            starts, ends = corners[placed], corners[placed] + sizes[placed]
            own, end = corners[index], corners[index] + sizes[index]
            # A little less than the gap, so that rounding does not move a block on for ever.
            meets = ((own < ends + GAP - 1) & (starts < end + GAP - 1)).all(axis=1)
            if not meets.any():
                break
            if is_below:
                corners[index][1] = ends[meets][:, 1].max() + GAP
            else:
                corners[index][1] = starts[meets][:, 1].min() - GAP - sizes[index][1]
        placed.append(int(index))
    return [(float(left), float(top)) for left, top in corners]
