"""Keeps an eye on the open file: whether somebody takes it over, or writes to it while the window is elsewhere."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from vmplanner.store.file_lock import TOUCH_EVERY_S
from vmplanner.store.project_file import Stamp
from vmplanner.ui.disk_work import DiskWork, OnDisk, Work
from vmplanner.ui.document import Document
from vmplanner.ui.file_claim import FileClaim


class FileWatch(QObject):
    """`lost(FileClaim, str)`: somebody, in words, has taken over what this claim had. `seen(Path, Stamp)`: the file is
    so now; it may have changed. A share that hangs holds up nothing but this.
    """

    lost = Signal(object, str)
    seen = Signal(object, object)

    def __init__(self, document: Document, window: QWidget, claim: Callable[[], FileClaim]) -> None:
        """`claim` is asked for the claim to the document's file."""
        super().__init__(window)
        self._document = document
        self._window = window
        self._claim = claim
        self._looking = DiskWork(self)
        self._touch = QTimer(self, interval=TOUCH_EVERY_S * 1000)
        self._touch.timeout.connect(self._touch_lock)
        self._touch.start()
        window.installEventFilter(self)

    @property
    def is_looking(self) -> bool:
        return self._looking.is_busy

    def stop(self) -> None:
        self._touch.stop()
        self._looking.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.WindowActivate:
            QTimer.singleShot(0, self, lambda: self._looking.do(self._look()))
        return False

    def _touch_lock(self) -> None:
        if not self._looking.is_busy:
            self._looking.do(self._keep_lock())

    def _keep_lock(self) -> Work:
        claim = self._claim()
        owner = yield OnDisk("", claim.taken_by)
        if owner:
            self.lost.emit(claim, owner)
        return True

    def _look(self) -> Work:
        path: Path | None = self._document.path
        if path is not None:
            self.seen.emit(path, (yield OnDisk("", partial(Stamp.of, path))))
        return True
