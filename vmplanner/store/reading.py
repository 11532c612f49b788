"""Reads a project file that may hold anything: by accident, by damage, or by somebody's intent.

The file is read into memory once, and everything afterwards happens on that copy: another program's writing, a share
that goes away or a journal laid beside the file can't come in between. SQLite looks at the copy with limits, without
trust in its schema, and with a bound on its work. A table is read only when it is an ordinary one with our columns.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, MIB
from vmplanner.store import schema, schema_tables
from vmplanner.store.fields import Fields
from vmplanner.store.from_rows import project_of
from vmplanner.store.migrations import migrate

MAX_FILE_BYTES = 256 * MIB

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 16 * MIB,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: MIB,
    sqlite3.SQLITE_LIMIT_COLUMN: 500,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 10,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 8,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 100,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
# A sound file takes less than one step of SQLite's machine for each byte.
_STEPS_AT_ONCE = 100_000
_STEPS_PER_BYTE = 100

Version = tuple[int, int]


def read_project(content: bytearray) -> Project:
    """The project in a file's content. Raises PlannerError, or sqlite3.Error where SQLite finds it damaged."""
    with opened(content) as database:
        check_identity(content)
        check_objects(database)
        [verdict] = database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        bring_up_to_date(database, version_of(content))
        return project_of({table.name: rows(database, table) for table in schema_tables.tables()})


def contents(path: Path) -> bytearray:
    """All bytes of the file at `path`, if it can be a project. Raises PlannerError or OSError."""
    if path.is_dir():
        raise PlannerError("it is a folder; choose a .vmplan file in it")
    # Without waiting, so that a pipe in the place of a file does not hold us up.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise PlannerError("it is not an ordinary file; choose another one")
        if status.st_size > MAX_FILE_BYTES:
            sizes = BYTES.format(status.st_size), BYTES.format(MAX_FILE_BYTES)
            raise PlannerError("it has {}, and a project has {} at most; choose another file".format(*sizes))
        content = bytearray(file.read(MAX_FILE_BYTES))
    if not content:
        raise PlannerError("the file is empty; open a backup copy")
    if not content.startswith(_MAGIC):
        raise PlannerError("it is not a vmplanner project; choose another file")
    if len(content) < _HEADER_BYTES:
        raise PlannerError("the file is damaged (it ends in its header); open a backup copy")
    for ending in ("-wal", "-journal"):
        beside = Path(f"{os.path.realpath(path)}{ending}")
        try:
            is_in_use = beside.stat().st_size > 0
        except OSError:  # not there, or a name longer than there may be
            is_in_use = False
        if is_in_use:
            raise PlannerError(
                f"another program is writing to it, or broke off: see '{beside.name}' beside it; close it there first"
            )
    return content


def application_id_of(header: bytes | bytearray) -> int:
    """From the first bytes of an SQLite file; 0 when there are too few."""
    return int.from_bytes(header[68:72])


def version_of(header: bytes | bytearray) -> Version:
    """The format that the file says it has, major and minor, from its first bytes."""
    version = int.from_bytes(header[60:64], signed=True)
    return version >> 16, version & 0xFFFF


def check_identity(content: bytes | bytearray) -> None:
    """Refuses what is no project file, or one of a format that this program can't know."""
    if application_id_of(content) != schema.APPLICATION_ID:
        raise PlannerError("it is an SQLite database, but not a vmplanner project; choose another file")
    major, minor = version_of(content)
    if major > schema.FORMAT_MAJOR:
        raise PlannerError(
            f"it was saved by a newer vmplanner, in format {major}.{minor}, and this one reads formats up to "
            f"{schema.FORMAT_MAJOR}.x; open it with a newer vmplanner"
        )
    if major < 1:
        raise PlannerError(f"its format {major}.{minor} is not one that vmplanner ever wrote; open a backup copy")


