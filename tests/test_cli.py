"""The command line as a person or a script uses it: output, errors, exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.small_projects import two_hosts, web_profile
from vmplanner.cli import main
from vmplanner.domain import edits, plan_edits
from vmplanner.domain.failures import HostDown
from vmplanner.domain.plans import Plan
from vmplanner.domain.platform import GuestNeeds, HostFacts
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.store import library, project_file


class Outcome:
    def __init__(self, status: object, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def vmplanner(capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: object) -> Outcome:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return Outcome(ended.value.code, *capsys.readouterr())

    return call


def test_help_names_every_command(vmplanner: Any) -> None:
    shown = vmplanner("--help")
    assert shown.status == 0
    for command in ("new", "check", "simulate", "export", "report", "show", "validate"):
        assert f"  {command} " in shown.out


def test_an_example_is_made_simulated_and_shown(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "rack.vmplan"
    made = vmplanner("new", file, "--example", "evacuate-a-rack")
    assert (made.status, made.out, made.err) == (0, f"wrote {file}\n", "")
    run = vmplanner("simulate", file)
    assert (run.status, run.err) == (0, "")
    assert "orders-db" in run.out
    assert "all done after" in run.out
    assert "Run 1" in vmplanner("show", file).out
    assert len(project_file.load(file).runs) == 1


def test_json_holds_what_a_script_needs(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "two.vmplan"
    project_file.save(two_hosts(2), file)
    run = vmplanner("simulate", file, "--json").json
    assert run["run"] == "Run 1"
    assert run["makespan_s"] > 0
    assert len(run["migrations"]) == 2
    for migration in run["migrations"]:
        assert {"id", "vm", "source", "target", "technique", "rounds", "downtime_s"} <= migration.keys()
        assert {"reported_total_s", "reported_downtime_s", "lost_work_s", "network_faults"} <= migration.keys()
        assert migration["settled_s"] >= migration["total_s"]
        assert all(0 <= segment["guest_share"] <= 1 for segment in migration["segments"])
        assert migration["converged"] is True
        at = 0.0
        for segment in migration["segments"]:
            assert segment["start_s"] == pytest.approx(at, abs=1e-6)
            at += segment["duration_s"]
        assert at == pytest.approx(migration["total_s"])
        assert sum(segment["bytes"] for segment in migration["segments"]) == migration["transferred_bytes"]


def test_show_json_tells_what_is_in_the_file(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "two.vmplan"
    project_file.save(two_hosts(2), file)
    shown = vmplanner("show", file, "--json").json
    assert [host["name"] for host in shown["hosts"]] == ["alpha", "beta"]
    assert len(shown["plan"]["migrations"]) == 2


def test_show_tells_what_was_set_for_a_hosts_policy(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "two.vmplan"
    project = two_hosts()
    assert "policy value" not in _shown(vmplanner, project, file)
    alpha = project.hosts["host-1"]
    changed = edits.replace(alpha, evolve(alpha, policy_values={"downtime_limit_s": 0.5, "max_rounds": 9}), "")
    told = [" ".join(line.split()) for line in _shown(vmplanner, project.applied(changed), file).splitlines()]
    assert "alpha Downtime limit 500 ms 300 ms" in told
    assert "alpha max_rounds 9 QEMU/KVM has none" in told
    [host, _] = vmplanner("show", file, "--json").json["hosts"]
    assert host["policy_values"] == {"downtime_limit_s": 0.5, "max_rounds": 9}


def _shown(vmplanner: Any, project: Project, file: Path) -> str:
    project_file.save(project, file)
    text: str = vmplanner("show", file).out
    return text


def test_validate_json_is_alone_on_stdout(vmplanner: Any, tmp_path: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text("name,mem_mib,bandwidth_mib,converged,total_time_ms\nidle,256,32,True,2300\n")
    measured = vmplanner("validate", cases, "--json")
    assert (measured.status, measured.err) == (0, "")
    assert measured.json["overall"]["n"] == 1
    assert measured.json["cases"][0]["name"] == "idle"
    assert "overall" in vmplanner("validate", cases).out


def test_validate_compares_with_published_figures(vmplanner: Any) -> None:
    figures = vmplanner("validate", "--published", "--json").json["figures"]
    assert {"seen", "recalled"} == {figure["known"] for figure in figures}
    assert {"specweb99", "postgresql-4-pre-copy"} <= {figure["case"] for figure in figures}
    assert "mmuncher" in vmplanner("validate", "--published").out


def test_the_examples_are_listed(vmplanner: Any) -> None:
    listed = vmplanner("new", "--list")
    assert listed.status == 0
    assert [line.split()[0] for line in listed.out.splitlines()] == [info.name for info in library.examples()]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["simulate", "nowhere.vmplan"], "nowhere.vmplan"),
        (["simulate"], "FILE"),
        (["check", "nowhere.vmplan"], "nowhere.vmplan"),
        (["check", "two.vmplan", "--plan", "night"], "no plan 'night' in the project; it has 'Plan'"),
        (["check", "text.vmplan", "--json"], "not a vmplanner project"),
        (["frobnicate", "x", "y"], "y"),
        (["bogus"], "no such file or command"),
        (["simulat"], "did you mean simulate?"),
        (["nowhere.vmplan"], "no such file or command"),
        (["two.vmplan"], "there is no display"),
        ([], "there is no display"),
        (["new"], "say where to write"),
        (["new", "out.vmplan", "--example", "atlantis"], "atlantis"),
        (["export", "two.vmplan", "--format", "bmp", "-o", "out.png"], "bmp"),
        (["new", "two.vmplan"], "exists already"),
        (["show", "text.vmplan"], "text.vmplan"),
        (["validate", "nowhere.csv"], "nowhere.csv"),
        (["validate", "text.vmplan"], "lacks the columns 'name', 'mem_mib', 'converged'"),
        (["validate", "two.vmplan"], "not a CSV file"),
        (["validate", "text.vmplan", "--published"], "leave CASES out"),
    ],
)
def test_bad_use_is_one_line_on_stderr_and_status_2(
    vmplanner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    project_file.save(two_hosts(), tmp_path / "two.vmplan")
    (tmp_path / "text.vmplan").write_text("not a project")
    refused = vmplanner(*arguments)
    assert (refused.status, refused.out) == (2, "")
    assert len(refused.err.splitlines()) == 1
    assert refused.err.startswith("vmplanner: ")
    assert words in refused.err


def test_a_blocked_plan_is_status_1_and_leaves_the_file_as_it_was(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "blocked.vmplan"
    project = two_hosts(2, target_memory_bytes=2**30)
    project_file.save(project, file)
    refused = vmplanner("simulate", file, "--json")
    assert (refused.status, refused.out) == (1, "")
    assert "beta would need 2 GiB of memory and has 1 GiB" in refused.err
    assert project_file.load(file) == project


def test_check_tells_what_blocks_a_plan_and_exits_with_1(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "blocked.vmplan"
    project_file.save(two_hosts(2, target_memory_bytes=2**30), file)
    told = vmplanner("check", file)
    assert (told.status, told.err) == (1, "")
    assert "blocks" in told.out
    assert "beta would need 2 GiB of memory and has 1 GiB" in " ".join(told.out.split())
    found = vmplanner("check", file, "--json")
    assert (found.status, found.err) == (1, "")
    assert found.json == {
        "findings": [
            {
                "severity": "blocks",
                "rule": "memory-after",
                "thing": "host-2",
                "moves": ["migration-1", "migration-2"],
                "message": "beta would need 2 GiB of memory and has 1 GiB",
                "mend": "send 1 GiB or more elsewhere",
            }
        ],
        "blocked": True,
        "moves_blocked": dict.fromkeys(("migration-1", "migration-2"), "beta would need 2 GiB of memory and has 1 GiB"),
    }


def test_check_looks_on_at_the_moves_that_are_not_blocked(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "part.vmplan"
    project = two_hosts(2, profile=web_profile(60_000), bandwidth_bytes_per_s=10e6)
    needs = evolve(project.machines["vm-1"], needs=GuestNeeds(networks={"DMZ"}))
    beta = project.hosts["host-2"]
    lan = evolve(beta, facts=HostFacts(networks={"LAN"}))
    edited = Change("", [Edit(project.machines["vm-1"], needs), Edit(beta, lan)])
    project_file.save(project.applied(edited), file)
    found = vmplanner("check", file, "--json")
    assert found.status == 1
    assert list(found.json["moves_blocked"]) == ["migration-1"]
    assert [finding["rule"] for finding in found.json["findings"]] == ["networks", "forecast", "bandwidth"]
    assert [finding["moves"] for finding in found.json["findings"]][:2] == [["migration-1"], ["migration-2"]]
    assert "The forecast is of Plan without the 1 move that can't be carried out." in vmplanner("check", file).out


def test_check_allows_warnings_and_those_of_a_forecast_are_among_them(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "busy.vmplan"
    project = two_hosts(1, profile=web_profile(60_000), bandwidth_bytes_per_s=10e6)
    project_file.save(project, file)
    found = vmplanner("check", file, "--json")
    assert (found.status, found.json["blocked"]) == (0, False)
    assert [finding["rule"] for finding in found.json["findings"]] == ["forecast", "bandwidth"]
    assert project_file.load(file) == project


def test_check_of_a_sound_plan_by_its_name(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "two.vmplan"
    project_file.save(two_hosts(), file)
    told = vmplanner("check", file, "--plan", "Plan")
    assert (told.status, told.err) == (0, "")
    assert told.out == "Plan can be carried out: nothing was found against it\n"


def test_a_plan_that_does_not_converge_is_status_1_with_the_run_kept(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "never.vmplan"
    project_file.save(two_hosts(1, profile=web_profile(60_000), bandwidth_bytes_per_s=10e6), file)
    run = vmplanner("simulate", file, "--json")
    assert run.status == 1
    assert run.json["migrations"][0]["converged"] is False
    assert "web-1" in run.err
    assert len(project_file.load(file).runs) == 1


def test_an_empty_plan_is_status_1(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "empty.vmplan"
    project = two_hosts()
    project_file.save(project.applied(Change("", (Edit(project.plan, Plan("plan-1", "Plan")),))), file)
    refused = vmplanner("simulate", file)
    assert refused.status == 1
    assert "has no migrations" in refused.err


def test_nothing_of_qt_is_loaded_without_a_window() -> None:
    """A command without a window starts fast and works where Qt can't."""
    listing = "main(['new', '--list'])"
    code = f"import sys; from vmplanner.cli import main\ntry: {listing}\nfinally: print('PySide6' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert answer.stdout.splitlines()[-1] == "False"


