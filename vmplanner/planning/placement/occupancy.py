"""What stands on each host while places are tried, with every step taken back as cheaply as it was made."""

from collections.abc import Iterable, Sequence

from vmplanner.planning.placement.constraints import Problem
from vmplanner.planning.placement.room import Room


class Occupancy:
    """Parts (units of VMs, or single VMs) on hosts. A part that is nowhere has the place -1."""

    def __init__(self, problem: Problem, parts: Sequence[Sequence[int]], scoped: bool) -> None:
        """`parts` are the VMs of each part; only with `scoped` what rules say of many hosts together counts."""
        fleet = problem.fleet
        self.place = [-1] * len(parts)
        self.memory = [sum(fleet.memory[vm] for vm in vms) for vms in parts]
        self.needs = [Room(*map(sum, zip(*(fleet.needs[vm] for vm in vms), strict=True))) for vms in parts]
        self.used = [0] * len(fleet.hosts)
        self._taken = [Room()] * len(fleet.hosts)
        self.on: list[dict[int, None]] = [{} for _ in fleet.hosts]
        self.capacity = problem.capacity
        self.scopes = problem.scopes if scoped else []
        self.used_in = [0] * len(self.scopes)
        self.apart = [tuple(rule for vm in vms for rule in problem.apart_vms[vm]) for vms in parts]
        self._present: list[dict[int, int]] = [{} for _ in problem.apart]
        self._journal: list[tuple[int, int]] = []

    def fits(self, part: int, host: int) -> bool:
        """Whether a part that is elsewhere or nowhere has room on a host, and no other there that it must avoid."""
        if not self.capacity[host].holds(self._taken[host].plus(self.needs[part])):
            return False
        if any(self._present[rule].get(host) for rule in self.apart[part]):
            return False
        here = self.place[part]
        for number, (hosts, limit) in enumerate(self.scopes):
            inside = here >= 0 and hosts >> here & 1
            if hosts >> host & 1 and not inside and self.used_in[number] + self.memory[part] > limit:
                return False
        return True

    def put(self, part: int, host: int) -> None:
        """Set a part on a host, or (-1) nowhere."""
        before = self.place[part]
        self._journal.append((part, before))
        if before >= 0:
            self._change(part, before, -1)
        if host >= 0:
            self._change(part, host, 1)
        self.place[part] = host

    def _change(self, part: int, host: int, sign: int) -> None:
        self.used[host] += sign * self.memory[part]
        taken = self._taken[host]
        self._taken[host] = taken.plus(self.needs[part]) if sign > 0 else taken.minus(self.needs[part])
        if sign > 0:
            self.on[host][part] = None
        else:
            del self.on[host][part]
        for rule in self.apart[part]:
            present = self._present[rule]
            present[host] = present.get(host, 0) + sign
        for number, (hosts, _) in enumerate(self.scopes):
            if hosts >> host & 1:
                self.used_in[number] += sign * self.memory[part]

    def mark(self) -> int:
        """A point to come back to."""
        return len(self._journal)

    def back_to(self, mark: int) -> None:
        while len(self._journal) > mark:
            part, before = self._journal.pop()
            self.put(part, before)
            self._journal.pop()

    def is_over(self, host: int) -> bool:
        return not self.capacity[host].holds(self._taken[host])

    def lack(self, host: int, *coming: int) -> Room:
        """By how much a host would be too full with these parts more; below 0 of what is left."""
        needed = self._taken[host]
        for part in coming:
            needed = needed.plus(self.needs[part])
        return needed.minus(self.capacity[host])

    def scopes_over(self) -> Iterable[int]:
        """The hosts, as bits, of each set that holds more than it may."""
        return (hosts for (hosts, limit), used in zip(self.scopes, self.used_in, strict=True) if used > limit)

    def avoided_on(self, part: int, host: int) -> list[int]:
        """The parts on a host that must not be on the same one as `part`."""
        if not any(self._present[rule].get(host) for rule in self.apart[part]):
            return []
        mine = set(self.apart[part])
        return [other for other in self.on[host] if other != part and not mine.isdisjoint(self.apart[other])]

    def share(self, host: int, more: int = 0) -> float:
        """How full the host's memory would be with so many bytes more."""
        capacity = self.capacity[host].memory_bytes
        return (self.used[host] + more) / capacity if capacity else float("inf")
