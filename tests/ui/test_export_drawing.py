"""What a user gets from exporting the drawing by the menu, copying it as a picture, and from the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from tests.ui.person import Person
from vmplanner.cli.export import export_chart
from vmplanner.domain.project import Project
from vmplanner.domain.topology import Host, Link, Position
from vmplanner.store import project_file
from vmplanner.ui.dialogs import export_drawing
from vmplanner.ui.dialogs.export_drawing import ExportDrawing
from vmplanner.ui.window import MainWindow

pytest_plugins = ["tests.ui.window_fixtures"]

PROJECT = Project.of(
    Host("host-1", "alpha"), Host("host-2", "beta", position=Position(500, 0)), Link("link-1", "host-1", "host-2")
)


@pytest.fixture
def drawing(person: Person, open_project: Callable[[Project], MainWindow]) -> Person:
    open_project(PROJECT)
    return person


def test_the_selection_as_svg(drawing: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "drawing"
    monkeypatch.setattr(export_drawing, "file_to_write", lambda *_what: str(path))
    drawing.hand.click(drawing.card("alpha"))
    drawing.use("Export", "Drawing")
    [dialog] = drawing.window.findChildren(ExportDrawing)
    drawing.choose("Format", "SVG drawing")
    assert not dialog.scale.isEnabled()
    dialog.selection_only.click()
    save = dialog.findChildren(QDialogButtonBox)[0].button(QDialogButtonBox.StandardButton.Save)
    QTest.mouseClick(save, Qt.MouseButton.LeftButton)
    text = path.with_suffix(".svg").read_text(encoding="utf-8")
    assert ">alpha" in text
    assert ">beta" not in text
    assert "Exported to" in drawing.window.statusBar().currentMessage()


def test_copied_as_a_picture(drawing: Person) -> None:
    drawing.use("Edit", "Copy as image")
    assert QApplication.clipboard().image().width() > 1000
    assert drawing.window.statusBar().currentMessage() == "Copied a picture of the whole drawing"


def test_an_empty_project_has_no_drawing(person: Person) -> None:
    assert not person.action("Export", "Drawing").isEnabled()


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_from_the_command_line(qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    file, out = tmp_path / "two.vmplan", tmp_path / f"two.{kind}"
    project_file.save(PROJECT, file)
    result = CliRunner().invoke(
        export_chart, [str(file), "--chart", "topology", "--format", kind, "-o", str(out)], catch_exceptions=False
    )
    assert (result.exit_code, result.output) == (0, "")
    assert out.stat().st_size > 1000
