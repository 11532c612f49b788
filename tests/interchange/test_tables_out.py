"""An exported inventory opens in any spreadsheet without harm, and comes back as it was."""

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.store.projects import projects
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.domain.topology import Host, Switch
from vmplanner.interchange.importing import Format, read
from vmplanner.interchange.merge import merge
from vmplanner.interchange.tables_out import tables_of, write_folder, write_workbook
from vmplanner.shipped import RESOURCES
from vmplanner.store import library

EXAMPLE = library.example("evacuate-a-rack")
HARMFUL = ["=1+1", "+cmd", "-2", "@SUM(A1)", "'=quoted", "plain", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("is_workbook", [True, False])
def test_what_was_exported_changes_nothing_when_it_is_imported(tmp_path: Path, is_workbook: bool) -> None:
    path = tmp_path / ("site.xlsx" if is_workbook else "site")
    (write_workbook if is_workbook else write_folder)(EXAMPLE, path)
    inventory = read([path])
    result = merge(EXAMPLE, inventory, library.profiles())
    assert result.change.edits == ()
    assert [str(problem) for problem in result.problems] == []


@pytest.mark.parametrize("is_workbook", [True, False])
def test_an_empty_project_takes_it_all_over(tmp_path: Path, is_workbook: bool) -> None:
    path = tmp_path / ("site.xlsx" if is_workbook else "site")
    (write_workbook if is_workbook else write_folder)(EXAMPLE, path)
    after = Project().applied(merge(Project(), read([path]), library.profiles()).change)
    assert tables_of(after) == tables_of(EXAMPLE)


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    hosts = [Host(f"host-{number}", name) for number, name in enumerate(HARMFUL)]
    project = Project.of(*hosts, Switch("switch-1", "=HYPERLINK(1)"))
    write_workbook(project, tmp_path / "x.xlsx")
    write_folder(project, tmp_path / "x")
    book = load_workbook(tmp_path / "x.xlsx")
    assert all(cell.data_type != "f" for sheet in book for row in sheet.rows for cell in row)
    book.close()
    for path in (tmp_path / "x").iterdir():
        with path.open(encoding="utf-8-sig", newline="") as file:
            assert all(cell[:1] not in tuple("=+-@\t\r") for row in csv.reader(file) for cell in row if cell)
    for path in (tmp_path / "x.xlsx", tmp_path / "x"):
        assert sorted(host.name for host in read([path]).hosts) == sorted(HARMFUL)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25)
@given(projects(), st.booleans())
def test_any_project_can_be_exported_and_read(tmp_path: Path, project: Project, is_workbook: bool) -> None:
    path = tmp_path / ("any.xlsx" if is_workbook else "any")
    (write_workbook if is_workbook else write_folder)(project, path)
    inventory = read([path], as_format=Format.TABLES)
    merge(project, inventory, library.profiles(), join=True)


def test_a_place_that_can_t_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").mkdir()
    with pytest.raises(PlannerError, match=r"can.t be written to .*x\.xlsx.: it is a folder"):
        write_workbook(EXAMPLE, tmp_path / "x.xlsx")
    (tmp_path / "file").write_text("")
    with pytest.raises(PlannerError, match="Can't write"):
        write_folder(EXAMPLE, tmp_path / "file")


def test_the_templates_have_the_columns_that_are_read_and_written() -> None:
    inventory = read([RESOURCES / "templates"], as_format=Format.TABLES)
    assert [each.heading for each in inventory.columns if not each.meaning] == []
    assert {each.file for each in inventory.columns} == {f"{name}.csv" for name in tables_of(Project())}
    for name, (headings, _) in tables_of(Project()).items():
        template = (RESOURCES / "templates" / f"{name}.csv").read_text(encoding="utf-8").strip().split(",")
        assert {heading.partition(" (")[0] for heading in headings} <= {each.partition(" (")[0] for each in template}
