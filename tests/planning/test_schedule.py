"""Schedules keep every limit at every instant, are never worse than doing without, and say how good they are."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vmplanner.domain.at_once import AtOnce
from vmplanner.domain.errors import InvalidValue, PlannerError
from vmplanner.planning.scheduling.bounds import BoundKind, lower_bound
from vmplanner.planning.scheduling.jobs import Demands, Job, Ledger, Limits, LinkUse, Problem
from vmplanner.planning.scheduling.lists import ListRule, Times, demands_of, list_times
from vmplanner.planning.scheduling.schedule import RESERVING, Schedule, best, schedule, within

HOSTS = ("a", "b", "c", "d")
HAIR = 1e-6


def job(name: str, seconds: float, source: str = "a", target: str = "b", **more: object) -> Job:
    """A job that copies at 10 of the 10 bytes/s of each host's link, all of its time."""
    links = ((f"link-{source}", source), (f"link-{target}", "switch"))
    values = {"bytes": round(10 * seconds), "rate_bytes_per_s": 10.0, "peak_bytes_per_s": 10.0, "memory_bytes": 1}
    values |= {"duration_s": seconds, "links": links, "source_id": source, "target_id": target}
    return Job(name, **(values | more))


def problem(*jobs: Job, free: int = 100, link: float = 10.0, rules: tuple[AtOnce, ...] = (), **limits: int) -> Problem:
    """Jobs between the hosts a to d, each on a link of its own to a switch."""
    links = {end: link for host in HOSTS for end in ((f"link-{host}", host), (f"link-{host}", "switch"))}
    return Problem(jobs, links, dict.fromkeys(HOSTS, free), Limits(**limits), rules)


@st.composite
def problems(draw: st.DrawFn, pins: bool = False) -> Problem:
    """Small problems of every sort: limits, tight memory, order, start times, priorities, and unlike rates."""
    jobs: list[Job] = []
    link = draw(st.sampled_from([10.0, 25.0, 40.0]))
    for number in range(draw(st.integers(1, 9))):
        source, target = draw(st.permutations(HOSTS))[:2]
        rate = draw(st.sampled_from([10.0, 7.0, 3.3]))
        seconds = draw(st.integers(1, 40)) / 4
        jobs.append(
            job(
                f"job-{number}",
                seconds,
                source,
                target,
                bytes=int(rate * seconds * draw(st.floats(0.5, 1))),
                rate_bytes_per_s=rate,
                memory_bytes=draw(st.integers(1, 4)),
                earliest_start_s=draw(st.sampled_from([0.0, 0.0, 2.5])),
                after=tuple({draw(st.sampled_from(jobs)).id}) if jobs and draw(st.booleans()) else (),
                priority=draw(st.sampled_from([0, 0, 1])),
            )
        )
    if pins:
        place = draw(st.integers(0, len(jobs) - 1))
        jobs[place] = evolve(jobs[place], pinned_start_s=draw(st.integers(0, 60)) / 4, after=())
    counts = st.none() | st.integers(1, 3)
    limits = Limits(draw(counts), draw(counts), draw(counts), draw(counts))
    some = frozenset(each.id for each in jobs if draw(st.booleans()))
    rules = (AtOnce("rack", draw(st.integers(1, 2)), some),) if some else ()
    free = {host: draw(st.integers(1, 12)) for host in HOSTS}
    links = {end: link for host in HOSTS for end in ((f"link-{host}", host), (f"link-{host}", "switch"))}
    return Problem(jobs, links, free, limits, rules)


def schedules(of: Problem) -> Iterator[tuple[ListRule, Schedule]]:
    for rule in ListRule:
        try:
            yield rule, schedule(of, rule)
        except PlannerError:
            continue


def check_holds(of: Problem, times: Times, links: LinkUse) -> None:
    """Everything that must hold, looked at whenever a job starts. Written without the scheduler's own ledger."""
    jobs = {each.id: (each, times.starts[i], times.ends[i]) for i, each in enumerate(of.jobs)}
    for each, start, _ in jobs.values():
        assert start >= each.not_before_s
        assert each.pinned_start_s is None or start == each.pinned_start_s
        assert all(jobs[other][2] <= start + HAIR for other in each.after)
    for _, now, _ in jobs.values():
        running = [each for each, start, end in jobs.values() if start <= now < end - HAIR]
        limits = of.limits
        assert limits.total is None or len(running) <= limits.total
        for rule in of.rules:
            assert sum(each.id in rule.migration_ids for each in running) <= rule.count
        for host in HOSTS:
            sending = sum(each.source_id == host for each in running)
            receiving = sum(each.target_id == host for each in running)
            assert limits.sending is None or sending <= limits.sending
            assert limits.receiving is None or receiving <= limits.receiving
            assert limits.per_host is None or sending + receiving <= limits.per_host
            taken = sum(
                each.memory_bytes for each, start, _ in jobs.values() if each.target_id == host and start <= now
            )
            freed = sum(
                each.memory_bytes for each, _, end in jobs.values() if each.source_id == host and end <= now + HAIR
            )
            # A host that is full from the start gets no fuller.
            assert taken <= of.free_memory_bytes[host] + freed
        for link, capacity in of.link_bytes_per_s.items():
            if links in (LinkUse.RATE, LinkUse.PEAK):
                used = sum(links.taken_bytes_per_s(each) for each in running if link in each.links)
                assert used <= max(capacity, 10.0) * (1 + HAIR)


