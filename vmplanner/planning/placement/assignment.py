"""Which unit goes to which host: a good answer at once.

All units stay where they are but those that can't. These are placed by best-fit decreasing, the hardest first: large
ones with few hosts to choose from. One that finds no host pushes others out, which are placed in turn (ejection chains
of a few links). At the end each unit that was moved without need goes home again.
"""

from enum import Enum

from attrs import frozen

from vmplanner.domain.rules import Affinity, AntiAffinity, NeverOn, OnlyOn
from vmplanner.planning.placement.constraints import Problem, bits
from vmplanner.planning.placement.occupancy import Occupancy

# How many links an ejection chain may have, and how many parts may be tried in all for one that finds no host: most
# that find one do so in the first hundred.
_CHAIN_LINKS = 3
TRIES = 3000
QUICK_TRIES = 300


class Fit(Enum):
    """Which of the hosts with room is best: the emptiest, which balances, or the fullest, which leaves large holes."""

    EMPTIEST = 1
    FULLEST = 2


@frozen
class Assignment:
    """The host of each VM by number, and why each VM that moves does."""

    places: tuple[int, ...]
    reasons: dict[int, str]


@frozen
class Stuck:
    """No answer was found; these VMs have no host."""

    vms: tuple[int, ...]


def assign(problem: Problem, tries: int = TRIES) -> Assignment | Stuck:
    """Places for all units that keep every rule, with few and cheap moves; `tries` for each that finds no host."""
    stuck: Stuck | None = None
    for fit in Fit:
        answer = _Search(problem, fit, tries).run()
        if isinstance(answer, Assignment):
            return answer
        stuck = stuck or answer
    assert stuck is not None
    return stuck


