"""Moves on real hosts that were under way when vmplanner ended: they can be followed to their end, which is told."""

import queue
import threading
from collections.abc import Sequence
from datetime import datetime

from attrs import define
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vmplanner.backends.xen.backend import Settings, picked_up
from vmplanner.backends.xen.under_way import UnderWay
from vmplanner.domain.edits import count
from vmplanner.domain.events import Ended
from vmplanner.domain.results import Outcome
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.tables.rows import Column, RowModel, RowView

_LOOK_MS = 100
_LEFT, _FOLLOWED = "not followed", "under way"


@define
class _Row:
    under_way: UnderWay
    state: str = _LEFT
    words: str = ""

    @property
    def begun(self) -> str:
        try:
            return f"{datetime.fromisoformat(self.under_way.begun_at).astimezone():%d %b %H:%M}"
        except ValueError:
            return self.under_way.begun_at


def _role(row: _Row) -> str:
    if row.state in (_LEFT, _FOLLOWED):
        return "muted"
    return "good" if row.state == Outcome.COMPLETED.value else "bad"


_COLUMNS = (
    Column("VM", lambda row: row.under_way.vm),
    Column("From", lambda row: row.under_way.source),
    Column("To", lambda row: row.under_way.target),
    Column("Begun", lambda row: row.begun, 110),
    Column("State", lambda row: row.state, 110, role_of=_role, tip_of=lambda row: row.words),
)


class LeftMoves(QDialog):
    """A table of them. Closing it follows them no more: they go on, and are offered again."""

    def __init__(self, parent: QWidget, found: Sequence[UnderWay], faults: Sequence[str], settings: Settings) -> None:
        super().__init__(parent)
        self._settings = settings
        self._given_up = threading.Event()
        self._news: queue.SimpleQueue[tuple[UnderWay, Ended] | BaseException | str | None] = queue.SimpleQueue()
        self.setWindowTitle("Moves that were left")
        were = "move was" if len(found) == 1 else "moves were"
        title = QLabel(f"{len(found)} {were} under way when vmplanner ended")
        title.setProperty("role", "title")
        self.about = WrappedLabel(
            "On the hosts they went on without it. Follow them to see what becomes of each VM; nothing is started or "
            "cancelled by that. An end that is already there is found as well."
        )
        self.about.setProperty("role", "muted")
        self._model = RowModel(_COLUMNS)
        self._model.show_rows([_Row(under_way) for under_way in found])
        self.table = RowView(self._model, _COLUMNS, "Moves that were left")
        self.words = WrappedLabel()
        self.faults = WrappedLabel()
        self.faults.setProperty("role", "error")
        self._tell_faults(faults)
        self._follow, self._close = QPushButton("Follow them"), QPushButton("Later")
        self._follow.setProperty("role", "primary")
        self._follow.setToolTip("Ask their hosts until it is seen where each VM is")
        self._follow.setEnabled(bool(found))
        self._follow.clicked.connect(self.follow)
        self._close.setToolTip("They are offered again at the next start")
        self._close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._follow)
        buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        for widget in (title, self.about):
            layout.addWidget(widget)
        layout.addWidget(self.table, 1)
        for widget in (self.words, self.faults):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self.words.hide()
        open_with_size(self, 820, 420)
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._read)
        self.finished.connect(self._leave)

    def follow(self) -> None:
        """Follow them in a thread."""
        self._follow.setEnabled(False)
        self._close.setText("Close")
        self._close.setToolTip("Follow them no more; they go on, and are offered again at the next start")
        for row in self._model.rows:
            row.state = _FOLLOWED
        self._model.refresh()
        self._look.start()
        threading.Thread(target=self._work, name="vmplanner-left-moves").start()

    def stop(self) -> None:
        """The window closes: follow them no more."""
        self._look.stop()
        self._given_up.set()

    def _work(self) -> None:
        """In the thread. Its last news is None, or an exception."""
        try:
            for ended in picked_up(self._settings, self._news.put, self._given_up):
                self._news.put(ended)
            self._news.put(None)
        except Exception as error:  # told in the window
            self._news.put(error)

    def _read(self) -> None:
        while not self._news.empty():
            match self._news.get():
                case UnderWay() as under_way, Ended() as ended:
                    self._show_end(under_way, ended)
                case str() as fault:
                    self._tell_faults([fault])
                case None:
                    self._look.stop()
                    self.about.show_text("Discover the hosts again, so that the drawing shows where the VMs are.")
                    for row in self._model.rows:
                        if row.state == _FOLLOWED:
                            row.state = "followed elsewhere"
                    self._model.refresh()
                case Exception() as bug:
                    self._look.stop()
                    messages.tell_bug(self, bug)

    def _show_end(self, under_way: UnderWay, ended: Ended) -> None:
        for row in self._model.rows:
            if row.under_way.folder == under_way.folder:
                row.state = ended.outcome.value
                row.words = ended.reason or f"{under_way.vm} is on {under_way.target}"
        self._model.refresh()
        told = [f"{row.words}." for row in self._model.rows if row.words]
        self.words.show_text("\n".join(told))
        self.words.show()

    def _tell_faults(self, faults: Sequence[str]) -> None:
        sentence = f"{count(len(faults), 'note')} can't be read: {'; '.join(faults)}. Nothing is known of it."
        self.faults.show_text(sentence if faults else "")
        self.faults.setVisible(bool(faults))

    def _leave(self) -> None:
        self.stop()
        self.deleteLater()
