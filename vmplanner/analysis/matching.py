"""Which migration of one run is which of another, though the plan may have changed between them."""

from collections import Counter
from collections.abc import Sequence

from vmplanner.domain.results import MigrationResult, Run

Key = tuple[str, str, int]
"""Names a migration in all runs that are looked at together. Nobody but this module should read anything into it."""


def matched(runs: Sequence[Run]) -> list[dict[Key, MigrationResult]]:
    """For each run its results in their order, under keys by which the same migration is found in the others.

    Two are the same when they have the same id and VM. Where the plan was made anew, the ids say nothing; then a VM's
    first, second, ... migration of the first run is that of the other.
    """
    first: dict[Key, MigrationResult] = {}
    found = []
    for number, run in enumerate(runs):
        keyed = _by_id(run)
        if number == 0:
            first = keyed
        else:
            free = {place: key for key, place in _places(first).items() if key not in keyed}
            places = _places(keyed)
            keyed = {(key if key in first else free.get(places[key], key)): result for key, result in keyed.items()}
        found.append(keyed)
    return found


def _by_id(run: Run) -> dict[Key, MigrationResult]:
    seen: Counter[tuple[str, str]] = Counter()
    keyed = {}
    for result in run.results:
        name = result.migration_id, result.vm
        keyed[*name, seen[name]] = result
        seen[name] += 1
    return keyed


def _places(keyed: dict[Key, MigrationResult]) -> dict[Key, tuple[str, int]]:
    """Of each migration the VM, and how many of that VM come before."""
    seen: Counter[str] = Counter()
    places = {}
    for key, result in keyed.items():
        places[key] = (result.vm, seen[result.vm])
        seen[result.vm] += 1
    return places
