"""The open project and its file: new, open, save, recent ones, and never losing unsaved work by mistake.

Whatever touches a disk is done in threads, as pieces of work of disk_work.py: a share that hangs does not hold up the
window. What is saved is the project as it was at that moment; it may be changed on meanwhile.
"""

from collections.abc import Callable, Generator
from concurrent import futures
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import library, project_file
from vmplanner.store.journal import journals_folder
from vmplanner.store.plain_words import ChangedOnDisk
from vmplanner.store.project_file import NO_FILE, Stamp
from vmplanner.store.recovery import UnsavedWork, find_unsaved, recovering
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.choose_file import file_to_open, file_to_write, remember_folder
from vmplanner.ui.dialogs.import_preview import ImportPreview
from vmplanner.ui.dialogs.recovery import RecoveryDialog
from vmplanner.ui.disk_work import DiskWork, OnDisk, Work
from vmplanner.ui.document import Document
from vmplanner.ui.file_claim import FileClaim
from vmplanner.ui.file_watch import FileWatch
from vmplanner.ui.names import shortened
from vmplanner.ui.work_keeper import WorkKeeper

SUFFIX = ".vmplan"
_FILTER = f"vmplanner projects (*{SUFFIX});;All files (*)"
_RECENT_KEY = "recent_files"
_MOST_RECENT = 8
_LAST_WAIT_S = 3.0


