"""A person imports files: sees what would come of them, and nothing is written until they accept."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import define, field
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.interchange.inventories import TABLES, folder, workbook
from tests.interchange.rvtools_tables import RVTOOLS
from vmplanner.domain.project import Change, Project
from vmplanner.interchange.formats import Format
from vmplanner.store import library, project_json
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs.import_preview import ImportPreview


@define
class Importing:
    """The dialog, and what it gave."""

    qtbot: QtBot
    dialog: ImportPreview
    taken: list[Change] = field(factory=list)
    opened: list[Project] = field(factory=list)

    def read(self, *paths: Path) -> None:
        self.dialog.read_files(list(paths))

    def wait_for_view(self) -> None:
        self.qtbot.waitUntil(self.dialog.view.isVisible)

    def press(self, text: str) -> None:
        [button] = [each for each in self.dialog.findChildren(QPushButton) if each.text() == text and each.isVisible()]
        button.click()


@pytest.fixture
def importing(qtbot: QtBot) -> Iterator[Callable[[Project], Importing]]:
    background = Background("import")
    made: list[ImportPreview] = []

    def make(project: Project) -> Importing:
        taken: list[Change] = []
        opened: list[Project] = []

        def open_project(project: Project) -> bool:
            opened.append(project)
            return True

        dialog = ImportPreview(None, project, background, taken.append, open_project)
        made.append(dialog)
        dialog.show()
        return Importing(qtbot, dialog, taken, opened)

    yield make
    for dialog in made:
        if isValid(dialog):
            dialog.reject()
    background.stop()


def test_nothing_is_taken_until_it_is_accepted(importing: Callable[[Project], Importing], tmp_path: Path) -> None:
    importing_ = importing(Project())
    importing_.read(workbook(tmp_path / "site.xlsx", RVTOOLS))
    importing_.wait_for_view()
    view = importing_.dialog.view
    assert view.verdict.text().replace("\N{ZERO WIDTH SPACE}", "") == "Import 2 hosts and 2 VMs: 13 new."
    assert [view.tabs.tabText(place) for place in range(3)] == ["Changes  13", "Problems  3", "Columns  39"]
    view.join.setChecked(False)
    assert view.tabs.tabText(0) == "Changes  8"
    assert importing_.taken == []
    importing_.press("Import")
    [change] = importing_.taken
    assert len(Project().applied(change).machines) == 2


def test_nothing_new_can_t_be_imported(importing: Callable[[Project], Importing], tmp_path: Path) -> None:
    tables = folder(tmp_path / "tables", TABLES)
    first = importing(Project())
    first.read(tables)
    first.wait_for_view()
    first.press("Import")
    second = importing(Project().applied(first.taken[0]))
    second.read(tables)
    second.wait_for_view()
    assert second.dialog.view.verdict.text().startswith("There is nothing new")
    assert not next(each for each in second.dialog.findChildren(QPushButton) if each.text() == "Import").isEnabled()


def test_what_can_t_be_read_is_told_at_the_choice(importing: Callable[[Project], Importing], tmp_path: Path) -> None:
    importing_ = importing(Project())
    importing_.read(folder(tmp_path, {"song.txt": "la la la\n"}) / "song.txt")
    importing_.qtbot.waitUntil(importing_.dialog.choice.refusal.isVisible)
    assert "no known format" in importing_.dialog.choice.refusal.text().replace("\N{ZERO WIDTH SPACE}", "")


def test_files_can_be_read_as_a_format_and_again(importing: Callable[[Project], Importing], tmp_path: Path) -> None:
    importing_ = importing(Project())
    choice = importing_.dialog.choice
    choice.kind.setCurrentIndex(choice.kind.findData(Format.RVTOOLS))
    importing_.read(folder(tmp_path / "tables", TABLES))
    importing_.wait_for_view()
    assert importing_.dialog.view.merge.change.edits == ()
    importing_.press("Back")
    choice.kind.setCurrentIndex(0)
    importing_.press("Read")
    importing_.wait_for_view()
    assert len(importing_.dialog.view.merge.created) > 0


def test_reading_can_be_cancelled(importing: Callable[[Project], Importing], tmp_path: Path) -> None:
    importing_ = importing(Project())
    importing_.read(workbook(tmp_path / "site.xlsx", RVTOOLS))
    importing_.press("Cancel")
    assert importing_.dialog.choice.isVisible()
    assert not importing_.dialog.view.isVisible()


def test_a_whole_project_is_opened(importing: Callable[[Project], Importing], tmp_path: Path) -> None:
    example = library.example("evacuate-a-rack")
    project_json.write_json(example, tmp_path / "a.json")
    importing_ = importing(Project())
    importing_.read(tmp_path / "a.json")
    importing_.qtbot.waitUntil(lambda: bool(importing_.opened))
    assert importing_.opened == [example]
    assert importing_.taken == []
