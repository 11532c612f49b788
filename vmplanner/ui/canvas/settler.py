"""Work on the drawing that can wait: it begins when a hand rests, and is done in slices that nobody notices."""

from collections.abc import Callable, Iterator
from time import perf_counter

from PySide6.QtCore import QObject, QTimer

_REST_MS = 40
_SLICE_S, _PAUSE_MS = 0.005, 10


class Settler(QObject):
    """Goes through `steps()` from its beginning whenever something has changed, and calls `done` after the last."""

    def __init__(self, steps: Callable[[], Iterator[None]], done: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._steps = steps
        self._done = done
        self._under_way: Iterator[None] | None = None
        self._is_settled = False
        self._is_needed = True
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go_on)

    def start(self) -> None:
        """Begin anew in a moment."""
        self._under_way = None
        self._is_settled = False
        self._timer.start(_REST_MS)

    def set_needed(self, is_needed: bool) -> None:
        """Whether anybody can see the difference; what is not needed waits until it is."""
        self._is_needed = is_needed
        if is_needed and not self._is_settled and not self._timer.isActive():
            self._timer.start(_REST_MS)

    def finish(self) -> None:
        """Do all of it at once."""
        self._timer.stop()
        for _ in self._steps():
            pass
        self._end()

    def _go_on(self) -> None:
        if not self._is_needed:
            return
        if self._under_way is None:
            self._under_way = self._steps()
        until = perf_counter() + _SLICE_S
        for _ in self._under_way:
            if perf_counter() > until:
                self._timer.start(_PAUSE_MS)
                return
        self._end()

    def _end(self) -> None:
        self._under_way = None
        self._is_settled = True
        self._done()
