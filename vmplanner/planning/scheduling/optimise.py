"""A schedule made better by a constraint solver (OR-Tools CP-SAT), for those who have it and the time.

It begins with the best schedule that is known and looks for one that is done sooner, in ticks of time; durations are
rounded up to whole ticks, and what that leaves open is closed again in the end. The package `ortools` is optional.

Migrations that share links take a little longer than alone, so what the search wins may be lost when all is carried
out: `search_on` of choices.py lets it work with the durations of a rehearsal.
"""

import math
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from vmplanner.domain.errors import PlannerError
from vmplanner.planning.scheduling.jobs import Demands, Job, Problem, Resource, ResourceKind
from vmplanner.planning.scheduling.lists import ListRule, Times, times_in_order
from vmplanner.planning.scheduling.schedule import Schedule, awaited, best, described
from vmplanner.planning.solver import cp_sat, stopping

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

# Enough for a rounding error far below what a prediction is worth.
_TICKS = 1_000_000
_MOST_UNITS = 1_000_000

Progress = Callable[[float, float], None]


def optimised(
    problem: Problem,
    first: Schedule,
    *,
    time_limit_s: float = 30.0,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Schedule:
    """`first`, a schedule for `problem`, or one that is done sooner.

    `progress` is called with the makespan found so far and the lower bound, in seconds, each time that either gets
    better, from a thread of the solver; when `stop` is set the best so far is returned. Raises PlannerError when
    OR-Tools is not installed.
    """
    cp_model = cp_sat()
    if not problem.jobs or first.makespan_s <= first.bound.seconds:
        return first
    hint = _hint(problem, first)
    model = _Model(problem, hint, cp_model.CpModel())
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = time_limit_s
    solver.parameters.num_workers = os.cpu_count() or 1

    class Told(cp_model.CpSolverSolutionCallback):  # type: ignore[misc, name-defined]
        def on_solution_callback(self) -> None:
            if progress is not None:
                progress(
                    self.ObjectiveValue() * model.tick_s,
                    max(first.bound.seconds, self.BestObjectiveBound() * model.tick_s),
                )

    with stopping(solver, stop):
        status = solver.solve(model.model, Told())
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return first
    found = model.times([solver.value(start) for start in model.starts])
    if found.makespan_s >= first.makespan_s:
        return first
    return described(problem, model.demands, found, "optimised")


def _hint(problem: Problem, first: Schedule) -> Schedule:
    """The solver reserves links, so it can't begin with a schedule that shares them: with one in the same order."""
    by_rule = best(problem, (ListRule.BOTTLENECK_FIRST, ListRule.LONGEST_FIRST))
    try:
        in_order = times_in_order(problem, [first.starts[job.id] for job in problem.jobs])
    except PlannerError:
        return by_rule
    if in_order.makespan_s >= by_rule.makespan_s:
        return by_rule
    return described(problem, Demands(problem), in_order, first.name)


class _Model:
    """The problem in whole ticks of time and whole shares of what there is of each resource."""

    def __init__(self, problem: Problem, hint: Schedule, model: "cp_model.CpModel") -> None:
        self.model = model
        self.problem = problem
        self.demands = Demands(problem)
        self.tick_s = hint.makespan_s / _TICKS
        self._horizon = 2 * _TICKS
        self._ticks = [self._length(job) for job in problem.jobs]
        self.starts = [self._start(index) for index in range(len(problem.jobs))]
        self._intervals = [
            model.new_fixed_size_interval_var(start, ticks, "")
            for start, ticks in zip(self.starts, self._ticks, strict=True)
        ]
        for index, followers in enumerate(problem.followers):
            for follower in followers:
                model.add(self.starts[follower] >= self.starts[index] + self._ticks[index])
        for number, resource in enumerate(self.demands.resources):
            if resource.kind is ResourceKind.MEMORY:
                self._keep_memory(resource)
            else:
                self._keep_capacity(number)
        makespan = model.new_int_var(math.floor(hint.bound.seconds / self.tick_s), self._horizon, "makespan")
        for start, ticks in zip(self.starts, self._ticks, strict=True):
            model.add(makespan >= start + ticks)
        model.minimize(makespan)
        for start, hinted in zip(self.starts, self._in_ticks(hint), strict=True):
            model.add_hint(start, hinted)

    def times(self, starts: list[int]) -> Times:
        """The starts of a solution, each as early as those let it that end before it and give it what it takes."""
        jobs = self.problem.jobs
        ticks = Times(
            tuple(start * self.tick_s for start in starts),
            tuple((start + length) * self.tick_s for start, length in zip(starts, self._ticks, strict=True)),
        )
        before = awaited(self.problem, self.demands, ticks)
        start_s = [job.not_before_s for job in jobs]
        for index in sorted(range(len(jobs)), key=starts.__getitem__):
            if jobs[index].pinned_start_s is None:
                freed_s = (start_s[other] + jobs[other].duration_s for other in before[index])
                start_s[index] = jobs[index].next_start_s(max(start_s[index], max(freed_s, default=0.0)))
        return Times(tuple(start_s), tuple(start_s[index] + job.duration_s for index, job in enumerate(jobs)))

    def _in_ticks(self, hint: Schedule) -> list[int]:
        """A schedule's starts, each put off by what rounding up has made of the jobs before."""
        slots = {slot.job_id: slot for slot in hint.slots}
        in_order = [slots[job.id] for job in self.problem.jobs]
        times = Times(tuple(slot.start_s for slot in in_order), tuple(slot.end_s for slot in in_order))
        before = awaited(self.problem, self.demands, times)
        starts = [self._earliest(job) for job in self.problem.jobs]
        for index in sorted(range(len(starts)), key=times.starts.__getitem__):
            if self.problem.jobs[index].pinned_start_s is None:
                freed = max((starts[other] + self._ticks[other] for other in before[index]), default=0)
                starts[index] = max(starts[index], freed)
        return starts

    def _length(self, job: Job) -> int:
        """In ticks; one more where the start is rounded down."""
        return max(1, math.ceil(job.duration_s / self.tick_s)) + (job.pinned_start_s is not None)

    def _earliest(self, job: Job) -> int:
        if job.pinned_start_s is not None:
            return math.floor(job.pinned_start_s / self.tick_s)
        return math.ceil(job.earliest_start_s / self.tick_s)

    def _start(self, index: int) -> "cp_model.IntVar":
        job = self.problem.jobs[index]
        earliest = self._earliest(job)
        latest = earliest if job.pinned_start_s is not None else self._horizon
        start = self.model.new_int_var(earliest, latest, job.id)
        if job.starts and job.pinned_start_s is None:
            self.model.add_linear_expression_in_domain(start, self._domain(job, latest))
        return start

    def _domain(self, job: Job, latest: int) -> "cp_model.Domain":
        """The ticks in which a job may start by the windows."""
        spans = [
            [math.ceil(first / self.tick_s), min(latest, math.floor(last / self.tick_s))]
            for first, last in job.starts
            if first / self.tick_s <= latest
        ]
        return cp_sat().Domain.from_intervals([span for span in spans if span[0] <= span[1]])

    def _keep_capacity(self, number: int) -> None:
        """No more at the same time than there is. In parts of a million, rounded to the safe side."""
        capacity = self.demands.capacity[number]
        is_count = float(capacity).is_integer() and self.demands.resources[number].kind is not ResourceKind.LINK
        unit = 1.0 if is_count else capacity / 1_000_000
        intervals, amounts = [], []
        for index, takes in enumerate(self.demands.takes):
            for resource, amount in takes:
                if resource == number:
                    intervals.append(self._intervals[index])
                    amounts.append(math.ceil(amount / unit - 1e-6))
        whole = math.floor(capacity / unit + 1e-6)
        if sum(amounts) > whole:
            self.model.add_cumulative(intervals, amounts, whole)

    def _keep_memory(self, resource: Resource) -> None:
        """Memory of a host: what comes is there from its start on, what goes until its end."""
        jobs = self.problem.jobs
        free = self.problem.free_memory_bytes[resource.id]
        coming = [index for index, job in enumerate(jobs) if job.target_id == resource.id]
        going = [index for index, job in enumerate(jobs) if job.source_id == resource.id]
        if sum(jobs[index].memory_bytes for index in coming) <= free:
            return
        # The solver multiplies amounts by times, so they must not be too large; what is rounded is to the safe side.
        sizes = [jobs[index].memory_bytes for index in (*coming, *going)]
        unit = max(math.gcd(*sizes), sum(sizes) // _MOST_UNITS, 1)
        intervals, amounts = [], []
        for index in coming:
            rest = self.model.new_int_var(0, 2 * self._horizon, "")
            intervals.append(self.model.new_interval_var(self.starts[index], rest, 2 * self._horizon, ""))
            amounts.append(-(-jobs[index].memory_bytes // unit))
        capacity = free // unit
        for index in going:
            end = self.starts[index] + self._ticks[index]
            intervals.append(self.model.new_interval_var(0, end, end, ""))
            amounts.append(jobs[index].memory_bytes // unit)
            capacity += amounts[-1]
        self.model.add_cumulative(intervals, amounts, max(0, capacity))
