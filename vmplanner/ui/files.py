"""The open project and its file: new, open, save, recent ones, and never losing unsaved work by mistake."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import library, project_file
from vmplanner.ui.dialogs.choose_file import file_to_open, file_to_write, remember_folder
from vmplanner.ui.dialogs.messages import ask_about_unsaved, may_replace, may_write_over, tell_error
from vmplanner.ui.document import Document
from vmplanner.ui.names import shortened

SUFFIX = ".vmplan"
_FILTER = f"vmplanner projects (*{SUFFIX});;All files (*)"
_RECENT_KEY = "recent_files"
_MOST_RECENT = 8


class Files(QObject):
    """Acts on the document's file. Everything that would lose unsaved work asks first. `recent_changed()` when the
    list did.
    """

    recent_changed = Signal()

    def __init__(self, document: Document, window: QWidget, may_end_run: Callable[[str], bool]) -> None:
        """`may_end_run` asks whether a run under way may be stopped in order to "quit", say; True where none is."""
        super().__init__(window)
        self._document = document
        self._window = window
        self._may_end_run = may_end_run
        self._settings = QSettings()
        self._stamp: tuple[int, int, int] | None = None

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
            chosen = file_to_open(self._window, "Open a project", _FILTER)
            return chosen is not None and self._load(lambda: (project_file.load(chosen), chosen))
        return self._replace(lambda: (project_file.load(path), path))

    def save(self) -> bool:
        """Save to the document's file, asking for one if it has none. Returns whether it is saved."""
        return self._save_to(self._document.path) if self._document.path else self.save_as()

    def save_as(self) -> bool:
        """Save to a file that the user chooses."""
        start = self._document.path or Path(f"{file_name(self._document.project.name)}{SUFFIX}")
        chosen = file_to_write(self._window, "Save the project", start, _FILTER)
        if not chosen:
            return False
        path = with_suffix(chosen, SUFFIX)
        return (str(path) == chosen or may_replace(self._window, path)) and self._save_to(path)

    def may_leave(self, then: str = "go on") -> bool:
        """Whether the open project may be left in order to `then`: nothing runs and nothing is unsaved, or the user let
        it go.
        """
        if not self._may_end_run(then):
            return False
        if not self._document.is_unsaved:
            return True
        buttons = QMessageBox.StandardButton
        answer = ask_about_unsaved(self._window, self._document.title)
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
        self._stamp = _stamp(path) if path is not None else None
        if path is not None:
            self._remember(path)
        return True

    def _save_to(self, path: Path) -> bool:
        changed = path == self._document.path and _stamp(path) not in (None, self._stamp)
        if changed and not may_write_over(self._window, path):
            return False
        try:
            project_file.save(self._document.project, path)
        except PlannerError as error:
            tell_error(self._window, "The project could not be saved", str(error))
            return False
        self._document.saved(path)
        self._stamp = _stamp(path)
        self._remember(path)
        return True

    def _remember(self, path: Path) -> None:
        paths = [path.resolve(), *(known for known in self.recent if known != path.resolve())]
        self._settings.setValue(_RECENT_KEY, [str(known) for known in paths[:_MOST_RECENT]])
        remember_folder(path)
        self.recent_changed.emit()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What tells one state of a file from the next; None when there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def with_suffix(chosen: str, suffix: str) -> Path:
    """The chosen path, with the suffix if it has none. The file dialog has asked about replacing the former only."""
    return Path(chosen) if Path(chosen).suffix else Path(chosen + suffix)


def file_name(name: str) -> str:
    """A name of a project or a chart as a safe file name."""
    kept = "".join(c if c.isalnum() or c in "-_ ." else "-" for c in name).strip(" .")
    return shortened(kept, 100) or "project"
