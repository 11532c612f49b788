"""What a reader has to know of the tables in schema.py: SQLite itself is asked, so that nothing is said twice."""

from collections.abc import Mapping
from functools import cache

from attrs import frozen
from sqlite_utils import Database

from vmplanner.store.schema import SCHEMA


@frozen
class Table:
    """What a reader has to know of a table. `key` are the columns that tell its rows apart, none for `project`;
    `neutral` has for each column the SQL of a value that says the least.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    neutral: Mapping[str, str]

    @property
    def order(self) -> str:
        return "position" if "position" in self.columns else "rowid"


@cache
def tables() -> tuple[Table, ...]:
    """The tables of SCHEMA, each after those it refers to."""
    empty = _empty()
    found = tuple(
        Table(
            table.name,
            columns=tuple(table.columns_dict),
            key=() if table.use_rowid else tuple(table.pks),
            neutral={
                column.name: {"INTEGER": "0", "REAL": "0.0"}.get(column.type, "''") if column.notnull else "NULL"
                for column in table.columns
            },
        )
        for table in empty.tables
    )
    empty.close()
    return found


@cache
def statements() -> frozenset[str]:
    """The statements that make the tables and views of SCHEMA, as SQLite keeps them in a file."""
    empty = _empty()
    found = frozenset(str(sql) for [sql] in empty.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"))
    empty.close()
    return found


def _empty() -> Database:
    database = Database(memory=True, execute_plugins=False)
    database.executescript(SCHEMA)
    return database
