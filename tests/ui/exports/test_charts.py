"""Every chart can be had in every format, in the colours asked for, on the clipboard and from the command line."""

from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from tests.interchange.forecasts import project_of
from tests.small_projects import two_hosts
from vmplanner.analysis.stack_view import Split
from vmplanner.cli import commands
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project
from vmplanner.store import project_file
from vmplanner.ui.exports.charts import CHARTS, FORMATS, copy_chart, copy_table, rendered
from vmplanner.ui.exports.pictures import Paper
from vmplanner.ui.exports.subject import FORECAST, Subject, subject_of
from vmplanner.ui.theme import DARK, LIGHT, look

FORECAST_OF_TWO = subject_of(two_hosts(2))
BEGINNINGS = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG", "xlsx": b"PK", "parquet": b"PAR1"}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("format", FORMATS)
def test_every_chart_in_every_format(qapp: QApplication, name: str, format: str) -> None:
    content = rendered(CHARTS[name], FORECAST_OF_TWO, format)
    assert content.startswith(BEGINNINGS.get(format, b""))
    assert len(content) > 100


@pytest.mark.parametrize("name", CHARTS)
def test_the_theme_is_the_one_asked_for_and_not_that_of_the_screen(qapp: QApplication, name: str) -> None:
    look.theme = DARK
    try:
        light = QImage.fromData(rendered(CHARTS[name], FORECAST_OF_TWO, "png", scale=1.0))
        dark = QImage.fromData(rendered(CHARTS[name], FORECAST_OF_TWO, "png", paper=Paper("dark"), scale=1.0))
    finally:
        look.theme = LIGHT
    grounds = (LIGHT.surface, LIGHT.window), (DARK.surface, DARK.window)
    for image, known in zip((light, dark), grounds, strict=True):
        corners = [image.pixelColor(x, y) for x in (2, image.width() - 3) for y in (2, image.height() - 3)]
        assert all(corner in known for corner in corners)


@pytest.mark.parametrize("name", CHARTS)
def test_a_drawing_holds_no_pixels(qapp: QApplication, name: str) -> None:
    assert b"<image" not in rendered(CHARTS[name], FORECAST_OF_TWO, "svg")


def test_without_a_run_the_forecast_is_drawn() -> None:
    assert FORECAST_OF_TWO.run.name == FORECAST
    run = evolve(FORECAST_OF_TWO.run, name="Tuesday")
    project = two_hosts(2).with_run(run).with_run(evolve(run, id="run-2", name="Wednesday"))
    assert subject_of(project).run.name == "Wednesday"
    assert [each.name for each in subject_of(project, ["Tuesday", "Wednesday"]).runs] == ["Tuesday", "Wednesday"]
    with pytest.raises(PlannerError, match="no run 'Monday' in the project; it has 'Tuesday', 'Wednesday'"):
        subject_of(project, ["Monday"])


def test_without_moves_there_is_nothing_to_draw() -> None:
    with pytest.raises(PlannerError, match="has no migrations to draw"):
        subject_of(Project())


def test_a_chart_of_no_run_is_empty_and_not_an_error(qapp: QApplication) -> None:
    of = Subject(two_hosts(1), two_hosts(1).plan, (evolve(FORECAST_OF_TWO.run, results=()),))
    for chart in CHARTS.values():
        assert rendered(chart, of, "svg")


def test_copied_as_a_picture_and_as_a_table(qapp: QApplication) -> None:
    copy_chart(CHARTS["timeline"], FORECAST_OF_TWO)
    clipboard = qapp.clipboard()
    assert clipboard.image().width() == 2400
    assert clipboard.mimeData().data("image/svg+xml").contains(b"web-1")
    copy_table(CHARTS["time-stacks"], FORECAST_OF_TWO)
    heading, *stacks = clipboard.text().splitlines()
    assert heading.startswith("run\tmigration\ttotal_s\tpreflight")
    assert len(stacks) == 2
    copy_table(CHARTS["timeline"], FORECAST_OF_TWO)
    heading, *rows = clipboard.text().splitlines()
    assert heading.split("\t")[:3] == ["run", "migration", "vm"]
    assert [row.split("\t")[2] for row in rows] == ["web-1", "web-2"]


def test_the_time_of_day_is_in_the_data_where_the_plan_says_when_it_starts() -> None:
    table = CHARTS["timeline"].table(subject_of(project_of(Migration("move-1", "web", "host-2"))))
    assert table.columns[-1] == "starts_at"
    assert str(table.rows[0][-1]).startswith("2026-11-23T22:00:00")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "two.vmplan"
    project_file.save(two_hosts(2), path)
    return path


def called(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(commands, [str(word) for word in words], catch_exceptions=True)
    return result.exit_code, f"{result.output}{result.exception or ''}"


@pytest.mark.parametrize("name", CHARTS)
def test_by_name_from_the_command_line(qapp: QApplication, file: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out.svg"
    assert called("export", file, "--chart", name, "-o", out) == (0, "")
    assert out.read_bytes().startswith(b"<?xml")
    assert name in called("export", "--charts")[1]


@pytest.mark.parametrize("split", [split.value.replace(" ", "-") for split in Split])
def test_time_stacks_split_from_the_command_line(qapp: QApplication, file: Path, tmp_path: Path, split: str) -> None:
    assert called("export", file, "--by", split, "--vertical", "--format", "pdf", "-o", tmp_path / "out.pdf") == (0, "")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--chart", "pie"], "there is no chart 'pie'; there are time-stacks"),
        (["--by", "colour"], "--by is one of phase, piece"),
        (["--run", "Monday"], "There is no run 'Monday'"),
        (["--plan", "Monday"], "there is no plan 'Monday'"),
        (["--format", "ics"], "does not say when it starts"),
        (["--inventory"], "--inventory is written as xlsx or csv"),
    ],
)
def test_what_cannot_be_written_is_told(file: Path, tmp_path: Path, words: list[str], told: str) -> None:
    status, output = called("export", file, *words, "-o", tmp_path / "out.svg")
    assert status != 0
    assert told in output
    assert not (tmp_path / "out.svg").exists()


def test_the_plan_as_a_script_from_the_command_line(file: Path, tmp_path: Path) -> None:
    assert called("export", file, "-o", tmp_path / "plan.sh") == (0, "")
    assert "virsh" in (tmp_path / "plan.sh").read_text()