def test_a_failure_on_the_way_is_simulated_and_the_lost_vms_are_named(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "two.vmplan"
    project_file.save(two_hosts(2), file)
    run = vmplanner("simulate", file, "--fail", "host:alpha@1s")
    assert run.status == 1
    assert "lost: web-1, web-2" in run.out
    assert "2 of 2 migrations did not complete; first web-1: alpha went down; web-1 is lost" in run.err
    told = vmplanner("simulate", file, "--json", "--fail", "host:beta@1h").json
    assert [migration["outcome"] for migration in told["migrations"]] == ["completed", "completed"]
    assert told["lost"] == ["web-1", "web-2"], "they are there by then"
    assert [stored.backend for stored in project_file.load(file).runs] == ["simulation with failures"] * 2
    assert vmplanner("simulate", file, "--json").json["lost"] == []


@pytest.mark.parametrize(
    "told", ["link:alpha - beta@1s", "link:beta-alpha@1 s", "link:link-1@1000ms", "migration:web-1@1s"]
)
def test_links_are_named_by_their_ends_and_migrations_by_their_vm(vmplanner: Any, tmp_path: Path, told: str) -> None:
    file = tmp_path / "two.vmplan"
    project_file.save(two_hosts(), file)
    [migration] = vmplanner("simulate", file, "--json", "--fail", told).json["migrations"]
    assert migration["outcome"] == "failed"
    assert migration["reason"].endswith("; web-1 keeps running on alpha")


def test_the_failures_of_the_plan_are_tried_unless_it_is_to_run_as_planned(vmplanner: Any, tmp_path: Path) -> None:
    file = tmp_path / "two.vmplan"
    project = two_hosts(1)
    project_file.save(project.applied(plan_edits.try_failures(project, [HostDown("host-2", 2.0)], "Try")), file)
    run = vmplanner("simulate", file, "--json", "--fail", "migration:web-1@1s").json
    assert run["failures"] == ["the move of web-1 is aborted at 1 s", "beta stops at 2 s"]
    told = vmplanner("simulate", file)
    assert "with failures: beta stops at 2 s" in told.out
    assert told.status == 1
    run = vmplanner("simulate", file, "--json", "--as-planned")
    assert (run.status, run.json["failures"]) == (0, [])


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("host:gamma@1s", "the project has no host 'gamma'"),
        ("migration:web-9@1s", "the plan 'Plan' has no migration 'web-9'"),
        ("disk:alpha@1s", "'disk:alpha@1s' is no failure; say link:NAME@TIME"),
        ("host:alpha", "'host:alpha' is no failure"),
        ("host:alpha@-3s", "'host:alpha@-3s' is no failure"),
    ],
)
def test_a_failure_of_nothing_is_refused(vmplanner: Any, tmp_path: Path, told: str, why: str) -> None:
    file = tmp_path / "two.vmplan"
    project_file.save(two_hosts(), file)
    run = vmplanner("simulate", file, "--fail", told)
    assert (run.status, run.out) == (2, "")
    assert why in run.err
    assert not project_file.load(file).runs
