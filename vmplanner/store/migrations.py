"""Brings the tables of older project files up to the present format.

A step for each minor version adds what that version added, with the values that mean "as it was before". Steps work on
a copy in memory: the file itself stays as it is until the project is saved, and then beside the new one.
"""

from collections.abc import Callable

from sqlite_utils import Database, Migrations


def migrate(database: Database, version: tuple[int, int]) -> None:
    """Apply the steps that are newer than `version` (major, minor)."""
    migrations = Migrations("vmplanner")
    for number, step in _STEPS.items():
        if number > version:
            migrations(name=f"format {number[0]}.{number[1]}")(step)
    migrations.apply(database)


def _moves_left_out_packed_streams_and_priorities(database: Database) -> None:
    _add(database, "migrations", "is_excluded INTEGER NOT NULL DEFAULT 0")
    _add(database, "migrations", "compress_threads INTEGER NOT NULL DEFAULT 0")
    _add(database, "migrations", "compress_level INTEGER NOT NULL DEFAULT 1")
    _add(database, "rules", "priority INTEGER")
    for column in ("frame_x", "frame_y", "frame_width", "frame_height"):
        _add(database, "groups", f"{column} REAL")
    _add(database, "groups", "is_collapsed INTEGER NOT NULL DEFAULT 0")
    _add(database, "hosts", "uuid TEXT NOT NULL DEFAULT ''")
    _add(database, "virtual_machines", "uuid TEXT NOT NULL DEFAULT ''")
    database.execute(
        "CREATE TABLE IF NOT EXISTS reference_figure_techniques (position INTEGER PRIMARY KEY NOT NULL "
        "REFERENCES reference_figures (position), technique TEXT NOT NULL) STRICT"
    )
    if database.table("reference_figures").exists() and database.table("migrations").exists():
        database.execute(
            "INSERT OR IGNORE INTO reference_figure_techniques SELECT reference_figures.position, technique "
            "FROM reference_figures JOIN migrations ON migrations.id = migration_id"
        )


def _addresses_failures_and_the_course_of_runs(database: Database) -> None:
    for column in ("address", "migration_address"):
        _add(database, "hosts", f"{column} TEXT NOT NULL DEFAULT ''")
    database.execute(
        "CREATE TABLE IF NOT EXISTS failures (plan_id TEXT NOT NULL REFERENCES plans (id), position INTEGER NOT NULL, "
        "kind TEXT NOT NULL, thing_id TEXT NOT NULL, at_s REAL NOT NULL, PRIMARY KEY (plan_id, position)) STRICT"
    )
    _add(database, "plans", "window_s REAL")
    _add(database, "runs", "inputs TEXT NOT NULL DEFAULT ''")
    _add(database, "segments", "pages INTEGER NOT NULL DEFAULT 0")
    database.execute(
        "CREATE TABLE IF NOT EXISTS samples (run_position INTEGER NOT NULL, migration_position INTEGER NOT NULL, "
        "position INTEGER NOT NULL, at_s REAL NOT NULL, phase TEXT NOT NULL, round INTEGER NOT NULL, "
        "remaining_bytes INTEGER NOT NULL, bytes INTEGER NOT NULL, guest_share REAL NOT NULL, "
        "network_faults REAL NOT NULL, throttle REAL NOT NULL, "
        "PRIMARY KEY (run_position, migration_position, position)) STRICT"
    )


def _add(database: Database, table: str, column: str) -> None:
    """Add a column, unless somebody has added it already."""
    if database.table(table).exists() and column.split()[0] not in database.table(table).columns_dict:
        database.execute(f"ALTER TABLE {table} ADD COLUMN {column}")


_STEPS: dict[tuple[int, int], Callable[[Database], None]] = {
    (1, 1): _moves_left_out_packed_streams_and_priorities,
    (1, 2): _addresses_failures_and_the_course_of_runs,
}
