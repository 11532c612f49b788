"""Where new things go on the canvas: below what is there, switches above hosts above storages."""

import math
from collections.abc import Iterable, Sequence

from vmplanner.domain.project import Project
from vmplanner.domain.topology import Position

_ACROSS = 288.0
_DOWN = 240.0
_ROW_OF_MACHINES = 42.0
_MACHINES_ACROSS = 2
_WIDER = 1.6  # than high, as windows are


def places(
    project: Project, switches: int, machines_of_hosts: Sequence[int], storages: int
) -> tuple[list[Position], list[Position], list[Position]]:
    """Positions for new switches, hosts (given how many VMs each has) and storages, in this order."""
    taken = [node.position for nodes in (project.hosts, project.switches, project.storages) for node in nodes.values()]
    left = min((place.x for place in taken), default=0.0)
    top = max((place.y for place in taken), default=-_DOWN) + _DOWN
    down = sum(_height(machines) for machines in machines_of_hosts)
    across = max(3, math.ceil(math.sqrt(_WIDER * max(down, _DOWN * switches, _DOWN * storages) / _ACROSS)))
    width = min(across, max(len(machines_of_hosts), 1)) * _ACROSS
    above, top = _grid(switches, across, left, width, top, [0] * switches)
    middle, top = _grid(len(machines_of_hosts), across, left, width, top, machines_of_hosts)
    below, _ = _grid(storages, across, left, width, top, [0] * storages)
    return above, middle, below


def middle_above(positions: Sequence[Position]) -> Position:
    """A place above the middle of others."""
    x = sum(position.x for position in positions) / len(positions)
    return Position(round(x), min(position.y for position in positions) - _DOWN)


def _height(machines: int) -> float:
    """What a host with so many VMs takes, with the room below it."""
    return _DOWN + math.ceil(machines / _MACHINES_ACROSS) * _ROW_OF_MACHINES


def _grid(
    things: int, across: int, left: float, width: float, top: float, machines: Iterable[int]
) -> tuple[list[Position], float]:
    """Rows of things, each row in the middle of the width as high as its fullest host; and where the next begins."""
    counts = list(machines)
    found: list[Position] = []
    for start in range(0, things, across):
        row = counts[start : start + across]
        first = left + (width - len(row) * _ACROSS) / 2
        found += [Position(round(first + number * _ACROSS), round(top)) for number in range(len(row))]
        top += _height(max(row))
    return found, top
