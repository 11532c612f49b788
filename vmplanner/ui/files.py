"""The open project and its file: new, open, save, recent ones, and never losing unsaved work by mistake."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import library, project_file
from vmplanner.ui.dialogs.messages import may_replace, tell_error
from vmplanner.ui.document import Document

SUFFIX = ".vmplan"
_FILTER = f"vmplanner projects (*{SUFFIX});;All files (*)"
_RECENT_KEY = "recent_files"
_MOST_RECENT = 8


class Files(QObject):
    """Acts on the document's file. Everything that would lose unsaved work asks first. `recent_changed()` when the
    list did.
    """

    recent_changed = Signal()

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._window = window
        self._settings = QSettings()

    @property
    def recent(self) -> list[Path]:
        """Project files opened or saved lately that still exist, the newest first."""
        stored = self._settings.value(_RECENT_KEY, [])
        names = (
            [stored] if isinstance(stored, str) else [str(name) for name in stored] if isinstance(stored, list) else []
        )
        return [Path(name) for name in names if Path(name).is_file()]

    def new(self) -> bool:
        return self._replace(lambda: (Project(), None))

    def new_from_example(self, name: str) -> bool:
        return self._replace(lambda: (library.example(name), None))

    def open(self, path: Path | None = None) -> bool:
        """Open `path`, or one that the user chooses. Returns whether it is open now."""
        if path is None:
            if not self.may_leave():
                return False
            chosen, _ = QFileDialog.getOpenFileName(self._window, "Open a project", self._folder(), _FILTER)
            if not chosen:
                return False
            path = Path(chosen)
            return self._load(lambda: (project_file.load(path), path))
        return self._replace(lambda: (project_file.load(path), path))

    def save(self) -> bool:
        """Save to the document's file, asking for one if it has none. Returns whether it is saved."""
        return self._save_to(self._document.path) if self._document.path else self.save_as()

    def save_as(self) -> bool:
        """Save to a file that the user chooses."""
        start = self._document.path or Path(self._folder()) / f"{_file_name(self._document.project.name)}{SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save the project", str(start), _FILTER)
        if not chosen:
            return False
        path = with_suffix(chosen, SUFFIX)
        return (str(path) == chosen or may_replace(self._window, path)) and self._save_to(path)

    def may_leave(self) -> bool:
        """Whether the open project may be left: nothing is unsaved, or the user saved it or let it go."""
        if not self._document.is_unsaved:
            return True
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Unsaved changes")
        box.setText(f"Save the changes to {self._document.title}?")
        box.setInformativeText("What is not saved will be lost.")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        answer = box.exec()
        return answer == buttons.Discard or (answer == buttons.Save and self.save())

    def _replace(self, read: Callable[[], tuple[Project, Path | None]]) -> bool:
        return self.may_leave() and self._load(read)

    def _load(self, read: Callable[[], tuple[Project, Path | None]]) -> bool:
        try:
            project, path = read()
        except PlannerError as error:
            tell_error(self._window, "The project could not be opened", str(error))
            return False
        self._document.open(project, path)
        if path is not None:
            self._remember(path)
        return True

    def _save_to(self, path: Path) -> bool:
        try:
            project_file.save(self._document.project, path)
        except PlannerError as error:
            tell_error(self._window, "The project could not be saved", str(error))
            return False
        self._document.saved(path)
        self._remember(path)
        return True

    def _remember(self, path: Path) -> None:
        paths = [path.resolve(), *(known for known in self.recent if known != path.resolve())]
        self._settings.setValue(_RECENT_KEY, [str(known) for known in paths[:_MOST_RECENT]])
        self.recent_changed.emit()

    def _folder(self) -> str:
        return str(self._document.path.parent if self._document.path else Path.home())


def with_suffix(chosen: str, suffix: str) -> Path:
    """The chosen path, with the suffix if it has none. The file dialog has asked about replacing the former only."""
    return Path(chosen) if Path(chosen).suffix else Path(chosen + suffix)


def _file_name(project_name: str) -> str:
    """A project's name as a safe file name."""
    kept = "".join(c if c.isalnum() or c in "-_ ." else "-" for c in project_name).strip(" .")
    return kept or "project"
