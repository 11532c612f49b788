"""List scheduling: jobs in an order of preference, each started as soon as all that it needs is free.

Streaming, not batches: at every end of a job the others are looked at again, in the order of the list; one that has to
wait is overtaken. A job that has to wait is kept with the first resource that it lacks, and is looked at again only
when some of that is given back, so that an event costs a few looks and not one for each job that waits.
"""

import math
from collections.abc import Sequence
from enum import StrEnum
from heapq import heapify, heappop, heappush

from attrs import frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.planning.scheduling.jobs import Demands, Ledger, LinkUse, Problem, ResourceKind
from vmplanner.planning.scheduling.sharing import NewEnd, Sharing


class ListRule(StrEnum):
    """In which order jobs start, by name."""

    LONGEST_FIRST = "longest first"
    BOTTLENECK_FIRST = "bottleneck first"
    LINKS_FILLED = "links filled"
    SHORTEST_FIRST = "shortest first"
    FIRST_IN_FIRST_OUT = "first in, first out"
    ALL_AT_ONCE = "all at once"
    LEAST_DOWNTIME = "least downtime"

    @property
    def explanation(self) -> str:
        return {
            ListRule.LONGEST_FIRST: "the longest migration first, so that none is left over at the end",
            ListRule.BOTTLENECK_FIRST: "what uses the busiest host or link first",
            ListRule.LINKS_FILLED: "busiest first, with links overbooked a little, so that no pause leaves them idle",
            ListRule.SHORTEST_FIRST: "the shortest migration first: most VMs arrive early",
            ListRule.FIRST_IN_FIRST_OUT: "in the order of the plan",
            ListRule.ALL_AT_ONCE: "in the order of the plan, as many as the limits allow; they share the links",
            ListRule.LEAST_DOWNTIME: "each with its links to itself, so that its pause is the shortest",
        }[self]


@frozen
class Times:
    """When each job of a problem starts and ends, in seconds, in the order of its jobs."""

    starts: tuple[float, ...]
    ends: tuple[float, ...]

    @property
    def makespan_s(self) -> float:
        return max(self.ends, default=0.0)


def demands_of(problem: Problem, rule: ListRule) -> Demands:
    """What the jobs take under a rule."""
    uses = {
        ListRule.LINKS_FILLED: LinkUse.FILLED,
        ListRule.ALL_AT_ONCE: LinkUse.FREE,
        ListRule.LEAST_DOWNTIME: LinkUse.PEAK,
    }
    return Demands(problem, uses.get(rule, LinkUse.RATE))


def list_times(problem: Problem, rule: ListRule) -> Times:
    """Start and end of each job under a rule. Raises PlannerError when one never finds room, or a pinned start can't
    be kept.
    """
    demands = demands_of(problem, rule)
    return _ListRun(problem, demands, _preferences(problem, demands, rule)).times()


def times_in_order(problem: Problem, starts: Sequence[float]) -> Times:
    """The same where jobs that start earlier in another schedule (seconds, in the order of the jobs) are preferred, and
    none shares a link.
    """
    ranks = [0] * len(starts)
    for rank, index in enumerate(sorted(range(len(starts)), key=starts.__getitem__)):
        ranks[index] = rank
    return _ListRun(problem, Demands(problem), ranks).times()


def _preferences(problem: Problem, demands: Demands, rule: ListRule) -> list[int]:
    """The rank of each job: 0 is preferred to 1."""
    busy_s = _busy_s(problem, demands) if rule in (ListRule.BOTTLENECK_FIRST, ListRule.LINKS_FILLED) else {}

    def key(index: int) -> tuple[float, ...]:
        job = problem.jobs[index]
        match rule:
            case ListRule.LONGEST_FIRST | ListRule.LEAST_DOWNTIME:
                return (-job.priority, -job.duration_s)
            case ListRule.SHORTEST_FIRST:
                return (-job.priority, job.duration_s)
            case ListRule.BOTTLENECK_FIRST | ListRule.LINKS_FILLED:
                busiest_s = max((busy_s.get(resource, 0.0) for resource, _ in demands.takes[index]), default=0.0)
                return (-job.priority, -busiest_s, -job.duration_s)
            case ListRule.FIRST_IN_FIRST_OUT | ListRule.ALL_AT_ONCE:
                return (-job.priority,)

    ranks = [0] * len(problem.jobs)
    for rank, index in enumerate(sorted(range(len(ranks)), key=key)):
        ranks[index] = rank
    return ranks


def _busy_s(problem: Problem, demands: Demands) -> dict[int, float]:
    """For how long each resource but memory would be in use if it were always used in full."""
    busy_s: dict[int, float] = {}
    for job, takes in zip(problem.jobs, demands.takes, strict=True):
        for resource, amount in takes:
            if demands.resources[resource].kind is not ResourceKind.MEMORY:
                share = amount / demands.capacity[resource]
                busy_s[resource] = busy_s.get(resource, 0.0) + job.duration_s * share
    return busy_s


_END, _READY, _PIN = range(3)


