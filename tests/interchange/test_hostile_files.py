"""Files that are made to harm, or damaged: each is refused with one sentence, and costs neither time nor memory."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from tests.interchange import inventories as given
from tests.interchange.inventories import folder, workbook
from tests.interchange.rvtools_tables import RVTOOLS
from vmplanner.domain.errors import PlannerError
from vmplanner.interchange.files import bounded, columns, document, json_value, sheet, text, xlsx, xml_tree
from vmplanner.interchange.files.document import Document
from vmplanner.interchange.importing import read
from vmplanner.interchange.inventory import Cancelled

LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE domain [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<domain><name>&b;</name></domain>"""
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OUTSIDE = """<!DOCTYPE domain [<!ENTITY x SYSTEM "file:///etc/passwd">]><domain><name>&x;</name></domain>"""


def refusal(path: Path) -> str:
    with pytest.raises(PlannerError) as caught:
        read([path])
    return str(caught.value)


@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE])
def test_xml_may_define_nothing(tmp_path: Path, content: str) -> None:
    path = folder(tmp_path, {"vm.xml": content}) / "vm.xml"
    assert "vm.xml: it defines a document type or entities, which is refused; remove them" in refusal(path)


def test_xml_of_many_or_deep_elements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_tree, "MOST_ELEMENTS", 1000)
    many = folder(tmp_path, {"many.xml": f"<domain>{'<a/>' * 2000}</domain>"}) / "many.xml"
    deep = folder(tmp_path, {"deep.xml": f"{'<a>' * 300}{'</a>' * 300}"}) / "deep.xml"
    assert "more than 1,000 elements" in refusal(many)
    assert "200 inside each other" in refusal(deep)


def test_json_nested_too_deep(tmp_path: Path) -> None:
    path = folder(tmp_path, {"deep.json": "[" * 100_000 + "]" * 100_000}) / "deep.json"
    assert "nested too deep" in refusal(path)


def test_a_workbook_that_would_unpack_to_far_more(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b"<workbook/>")
        bomb.writestr("xl/worksheets/sheet1.xml", b" " * 50_000_000)
    assert "would unpack to far more" in refusal(path)


def test_a_workbook_that_lies_about_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_PART_BYTES", 1000)
    path = workbook(tmp_path / "site.xlsx", RVTOOLS)
    assert "it unpacks to more" in refusal(path)


def test_a_workbook_whose_sheet_defines_entities(tmp_path: Path) -> None:
    good = workbook(tmp_path / "good.xlsx", RVTOOLS)
    path = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/"):
                content = b'<!DOCTYPE w [<!ENTITY a "b">]>' + content[content.index(b"<worksheet") :]
            target.writestr(name, content)
    assert "defines a document type or entities" in refusal(path)


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../etc/cron.d/evil", "x")
    assert "its part xl/workbook.xml is missing" in refusal(path)
    assert list(tmp_path.iterdir()) == [path]


def test_too_many_rows_and_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 10)
    path = folder(tmp_path, {"vms.csv": "vm,host\n" + "a,b\n" * 20}) / "vms.csv"
    inventory = read([path])
    assert "row 11: there are more than 10 rows" in str(inventory.problems[-1])
    wide = folder(tmp_path, {"wide.csv": "vm" + ",x" * 2000 + "\n"}) / "wide.csv"
    assert "1,000 columns" in refusal(wide)


def test_a_huge_cell(tmp_path: Path) -> None:
    path = folder(tmp_path, {"vms.csv": "vm,host\n" + "a" * 200_000 + ",b\n"}) / "vms.csv"
    assert "is not a row of a CSV file" in str(read([path]).problems[0])


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MOST_BYTES", 1000)
    assert "more than" in refusal(folder(tmp_path, {"vms.csv": "vm,host\n" * 200}) / "vms.csv")


def test_links_out_of_a_folder_and_pipes_are_not_followed(tmp_path: Path) -> None:
    folder(tmp_path, {"secret/hosts.csv": given.TABLES["hosts.csv"]})
    inside = folder(tmp_path / "in", {"vms.csv": given.TABLES["vms.csv"]})
    (inside / "hosts.csv").symlink_to(tmp_path / "secret" / "hosts.csv")
    (inside / "more").symlink_to(tmp_path / "secret", target_is_directory=True)
    (inside / "again").symlink_to(inside, target_is_directory=True)
    os.mkfifo(inside / "pipe")
    inventory = read([inside])
    assert inventory.formats == (("vms.csv", "tables"),)
    assert inventory.hosts == ()


def test_a_file_that_is_not_there_and_an_empty_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere").endswith("nowhere: there is no such file or folder")
    (tmp_path / "empty").mkdir()
    assert "there are no files in it" in refusal(tmp_path / "empty")


