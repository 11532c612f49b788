"""Importing and exporting from the command line, as a person or a script does it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.interchange.inventories import TABLES, folder, workbook
from tests.interchange.rvtools_tables import RVTOOLS
from vmplanner.cli import main
from vmplanner.store import library, project_file

EXAMPLE = library.example("evacuate-a-rack")


@pytest.fixture
def vmplanner(capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: object) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return ended.value.code, *capsys.readouterr()

    return call


def test_a_new_project_from_an_inventory_and_again(vmplanner: Any, tmp_path: Path) -> None:
    site, project = workbook(tmp_path / "site.xlsx", RVTOOLS), tmp_path / "site.vmplan"
    status, out, err = vmplanner("import", project, site)
    assert (status, err) == (0, "")
    assert out.startswith("read site.xlsx (rvtools)\n")
    assert "note: site.xlsx, vInfo, row 5: golden is a template: it was left out" in out
    assert out.endswith(f"Import 2 hosts and 2 VMs: wrote {project}\n")
    assert [machine.name for machine in project_file.load(project).machines.values()] == ["web-01", "db-01"]
    before = project.read_bytes()
    assert vmplanner("import", project, site)[1].endswith("there is nothing new; nothing was written\n")
    assert project.read_bytes() == before


def test_a_dry_run_writes_nothing_and_json_tells_all(vmplanner: Any, tmp_path: Path) -> None:
    tables, project = folder(tmp_path / "tables", TABLES), tmp_path / "new.vmplan"
    status, out, _ = vmplanner("import", project, tables, "--dry-run", "--json", "--as", "tables")
    told = json.loads(out)
    assert (status, told["written"], project.exists()) == (0, False, False)
    assert [each["name"] for each in told["created"] if each["kind"] == "VM"] == ["web-1", "db-1"]
    assert told["created"][0] | {"id": ""} == {
        "kind": "Host",
        "name": "kvm1",
        "id": "",
        "what": "libvirt",
        "from": "hosts.csv, row 2",
    }
    assert {"file": "vms.csv", "sheet": "", "heading": "OS", "meaning": "operating system", "unit": ""} in told[
        "columns"
    ]
    assert told["problems"] == []


def test_new_hosts_are_joined_when_that_is_asked_for(vmplanner: Any, tmp_path: Path) -> None:
    project = tmp_path / "new.vmplan"
    vmplanner("import", project, workbook(tmp_path / "site.xlsx", RVTOOLS), "--join")
    assert len(project_file.load(project).links) == 4


def test_what_can_t_be_imported_is_told_in_one_line(vmplanner: Any, tmp_path: Path) -> None:
    song = folder(tmp_path, {"song.txt": "la la la\n"}) / "song.txt"
    status, out, err = vmplanner("import", tmp_path / "new.vmplan", song)
    assert (status, out) == (2, "")
    assert err.startswith("vmplanner: song.txt: it is of no known format: it was left out; known formats are RVTools")
    assert not (tmp_path / "new.vmplan").exists()


def test_a_whole_project_as_json_there_and_back(vmplanner: Any, tmp_path: Path) -> None:
    first, second, whole = tmp_path / "a.vmplan", tmp_path / "b.vmplan", tmp_path / "a.json"
    project_file.save(EXAMPLE, first)
    assert vmplanner("export", first, "--format", "json", "-o", whole) == (0, "", "")
    status, out, _ = vmplanner("import", second, whole)
    assert (status, out) == (0, f"Evacuate a rack: 12 hosts, 60 VMs, 0 runs; wrote {second}\n")
    assert project_file.load(second) == EXAMPLE
    assert "a whole project does not go into another" in vmplanner("import", first, whole)[2]


@pytest.mark.parametrize(("file_format", "name"), [("xlsx", "site.xlsx"), ("csv", "site")])
def test_an_inventory_there_and_back(vmplanner: Any, tmp_path: Path, file_format: str, name: str) -> None:
    project = tmp_path / "a.vmplan"
    project_file.save(EXAMPLE, project)
    exported = vmplanner("export", project, "--inventory", "--format", file_format, "-o", tmp_path / name)
    assert exported == (0, "", "")
    assert "there is nothing new" in vmplanner("import", project, tmp_path / name)[1]


def test_inventories_are_tables(vmplanner: Any, tmp_path: Path) -> None:
    arguments = ("--inventory", "--format", "png", "-o", tmp_path / "x")
    status, _, err = vmplanner("export", tmp_path / "a.vmplan", *arguments)
    assert status == 2
    assert "--inventory is written as xlsx or csv" in err
