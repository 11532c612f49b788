"""The cheapest way through all states of a small fleet, for when the quick answer fails.

Dijkstra's algorithm; a state is the host of each VM, a step the move of one. It finds every placement that can be
reached, with temporary hosts and all, so that of a small fleet "there is none" is the truth.
"""

from heapq import heappop, heappush
from math import prod

from vmplanner.planning.placement.constraints import Problem, bits
from vmplanner.planning.placement.occupancy import Occupancy
from vmplanner.planning.placement.sequence import Step, occupied

_MOST_STATES = 5_000

State = tuple[int, ...]


def is_small(problem: Problem) -> bool:
    return prod((mask | 1 << host).bit_count() for mask, host in zip(problem.allowed, problem.where, strict=True)) <= (
        _MOST_STATES
    )


def cheapest_way(problem: Problem) -> tuple[State, tuple[Step, ...]] | None:
    """Places and the steps there, or None when there is none."""
    start = problem.where
    best: dict[State, float] = {start: 0.0}
    came: dict[State, tuple[State, Step]] = {}
    queue: list[tuple[float, State]] = [(0.0, start)]
    while queue:
        problem.fleet.heed_stop()
        cost, state = heappop(queue)
        if cost > best[state]:
            continue
        if is_settled(problem, state):
            return state, _way(came, start, state)
        occupancy = occupied(problem, state)
        for vm, here in enumerate(state):
            if not _may_go(problem, state, vm):
                continue
            for host in bits(problem.allowed[vm] & problem.reach[here] & ~(1 << here)):
                if occupancy.fits(vm, host):
                    after = (*state[:vm], host, *state[vm + 1 :])
                    total = cost + problem.fleet.weight(vm)
                    if total < best.get(after, float("inf")):
                        best[after] = total
                        came[after] = state, Step(vm, here, host, is_hop=False)
                        heappush(queue, (total, after))
    return None


def is_settled(problem: Problem, places: State) -> bool:
    """Whether everything that is asked for and every rule holds when the VMs are on these hosts."""
    occupancy = Occupancy(problem, problem.units, scoped=True)
    for unit, vms in enumerate(problem.units):
        hosts = {places[vm] for vm in vms}
        if len(hosts) > 1:
            return False
        [host] = hosts
        if not problem.homes[unit] >> host & 1 or not occupancy.fits(unit, host):
            return False
        occupancy.put(unit, host)
    return True


def _may_go(problem: Problem, state: State, vm: int) -> bool:
    """A VM that others wait for moves while they all are where they began."""
    return not any(vm in first and state[other] != problem.where[other] for other, first in problem.waits_for.items())


def _way(came: dict[State, tuple[State, Step]], start: State, end: State) -> tuple[Step, ...]:
    steps: list[Step] = []
    while end != start:
        end, step = came[end]
        steps.append(step)
    steps.reverse()
    # Of several moves of one VM only the last is where it stays.
    last = {step.vm: place for place, step in enumerate(steps)}
    return tuple(Step(s.vm, s.source, s.target, last[s.vm] != place) for place, s in enumerate(steps))
