"""Saving a project to one file and loading it again, so that neither a crash nor a bad file costs the user anything.

A save writes a new database beside the file and puts it in the file's place in one step: whatever happens on the way,
the file is the old project or the new one, whole. What a file to load may hold is the business of reading.py.
"""

import errno
import fcntl
import os
import re
import secrets
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from attrs import frozen
from sqlite_utils import Database

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import schema
from vmplanner.store.plain_words import ChangedOnDisk, in_plain_words
from vmplanner.store.reading import Version, application_id_of, contents, read_project, version_of
from vmplanner.store.to_rows import rows_of

SUFFIX = ".vmplan"
UNFINISHED_SUFFIX = ".saving"

_HEADER_BYTES = 100
# A save under way is younger than this, where its lock can't be seen.
_SURELY_LEFT_S = 60.0


@frozen
class Stamp:
    """What tells one state of a file from the next."""

    modified_ns: int
    size_bytes: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> "Stamp | None":
        """None when there is no such file, or its place does not answer."""
        try:
            status = path.stat()
        except OSError:
            return None
        return cls._of_status(status)

    @classmethod
    def of_open(cls, descriptor: int) -> "Stamp":
        """Of an open file, whatever has its name by now. Raises OSError."""
        return cls._of_status(os.fstat(descriptor))

    @classmethod
    def _of_status(cls, status: os.stat_result) -> "Stamp":
        return cls(status.st_mtime_ns, status.st_size, status.st_ino)


NO_FILE = Stamp(0, 0, 0)


def save(
    project: Project, path: Path, *, over: Stamp | None = None, may_go_on: Callable[[], bool] = lambda: True
) -> Stamp:
    """Write `project` to `path`, in the place of what was there; returns what is there now. Raises PlannerError, with
    the old file untouched.

    An existing file keeps its permissions, its owner where the system lets us, and its extended attributes. Through a
    symbolic link the file that it points to is replaced. A file of another format version is kept beside the new one.

    `over` is the file that it may take the place of (NO_FILE: none): ChangedOnDisk is raised for another. `may_go_on`
    is asked once more before the new file takes its place: nobody may want that any more where a disk was slow.
    """
    with in_plain_words("save", path):
        target = Path(os.path.realpath(path))
        _check_target(target)
        _check_unchanged(target, over)
        with _one_at_a_time(target), _new_file_beside(target) as (unfinished, descriptor):
            _remove_unfinished(target, unfinished)
            write_database(project, unfinished)
            # What could not be read back must not take the place of a good file.
            read_project(contents(unfinished))
            _copy_attributes(target, unfinished)
            os.fsync(descriptor)
            _keep_other_version(target)
            _check_unchanged(target, over)
            if not may_go_on():
                raise PlannerError("it was given up")
            os.replace(unfinished, target)
            stamp = Stamp.of_open(descriptor)
        # The file is in its place; that some file systems can't flush a folder must not look like a failed save.
        with suppress(OSError):
            flush(target.parent)
    return stamp


def load(path: Path) -> Project:
    """The project in the file at `path`. Raises PlannerError that says what is wrong with the file and what to do."""
    with in_plain_words("open", path):
        return read_project(contents(path))


def newer_version(path: Path) -> str:
    """The format of a file that a newer vmplanner wrote ("1.7"), which may hold what this one leaves out; else ""."""
    version = _version_at(path)
    is_newer = version is not None and version > (schema.FORMAT_MAJOR, schema.FORMAT_MINOR)
    return "{}.{}".format(*version) if version and is_newer else ""


def write_database(project: Project, path: Path) -> None:
    """Write `project` as a database to an empty file."""
    with closing(Database(sqlite3.connect("file::memory:", uri=True), execute_plugins=False)) as database:
        database.execute("PRAGMA foreign_keys = ON")
        database.executescript(schema.SCHEMA)
        with database.atomic():
            insert(database, project)
        database.execute(f"PRAGMA user_version = {schema.USER_VERSION}")
        database.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        # As a URI, because a name need not be UTF-8.
        database.execute("VACUUM INTO ?", [path.absolute().as_uri()])


