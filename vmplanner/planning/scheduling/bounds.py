"""How soon a plan can be done at best: no schedule beats the lower bound, so it tells how good a schedule is.

Whatever the order, a link has to carry all bytes that go over it, a host that may have k migrations at once needs a
k-th of the sum of their durations alone, and nothing ends before its longest migration, or its longest row of
migrations that wait for each other, has. Of k + 1 migrations at a place for k, two come one after the other.
"""

from enum import StrEnum

from attrs import frozen

from vmplanner.planning.scheduling.jobs import Demands, Problem, ResourceKind


class BoundKind(StrEnum):
    """What keeps a plan from being done sooner. Those with the value of a ResourceKind are that resource."""

    LONGEST = "longest migration"
    ROW = "migrations that wait for each other"
    LINK = ResourceKind.LINK.value
    PLAN = ResourceKind.PLAN.value
    HOST = ResourceKind.HOST.value
    SENDING = ResourceKind.SENDING.value
    RECEIVING = ResourceKind.RECEIVING.value
    RULE = ResourceKind.RULE.value


@frozen
class Bound:
    """No schedule is done before `seconds`. `id` is of the link, the host, or the last migration that says so."""

    seconds: float
    kind: BoundKind
    id: str = ""


def lower_bound(problem: Problem) -> Bound:
    """The highest of all bounds."""
    if not problem.jobs:
        return Bound(0.0, BoundKind.LONGEST)
    heads = _heads(problem)
    tails = _tails(problem)
    jobs = problem.jobs
    last = max(range(len(jobs)), key=lambda index: heads[index] + jobs[index].duration_s)
    kind = BoundKind.ROW if jobs[last].after else BoundKind.LONGEST
    bounds = [Bound(heads[last] + jobs[last].duration_s, kind, jobs[last].id)]
    demands = Demands(problem)
    users: list[list[int]] = [[] for _ in demands.resources]
    for index, takes in enumerate(demands.takes):
        for number, _ in takes:
            users[number].append(index)
    for resource, capacity, indices in zip(demands.resources, demands.capacity, users, strict=True):
        if resource.kind is ResourceKind.MEMORY:
            continue
        if resource.kind is ResourceKind.LINK:
            seconds = sum(jobs[index].bytes for index in indices) / capacity
        else:
            seconds = _at_once_s(sorted((jobs[index].duration_s for index in indices), reverse=True), int(capacity))
        around = min(heads[index] for index in indices) + min(tails[index] for index in indices)
        bounds.append(Bound(seconds + around, BoundKind(resource.kind.value), resource.id))
    return max(bounds, key=lambda bound: bound.seconds)


def _at_once_s(longest_first: list[float], places: int) -> float:
    """How long jobs need at least that may only run so many at a time."""
    seconds = sum(longest_first) / places
    if len(longest_first) > places:
        seconds = max(seconds, longest_first[places - 1] + longest_first[places])
    return seconds


def _heads(problem: Problem) -> list[float]:
    """When each job can start at best."""
    heads = [job.not_before_s for job in problem.jobs]
    for index in problem.in_order:
        end = heads[index] + problem.jobs[index].duration_s
        for follower in problem.followers[index]:
            heads[follower] = max(heads[follower], end)
    return heads


def _tails(problem: Problem) -> list[float]:
    """How long it goes on at least after the end of each job."""
    tails = [0.0] * len(problem.jobs)
    for index in reversed(problem.in_order):
        for follower in problem.followers[index]:
            tails[index] = max(tails[index], problem.jobs[follower].duration_s + tails[follower])
    return tails
