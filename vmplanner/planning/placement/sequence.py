"""In which order VMs move, so that each finds room when its turn comes.

What can go goes. Where nothing can, VMs wait for each other in a circle (two full hosts that swap VMs): one of them
goes to a third host for the time being, the cheapest whose going lets another come.
"""

from collections.abc import Iterator, Sequence

from attrs import frozen

from vmplanner.planning.placement.constraints import Problem, bits
from vmplanner.planning.placement.occupancy import Occupancy

# How often one VM may be put on a third host.
_MOST_HOPS = 2


@frozen
class Step:
    """One VM goes from one host to another, all by number; after a hop it goes on."""

    vm: int
    source: int
    target: int
    is_hop: bool


def in_order(problem: Problem, places: Sequence[int]) -> tuple[Step, ...] | None:
    """The steps from where the VMs are to `places`; None when no order was found that leaves room on the way."""
    return _Walk(problem, places).steps()


class _Walk:
    def __init__(self, problem: Problem, places: Sequence[int]) -> None:
        self._problem = problem
        self._places = list(places)
        self._occupancy = occupied(problem, problem.where)
        moving = [vm for vm, (here, there) in enumerate(zip(problem.where, places, strict=True)) if here != there]
        fleet, where = problem.fleet, problem.where
        # The largest first; as many as can be leave one host before the next is begun.
        order = sorted(moving, key=lambda vm: (-fleet.priority[vm], where[vm], -fleet.memory[vm], vm))
        self._pending = dict.fromkeys(order)
        self._hops: dict[int, int] = {}

    def steps(self) -> tuple[Step, ...] | None:
        steps: list[Step] = []
        while self._pending:
            self._problem.fleet.heed_stop()
            ready = [vm for vm in self._pending if self._may_begin(vm) and self._can_go(vm, self._places[vm])]
            went = False
            for vm in ready:
                # One that went before may have taken the room.
                if self._can_go(vm, self._places[vm]):
                    steps.append(self._go(vm, self._places[vm], is_hop=False))
                    del self._pending[vm]
                    went = True
            if not went:
                hop = next(self._hop_choices(), None)
                if hop is None:
                    return None
                vm, host = hop
                self._hops[vm] = self._hops.get(vm, 0) + 1
                self._pending.setdefault(vm)
                steps.append(self._go(vm, host, is_hop=True))
        return tuple(steps)

    def _may_begin(self, vm: int) -> bool:
        return not any(first in self._pending for first in self._problem.waits_for.get(vm, ()))

    def _can_go(self, vm: int, host: int) -> bool:
        here = self._occupancy.place[vm]
        return bool(self._problem.reach[here] >> host & 1) and self._occupancy.fits(vm, host)

    def _go(self, vm: int, host: int, *, is_hop: bool) -> Step:
        step = Step(vm, self._occupancy.place[vm], host, is_hop)
        self._occupancy.put(vm, host)
        return step

    def _hop_choices(self) -> Iterator[tuple[int, int]]:
        """VMs and third hosts for them, best first: what lets another VM come, then what costs least."""
        problem, occupancy = self._problem, self._occupancy
        waiting = {vm: self._places[vm] for vm in self._pending if self._may_begin(vm)}
        blocked = set(waiting.values())
        choices = []
        for host in blocked:
            for vm in list(occupancy.on[host]):
                if not self._may_hop(vm):
                    continue
                third = [
                    other
                    for other in bits(problem.allowed[vm] & ~(1 << host))
                    if other != self._places[vm]
                    and problem.reach[other] >> self._places[vm] & 1
                    and self._can_go(vm, other)
                ]
                if not third:
                    continue
                lets_come = self._lets_come(vm, host, waiting)
                best = min(third, key=lambda other: (other in blocked, occupancy.share(other), other))
                choices.append((not lets_come, vm not in self._pending, problem.fleet.weight(vm), vm, best))
        return ((vm, host) for *_, vm, host in sorted(choices))

    def _may_hop(self, vm: int) -> bool:
        problem = self._problem
        if self._hops.get(vm, 0) >= _MOST_HOPS or not self._may_begin(vm):
            return False
        # One that was to stay must not begin when those that come after it have gone already.
        return vm in self._pending or not any(
            vm in first and self._occupancy.place[other] != problem.where[other]
            for other, first in problem.waits_for.items()
        )

    def _lets_come(self, vm: int, host: int, waiting: dict[int, int]) -> bool:
        mark = self._occupancy.mark()
        self._occupancy.put(vm, -1)
        found = any(target == host and other != vm and self._can_go(other, host) for other, target in waiting.items())
        self._occupancy.back_to(mark)
        return found


def occupied(problem: Problem, places: Sequence[int]) -> Occupancy:
    """Each VM for itself on its host. What rules say of many hosts together holds at the end, not on the way."""
    occupancy = Occupancy(problem, [(vm,) for vm in range(len(places))], scoped=False)
    for vm, host in enumerate(places):
        occupancy.put(vm, host)
    return occupancy
