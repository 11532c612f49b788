"""A saved project comes back as it was, and neither a crash nor an error harms the file that was there."""

import errno
import fcntl
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings

from tests.store.projects import example_project, projects
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.project import COLLECTION_OF, Project
from vmplanner.domain.topology import Host
from vmplanner.store.project_file import load, save


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.vmplan"


def files_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(project=projects())
def test_a_saved_project_comes_back_equal_and_in_the_same_order(project: Project, path: Path) -> None:
    save(project, path)
    loaded = load(path)
    assert loaded == project
    for collection in COLLECTION_OF.values():
        assert list(getattr(loaded, collection)) == list(getattr(project, collection))


def test_an_empty_project_comes_back(path: Path) -> None:
    save(Project(), path)
    assert load(path) == Project()


def test_a_save_leaves_one_closed_file(path: Path) -> None:
    save(Project(), path)
    save(example_project(), path)
    assert files_in(path.parent) == ["plan.vmplan"]
    assert load(path) == example_project()


def test_the_file_can_be_read_without_vmplanner(path: Path) -> None:
    save(example_project(), path)
    query = "SELECT vm, source, target, phase, kind, round, bytes FROM time_stacks"
    with sqlite3.connect(path) as database:
        assert database.execute(query).fetchall()[1] == (
            "db",
            "alpha",
            "beta",
            "pre-copy",
            "database buffers",
            1,
            1024**3,
        )
        assert database.execute("SELECT policy, memory_bytes FROM hosts WHERE name = 'beta'").fetchone() == (
            "xen-4",
            32 * 1024**3,
        )
        assert database.execute("SELECT started_at FROM runs").fetchone() == ("2026-03-01T12:00:00+00:00",)
        assert database.execute("SELECT value, unit FROM reference_figures").fetchone() == (9.0, "s")
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()