class Files(QObject):
    """Acts on the document's file. Everything that would lose unsaved work asks first. `recent_changed()` when the
    list did. `keeper` has the working copy, `disk` what is under way, and `is_saving` says whether that is a save.
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
        self.is_saving = False
        self._is_left = self._closes_later = False
        self._importing = Background("vmplanner-import", self)
        self.disk = DiskWork(self)
        self.watch = FileWatch(document, window, lambda: self._claim)
        self.watch.lost.connect(self._lost_to)
        self.watch.seen.connect(self._look_at)
        self.keeper = WorkKeeper(document, journals_folder(), self)
        self.keeper.trouble.connect(self._tell_trouble)
        document.replaced.connect(self._forget_file_of_before)

    @property
    def known(self) -> list[Path]:
        """Project files opened or saved lately, the newest first; they may have gone since."""
        stored = self._settings.value(_RECENT_KEY, [])
        names = (
            [stored] if isinstance(stored, str) else [str(name) for name in stored] if isinstance(stored, list) else []
        )
        return [Path(name) for name in names]

    def forget(self, path: Path) -> None:
        """Take a file off the list of those known."""
        self._settings.setValue(_RECENT_KEY, [str(known) for known in self.known if known != path])
        self.recent_changed.emit()

    @property
    def may_take_over(self) -> bool:
        """Whether the document is read-only because somebody else has its file."""
        return bool(self._document.read_only) and self._claim.is_others

    # What a person asks for

    def new(self) -> None:
        self.disk.do(self._show(Project))

    def new_from_example(self, name: str) -> None:
        self.disk.do(self._show(lambda: library.example(name)))

    def open(self, path: Path | None = None) -> None:
        """Open `path`, or one that the user chooses."""
        self.disk.do(self._open(path))

    def save(self) -> None:
        """Save to the document's file, asking for one if it has none."""
        self.disk.do(self._save())

    def save_as(self) -> None:
        """Save to a file that the user chooses."""
        self.disk.do(self._save_as())

    def save_elsewhere(self) -> None:
        """Wait no longer for the disk that hangs, and save to another place."""
        self.disk.give_up()
        self.save_as()

    def take_over(self) -> None:
        """Take the document's file from whoever has it, in order to save to it."""
        self.disk.do(self._take_over())

    def may_close(self) -> bool:
        """Whether the window may close now. If not, it closes by itself once a save has ended and the user lets it."""
        if not self._is_left:
            self._closes_later = False
            self.disk.do(self._quit())
            self._closes_later = True
        return self._is_left

    def offer_recovery(self) -> None:
        """At the start: offer what a crash has left and nobody has declined yet."""
        self.disk.do(self._offer_works(with_declined=False))

    def recover(self) -> None:
        """Offer all work that can be recovered, the declined too."""
        self.disk.do(self._offer_works(with_declined=True))

    def count_unsaved(self) -> int:
        """How many projects there are whose unsaved work can be recovered."""
        return sum(work.project is not None for work in find_unsaved(journals_folder()))

    def import_files(self) -> None:
        """Read hosts, VMs and networks from files of other programs, and take them over when the user agrees."""
        preview = ImportPreview(
            self._window, self._document.project, self._importing, self._document.push, self._open_imported
        )
        self._document.replaced.connect(preview.accept)  # what it compares with is gone, or was opened by it
        preview.open()

    def close(self) -> None:
        """The window closes: nobody has the file open any more."""
        self._importing.stop()
        self.watch.stop()
        self.disk.stop()
        self.keeper.close()
        released = self._claim.release()
        if released is not None:
            self._window.hide()  # which may hang here for a moment
            futures.wait([released], timeout=_LAST_WAIT_S)

    # Leaving a project

    def _may_leave(self, then: str = "go on") -> Work:
        """Whether the open project may be left in order to `then`: nothing runs and nothing is unsaved, or the user let
        it go.
        """
        if not self._may_end_run(then):
            return False
        while self._document.is_unsaved:
            answer = messages.ask_about_unsaved(self._window, self._document.title)
            if answer == QMessageBox.StandardButton.Discard:
                return True
            # What was changed while it was being saved is asked about again.
            if answer != QMessageBox.StandardButton.Save or not (yield from self._save()):
                return False
        return True

    def _quit(self) -> Work:
        if not (yield from self._may_leave("quit")):
            return False
        self._is_left = True
        if self._closes_later:
            self._window.close()
        return True

    # Opening

    def _open(self, path: Path | None) -> Work:
        if not (yield from self._may_leave()):
            return False
        if path is None:
            path = file_to_open(self._window, "Open a project", _FILTER)
        return path is not None and (yield from self._load(path))

    def _show(self, read: Callable[[], Project]) -> Work:
        """Open a project that has no file."""
        if not (yield from self._may_leave()):
            return False
        try:
            project = read()
        except PlannerError as error:
            messages.tell_error(self._window, "The project could not be opened", str(error))
            return False
        self._document.open(project, None)
        return True

    def _open_imported(self, project: Project) -> None:
        self.disk.do(self._show(lambda: project))

    def _load(self, path: Path) -> Work:
        before, what = self._document.project, f"Opening {path.name}"
        is_open_here = yield OnDisk(what, partial(_is_same, path, self._document.path))
        claim = self._claim if is_open_here and self._claim.is_held else FileClaim(self._window)
        try:
            if claim is not self._claim and not (yield from claim.ask_for(path, what)):
                return False
            stamp, project = yield OnDisk(what, partial(_read, path))
            if self._document.project is not before and not (yield from self._may_leave()):
                return False
            self._show_file(project, path, stamp, claim)
        except PlannerError as error:
            messages.tell_error(self._window, "The project could not be opened", str(error))
            return False
        finally:
            if claim is not self._claim:
                claim.release()
        self._remember(path)
        return True

    def _show_file(
        self, project: Project, path: Path | None, stamp: Stamp | None, claim: FileClaim, recovered: str = ""
    ) -> None:
        if claim is self._claim:
            self._claim = FileClaim(self._window)  # so that it is not given back with the project of before
        self._document.open(project, path, stamp, read_only=claim.read_only, recovered=recovered)
        self._claim = claim
        self._document.state_changed.emit()  # whether it may be taken over is known now

    # Recovering

    def _offer_works(self, *, with_declined: bool) -> Work:
        look = partial(find_unsaved, journals_folder(), with_declined=with_declined)
        works = yield OnDisk("Looking for unsaved work", look)
        if works or with_declined:
            dialog = RecoveryDialog(self._window, works)
            dialog.chosen.connect(lambda work: self.disk.do(self._recover(work)))
            dialog.open()
        return bool(works)

    def _recover(self, work: UnsavedWork) -> Work:
        if not (yield from self._may_leave()):
            return False
        claim, what = FileClaim(self._window), f"Recovering {work.name}"
        try:
            if work.path is not None and not (yield from claim.ask_for(work.path, what)):
                return False
            with ExitStack() as stack:
                fresh = yield OnDisk(what, partial(stack.enter_context, recovering(work)))
                self._show_file(fresh.project, fresh.path, fresh.stamp, claim, f"Recovered: {fresh.last}")
                if not self.keeper.has_kept():
                    raise PlannerError("it is open now, but can't be kept safe: save it at once")
        except PlannerError as error:
            messages.tell_error(self._window, "The unsaved work could not be recovered", str(error))
            return False
        finally:
            if claim is not self._claim:
                claim.release()
        return True

    def _forget_file_of_before(self) -> None:
        self._claim.release()
        self._claim = FileClaim(self._window)
        self._told_stamp = None

    # Saving

    def _save(self) -> Work:
        if self._document.path is None:
            return (yield from self._save_as())
        return (yield from self._save_to(self._document.path))

    def _save_as(self) -> Work:
        start = self._document.path or Path(f"{file_name(self._document.project.name)}{SUFFIX}")
        chosen = file_to_write(self._window, "Save the project", start, _FILTER)
        if not chosen:
            return False
        path = with_suffix(chosen, SUFFIX)
        is_there = str(path) != chosen and (yield OnDisk(f"Saving to {path.name}", path.exists))
        if is_there and not messages.may_replace(self._window, path):  # the dialog has asked about another name
            return False
        return (yield from self._save_to(path))

    def _save_to(self, path: Path) -> Work:
        document, what = self._document, f"Saving to {path.name}"
        is_own = path == document.path
        claim = self._claim if is_own else FileClaim(self._window)
        self.is_saving = True
        try:
            if is_own:
                self._lost_to(claim, (yield OnDisk(what, claim.taken_by)))
                if document.read_only:
                    raise PlannerError(f"{path.name} is read-only: {document.read_only}.")
            elif not (yield from claim.ask_for(path, what, to_write=True)):
                return False
            project, over = document.project, (document.stamp or NO_FILE) if is_own else None
            try:
                stamp = yield from self._write(project, path, over, what)
            except ChangedOnDisk:
                self._told_stamp = yield OnDisk(what, partial(Stamp.of, path))
                if not messages.may_write_over(self._window, path):
                    return False
                project = document.project
                stamp = yield from self._write(project, path, None, what)
        except PlannerError as error:
            messages.tell_not_saved(self._window, str(error), self.save_as)
            return False
        else:
            claim, self._claim = self._claim, claim
        finally:
            self.is_saving = False
            if claim is not self._claim:
                claim.release()
        document.saved(path, stamp, project)
        if document.is_unsaved:
            self.keeper.saved_before_the_latest()
        self._remember(path)
        return True

    def _write(self, project: Project, path: Path, over: Stamp | None, what: str) -> Generator[OnDisk, Any, Stamp]:
        """Save this value. Given up, it must not take the place of a file that is written later."""
        given_up = Event()
        try:
            return (
                yield OnDisk(
                    what,
                    partial(project_file.save, project, path, over=over, may_go_on=lambda: not given_up.is_set()),
                )
            )
        finally:
            given_up.set()

    def _take_over(self) -> Work:
        path = self._document.path
        if path is None or not self.may_take_over:
            return False
        yield from self._claim.take_over(path)
        if self._document.path == path:
            self._document.make_read_only(self._claim.read_only)
            now = yield OnDisk(f"Taking over {path.name}", partial(Stamp.of, path))
            yield from self._offer_newer(path, now)
        return True

    def _lost_to(self, claim: FileClaim, owner: str) -> None:
        """Somebody has taken the file over, if `owner` names one."""
        if owner and claim is self._claim:
            self._claim.lose_to(owner)
            self._document.make_read_only(self._claim.read_only)

    def _tell_trouble(self, reason: str) -> None:
        sentence = f"Changes can't be kept safe against a crash at present: {reason}. Save the project often."
        messages.tell_error(self._window, "Unsaved work is not safe", sentence)

    # Others' changes

    def _look_at(self, path: Path, now: Stamp | None) -> None:
        if path == self._document.path and not self.disk.is_busy:
            self.disk.do(self._offer_newer(path, now))

    def _offer_newer(self, path: Path, now: Stamp | None) -> Work:
        """Ask once whether to read what somebody else has written."""
        document = self._document
        if now in (None, document.stamp, self._told_stamp):
            return False
        self._told_stamp = now
        if not messages.may_read_anew(self._window, path, is_unsaved=document.is_unsaved):
            return False
        return (yield from self._load(path))

    def _remember(self, path: Path) -> None:
        paths = [path.absolute(), *(known for known in self.known if known != path.absolute())]
        self._settings.setValue(_RECENT_KEY, [str(known) for known in paths[:_MOST_RECENT]])
        remember_folder(path)
        self.recent_changed.emit()


def _is_same(path: Path, other: Path | None) -> bool:
    return other is not None and path.resolve() == other.resolve()


def _read(path: Path) -> tuple[Stamp | None, Project]:
    # First what it is, and then what it holds: a change in between is noticed.
    return Stamp.of(path), project_file.load(path)


def with_suffix(chosen: str, suffix: str) -> Path:
    """The chosen path, with the suffix if it has none. The file dialog has asked about replacing the former only."""
    return Path(chosen) if Path(chosen).suffix else Path(chosen + suffix)


def file_name(name: str) -> str:
    """A name of a project or a chart as a safe file name."""
    kept = "".join(c if c.isalnum() or c in "-_ ." else "-" for c in name).strip(" .")
    return shortened(kept, 100) or "project"