class _Search:
    def __init__(self, problem: Problem, fit: Fit, tries: int) -> None:
        self._problem = problem
        self._most_tries = tries
        self._fleet = problem.fleet
        self._fit = fit
        self.occupancy = Occupancy(problem, problem.units, scoped=True)
        self._start = [self._common_place(vms) for vms in problem.units]
        self._reasons: dict[int, str] = {}
        self._tries = 0

    def _common_place(self, vms: tuple[int, ...]) -> int:
        places = {self._problem.where[vm] for vm in vms}
        return places.pop() if len(places) == 1 else -1

    def run(self) -> Assignment | Stuck:
        problem, occupancy = self._problem, self.occupancy
        homeless: list[int] = []
        for unit, host in enumerate(self._start):
            if host >= 0 and problem.homes[unit] >> host & 1:
                occupancy.put(unit, host)
            else:
                homeless.append(unit)
                self._reasons[unit] = self._why_not_at_home(unit)
        homeless += self._evict()
        if crowded := self._crowded():
            return Stuck(crowded)
        if none := next((unit for unit in homeless if not problem.homes[unit]), None):
            return Stuck(problem.units[none])
        for unit in sorted(homeless, key=self._hardness, reverse=True):
            self._tries = 0
            if not self._settle(unit, _CHAIN_LINKS, set()):
                return Stuck(problem.units[unit])
        self._go_home()
        return self._answer()

    def _hardness(self, unit: int) -> tuple[float, int]:
        homes = self._problem.homes[unit].bit_count()
        return (self.occupancy.memory[unit] * (1 + len(self.occupancy.apart[unit])) / max(1, homes), -unit)

    def cost(self, unit: int, host: int) -> float:
        """What it costs that a unit is on a host."""
        return sum(self._fleet.weight(vm) for vm in self._problem.units[unit] if self._problem.where[vm] != host)

    def _evict(self) -> list[int]:
        """Takes off their hosts the units that can't all stay, the cheapest first."""
        problem, occupancy = self._problem, self.occupancy
        out: list[int] = []

        def take(unit: int, reason: str) -> None:
            occupancy.put(unit, -1)
            out.append(unit)
            self._reasons[unit] = reason

        names = [rule.name for rule in problem.kept if isinstance(rule, AntiAffinity)]
        for number, group in enumerate(problem.apart):
            for host in {occupancy.place[unit] for unit in group} - {-1}:
                together = [unit for unit in group if occupancy.place[unit] == host]
                for unit in sorted(together, key=lambda unit: (self._stays(unit), self.cost(unit, -1)))[:-1]:
                    take(unit, f"rule '{names[number]}'")
        for host, on in enumerate(occupancy.on):
            while occupancy.is_over(host) and (evicted := self._to_evict(host, list(on))) is not None:
                take(evicted, f"{self._host_name(host)} is too full")
        for hosts in list(occupancy.scopes_over()):
            inside = [unit for host in bits(hosts) for unit in occupancy.on[host] if problem.homes[unit] & ~hosts]
            for unit in sorted(inside, key=lambda unit: self.cost(unit, -1) / max(1, occupancy.memory[unit])):
                if hosts in list(occupancy.scopes_over()):
                    take(unit, "room is to be kept free")
        return out

    def _crowded(self) -> tuple[int, ...]:
        """The VMs where there are too many, and none of them can leave."""
        occupancy = self.occupancy
        hosts = {host for host in range(len(occupancy.on)) if occupancy.is_over(host)}
        hosts.update(host for scope in occupancy.scopes_over() for host in bits(scope))
        return tuple(sorted(vm for host in hosts for unit in occupancy.on[host] for vm in self._problem.units[unit]))

    def _stays(self, unit: int) -> bool:
        """Whether a unit has nowhere else to go."""
        return self._problem.homes[unit].bit_count() < 2

    def _to_evict(self, host: int, units: list[int]) -> int | None:
        """The cheapest unit whose going is enough, else the largest that can go."""
        occupancy = self.occupancy
        over = occupancy.lack(host)
        can = [unit for unit in units if not self._stays(unit)]
        enough = [unit for unit in can if occupancy.needs[unit].holds(over)]
        if enough:
            return min(enough, key=lambda unit: (self.cost(unit, -1), unit))
        return max(can, key=lambda unit: (occupancy.memory[unit], -unit), default=None)

    def _settle(self, unit: int, links: int, fixed: set[int]) -> bool:
        """Find a host for a unit; others may be pushed out of its way, but not those that are `fixed`."""
        self._fleet.heed_stop()
        self._tries += 1
        occupancy = self.occupancy
        homes = list(bits(self._problem.homes[unit]))
        free = [host for host in homes if occupancy.fits(unit, host)]
        if free:
            memory = occupancy.memory[unit]
            sign = 1 if self._fit is Fit.EMPTIEST else -1
            occupancy.put(
                unit,
                min(
                    free, key=lambda host: (round(self.cost(unit, host), 6), sign * occupancy.share(host, memory), host)
                ),
            )
            return True
        if not links:
            return False
        for host in sorted(homes, key=lambda host: (occupancy.share(host), host)):
            if self._tries > self._most_tries:
                return False
            victims = self._victims(unit, host, fixed)
            if victims is None:
                continue
            mark = occupancy.mark()
            for victim in victims:
                occupancy.put(victim, -1)
            if occupancy.fits(unit, host):
                occupancy.put(unit, host)
                held = {*fixed, unit}
                in_order = sorted(victims, key=self._hardness, reverse=True)
                if all(self._settle(victim, links - 1, held) for victim in in_order):
                    name = self._name(unit)
                    for victim in victims:
                        self._reasons.setdefault(victim, f"makes room for {name}")
                    return True
            occupancy.back_to(mark)
        return False

    def _victims(self, unit: int, host: int, fixed: set[int]) -> list[int] | None:
        """The units to push off a host so that another has room; None when that can't be."""
        occupancy = self.occupancy
        victims = occupancy.avoided_on(unit, host)
        if any(victim in fixed or self._stays(victim) for victim in victims):
            return None
        gone = set(victims)
        lack = occupancy.lack(host, unit)
        for victim in victims:
            lack = lack.minus(occupancy.needs[victim])
        can = [v for v in occupancy.on[host] if v not in gone and v not in fixed and not self._stays(v)]
        while max(lack) > 0:
            enough = [v for v in can if occupancy.needs[v].holds(lack)]
            evicted = (
                min(enough, key=lambda v: (occupancy.memory[v], self.cost(v, -1), v))
                if enough
                else max(can, key=lambda v: (occupancy.memory[v], -v), default=None)
            )
            if evicted is None:
                return None
            victims.append(evicted)
            can.remove(evicted)
            lack = lack.minus(occupancy.needs[evicted])
        return victims

    def _go_home(self) -> None:
        """What was pushed out and has room again goes back."""
        occupancy = self.occupancy
        for unit, host in enumerate(self._start):
            if host < 0 or occupancy.place[unit] == host or not self._problem.homes[unit] >> host & 1:
                continue
            if occupancy.fits(unit, host):
                occupancy.put(unit, host)

    def _answer(self) -> Assignment:
        places = [self.occupancy.place[unit] for unit in self._problem.unit_of]
        reasons = {
            vm: self._reasons.get(self._problem.unit_of[vm], "")
            for vm, host in enumerate(places)
            if host != self._problem.where[vm]
        }
        return Assignment(tuple(places), reasons)

    def _why_not_at_home(self, unit: int) -> str:
        problem, fleet, host = self._problem, self._fleet, self._start[unit]
        closed = {problem.where[vm] for vm in problem.units[unit]} & set(bits(problem.closed))
        for number in sorted(closed):
            if fleet.hosts[number] in problem.demand.closed:
                return problem.demand.closed[fleet.hosts[number]]
        if any(fleet.vms[vm] in problem.demand.wanted for vm in problem.units[unit]):
            return "asked for"
        for rule in problem.kept:
            if isinstance(rule, (OnlyOn, NeverOn)) and host >= 0:
                inside = bool(fleet.hosts_of(rule.hosts) >> host & 1)
                named = not set(fleet.vms_of(rule.vms)).isdisjoint(problem.units[unit])
                if named and inside is isinstance(rule, NeverOn):
                    return f"rule '{rule.name}'"
            if isinstance(rule, Affinity) and host < 0 and problem.units[unit][0] in fleet.vms_of(rule.vms):
                return f"rule '{rule.name}'"
        return ""

    def _name(self, unit: int) -> str:
        return self._fleet.project.machines[self._fleet.vms[self._problem.units[unit][0]]].name

    def _host_name(self, host: int) -> str:
        return self._fleet.project.hosts[self._fleet.hosts[host]].name
