"""The right to save to a file: the lock beside it, and what stands against it."""

import os
from pathlib import Path

from PySide6.QtWidgets import QWidget

from vmplanner.store.file_lock import FileLock
from vmplanner.store.project_file import newer_version
from vmplanner.ui.dialogs.messages import InUse, ask_about_use


class FileClaim:
    """`read_only` says why its file can't be saved to; "" when it can."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._lock: FileLock | None = None
        self.read_only = ""

    def ask_for(self, path: Path, *, to_write: bool = False) -> bool:
        """Try to get the file for this window, and ask when another has it. Returns whether to go on, with it or
        read-only. `to_write`: it is about to be saved to, and nobody may have it but us.
        """
        lock = self._lock or FileLock(path)
        owner = None if lock.is_held else lock.take()
        if owner is not None:
            choice = ask_about_use(self._window, path.name, owner.sentence)
            if choice is InUse.LEAVE or (to_write and choice is InUse.READ_ONLY):
                return False
            if choice is InUse.TAKE_OVER:
                lock.take(over=True)
            else:
                self.read_only = f"opened by {owner.sentence}"
                return True
        self._lock = lock
        if version := newer_version(path):
            self.read_only = (
                f"a newer vmplanner saved it, in format {version}, and it may hold what this one would leave out"
            )
        elif path.exists() and not os.access(path, os.W_OK):
            self.read_only = "you have no permission to write to it"
        return True

    def taken_by(self) -> str:
        """Who has taken the file over since, in words; "" while it is ours. To be asked every minute."""
        if self._lock is None or self._lock.touch():
            return ""
        owner = self._lock.owner()
        return owner.sentence if owner else "somebody else"

    def release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None
