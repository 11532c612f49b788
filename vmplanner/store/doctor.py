"""Examines a project file that may be damaged, says what it would mend, and mends it on a copy: never on the file."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from attrs import field, frozen
from sqlite_utils import Database

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import schema, schema_tables
from vmplanner.store.fields import Fields
from vmplanner.store.migrations import migrate
from vmplanner.store.plain_words import in_plain_words
from vmplanner.store.project_file import save
from vmplanner.store.reading import (
    application_id_of,
    contents,
    foreign_objects,
    missing_columns,
    opened,
    version_of,
)
from vmplanner.store.salvage import Tables, readable_rows, what_holds_together

_MOST_TOLD = 20
_NEW = (schema.FORMAT_MAJOR, schema.FORMAT_MINOR)


@frozen
class Trouble:
    """What is wrong in a file, and what is done about it in a mended copy."""

    what: str
    mend: str


@frozen
class Diagnosis:
    """What is wrong with a file, and the project that can be made of it: None when it can't be mended."""

    troubles: tuple[Trouble, ...] = field(converter=tuple[Trouble, ...])
    project: Project | None

    @property
    def is_sound(self) -> bool:
        return not self.troubles


def examine(path: Path) -> Diagnosis:
    """What is wrong with the file at `path`. Raises PlannerError when it is no SQLite file, or a newer vmplanner's."""
    with in_plain_words("examine", path):
        content = contents(path)
        major, minor = version_of(content)
        if application_id_of(content) == schema.APPLICATION_ID and major > schema.FORMAT_MAJOR:
            raise PlannerError(f"it is in format {major}.{minor} of a newer vmplanner; examine it with that one")
        troubles: list[Trouble] = []
        with opened(content) as database:
            try:
                tables = _examined(database, content, troubles)
            except sqlite3.Error as error:
                troubles.append(Trouble(f"nothing in it can be read: {error}", ""))
                return Diagnosis(troubles, None)
        try:
            project, left_out = what_holds_together(tables, path.stem[:100].strip() or "Mended")
        except PlannerError as error:
            troubles.append(Trouble(str(error), ""))
            return Diagnosis(troubles, None)
        troubles += [Trouble(each, "leave this row out" if each.startswith("table ") else "") for each in left_out]
        return Diagnosis(troubles, project)


def repair(path: Path, copy: Path) -> Diagnosis:
    """Write a mended copy of the file at `path` to `copy`, where no file may be. Raises PlannerError."""
    diagnosis = examine(path)
    with in_plain_words("mend", path):
        if diagnosis.project is None:
            raise PlannerError(f"{diagnosis.troubles[-1].what}; open a backup copy")
        if copy.exists():
            raise PlannerError(f"'{copy}' is there already; choose another name for the mended copy")
    save(diagnosis.project, copy)
    return diagnosis


def _examined(database: Database, content: bytearray, troubles: list[Trouble]) -> Tables:
    """The rows that can be read; what is wrong around them is added to `troubles`."""
    # A damaged entry in the list of tables does not hide the others. This is a copy in memory.
    database.execute("PRAGMA writable_schema = ON")
    there = {str(name) for [name] in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if "hosts" not in there and "virtual_machines" not in there:
        raise PlannerError("it has none of a project's tables; choose another file")
    if application_id_of(content) != schema.APPLICATION_ID:
        troubles.append(Trouble(f"its application id is {application_id_of(content)}", "set it to vmplanner's"))
    version = version_of(content)
    if version[0] != schema.FORMAT_MAJOR:
        troubles.append(Trouble(f"its format {version[0]}.{version[1]} never was", "take it for one of today"))
    elif version < _NEW:
        migrate(database, version)
    for kind, name in foreign_objects(database):
        troubles.append(Trouble(f"it has a {kind} that is not vmplanner's, {name!a:.60}", "leave it out"))
    for verdict in _integrity(database):
        troubles.append(Trouble(" ".join(f"SQLite finds: {verdict}".split()), "keep what can be read"))
    dangling = []
    with suppress(sqlite3.DatabaseError):  # a damaged page ends it, and is told above
        dangling = database.execute("PRAGMA foreign_key_check").fetchall()
    for table_name, row_id, parent, _ in dangling[:_MOST_TOLD]:
        what = f"table {table_name}, row number {row_id}: it refers to a row of {parent} that is not there"
        troubles.append(Trouble(what, "leave out what can't do without it"))
    return {table.name: _rows(database, table, troubles) for table in schema_tables.tables()}


def _integrity(database: Database) -> Iterator[str]:
    """What SQLite's own check finds. It may itself stumble over what it looks for."""
    try:
        for [verdict] in database.execute(f"PRAGMA integrity_check({_MOST_TOLD})"):
            if verdict != "ok":
                yield str(verdict)
    except sqlite3.DatabaseError as error:
        yield str(error)


def _rows(database: Database, table: schema_tables.Table, troubles: list[Trouble]) -> list[Fields]:
    missing = missing_columns(database, table)
    if missing is None:
        troubles.append(Trouble(f"table {table.name} is missing", "make it anew, empty"))
        return []
    for column in missing:
        troubles.append(Trouble(f"table {table.name}: column {column} is missing", "fill it with a neutral value"))
    rows, trouble = readable_rows(database, table, set(table.columns) - set(missing))
    if trouble:
        what = f"table {table.name}: only {len(rows):,} of its rows can be read: {trouble}"
        troubles.append(Trouble(what, "keep these rows"))
    return rows
