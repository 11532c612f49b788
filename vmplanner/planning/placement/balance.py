"""How full the hosts are: evening that out with few cheap moves, and emptying as many hosts as can be."""

from collections.abc import Callable

from attrs import evolve

from vmplanner.planning.placement.assignment import Assignment
from vmplanner.planning.placement.constraints import Demand, Problem
from vmplanner.planning.placement.occupancy import Occupancy

_EVENED = "evens out how full the hosts are"


def balanced(problem: Problem, assignment: Assignment, tolerance: float) -> Assignment:
    """The placement with units moved from fuller to emptier hosts, the most gain for its cost first, until no host's
    share of used memory is more than `tolerance` from the mean, or no move brings it nearer.
    """
    occupancy = Occupancy(problem, problem.units, scoped=True)
    for unit, vms in enumerate(problem.units):
        occupancy.put(unit, assignment.places[vms[0]])
    sizes = [host.memory_bytes for host in problem.fleet.project.hosts.values()]
    hosts = [host for host in range(len(sizes)) if not problem.closed >> host & 1]
    if not hosts:
        return assignment
    mean = sum(occupancy.used[host] for host in hosts) / sum(sizes[host] for host in hosts)
    reasons = dict(assignment.reasons)

    def off(host: int) -> float:
        return occupancy.used[host] / sizes[host] - mean

    def gain(unit: int, source: int, target: int) -> float:
        memory = occupancy.memory[unit]
        after = (off(source) - memory / sizes[source]) ** 2 + (off(target) + memory / sizes[target]) ** 2
        return off(source) ** 2 + off(target) ** 2 - after

    while max(abs(off(host)) for host in hosts) > tolerance:
        fullest = sorted(hosts, key=off, reverse=True)
        emptiest = [host for host in reversed(fullest) if off(host) < 0]
        best: tuple[float, int, int] | None = None
        problem.fleet.heed_stop()
        for source in (host for host in fullest if off(host) > 0):
            for unit in list(occupancy.on[source]):
                cost = sum(problem.fleet.weight(vm) for vm in problem.units[unit])
                for target in emptiest:
                    if problem.homes[unit] >> target & 1:
                        gained = gain(unit, source, target)
                        worth = gained / cost
                        if gained > 1e-9 and (best is None or worth > best[0]) and occupancy.fits(unit, target):
                            best = worth, unit, target
            # One of the worst hosts has to change; the others have their turn when it can't.
            if best is not None and off(source) > tolerance:
                break
        if best is None:
            break
        _, unit, target = best
        occupancy.put(unit, target)
        for vm in problem.units[unit]:
            reasons.setdefault(vm, _EVENED)
    places = tuple(occupancy.place[unit] for unit in problem.unit_of)
    kept = {vm: reasons[vm] for vm, host in enumerate(places) if host != problem.where[vm]}
    return Assignment(places, kept)


def most_emptied(problem: Problem, is_possible: Callable[[Problem], bool]) -> tuple[str, ...]:
    """The ids of hosts that can be empty all together: those with the least on them are tried first."""
    fleet = problem.fleet
    used = [0.0] * len(fleet.hosts)
    for vm, host in enumerate(problem.where):
        used[host] += fleet.weight(vm)
    closed: dict[str, str] = {fleet.hosts[host]: "" for host in range(len(used)) if not used[host]}
    for host in sorted((host for host in range(len(used)) if used[host]), key=lambda host: (used[host], host)):
        tried = {**closed, fleet.hosts[host]: ""}
        smaller = evolve(problem, demand=Demand(closed=tried))
        if len(tried) < len(used) and _has_room(smaller) and is_possible(smaller):
            closed = tried
    return tuple(closed)


def _has_room(problem: Problem) -> bool:
    """Whether the open hosts could hold all VMs if these could be cut in pieces: without that no search finds places,
    and the longest are those that find none.
    """
    open_hosts = [host for host in range(len(problem.capacity)) if not problem.closed >> host & 1]
    needed = map(sum, zip(*problem.fleet.needs, strict=True))
    there = map(sum, zip(*(problem.capacity[host] for host in open_hosts), strict=True))
    return all(need <= room for need, room in zip(needed, there, strict=True))
