"""Whatever a file holds, loading it gives a project or one sentence that says what is wrong where."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.store.projects import example_project
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import schema_tables
from vmplanner.store.project_file import load, save

HOSTILE = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("saved") / "plan.vmplan"
    save(example_project(), path)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, saved: bytes) -> Path:
    path = tmp_path / "plan.vmplan"
    path.write_bytes(saved)
    return path


def told(path: Path) -> str:
    with pytest.raises(PlannerError) as caught:
        load(path)
    assert str(caught.value).startswith(f"Can't open '{path}': ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def load_or_refuse(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with suppress(PlannerError):
        assert isinstance(load(path), Project)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name], "loading must not leave files behind"


def alter(path: Path, *statements: str) -> None:
    """Change the file as a careless person with an SQLite tool would."""
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def loosen(path: Path, table: str) -> None:
    """Let a table of the file take anything: no types, no keys, no rules."""
    columns = ", ".join(next(t.columns for t in schema_tables.tables() if t.name == table))
    alter(
        path,
        "DROP VIEW IF EXISTS time_stacks",
        f"CREATE TABLE loose AS SELECT {columns} FROM {table}",
        f"DROP TABLE {table}",
        f"CREATE TABLE {table} ({columns})",
        f"INSERT INTO {table} SELECT * FROM loose",
        "DROP TABLE loose",
    )


@HOSTILE
@given(st.binary(max_size=3000))
@example(b"SQLite format 3\0")
def test_random_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    told(path)


@HOSTILE
@given(st.binary(max_size=5000))
def test_random_bytes_behind_the_header_of_a_project(path: Path, saved: bytes, content: bytes) -> None:
    load_or_refuse(path, saved[:100] + content)


@HOSTILE
@given(st.data())
def test_some_bytes_changed(path: Path, saved: bytes, data: st.DataObject) -> None:
    content = bytearray(saved)
    # Half of the changes go where bytes are, not into the empty middle of pages.
    used = [place for place, byte in enumerate(saved) if byte]
    places = st.sampled_from(used) | st.integers(0, len(saved) - 1)
    for place, byte in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8)):
        content[place] = byte
    load_or_refuse(path, bytes(content))


@HOSTILE
@given(st.data())
def test_pieces_cut_out_or_doubled(path: Path, saved: bytes, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(saved))] * 2)))
    load_or_refuse(
        path, data.draw(st.sampled_from([saved[:start], saved[:start] + saved[end:], saved[:end] + saved[start:]]))
    )


WRONG_VALUES = {
    "nothing": "NULL",
    "bytes": "x'ff00fe'",
    "text that is not UTF-8": "CAST(x'ff00fe' AS TEXT)",
    "nonsense": "'nonsense'",
    "empty text": "''",
    "a line break": "'a' || char(10) || 'b'",
    "a long text": "hex(zeroblob(1000))",
    "a negative number": "-1",
    "a fraction": "0.5",
    "a huge number": "9223372036854775807",
    "infinity": "9e999",
}
COLUMNS = [(table.name, column) for table in schema_tables.tables() for column in table.columns]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_wrong_value_anywhere(path: Path, table: str, column: str) -> None:
    loosen(path, table)
    loose = path.read_bytes()
    assert load(path) == example_project()
    for value in WRONG_VALUES.values():
        path.write_bytes(loose)
        alter(path, f"UPDATE {table} SET {column} = {value} WHERE rowid = 1")
        load_or_refuse(path, path.read_bytes())


@pytest.mark.parametrize(
    ("table", "column", "value", "words"),
    [
        ("hosts", "memory_bytes", "'much'", "table hosts, row host-2: memory_bytes must be a whole number, not 'much'"),
        ("hosts", "memory_bytes", "0", "table hosts, row host-2: Host 'beta': memory must be at least"),
        (
            "hosts",
            "policy",
            "'vmware'",
            "policy must be one of qemu, xen-4, xen-3, vmotion, hyper-v, simgrid, not 'vmware'",
        ),
        ("hosts", "name", "NULL", "table hosts, row host-2: name is missing"),
        ("hosts", "name", "CAST(x'ff' AS TEXT)", "table hosts, row host-2: name holds bytes that are not UTF-8"),
        ("hosts", "canvas_x", "9e999", "table hosts, row host-2: canvas_x must be a number, not inf"),
        (
            "links",
            "end_a_id",
            "'host-9'",
            "table links, row link-1: end_a_id 'host-9' is not the id of a host, switch or storage",
        ),
        ("virtual_machines", "host_id", "'x'", "table virtual_machines, row vm-1: host_id 'x' is not the id of a host"),
        (
            "virtual_machines",
            "memory_bytes",
            "8192",
            "table virtual_machines, row vm-1: VirtualMachine 'db': memory of",
        ),
        (
            "pieces",
            "pattern",
            "'zigzag'",
            "table pieces, row vm-1, 1: pattern must be one of uniform, sequential, hot/cold",
        ),
        (
            "pieces",
            "virtual_machine_id",
            "'vm-9'",
            "table pieces, row vm-9, 1: it is part of VM 'vm-9', which is not in",
        ),
        ("hosts", "cpu_features", "'aes'", "table hosts, row host-2: cpu_features must be a JSON list, not 'aes'"),
        ("hosts", "networks", "'[1]'", "table hosts, row host-2: networks must be text, not 1"),
        ("hosts", "numa_node_bytes", "'[0]'", "row host-2: HostFacts: NUMA node must be at least 1 B, not 0"),
        ("hosts", "platform", "'bhyve'", "table hosts, row host-2: platform must be one of vsphere, xcp-ng"),
        ("hosts", "hypervisor_version", "'new'", "hypervisor version must begin with a number, such as 8.2.1"),
        ("hosts", "cpu_level", "9", "table hosts, row host-2: Cpu: level must be between 0 and 4"),
        ("host_devices", "kind", "'disk'", "table host_devices, row host-2, 1: kind must be one of pci, vgpu"),
        ("host_policy_values", "host_id", "'x'", "row x, downtime_limit_s: it is part of host 'x', which is not in"),
        ("host_policy_values", "name", "'a-b'", "Host 'alpha': policy values have no name such as 'a-b'"),
        ("host_policy_values", "value", "'long'", "row host-1, downtime_limit_s: value must be a number, not 'long'"),
        ("storages", "capacity_bytes", "0", "table storages, row storage-1: Storage 'nas': capacity must be at least"),
        ("disks", "storage_id", "'x'", "table disks, row vm-1, 1: storage_id 'x' is not the id of a storage"),
        ("virtual_machines", "page_size", "'big'", "table virtual_machines, row vm-1: page_size must be one of 4 KiB"),
        ("migrations", "target_id", "'x'", "table migrations, row plan-1, 1: target_id 'x' is not the id of a host"),
        ("migrations", "time_limit_s", "'soon'", "row plan-1, 1: time_limit_s must be a number, not 'soon'"),
        ("runs", "started_at", "'noon'", "table runs, row 1: started_at must be a time such as"),
        ("segments", "run_position", "7", "table segments, row 7, 1, 1: it is part of migration (7, 1)"),
        ("segments", "phase", "'nap'", "table segments, row 1, 1, 1: phase must be one of"),
        ("segments", "pages", "-1", "table segments, row 1, 1, 1: Segment: pages must be at least 0, not -1"),
        ("samples", "migration_position", "7", "table samples, row 1, 7, 1: it is part of migration (1, 7)"),
        ("samples", "phase", "'nap'", "table samples, row 1, 1, 1: phase must be one of"),
        ("samples", "at_s", "9e999", "table samples, row 1, 1, 1: at_s must be a number, not inf"),
        ("samples", "bytes", "0.5", "table samples, row 1, 1, 1: bytes must be a whole number, not 0.5"),
        ("samples", "bytes", "9223372036854775807", "table samples, row 1, 1, 1: Sample: bytes must be at most 4.6"),
        ("samples", "throttle", "1.5", "table samples, row 1, 1, 1: Sample: throttle must be at most 1, not 1.5"),
        ("samples", "guest_share", "-1", "table samples, row 1, 1, 1: Sample: guest share must be at least 0, not -1"),
        ("runs", "inputs", "'[1]'", "table runs, row 1: inputs must be a JSON object of objects of texts, such as {"),
        ("runs", "inputs", """'{"VM": {"memory": 3}}'""", "table runs, row 1: inputs must be a JSON object of objects"),
        ("runs", "inputs", """'{"VM": {"name": "\\ud800"}}'""", "row 1: inputs holds bytes that are not UTF-8 text"),
        ("runs", "inputs", "hex(zeroblob(4200000))", "table runs, row 1: inputs must have at most 8 MiB, not 8.0"),
        ("runs", "inputs", "replace(hex(zeroblob(50000)), '00', '[')", "runs, row 1: inputs must be a JSON object"),
    ],
)
def test_an_error_names_the_table_the_row_and_the_field(
    path: Path, table: str, column: str, value: str, words: str
) -> None:
    loosen(path, table)
    alter(path, f"UPDATE {table} SET {column} = {value} WHERE rowid = 1")
    assert words in told(path)


@pytest.mark.parametrize(
    ("pattern", "values", "words"),
    [
        ("zipf", "", "row vm-1, 1: exponent is missing"),
        ("zipf", ", exponent = 9", "row vm-1, 1: Zipf 'zipf': exponent must be at most 3, not 9"),
        ("power law", ", exponent = 0", "row vm-1, 1: PowerLaw 'power law': exponent must be more than 0, not 0"),
        ("measured curve", "", "row vm-1, 1: points is missing"),
        ("measured curve", ", points = '1, 2'", "row vm-1, 1: points must be a JSON list, not '1, 2'"),
        (
            "measured curve",
            ", points = '[[1, 2], 3]'",
            "points must be pairs of seconds and pages, which number 2 is not",
        ),
        ("measured curve", ", points = '[[1, 2], [2, null]]'", "row vm-1, 1, point 2: pages is missing"),
        ("measured curve", ", points = '[[1, 2]]'", "row vm-1, 1: Measured curve: points must be 2 to 1000, not 1"),
        (
            "measured curve",
            ", points = '[[1, 5], [2, 4]]'",
            "Measured curve, point 2: pages must not be fewer than the 5",
        ),
    ],
)
def test_an_error_in_a_write_pattern_names_the_row_and_the_field(
    path: Path, pattern: str, values: str, words: str
) -> None:
    alter(path, f"UPDATE pieces SET pattern = '{pattern}'{values} WHERE rowid = 1")
    assert words in told(path)


@pytest.mark.parametrize("table", [table.name for table in schema_tables.tables()])
def test_a_missing_table_is_named(path: Path, table: str) -> None:
    alter(path, f"DROP TABLE {table}")
    assert f"table {table} is missing" in told(path)


def test_a_missing_column_is_named(path: Path) -> None:
    alter(path, "ALTER TABLE hosts DROP COLUMN cores")
    assert "table hosts: column cores is missing" in told(path)


def test_a_view_in_the_place_of_a_table_is_not_run(path: Path) -> None:
    endless = "WITH RECURSIVE more (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM more) SELECT id FROM more"
    alter(path, "DROP TABLE links", f"CREATE VIEW links AS {endless}")
    assert "it has a view that is not vmplanner's, 'links'; open a copy that you trust" in told(path)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE TRIGGER spy AFTER INSERT ON hosts BEGIN DELETE FROM links; END", "a trigger that is not vmplanner's"),
        ("CREATE VIEW spy AS SELECT load_extension('x')", "a view that is not vmplanner's, 'spy'"),
        ("CREATE VIRTUAL TABLE spy USING fts5(text)", "a virtual table that is not vmplanner's, 'spy'"),
    ],
)
def test_what_could_run_code_of_the_file_s_author_is_refused(path: Path, statement: str, words: str) -> None:
    alter(path, statement)
    assert words in told(path)


def test_a_view_that_takes_our_view_s_name_is_refused(path: Path) -> None:
    alter(path, "DROP VIEW time_stacks", "CREATE VIEW time_stacks AS SELECT 1")
    assert "a view that is not vmplanner's, 'time_stacks'" in told(path)


def test_a_computed_column_does_not_take_the_place_of_ours(path: Path) -> None:
    alter(
        path,
        "ALTER TABLE switches DROP COLUMN name",
        "ALTER TABLE switches ADD COLUMN name TEXT AS (hex(zeroblob(1000000000)))",
    )
    assert "a table with computed columns that is not vmplanner's, 'switches'" in told(path)


def test_a_rule_of_the_file_s_author_is_not_worked_out(path: Path) -> None:
    columns = ", ".join(next(t.columns for t in schema_tables.tables() if t.name == "links"))
    alter(
        path,
        "ALTER TABLE links RENAME TO old",
        f"CREATE TABLE links ({columns}, CHECK (1 = 1 OR length(hex(zeroblob(900000000)))))",
        "INSERT INTO links SELECT * FROM old",
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_schema SET sql = replace(sql, '1 = 1 OR ', '')",
    )
    assert load(path) == example_project()


def test_an_index_of_somebody_s_own_is_not_used(path: Path) -> None:
    alter(path, "CREATE INDEX mine ON hosts (position, upper(name))")
    assert load(path) == example_project()


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_a_file_that_another_program_is_writing_is_left_alone(path: Path, ending: str) -> None:
    beside = path.with_name(path.name + ending)
    beside.write_bytes(b"x")
    with pytest.raises(PlannerError, match=f"see 'plan.vmplan{ending}' beside it; close it there first"):
        load(path)
    beside.write_bytes(b"")
    assert load(path) == example_project()


def test_a_file_last_used_with_a_write_ahead_log_is_read(path: Path) -> None:
    alter(path, "PRAGMA journal_mode = WAL", "UPDATE hosts SET name = 'gamma' WHERE id = 'host-1'")
    assert path.read_bytes()[18:20] == b"\2\2"
    assert load(path).hosts["host-1"].name == "gamma"


def test_a_file_too_large_to_be_a_project_is_not_read(path: Path) -> None:
    os.truncate(path, 2**40)
    assert "it has 1 TiB, and a project has 256 MiB at most" in told(path)


def test_ids_used_twice_are_told(path: Path) -> None:
    loosen(path, "hosts")
    alter(path, "INSERT INTO hosts SELECT * FROM hosts")
    assert "table hosts, row host-2: id 'host-2' is used twice" in told(path)


def test_an_empty_or_double_project_row_is_told(path: Path) -> None:
    alter(path, "INSERT INTO project SELECT * FROM project")
    assert "table project: must hold one row, not 2" in told(path)
    alter(path, "DELETE FROM project")
    assert "table project: must hold one row, not 0" in told(path)


def test_a_file_of_a_newer_major_version_is_refused_with_both_versions(path: Path) -> None:
    alter(path, f"PRAGMA user_version = {2 << 16 | 3}")
    assert "newer vmplanner, in format 2.3" in told(path)
    assert "reads formats up to 1.x; open it with a newer vmplanner" in told(path)


def test_a_file_of_a_newer_minor_version_is_read(path: Path) -> None:
    alter(
        path, f"PRAGMA user_version = {1 << 16 | 9}", "ALTER TABLE hosts ADD COLUMN rack TEXT", "CREATE TABLE extra (x)"
    )
    assert load(path) == example_project()


def test_a_version_that_never_was_is_refused(path: Path) -> None:
    for version in (0, 12, -1):
        alter(path, f"PRAGMA user_version = {version}")
        told(path)


def test_another_program_s_database_is_refused(path: Path) -> None:
    alter(path, "PRAGMA application_id = 0")
    assert "not a vmplanner project; choose another file" in told(path)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.unlink, "there is no such file"),
        (lambda path: path.write_bytes(b""), "the file is empty"),
        (lambda path: path.write_text("name = 'x'"), "it is not a vmplanner project"),
        (lambda path: (path.unlink(), path.mkdir()), "it is a folder; choose a .vmplan file in it"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "it is not an ordinary file"),
    ],
)
def test_what_is_no_project_at_all(path: Path, make: Callable[[Path], object], words: str) -> None:
    make(path)
    assert words in told(path)


def test_a_truncated_file_is_damaged(path: Path, saved: bytes) -> None:
    path.write_bytes(saved[: len(saved) // 2])
    assert "the file is damaged" in told(path)
    assert "open a backup copy" in told(path)


def test_a_file_in_a_read_only_folder_can_be_read(path: Path) -> None:
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        assert load(path) == example_project()
    finally:
        path.parent.chmod(0o755)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE windows SET recurrence = 'FREQ=SECONDLY'",
            "table windows, row window-1: Window 'Nightly': recurrence",
        ),
        ("UPDATE windows SET time_zone = 'Moon'", "zone must be a name such as Europe/Berlin"),
        ("UPDATE windows SET starts_at = 'tonight'", "starts_at must be a time such as 2026-03-01T12:00:00+01:00"),
        ("UPDATE windows SET kind = 'nap'", "kind must be one of maintenance, blackout, cut-over"),
        ("UPDATE window_members SET member_id = 'x' WHERE position = 1", "names 'x', no host, VM or group"),
        ("UPDATE plans SET time_zone = NULL", "table plans, row plan-1: time_zone is missing"),
    ],
)
def test_a_wrong_window_is_told(path: Path, statement: str, words: str) -> None:
    alter(path, statement)
    assert words in told(path)


def test_a_migration_with_too_many_samples_is_told(path: Path) -> None:
    many = "WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 600)"
    columns = "at_s, phase, round, remaining_bytes, bytes, guest_share, network_faults, throttle"
    alter(path, f"INSERT INTO samples {many} SELECT 1, 1, i, {columns} FROM samples, n WHERE position = 2")
    assert "table run_migrations, row 1, 1: MigrationResult: samples must be at most 500, not 600" in told(path)
