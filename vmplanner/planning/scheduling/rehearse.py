"""A schedule carried out in the simulation: whether it holds when everything moves at the same time.

Migrations start in the order of the schedule, at their times, but never before the limits allow and those that they
wait for have completed; just as the engine starts them. What each takes then is up to the simulator.
"""

import math
from collections import deque

from attrs import frozen

from vmplanner.domain.events import Ended, Progressed
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Outcome
from vmplanner.planning.scheduling.jobs import Demands, Ledger, LinkUse, Problem
from vmplanner.planning.scheduling.lists import ListRule, Times, demands_of
from vmplanner.planning.scheduling.schedule import Schedule, best, described, schedule
from vmplanner.simulation.simulator import Simulator

# A schedule this near to the lower bound, as a share of it, can't be made much better by other means.
_GOOD_ENOUGH = 0.01


@frozen
class Rehearsal:
    """When each migration started and ended, by id, and how long all guests together stood still, in seconds."""

    starts: dict[str, float]
    ends: dict[str, float]
    downtime_s: float

    @property
    def makespan_s(self) -> float:
        return max(self.ends.values(), default=0.0)


def rehearse(project: Project, plan: Plan, problem: Problem, made: Schedule | None = None) -> Rehearsal:
    """Simulate `plan` with the starts of a schedule made for `problem`; without one, as the plan has it: in its order,
    as soon as the limits allow.
    """
    starts = made.starts if made else {job.id: job.earliest_start_s for job in problem.jobs}
    return _Rehearsal(project, plan, problem, starts).result()


def best_rehearsed(project: Project, plan: Plan, problem: Problem) -> tuple[Schedule, Rehearsal]:
    """The best schedule for `problem`, the migrations of `plan`, by what comes of it in the simulation: never worse
    than starting as many at once as the limits allow, and where the lower bound leaves room to hope for more, never
    worse than filling the links. Raises PlannerError as `best` does.
    """
    made = best(problem)
    found = [(made, rehearse(project, plan, problem, made))]
    at_once = rehearse(project, plan, problem)
    if len(at_once.ends) == len(problem.jobs):
        ids = [job.id for job in problem.jobs]
        times = Times(tuple(at_once.starts[i] for i in ids), tuple(at_once.ends[i] for i in ids))
        rule = ListRule.ALL_AT_ONCE
        found.append((described(problem, demands_of(problem, rule), times, rule.value), at_once))
    if made.above_bound > _GOOD_ENOUGH:
        filled = schedule(problem, ListRule.LINKS_FILLED)
        found.append((filled, rehearse(project, plan, problem, filled)))
    return min(found, key=lambda each: each[1].makespan_s)


class _Rehearsal:
    def __init__(self, project: Project, plan: Plan, problem: Problem, starts: dict[str, float]) -> None:
        self._simulator = Simulator(project)
        self._problem = problem
        self._planned = starts
        self._ledger = Ledger(Demands(problem, LinkUse.FREE))
        self._migrations = {migration.id: migration for migration in plan.migrations}
        by_start = sorted(problem.jobs, key=lambda job: starts[job.id])
        self._coming = deque(problem.places[job.id] for job in by_start)
        self._due: list[int] = []
        self._completed: set[str] = set()
        self._started: dict[str, float] = {}
        self._ended: dict[str, float] = {}
        self._told_s: dict[str, float] = {}
        self._downtime_s = 0.0

    def result(self) -> Rehearsal:
        while len(self._ended) < len(self._problem.jobs):
            ended = len(self._ended)
            next_start_s = self._start_of(self._coming[0]) if self._coming else math.inf
            until_s = min(self._simulator.next_event_s, next_start_s)
            if until_s == math.inf:
                break  # what still waits never finds room
            for event in self._simulator.advance(until_s):
                self._take(event)
            if len(self._ended) > ended or until_s == next_start_s:
                self._start_what_may()
        return Rehearsal(self._started, self._ended, self._downtime_s)

    @property
    def _now(self) -> float:
        return self._simulator.clock_s

    def _start_of(self, index: int) -> float:
        return self._planned[self._problem.jobs[index].id]

    def _start_what_may(self) -> None:
        while self._coming and self._start_of(self._coming[0]) <= self._now:
            self._due.append(self._coming.popleft())
        kept: list[int] = []
        for index in list(self._due):
            job = self._problem.jobs[index]
            if not self._completed.issuperset(job.after):
                continue
            if self._ledger.lack(index) is None:
                self._due.remove(index)
                self._ledger.take(index)
                self._simulator.start(self._migrations[job.id])
                self._started[job.id] = self._told_s[job.id] = self._now
            elif self._start_of(index) and self._ledger.lacks_places_only(index):
                # Another is a little late: one that is to come later must not take the place for all of its time.
                self._ledger.take(index)
                kept.append(index)
        for index in kept:
            self._ledger.give(index, moved=False)

    def _take(self, event: Progressed | Ended) -> None:
        if isinstance(event, Ended):
            self._ended[event.migration_id] = event.at_s
            has_moved = event.outcome is Outcome.COMPLETED
            if has_moved:
                self._completed.add(event.migration_id)
            self._ledger.give(self._problem.places[event.migration_id], moved=has_moved)
        elif event.phase.is_downtime:
            self._downtime_s += event.at_s - self._told_s[event.migration_id]
        self._told_s[event.migration_id] = event.at_s
