"""Files of every released version open for ever, and the first save keeps the original beside the new file."""

import sqlite3
from pathlib import Path

import pytest

from vmplanner.store import schema, schema_tables
from vmplanner.store.project_file import load, newer_version, save

FIXTURES = sorted(Path(__file__).parent.joinpath("fixtures").glob("*.vmplan"))


@pytest.fixture(params=FIXTURES, ids=lambda path: path.stem)
def old_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a file that a released version wrote."""
    copy = tmp_path / "old.vmplan"
    copy.write_bytes(request.param.read_bytes())
    return copy


def test_there_is_a_file_of_each_version_before_this_one() -> None:
    assert [path.stem for path in FIXTURES] == [f"1.{minor}" for minor in range(schema.FORMAT_MINOR)]


def test_an_old_file_opens_whole_and_stays_as_it_is(old_file: Path) -> None:
    before = old_file.read_bytes()
    project = load(old_file)
    assert [host.name for host in project.hosts.values()] == ["beta", "alpha"]
    assert project.machines["vm-1"].profile.pieces[1].name == "Buffers"
    assert project.plan.migrations[0].time_limit_s == 60
    assert len(project.links) == 3
    assert len(project.rules) == 4
    assert len(project.windows) == 2
    [result] = project.runs[0].results
    assert (result.segments[1].bytes, result.segments[1].pages) == (1024**3, 0)
    assert (project.runs[0].inputs, result.samples) == ("", ())
    assert old_file.read_bytes() == before
    assert [file.name for file in old_file.parent.iterdir()] == ["old.vmplan"]


def test_saving_over_an_old_file_keeps_the_original_beside(
    old_file: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    original = old_file.read_bytes()
    project = load(old_file)
    save(project, old_file)
    assert load(old_file) == project
    save(project, old_file)
    version = request.node.callspec.params["old_file"].stem
    assert sorted(file.name for file in tmp_path.iterdir()) == ["old.vmplan", f"old.vmplan.v{version}.bak"]
    assert (tmp_path / f"old.vmplan.v{version}.bak").read_bytes() == original
    (tmp_path / "old.vmplan").write_bytes(original)
    save(project, old_file)
    assert (tmp_path / f"old.vmplan.v{version}-2.bak").read_bytes() == original


def test_the_steps_lead_to_the_columns_of_today(old_file: Path) -> None:
    """Where this fails, a column was added without its step in migrations.py."""
    save(load(old_file), old_file)
    database = sqlite3.connect(old_file)
    for table in schema_tables.tables():
        columns = {name for _, name, *_ in database.execute(f"PRAGMA table_info({table.name})")}
        assert columns == set(table.columns)
    database.close()


def test_a_newer_file_says_so(old_file: Path) -> None:
    assert newer_version(old_file) == ""
    database = sqlite3.connect(old_file)
    database.execute(f"PRAGMA user_version = {1 << 16 | 99}")
    database.close()
    assert newer_version(old_file) == "1.99"
    assert newer_version(old_file.with_name("none")) == ""
