"""Work with files without ever making the window wait: a network share may take long, or never answer.

A piece of work is a generator on the GUI thread. It yields what is to be done on a disk; that is done in a thread, and
the yield brings its answer, or raises what it raised. Between two yields nothing else of the window happens but what a
question of its own lets happen.
"""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from functools import partial
from typing import Any

from attrs import frozen
from PySide6.QtCore import QObject, QTimer, Signal

_LOOK_MS = 8
_SIGN_AFTER_MS = 400
_PATIENCE_MS = 4000


@frozen
class OnDisk:
    """`do()` is called in a thread of its own. `what` says to people what they wait for: 'Saving to rack.vmplan'."""

    what: str
    do: Callable[[], Any]


Work = Generator[OnDisk, Any, bool]
"""Returns whether it did what was asked for."""


class DiskWork(QObject):
    """One piece of work at a time. `changed()` when there is more or less to be told of it."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._work: Work | None = None
        self._next: Work | None = None
        self._answer: Future[Any] | None = None
        self._what = ""
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._take)
        self._sign = QTimer(self, singleShot=True, interval=_SIGN_AFTER_MS)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        for timer in (self._sign, self._patience):
            timer.timeout.connect(self.changed)

    @property
    def is_busy(self) -> bool:
        return self._work is not None

    @property
    def what(self) -> str:
        """What a person is waiting for, once that takes longer than a moment; "" before."""
        return self._what if self._answer is not None and not self._sign.isActive() else ""

    @property
    def is_stuck(self) -> bool:
        """Whether it takes so long that a person should be offered a way out."""
        return self._answer is not None and not self._patience.isActive()

    def do(self, work: Work) -> None:
        """Do it, or as the next thing when something is under way: of what waits, the newest is done."""
        if self._work is not None:
            self._next = work
            return
        self._work = work
        self._go_on(partial(next, work))

    def give_up(self) -> None:
        """Wait no longer. What hangs in its thread ends when the disk answers, and nobody hears of it."""
        if self._work is not None and self._answer is not None:
            self._answer = None
            self._work.close()
            self._end()

    def stop(self) -> None:
        """Give up what is under way, and what waits."""
        self._next = None
        self.give_up()

    def _go_on(self, resume: Callable[[], OnDisk]) -> None:
        """To the next yield of the work, or to its end."""
        try:
            step = resume()
        except StopIteration:
            self._end()
            return
        except BaseException:
            self._end()
            raise
        self._what = step.what
        self._answer = in_thread(step.do)
        for timer in (self._look, self._sign, self._patience):
            timer.start()

    def _take(self) -> None:
        if self._answer is None or self._work is None or not self._answer.done():
            return
        answer, self._answer = self._answer, None
        self._rest()
        error = answer.exception()
        self._go_on(partial(self._work.send, answer.result()) if error is None else partial(self._work.throw, error))

    def _rest(self) -> None:
        for timer in (self._look, self._sign, self._patience):
            timer.stop()
        self.changed.emit()

    def _end(self) -> None:
        self._work = None
        self._rest()
        work, self._next = self._next, None
        if work is not None:
            self.do(work)


def in_thread(do: Callable[[], Any]) -> "Future[Any]":
    """Call it in a thread that may hang for ever: the process ends without it."""
    answer: Future[Any] = Future()

    def call() -> None:
        try:
            answer.set_result(do())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=call, name="vmplanner-disk", daemon=True).start()
    return answer
