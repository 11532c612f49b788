"""A page of a dialog while something is worked out: it says what, shows how far that is, and can be left."""

import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vmplanner.ui.background import Background
from vmplanner.ui.labels import WrappedLabel

_LOOK_MS = 100


class Search(QWidget):
    """Asks `background`, and hands the answer to `show`. `cancelled()` when nobody wants it any more: the event that
    `work` is called with is set then, and it should end. A search that may be stopped looks at its `stop_event`,
    answers with the best so far, and tells of what it has found by `tell`, from whatever thread.
    """

    cancelled = Signal()

    def __init__(self, background: Background, show: Callable[[Any], None]) -> None:
        super().__init__()
        self._background = background
        self._show = show
        self._is_on = False
        self._stop: threading.Event | None = None
        self._given_up = threading.Event()
        self._found: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._as_text: Callable[[Any], str] = str
        self._caption = QLabel()
        self._caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setAccessibleName("At work")
        self.detail = WrappedLabel()
        self.detail.setProperty("role", "muted")
        self.detail.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stop_button, cancel = QPushButton("Stop and take the best"), QPushButton("Cancel")
        self._stop_button.setProperty("role", "primary")
        self._stop_button.clicked.connect(self._end_search)
        cancel.clicked.connect(self._cancel)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._stop_button)
        buttons.addWidget(cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addStretch(2)
        layout.addWidget(self._caption)
        layout.addWidget(bar)
        layout.addWidget(self.detail)
        layout.addStretch(3)
        layout.addLayout(buttons)
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._read)
        background.done.connect(self._done)

    def stop_event(self) -> threading.Event:
        """For the next search."""
        self._stop = threading.Event()
        return self._stop

    def tell(self, found: Any) -> None:
        """The search has found something better."""
        self._found.put(found)

    def begin(
        self,
        caption: str,
        work: Callable[[threading.Event], Any],
        *,
        as_text: Callable[[Any], str] = str,
        may_stop: bool = False,
    ) -> None:
        self._caption.setText(f"{caption}...")
        self.detail.show_text("")
        self._as_text = as_text
        self._stop_button.setVisible(may_stop)
        self._stop_button.setEnabled(True)
        self._is_on = True
        self._look.start()
        self._given_up = threading.Event()
        self._background.ask(partial(work, self._given_up))

    def leave(self) -> None:
        """The dialog goes: nobody wants an answer."""
        self._is_on = False
        self._look.stop()
        self._given_up.set()
        self._end_search()
        self._background.drop()

    def _cancel(self) -> None:
        self.leave()
        self.cancelled.emit()

    def _end_search(self) -> None:
        if self._stop is not None:
            self._stop.set()
        self._stop_button.setEnabled(False)

    def _read(self) -> None:
        newest = None
        while not self._found.empty():
            newest = self._found.get()
        if newest is not None:
            self.detail.show_text(self._as_text(newest))

    def _done(self, answer: Any) -> None:
        if self._is_on:
            self._is_on = False
            self._look.stop()
            self._stop = None
            self._show(answer)
