"""Work that takes longer than a frame: done in a thread, its answer handed over on the GUI thread."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

_FRAME_MS = 33


class Background(QObject):
    """One piece of work at a time. `done(answer)` is for the newest only: what was asked for while another was under
    way takes its place, and the older answer is dropped. An exception in the work is raised on the GUI thread.
    """

    done = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, name)
        self._answer: Future[Any] | None = None
        self._wanted: Callable[[], Any] | None = None
        self._under_way: Callable[[], Any] | None = None
        self._look = QTimer(self)
        self._look.setInterval(_FRAME_MS)
        self._look.timeout.connect(self._take)

    def ask(self, work: Callable[[], Any]) -> None:
        """Work out `work()`, in place of what was asked for before."""
        self._wanted = work
        self._start()

    def drop(self) -> None:
        """Nobody wants the answer any more."""
        self._wanted = None

    def stop(self) -> None:
        """Wait for the thread to end. Nothing can be asked afterwards."""
        self._look.stop()
        self._pool.shutdown()

    def _start(self) -> None:
        if self._answer is None and self._wanted is not None:
            self._under_way = self._wanted
            self._answer = self._pool.submit(self._under_way)
            self._look.start()

    def _take(self) -> None:
        if self._answer is None or not self._answer.done():
            return
        answer, self._answer = self._answer, None
        self._look.stop()
        if self._wanted is self._under_way and self._wanted is not None:
            self._wanted = None
            self.done.emit(answer.result())
        else:
            self._start()
