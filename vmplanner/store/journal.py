"""The working copy: a database in the user's state folder that takes every command and every event of a run at once.

It holds the open project in the tables of a project file, and beside them what was done since the last save: the title
and time of each command, and the events of the run under way. After a crash recovery.py makes a project of it again.

A thread writes, so that the window never waits for a disk: SQLite's write-ahead log, with a flush to the disk at each
commit. A command waits until the command before it is on the disk. So what a crash or a power failure can cost is the
command that was just given, and none before it; of a run, the events of the last instant.

Each journal is a folder: the database, and a lock that the system drops when the process dies.
"""

import fcntl
import os
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import platformdirs
from attrs import frozen
from sqlite_utils import Database

from vmplanner.domain.project import Change, Project, Thing
from vmplanner.domain.results import Run
from vmplanner.store import schema, schema_tables
from vmplanner.store.plain_words import advice
from vmplanner.store.platform_rows import Row, Value
from vmplanner.store.project_file import Stamp, flush, insert
from vmplanner.store.run_events import EVENT_TABLES, RunEvent, event_rows, started_rows
from vmplanner.store.run_rows import run_rows
from vmplanner.store.to_rows import Rows, thing_rows

DATABASE = "work.sqlite"
LOCK = "lock"
DECLINED = "declined"

RowKey = tuple[str, *tuple[Value, ...]]
"""A row's table, and its values of the columns of the table's key."""

JOURNAL_TABLES = (
    """
CREATE TABLE journal_document (
    path BLOB, -- the project's file; empty: it was never saved
    modified_ns INTEGER, -- these three: the file as it was when last read or saved
    size_bytes INTEGER,
    inode INTEGER
) STRICT;

-- What was done since the project was opened or saved. A journal without a row here has nothing to recover.
CREATE TABLE journal_changes (
    position INTEGER PRIMARY KEY NOT NULL,
    at TEXT NOT NULL, -- ISO 8601
    title TEXT NOT NULL
) STRICT;
"""
    + EVENT_TABLES
)


@frozen
class _Entry:
    """Something to write. `project` is the whole project after it: from that the journal can be made anew."""

    project: Project
    path: Path | None
    stamp: Stamp | None
    title: str = ""
    write: Callable[[Database], None] | None = None
    """Brings the database from the project before to `project`; None: everything is written anew."""
    forget: bool = False
    """What was done before this entry is in the project's file."""
    is_command: bool = True


def journals_folder() -> Path:
    """Where the journals of this user are."""
    return platformdirs.user_state_path("vmplanner", appauthor=False) / "journals"


