"""What exports of the shipped examples say, as stored texts that a person can read and compare.

    .venv/bin/python -m tests.ui.exports.references

writes them anew, after a change that is meant to change them; read the difference before it is kept. They hold what an
export says and not its bytes: the texts of a drawing and where its bars are, the cells of a table, the words of a page.
Places are shares of the widest and the highest, so that other fonts give the same.
"""

import csv
import io
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from attrs import evolve
from pypdf import PdfReader

from vmplanner.analysis.stack_view import Split, View
from vmplanner.store import library
from vmplanner.ui.exports.charts import CHARTS, rendered
from vmplanner.ui.exports.report_files import rendered_report
from vmplanner.ui.exports.subject import Subject, subject_of

FOLDER = Path(__file__).parent / "references"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
EXAMPLES = ("clark-2005", "evacuate-a-rack", "qemu-lab")
# How high the bars of a chart are, in pixels.
_BARS = {"time-stacks": 18.0, "timeline": 14.0}
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?")


def drawings(example: str) -> dict[str, tuple[str, View]]:
    """The charts of an example by the names of their references, and how time stacks are looked at."""
    found = {f"time-stacks-by-{split.value.replace(' ', '-')}": ("time-stacks", View(split)) for split in Split}
    return found | {name: (name, View()) for name in tables(example) if name != "time-stacks"}


def tables(example: str) -> list[str]:
    """The charts of an example whose data is looked at. The accuracy is the same for all."""
    return [name for name in CHARTS if name != "accuracy" or example == EXAMPLES[0]]


def of_drawing(svg: bytes, chart: str) -> dict[str, Any]:
    """The texts of a drawing, and its bars: their colour and their place as shares of all of them together."""
    root = ElementTree.fromstring(svg)
    texts = ["".join(each.itertext()).strip() for each in root.iter() if each.tag.endswith("}text")]
    bars = [bar for bar in _rectangles(root, "none") if bar[4] == _BARS.get(chart)]
    found: dict[str, Any] = {"title": root.findtext("{*}title"), "texts": sorted(text for text in texts if text)}
    if bars:
        left, top = min(bar[1] for bar in bars), min(bar[2] for bar in bars)
        wide, high = max(bar[1] + bar[3] for bar in bars) - left, max(bar[2] + bar[4] for bar in bars) - top
        found["bars"] = [
            [colour, *(round(share, 3) for share in ((x - left) / wide, (y - top) / high, width / wide))]
            for colour, x, y, width, _height in bars
            if width / wide >= 0.002 and colour != "#ffffff"
        ]
    return found


def _rectangles(element: ElementTree.Element, fill: str) -> Iterator[tuple[str, float, float, float, float]]:
    fill = element.get("fill", fill)
    if element.tag.endswith("}rect"):
        x, y, width, height = (float(element.get(name, "0")) for name in ("x", "y", "width", "height"))
        yield fill, x, y, width, height
    for child in element:
        yield from _rectangles(child, fill)


def of_csv(content: bytes) -> list[list[str]]:
    """The cells, with numbers to six digits: other processors may differ in the last ones."""
    return [[_cell(cell) for cell in row] for row in csv.reader(io.StringIO(content.decode()))]


def _cell(text: str) -> str:
    return f"{float(text):.6g}" if _NUMBER.fullmatch(text) else text


def of_pages(pdf: bytes) -> list[list[str]]:
    """The words of each page."""
    return [page.extract_text().split() for page in PdfReader(io.BytesIO(pdf)).pages]


@cache
def subject(example: str) -> Subject:
    """The forecast of an example."""
    return subject_of(library.example(example))


def drawing(example: str, name: str) -> dict[str, Any]:
    chart, view = drawings(example)[name]
    return of_drawing(rendered(CHARTS[chart], evolve(subject(example), view=view), "svg"), chart)


def table(example: str, chart: str) -> list[list[str]]:
    return of_csv(rendered(CHARTS[chart], subject(example), "csv"))


def report(example: str) -> list[list[str]]:
    project = library.example(example)
    return of_pages(rendered_report(project, project.plan, "pdf", now=NOW))


def stored(example: str, name: str) -> Any:
    """What was written."""
    return json.loads((FOLDER / example / f"{name}.json").read_text(encoding="utf-8"))


def _write(example: str) -> None:
    contents: dict[str, Any] = {name: drawing(example, name) for name in drawings(example)}
    contents |= {f"{chart}-table": table(example, chart) for chart in tables(example)}
    contents["report"] = [" ".join(words) for words in report(example)]
    folder = FOLDER / example
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(_readable(content) + "\n", encoding="utf-8")


def _readable(content: Any) -> str:
    """JSON with a line for each text, bar, row or page."""
    if isinstance(content, list):
        return "[\n" + ",\n".join(json.dumps(each, ensure_ascii=False) for each in content) + "\n]"
    return "{\n" + ",\n".join(f'"{name}": {_nested(each)}' for name, each in content.items()) + "\n}"


def _nested(content: Any) -> str:
    return _readable(content) if isinstance(content, list) else json.dumps(content, ensure_ascii=False)


def main() -> None:
    """Write all references anew."""
    from vmplanner.ui.headless import offscreen_application

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = offscreen_application()
    for example in EXAMPLES:
        _write(example)
    del application


if __name__ == "__main__":
    main()
