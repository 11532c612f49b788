"""Importing files of other programs: a person chooses them, sees what would come of them, and accepts it or not."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event

from attrs import frozen
from PySide6.QtWidgets import QDialog, QLabel, QStackedWidget, QVBoxLayout, QWidget

from vmplanner.domain.edits import count
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Change, Project
from vmplanner.interchange.importing import Format, read
from vmplanner.interchange.inventory import Cancelled, Inventory
from vmplanner.interchange.merge import Merge, merge
from vmplanner.store import library, project_json
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs.import_choice import ImportChoice
from vmplanner.ui.dialogs.import_view import ImportView
from vmplanner.ui.dialogs.search import Search


@frozen
class _Found:
    inventory: Inventory
    plain: Merge
    joined: Merge


Answer = _Found | Project | PlannerError


def _work_out(
    project: Project, paths: list[Path], as_format: Format | None, say: Callable[[str], None], stop: Event
) -> Answer:
    """Read the files and merge them with the project. Runs in a thread."""

    def tell(text: str) -> None:
        if stop.is_set():
            raise Cancelled("it was cancelled")
        say(text)

    try:
        whole = [path for path in paths if project_json.is_project(path)]
        if whole and len(paths) > 1:
            raise PlannerError(f"{whole[0].name} is a whole project: import it by itself")
        if whole:
            return project_json.read_json(whole[0])
        inventory = read(paths, as_format=as_format, tell=tell)
        tell(f"Comparing {count(len(inventory.machines), 'VM')} with the project")
        plain = merge(project, inventory, library.profiles())
        joined = merge(project, inventory, library.profiles(), join=True)
        project.applied(joined.change)  # nothing is shown that the project would refuse
        return _Found(inventory, plain, joined)
    except PlannerError as refusal:
        return refusal


class ImportPreview(QDialog):
    """Nothing is written until the person accepts: `take(Change)` is called then, once. A whole project as JSON goes to
    `open_project(Project)` instead, which says whether it is open.
    """

    def __init__(
        self,
        parent: QWidget | None,
        project: Project,
        background: Background,
        take: Callable[[Change], None],
        open_project: Callable[[Project], bool],
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._take = take
        self._open_project = open_project
        self.setWindowTitle("Import")
        title = QLabel("Import hosts, VMs and networks")
        title.setProperty("role", "title")
        self._stack = QStackedWidget()
        self.choice = ImportChoice()
        self.choice.asked.connect(self._read)
        self.choice.given_up.connect(self.reject)
        self._search = Search(background, self._show)
        self._search.cancelled.connect(lambda: self._stack.setCurrentWidget(self.choice))
        self.view = ImportView()
        self.view.back_asked.connect(lambda: self._stack.setCurrentWidget(self.choice))
        self.view.use_asked.connect(self._use)
        self.view.given_up.connect(self.reject)
        for page in (self.choice, self._search, self.view):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addWidget(self._stack, 1)
        self.resize(1080, 640)
        self.finished.connect(self._leave)

    def read_files(self, paths: list[Path]) -> None:
        """Go on with these files, as if they had been chosen."""
        self.choice.add(paths)
        self._read()

    def _read(self) -> None:
        self._stack.setCurrentWidget(self._search)
        work = partial(_work_out, self._project, self.choice.paths, self.choice.as_format, self._search.tell)
        self._search.begin("Reading the files", work)

    def _show(self, answer: Answer) -> None:
        if isinstance(answer, PlannerError):
            self.choice.refuse(str(answer))
            self._stack.setCurrentWidget(self.choice)
        elif isinstance(answer, Project):
            if self._open_project(answer):
                self.accept()
            else:
                self._stack.setCurrentWidget(self.choice)
        else:
            self.view.show_inventory(answer.inventory, answer.plain, answer.joined)
            self._stack.setCurrentWidget(self.view)

    def _use(self) -> None:
        self._take(self.view.merge.change)
        self.accept()

    def _leave(self) -> None:
        self._search.leave()
        self.deleteLater()
