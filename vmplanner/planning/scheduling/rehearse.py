"""A schedule carried out in the simulation: whether it holds when everything moves at the same time.

Migrations start in the order of the schedule, at their times, but never before the limits allow and those that they
wait for have completed; just as the engine starts them. What each takes then is up to the simulator.
"""

import math
import threading
from bisect import insort
from collections import deque

from attrs import evolve, field, frozen

from vmplanner.domain.events import Ended, Progressed
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Outcome
from vmplanner.planning.priorities import with_priorities
from vmplanner.planning.scheduling.apply import with_starts
from vmplanner.planning.scheduling.jobs import Demands, Ledger, LinkUse, Problem
from vmplanner.planning.scheduling.schedule import Schedule
from vmplanner.planning.stop import heed
from vmplanner.planning.windows import Course
from vmplanner.simulation.simulator import Simulator


@frozen
class Rehearsal:
    """When each migration started and ended, by id, and from when to when its guest stood still, in seconds;
    `completed` are those that came to where they should.
    """

    starts: dict[str, float]
    ends: dict[str, float]
    switches: dict[str, tuple[tuple[float, float], ...]] = field(factory=dict)
    completed: frozenset[str] = frozenset()

    @property
    def makespan_s(self) -> float:
        return max(self.ends.values(), default=0.0)

    @property
    def downtime_s(self) -> float:
        """How long all guests together stood still."""
        return sum(self.downtime_of(migration_id) for migration_id in self.switches)

    def downtime_of(self, migration_id: str) -> float:
        return sum(end - begin for begin, end in self.switches.get(migration_id, ()))

    @property
    def courses(self) -> tuple[Course, ...]:
        """Of the migrations that ended."""
        return tuple(Course(i, self.starts[i], end, self.switches.get(i, ())) for i, end in self.ends.items())


def rehearse(
    project: Project,
    plan: Plan,
    problem: Problem,
    made: Schedule | None = None,
    stop: threading.Event | None = None,
) -> Rehearsal:
    """Simulate `plan` with the starts of a schedule made for `problem`; without one, as the problem has it: in the
    order of the plan, as soon as start times and limits allow. Raises Stopped when `stop` is set.
    """
    carried_out = with_priorities(project, with_starts(plan, made) if made else plan)
    starts = made.starts if made else {job.id: job.earliest_start_s for job in problem.jobs}
    return _Rehearsal(project, carried_out, problem, starts).result(stop)


def as_rehearsed(problem: Problem, found: Rehearsal) -> Problem:
    """The problem whose jobs take as long as in a rehearsal of all of them: where they shared links, a little longer
    than alone.
    """
    took_s = {job_id: end_s - found.starts[job_id] for job_id, end_s in found.ends.items()}
    jobs = [evolve(job, duration_s=max(job.duration_s, took_s.get(job.id, 0.0))) for job in problem.jobs]
    return evolve(problem, jobs=jobs)


class _Rehearsal:
    def __init__(self, project: Project, plan: Plan, problem: Problem, starts: dict[str, float]) -> None:
        self._simulator = Simulator(project)
        self._problem = problem
        self._planned = starts
        self._ledger = Ledger(Demands(problem, LinkUse.FREE))
        self._migrations = {migration.id: migration for migration in plan.migrations}
        by_start = sorted(problem.jobs, key=lambda job: starts[job.id])
        self._coming = deque(problem.places[job.id] for job in by_start)
        # Those whose time has come are looked at in their turn, as the engine does.
        self._due: list[int] = []
        self._rank = {problem.places[migration.id]: rank for rank, migration in enumerate(plan.in_turn)}
        self._completed: set[str] = set()
        self._started: dict[str, float] = {}
        self._ended: dict[str, float] = {}
        self._told_s: dict[str, float] = {}
        self._switches: dict[str, list[tuple[float, float]]] = {}

    def result(self, stop: threading.Event | None) -> Rehearsal:
        while len(self._ended) < len(self._problem.jobs):
            heed(stop)
            ended = len(self._ended)
            next_start_s = self._start_of(self._coming[0]) if self._coming else math.inf
            until_s = min(self._simulator.next_event_s, next_start_s)
            if until_s == math.inf:
                break  # what still waits never finds room
            for event in self._simulator.advance(until_s):
                self._take(event)
            if len(self._ended) > ended or until_s == next_start_s:
                self._start_what_may()
        switches = {migration_id: tuple(spans) for migration_id, spans in self._switches.items()}
        return Rehearsal(self._started, self._ended, switches, frozenset(self._completed))

    @property
    def _now(self) -> float:
        return self._simulator.clock_s

    def _start_of(self, index: int) -> float:
        return self._planned[self._problem.jobs[index].id]

    def _start_what_may(self) -> None:
        while self._coming and self._start_of(self._coming[0]) <= self._now:
            insort(self._due, self._coming.popleft(), key=self._rank.__getitem__)
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
            span = (self._told_s[event.migration_id], event.at_s)
            self._switches.setdefault(event.migration_id, []).append(span)
        self._told_s[event.migration_id] = event.at_s
