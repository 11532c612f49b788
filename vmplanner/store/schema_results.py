"""The tables of a project file that hold what plans brought, or are known to bring: reference figures and runs."""

RESULTS = """
CREATE TABLE reference_figures (
    position INTEGER PRIMARY KEY NOT NULL,
    migration_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    round INTEGER NOT NULL, -- for bytes in round only
    value REAL NOT NULL,
    unit TEXT NOT NULL GENERATED ALWAYS AS (
        CASE WHEN metric IN ('total time', 'downtime', 'reported downtime') THEN 's'
        WHEN metric = 'rounds' THEN 'rounds' ELSE 'bytes' END
    ) VIRTUAL,
    provenance TEXT NOT NULL, -- measured by us, seen in the publication, or recalled from it
    source TEXT NOT NULL
) STRICT;

CREATE TABLE reference_figure_techniques ( -- by what technique the run was that a figure is of
    position INTEGER PRIMARY KEY NOT NULL REFERENCES reference_figures (position),
    technique TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    position INTEGER PRIMARY KEY NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    plan_name TEXT NOT NULL,
    backend TEXT NOT NULL,
    started_at TEXT NOT NULL, -- ISO 8601
    inputs TEXT NOT NULL -- what it was made from: a JSON object of things and their properties; empty: not kept
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
    afterwards_s REAL NOT NULL, -- of its segments' time, what passes when the source is free
    network_faults INTEGER NOT NULL, -- pages that the guest waited for in post-copy
    reported_total_s REAL, -- the hypervisor's own figure; empty: it has none
    reported_downtime_s REAL,
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
    guest_share REAL NOT NULL, -- of its work that the guest makes meanwhile: 0 when it stands still, to 1
    pages INTEGER NOT NULL, -- that were sent; 0: not known
    PRIMARY KEY (run_position, migration_position, position),
    FOREIGN KEY (run_position, migration_position) REFERENCES run_migrations (run_position, position)
) STRICT;

-- How a migration went on: each row is of the time since the row before.
CREATE TABLE samples (
    run_position INTEGER NOT NULL,
    migration_position INTEGER NOT NULL,
    position INTEGER NOT NULL,
    at_s REAL NOT NULL, -- its end, since the migration's start
    phase TEXT NOT NULL,
    round INTEGER NOT NULL,
    remaining_bytes INTEGER NOT NULL, -- still to send in the round
    bytes INTEGER NOT NULL, -- that went over
    guest_share REAL NOT NULL, -- as in segments
    network_faults REAL NOT NULL, -- pages that the guest waited for: a mean
    throttle REAL NOT NULL, -- of its processors' time, kept from the guest: 0 to 1
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
    segments.bytes,
    segments.guest_share
FROM segments
JOIN run_migrations
    ON run_migrations.run_position = segments.run_position AND run_migrations.position = segments.migration_position
JOIN runs ON runs.position = segments.run_position
ORDER BY segments.run_position, segments.migration_position, segments.position;
"""
