"""When each migration of a plan should start, how good that is, and what it hangs on.

`best` tries the list rules (lists.py) and takes the schedule that is done soonest; `within` the gentlest that is done
inside a window; rehearse.py and optimise.py go on from there. Each schedule comes with the lower bound (bounds.py),
with the slack of every migration, and with the row of migrations that its end hangs on.
"""

from collections import deque
from collections.abc import Iterable

from attrs import evolve, field, frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.quantities import format_duration
from vmplanner.planning.scheduling.bounds import Bound, lower_bound
from vmplanner.planning.scheduling.jobs import Demands, Problem
from vmplanner.planning.scheduling.lists import ListRule, Times, demands_of, list_times

# With these each migration takes as long as alone. How long it takes where links are shared only a rehearsal tells.
RESERVING = (
    ListRule.LONGEST_FIRST,
    ListRule.BOTTLENECK_FIRST,
    ListRule.SHORTEST_FIRST,
    ListRule.FIRST_IN_FIRST_OUT,
)

# A job that starts so much after another's end did not wait for it.
_SAME_S = 1e-6


@frozen
class Slot:
    """When one migration runs, and at which rate. It could start `slack_s` later, and the plan would be done no
    later.
    """

    job_id: str
    start_s: float
    end_s: float
    rate_bytes_per_s: float
    slack_s: float


@frozen
class Schedule:
    """The slots in the order of their starts; `name` says what made it. `critical_path` are the ids of the migrations
    that follow each other up to the end: only if one of these were shorter would the plan be done sooner.
    """

    name: str
    slots: tuple[Slot, ...] = field(converter=tuple[Slot, ...])
    bound: Bound
    critical_path: tuple[str, ...]

    @property
    def makespan_s(self) -> float:
        """When the last migration ends."""
        return max((slot.end_s for slot in self.slots), default=0.0)

    @property
    def sum_of_ends_s(self) -> float:
        return sum(slot.end_s for slot in self.slots)

    @property
    def above_bound(self) -> float:
        """How much longer it takes than the lower bound, as a share of that."""
        return self.makespan_s / self.bound.seconds - 1 if self.bound.seconds else 0.0

    @property
    def starts(self) -> dict[str, float]:
        return {slot.job_id: slot.start_s for slot in self.slots}


def schedule(problem: Problem, rule: ListRule) -> Schedule:
    """The schedule of one list rule. Raises PlannerError when some job never finds room, or a pin can't be kept."""
    return described(problem, demands_of(problem, rule), list_times(problem, rule), rule.value)


def best(problem: Problem, rules: Iterable[ListRule] = RESERVING) -> Schedule:
    """The schedule of these rules that is done soonest; of several the one whose migrations end earliest on the
    average. Raises PlannerError when none of the rules finds one.
    """
    found: list[tuple[float, float, ListRule, Times]] = []
    refusals: list[PlannerError] = []
    for rule in rules:
        try:
            times = list_times(problem, rule)
        except PlannerError as refusal:
            refusals.append(refusal)
        else:
            found.append((times.makespan_s, sum(times.ends), rule, times))
    if not found:
        raise refusals[0]
    _, _, rule, times = min(found, key=lambda each: each[:2])
    return described(problem, demands_of(problem, rule), times, rule.value)


def within(problem: Problem, window_s: float) -> Schedule:
    """The schedule with the fewest migrations at the same time that is done after `window_s`. Raises PlannerError
    when the window is too short.
    """
    rules = (ListRule.LONGEST_FIRST, ListRule.BOTTLENECK_FIRST)
    enough = best(problem, rules)
    if enough.makespan_s > window_s:
        raise PlannerError(
            f"the plan takes {format_duration(enough.makespan_s)} and can't be done in {format_duration(window_s)}; "
            "widen the window, raise the limits, or move less"
        )
    too_few, most = 0, problem.limits.total or len(problem.jobs)
    fewest = min(most, _most_at_once(enough))
    while fewest - too_few > 1:
        middle = (too_few + fewest) // 2
        try:
            tried = best(evolve(problem, limits=evolve(problem.limits, total=middle)), rules)
        except PlannerError:
            too_few = middle  # in another order of starts some find no room
            continue
        if tried.makespan_s <= window_s:
            fewest, enough = middle, tried
        else:
            too_few = middle
    return evolve(enough, name=f"at most {fewest} at once", bound=lower_bound(problem))


