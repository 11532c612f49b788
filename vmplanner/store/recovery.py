"""Finds the work that a crash has left in journals, and gives it back.

A journal whose lock nobody holds belongs to a process that has died. What holds no unsaved work is removed; the rest
stays until a person recovers it, or has declined it and 30 days have passed.
"""

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import frozen
from sqlite_utils import Database

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store.fields import Fields
from vmplanner.store.journal import DATABASE, DECLINED, LOCK
from vmplanner.store.plain_words import advice, in_plain_words
from vmplanner.store.project_file import Stamp
from vmplanner.store.reading import contents, read_project
from vmplanner.store.run_events import broken_off_run

KEPT_S = 30 * 86_400
# However old they seem: a clock that jumps must not cost the newest.
_ALWAYS_KEPT = 5
_UNFINISHED_S = 60


@frozen
class UnsavedWork:
    """What a journal holds. `changes` counts the commands since the last save, `last` is the newest one's title, and
    `last_at` its time. `damage` says why it can't be recovered.
    """

    folder: Path
    project: Project | None
    path: Path | None
    stamp: Stamp | None
    changes: int
    last: str
    last_at: datetime
    is_declined: bool
    damage: str = ""

    @property
    def name(self) -> str:
        """How a person knows it: by its file, or by the project's name while it had none."""
        if self.path is not None:
            return self.path.name
        return self.project.name if self.project is not None else self.folder.name


def find_unsaved(folder: Path, *, with_declined: bool = True) -> list[UnsavedWork]:
    """The work in the journals of `folder` that no living process holds, the newest first. Removes what is empty,
    and what was declined long ago.
    """
    found = []
    homes = _folders(folder)
    _remove_expired(homes)
    for home in homes:
        if not with_declined and (home / DECLINED).exists():
            continue
        with _claimed(home) as is_free:
            if not is_free:
                continue
            try:
                work = _look_at(home)
            except (PlannerError, OSError, sqlite3.Error, UnicodeError, OverflowError, MemoryError) as error:
                at = datetime.fromtimestamp(home.stat().st_mtime, UTC)
                why = str(error) if isinstance(error, PlannerError) else advice("recover", error)
                work = UnsavedWork(home, None, None, None, 0, "", at, (home / DECLINED).exists(), why)
            if work is None:
                shutil.rmtree(home, ignore_errors=True)
            else:
                found.append(work)
    found.sort(key=lambda work: work.last_at, reverse=True)
    return found


@contextmanager
def recovering(work: UnsavedWork) -> Iterator[UnsavedWork]:
    """The work as it is now, with its project, to be opened inside the `with`. Afterwards the journal is removed,
    unless something was raised. Raises PlannerError when it can't be recovered.
    """
    with _claimed(work.folder) as is_free, in_plain_words("recover", Path(work.name)):
        if not is_free:
            raise PlannerError("another window has recovered it already, or is doing so")
        fresh = _look_at(work.folder)
        if fresh is None or fresh.project is None:
            raise PlannerError("it holds no unsaved work any more")
        yield fresh
        shutil.rmtree(work.folder, ignore_errors=True)


def decline(work: UnsavedWork) -> None:
    """Do not offer it at the next start. It can be found for 30 days."""
    with suppress(OSError):
        (work.folder / DECLINED).touch()


def remove(work: UnsavedWork) -> None:
    """Remove it for good."""
    _remove(work.folder)


def _folders(folder: Path) -> list[Path]:
    try:
        homes = [home for home in folder.iterdir() if home.is_dir() and not home.is_symlink()]
    except OSError:
        return []
    # Hidden ones are being made, or their making was cut off.
    for home in [home for home in homes if home.name.startswith(".")]:
        with suppress(OSError):
            if time.time() - home.stat().st_mtime > _UNFINISHED_S:
                shutil.rmtree(home)
    return [home for home in homes if not home.name.startswith(".")]


@contextmanager
def _claimed(home: Path) -> Iterator[bool]:
    """Holds the lock of a journal, so that nobody else recovers it; False when somebody has it."""
    try:
        descriptor = os.open(home / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_free = (home / LOCK).exists()  # its last holder may have removed it just now
        except OSError:
            is_free = False
        yield is_free
    finally:
        os.close(descriptor)


def _look_at(home: Path) -> UnsavedWork | None:
    """None when it holds no unsaved work."""
    database_path = home / DATABASE
    if not database_path.exists():
        return None
    with closing(Database(sqlite3.connect(database_path), execute_plugins=False)) as database:
        # What the log holds goes into the file, and the file is then read like any other project.
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if not database.table("journal_events").exists():
            return None
        changes = list(database.query("SELECT * FROM journal_changes ORDER BY position"))
        documents = list(database.query("SELECT * FROM journal_document"))
        runs, events = (
            [Fields(f"table {table}", row) for row in database.query(f"SELECT * FROM {table} ORDER BY rowid")]
            for table in ("journal_run", "journal_events")
        )
    if not changes and not events:
        return None
    project = read_project(contents(database_path))
    run = broken_off_run(project, runs, events)
    if run is not None:
        project = project.with_run(run)
        changes = changes or [{"title": run.name, "at": run.started_at.isoformat()}]
    elif not changes:
        return None
    # A project whose file or time is not known is still worth having.
    no_document: dict[str, Any] = dict.fromkeys(("path", "modified_ns", "size_bytes", "inode"))
    document = documents[0] if documents else no_document
    path = None if document["path"] is None else Path(os.fsdecode(document["path"]))
    stamp = Stamp(document["modified_ns"], document["size_bytes"], document["inode"])
    return UnsavedWork(
        home,
        project,
        path,
        None if stamp.inode is None else stamp,
        len(changes),
        changes[-1]["title"],
        _time_of(changes[-1]["at"], database_path),
        (home / DECLINED).exists(),
    )


def _time_of(text: str, database_path: Path) -> datetime:
    with suppress(ValueError):
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at
    return datetime.fromtimestamp(database_path.stat().st_mtime, UTC)


def _remove_expired(homes: list[Path]) -> None:
    """Remove what was declined long ago, but the newest."""
    declined: list[tuple[float, Path]] = []
    for home in homes:
        with suppress(OSError):
            declined.append(((home / DECLINED).stat().st_mtime, home))
    for at, home in sorted(declined, reverse=True)[_ALWAYS_KEPT:]:
        if time.time() - at > KEPT_S:
            _remove(home)


def _remove(home: Path) -> None:
    with _claimed(home) as is_free:
        if is_free:
            shutil.rmtree(home, ignore_errors=True)