class Journal:
    """The working copy of the document of one window. Its methods are called from one thread.

    They never raise: what went wrong is in `trouble`, and everything is written anew at the next entry.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` holds the journals of this user; it is made when it is needed."""
        self._parent = folder
        self._home: Path | None = None
        self._lock_file: int | None = None
        self._database: Database | None = None
        self._is_whole = False
        self._done: list[tuple[str, str]] = []
        self._waiting: list[_Entry] = []
        self._writer: threading.Thread | None = None
        self._news = threading.Condition()
        self._trouble = ""
        self._path: Path | None = None
        self._stamp: Stamp | None = None
        self._project = Project()

    @property
    def trouble(self) -> str:
        """Why unsaved work is not safe at present, in words; "" when it is."""
        return self._trouble

    def begin(self, project: Project, path: Path | None, stamp: Stamp | None, recovered: str = "") -> None:
        """Another document is open. Work that the journal still holds of the one before is kept as declined.

        `recovered` is the title of the work when it is not saved: it came from another journal.
        """
        self.flush()
        self._leave()
        self._path, self._stamp = path, stamp
        self._put(_Entry(project, path, stamp, recovered))

    def record(self, project: Project, change: Change) -> None:
        """`change` has led to `project`."""
        before = self._project
        self._put(self._entry(project, change.title, lambda database: _apply(database, before, project, change)))

    def record_run(self, project: Project, run: Run) -> None:
        """`run` has ended, and is the newest one of `project` or has taken the place of an earlier one. The events that
        it was made of are no longer needed.
        """

        def write(database: Database) -> None:
            if is_new:
                _add_run(database, run)
            else:
                _write_anew(database, project)

        is_new = all(each.id != run.id for each in self._project.runs)
        self._put(self._entry(project, run.name, write))

    def record_events(self, project: Project, run: Run, events: Iterable[RunEvent]) -> None:
        """Something has happened in a run of `project` that is under way. `run` says which, and what it is made from:
        its results are not looked at.
        """

        def write(database: Database) -> None:
            is_known = "SELECT 1 FROM journal_run WHERE started_at = ?"
            if database.execute(is_known, [run.started_at.isoformat()]).fetchone() is None:
                _forget_events(database)
                _insert(database, started_rows(run))
            _insert(database, event_rows(events))

        self._put(self._entry(project, "", write, is_command=False))

    def saved(self, project: Project, path: Path | None, stamp: Stamp | None, since: str = "") -> None:
        """Nothing in `project` is unsaved: it is in the file at `path`, or all was undone. But for what was done while
        it was being saved, of which `since` is the title.
        """
        self._path, self._stamp = path, stamp
        self._put(self._entry(project, since, lambda _: None, forget=True))

    def flush(self) -> None:
        """Wait until everything is on the disk, or could not be written."""
        with self._news:
            self._news.wait_for(lambda: self._writer is None)

    def close(self) -> None:
        """The document is closed. Unsaved work is kept as declined, and what holds none is removed."""
        self.flush()
        self._leave()

    # In the caller's thread

    def _entry(
        self,
        project: Project,
        title: str,
        write: Callable[[Database], None],
        *,
        forget: bool = False,
        is_command: bool = True,
    ) -> _Entry:
        return _Entry(project, self._path, self._stamp, title, write, forget, is_command)

    def _put(self, entry: _Entry) -> None:
        self._project = entry.project
        with self._news:
            if entry.is_command:
                self._news.wait_for(lambda: not any(each.is_command for each in self._waiting))
            self._waiting.append(entry)
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_waiting, name="vmplanner-journal")
                self._writer.start()

    def _leave(self) -> None:
        """Give up the folder: removed, or left for recovery."""
        if self._database is not None:
            self._database.close()
        if self._home is not None:
            with suppress(OSError):
                if self._done:
                    (self._home / DECLINED).touch()
                else:
                    shutil.rmtree(self._home)
        if self._lock_file is not None:
            os.close(self._lock_file)
        self._home = self._lock_file = self._database = None
        self._is_whole = False
        self._done = []

    # In the writer's thread, which ends when nothing waits

    def _write_waiting(self) -> None:
        try:
            while True:
                with self._news:
                    entries = list(self._waiting)
                    if not entries:
                        self._writer = None
                        self._news.notify_all()
                        return
                self._commit(entries)
                with self._news:
                    del self._waiting[: len(entries)]
                    self._news.notify_all()
        finally:
            with self._news:
                if self._waiting and self._writer is threading.current_thread():
                    # A fault of ours is on its way to its report; nobody may wait for this thread.
                    self._waiting.clear()
                    self._is_whole = False
                    self._trouble = "a fault in vmplanner stopped it; the next change tries again"
                    self._writer = None
                    self._news.notify_all()

    def _commit(self, entries: list[_Entry]) -> None:
        """All entries in one transaction."""
        kept = len(self._done)
        for entry in entries:
            if entry.forget:
                self._done = []
                kept = 0
            if entry.title:
                self._done.append((datetime.now(UTC).isoformat(), entry.title))
        try:
            self._look_for_home()
            database = self._database or self._make_home()
            with database.atomic():
                for entry in entries:
                    if entry.write is not None and self._is_whole:
                        entry.write(database)
                    else:
                        _write_anew(database, entry.project)
                        self._is_whole = True
                        kept = 0
                if not kept:
                    database.execute("DELETE FROM journal_changes")
                    _insert_document(database, entries[-1])
                database.conn.executemany("INSERT INTO journal_changes (at, title) VALUES (?, ?)", self._done[kept:])
            self._trouble = ""
        except (OSError, sqlite3.Error, UnicodeError, OverflowError) as error:
            self._is_whole = False
            self._trouble = advice("keep", error)

    def _look_for_home(self) -> None:
        """Somebody may have cleared the folder away: what is written then is nowhere, and no error tells it."""
        if self._home is not None and not (self._home / DATABASE).exists():
            if self._database is not None:
                self._database.close()
            if self._lock_file is not None:
                os.close(self._lock_file)
            self._home = self._lock_file = self._database = None

    def _make_home(self) -> Database:
        """A folder that is locked before anybody can find it, with an empty database."""
        self._parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{secrets.token_hex(3)}"
        new = self._parent / f".{name}"
        new.mkdir(mode=0o700)
        with ExitStack() as undo:
            undo.callback(shutil.rmtree, new, ignore_errors=True)
            lock_file = os.open(new / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
            undo.callback(os.close, lock_file)
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            new.rename(self._parent / name)
            undo.callback(shutil.rmtree, self._parent / name, ignore_errors=True)
            database = _new_database(self._parent / name / DATABASE)
            flush(self._parent / name)
            flush(self._parent)
            undo.pop_all()
        self._home, self._lock_file, self._database = self._parent / name, lock_file, database
        self._is_whole = False
        return database


def _new_database(path: Path) -> Database:
    # Used by one thread at a time: each writer starts when the one before has ended.
    database = Database(sqlite3.connect(path, timeout=1.0, check_same_thread=False), execute_plugins=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.executescript(schema.SCHEMA + JOURNAL_TABLES)
    database.execute(f"PRAGMA user_version = {schema.USER_VERSION}")
    database.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    return database


def _write_anew(database: Database, project: Project) -> None:
    for table in reversed(schema_tables.tables()):
        database.execute(f"DELETE FROM {table.name}")
    insert(database, project)


def _apply(database: Database, before: Project, after: Project, change: Change) -> None:
    """Write the rows in which the things that a change touches differ before and after, and no others."""
    for collection in dict.fromkeys(edit.collection for edit in change.edits):
        was: Mapping[str, Thing] = getattr(before, collection)
        now: Mapping[str, Thing] = getattr(after, collection)
        touched = change.touched(collection)
        removed = {edit.thing.id for edit in change.edits if edit.after is None}
        stays = touched & was.keys() & now.keys() - removed
        for thing_id in touched & was.keys():
            old = _keyed_rows(was[thing_id], 0)
            if thing_id not in stays:
                _delete(database, old)
                continue
            table = next(iter(old))[0]
            [position] = database.execute(f"SELECT position FROM {table} WHERE id = ?", [thing_id]).fetchone()
            old, new = _keyed_rows(was[thing_id], position), _keyed_rows(now[thing_id], position)
            _delete(database, old.keys() - new.keys())
            _insert(database, ((key[0], row) for key, row in new.items() if old.get(key) != row))
        # What is new, or was removed and put back, comes after all others.
        for thing_id in [each for each in now if each in touched and each not in stays]:
            table = next(iter(thing_rows(now[thing_id], 0)))[0]
            [position] = database.execute(f"SELECT coalesce(max(position), 0) + 1 FROM {table}").fetchone()
            _insert(database, thing_rows(now[thing_id], position))


def _keyed_rows(thing: Thing, position: int) -> dict[RowKey, Row]:
    """The rows of a thing, by their tables and keys."""
    keys = {table.name: table.key for table in schema_tables.tables()}
    return {(table, *(row[column] for column in keys[table])): row for table, row in thing_rows(thing, position)}


def _delete(database: Database, rows: Iterable[RowKey]) -> None:
    keys = {table.name: table.key for table in schema_tables.tables()}
    for table, *key in rows:
        where = " AND ".join(f"{column} = ?" for column in keys[table])
        database.execute(f"DELETE FROM {table} WHERE {where}", key)


def _add_run(database: Database, run: Run) -> None:
    [position] = database.execute("SELECT coalesce(max(position), 0) + 1 FROM runs").fetchone()
    _insert(database, run_rows(run, position))
    _forget_events(database)


def _forget_events(database: Database) -> None:
    for table in ("journal_run", "journal_events"):
        database.execute(f"DELETE FROM {table}")


def _insert(database: Database, rows: Rows) -> None:
    """Add rows, in the place of those with the same keys."""
    for table, row in rows:
        marks = ", ".join("?" * len(row))
        columns = ", ".join(row)
        database.execute(f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({marks})", list(row.values()))


def _insert_document(database: Database, entry: _Entry) -> None:
    stamp = entry.stamp
    values = [stamp.modified_ns, stamp.size_bytes, stamp.inode] if stamp else [None] * 3
    path = None if entry.path is None else os.fsencode(entry.path.absolute())
    database.execute("DELETE FROM journal_document")
    database.execute("INSERT INTO journal_document VALUES (?, ?, ?, ?)", [path, *values])
