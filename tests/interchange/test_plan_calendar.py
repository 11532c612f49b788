"""Whoever opens the calendar of a plan sees when to be there, and when each VM moves."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from icalendar import Calendar, Component

from tests.interchange.forecasts import START, project_of, renamed, run_of
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.interchange.plan_calendar import plan_as_calendar, waves_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PROJECT = project_of(*(Migration(f"move-{number}", f"vm-{number}", "host-2") for number in (1, 2, 3)))


def events(project: Project, run: Run) -> list[Component]:
    return list(Calendar.from_ical(plan_as_calendar(project, project.plan, run, NOW)).walk("VEVENT"))


def test_a_pause_parts_two_waves() -> None:
    first, second = waves_of(run_of(PROJECT, 0, 5, 3600).results)
    assert (first.start_s, first.end_s, len(first.results)) == (0, 15, 2)
    assert (second.start_s, second.end_s) == (3600, 3610)


def test_the_waves_take_time_up_and_their_moves_do_not() -> None:
    found = events(PROJECT, run_of(PROJECT, 0, 5, 3600))
    waves = [event for event in found if "TRANSP" not in event]
    assert [str(wave["SUMMARY"]) for wave in waves] == [
        "Night, wave 1 of 2: 2 migrations",
        "Night, wave 2 of 2: 1 migration",
    ]
    assert waves[0].decoded("DTSTART") == START
    assert waves[0].decoded("DTEND") == START + timedelta(seconds=15)
    moves = [event for event in found if "TRANSP" in event]
    assert [str(move["SUMMARY"]) for move in moves] == [f"vm-{number} moves from a to b" for number in (1, 2, 3)]
    assert moves[2]["RELATED-TO"] == waves[1]["UID"]
    assert "predicted to take 10 s, guest stands still for 1 s" in str(moves[0]["DESCRIPTION"])


def test_written_again_it_replaces_what_was_imported() -> None:
    before = [str(event["UID"]) for event in events(PROJECT, run_of(PROJECT, 0, 5, 10))]
    after = [str(event["UID"]) for event in events(PROJECT, run_of(PROJECT, 0, 7, 20))]
    assert before == after
    assert len(set(before)) == len(before)


def test_a_name_begins_no_line_of_its_own() -> None:
    named = renamed(PROJECT, "vm-1", "db, main; BEGIN:VEVENT \\n " + "x" * 90)
    content = plan_as_calendar(named, named.plan, run_of(named, 0, 0, 0), NOW)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert content.count(b"\r\nBEGIN:VEVENT\r\n") == 4
    assert any(
        "db, main; BEGIN:VEVENT \\n x" in str(event["SUMMARY"]) for event in events(named, run_of(named, 0, 0, 0))
    )


def test_without_a_start_there_is_no_calendar() -> None:
    with pytest.raises(PlannerError, match="does not say when it starts"):
        plan_as_calendar(PROJECT, evolve(PROJECT.plan, starts_at=None), run_of(PROJECT, 0, 0, 0), NOW)
