"""A placement made cheaper by a constraint solver (OR-Tools CP-SAT), for those who have it and the time.

The solver begins with the heuristic's answer as its hint. It minimises what the moves cost and then how full the
fullest host is. Whether there is an order of moves to what it finds is not its business: placement.py falls back on the
answer before where there is none.
"""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen

from vmplanner.planning.placement.assignment import Assignment
from vmplanner.planning.placement.constraints import Problem, bits
from vmplanner.planning.placement.room import Room
from vmplanner.planning.solver import cp_sat, stopping

# Costs are whole milliseconds to the solver, the fullest host's share whole thousandths.
_PER_SECOND = 1000


@frozen
class Better:
    """What the solver has come to: the cost of the moves it has found and a cost that no answer is below, in seconds
    (see costs.Cost.weight), and how many VMs move.
    """

    cost_s: float
    bound_s: float
    moves: int


@define
class Improver:
    """Makes each answer of a placement better, in `time_limit_s` for all of them together.

    `progress` is called from a thread of the solver at each better answer. When `stop` is set, the best so far is
    taken. Called, it raises PlannerError when OR-Tools is not installed.
    """

    time_limit_s: float = 30.0
    progress: Callable[[Better], None] | None = None
    stop: threading.Event | None = None
    _ends_at: float | None = field(default=None, init=False)

    def __call__(self, problem: Problem, answer: Assignment) -> Assignment:
        solving = cp_sat()
        if self._ends_at is None:
            self._ends_at = time.monotonic() + self.time_limit_s
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0 or (self.stop is not None and self.stop.is_set()):
            return answer
        model = _Model(problem, answer, solving)
        solver = solving.CpSolver()
        solver.parameters.max_time_in_seconds = left_s
        solver.parameters.num_workers = os.cpu_count() or 1
        progress = self.progress

        class Told(solving.CpSolverSolutionCallback):  # type: ignore[misc, name-defined]
            def on_solution_callback(self) -> None:
                if progress is not None:
                    moves = sum(self.value(moved) for moved in model.moved)
                    bound_s = max(0.0, self.best_objective_bound / _PER_SECOND)
                    progress(Better(self.value(model.cost) / _PER_SECOND, bound_s, moves))

        with stopping(solver, self.stop):
            status = solver.solve(model.model, Told())
        if status not in (solving.OPTIMAL, solving.FEASIBLE):
            return answer
        return model.assignment(solver)


class _Model:
    """Which unit is on which host, as yes or no for each pair that may be."""

    def __init__(self, problem: Problem, answer: Assignment, solving: Any) -> None:
        self.model = solving.CpModel()
        self._problem = problem
        self._answer = answer
        self._at: list[dict[int, Any]] = []
        self._weights: list[dict[int, int]] = []
        self._on: list[list[int]] = [[] for _ in problem.fleet.hosts]
        for unit, vms in enumerate(problem.units):
            hosts = list(bits(problem.homes[unit]))
            self._at.append({host: self.model.new_bool_var("") for host in hosts})
            self._weights.append({host: self._weight(vms, host) for host in hosts})
            self.model.add_exactly_one(self._at[unit].values())
            for host in hosts:
                self._on[host].append(unit)
                self.model.add_hint(self._at[unit][host], answer.places[vms[0]] == host)
        self._keep_room()
        for group in problem.apart:
            for host in range(len(self._on)):
                self.model.add_at_most_one(self._at[unit][host] for unit in group if host in self._at[unit])
        self.moved = [
            var
            for unit, vms in enumerate(problem.units)
            for host, var in self._at[unit].items()
            for vm in vms
            if problem.where[vm] != host
        ]
        self.cost = sum(self._weights[unit][host] * var for unit, at in enumerate(self._at) for host, var in at.items())
        self.model.minimize(self.cost + self._fullest(answer))

    def _weight(self, vms: tuple[int, ...], host: int) -> int:
        where, fleet = self._problem.where, self._problem.fleet
        return round(_PER_SECOND * sum(fleet.weight(vm) for vm in vms if where[vm] != host))

    def _load(self, hosts: list[int], amounts: list[int]) -> Any:
        """What the units on some hosts need all together."""
        return sum(
            sum(amounts[vm] for vm in self._problem.units[unit]) * self._at[unit][host]
            for host in hosts
            for unit in self._on[host]
        )

    def _keep_room(self) -> None:
        problem, fleet = self._problem, self._problem.fleet
        amounts = [[int(needed[kind]) for needed in fleet.needs] for kind in range(len(Room._fields))]
        for host, room in enumerate(problem.capacity):
            for limit, needed in zip(room, amounts, strict=True):
                if limit != float("inf"):
                    self.model.add(self._load([host], needed) <= int(limit))
        for hosts, limit in problem.scopes:
            self.model.add(self._load(list(bits(hosts)), fleet.memory) <= int(limit))

    def _fullest(self, answer: Assignment) -> Any:
        """The share of the fullest host; where hosts are to be even, none is fuller or emptier than in the answer."""
        problem, fleet = self._problem, self._problem.fleet
        sizes = [host.memory_bytes for host in fleet.project.hosts.values()]
        open_hosts = [host for host in range(len(sizes)) if not problem.closed >> host & 1]
        used = [0] * len(sizes)
        for vm, host in enumerate(answer.places):
            used[host] += fleet.memory[vm]
        shares = [used[host] / sizes[host] for host in open_hosts]
        fullest = self.model.new_int_var(0, 1_000_000, "")
        for host in open_hosts:
            load = self._load([host], fleet.memory)
            self.model.add(load * 1000 <= fullest * sizes[host])
            if problem.demand.even:
                self.model.add(load <= int(max(shares) * sizes[host]) + 1)
                self.model.add(load >= int(min(shares) * sizes[host]))
        return fullest

    def assignment(self, solver: Any) -> Assignment:
        problem = self._problem
        host_of = [next(host for host, var in at.items() if solver.value(var)) for at in self._at]
        places = tuple(host_of[unit] for unit in problem.unit_of)
        known = self._answer.reasons
        reasons = {vm: known.get(vm, "") for vm, host in enumerate(places) if host != problem.where[vm]}
        return Assignment(places, reasons)