def described(problem: Problem, demands: Demands, times: Times, name: str) -> Schedule:
    """Times with their slack, critical path and lower bound."""
    jobs, starts, ends = problem.jobs, times.starts, times.ends
    before = awaited(problem, demands, times)
    order = sorted(range(len(jobs)), key=lambda index: (starts[index], index))
    latest_end = [times.makespan_s] * len(jobs)
    for index in reversed(order):
        pinned = jobs[index].pinned_start_s is not None
        latest_start = starts[index] if pinned else latest_end[index] - (ends[index] - starts[index])
        for other in before[index]:
            latest_end[other] = min(latest_end[other], latest_start)
        if pinned:
            latest_end[index] = ends[index]
    slots = [
        Slot(
            jobs[index].id,
            starts[index],
            ends[index],
            _rate(problem, demands, index, ends[index] - starts[index]),
            max(0.0, latest_end[index] - ends[index]),
        )
        for index in order
    ]
    path = tuple(jobs[index].id for index in _critical_path(before, times))
    return Schedule(name, slots, lower_bound(problem), path)


def awaited(problem: Problem, demands: Demands, times: Times) -> list[set[int]]:
    """For each job those whose end gave it what it takes, and those that it is to come after.

    What was given back first is taken first. As long as each job starts after the ends of those it awaits, the jobs
    can be shifted in time as one likes and no resource is overdrawn.
    """
    pools: list[deque[tuple[float, int]]] = [deque([(capacity, -1)]) for capacity in demands.capacity]
    before: list[set[int]] = [{problem.places[other] for other in job.after} for job in problem.jobs]
    moments = sorted(
        [(end, 0, index) for index, end in enumerate(times.ends)]
        + [(start, 1, index) for index, start in enumerate(times.starts)]
    )
    for _, is_start, index in moments:
        if not is_start:
            for resource, amount in demands.gives[index]:
                pools[resource].append((amount, index))
            continue
        for resource, amount in demands.takes[index]:
            before[index] |= _take(pools[resource], amount)
    return before


def _take(pool: deque[tuple[float, int]], amount: float) -> set[int]:
    """Take so much from a pool, what has been in it longest first; returns who had put it in."""
    givers = set()
    while pool and amount > 0:
        # Less than nothing is there at first where a host is overfull: who comes next has to make up for it.
        there, giver = pool.popleft()
        if giver >= 0:
            givers.add(giver)
        if there > amount:
            pool.appendleft((there - amount, giver))
        amount -= there
    return givers


def _rate(problem: Problem, demands: Demands, index: int, seconds: float) -> float:
    """What is reserved for a job, or what it gets on the average where nothing is."""
    job = problem.jobs[index]
    return job.bytes / seconds if demands.links.shares else demands.links.taken_bytes_per_s(job)


def _critical_path(before: list[set[int]], times: Times) -> list[int]:
    """From the last end back, each time to the job whose end made the next one start."""
    path: list[int] = []
    last = max(range(len(before)), key=lambda index: times.ends[index], default=None)
    while last is not None:
        path.insert(0, last)
        start = times.starts[last]
        waited_for = [other for other in before[last] if times.ends[other] >= start - _SAME_S]
        last = max(waited_for, key=lambda index: times.ends[index], default=None)
    return path


def _most_at_once(found: Schedule) -> int:
    now = most = 0
    for _, step in sorted([(s.end_s, -1) for s in found.slots] + [(s.start_s, 1) for s in found.slots]):
        now += step
        most = max(most, now)
    return most
