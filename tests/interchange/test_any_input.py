"""Whatever a file holds, each reader gives an inventory or one sentence, and never anything else."""

import json
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.interchange import inventories as known
from tests.interchange.inventories import csv_text, workbook
from tests.interchange.rvtools_tables import RVTOOLS
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.interchange.importing import Format, read
from vmplanner.interchange.merge import merge

SLOW_FIXTURES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["web", "1.024", "4096", "-1", "1e999", "true", "4 GiB", "9" * 40, "=1+1", "vm", "host"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
HEADINGS = sorted({str(heading) for table in RVTOOLS.values() for heading in table[0]})


def holds(path: Path, content: str | bytes, as_format: Format) -> None:
    """It is read and merged, or refused with a sentence."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with suppress(PlannerError):
        Project().applied(merge(Project(), read([path], as_format=as_format), join=True).change)


@SLOW_FIXTURES
@pytest.mark.parametrize("as_format", Format)
@given(content=st.binary(max_size=400) | st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_bytes(tmp_path: Path, as_format: Format, content: str | bytes) -> None:
    holds(tmp_path / "any", content, as_format)


@SLOW_FIXTURES
@pytest.mark.parametrize("as_format", [Format.XL, Format.PROXMOX])
@given(value=json_values)
def test_any_json(tmp_path: Path, as_format: Format, value: object) -> None:
    holds(tmp_path / "any.json", json.dumps(value), as_format)


@SLOW_FIXTURES
@given(data=st.data())
def test_known_json_with_any_values(tmp_path: Path, data: st.DataObject) -> None:
    as_format, original = data.draw(
        st.sampled_from(
            [
                (Format.XL, known.XL_LIST[1]),
                (Format.PROXMOX, known.PROXMOX_RESOURCES[2]),
                (Format.PROXMOX, known.PROXMOX_CONFIG),
                (Format.PROXMOX, known.PROXMOX_STATUS),
            ]
        )
    )
    value = json.loads(json.dumps(original))
    inner = value
    while isinstance(inner, dict) and inner:
        key = data.draw(st.sampled_from(sorted(inner)))
        if not isinstance(inner[key], dict) or data.draw(st.booleans()):
            inner[key] = data.draw(json_values)
            break
        inner = inner[key]
    resources = known.PROXMOX_RESOURCES if as_format is Format.PROXMOX else []
    holds(tmp_path / "101.json", json.dumps([value, *resources] if data.draw(st.booleans()) else value), as_format)


@SLOW_FIXTURES
@pytest.mark.parametrize("as_format", [Format.RVTOOLS, Format.NETBOX, Format.TABLES])
@given(data=st.data())
def test_known_tables_with_any_cells(tmp_path: Path, as_format: Format, data: st.DataObject) -> None:
    tables = {
        Format.RVTOOLS: list(RVTOOLS.values()),
        Format.NETBOX: [[line.split(",") for line in text.splitlines()] for text in (known.NETBOX_DEVICES,)],
        Format.TABLES: [[line.split(",") for line in text.splitlines()] for text in known.TABLES.values()],
    }[as_format]
    headings, *rows = data.draw(st.sampled_from(tables))
    rows += data.draw(st.lists(st.lists(words, max_size=len(headings) + 2), max_size=4))
    holds(tmp_path / "any.csv", csv_text([headings, *rows], data.draw(st.sampled_from(",;\t"))), as_format)


@SLOW_FIXTURES
@given(
    headings=st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=12), rows=st.lists(st.lists(words, max_size=12))
)
def test_any_columns(tmp_path: Path, headings: list[object], rows: list[list[object]]) -> None:
    holds(tmp_path / "any.csv", csv_text([headings, *rows]), Format.RVTOOLS)


@settings(parent=SLOW_FIXTURES, max_examples=30)
@given(rows=st.lists(st.lists(st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False))))
def test_any_workbook(tmp_path: Path, rows: list[list[object]]) -> None:
    path = workbook(tmp_path / "any.xlsx", {"vInfo": [*RVTOOLS["vInfo"][:1], *rows]})
    holds(path, path.read_bytes(), Format.RVTOOLS)


@SLOW_FIXTURES
@pytest.mark.parametrize(
    ("as_format", "original"),
    [
        (Format.LIBVIRT, known.DOMAIN),
        (Format.LIBVIRT, known.CAPABILITIES),
        (Format.XENSERVER, known.POOL_DUMP),
        (Format.GRAPHML, known.GRAPHML),
    ],
)
@given(data=st.data())
def test_known_xml_with_any_values(tmp_path: Path, as_format: Format, original: str, data: st.DataObject) -> None:
    parts = original.split("'" if as_format is Format.LIBVIRT else '"')
    place = data.draw(st.integers(0, len(parts) - 1))
    parts[place] = escape(data.draw(words), {"'": "&apos;", '"': "&quot;"}) if place % 2 else parts[place]
    holds(tmp_path / "any.xml", ("'" if as_format is Format.LIBVIRT else '"').join(parts), as_format)


@SLOW_FIXTURES
@pytest.mark.parametrize(
    ("as_format", "original"),
    [(Format.XENSERVER, known.XE_VMS + known.XE_HOSTS), (Format.XL, known.XL_INFO), (Format.LIBVIRT, known.NODEINFO)],
)
@given(data=st.data())
def test_known_lines_with_any_values(tmp_path: Path, as_format: Format, original: str, data: st.DataObject) -> None:
    lines = original.splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    name, colon, _ = lines[place].partition(": ")
    lines[place] = f"{name}{colon}{data.draw(words)}"
    holds(tmp_path / "any.txt", "\n".join(lines), as_format)
