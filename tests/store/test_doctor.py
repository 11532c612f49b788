"""The doctor finds what is wrong in a file, mends it on a copy, and never touches the file."""

import json
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from tests.store.projects import example_project
from tests.store.test_bad_files import alter, loosen
from vmplanner.cli.doctor import examine_file
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import schema
from vmplanner.store.doctor import examine, repair
from vmplanner.store.project_file import load, save


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "night.vmplan"
    save(example_project(), path)
    return path


def mended(path: Path) -> tuple[Project, list[str]]:
    """The project in the mended copy, and what was wrong."""
    before = path.read_bytes()
    copy = path.with_name("mended.vmplan")
    diagnosis = repair(path, copy)
    assert path.read_bytes() == before
    assert examine(copy).is_sound
    assert load(copy) == diagnosis.project
    return load(copy), [trouble.what for trouble in diagnosis.troubles]


def test_nothing_is_wrong_with_a_saved_file(path: Path) -> None:
    diagnosis = examine(path)
    assert diagnosis.is_sound
    assert diagnosis.project == example_project()


def test_a_wrong_value_costs_its_row_and_those_that_need_it(path: Path) -> None:
    alter(path, "UPDATE hosts SET memory_bytes = -1 WHERE id = 'host-2'")
    project, troubles = mended(path)
    assert list(project.hosts) == ["host-1"]
    assert list(project.machines) == ["vm-1"]
    assert project.plan.migrations == ()
    assert any("row host-2: Host 'beta': memory must be at least" in trouble for trouble in troubles)
    assert any("table virtual_machines, row vm-2: host_id 'host-2' is not the id" in trouble for trouble in troubles)


def test_references_to_nothing_are_found(path: Path) -> None:
    alter(path, "DELETE FROM storages")
    project, troubles = mended(path)
    assert project.storages == {}
    assert any("table disks, row number 1: it refers to a row of storages" in trouble for trouble in troubles)


def test_a_lost_migration_of_a_run_takes_its_parts_with_it(path: Path) -> None:
    alter(path, "DELETE FROM run_migrations")
    project, troubles = mended(path)
    [run] = project.runs
    assert run.results == ()
    assert any("row 1, 1, 1: it is part of migration (1, 1), which is not in the file" in each for each in troubles)
    assert sum("it is part of migration" in each for each in troubles) == 2, "one for its segments, one for its samples"


@pytest.mark.parametrize(
    ("statement", "trouble"),
    [
        ("CREATE TRIGGER spy AFTER INSERT ON hosts BEGIN DELETE FROM links; END", "it has a trigger that is not"),
        ("CREATE VIEW spy AS SELECT 1", "it has a view that is not vmplanner's, 'spy'"),
        ("PRAGMA application_id = 7", "its application id is 7"),
        ("PRAGMA user_version = 3", "its format 0.3 never was"),
        ("DROP TABLE windows", "table windows is missing"),
        ("ALTER TABLE runs DROP COLUMN backend", "table runs: column backend is missing"),
        ("DELETE FROM project", "the project's own row is wrong; its name becomes 'night'"),
        ("UPDATE group_members SET member_id = 'gone' WHERE position = 1", "'gone' is neither a host nor a VM"),
        ("UPDATE rules SET name = '' WHERE id = 'rule-1'", "table rules, row rule-1"),
    ],
)
def test_what_the_doctor_mends(path: Path, statement: str, trouble: str) -> None:
    alter(path, statement)
    project, troubles = mended(path)
    assert any(trouble in each for each in troubles)
    assert project.machines == example_project().machines
    assert project.links == example_project().links


def test_ids_used_twice_keep_the_first(path: Path) -> None:
    loosen(path, "switches")
    alter(path, "INSERT INTO switches SELECT id, position + 1, 'second', canvas_x, canvas_y FROM switches")
    project, _ = mended(path)
    assert [switch.name for switch in project.switches.values()] == ["rack"]


def test_of_damaged_pages_the_readable_rows_are_kept(path: Path) -> None:
    [host] = [host for host in example_project().hosts.values() if host.id == "host-1"]
    many = [evolve(host, id=f"host-{n}", name=f"host {n}") for n in range(1000, 1400)]
    save(Project.of(*example_project().hosts.values(), *many), path)
    content = bytearray(path.read_bytes())
    page = content.index(b"host 1200") // 4096 * 4096
    content[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(PlannerError, match="see what 'vmplanner doctor' can mend"):
        load(path)
    project, troubles = mended(path)
    assert any("SQLite finds" in trouble for trouble in troubles)
    assert len(project.hosts) > 300


def test_what_is_no_project_is_not_examined(tmp_path: Path) -> None:
    other = tmp_path / "other.vmplan"
    alter(other, "CREATE TABLE x (y)")
    with pytest.raises(PlannerError, match="none of a project's tables"):
        examine(other)
    alter(other, f"PRAGMA application_id = {schema.APPLICATION_ID}", f"PRAGMA user_version = {9 << 16}")
    with pytest.raises(PlannerError, match=r"in format 9\.0 of a newer vmplanner"):
        examine(other)


def test_a_file_damaged_beyond_reading_is_told(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:] = bytes(len(content) - 100)
    path.write_bytes(content)
    diagnosis = examine(path)
    assert diagnosis.project is None
    with pytest.raises(PlannerError, match="open a backup copy"):
        repair(path, path.with_name("mended.vmplan"))


def test_the_mended_copy_takes_no_file_s_place(path: Path) -> None:
    with pytest.raises(PlannerError, match="is there already"):
        repair(path, path)


class TestCommand:
    def run(self, *arguments: object) -> tuple[int, str]:
        result = CliRunner().invoke(examine_file, [str(each) for each in arguments], standalone_mode=False)
        if result.exception is not None:
            raise result.exception
        return int(result.return_value), result.output

    def test_a_sound_file(self, path: Path) -> None:
        assert self.run(path) == (0, f"Nothing is wrong in {path}.\n")

    def test_a_damaged_file_and_its_mended_copy(self, path: Path, tmp_path: Path) -> None:
        alter(path, "UPDATE hosts SET memory_bytes = -1 WHERE id = 'host-2'")
        status, told = self.run(path)
        assert status == 1
        assert "to mend it: leave this row out" in told
        assert told.endswith(f"A mended copy can be written: vmplanner doctor {path} --repair OUT\n")
        status, told = self.run(path, "--repair", tmp_path / "mended.vmplan")
        assert status == 1
        assert self.run(tmp_path / "mended.vmplan")[0] == 0

    def test_json(self, path: Path) -> None:
        assert json.loads(self.run(path, "--json")[1]) == {"sound": True, "mendable": True, "troubles": []}