def insert(database: Database, project: Project) -> None:
    """Put all rows of `project` into the empty tables of a project file."""
    for table, rows in rows_of(project).items():
        marks = ", ".join(f":{column}" for column in rows[0])
        # A run may have a hundred thousand rows: insert_all of sqlite-utils takes ten times as long.
        database.conn.executemany(f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({marks})", rows)


def _check_target(target: Path) -> None:
    if target.is_dir():
        raise PlannerError("there is a folder with this name; choose another name")
    if not target.parent.is_dir():
        raise PlannerError(f"there is no folder '{target.parent}'; make it or choose another one")
    if target.exists():
        if not target.is_file():
            raise PlannerError("it is not an ordinary file; choose another name")
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _check_unchanged(target: Path, over: Stamp | None) -> None:
    now = Stamp.of(target)
    if over is not None and now not in (None, over):
        raise ChangedOnDisk("somebody else has written to it; read it again, or save under another name")


_BEING_SAVED: dict[Path, threading.Lock] = {}


def _one_at_a_time(target: Path) -> threading.Lock:
    """Held while a file is written: of two saves in this process, of which one hung, the later one comes later."""
    return _BEING_SAVED.setdefault(target, threading.Lock())


@contextmanager
def _new_file_beside(target: Path) -> Iterator[tuple[Path, int]]:
    """A new hidden file in the folder of `target`, open and locked, and gone at the end unless it was moved away."""
    path = target.with_name(f"{_unfinished_prefix(target)}{secrets.token_hex(4)}{UNFINISHED_SUFFIX}")
    # A new project follows the umask like any other file. One that there is may be private: nobody is to read along.
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600 if target.exists() else 0o666)
    try:
        with suppress(OSError):  # some network shares know no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield path, descriptor
    finally:
        os.close(descriptor)
        path.unlink(missing_ok=True)
        # SQLite leaves its journal where a disk is full.
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)


def _unfinished_prefix(target: Path) -> str:
    # The longest file name is 255 bytes; of a long one the beginning is enough to recognise it.
    return f".{target.name[:50]}."


def _remove_unfinished(target: Path, own: Path) -> None:
    """Remove what killed saves of `target` have left beside it: files that nobody locks and that are no longer new.

    Ages are by the clock of the file system that keeps them: another machine's may differ from ours.
    """
    name = re.compile(
        re.escape(_unfinished_prefix(target)) + "[0-9a-f]{8}" + re.escape(UNFINISHED_SUFFIX) + "(-journal)?"
    )
    now_s = own.stat().st_mtime
    for left in [path for path in target.parent.iterdir() if name.fullmatch(path.name) and path != own]:
        with suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if now_s - os.fstat(descriptor).st_mtime > _SURELY_LEFT_S:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    left.unlink()
            finally:
                os.close(descriptor)


def _copy_attributes(source: Path, path: Path) -> None:
    """Owner, extended attributes (such as access lists) and permissions of the file that is replaced."""
    if not source.exists():
        return
    status = source.stat()
    # Only the administrator may give a file to another user; everyone else owns what they save.
    for owner, group in ((-1, status.st_gid), (status.st_uid, -1)):
        with suppress(OSError):
            os.chown(path, owner, group)
    with suppress(OSError):
        for name in os.listxattr(source):
            with suppress(OSError):
                os.setxattr(path, name, os.getxattr(source, name))
    path.chmod(stat.S_IMODE(status.st_mode))


def _keep_other_version(target: Path) -> None:
    """Keep a file that another version of vmplanner wrote as 'name.vmplan.v1.0.bak'."""
    version = _version_at(target)
    if version is None or version == (schema.FORMAT_MAJOR, schema.FORMAT_MINOR):
        return
    name = f"{target.name}.v{version[0]}.{version[1]}"
    backup = target.with_name(f"{name}.bak")
    number = 1
    while backup.exists():
        number += 1
        backup = target.with_name(f"{name}-{number}.bak")
    try:
        os.link(target, backup)
    except OSError:  # this file system has no hard links
        try:
            shutil.copy2(target, backup)
            flush(backup)
        except OSError:
            backup.unlink(missing_ok=True)
            raise


def _version_at(path: Path) -> Version | None:
    """The format of the project file at `path`; None when there is none."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError:
        return None
    return version_of(header) if application_id_of(header) == schema.APPLICATION_ID else None


def flush(path: Path) -> None:
    """Wait until a file or a folder is on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