@contextmanager
def opened(content: bytearray) -> Iterator[Database]:
    """A database in memory with a copy of this content, which SQLite looks at with suspicion."""
    if content[18:20] == b"\2\2":
        # Last used with a write-ahead log, which a copy in memory can't have. It is empty: `contents` has looked.
        content[18:20] = b"\1\1"
    connection = sqlite3.connect(":memory:")
    steps_left = _STEPS_AT_ONCE * 100 + _STEPS_PER_BYTE * len(content)

    def has_worked_enough() -> bool:
        nonlocal steps_left
        steps_left -= _STEPS_AT_ONCE
        return steps_left < 0

    database = Database(connection, recursive_triggers=False, execute_plugins=False)
    try:
        connection.deserialize(content)
        for limit, value in _LIMITS.items():
            connection.setlimit(limit, value)
        connection.set_progress_handler(has_worked_enough, _STEPS_AT_ONCE)
        # Text that is not UTF-8 comes as lone surrogates, which Fields refuses with the place.
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        for setting in ("trusted_schema = OFF", "cell_size_check = ON", "ignore_check_constraints = ON"):
            database.execute(f"PRAGMA {setting}")
        yield database
    finally:
        database.close()


def check_objects(database: Database) -> None:
    """Refuses what could run code of the file's author: triggers, virtual tables, and views and computed columns other
    than ours.
    """
    for kind, name in foreign_objects(database):
        raise PlannerError(f"it has a {kind} that is not vmplanner's, {name!a:.60}; open a copy that you trust")


def foreign_objects(database: Database) -> list[tuple[str, str]]:
    """Kind and name of what is neither a plain table, nor an index, nor the same as in our own schema."""
    found = database.execute("SELECT type, name, sql, rootpage FROM sqlite_schema").fetchall()
    foreign = []
    for kind, name, sql, rootpage in found:
        if kind == "index" or sql in schema_tables.statements():
            continue
        if kind != "table" or not rootpage:
            foreign.append(("virtual table" if kind == "table" else str(kind), str(name)))
        elif any(hidden for *_, hidden in database.execute("SELECT hidden FROM pragma_table_xinfo(?)", [name])):
            foreign.append(("table with computed columns", str(name)))
    return foreign


def bring_up_to_date(database: Database, version: Version) -> None:
    """Give the copy of an older file the tables of today."""
    if version < (schema.FORMAT_MAJOR, schema.FORMAT_MINOR):
        migrate(database, version)
    database.execute("PRAGMA query_only = ON")


def missing_columns(database: Database, table: schema_tables.Table) -> list[str] | None:
    """The columns that a table lacks; None when there is no such table. A computed column does not count."""
    found = database.execute(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name = ?", [table.name]
    ).fetchone()
    if found is None:
        return None
    there = {name for _, name, *_, hidden in database.execute(f"PRAGMA table_xinfo({table.name})") if not hidden}
    return [column for column in table.columns if column not in there]


def select(table: schema_tables.Table) -> str:
    """The query for all rows of a table in their order. An index may be damaged, or compute something."""
    return f"SELECT {', '.join(table.columns)} FROM {table.name} NOT INDEXED ORDER BY {table.order}"


def rows(database: Database, table: schema_tables.Table) -> list[Fields]:
    """The rows of a table in their order. Raises PlannerError when it or a column is missing."""
    missing = missing_columns(database, table)
    if missing is None:
        raise PlannerError(f"table {table.name} is missing; open a backup copy")
    for column in missing:
        raise PlannerError(f"table {table.name}: column {column} is missing; open a backup copy")
    return [as_fields(table, number, row) for number, row in enumerate(database.query(select(table)), start=1)]


def as_fields(table: schema_tables.Table, number: int, row: dict[str, object]) -> Fields:
    """A row with the name that errors call it by: its key, or its number where it has none."""
    label = ", ".join(f"{row[column]}" for column in table.key) or number
    return Fields(f"table {table.name}, row {label}", row)
