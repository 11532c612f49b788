"""An exported chart is whole: all rows, the legend and the title, whatever the window shows, or no file at all."""

import csv
import errno
import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

import pytest
from attrs import evolve
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColor, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.analysis.runs import of_rounds, run, small
from vmplanner.analysis.stack_view import USUAL, Measure, Split, View
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.domain.results import Metric, Provenance, ReferenceFigure, Run
from vmplanner.ui.exports.charts import CHARTS, FORMATS, export_chart
from vmplanner.ui.exports.pictures import Paper
from vmplanner.ui.exports.subject import Subject
from vmplanner.ui.headless import offscreen_application
from vmplanner.ui.theme import DARK, LIGHT, look

SVG = "{http://www.w3.org/2000/svg}"
FIGURE = ReferenceFigure("migration-web-1", Metric.TOTAL_S, 12.0, Provenance.SEEN, "a paper")


def export_time_stacks(
    run: Run,
    figures: Sequence[ReferenceFigure],
    path: Path,
    format: str,
    *,
    view: View = USUAL,
    theme_name: str = "light",
    scale: float = 2.0,
) -> None:
    project = Project(figures=figures)
    of = Subject(project, project.plan, (run,), view)
    export_chart(CHARTS["time-stacks"], of, path, format, paper=Paper(theme_name), scale=scale)


def many(count: int) -> Run:
    return run(small(), *(of_rounds(f"vm-{number}", 3) for number in range(count - 1)), name="Evacuate host-1")


def svg_texts(path: Path) -> list[str]:
    return ["".join(text.itertext()).strip() for text in ElementTree.parse(path).iter(f"{SVG}text")]


def test_svg_keeps_text_as_text_and_has_every_row(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "stacks.svg"
    export_time_stacks(many(60), [FIGURE], path, "svg")
    texts = svg_texts(path)
    for words in (
        "web-1",
        "vm-0",
        "vm-58",
        "host-1 → host-2",
        "10 s",
        "· 500 ms down",
        "stop-and-copy",
        "published (seen)",
    ):
        assert words in texts
    root = ElementTree.parse(path).getroot()
    assert root.findtext(f"{SVG}title") == "Evacuate host-1"
    assert not list(root.iter(f"{SVG}image"))
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    assert (left, top, width) == (0, 0, 1200)
    assert height > 60 * 34
    assert QSvgRenderer(QByteArray(path.read_bytes())).isValid()


def test_svg_by_piece_has_hatching_as_lines(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "stacks.svg"
    export_time_stacks(run(small()), (), path, "svg", view=View(Split.PIECE))
    root = ElementTree.parse(path).getroot()
    assert len(list(root.iter(f"{SVG}polyline"))) > 10
    assert not list(root.iter(f"{SVG}image"))
    assert "free memory" in svg_texts(path)


def test_svg_of_names_that_look_like_markup(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "stacks.svg"
    export_time_stacks(run(evolve(small(), vm="<b>&web"), name="<title> & co"), (), path, "svg")
    assert "<b>&web" in svg_texts(path)
    assert ElementTree.parse(path).getroot().findtext(f"{SVG}title") == "<title> & co"


@pytest.mark.parametrize("scale", [1.0, 2.0, 3.0])
def test_png_has_the_scale_asked_for_and_is_not_blank(qtbot: QtBot, tmp_path: Path, scale: float) -> None:
    path = tmp_path / "stacks.png"
    export_time_stacks(many(5), (), path, "png", scale=scale)
    image = QImage(str(path))
    assert image.width() == 1200 * scale
    assert image.height() > 5 * 34 * scale
    row = [image.pixelColor(x, image.height() // 2) for x in range(image.width())]
    assert len({colour.name() for colour in row}) > 3


def test_png_is_light_unless_told_otherwise(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "stacks.png"
    look.theme = DARK
    try:
        export_time_stacks(run(small()), (), path, "png")
        assert QImage(str(path)).pixelColor(1, 1) == LIGHT.surface
        export_time_stacks(run(small()), (), path, "png", theme_name="dark")
        assert QImage(str(path)).pixelColor(1, 1) == QColor(DARK.surface)
    finally:
        look.theme = LIGHT


def test_csv_has_the_segments(tmp_path: Path) -> None:
    path = tmp_path / "stacks.csv"
    export_time_stacks(run(small()), (), path, "csv")
    with path.open(newline="", encoding="utf-8") as stream:
        assert [line["phase"] for line in csv.DictReader(stream)][:2] == ["preflight", "pre-copy"]


@pytest.mark.parametrize("measure", Measure)
@pytest.mark.parametrize("format_name", FORMATS)
def test_a_run_without_migrations_can_be_exported(
    qtbot: QtBot, tmp_path: Path, format_name: str, measure: Measure
) -> None:
    path = tmp_path / "stacks"
    export_time_stacks(run(), (), path, format_name, view=View(measure=measure))
    assert path.stat().st_size > 0


def test_an_unknown_format_is_refused_with_those_known(tmp_path: Path) -> None:
    with pytest.raises(PlannerError, match="'bmp' is not a format for charts; use svg, pdf, png, csv, xlsx, parquet"):
        export_time_stacks(run(small()), (), tmp_path / "stacks.bmp", "bmp")
    assert list(tmp_path.iterdir()) == []


def test_a_png_that_would_be_too_high_is_refused(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(PlannerError, match="choose a smaller scale"):
        export_time_stacks(many(500), (), tmp_path / "stacks.png", "png")


def test_a_place_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlannerError, match=r"can't be written to .*no such file or directory"):
        export_time_stacks(run(small()), (), tmp_path / "missing" / "stacks.csv", "csv")


def test_a_folder_in_the_way_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "stacks.csv"
    folder.mkdir()
    (folder / "kept").write_text("kept")
    with pytest.raises(PlannerError, match="can't be written"):
        export_time_stacks(run(small()), (), folder, "csv")
    assert [path.name for path in tmp_path.iterdir()] == ["stacks.csv"]
    assert (folder / "kept").read_text() == "kept"


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "stacks.csv"
    path.write_text("older")
    with pytest.raises(PlannerError, match="no space left on device"):
        export_time_stacks(run(small()), (), path, "csv")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "older"


def test_the_running_application_is_used(qapp: QApplication) -> None:
    assert offscreen_application() is qapp
