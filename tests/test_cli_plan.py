"""`vmplanner plan`: moves that do what is asked, as text, as JSON, as a project, and why there are none."""

from pathlib import Path
from typing import Any

import pytest

from tests.planning.placements import fleet
from tests.test_cli import vmplanner
from vmplanner.domain.groups import Group
from vmplanner.domain.project import Change, Edit
from vmplanner.domain.rules import Pinned
from vmplanner.domain.windows import Window, WindowKind, time_of
from vmplanner.store import project_file

__all__ = ["vmplanner"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    vms = {"v1": ("a", 4), "v2": ("a", 2), "v3": ("b", 1)}
    project = fleet({"a": 10, "b": 10, "c": 10}, vms)
    path = tmp_path / "plan.vmplan"
    project_file.save(project.applied(Change("", [Edit(None, Group("g", "Rack 1", member_ids=["a", "b"]))])), path)
    return path


def test_hosts_are_emptied(vmplanner: Any, file: Path) -> None:
    told = vmplanner("plan", file, "--evacuate", "a", "b", "--json")
    assert told.status == 0
    assert {(move["vm"], move["source"], move["target"]) for move in told.json["moves"]} == {
        ("v1", "a", "c"),
        ("v2", "a", "c"),
        ("v3", "b", "c"),
    }
    assert told.json["move_count"] == 3
    assert told.json["makespan_s"] >= told.json["lower_bound_s"] > 0
    for move in told.json["moves"]:
        assert {"start_s", "rate_bytes_per_s", "total_s", "downtime_s", "why"} <= move.keys()


def test_the_new_plan_can_be_written_and_simulated(vmplanner: Any, file: Path) -> None:
    out = file.with_name("out.vmplan")
    told = vmplanner("plan", file, "--roll", "Rack 1", "--maintain", "1min", "-o", out)
    assert told.status == 0
    assert "back when a is ready" in told.out
    plan = project_file.load(out).plan
    assert (plan.name, len(plan.migrations)) == ("Roll Rack 1", 6)
    run = vmplanner("simulate", out, "--json")
    assert run.status == 0
    assert [migration["outcome"] for migration in run.json["migrations"]] == ["completed"] * 6


@pytest.mark.parametrize("wish", [["--balance"], ["--consolidate"], ["--drain", "Rack 1"], ["--spread", "a"], []])
def test_every_wish_is_told_as_text(vmplanner: Any, file: Path, wish: list[str]) -> None:
    told = vmplanner("plan", file, *wish)
    assert told.status == 0
    assert "move" in told.out


def test_what_is_not_in_time_is_listed(vmplanner: Any, file: Path) -> None:
    told = vmplanner("plan", file, "--evacuate", "a", "--window", "1ms", "--max-downtime", "2h", "--json")
    assert told.status == 1
    assert {misfit["name"] for misfit in told.json["does_not_fit"]} == {"v1", "v2"}
    assert "the window is 1 ms" in told.err


def test_rules_in_conflict_are_named(vmplanner: Any, file: Path) -> None:
    project = project_file.load(file)
    project_file.save(project.applied(Change("", [Edit(None, Pinned("r", "Stays", ["v1"]))])), file)
    out = file.with_name("out.vmplan")
    told = vmplanner("plan", file, "--evacuate", "a", "--json", "-o", out)
    assert (told.status, told.json["conflicts"]) == (1, ["Stays"])
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--evacuate", "x"], "there is no host or group 'x'; there are a, b, c, Rack 1"),
        (["--balance", "--consolidate"], "ask for one thing at a time"),
        (["--balance", "a"], "a is for --evacuate only"),
        (["--evacuate", "a", "--window", "soon"], "--window: 'soon' is not a number with a unit"),
        (["--evacuate", "a", "--window", "0s"], "--window: must be more than 0"),
    ],
)
def test_bad_use_is_told(vmplanner: Any, file: Path, arguments: list[str], words: str) -> None:
    told = vmplanner("plan", file, *arguments)
    assert told.status == 2
    assert words in told.err


def with_windows(file: Path, *windows: Window) -> None:
    project = project_file.load(file)
    project_file.save(project.applied(Change("", [Edit(None, window) for window in windows])), file)


def test_moves_keep_to_the_windows_from_a_start_on(vmplanner: Any, file: Path) -> None:
    night = time_of("2026-11-23 22:00 Europe/Berlin")
    with_windows(file, Window("w", "Nightly", WindowKind.MAINTENANCE, night, 7200, "FREQ=DAILY", ["c"]))
    out = file.with_name("out.vmplan")
    told = vmplanner("plan", file, "--evacuate", "a", "b", "--start", "2026-11-23T21:00+01:00", "--json", "-o", out)
    assert told.status == 0
    assert min(move["start_s"] for move in told.json["moves"]) == 3600
    assert project_file.load(out).plan.starts_at == time_of("2026-11-23T21:00+01:00")
    shown = vmplanner("show", out)
    assert "Nightly" in shown.out
    assert "2026-11-23 22:00 Europe/Berlin" in shown.out
    assert "FREQ=DAILY" in shown.out


def test_what_fits_in_no_window_is_listed(vmplanner: Any, file: Path) -> None:
    night = time_of("2026-11-23T21:00Z")
    with_windows(file, Window("w", "Frozen", WindowKind.BLACKOUT, night, 86_400, "FREQ=DAILY", ["a"]))
    told = vmplanner("plan", file, "--evacuate", "a", "--start", "2026-11-23T23:00+01:00", "--json")
    assert told.status == 1
    assert {misfit["name"] for misfit in told.json["does_not_fit"]} == {"v1", "v2"}
    assert "in the blackout 'Frozen'" in told.err
    assert "no opening of the next year is long enough" in told.err


def test_a_plan_in_a_blackout_is_blocked(vmplanner: Any, file: Path) -> None:
    start = time_of("2026-11-23T21:00+01:00")
    out = file.with_name("out.vmplan")
    assert vmplanner("plan", file, "--evacuate", "a", "--start", "2026-11-23T21:00+01:00", "-o", out).status == 0
    with_windows(out, Window("w", "Sale", WindowKind.BLACKOUT, start, 7200))
    told = vmplanner("check", out, "--json")
    assert (told.status, told.json["blocked"]) == (1, True)
    assert {finding["rule"] for finding in told.json["findings"] if finding["severity"] == "blocks"} == {"window"}


def test_a_start_without_a_zone_is_refused(vmplanner: Any, file: Path) -> None:
    told = vmplanner("plan", file, "--balance", "--start", "2026-11-23T21:00")
    assert told.status == 2
    assert "needs a zone" in told.err
