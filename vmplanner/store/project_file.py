"""Saving a project to one file and loading it again, so that neither a crash nor a bad file costs the user anything.

A save writes a new database beside the file and puts it in the file's place in one step: whatever happens on the way,
the file is the old project or the new one, whole. A file to load is not trusted until every value in it was checked.
"""

import errno
import os
import secrets
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import schema
from vmplanner.store.fields import Fields
from vmplanner.store.from_rows import project_of
from vmplanner.store.to_rows import rows_of

SUFFIX = ".vmplan"
UNFINISHED_SUFFIX = ".saving"

_SQLITE_MAGIC = b"SQLite format 3\0"


def save(project: Project, path: Path) -> None:
    """Write `project` to `path`, in the place of what was there. Raises PlannerError, with the old file untouched.

    An existing file keeps its permissions; through a symbolic link the file that it points to is replaced.
    """
    target = Path(os.path.realpath(path))
    with _in_plain_words("save", path):
        _check_target(target)
        with _new_file_beside(target) as unfinished:
            _write(project, unfinished)
            # What could not be read back must not take the place of a good file.
            _read(unfinished)
            _copy_permissions(target, unfinished)
            _flush(unfinished)
            os.replace(unfinished, target)
        # The file is in its place; that some file systems can't flush a folder must not look like a failed save.
        with suppress(OSError):
            _flush(target.parent)


def load(path: Path) -> Project:
    """The project in the file at `path`. Raises PlannerError that says what is wrong with the file and what to do."""
    with _in_plain_words("open", path):
        _check_is_sqlite(path)
        return _read(path)


def _write(project: Project, path: Path) -> None:
    with closing(Database(sqlite3.connect(path), execute_plugins=False)) as database:
        # Nothing reads this file before it is complete: a journal and SQLite's own flushing would only slow it down.
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA foreign_keys = ON")
        database.executescript(schema.SCHEMA)
        with database.atomic():
            for table, rows in rows_of(project).items():
                database.table(table).insert_all(rows)
        # Last, so that a half-written file is never taken for a project.
        database.execute(f"PRAGMA user_version = {schema.USER_VERSION}")
        database.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")


def _read(path: Path) -> Project:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    # Text that is not UTF-8 comes as lone surrogates, which Fields refuses with the place.
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    with closing(Database(connection, recursive_triggers=False, execute_plugins=False)) as database:
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA cell_size_check = ON")
        _check_version(database)
        [verdict] = database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        return project_of({table.name: _rows(database, table) for table in schema.tables()})


def _check_version(database: Database) -> None:
    if database.execute("PRAGMA application_id").fetchone() != (schema.APPLICATION_ID,):
        raise PlannerError("it is an SQLite database, but not a vmplanner project; choose another file")
    [version] = database.execute("PRAGMA user_version").fetchone()
    major, minor = version >> 16, version & 0xFFFF
    if major > schema.FORMAT_MAJOR:
        raise PlannerError(
            f"it was saved by a newer vmplanner, in format {major}.{minor}, and this one reads formats up to "
            f"{schema.FORMAT_MAJOR}.x; open it with a newer vmplanner"
        )
    if major < 1:
        raise PlannerError(f"its format {major}.{minor} is not one that vmplanner ever wrote; open a backup copy")


def _rows(database: Database, table: schema.Table) -> list[Fields]:
    # rootpage tells a table from a view or a virtual table, whose reading could run code of the file's author.
    found = database.execute(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name = ?", [table.name]
    ).fetchone()
    if found is None:
        raise PlannerError(f"table {table.name} is missing; open a backup copy")
    there = {column.name for column in database.table(table.name).columns}
    for column in table.columns:
        if column not in there:
            raise PlannerError(f"table {table.name}: column {column} is missing; open a backup copy")
    rows = []
    for number, row in enumerate(database.query(f"SELECT * FROM {table.name} ORDER BY {table.order}"), start=1):
        label = ", ".join(f"{row[column]}" for column in table.key) or number
        rows.append(Fields(f"table {table.name}, row {label}", row))
    return rows


def _check_is_sqlite(path: Path) -> None:
    if path.is_dir():
        raise PlannerError(f"it is a folder; choose a {SUFFIX} file in it")
    if path.exists() and not path.is_file():
        raise PlannerError("it is not an ordinary file; choose another one")
    with path.open("rb") as file:
        start = file.read(len(_SQLITE_MAGIC))
    if not start:
        raise PlannerError("the file is empty; open a backup copy")
    if start != _SQLITE_MAGIC:
        raise PlannerError("it is not a vmplanner project; choose another file")


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


@contextmanager
def _new_file_beside(target: Path) -> Iterator[Path]:
    """A new hidden file in the folder of `target`, gone at the end unless it was moved away."""
    # The longest file name is 255 bytes; of a long one the beginning is enough to recognise it.
    path = target.with_name(f".{target.name[:50]}.{secrets.token_hex(4)}{UNFINISHED_SUFFIX}")
    # Not tempfile: its files are private to the user, and a new project should follow the umask like any other file.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _copy_permissions(source: Path, path: Path) -> None:
    if source.exists():
        status = source.stat()
        # Only the administrator may give a file to another user; everyone else owns what they save.
        with suppress(OSError):
            os.chown(path, status.st_uid, status.st_gid)
        path.chmod(stat.S_IMODE(status.st_mode))


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _in_plain_words(verb: str, path: Path) -> Iterator[None]:
    """Tells every failure inside as one sentence that names the file."""
    try:
        yield
    except PlannerError as error:
        raise PlannerError(f"Can't {verb} '{path}': {error}") from error
    except OSError as error:
        raise PlannerError(f"Can't {verb} '{path}': {_advice(error)}") from error
    except (sqlite3.Error, UnicodeError, OverflowError) as error:
        # Some of SQLite's messages have several lines.
        raise PlannerError(" ".join(f"Can't {verb} '{path}': {_sqlite_advice(verb, error)}".split())) from error


def _advice(error: OSError) -> str:
    """What an error of the operating system means to the user, and what to do."""
    full = "the disk is full; free some space, or choose a folder on another disk"
    refused = "it may not be changed or read with your permissions; change them, or choose another folder"
    advice = {
        errno.ENOENT: "there is no such file; choose another one",
        errno.ENOSPC: full,
        errno.EDQUOT: full,
        errno.EFBIG: full,
        errno.EACCES: refused,
        errno.EPERM: refused,
        errno.EROFS: "the folder is read-only; choose another one",
        errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
        errno.ELOOP: "the symbolic links lead in a circle; choose another file",
    }
    return advice.get(error.errno or 0, f"{error.strerror or error}; choose another place, or mend this one")


def _sqlite_advice(verb: str, error: Exception) -> str:
    """What an error of SQLite, or of a value on its way there, means to the user, and what to do."""
    if verb == "open":
        return f"the file is damaged ({error}); open a backup copy"
    if not isinstance(error, sqlite3.Error):
        return f"it holds a value that a file can't keep ({error}); change it"
    if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
        return "the disk is full; free some space, or choose a folder on another disk"
    return f"writing failed ({error}); choose another place, or look after this disk"