@given(problems() | problems(pins=True))
def test_limits_order_memory_and_links_hold_at_every_instant(of: Problem) -> None:
    for rule, made in schedules(of):
        slots = {slot.job_id: slot for slot in made.slots}
        times = Times(
            tuple(slots[each.id].start_s for each in of.jobs), tuple(slots[each.id].end_s for each in of.jobs)
        )
        check_holds(of, times, demands_of(of, rule).links)


@given(problems())
def test_the_best_is_no_worse_than_any_list_and_no_better_than_the_bound(of: Problem) -> None:
    made = dict(schedules(of))
    assume(not made.keys().isdisjoint(RESERVING))
    chosen = best(of)
    for rule in RESERVING:
        if rule in made:
            assert chosen.makespan_s <= made[rule].makespan_s
    for each in made.values():
        assert each.makespan_s >= lower_bound(of).seconds * (1 - HAIR)


@given(problems())
def test_a_list_is_what_looking_at_every_job_at_every_end_gives(of: Problem) -> None:
    for rule in (ListRule.FIRST_IN_FIRST_OUT, ListRule.SHORTEST_FIRST, ListRule.LEAST_DOWNTIME):
        try:
            times = list_times(of, rule)
        except PlannerError:
            continue
        assert times == naive_times(of, rule)


def naive_times(of: Problem, rule: ListRule) -> Times:
    sign = {ListRule.FIRST_IN_FIRST_OUT: 0, ListRule.SHORTEST_FIRST: 1, ListRule.LEAST_DOWNTIME: -1}[rule]
    order = sorted(range(len(of.jobs)), key=lambda i: (-of.jobs[i].priority, sign * of.jobs[i].duration_s, i))
    ledger, starts, ends = Ledger(demands_of(of, rule)), dict[int, float](), dict[int, float]()
    now, given_back = 0.0, set[int]()
    while len(starts) < len(order):
        for index in [i for i, end in ends.items() if end <= now and i not in given_back]:
            ledger.give(index)
            given_back.add(index)
        for index in order:
            each = of.jobs[index]
            awaited = all(ends.get(of.places[other], float("inf")) <= now for other in each.after)
            if index not in starts and each.earliest_start_s <= now and awaited and ledger.lack(index) is None:
                ledger.take(index)
                starts[index], ends[index] = now, now + each.duration_s
        moments = [*ends.values(), *(each.earliest_start_s for each in of.jobs)]
        now = min((moment for moment in moments if moment > now), default=now)
    return Times(tuple(starts[i] for i in range(len(order))), tuple(ends[i] for i in range(len(order))))


@given(problems())
def test_the_critical_path_has_no_slack_and_leads_to_the_end(of: Problem) -> None:
    for _, made in schedules(of):
        slots = {slot.job_id: slot for slot in made.slots}
        path = [slots[job_id] for job_id in made.critical_path]
        assert path[-1].end_s == made.makespan_s
        assert all(slot.slack_s == pytest.approx(0, abs=1e-5) for slot in path)
        assert all(after.start_s >= before.end_s - HAIR for before, after in pairwise(path))


def test_jobs_on_one_link_follow_each_other_without_a_gap() -> None:
    made = schedule(problem(job("x", 3), job("y", 5), job("z", 1)), ListRule.LONGEST_FIRST)
    assert [(slot.job_id, slot.start_s, slot.end_s) for slot in made.slots] == [("y", 0, 5), ("x", 5, 8), ("z", 8, 9)]
    assert made.critical_path == ("y", "x", "z")
    assert (made.bound.kind, made.bound.seconds, made.above_bound) == (BoundKind.LINK, 9, 0)


