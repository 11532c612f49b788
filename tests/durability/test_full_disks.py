"""Full disks and read-only folders: the old file stays whole, no work is lost, and saving elsewhere goes on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from tests.durability.working import after, change
from tests.store.projects import example_project
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store.journal import Journal
from vmplanner.store.project_file import load, save
from vmplanner.store.recovery import find_unsaved

LARGE = evolve(example_project(), notes="x" * 10_000_000)

# With a limit on the size of files, where a small disk can't be made: only the administrator may mount one.
SMALL_FILES = """
import resource, signal, sys
from pathlib import Path
from tests.durability import test_full_disks
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000))
test_full_disks.fill(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A disk of eight megabytes; None where none can be made."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        yield None
        return
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(folder: Path, elsewhere: Path) -> None:
    """Save more than there is room for in `folder`. Raises AssertionError where something is lost."""
    path = folder / "plan.vmplan"
    save(example_project(), path)
    before = path.read_bytes()
    with pytest.raises(PlannerError, match="the disk is full; free some space, or choose a folder on another disk"):
        save(LARGE, path)
    assert path.read_bytes() == before
    assert [each.name for each in folder.iterdir()] == ["plan.vmplan"]
    if elsewhere != folder:
        save(example_project(), elsewhere / "plan.vmplan")


def test_a_full_disk_costs_nothing(small_disk: Path | None, tmp_path: Path) -> None:
    if small_disk is not None:
        fill(small_disk, tmp_path)
        save(LARGE, tmp_path / "elsewhere.vmplan")
        assert load(tmp_path / "elsewhere.vmplan") == LARGE
    else:
        folder = tmp_path / "plans"
        folder.mkdir()
        command = [sys.executable, "-c", SMALL_FILES, str(folder), str(folder)]
        told = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
        assert told.returncode == 0, told.stderr


def test_a_full_state_folder_is_told_and_the_work_is_safe_again_when_there_is_room(
    small_disk: Path | None, tmp_path: Path
) -> None:
    folder = (small_disk or tmp_path) / "journals"
    filler = folder.with_name("filler")
    journal = Journal(folder)
    journal.begin(after(0), None, None)
    journal.flush()
    steps = iter(range(1, 80))
    if small_disk is not None:
        assert journal.trouble == ""
        _fill_up(filler)
        for step in steps:
            journal.record(after(step), change(step))
            journal.flush()
            if journal.trouble:
                break
        assert "the disk is full" in journal.trouble
        filler.unlink()
    for step in steps:
        journal.record(after(step), change(step))
    journal.flush()
    assert journal.trouble == ""
    journal.close()
    [work] = find_unsaved(folder)
    assert work.project == after(79)
    assert work.changes == 79


def _fill_up(filler: Path) -> None:
    with filler.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_a_read_only_folder_costs_nothing(small_disk: Path | None, tmp_path: Path) -> None:
    folder = small_disk or tmp_path / "read-only"
    folder.mkdir(exist_ok=True)
    path = folder / "plan.vmplan"
    save(example_project(), path)
    before = path.read_bytes()
    if small_disk is not None:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    else:
        folder.chmod(0o555)
    try:
        assert load(path) == example_project()
        with pytest.raises(PlannerError, match=r"read-only; choose another one|your permissions; change them"):
            save(Project(), path)
        assert path.read_bytes() == before
        journal = Journal(folder / "journals")
        journal.begin(Project(), None, None)
        journal.flush()
        assert "choose another" in journal.trouble
        journal.close()
    finally:
        if small_disk is None:
            folder.chmod(0o755)