def test_binary_and_unknown_files(tmp_path: Path) -> None:
    (tmp_path / "noise.csv").write_bytes(bytes(range(256)) * 10)
    assert "it is not text but something binary" in refusal(tmp_path / "noise.csv")
    assert "of no known format" in refusal(folder(tmp_path, {"song.txt": "la la la\n"}) / "song.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_text_in_any_usual_encoding(encoding: str) -> None:
    written = "vm,host\nBüro-Küche,kvm1\n" + "x,y\n" * 50
    assert text.decoded(written.encode(encoding))[0] == written


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("first", ["", "sep={}\n", "\n\n"])
def test_csv_with_any_separator(separator: str, first: str) -> None:
    found = sheet.csv_sheet(first.format(separator) + f'vm{separator}host\n"a{separator}b"{separator}c\n', "x.txt")
    assert found is not None
    assert found.headings == ("vm", "host")
    assert [cells for _, cells in found.rows()] == [[f"a{separator}b", "c"]]


def memory(tmp_path: Path, cells: list[str], heading: str = "memory (GiB)") -> list[int | None]:
    """The memory that a table with these cells tells, in MiB."""
    rows = "".join(f"vm-{number};kvm1;{cell}\n" for number, cell in enumerate(cells))
    path = folder(tmp_path, {"vms.csv": f"vm;host;{heading}\n{rows}"}) / "vms.csv"
    return [each.memory_bytes and round(each.memory_bytes / 2**20) for each in read([path]).machines]


@pytest.mark.parametrize(
    ("heading", "cells", "mib"),
    [
        ("memory (GiB)", ["4", "0.5", "1,5"], [4096, 512, 1536]),
        ("memory_mib", ["4096", "1 024", "2'048"], [4096, 1024, 2048]),
        ("RAM [MB]", ["1048.576"], [1000]),
        ("RAM [MB]", ["1048.576", "1.5"], [1000, 1]),
        ("memory (MiB)", ["1.024,0", "4.096"], [1024, 4096]),
        ("memory (MiB)", ["1,048,576", "4,096"], [1048576, 4096]),
        ("memory (MiB)", ["4,096", "4096"], [None, 4096]),
        ("memory", ["4 GiB", "512 MiB", "4"], [4096, 512, None]),
        ("memory (GiB)", ["many", "-4", "4e3", "1e999"], [None, None, 4096000, None]),
    ],
)
def test_numbers_of_all_countries(tmp_path: Path, heading: str, cells: list[str], mib: list[int | None]) -> None:
    assert memory(tmp_path, cells, heading) == mib


def test_a_number_that_may_be_two_is_told(tmp_path: Path) -> None:
    path = folder(tmp_path, {"vms.csv": "vm;host;memory (MiB)\na;b;4.096\n"}) / "vms.csv"
    [problem] = read([path]).problems
    assert str(problem) == (
        "vms.csv, row 2, memory (MiB): '4.096' may be a whole number in thousands or a fraction; "
        "write it without thousands signs; the value is left out"
    )


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    def tell(_progress: str) -> None:
        raise Cancelled("it was cancelled")

    with pytest.raises(Cancelled):
        read([folder(tmp_path / "tables", given.TABLES)], tell=tell)


def test_formula_signs_are_those_that_spreadsheets_know() -> None:
    assert columns.FORMULA_SIGNS == "=+-@\t\r"


def test_a_value_of_very_many_lines(tmp_path: Path) -> None:
    path = folder(tmp_path, {"vms.txt": given.XE_VMS + "more\n" * 1_000_000}) / "vms.txt"
    assert [machine.name for machine in read([path]).machines] == ["ADFS22"]


def test_a_cell_of_very_many_blanks_is_refused_at_once(tmp_path: Path) -> None:
    assert memory(tmp_path, [f"1{' ' * 30_000}!"] * 20) == [None] * 20


def test_links_in_a_circle_are_passed_by(tmp_path: Path) -> None:
    inside = folder(tmp_path / "in", {"vms.csv": given.TABLES["vms.csv"]})
    (inside / "a").symlink_to("b")
    (inside / "b").symlink_to("a")
    assert read([inside]).formats == (("vms.csv", "tables"),)


def test_a_file_that_goes_away_meanwhile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder(tmp_path, {"vms.csv": given.TABLES["vms.csv"]}) / "vms.csv"
    monkeypatch.setattr(Path, "is_dir", lambda path: path.unlink() is not None)
    assert refusal(path).endswith("vms.csv: can't be read (no such file or directory)")


def test_a_name_with_half_a_character_can_be_saved(tmp_path: Path) -> None:
    domain = {"domid": 1, "config": {"c_info": {"name": "web\ud83d"}, "b_info": {"max_vcpus": 1}}}
    path = folder(tmp_path, {"list.json": json.dumps([domain])}) / "list.json"
    [machine] = read([path]).machines
    assert machine.name == "web?"


def test_very_many_lines_and_things_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MOST_LINES", 100)
    monkeypatch.setattr(json_value, "MOST_THINGS", 100)
    assert "it has more than 100 lines" in refusal(folder(tmp_path, {"a.csv": "vm\n" * 102}) / "a.csv")
    nodes = json.dumps([{"type": "node", "node": "n"}] * 101)
    assert "it lists more than 100 things" in refusal(folder(tmp_path, {"a.json": nodes}) / "a.json")


def test_a_sheet_that_is_named_often_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "site.xlsx", {"vms": [["VM", "host"], ["web", "kvm1"]]})
    names = "".join(f'<sheet name="s{number}" sheetId="{number}" r:id="rId1"/>' for number in range(1, 100))
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    parts["xl/workbook.xml"] = f'<workbook xmlns:r="{RELATIONS}"><sheets>{names}</sheets></workbook>'
    with zipfile.ZipFile(path, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    assert len(Document(path, "site.xlsx").sheets) == 1
