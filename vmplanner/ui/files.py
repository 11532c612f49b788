"""The open project and its file: new, open, save, recent ones, and never losing unsaved work by mistake."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSettings, QTimer, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import library, project_file
from vmplanner.store.file_lock import TOUCH_EVERY_S
from vmplanner.store.journal import journals_folder
from vmplanner.store.project_file import Stamp
from vmplanner.store.recovery import UnsavedWork, find_unsaved, recovering
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.choose_file import file_to_open, file_to_write, remember_folder
from vmplanner.ui.dialogs.import_preview import ImportPreview
from vmplanner.ui.dialogs.recovery import RecoveryDialog
from vmplanner.ui.document import Document
from vmplanner.ui.file_claim import FileClaim
from vmplanner.ui.names import shortened
from vmplanner.ui.work_keeper import WorkKeeper

SUFFIX = ".vmplan"
_FILTER = f"vmplanner projects (*{SUFFIX});;All files (*)"
_RECENT_KEY = "recent_files"
_MOST_RECENT = 8


class Files(QObject):
    """Acts on the document's file. Everything that would lose unsaved work asks first. `recent_changed()` when the
    list did. `keeper` has the working copy.
    """

    recent_changed = Signal()

    def __init__(self, document: Document, window: QWidget, may_end_run: Callable[[str], bool]) -> None:
        """`may_end_run` asks whether a run under way may be stopped in order to "quit", say; True where none is."""
        super().__init__(window)
        self._document = document
        self._window = window
        self._may_end_run = may_end_run
        self._settings = QSettings()
        self._claim = FileClaim(window)
        self._told_stamp: Stamp | None = None
        self._importing = Background("vmplanner-import", self)
        self.keeper = WorkKeeper(document, journals_folder(), self)
        self.keeper.trouble.connect(self._tell_trouble)
        document.replaced.connect(self._forget_file_of_before)
        self._touch = QTimer(self, interval=TOUCH_EVERY_S * 1000)
        self._touch.timeout.connect(self._may_still_save)
        self._touch.start()
        window.installEventFilter(self)

    @property
    def recent(self) -> list[Path]:
        """Project files opened or saved lately that still exist, the newest first."""
        stored = self._settings.value(_RECENT_KEY, [])
        names = (
            [stored] if isinstance(stored, str) else [str(name) for name in stored] if isinstance(stored, list) else []
        )
        return [Path(name) for name in names if Path(name).is_file()]

    def new(self) -> bool:
        return self.may_leave() and self._show(Project)

    def new_from_example(self, name: str) -> bool:
        return self.may_leave() and self._show(lambda: library.example(name))

    def open(self, path: Path | None = None) -> bool:
        """Open `path`, or one that the user chooses. Returns whether it is open now."""
        if not self.may_leave():
            return False
        if path is None:
            path = file_to_open(self._window, "Open a project", _FILTER)
        return path is not None and self._load(path)

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
        return (str(path) == chosen or messages.may_replace(self._window, path)) and self._save_to(path)

    def may_leave(self, then: str = "go on") -> bool:
        """Whether the open project may be left in order to `then`: nothing runs and nothing is unsaved, or the user let
        it go.
        """
        if not self._may_end_run(then):
            return False
        if not self._document.is_unsaved:
            return True
        buttons = QMessageBox.StandardButton
        answer = messages.ask_about_unsaved(self._window, self._document.title)
        return answer == buttons.Discard or (answer == buttons.Save and self.save())

    def offer_recovery(self) -> None:
        """At the start: offer what a crash has left and nobody has declined yet."""
        works = find_unsaved(journals_folder(), with_declined=False)
        if works:
            self._show_works(works)

    def recover(self) -> None:
        """Offer all work that can be recovered, the declined too."""
        self._show_works(find_unsaved(journals_folder()))

    def import_files(self) -> None:
        """Read hosts, VMs and networks from files of other programs, and take them over when the user agrees."""
        ImportPreview(
            self._window, self._document.project, self._importing, self._document.push, self._open_imported
        ).open()

    def _open_imported(self, project: Project) -> bool:
        return self.may_leave() and self._show(lambda: project)

    def close(self) -> None:
        """The window closes: nobody has the file open any more."""
        self._importing.stop()
        self._touch.stop()
        self.keeper.close()
        self._claim.release()

    # Opening

    def _show(self, read: Callable[[], Project]) -> bool:
        """Open a project that has no file."""
        try:
            project = read()
        except PlannerError as error:
            messages.tell_error(self._window, "The project could not be opened", str(error))
            return False
        self._document.open(project, None)
        return True

    def _load(self, path: Path) -> bool:
        is_open_here = self._document.path is not None and path.resolve() == self._document.path.resolve()
        if is_open_here:
            self._claim.release()
        claim = FileClaim(self._window)
        if not claim.ask_for(path):
            return False
        stamp = Stamp.of(path)
        try:
            project = project_file.load(path)
        except PlannerError as error:
            claim.release()
            if is_open_here:
                self._claim.ask_for(path)
            messages.tell_error(self._window, "The project could not be opened", str(error))
            return False
        self._document.open(project, path, stamp, read_only=claim.read_only)
        self._claim = claim
        self._remember(path)
        return True

    def _show_works(self, works: list[UnsavedWork]) -> None:
        dialog = RecoveryDialog(self._window, works)
        dialog.chosen.connect(self._recover)
        dialog.open()

    def _recover(self, work: UnsavedWork) -> None:
        if not self.may_leave():
            return
        claim = FileClaim(self._window)
        if work.path is not None and not claim.ask_for(work.path):
            return
        try:
            with recovering(work) as fresh:
                assert fresh.project is not None
                what = f"Recovered: {fresh.last}"
                self._document.open(fresh.project, fresh.path, fresh.stamp, read_only=claim.read_only, recovered=what)
                self._claim = claim
                if not self.keeper.has_kept():
                    raise PlannerError("it is open now, but can't be kept safe: save it at once")
        except PlannerError as error:
            messages.tell_error(self._window, "The unsaved work could not be recovered", str(error))

    def _forget_file_of_before(self) -> None:
        self._claim.release()
        self._claim = FileClaim(self._window)
        self._told_stamp = None

    # Saving

    def _save_to(self, path: Path) -> bool:
        document = self._document
        is_own = path == document.path
        if is_own and not self._may_still_save():
            self._tell_not_saved(f"{path.name} is read-only: {document.read_only}.")
            return False
        claim = self._claim if is_own else FileClaim(self._window)
        if not is_own and not claim.ask_for(path, to_write=True):
            return False
        now = Stamp.of(path)
        if is_own and now not in (None, document.stamp):
            self._told_stamp = now
            if not messages.may_write_over(self._window, path):
                return False
        try:
            project_file.save(document.project, path)
        except PlannerError as error:
            if not is_own:
                claim.release()
            self._tell_not_saved(str(error))
            return False
        if not is_own:
            self._claim.release()
            self._claim = claim
        document.saved(path, Stamp.of(path))
        self._claim.ask_for(path)
        self._remember(path)
        return True

    def _may_still_save(self) -> bool:
        """Whether the document may be saved to its own file. Somebody may have taken it over."""
        if not self._document.read_only and (taken_by := self._claim.taken_by()):
            self._document.make_read_only(f"taken over by {taken_by}")
        return not self._document.read_only

    def _tell_not_saved(self, sentence: str) -> None:
        messages.tell_not_saved(self._window, sentence, self.save_as)

    def _tell_trouble(self, reason: str) -> None:
        sentence = f"Changes can't be kept safe against a crash at present: {reason}. Save the project often."
        messages.tell_error(self._window, "Unsaved work is not safe", sentence)

    # Others' changes

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.WindowActivate:
            QTimer.singleShot(0, self, self._look_at_disk)
        return False

    def _look_at_disk(self) -> None:
        """Tell once when somebody else has written to the file while the window was in the background."""
        document = self._document
        now = Stamp.of(document.path) if document.path else None
        if document.path is None or now in (None, document.stamp, self._told_stamp):
            return
        self._told_stamp = now
        if messages.may_read_anew(self._window, document.path, is_unsaved=document.is_unsaved):
            self._load(document.path)

    def _remember(self, path: Path) -> None:
        paths = [path.resolve(), *(known for known in self.recent if known != path.resolve())]
        self._settings.setValue(_RECENT_KEY, [str(known) for known in paths[:_MOST_RECENT]])
        remember_folder(path)
        self.recent_changed.emit()


def with_suffix(chosen: str, suffix: str) -> Path:
    """The chosen path, with the suffix if it has none. The file dialog has asked about replacing the former only."""
    return Path(chosen) if Path(chosen).suffix else Path(chosen + suffix)


def file_name(name: str) -> str:
    """A name of a project or a chart as a safe file name."""
    kept = "".join(c if c.isalnum() or c in "-_ ." else "-" for c in name).strip(" .")
    return shortened(kept, 100) or "project"
