"""The right to save to a file: the lock beside it, and what stands against it."""

import os
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from vmplanner.store.file_lock import FileLock, Owner
from vmplanner.store.project_file import newer_version
from vmplanner.ui.dialogs.messages import InUse, ask_about_use
from vmplanner.ui.disk_work import OnDisk, Work, in_thread


class FileClaim:
    """`read_only` says why its file can't be saved to, "" when it can; `is_others` whether somebody else has it."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._lock: FileLock | None = None
        self.read_only = ""
        self.is_others = False

    @property
    def is_held(self) -> bool:
        return self._lock is not None and self._lock.is_held

    def ask_for(self, path: Path, what: str, *, to_write: bool = False) -> Work:
        """Try to get the file for this window, and ask when another has it. Returns whether to go on, with it or
        read-only. `to_write`: it is about to be saved to, and nobody may have it but us.
        """
        lock = self._lock = FileLock(path)
        owner, obstacle = yield OnDisk(what, partial(_take, lock, path))
        if owner is not None:
            choice = ask_about_use(self._window, path.name, owner.sentence)
            if choice is InUse.LEAVE or (to_write and choice is InUse.READ_ONLY):
                return False
            if choice is InUse.READ_ONLY:
                self.read_only = f"opened by {owner.sentence}"
                self.is_others = True
                return True
            _, obstacle = yield OnDisk(what, partial(_take, lock, path, over=True))
        self.read_only = obstacle
        return True

    def take_over(self, path: Path) -> Work:
        """Take the file from whoever has it."""
        lock = self._lock = self._lock or FileLock(path)
        _, self.read_only = yield OnDisk(f"Taking over {path.name}", partial(_take, lock, path, over=True))
        self.is_others = False
        return not self.read_only

    def lose_to(self, owner: str) -> None:
        """Another has taken the file over."""
        self.read_only = f"taken over by {owner}"
        self.is_others = True

    def taken_by(self) -> str:
        """Who has taken the file over since, in words; "" while it is ours. To be asked every minute, in a thread."""
        lock = self._lock
        if lock is None or lock.touch():
            return ""
        owner = lock.owner()
        return owner.sentence if owner else "somebody else"

    def release(self) -> "Future[Any] | None":
        """Give it back, in a thread: the place may hang. Returns what to wait for, if there is anything."""
        lock, self._lock = self._lock, None
        return in_thread(lock.release) if lock is not None else None


def _take(lock: FileLock, path: Path, *, over: bool = False) -> tuple[Owner | None, str]:
    """Take the lock; returns who has it, if that is another, and what stands against saving."""
    owner = lock.take(over=over)
    if version := newer_version(path):
        return owner, f"a newer vmplanner saved it, in format {version}, and it may hold what this one would leave out"
    if path.exists() and not os.access(path, os.W_OK):
        return owner, "you have no permission to write to it"
    return owner, ""
