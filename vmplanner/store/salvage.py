"""Makes a project of what is left in damaged tables: every row that can be read and holds together with the others."""

import sqlite3

from sqlite_utils import Database

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import schema_tables
from vmplanner.store.fields import Fields, Orphans, WrongFields
from vmplanner.store.from_rows import project_of
from vmplanner.store.reading import as_fields

Tables = dict[str, list[Fields]]

# Rows that are left out, one by one, for a whole project: more is not a mended file but another one.
_MOST_LEFT_OUT = 2000
# What a project as a whole may object to: parts first, then what they are parts of.
_SUSPECTS = (
    "window_members", "windows", "rule_members", "rules", "group_members", "groups", "failures", "migrations", "plans"
)  # fmt: skip


def readable_rows(database: Database, table: schema_tables.Table, columns: set[str]) -> tuple[list[Fields], str]:
    """The rows of a table that can be read, and why others can't ("" when all can). `columns` are those it has.

    A damaged place ends a walk through the table: so it is walked from both ends.
    """
    shown = ", ".join(
        column if column in columns else f"{table.neutral[column]} AS {column}" for column in table.columns
    )
    found: dict[int, dict[str, object]] = {}
    trouble = ""
    for direction in ("ASC", "DESC"):
        query = f"SELECT rowid AS _rowid, {shown} FROM {table.name} NOT INDEXED ORDER BY rowid {direction}"
        try:
            for row in database.query(query):
                found.setdefault(int(str(row.pop("_rowid"))), row)
        except sqlite3.Error as error:
            trouble = str(error)
        else:
            break
    ordered = sorted(found.items(), key=lambda item: (_position(item[1]), item[0]))
    return [as_fields(table, number, row) for number, (_, row) in enumerate(ordered, start=1)], trouble


def _position(row: dict[str, object]) -> int:
    position = row.get("position")
    return position if isinstance(position, int) else 0


def what_holds_together(tables: Tables, name: str) -> tuple[Project, list[str]]:
    """The project of the rows that hold together, and for each row left out its place and the reason. `name` is for a
    project whose own name is lost. Raises PlannerError when too little holds together.
    """
    left_out: list[str] = []
    kept = {table: list(rows) for table, rows in tables.items()}
    if not _has_good_name(kept):
        left_out.append(f"the project's own row is wrong; its name becomes '{name}'")
        kept["project"] = [Fields("table project, row 1", {"name": name, "notes": ""})]
    while len(left_out) < _MOST_LEFT_OUT:
        try:
            return project_of(kept), left_out
        except Orphans as wrong:
            # A migration may have hundreds of samples: reading all anew for each of them would take minutes.
            gone = set(wrong.places)
            for rows in kept.values():
                rows[:] = [row for row in rows if row.where not in gone]
            others = len(wrong.places) - 1
            left_out.append(f"{wrong}; nor are {others:,} more rows of it" if others else str(wrong))
        except WrongFields as wrong:
            if not (_leave_out(kept, wrong.where) or _leave_out_what_matters(kept, str(wrong))):
                raise
            left_out.append(str(wrong))
    raise PlannerError("too little of it holds together to be mended; open a backup copy")


def _has_good_name(tables: Tables) -> bool:
    try:
        [row] = tables["project"]
        return bool(Project(name=row.text("name"), notes=row.text("notes")))
    except (PlannerError, ValueError):
        return False


def _leave_out(tables: Tables, where: str) -> bool:
    """Leave out the last row that is called so; returns whether there is one."""
    if where.startswith("table project,"):
        return False
    # An error in a part of a row ("..., point 2") is one of the row.
    for rows in tables.values():
        for place in range(len(rows) - 1, -1, -1):
            if where == rows[place].where or where.startswith(f"{rows[place].where}, point "):
                del rows[place]
                return True
    return False


def _leave_out_what_matters(tables: Tables, error: str) -> bool:
    """Leave out the first row without which the project as a whole no longer says `error`."""
    for table in _SUSPECTS:
        for place, row in enumerate(tables[table]):
            without = {**tables, table: [*tables[table][:place], *tables[table][place + 1 :]]}
            if _error_of(without) != error:
                tables[table].remove(row)
                return True
    return False


def _error_of(tables: Tables) -> str:
    try:
        project_of(tables)
    except PlannerError as error:
        return str(error)
    return ""
