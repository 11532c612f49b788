"""What stands in which row of the timeline: a migration in each, or the migrations of each host in as few rows as they
need.
"""

from collections.abc import Sequence
from enum import StrEnum

from attrs import frozen

from vmplanner.domain.results import MigrationResult


class Grouped(StrEnum):
    """What a row of the timeline is of."""

    VM = "vm"
    HOST = "host"


@frozen
class Row:
    """`name` stands before it; it is empty in the further rows of a host. `numbers` are places in the results."""

    name: str
    numbers: tuple[int, ...]


def rows_of(results: Sequence[MigrationResult], grouped: Grouped) -> list[Row]:
    """The rows, from top to bottom. A migration is among those of its source and of its target."""
    if grouped is Grouped.VM:
        return [Row(result.vm, (number,)) for number, result in enumerate(results)]
    of_host: dict[str, list[int]] = {}
    for number, result in enumerate(results):
        for host in dict.fromkeys((result.source, result.target)):
            of_host.setdefault(host, []).append(number)
    rows: list[Row] = []
    for host in sorted(of_host):
        lanes: list[tuple[float, list[int]]] = []
        for number in sorted(of_host[host], key=lambda number: results[number].started_s):
            result = results[number]
            end_s = result.started_s + result.total_s
            free = next((place for place, lane in enumerate(lanes) if lane[0] <= result.started_s + 1e-9), None)
            if free is None:
                lanes.append((end_s, [number]))
            else:
                lanes[free] = (end_s, [*lanes[free][1], number])
        rows += [Row(host if not place else "", tuple(lane)) for place, (_, lane) in enumerate(lanes)]
    return rows
