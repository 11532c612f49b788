"""The log of a real migration, replayed: its rounds, its downtime and its end. recorded/README.md says how."""

import json
from pathlib import Path

import pytest

from vmplanner.backends.xen.rounds import WatchedMigration
from vmplanner.domain.events import Progressed
from vmplanner.domain.quantities import MIB, PAGE_BYTES
from vmplanner.domain.results import Phase

RECORDED = Path(__file__).parent / "recorded"


def replayed(lines: list[str]) -> tuple[WatchedMigration, list[Progressed]]:
    watched = WatchedMigration("move", 128 * MIB, 5.0)
    return watched, [event for line in lines for event in watched.take(line)]


def recorded(name: str) -> list[str]:
    return (RECORDED / name).read_text().splitlines()


def pages(events: list[Progressed]) -> dict[tuple[Phase, int], int]:
    found: dict[tuple[Phase, int], int] = {}
    for event in events:
        key = event.phase, event.round
        found[key] = found.get(key, 0) + sum(moved.bytes for moved in event.pieces) // PAGE_BYTES
    return found


def test_a_migration_has_its_rounds_and_its_end() -> None:
    watched, events = replayed(recorded("pvh-4.17-writing.jsonl"))
    assert watched.exit_status == 0
    assert watched.is_permitted
    found = pages(events)
    assert found[Phase.PRE_COPY, 1] == 32768  # all memory, and none of the empty frames beyond it
    assert [number for phase, number in found if phase is Phase.PRE_COPY] == [1, 2, 3, 4, 5]
    assert found[Phase.STOP_AND_COPY, 6] > 0
    assert [phase for phase, _ in found][-2:] == [Phase.RESUME, Phase.CLEAN_UP]


@pytest.mark.parametrize("name", ["pvh-4.17-writing.jsonl", "pvh-4.17-saved.jsonl", "pvh-4.17-cancelled.jsonl"])
def test_time_goes_forward_and_covers_all(name: str) -> None:
    lines = recorded(name)
    _, events = replayed(lines)
    times = [event.at_s for event in events]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(5 + json.loads(lines[-1])["at"] - json.loads(lines[0])["at"])
    assert all(event.remaining_bytes >= 0 for event in events)


def test_a_saved_guest_stands_still_from_the_first_page_to_the_start_at_the_target() -> None:
    watched, events = replayed(recorded("pvh-4.17-saved.jsonl"))
    assert watched.exit_status == 0
    assert pages(events)[Phase.STOP_AND_COPY, 1] == 32768
    assert Phase.PRE_COPY not in {event.phase for event in events}


def test_a_cancelled_one_keeps_what_xl_said_last() -> None:
    watched, _ = replayed(recorded("pvh-4.17-cancelled.jsonl"))
    assert watched.exit_status == 1
    assert any("Migration failed" in line for line in watched.last_words)


def test_a_host_without_python_tells_its_end_alone() -> None:
    watched, events = replayed(['{"exit": 0}'])
    assert watched.exit_status == 0
    assert [event.phase for event in events] == [Phase.PREFLIGHT]


@pytest.mark.parametrize("line", ["", "[]", "x", '"a"'])
def test_what_is_no_line_of_a_log_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"no line of a log|Expecting value"):
        replayed([line])