def test_what_can_wait_has_slack() -> None:
    made = schedule(problem(job("x", 8), job("y", 3, "c", "d")), ListRule.LONGEST_FIRST)
    assert {slot.job_id: slot.slack_s for slot in made.slots} == {"x": 0, "y": 5}


def test_streaming_starts_as_soon_as_one_place_is_free() -> None:
    made = schedule(
        problem(job("x", 2), job("y", 10, "c", "d"), job("z", 8, "a", "b"), total=2), ListRule.FIRST_IN_FIRST_OUT
    )
    assert made.starts == {"x": 0, "y": 0, "z": 2}


def test_sharing_a_link_takes_as_long_as_it_has_bytes() -> None:
    made = schedule(problem(job("x", 4), job("y", 4)), ListRule.ALL_AT_ONCE)
    assert {slot.end_s for slot in made.slots} == {8}
    assert {slot.rate_bytes_per_s for slot in made.slots} == {5}


def test_a_pinned_job_finds_its_place_free() -> None:
    made = best(problem(job("x", 4), job("y", 3), job("z", 5, pinned_start_s=3.0)))
    assert made.starts == {"y": 0, "z": 3, "x": 8}


def test_pins_that_collide_are_told() -> None:
    with pytest.raises(PlannerError, match="'y' can't start at 2 s, where it is pinned: link is busy"):
        schedule(problem(job("x", 4, pinned_start_s=0.0), job("y", 3, pinned_start_s=2.0)), ListRule.LONGEST_FIRST)


def test_what_never_finds_room_is_told() -> None:
    with pytest.raises(PlannerError, match="'x' never finds room: memory 'b' has too little"):
        best(problem(job("x", 4, memory_bytes=101)))


def test_jobs_that_wait_for_each_other_in_a_circle_are_refused() -> None:
    with pytest.raises(InvalidValue, match="goes in a circle"):
        problem(job("x", 1, after=("y",)), job("y", 1, after=("x",)))


@pytest.mark.parametrize(
    ("of", "kind", "seconds"),
    [
        (problem(job("x", 6), job("y", 5, "c", "d")), BoundKind.LONGEST, 6),
        (problem(job("x", 6), job("y", 5, "c", "d"), total=1), BoundKind.PLAN, 11),
        (problem(job("x", 6), job("y", 5, "c", "d", after=("x",))), BoundKind.ROW, 11),
        (problem(job("x", 6, "a", "b"), job("y", 5, "b", "c"), per_host=1), BoundKind.HOST, 11),
        (
            problem(job("x", 6), job("y", 6, "a", "c"), job("z", 6, "a", "d"), link=100, sending=2),
            BoundKind.SENDING,
            12,
        ),
    ],
)
def test_the_bound_says_what_keeps_the_plan_from_being_done_sooner(
    of: Problem, kind: BoundKind, seconds: float
) -> None:
    bound = lower_bound(of)
    assert (bound.kind, bound.seconds) == (kind, seconds)


def test_within_a_window_as_few_as_possible_run_at_once() -> None:
    of = problem(job("x", 4, "a", "b"), job("y", 4, "c", "d"), job("u", 4, "b", "a"), job("v", 4, "d", "c"))
    assert best(of).makespan_s == 4
    assert (within(of, 9).name, within(of, 9).makespan_s) == ("at most 2 at once", 8)
    assert within(of, 16).makespan_s == 16
    with pytest.raises(PlannerError, match="takes 4 s and can't be done in 3 s"):
        within(of, 3)


@settings(max_examples=25)
@given(problems() | problems(pins=True))
def test_the_gentlest_schedule_keeps_its_window(of: Problem) -> None:
    try:
        soonest = best(of, (ListRule.LONGEST_FIRST, ListRule.BOTTLENECK_FIRST)).makespan_s
    except PlannerError:
        return
    assert within(of, soonest * 1.5).makespan_s <= soonest * 1.5


def test_least_downtime_keeps_links_for_one_alone() -> None:
    of = problem(*(job(f"x{n}", 2, rate_bytes_per_s=5.0, bytes=10) for n in range(2)))
    assert schedule(of, ListRule.LONGEST_FIRST).makespan_s == 2
    assert schedule(of, ListRule.LEAST_DOWNTIME).makespan_s == 4


def test_pauses_are_filled_where_links_are_overbooked() -> None:
    of = problem(*(job(f"x{n}", 10, rate_bytes_per_s=5.0, bytes=40) for n in range(6)))
    assert schedule(of, ListRule.BOTTLENECK_FIRST).makespan_s == 30
    assert schedule(of, ListRule.LINKS_FILLED).makespan_s < 30
    assert Demands(of, LinkUse.FILLED).capacity[0] == 12.5
