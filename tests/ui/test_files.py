"""The project's file in a person's hands: nothing is lost without a question, and what fails is told in words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.project import Project
from vmplanner.engine.runner import run_plan
from vmplanner.store import library, project_file
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]
Answer = QMessageBox.StandardButton


@pytest.fixture
def choose_file(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | str], None]:
    """What the next file dialogs bring; "" is their Cancel."""

    def choose_file(path: Path | str) -> None:
        for dialog in ("getSaveFileName", "getOpenFileName"):
            monkeypatch.setattr(QFileDialog, dialog, lambda *_: (str(path), ""))

    return choose_file


ChooseFile = Callable[[Path | str], None]


@pytest.fixture
def saved(person: Person, open_project: OpenProject, choose_file: ChooseFile, tmp_path: Path) -> Person:
    """A project with a run, saved as rack.vmplan."""
    project = two_hosts(2)
    open_project(project.with_run(run_plan(project, project.plan, SimulatedBackend()).run))
    choose_file(tmp_path / "rack.vmplan")
    person.use("File", "Save as")
    return person


def _rename(person: Person) -> None:
    """An unsaved change."""
    person.window.show_topology()
    person.window.selection.select(["host-1"])
    person.enter("Host name", "renamed")


def _title(person: Person) -> tuple[str, bool]:
    return person.window.windowTitle(), person.window.isWindowModified()


def test_a_saved_project_is_opened_again_with_its_runs(saved: Person, choose_file: ChooseFile, tmp_path: Path) -> None:
    project = saved.project
    saved.use("File", "New")
    assert saved.project == Project()
    choose_file(tmp_path / "rack.vmplan")
    saved.use("File", "Open...")
    assert saved.project == project
    assert len(saved.project.runs) == 1
    assert saved.window.stacks_page.run == project.runs[0]


def test_the_title_has_the_file_and_the_unsaved_mark(saved: Person) -> None:
    assert _title(saved) == ("rack.vmplan[*] - vmplanner", False)
    _rename(saved)
    assert _title(saved) == ("rack.vmplan[*] - vmplanner", True)
    saved.use("Edit", "Undo")
    assert _title(saved) == ("rack.vmplan[*] - vmplanner", False)
    saved.use("Edit", "Redo")
    saved.use("File", "Save")
    assert _title(saved) == ("rack.vmplan[*] - vmplanner", False)
    saved.use("Edit", "Undo")
    assert _title(saved) == ("rack.vmplan[*] - vmplanner", True)


def test_a_run_is_unsaved_until_it_is_saved(saved: Person, qtbot: QtBot, tmp_path: Path) -> None:
    saved.choose_speed("As fast as possible")
    with qtbot.waitSignal(saved.window.engine.ended):
        saved.use("Run", "Run the plan")
    assert saved.window.isWindowModified()
    saved.use("File", "Save")
    assert not saved.window.isWindowModified()
    assert project_file.load(tmp_path / "rack.vmplan") == saved.project


def test_a_project_without_a_file_asks_where_to_save(
    person: Person, open_project: OpenProject, choose_file: ChooseFile, tmp_path: Path
) -> None:
    open_project(two_hosts())
    choose_file("")
    person.use("File", "Save")
    assert list(tmp_path.iterdir()) == []
    choose_file(tmp_path / "no ending")
    person.use("File", "Save")
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == ["no ending.vmplan"]
    assert _title(person) == ("no ending.vmplan[*] - vmplanner", False)


def test_a_file_that_the_dialog_did_not_ask_about_is_replaced_only_when_wished(
    saved: Person, choose_file: ChooseFile, tmp_path: Path
) -> None:
    before = (tmp_path / "rack.vmplan").read_bytes()
    _rename(saved)
    choose_file(tmp_path / "rack")
    question = saved.answering(Answer.No, lambda: saved.use("File", "Save as"))
    assert question == "rack.vmplan is there already. Replace it?"
    assert (tmp_path / "rack.vmplan").read_bytes() == before
    saved.answering(Answer.Yes, lambda: saved.use("File", "Save as"))
    assert project_file.load(tmp_path / "rack.vmplan") == saved.project


def test_recent_files_are_offered(saved: Person, choose_file: ChooseFile, tmp_path: Path) -> None:
    first = saved.project
    _rename(saved)
    choose_file(tmp_path / "R&D.vmplan")
    saved.use("File", "Save as")
    entries = [action.text() for action in saved.menu("Open recent").actions()]
    assert entries == [str(tmp_path / "R&&D.vmplan"), str(tmp_path / "rack.vmplan")]
    saved.use("Open recent", str(tmp_path / "rack.vmplan"))
    assert saved.project == first
    (tmp_path / "R&D.vmplan").unlink()
    saved.use("Open recent", str(tmp_path / "R&D.vmplan"))
    assert "R&D.vmplan': there is no such file" in saved.read_message()


def test_without_recent_files_the_menu_says_so(person: Person) -> None:
    [entry] = person.menu("Open recent").actions()
    assert (entry.text(), entry.isEnabled()) == ("No project files yet", False)


@pytest.mark.parametrize("content", [b"", b"not a project", b"SQLite format 3\0" + bytes(500)])
def test_a_broken_file_is_told_and_the_project_stays(
    saved: Person, choose_file: ChooseFile, tmp_path: Path, content: bytes
) -> None:
    before, title = saved.project, _title(saved)
    broken = tmp_path / "broken.vmplan"
    broken.write_bytes(content)
    choose_file(broken)
    saved.use("File", "Open...")
    assert saved.read_message().startswith("The project could not be opened: Can't open")
    assert saved.project is before
    assert _title(saved) == title
    assert str(broken) not in [action.text() for action in saved.menu("Open recent").actions()]


def test_a_missing_file_is_told(saved: Person, tmp_path: Path) -> None:
    assert not saved.open(tmp_path / "gone.vmplan")
    assert "gone.vmplan" in saved.read_message()


@pytest.mark.parametrize("place", ["no such folder/rack.vmplan", "a folder.vmplan"])
def test_a_failed_save_is_told_and_the_work_stays_unsaved(
    saved: Person, choose_file: ChooseFile, tmp_path: Path, place: str
) -> None:
    (tmp_path / "a folder.vmplan").mkdir()
    _rename(saved)
    choose_file(tmp_path / place)
    saved.use("File", "Save as")
    message = saved.read_message()
    assert message.startswith("The project could not be saved: ")
    assert Path(place).name in message
    assert _title(saved) == ("rack.vmplan[*] - vmplanner", True)


class TestUnsavedQuestion:
    @pytest.fixture
    def unsaved(self, saved: Person) -> Person:
        _rename(saved)
        return saved

    @pytest.mark.parametrize("leave", ["New", "Open...", "Quit"])
    def test_cancel_keeps_everything(self, unsaved: Person, leave: str) -> None:
        before = unsaved.project
        question = unsaved.answering(Answer.Cancel, lambda: unsaved.use("File", leave))
        assert question == "Save the changes to rack.vmplan?"
        assert unsaved.project is before
        assert unsaved.window.isWindowModified()
        assert unsaved.window.isVisible()

    def test_discard_lets_the_changes_go(self, unsaved: Person, tmp_path: Path) -> None:
        unsaved.answering(Answer.Discard, lambda: unsaved.use("File", "New"))
        assert unsaved.project == Project()
        assert project_file.load(tmp_path / "rack.vmplan").hosts["host-1"].name == "alpha"

    def test_save_saves_first(self, unsaved: Person, tmp_path: Path) -> None:
        unsaved.answering(Answer.Save, lambda: unsaved.use("New from an example", "Evacuate"))
        assert unsaved.project == library.example("evacuate-a-rack")
        assert project_file.load(tmp_path / "rack.vmplan").hosts["host-1"].name == "renamed"

    def test_closing_the_window_asks_too(self, unsaved: Person, tmp_path: Path) -> None:
        unsaved.answering(Answer.Save, lambda: (unsaved.window.close(), unsaved.wait_for_disk()))
        assert not unsaved.window.isVisible()
        assert project_file.load(tmp_path / "rack.vmplan").hosts["host-1"].name == "renamed"

    def test_a_save_that_is_cancelled_or_fails_keeps_the_window_open(
        self, person: Person, open_project: OpenProject, choose_file: ChooseFile, tmp_path: Path
    ) -> None:
        open_project(two_hosts())
        _rename(person)
        choose_file("")
        question = person.answering(Answer.Save, person.window.close)
        assert question == "Save the changes to Untitled?"
        assert person.window.isVisible()
        choose_file(tmp_path / "nowhere" / "rack.vmplan")
        person.answering(Answer.Save, lambda: (person.window.close(), person.wait_for_disk()))
        assert person.window.isVisible()
        assert person.read_message().startswith("The project could not be saved")

    def test_what_is_saved_is_left_without_a_question(self, saved: Person) -> None:
        saved.use("File", "New")
        assert saved.project == Project()
        saved.use("File", "Quit")
        assert not saved.window.isVisible()


def test_every_example_opens(person: Person) -> None:
    for entry in person.menu("New from an example").actions():
        entry.trigger()
        assert person.project.machines
        assert _title(person) == (f"{person.project.name}[*] - vmplanner", False)


def test_a_file_named_on_the_command_line_is_opened(saved: Person, tmp_path: Path) -> None:
    project = saved.project
    saved.use("File", "New")
    assert saved.open(tmp_path / "rack.vmplan")
    assert saved.project == project


@pytest.mark.parametrize(("answer", "runs"), [(Answer.No, 2), (Answer.Yes, 1)])
def test_what_others_wrote_to_the_file_is_not_saved_over_unasked(
    saved: Person, tmp_path: Path, answer: QMessageBox.StandardButton, runs: int
) -> None:
    file = tmp_path / "rack.vmplan"
    elsewhere = project_file.load(file)
    run = run_plan(elsewhere, elsewhere.plan, SimulatedBackend()).run
    project_file.save(elsewhere.with_run(run), file)
    _rename(saved)
    question = saved.answering(answer, lambda: saved.use("File", "Save"))
    assert question == "rack.vmplan has changed on disk since you opened it. Save over it?"
    assert len(project_file.load(file).runs) == runs