class _ListRun:
    """One pass over the time. Events are (time, kind, job, version): ends first, so that what they free is there."""

    def __init__(self, problem: Problem, demands: Demands, ranks: list[int]) -> None:
        self._problem = problem
        self._demands = demands
        self._ranks = ranks
        self._ledger = Ledger(demands)
        self._missing = [len(job.after) for job in problem.jobs]
        self._starts = [math.nan] * len(problem.jobs)
        self._ends = [math.nan] * len(problem.jobs)
        self._events: list[tuple[float, int, int, int]] = []
        self._waiting: list[list[tuple[int, int]]] = [[] for _ in demands.resources]
        # What the least demanding job takes: with less than that free no job that waits needs to be looked at.
        self._least = [math.inf] * len(demands.resources)
        for takes in demands.takes:
            for resource, amount in takes:
                self._least[resource] = min(self._least[resource], amount)
        self._pins = _Pins(problem, demands)
        self._sharing = Sharing(problem) if demands.links.shares else None

    def times(self) -> Times:
        for index, job in enumerate(self._problem.jobs):
            if job.pinned_start_s is not None:
                heappush(self._events, (job.pinned_start_s, _PIN, index, 0))
            elif not job.after:
                heappush(self._events, (job.earliest_start_s, _READY, index, 0))
        while self._events:
            now = self._events[0][0]
            touched: set[int] = set()
            ready: list[tuple[int, int, int]] = []
            while self._events and self._events[0][0] == now:
                _, kind, index, version = heappop(self._events)
                if kind == _END:
                    if self._sharing is None or self._sharing.is_current(index, version):
                        touched.update(resource for resource, _ in self._demands.gives[index])
                        self._end(index, now)
                elif kind == _PIN:
                    self._start_pinned(index, now)
                else:
                    ready.append((self._ranks[index], index, -1))
            self._start_what_may(ready, touched, now)
        self._refuse_what_waits()
        return Times(tuple(self._starts), tuple(self._ends))

    def _end(self, job: int, now: float) -> None:
        self._ends[job] = now
        self._ledger.give(job)
        for follower in self._problem.followers[job]:
            self._missing[follower] -= 1
            if not self._missing[follower] and self._problem.jobs[follower].pinned_start_s is None:
                ready_s = max(now, self._problem.jobs[follower].earliest_start_s)
                heappush(self._events, (ready_s, _READY, follower, 0))
        if self._sharing is not None:
            self._expect(self._sharing.ended(job, now))

    def _start(self, job: int, now: float) -> None:
        self._starts[job] = now
        self._ledger.take(job)
        if self._sharing is None:
            heappush(self._events, (now + self._problem.jobs[job].duration_s, _END, job, 0))
        else:
            self._expect(self._sharing.started(job, now))

    def _expect(self, ends: list[NewEnd]) -> None:
        for at_s, job, version in ends:
            heappush(self._events, (at_s, _END, job, version))

    def _start_pinned(self, index: int, now: float) -> None:
        job = self._problem.jobs[index]
        self._pins.started(index)
        lack = self._ledger.lack(index)
        if self._missing[index] or lack is not None:
            what = "what it has to wait for" if lack is None else self._demands.resources[lack].kind.value
            raise PlannerError(f"'{job.id}' can't start at {now:g} s, where it is pinned: {what} is busy; unpin it")
        self._start(index, now)

    def _start_what_may(self, ready: list[tuple[int, int, int]], touched: set[int], now: float) -> None:
        """Start in the order of the list: those that have become ready, and the first that wait for each touched
        resource. An entry is (rank, job, the resource that it waited for).
        """
        set_aside: list[tuple[int, int, int]] = []
        heapify(ready)
        for resource in touched:
            self._fetch(resource, ready)
        while ready:
            rank, job, origin = heappop(ready)
            lack = self._ledger.lack(job)
            if lack is None:
                lack = self._pins.block(job, now, self._ledger)
            if lack is None:
                start_s = self._problem.jobs[job].next_start_s(now)
                if start_s > now:
                    heappush(self._events, (start_s, _READY, job, 0))
                else:
                    self._start(job, now)
            elif lack == origin:
                set_aside.append((rank, job, lack))
            else:
                heappush(self._waiting[lack], (rank, job))
            if origin >= 0:
                self._fetch(origin, ready)
        for rank, job, resource in set_aside:
            heappush(self._waiting[resource], (rank, job))

    def _fetch(self, resource: int, ready: list[tuple[int, int, int]]) -> None:
        waiting = self._waiting[resource]
        if waiting and self._ledger.has(resource, self._least[resource]):
            heappush(ready, (*heappop(waiting), resource))

    def _refuse_what_waits(self) -> None:
        for resource, waiting in zip(self._demands.resources, self._waiting, strict=True):
            if waiting:
                job = self._problem.jobs[waiting[0][1]]
                where = f"{resource.kind.value} '{resource.id}'" if resource.id else "the plan"
                raise PlannerError(
                    f"'{job.id}' never finds room: {where} has too little; send something elsewhere first"
                )


class _Pins:
    """Keeps what pinned jobs will need: another job must end before, or leave enough of it."""

    def __init__(self, problem: Problem, demands: Demands) -> None:
        self._jobs = problem.jobs
        self._demands = demands
        self._coming: dict[int, dict[int, float]] = {}
        for index, job in enumerate(problem.jobs):
            if job.pinned_start_s is not None:
                for resource, amount in demands.takes[index]:
                    self._coming.setdefault(resource, {})[index] = amount

    def started(self, pinned: int) -> None:
        for resource, _ in self._demands.takes[pinned]:
            del self._coming[resource][pinned]

    def block(self, job: int, now: float, ledger: Ledger) -> int | None:
        """The first resource of which a job would take what is kept, or None."""
        if not self._coming:
            return None
        for resource, amount in self._demands.takes[job]:
            stays = self._demands.resources[resource].kind is ResourceKind.MEMORY
            until = math.inf if stays else now + self._jobs[job].duration_s
            kept = sum(
                needed
                for pinned, needed in self._coming.get(resource, {}).items()
                if (self._jobs[pinned].pinned_start_s or 0.0) < until
            )
            if kept and not ledger.has(resource, amount + kept):
                return resource
        return None
