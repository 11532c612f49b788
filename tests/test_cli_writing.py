"""Commands that write a project heed who has it open, and what others wrote to it meanwhile."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.interchange.inventories import TABLES, folder
from tests.small_projects import two_hosts
from vmplanner.cli import main, writing
from vmplanner.store import project_file
from vmplanner.store.file_lock import FileLock


@pytest.fixture
def vmplanner(capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: object) -> tuple[object, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return ended.value.code, capsys.readouterr().err

    return call


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "rack.vmplan"
    project_file.save(two_hosts(2), file)
    return file


@pytest.fixture
def in_use(file: Path) -> Path:
    """Somebody at another machine has the file open. Returns the lock."""
    lock = file.with_name(".rack.vmplan.lock")
    owner = {"user": "anna", "host": "host7", "process_id": 1, "process_start": "x", "since": "2026-01-01T10:00:00"}
    lock.write_text(json.dumps({**owner, "key": "k"}))
    return lock


def commands(file: Path, tmp_path: Path) -> list[list[object]]:
    tables = folder(tmp_path / "tables", TABLES)
    return [
        ["simulate", file],
        ["plan", file, "--evacuate", "alpha", "-o", file],
        ["import", file, tables],
    ]


@pytest.mark.parametrize("which", range(3))
def test_a_project_that_is_open_elsewhere_is_left_alone(
    vmplanner: Any, file: Path, in_use: Path, tmp_path: Path, which: int
) -> None:
    before, command = file.read_bytes(), commands(file, tmp_path)[which]
    status, told = vmplanner(*command)
    assert status == 2
    assert told.startswith(f"vmplanner: Can't write '{file}': it is open elsewhere, by anna on host7, since 10:00")
    assert told.endswith("close it there, write to another file, or add --force\n")
    assert file.read_bytes() == before
    vmplanner(*command, "--force")
    assert file.read_bytes() != before
    assert in_use.exists()  # it is still hers, and she will be told


def test_what_only_reads_asks_nobody(vmplanner: Any, file: Path, in_use: Path, tmp_path: Path) -> None:
    tables = folder(tmp_path / "tables", TABLES)
    copy = tmp_path / "copy.vmplan"
    for command in (
        ["show", file],
        ["check", file],
        ["doctor", file],
        ["doctor", file, "--repair", copy],
        ["plan", file, "--evacuate", "alpha", "-o", tmp_path / "planned.vmplan"],
        ["import", file, tables, "--dry-run"],
    ):
        assert "open elsewhere" not in vmplanner(*command)[1]
    assert copy.exists()


def test_what_others_wrote_meanwhile_is_not_written_over(
    vmplanner: Any, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = project_file.load

    def load_and_change(path: Path) -> Any:
        project = load(path)
        project_file.save(two_hosts(3), path)
        return project

    monkeypatch.setattr(project_file, "load", load_and_change)
    status, told = vmplanner("simulate", file)
    assert status == 2
    assert "somebody else has changed it since it was read; do it again, or add --force" in told
    assert load(file) == two_hosts(3)


def test_a_project_that_is_taken_over_meanwhile_is_left_alone(
    vmplanner: Any, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = project_file.load

    def load_and_take_over(path: Path) -> Any:
        FileLock(path).take(over=True)
        return load(path)

    monkeypatch.setattr(project_file, "load", load_and_take_over)
    before = file.read_bytes()
    status, told = vmplanner("simulate", file)
    assert (status, "it was taken over by" in told) == (2, True)
    assert file.read_bytes() == before


def test_commands_leave_no_lock(vmplanner: Any, file: Path, tmp_path: Path) -> None:
    assert vmplanner("simulate", file)[0] == 0
    assert vmplanner("new", tmp_path / "other.vmplan")[0] == 0
    assert vmplanner("plan", file, "--evacuate", "no such host", "-o", file)[0] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.vmplan", "rack.vmplan"]


def test_a_file_that_comes_to_be_meanwhile_is_not_replaced(
    vmplanner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.vmplan"
    saver = writing.saver

    def late(out: Path, *, force: bool) -> Any:
        save = saver(out, force=force)
        project_file.save(two_hosts(3), out)
        return save

    monkeypatch.setattr("vmplanner.cli.new.saver", late)
    assert vmplanner("new", path)[0] == 2
    assert project_file.load(path) == two_hosts(3)
