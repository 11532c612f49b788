"""Two people do not write over each other's work by mistake, and nobody is locked out by what a crash left behind."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from vmplanner.store.file_lock import FileLock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "night.vmplan"
    path.write_bytes(b"x")
    return path


@pytest.fixture
def lock_file(path: Path) -> Path:
    return path.with_name(".night.vmplan.lock")


def says(lock_file: Path, **values: Any) -> None:
    """A lock file such as another program left it."""
    known = {
        "user": "anna",
        "host": "host7",
        "process_id": 1,
        "process_start": "x",
        "since": "2026-01-01T10:00:00+00:00",
    }
    lock_file.write_text(json.dumps({**known, "key": "k", **values}))


def test_the_second_one_is_told_who_has_it(path: Path, lock_file: Path) -> None:
    first, second = FileLock(path), FileLock(path)
    assert first.take() is None
    owner = second.take()
    assert owner is not None
    assert owner.process_id == os.getpid()
    assert socket.gethostname() in owner.sentence
    assert not second.is_held
    second.release()
    assert lock_file.exists()
    first.release()
    assert not lock_file.exists()
    assert second.take() is None
    second.release()


def test_a_lock_that_is_taken_over_is_noticed(path: Path, lock_file: Path) -> None:
    first, second = FileLock(path), FileLock(path)
    first.take()
    assert first.touch()
    assert second.take(over=True) is None
    assert not first.touch()
    first.release()
    assert lock_file.exists()
    assert second.touch()
    second.release()
    assert list(path.parent.iterdir()) == [path]


def test_the_lock_of_another_machine_holds_until_it_is_not_touched_any_more(path: Path, lock_file: Path) -> None:
    says(lock_file)
    owner = FileLock(path).take()
    assert owner is not None
    assert owner.sentence.startswith("anna on host7, since ")
    os.utime(lock_file, (0, 0))
    lock = FileLock(path)
    assert lock.take() is None
    lock.release()
    assert list(path.parent.iterdir()) == [path]


def test_through_a_link_it_is_the_same_lock(path: Path) -> None:
    link = path.with_name("link.vmplan")
    link.symlink_to(path)
    first = FileLock(path)
    first.take()
    assert FileLock(link).take() is not None
    first.release()


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"user": 1}', "[" * 5000, "\udcff"])
def test_a_lock_file_that_says_nothing_does_not_break_anything(path: Path, lock_file: Path, content: str) -> None:
    lock_file.write_text(content, errors="surrogateescape")
    lock = FileLock(path)
    owner = lock.take()
    assert owner is not None
    assert owner.sentence.startswith("somebody on an unknown machine")
    assert lock.take(over=True) is None
    assert lock.touch()
    lock.release()


def test_where_no_lock_can_be_made_the_file_opens_all_the_same(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "no such folder" / "night.vmplan")
    assert lock.take() is None
    assert not lock.is_held
    assert lock.touch()
    lock.release()


def test_a_lock_removed_by_hand_comes_back(path: Path, lock_file: Path) -> None:
    lock = FileLock(path)
    lock.take()
    lock_file.unlink()
    assert lock.touch()
    assert lock_file.exists()
    lock.release()
