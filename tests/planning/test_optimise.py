"""The solver finds what lists miss, keeps the limits, and stops when it is told to."""

import threading

from hypothesis import HealthCheck, given, settings

from tests.planning.test_schedule import check_holds, job, problem, problems
from vmplanner.domain.errors import PlannerError
from vmplanner.planning.scheduling.jobs import LinkUse, Problem
from vmplanner.planning.scheduling.lists import ListRule, Times
from vmplanner.planning.scheduling.optimise import optimised
from vmplanner.planning.scheduling.schedule import best, schedule


def uneven() -> Problem:
    """Two places for 3 + 3 + 2 + 2 + 2: longest first needs 7 seconds, and 6 would do."""
    lengths = (3, 3, 2, 2, 2)
    return problem(*(job(f"x{n}", s, rate_bytes_per_s=1.0, bytes=1) for n, s in enumerate(lengths)), total=2)


def test_the_solver_finds_a_schedule_that_is_done_sooner() -> None:
    first = schedule(uneven(), ListRule.LONGEST_FIRST)
    told: list[tuple[float, float]] = []
    found = optimised(uneven(), first, time_limit_s=5, progress=lambda *news: told.append(news))
    assert (first.makespan_s, found.makespan_s, found.name) == (7, 6, "optimised")
    assert told
    assert all(bound <= makespan for makespan, bound in told)


def test_a_schedule_at_its_bound_is_left_alone() -> None:
    first = best(problem(job("x", 3), job("y", 5)))
    assert optimised(problem(job("x", 3), job("y", 5)), first) is first


def test_a_stop_ends_the_search_with_what_it_has() -> None:
    stop = threading.Event()
    stop.set()
    first = schedule(uneven(), ListRule.SHORTEST_FIRST)
    assert optimised(uneven(), first, time_limit_s=3600, stop=stop).makespan_s <= first.makespan_s


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(problems() | problems(pins=True))
def test_the_limits_hold_and_nothing_gets_worse(of: Problem) -> None:
    try:
        first = best(of, (ListRule.FIRST_IN_FIRST_OUT,))
    except PlannerError:
        return
    try:
        found = optimised(of, first, time_limit_s=0.5)
    except PlannerError:
        return
    slots = {slot.job_id: slot for slot in found.slots}
    times = Times(tuple(slots[each.id].start_s for each in of.jobs), tuple(slots[each.id].end_s for each in of.jobs))
    check_holds(of, times, LinkUse.RATE)
    assert found.makespan_s <= first.makespan_s
