"""The open project: its current value, its undo stack and its file. Every widget reads from here and none keeps a
copy.
"""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from vmplanner.domain.plan_edits import naming_plan
from vmplanner.domain.project import Change, Project
from vmplanner.domain.results import Run
from vmplanner.store.project_file import Stamp


class ChangeCommand(QUndoCommand):
    """A Change on the undo stack. The document has applied it once before it is pushed, so that nothing can fail in
    redo.
    """

    def __init__(self, document: "Document", change: Change) -> None:
        super().__init__(change.title)
        self._document = document
        self._change = change

    def redo(self) -> None:
        self._document._apply(self._change)

    def undo(self) -> None:
        self._document._apply(self._change.inverse())


class Document(QObject):
    """Signals: `changed(Change)` after every edit, undo or redo; `replaced()` when another project took this one's
    place; `runs_changed()` when a run was added; `state_changed()` when the file's name, the unsaved state or the right
    to save changed.

    Undo goes back as far as to the opening, and saving does not end it.
    """

    changed = Signal(object)
    replaced = Signal()
    runs_changed = Signal()
    state_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.cleanChanged.connect(self.state_changed)
        self._project = Project()
        self._path: Path | None = None
        self._stamp: Stamp | None = None
        self._read_only = ""
        self._recovered = ""
        self._is_unsaved_besides = False

    @property
    def project(self) -> Project:
        return self._project

    @property
    def path(self) -> Path | None:
        return self._path

    @property
    def stamp(self) -> Stamp | None:
        """The state of its file when it was last read or written."""
        return self._stamp

    @property
    def read_only(self) -> str:
        """Why it can't be saved to its own file; "" when it can."""
        return self._read_only

    @property
    def recovered(self) -> str:
        """What a recovered project was about when it was lost; "" for any other."""
        return self._recovered

    @property
    def title(self) -> str:
        """How the window names it: by its file, or by the project's name while it has none."""
        name = self._path.name if self._path else self._project.name
        return f"{name} (read-only)" if self._read_only else name

    @property
    def is_unsaved(self) -> bool:
        return self._is_unsaved_besides or not self.undo_stack.isClean()

    def push(self, change: Change) -> None:
        """Apply a change and make it undoable. A change without edits does nothing.

        Raises InvalidValue, with nothing done, when the project would not hold together.
        """
        if not change.edits:
            return
        self._project.applied(change)
        self.undo_stack.push(ChangeCommand(self, naming_plan(self._project, change)))

    def add_run(self, run: Run) -> None:
        """Keep a run's results. Results are facts: they are not undone."""
        self._project = self._project.with_run(run)
        self._is_unsaved_besides = True
        self.runs_changed.emit()
        self.state_changed.emit()

    def open(
        self,
        project: Project,
        path: Path | None,
        stamp: Stamp | None = None,
        *,
        read_only: str = "",
        recovered: str = "",
    ) -> None:
        """Let another project take this one's place. One that was `recovered` is not saved yet."""
        self._project = project
        self._path = path
        self._stamp = stamp
        self._read_only = read_only
        self._recovered = recovered
        self._is_unsaved_besides = bool(recovered)
        # First, so that nobody takes the emptied undo stack for a sign that the project of before was saved.
        self.replaced.emit()
        self.undo_stack.clear()
        self.state_changed.emit()

    def saved(self, path: Path, stamp: Stamp | None = None, project: Project | None = None) -> None:
        """The current value is in the file at `path`; or `project` is, which may have been changed since."""
        self._path = path
        self._stamp = stamp
        self._read_only = ""
        if project is None or project == self._project:
            self._is_unsaved_besides = False
            self.undo_stack.setClean()
        else:
            self._is_unsaved_besides = len(project.runs) != len(self._project.runs)
            self.undo_stack.resetClean()
        self.state_changed.emit()

    def make_read_only(self, reason: str) -> None:
        """From now on it can only be saved elsewhere."""
        self._read_only = reason
        self.state_changed.emit()

    def _apply(self, change: Change) -> None:
        self._project = self._project.applied(change)
        self.changed.emit(change)
