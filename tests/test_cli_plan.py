"""`vmplanner plan`: moves that do what is asked, as text, as JSON, as a project, and why there are none."""

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.planning.placements import fleet
from tests.test_cli import vmplanner
from vmplanner.domain.groups import Group
from vmplanner.domain.plans import Migration
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


def test_the_plan_that_is_written_is_the_one_that_was_told(vmplanner: Any, file: Path) -> None:
    out = file.with_name("out.vmplan")
    told = vmplanner("plan", file, "--evacuate", "a", "--json", "-o", out)
    plan = project_file.load(out).plan
    assert {m.id: m.earliest_start_s for m in plan.migrations} == {m["id"]: m["start_s"] for m in told.json["moves"]}
    run = vmplanner("simulate", out, "--json").json
    ends = [migration["started_s"] + migration["total_s"] for migration in run["migrations"]]
    assert max(ends) == pytest.approx(told.json["makespan_s"], rel=0.01)


def test_excluded_vms_stay(vmplanner: Any, file: Path) -> None:
    project = project_file.load(file)
    plan = evolve(project.plan, excluded=[Migration("m-9", "v1", "c")])
    project_file.save(project.applied(Change("", [Edit(project.plans.get(plan.id), plan)])), file)
    told = vmplanner("plan", file, "--evacuate", "a", "--json").json
    assert [move["vm"] for move in told["moves"]] == ["v2"]
    assert told["unmoved"] == [{"vm": "v1", "id": "v1", "reason": "excluded from this plan"}]


def test_improve_says_what_it_has_come_to(vmplanner: Any, file: Path) -> None:
    pytest.importorskip("ortools")
    told = vmplanner("plan", file, "--evacuate", "a", "--improve", "5s")
    assert told.status == 0
    assert "The search found nothing better." in told.out


def test_there_is_nothing_to_improve_about_the_plan_that_a_file_has(vmplanner: Any, file: Path) -> None:
    told = vmplanner("plan", file, "--improve", "5s")
    assert told.status == 2
    assert "say what they are for" in told.err


def test_vms_are_moved_to_a_host_a_group_or_any_other(vmplanner: Any, file: Path) -> None:
    told = vmplanner("plan", file, "--move", "v1", "v3", "--to", "c", "--json")
    assert told.status == 0
    assert {(move["vm"], move["target"]) for move in told.json["moves"]} == {("v1", "c"), ("v3", "c")}
    assert told.json["plan"] == "Move v1 and v3 to c"
    inside = vmplanner("plan", file, "--move", "v1", "--to", "Rack 1", "--json")
    assert (inside.json["moves"], inside.json["unmoved"][0]["reason"]) == ([], "is on a already")
    [move] = vmplanner("plan", file, "--move", "v1", "--json").json["moves"]
    assert move["target"] in ("b", "c")
    stays = vmplanner("plan", file, "--move", "v3", "--to", "b", "--json")
    assert stays.json["unmoved"] == [{"vm": "v3", "id": "v3", "reason": "is on b already"}]


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
        (["--evacuate", "x"], "there is no host or group 'x'; there are Rack 1, a, b, c"),
        (["--balance", "--consolidate"], "ask for one thing at a time"),
        (["--balance", "a"], "a is for --evacuate and --move only"),
        (["--evacuate", "a", "--to", "b"], "--to is for --move only"),
        (["--move", "x"], "there is no VM or group 'x'; there are Rack 1, v1, v2, v3"),
        (["--move", "Rack 1"], "Rack 1 has no VMs"),
        (["--move", "v1", "--to", "x"], "there is no host or group 'x'"),
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


def in_blackout(vmplanner: Any, file: Path, recurrence: str = "") -> Path:
    """A plan that begins in a blackout of two hours, or of a day every day."""
    start = time_of("2026-11-23T20:00Z")
    out = file.with_name("out.vmplan")
    assert vmplanner("plan", file, "--evacuate", "a", "--start", "2026-11-23T21:00+01:00", "-o", out).status == 0
    with_windows(out, Window("w", "Sale", WindowKind.BLACKOUT, start, 86_400 if recurrence else 7200, recurrence))
    return out


def test_a_plan_in_a_blackout_waits_for_its_end(vmplanner: Any, file: Path) -> None:
    out = in_blackout(vmplanner, file)
    told = vmplanner("check", out, "--json")
    assert (told.status, told.json["blocked"]) == (0, False)
    waits = [finding for finding in told.json["findings"] if finding["rule"] == "window"]
    assert {finding["severity"] for finding in waits} == {"informs"}
    assert "it waits until 2026-11-23 23:00" in waits[0]["message"]
    run = vmplanner("simulate", out, "--json")
    assert run.status == 0
    assert min(migration["started_s"] for migration in run.json["migrations"]) == 7200
    assert run.json["outside_windows"] == []


def test_a_plan_that_is_always_in_a_blackout_is_blocked(vmplanner: Any, file: Path) -> None:
    out = in_blackout(vmplanner, file, "FREQ=DAILY")
    told = vmplanner("check", out, "--json")
    assert (told.status, told.json["blocked"]) == (1, True)
    assert {finding["rule"] for finding in told.json["findings"] if finding["severity"] == "blocks"} == {"window"}
    run = vmplanner("simulate", out)
    assert run.status == 1
    assert "in the blackout 'Sale'" in run.err
    assert "no opening of the next year is long enough" in run.err
    assert project_file.load(out).runs == ()


def test_a_start_without_a_zone_is_refused(vmplanner: Any, file: Path) -> None:
    told = vmplanner("plan", file, "--balance", "--start", "2026-11-23T21:00")
    assert told.status == 2
    assert "needs a zone" in told.err
