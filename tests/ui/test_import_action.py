"""From the File menu to imported hosts on the canvas, in one step that can be undone."""

from pathlib import Path

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.interchange.inventories import TABLES, folder
from tests.ui.person import Person
from vmplanner.ui.dialogs.import_preview import ImportPreview
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"


def test_what_is_accepted_is_drawn_and_can_be_undone(person: Person, qtbot: QtBot, tmp_path: Path) -> None:
    window: MainWindow = person.window
    before = window.document.project
    window.actions_by_id["import"].trigger()
    [preview] = window.findChildren(ImportPreview)
    preview.read_files([folder(tmp_path / "tables", TABLES)])
    qtbot.waitUntil(preview.view.isVisible)
    [take] = [each for each in preview.findChildren(QPushButton) if each.text() == "Import"]
    take.click()
    assert len(window.document.project.hosts) > len(before.hosts)
    window.document.undo_stack.undo()
    assert window.document.project == before
