"""The tables of a project file, and how the file says what it is.

A project file is an SQLite database that anyone may query: names are readable, units are in the columns' names,
enumerations are text and times are ISO 8601. `position` keeps the order that things have in the program. The comments
below are kept inside the file, so that its `.schema` explains itself.

A new major version is a file that an older program can't read; a new minor version only adds what it may leave out.
"""

from functools import cache

from attrs import frozen
from sqlite_utils import Database

APPLICATION_ID = int.from_bytes(b"VMPL")
FORMAT_MAJOR = 1
FORMAT_MINOR = 0
USER_VERSION = FORMAT_MAJOR << 16 | FORMAT_MINOR

SCHEMA = """
CREATE TABLE project (
    name TEXT NOT NULL,
    notes TEXT NOT NULL
) STRICT;

CREATE TABLE hosts (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    policy TEXT NOT NULL, -- whose rules it follows when it migrates: qemu, xen-4, xen-3
    memory_bytes INTEGER NOT NULL,
    cores INTEGER NOT NULL,
    canvas_x REAL NOT NULL, -- its centre on the canvas, in pixels at zoom 1
    canvas_y REAL NOT NULL
) STRICT;

CREATE TABLE switches (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    canvas_x REAL NOT NULL,
    canvas_y REAL NOT NULL
) STRICT;

CREATE TABLE links (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    end_a_id TEXT NOT NULL, -- the id of a host or of a switch
    end_b_id TEXT NOT NULL,
    bandwidth_bytes_per_s REAL NOT NULL, -- in each direction
    latency_s REAL NOT NULL
) STRICT;

CREATE TABLE virtual_machines (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    host_id TEXT NOT NULL REFERENCES hosts (id),
    memory_bytes INTEGER NOT NULL,
    vcpus INTEGER NOT NULL,
    cpu_use REAL NOT NULL, -- the share of its CPUs' time that it uses
    profile TEXT NOT NULL
) STRICT;

CREATE TABLE pieces (
    virtual_machine_id TEXT NOT NULL REFERENCES virtual_machines (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    write_rate_pages_per_s REAL NOT NULL, -- page writes, not distinct pages; a page is 4096 bytes
    pattern TEXT NOT NULL, -- uniform, sequential, hot/cold
    hot_size_share REAL, -- of the size; for hot/cold only
    hot_write_share REAL, -- of the writes; for hot/cold only
    zero_share REAL NOT NULL,
    rewrite_share REAL NOT NULL, -- of a page's bytes, changed by a write
    compression_ratio REAL NOT NULL, -- a page's size by its size when packed
    source TEXT NOT NULL,
    PRIMARY KEY (virtual_machine_id, position)
) STRICT;

CREATE TABLE plans (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    max_concurrent INTEGER NOT NULL,
    max_concurrent_per_host INTEGER NOT NULL
) STRICT;

CREATE TABLE migrations (
    plan_id TEXT NOT NULL REFERENCES plans (id),
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    virtual_machine_id TEXT NOT NULL REFERENCES virtual_machines (id),
    target_id TEXT NOT NULL REFERENCES hosts (id),
    technique TEXT NOT NULL,
    max_bandwidth_bytes_per_s REAL, -- empty: as much as the network gives
    downtime_limit_s REAL, -- empty: the policy's own
    time_limit_s REAL, -- empty: until the policy gives up
    auto_converge INTEGER NOT NULL, -- 0 or 1
    throttle_initial REAL NOT NULL,
    throttle_increment REAL NOT NULL,
    throttle_max REAL NOT NULL,
    xbzrle_cache_bytes INTEGER NOT NULL, -- 0: off
    channels INTEGER NOT NULL, -- 0: one stream
    compression TEXT NOT NULL, -- none, zlib, zstd
    free_page_hints INTEGER NOT NULL, -- 0 or 1
    switch_after_rounds INTEGER NOT NULL, -- for hybrid only
    checkpoint_age_s REAL, -- empty: no checkpoint
    checkpoint_bytes_per_s REAL, -- empty: as fast as the copy
    drop_cache INTEGER NOT NULL, -- 0 or 1
    PRIMARY KEY (plan_id, position)
) STRICT;

CREATE TABLE reference_figures (
    position INTEGER PRIMARY KEY NOT NULL,
    migration_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    round INTEGER NOT NULL, -- for bytes in round only
    value REAL NOT NULL,
    unit TEXT NOT NULL GENERATED ALWAYS AS (
        CASE WHEN metric IN ('total time', 'downtime') THEN 's' WHEN metric = 'rounds' THEN 'rounds' ELSE 'bytes' END
    ) VIRTUAL,
    provenance TEXT NOT NULL, -- measured by us, seen in the publication, or recalled from it
    source TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    position INTEGER PRIMARY KEY NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    plan_name TEXT NOT NULL,
    backend TEXT NOT NULL,
    started_at TEXT NOT NULL -- ISO 8601
) STRICT;

-- Names as they were when it ran: the plan may have changed since.
CREATE TABLE run_migrations (
    run_position INTEGER NOT NULL REFERENCES runs (position),
    position INTEGER NOT NULL,
    migration_id TEXT NOT NULL,
    virtual_machine TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    technique TEXT NOT NULL,
    policy TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    started_s REAL NOT NULL, -- on the run's clock
    PRIMARY KEY (run_position, position)
) STRICT;

CREATE TABLE segments (
    run_position INTEGER NOT NULL,
    migration_position INTEGER NOT NULL,
    position INTEGER NOT NULL,
    phase TEXT NOT NULL,
    piece TEXT NOT NULL,
    kind TEXT NOT NULL,
    round INTEGER NOT NULL,
    start_s REAL NOT NULL, -- since the migration's start
    duration_s REAL NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (run_position, migration_position, position),
    FOREIGN KEY (run_position, migration_position) REFERENCES run_migrations (run_position, position)
) STRICT;

CREATE VIEW time_stacks AS
SELECT
    runs.name AS run,
    run_migrations.virtual_machine AS vm,
    run_migrations.source,
    run_migrations.target,
    run_migrations.technique,
    segments.phase,
    segments.piece,
    segments.kind,
    segments.round,
    segments.start_s,
    segments.duration_s,
    segments.bytes
FROM segments
JOIN run_migrations
    ON run_migrations.run_position = segments.run_position AND run_migrations.position = segments.migration_position
JOIN runs ON runs.position = segments.run_position
ORDER BY segments.run_position, segments.migration_position, segments.position;
"""


@frozen
class Table:
    """What a reader has to know of a table. `key` are the columns that tell its rows apart, none for `project`."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def order(self) -> str:
        return "position" if "position" in self.columns else "rowid"


@cache
def tables() -> tuple[Table, ...]:
    """The tables of SCHEMA, each after those it refers to."""
    empty = Database(memory=True, execute_plugins=False)
    empty.executescript(SCHEMA)
    found = tuple(
        Table(table.name, columns=tuple(table.columns_dict), key=() if table.use_rowid else tuple(table.pks))
        for table in empty.tables
    )
    empty.close()
    return found