def test_the_command_sqlite_utils_shows_the_time_stacks(path: Path) -> None:
    save(example_project(), path)
    shown = subprocess.run(
        [sys.executable, "-m", "sqlite_utils", "rows", str(path), "time_stacks", "--csv"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[0] == (
        "run,vm,source,target,technique,phase,piece,kind,round,start_s,duration_s,bytes,guest_share"
    )
    assert len(shown.stdout.splitlines()) == 4


def test_permissions_of_an_existing_file_stay(path: Path) -> None:
    save(Project(), path)
    path.chmod(0o640)
    save(example_project(), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_follows_the_umask(path: Path) -> None:
    before = os.umask(0o027)
    try:
        save(Project(), path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_through_a_symbolic_link_the_real_file_is_saved(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "plan.vmplan", tmp_path / "link.vmplan"
    link.symlink_to(real)
    save(example_project(), link)
    assert link.is_symlink()
    assert load(real) == load(link) == example_project()
    assert files_in(real.parent) == ["plan.vmplan"]


def test_odd_and_long_names_work(tmp_path: Path) -> None:
    for name in ("a b?c#d%20.vmplan", "ünï 🎉.vmplan", "x" * 255):
        save(example_project(), tmp_path / name)
        assert load(tmp_path / name) == example_project()


def refused(project: Project, path: Path) -> str:
    before = path.read_bytes() if path.is_file() else None
    there = files_in(path.parent) if path.parent.is_dir() else None
    with pytest.raises(PlannerError) as caught:
        save(project, path)
    assert str(path) in str(caught.value)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert (files_in(path.parent) if path.parent.is_dir() else None) == there
    return str(caught.value)


def test_a_folder_is_refused_as_a_target(path: Path) -> None:
    path.mkdir()
    assert "folder with this name" in refused(Project(), path)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    assert "no folder" in refused(Project(), tmp_path / "gone" / "plan.vmplan")


def test_a_device_is_not_replaced() -> None:
    assert "ordinary file" in refused(Project(), Path("/dev/null"))
    assert Path("/dev/null").is_char_device()


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlannerError, match="shorter"):
        save(Project(), tmp_path / ("x" * 300))
    assert files_in(tmp_path) == []


def test_links_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(PlannerError, match="circle"):
        load(tmp_path / "a")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EROFS, "the folder is read-only; choose another one"),
        (errno.EACCES, "your permissions; change them"),
        (errno.EIO, "choose another place"),
    ],
)
def test_an_error_of_the_system_is_told_and_the_old_file_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    save(Project(), path)

    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    assert words in refused(example_project(), path)


SAVE_WITH_LITTLE_SPACE = """
import resource, signal, sys
from pathlib import Path
from tests.store.projects import example_project
from vmplanner.domain.errors import PlannerError
from vmplanner.store.project_file import save
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    save(example_project(), Path(sys.argv[1]))
except PlannerError as error:
    print(error)
"""


def test_when_writing_fails_midway_the_old_file_stays(path: Path) -> None:
    save(Project(), path)
    before = path.read_bytes()
    told = subprocess.run(
        [sys.executable, "-c", SAVE_WITH_LITTLE_SPACE, str(path)], capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith(f"Can't save '{path}'")
    assert "choose another place" in told.stdout or "disk is full" in told.stdout
    assert path.read_bytes() == before
    assert files_in(path.parent) == ["plan.vmplan"]


def test_a_value_that_no_file_can_keep_is_told(path: Path) -> None:
    save(example_project(), path)
    assert "a value that a file can't keep" in refused(Project(name="broken \ud800 text"), path)


def test_what_could_not_be_loaded_again_is_not_saved(path: Path) -> None:
    save(example_project(), path)
    [run] = example_project().runs
    [result] = run.results
    told = refused(
        evolve(example_project(), runs=[evolve(run, results=[evolve(result, started_s=float("inf"))])]), path
    )
    assert "started_s must be a number" in told


def wide_project(name: str) -> Project:
    """A project whose save takes long enough to be killed in its middle."""
    pieces = example_project().machines["vm-1"].profile
    hosts = [Host(f"host-{number}", f"host {number}") for number in range(20)]
    machines = [
        VirtualMachine(f"vm-{number}", f"vm {number}", f"host-{number % 20}", profile=pieces) for number in range(500)
    ]
    return Project.of(*hosts, *machines, name=name)


SAVE_FOR_EVER = """
import sys
from pathlib import Path
from tests.store.test_project_file import wide_project
from vmplanner.store.project_file import save
projects = wide_project("odd"), wide_project("even")
print("ready", flush=True)
while True:
    for project in projects:
        save(project, Path(sys.argv[1]))
"""


def test_a_process_killed_while_it_saves_leaves_a_whole_file(tmp_path: Path) -> None:
    chance = random.Random()
    unfinished = 0
    for batch in range(3):
        paths = [tmp_path / f"{batch}-{number}" / "plan.vmplan" for number in range(10)]
        for path in paths:
            path.parent.mkdir()
            save(wide_project("first"), path)
        writers = [
            subprocess.Popen([sys.executable, "-c", SAVE_FOR_EVER, str(path)], stdout=subprocess.PIPE) for path in paths
        ]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
        for writer in writers:
            time.sleep(chance.uniform(0, 0.15))
            writer.send_signal(signal.SIGKILL)
            writer.communicate()
        for path in paths:
            project = load(path)
            assert project == wide_project(project.name)
            for left in path.parent.iterdir():
                if left != path:
                    assert left.name.startswith(".plan.vmplan.")
                    assert ".saving" in left.suffix
                    unfinished += 1
            save(example_project(), path)
            assert load(path) == example_project()
    assert unfinished, "no save was hit in its middle: make it longer"


def test_a_half_written_file_is_never_taken_for_a_project(path: Path) -> None:
    save(example_project(), path)
    complete = path.read_bytes()
    for end in range(0, len(complete), 4096):
        for rest in (b"", bytes(len(complete) - end)):
            path.write_bytes(complete[:end] + rest)
            with pytest.raises(PlannerError):
                load(path)


def test_extended_attributes_of_an_existing_file_stay(path: Path) -> None:
    save(Project(), path)
    os.setxattr(path, "user.origin", b"lab")
    save(example_project(), path)
    assert os.getxattr(path, "user.origin") == b"lab"


def test_owner_and_group_stay_where_the_system_lets_us(path: Path) -> None:
    if os.geteuid() != 0:
        return
    save(Project(), path)
    os.chown(path, 1234, 4321)
    save(example_project(), path)
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)


def test_what_killed_saves_left_goes_with_the_next_save_but_nothing_else(path: Path) -> None:
    left, its_journal, fresh, of_another = (
        path.with_name(name)
        for name in (
            ".plan.vmplan.0123abcd.saving",
            ".plan.vmplan.0123abcd.saving-journal",
            ".plan.vmplan.ffffffff.saving",
            ".other.0123abcd.saving",
        )
    )
    busy = path.with_name(".plan.vmplan.11111111.saving")
    for file in (left, its_journal, fresh, of_another, busy):
        file.write_bytes(b"half")
    for file in (left, its_journal, of_another, busy):
        os.utime(file, (0, 0))
    with busy.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        save(example_project(), path)
    assert files_in(path.parent) == sorted(file.name for file in (fresh, of_another, busy, path))
    save(example_project(), path)
    assert not busy.exists()
