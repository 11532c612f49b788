"""What a user gets from exporting the drawing: whole files in three formats, in either look."""

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.ui.canvas.export import drawing_image, export_drawing
from vmplanner.ui.theme import DARK, LIGHT, look


def test_svg_has_its_text_as_text_and_needs_no_other_file(qtbot: QtBot, project: Project, tmp_path: Path) -> None:
    path = tmp_path / "drawing.svg"
    export_drawing(project, path, "svg")
    text = path.read_text(encoding="utf-8")
    for name in ("alpha", "web-1", "core"):
        assert f">{name}" in text
    assert "<image" not in text


def test_pdf_holds_its_fonts(qtbot: QtBot, project: Project, tmp_path: Path) -> None:
    path = tmp_path / "drawing.pdf"
    export_drawing(project, path, "pdf")
    content = path.read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/FontFile" in content
    assert b"/Subtype /Image" not in content


def test_png_at_any_scale_in_either_look(qtbot: QtBot, project: Project, tmp_path: Path) -> None:
    sizes = []
    for scale, theme in ((1.0, LIGHT), (2.0, DARK)):
        path = tmp_path / f"{theme.name}.png"
        export_drawing(project, path, "png", theme_name=theme.name, scale=scale)
        image = QImage(str(path))
        assert image.pixelColor(2, 2) == theme.window
        sizes.append(image.width())
    assert sizes[1] == 2 * sizes[0]
    assert look.theme is LIGHT


def test_what_is_selected_alone(qtbot: QtBot, project: Project) -> None:
    whole = drawing_image(project, theme_name="light", scale=1.0)
    part = drawing_image(project, theme_name="light", scale=1.0, only={"host-1"})
    assert part.width() < whole.width()
    assert part.height() < whole.height()


def test_what_can_not_be_is_told(qtbot: QtBot, project: Project, tmp_path: Path) -> None:
    with pytest.raises(PlannerError, match="nothing to draw"):
        export_drawing(Project(), tmp_path / "drawing.png", "png")
    with pytest.raises(PlannerError, match="smaller scale"):
        export_drawing(project, tmp_path / "drawing.png", "png", scale=99)
    with pytest.raises(PlannerError, match="not a format"):
        export_drawing(project, tmp_path / "drawing.gif", "gif")
    with pytest.raises(PlannerError, match="can't be written"):
        export_drawing(project, tmp_path, "png")
