"""Importing files of other programs, with a preview."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtWidgets import QWidget

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Change, Project
from vmplanner.interchange.formats import Format
from vmplanner.interchange.importing import read
from vmplanner.store import project_json
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs.import_choice import ImportChoice
from vmplanner.ui.dialogs.preview import Found, Preview, Tell, ending, found_of


def _work_out(
    project: Project, paths: list[Path], as_format: Format | None, say: Tell, given_up: Event
) -> Found | Project | PlannerError:
    """Read the files and merge them with the project. Runs in a thread."""
    try:
        whole = [path for path in paths if project_json.is_project(path)]
        if whole and len(paths) > 1:
            raise PlannerError(f"{whole[0].name} is a whole project: import it by itself")
        if whole:
            return project_json.read_json(whole[0])
        tell = ending(say, given_up)
        return found_of(project, read(paths, as_format=as_format, tell=tell), tell)
    except PlannerError as refusal:
        return refusal


class ImportPreview(Preview):
    """A whole project as JSON goes to `open_project(Project)`."""

    def __init__(
        self,
        parent: QWidget | None,
        project: Project,
        background: Background,
        take: Callable[[Change], None],
        open_project: Callable[[Project], None],
    ) -> None:
        choice = ImportChoice()
        super().__init__(parent, "Import hosts, VMs and networks", choice, background, take)
        self.choice = choice
        self._project = project
        self._open_project = open_project
        self.setWindowTitle("Import")

    def read_files(self, paths: list[Path]) -> None:
        """Go on with these files, as if they had been chosen."""
        self.choice.add(paths)
        self.look()

    def look(self) -> None:
        choice = self.choice
        work = partial(_work_out, self._project, choice.paths, choice.as_format, self.search.tell)
        self.begin("Reading the files", work)

    def show_answer(self, answer: object) -> None:
        if isinstance(answer, Project):
            self.back()
            self._open_project(answer)
        else:
            super().show_answer(answer)
