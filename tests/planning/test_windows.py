"""Moves keep to maintenance windows, blackouts and cut-over times, and what does not is told with its next opening."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_projects import two_hosts
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.windows import Window, WindowKind, time_of
from vmplanner.engine.runner import run_plan
from vmplanner.planning.preflight import Severity, check_forecast
from vmplanner.planning.proposal import propose
from vmplanner.planning.scheduling.apply import apply_schedule
from vmplanner.planning.scheduling.pins import problem_with_pins
from vmplanner.planning.scheduling.schedule import best
from vmplanner.planning.windows import Calendar, Course, misfits, union

START = time_of("2026-11-23 20:00 Europe/Berlin")
HOUR = 3600.0
kinds = st.sampled_from(WindowKind)
numbers_of_hours = st.integers(0, 60)


def window(
    kind: WindowKind, after_h: float, hours: float, repeats: str = "", *applies_to: str, name: str = ""
) -> Window:
    starts_at = START + timedelta(hours=after_h)
    return Window(f"{kind}-{after_h}-{hours}", name or kind.value, kind, starts_at, hours * HOUR, repeats, applies_to)


def with_windows(*windows: Window, machines: int = 1) -> Project:
    project = two_hosts(machines)
    project = project.applied(Change("", [Edit(None, each) for each in windows]))
    plan = evolve(project.plan, starts_at=START)
    return project.applied(Change("", [Edit(project.plan, plan)]))


many = st.lists(
    st.builds(
        window,
        kinds,
        st.integers(-30, 60),
        st.integers(1, 30),
        st.sampled_from(["", "FREQ=DAILY", "FREQ=DAILY;INTERVAL=2;COUNT=4", "FREQ=WEEKLY;BYDAY=TU,TH"]),
        st.sampled_from(["vm-1", "host-1", "host-2"]),
    ),
    max_size=5,
    unique_by=lambda one: one.id,
)


@settings(deadline=None)
@given(windows=many, hours=st.integers(1, 200))
def test_openings_are_in_order_apart_and_inside_the_windows(windows: list[Window], hours: int) -> None:
    project = with_windows(*windows)
    things = ("vm-1", "host-1", "host-2")
    found = Calendar(project, START).openings(*things)
    assert all(begin < end for begin, end in found)
    assert all(end < begin for (_, end), (begin, _) in pairwise(found))
    # Half an hour later, so that no edge of a window is met.
    moment = START.astimezone(UTC) + timedelta(hours=hours, minutes=30)

    def is_open(each: Window) -> bool:
        return any(begin <= moment < end for begin, end in each.openings(moment, moment + timedelta(seconds=1)))

    def limited(thing: str) -> list[Window]:
        return [each for each in windows if each.kind is WindowKind.MAINTENANCE and thing in each.applies_to]

    is_dark = any(each.kind is WindowKind.BLACKOUT and is_open(each) for each in windows)
    may = all(any(is_open(each) for each in limited(thing)) for thing in things if limited(thing)) and not is_dark
    seconds = (hours + 0.5) * HOUR
    assert any(begin <= seconds < end for begin, end in found) is may


@given(st.lists(st.tuples(numbers_of_hours, numbers_of_hours)))
def test_a_union_has_each_time_once(spans: list[tuple[int, int]]) -> None:
    found = union(spans)
    covered = {hour for begin, end in spans for hour in range(begin, end)}
    assert sorted(covered) == [hour for begin, end in found for hour in range(int(begin), int(end))]


def test_without_windows_all_times_are_open() -> None:
    assert Calendar(with_windows(), START).openings("vm-1", "host-1") == ((0.0, math.inf),)


def test_windows_of_a_site_are_for_its_hosts() -> None:
    site = Group("site", "Site", GroupKind.SITE, member_ids=["host-2"])
    project = with_windows().applied(
        Change("", [Edit(None, site), Edit(None, window(WindowKind.MAINTENANCE, 2, 1, "", "site"))])
    )
    calendar = Calendar(project, START)
    assert calendar.openings("host-2") == ((2 * HOUR, 3 * HOUR),)
    assert calendar.openings("host-1") == ((0.0, math.inf),)


def test_a_schedule_starts_moves_in_their_windows() -> None:
    project = with_windows(
        window(WindowKind.MAINTENANCE, 2, 3, "FREQ=DAILY", "host-2"),
        window(WindowKind.BLACKOUT, 1, 2),
        machines=3,
    )
    schedule = best(problem_with_pins(project, project.plan))
    assert min(schedule.starts.values()) == pytest.approx(3 * HOUR)
    assert schedule.makespan_s < 5 * HOUR
    scheduled = project.applied(apply_schedule(project, "plan-1", schedule))
    run = run_plan(scheduled, scheduled.plan, SimulatedBackend()).run
    assert check_forecast(scheduled, scheduled.plan, run) == ()


def test_what_is_not_done_in_one_opening_waits_for_the_next() -> None:
    alone_s = best(problem_with_pins(with_windows(), with_windows().plan)).makespan_s
    nightly = window(WindowKind.MAINTENANCE, 1, 1.5 * alone_s / HOUR, "FREQ=DAILY")
    project = with_windows(nightly, machines=2)
    one_by_one = evolve(project.plan, max_concurrent=1)
    schedule = best(problem_with_pins(project, one_by_one))
    assert sorted(schedule.starts.values()) == pytest.approx([HOUR, 25 * HOUR])


def test_a_guest_stands_still_in_its_cut_over_time() -> None:
    project = with_windows(window(WindowKind.CUT_OVER, 1, 0.5, "", "vm-1"))
    [job] = problem_with_pins(project, project.plan).jobs
    assert job.switch_s > 0
    assert job.earliest_start_s + job.switch_s == pytest.approx(HOUR)


def test_a_move_in_a_blackout_blocks_the_plan_and_can_be_mended() -> None:
    project = with_windows(window(WindowKind.BLACKOUT, 0, 2, name="Sale"))
    run = run_plan(project, project.plan, SimulatedBackend()).run
    [finding] = check_forecast(project, project.plan, run)
    assert (finding.severity, finding.rule, finding.thing_id) == (Severity.BLOCKS, "window", "vm-1")
    assert "in the blackout 'Sale' from 2026-11-23 20:00 to 22:00" in finding.message
    assert "2026-11-23 22:00" in finding.mend
    assert finding.fix is not None
    mended = project.applied(finding.fix)
    again = run_plan(mended, mended.plan, SimulatedBackend()).run
    assert check_forecast(mended, mended.plan, again) == ()


def test_a_move_that_leaves_its_window_is_a_warning() -> None:
    project = with_windows(window(WindowKind.MAINTENANCE, 24, 2, "", "vm-1", name="Tuesday"))
    run = run_plan(project, project.plan, SimulatedBackend()).run
    [finding] = check_forecast(project, project.plan, run)
    assert finding.severity is Severity.WARNS
    assert "outside the maintenance windows of web-1 ('Tuesday')" in finding.message


def test_without_a_start_windows_are_not_looked_at() -> None:
    project = with_windows(window(WindowKind.BLACKOUT, 0, 2))
    plan = evolve(project.plan, starts_at=None)
    assert misfits(project, plan, [Course("migration-1", 0.0, 1.0)]) == ()


def test_what_fits_nowhere_is_told() -> None:
    project = with_windows(window(WindowKind.MAINTENANCE, 1, 1 / HOUR, "FREQ=DAILY"))
    proposal = propose(project, None)
    assert not proposal.fits
    assert "no opening of the next year is long enough" in proposal.misfits[0].reason


def test_what_starts_too_late_in_a_window_that_is_long_enough_is_told_so() -> None:
    alone_s = propose(with_windows(), None).moves[0].total_s
    once = window(WindowKind.MAINTENANCE, 0, 1.5 * alone_s / HOUR, name="Tonight")
    project = with_windows(once, machines=2)
    project = project.applied(Change("", [Edit(project.plan, evolve(project.plan, max_concurrent=1))]))
    [late] = propose(project, None).misfits
    by = START + timedelta(seconds=0.5 * alone_s)
    assert f"it would fit if it started by {by:%Y-%m-%d %H:%M:%S}" in late.reason
    assert late.reason.endswith("there is no later opening in the next year")
    daily = evolve(once, recurrence="FREQ=DAILY")
    again = propose(project.applied(Change("", [Edit(once, daily)])), None)
    assert again.fits
    assert again.moves[1].start_s == 24 * HOUR


def test_a_proposal_takes_another_start() -> None:
    project = with_windows(window(WindowKind.MAINTENANCE, 2, 3))
    later = datetime(2026, 11, 23, 22, tzinfo=UTC)
    proposal = propose(project, None, starts_at=later)
    assert proposal.fits
    assert proposal.plan.starts_at == later
    assert proposal.moves[0].start_s == 0


def test_a_plan_keeps_the_time_that_it_was_asked_to_be_done_in() -> None:
    project = two_hosts(3)
    assert propose(project, None, window_s=7200.0).plan.window_s == 7200.0
    late = propose(project, None, window_s=1.0).plan
    project = project.applied(Change("", [Edit(project.plan, late)]))
    run = run_plan(project, late, SimulatedBackend()).run
    [finding] = [each for each in check_forecast(project, late, run) if each.rule == "plan-window"]
    assert finding.severity is Severity.WARNS
    assert finding.message.endswith("longer than the 1 s asked for")
    fits = evolve(late, window_s=7200.0)
    assert not [each for each in check_forecast(project, fits, run) if each.rule == "plan-window"]
