"""Two who write to one file: neither loses the other's work unasked, and a dead one locks nobody out."""

import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import asdict, evolve

from tests.store.projects import example_project
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import file_lock, project_file
from vmplanner.store.file_lock import FileLock, Owner
from vmplanner.store.plain_words import ChangedOnDisk
from vmplanner.store.project_file import NO_FILE, Stamp, load, save


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "night.vmplan"
    save(example_project(), path)
    return path


def left_by(path: Path, **values: object) -> None:
    """A lock of another process of this machine, which has died unless `values` say otherwise."""
    me = Owner.me()
    machine = " ".join(me.process_start.split()[:3])
    owner = evolve(me, process_id=2**22 + 1, process_start=f"{machine} 1", key="k")
    path.with_name(f".{path.name}.lock").write_text(json.dumps({**asdict(owner), **values}))


# The lock


def test_a_dead_process_of_this_machine_holds_nothing(path: Path) -> None:
    left_by(path)
    lock = FileLock(path)
    assert lock.take() is None
    lock.release()


def test_a_later_process_with_the_same_number_is_another_one(path: Path) -> None:
    left_by(path, process_id=os.getpid())
    lock = FileLock(path)
    assert lock.take() is None
    lock.release()


def test_after_a_restart_of_the_machine_nobody_holds_it(path: Path) -> None:
    machine, _, space, start = Owner.me().process_start.split()
    left_by(path, process_id=1, process_start=f"{machine} another-boot {space} {start}")
    lock = FileLock(path)
    assert lock.take() is None
    lock.release()


@pytest.mark.parametrize("part", [0, 2])
def test_another_machine_of_the_same_name_and_another_container_are_not_taken_for_dead(path: Path, part: int) -> None:
    words = f"{Owner.me().process_start}".split()
    words[part] = "another"
    left_by(path, process_start=" ".join(words))
    owner = FileLock(path).take()
    assert owner is not None
    assert owner.host == socket.gethostname()


def test_a_process_of_somebody_else_that_the_system_hides_is_not_taken_for_dead(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_by(path, process_id=1)
    read_text = Path.read_text

    def hidden(self: Path, *arguments: object, **options: object) -> str:
        if str(self) == "/proc/1/stat":
            raise FileNotFoundError(2, "No such file or directory")
        return read_text(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "read_text", hidden)
    assert FileLock(path).take() is not None


def test_names_that_differ_at_their_ends_only_have_locks_of_their_own(tmp_path: Path) -> None:
    locks = [FileLock(tmp_path / f"{'ü' * 110}{end}.vmplan") for end in "ab"]
    assert [lock.take() for lock in locks] == [None, None]
    assert all(lock.is_held for lock in locks)
    assert len(list(tmp_path.iterdir())) == 2
    for lock in locks:
        lock.release()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "values",
    [
        {"process_id": float("inf")},
        {"since": "0001-01-01T00:00:00+00:00"},
        {"user": "an\x1b[2Jna\ud800\n"},
        {"process_id": -1, "process_start": ""},
        {"process_id": 10**30, "host": "host7"},
    ],
)
def test_a_lock_may_say_anything(path: Path, values: dict[str, object]) -> None:
    left_by(path, **{"host": "host7", **values})
    owner = FileLock(path).take()
    assert owner is not None
    assert owner.sentence.isprintable()
    assert not owner.has_died


def test_where_a_lock_can_t_be_written_none_is_left(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file_lock.json, "dump", full)
    lock = FileLock(path)
    assert lock.take() is None
    assert not lock.is_held
    assert list(path.parent.iterdir()) == [path]


def test_a_release_waits_for_a_take_that_hangs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers, is_asked = threading.Event(), threading.Event()
    write = FileLock._write

    def slow(self: FileLock, to: Path) -> None:  # a fake of a share that hangs
        is_asked.set()
        answers.wait()
        write(self, to)

    monkeypatch.setattr(FileLock, "_write", slow)
    lock = FileLock(path)
    threads = [threading.Thread(target=call) for call in (lock.take, lock.release)]
    threads[0].start()
    is_asked.wait()
    threads[1].start()
    answers.set()
    for thread in threads:
        thread.join()
    assert not lock.is_held
    assert list(path.parent.iterdir()) == [path]


# The file


def test_what_somebody_else_wrote_is_not_saved_over(path: Path) -> None:
    before = Stamp.of(path)
    save(Project(name="theirs"), path)
    with pytest.raises(ChangedOnDisk, match=r"Can't save '.*night.vmplan': somebody else has written to it"):
        save(Project(name="mine"), path, over=before)
    assert load(path).name == "theirs"
    assert [each.name for each in path.parent.iterdir()] == ["night.vmplan"]


def test_what_somebody_else_writes_during_a_save_is_noticed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = project_file._keep_other_version

    def meanwhile(target: Path) -> None:
        monkeypatch.setattr(project_file, "_keep_other_version", keep)
        os.replace(theirs, target)

    theirs = path.with_name("theirs.vmplan")
    save(Project(name="theirs"), theirs)
    monkeypatch.setattr(project_file, "_keep_other_version", meanwhile)
    with pytest.raises(ChangedOnDisk):
        save(Project(name="mine"), path, over=Stamp.of(path))
    assert load(path).name == "theirs"


def test_a_save_tells_what_is_there_then(path: Path) -> None:
    stamp = save(Project(), path, over=Stamp.of(path))
    assert stamp == Stamp.of(path)
    assert save(Project(), path, over=stamp) != stamp


def test_a_file_that_should_not_be_there_is_not_replaced_but_one_that_is_gone_is_made(path: Path) -> None:
    with pytest.raises(ChangedOnDisk):
        save(Project(), path, over=NO_FILE)
    stamp = Stamp.of(path)
    path.unlink()
    save(Project(name="again"), path, over=stamp)
    assert load(path).name == "again"


def test_a_save_that_was_given_up_changes_nothing(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(PlannerError, match="it was given up"):
        save(Project(), path, may_go_on=lambda: False)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["night.vmplan"]


def test_of_two_saves_in_one_process_the_later_one_counts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers, is_asked = threading.Event(), threading.Event()

    def slow(call: Callable[..., None]) -> Callable[..., None]:  # a fake of a share that hangs
        def replace(*arguments: Path) -> None:
            is_asked.set()
            answers.wait()
            call(*arguments)

        return replace

    monkeypatch.setattr(os, "replace", slow(os.replace))
    saves = [threading.Thread(target=save, args=(Project(name=name), path)) for name in ("first", "second")]
    saves[0].start()
    is_asked.wait()
    saves[1].start()
    answers.set()
    for thread in saves:
        thread.join()
    assert load(path).name == "second"


def test_nobody_reads_along_while_a_private_file_is_saved(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.chmod(0o600)
    modes: list[int] = []
    write = project_file.write_database

    def look(project: Project, unfinished: Path) -> None:
        modes.append(unfinished.stat().st_mode & 0o777)
        write(project, unfinished)

    monkeypatch.setattr(project_file, "write_database", look)
    save(Project(), path)
    assert modes == [0o600]
    assert path.stat().st_mode & 0o777 == 0o600
