"""Keeps unsaved work safe: hands every command, run and event of a run to the journal as it happens."""

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from vmplanner.domain.events import Ended, Progressed
from vmplanner.domain.project import Change, Project
from vmplanner.domain.results import Run
from vmplanner.engine.jobs import Forecast, JobChanged, JobState, RunEnded, RunnerEvent
from vmplanner.store.journal import Journal
from vmplanner.store.project_file import Stamp
from vmplanner.store.run_events import RunEvent, Started, merged
from vmplanner.ui.document import Document

_LOOK_AFTER_MS = 1000
# A crash costs what a run told in so long.
_WRITE_AFTER_MS = 500


class WorkKeeper(QObject):
    """Follows a document. `trouble(str)` says why work is not safe at present; it is told once for each reason."""

    trouble = Signal(str)

    def __init__(self, document: Document, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._journal = Journal(folder)
        self._run: Run | None = None
        self._told = ""
        self._in_file: object = self._state
        # Events that wait to be written, and when each migration told something last before them.
        self._events: list[RunEvent] = []
        self._written_s: dict[str, float] = {}
        self._write = QTimer(self, singleShot=True, interval=_WRITE_AFTER_MS)
        self._write.timeout.connect(self._write_events)
        self._look = QTimer(self, singleShot=True, interval=_LOOK_AFTER_MS)
        self._look.timeout.connect(self._look_for_trouble)
        document.changed.connect(self._changed)
        document.runs_changed.connect(self._run_added)
        document.replaced.connect(self._replaced)
        document.state_changed.connect(self._state_changed)
        self._is_open = True

    def take_events(self, events: list[RunnerEvent]) -> None:
        """News of a run under way, in order."""
        project = self._document.project
        kept: list[RunEvent] = []
        for event in events:
            match event:
                case Forecast():
                    number = len(project.runs) + 1
                    self._events, self._written_s = [], {}
                    header = project.new_id("run"), f"Run {number}", event.run.plan_name, event.backend
                    self._run = Run(*header, datetime.now(UTC), inputs=event.run.inputs)
                case Progressed() | Ended():
                    kept.append(event)
                case JobChanged(state=JobState.RUNNING):
                    kept.append(Started(event.migration_id, event.at_s))
                case RunEnded():
                    break  # its results come with the document's next run
        if kept and self._run is not None and self._is_open:
            self._events += kept
            if not self._write.isActive():
                self._write.start()

    def _write_events(self) -> None:
        if self._events and self._run is not None and self._is_open:
            # They are merged in the journal's thread.
            events = merged(self._events, dict(self._written_s))
            self._journal.record_events(self._document.project, self._run, events)
            self._written_s |= {event.migration_id: event.at_s for event in self._events}
        self._events = []

    def has_kept(self) -> bool:
        """Wait until everything is on the disk; returns whether it is."""
        self._write_events()
        self._journal.flush()
        return not self._journal.trouble

    def saved_before_the_latest(self) -> None:
        """The document was saved, but not as it is now: it was changed meanwhile."""
        if self._is_open:
            since = self._document.undo_stack.undoText() or "Changes made during a save"
            self._journal.saved(*self._state, since=since)
            self._in_file = None

    def close(self) -> None:
        """The window closes. What was not saved can still be recovered for some time."""
        if self._is_open:
            self._write_events()
            self._write.stop()
            self._is_open = False
            self._look.stop()
            self._journal.close()

    def _changed(self, change: Change) -> None:
        if self._is_open:
            self._in_file = None
            self._journal.record(self._document.project, change)
            self._look.start()

    def _run_added(self) -> None:
        if self._is_open:
            self._run = None
            self._in_file = None
            self._journal.record_run(self._document.project, self._document.project.runs[-1])
            self._look.start()

    def _replaced(self) -> None:
        if self._is_open:
            document = self._document
            self._run = None
            self._journal.begin(document.project, document.path, document.stamp, document.recovered)
            self._in_file = None if document.recovered else self._state

    def _state_changed(self) -> None:
        """It was saved, or everything was undone: then there is nothing to recover."""
        if self._is_open and not self._document.is_unsaved and self._in_file != self._state:
            self._journal.saved(*self._state)
            self._in_file = self._state

    @property
    def _state(self) -> tuple[Project, Path | None, Stamp | None]:
        return self._document.project, self._document.path, self._document.stamp

    def _look_for_trouble(self) -> None:
        if self._journal.trouble and self._journal.trouble != self._told:
            self.trouble.emit(self._journal.trouble)
        self._told = self._journal.trouble
