"""Says to others that a project file is open for changes: a small hidden file beside it.

It tells who, where and since when, and is touched every minute. It has been left behind when its process has died,
which can be seen on the same machine, or when it was not touched for five minutes by the clock of the file system: that
is the same for all machines, and no clock of ours can make it jump. Nothing is enforced: whoever takes a file over does
so knowingly, and the one before finds out at the next touch or save.
"""

import getpass
import json
import os
import secrets
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from attrs import asdict, evolve, frozen

TOUCH_EVERY_S = 60
STALE_AFTER_S = 300
_MOST_BYTES = 4096


@frozen
class Owner:
    """Who has a file open. `process_start` tells a process from a later one with the same number."""

    user: str
    host: str
    process_id: int
    process_start: str
    since: str
    key: str = ""

    @classmethod
    def me(cls) -> "Owner":
        try:
            user = getpass.getuser()
        except (KeyError, OSError):  # a user without a name, as in some containers
            user = str(os.getuid())
        pid = os.getpid()
        since = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(user, socket.gethostname(), pid, _start_of(pid), since, secrets.token_hex(8))

    @property
    def sentence(self) -> str:
        """'anna on host7, since 14:05 of 23 November'."""
        with suppress(ValueError):
            since = datetime.fromisoformat(self.since).astimezone()
            return f"{self.user} on {self.host}, since {since:%H:%M} of {since.day} {since:%B}"
        return f"{self.user} on {self.host}"

    @property
    def has_died(self) -> bool:
        """Whether it is known that the process is no more: it was one of this machine."""
        return self.host == socket.gethostname() and _start_of(self.process_id) != self.process_start


class FileLock:
    """The lock of one open file. `take` tries to get it; then `touch` it every minute, and `release` it."""

    def __init__(self, path: Path) -> None:
        self._path = _lock_of(path)
        self._me = Owner.me()
        self.is_held = False

    def take(self, *, over: bool = False) -> Owner | None:
        """Take the lock; returns the owner when another has it. `over` takes it from the owner.

        Where no file can be made (a read-only folder, no room), there is nothing to hold and nobody to ask: the file
        can't be saved there either.
        """
        try:
            try:
                self._write(os.O_EXCL)
            except FileExistsError:
                owner = _read(self._path) or evolve(self._me, user="somebody", host="an unknown machine", key="")
                if not over and not self._is_left_behind(owner):
                    return owner
                self._replace()
        except OSError:
            return None
        self.is_held = True
        return None

    def touch(self) -> bool:
        """Say that we are still here. Returns whether the lock is still ours: somebody may have taken it over."""
        if not self.is_held:
            return True
        owner = _read(self._path)
        if owner is not None and owner.key != self._me.key:
            self.is_held = False
            return False
        with suppress(OSError):
            if owner is None:  # removed by hand
                self._write(os.O_EXCL)
            else:
                os.utime(self._path)
        return True

    def owner(self) -> Owner | None:
        """Who has it now."""
        return _read(self._path)

    def release(self) -> None:
        owner = _read(self._path) if self.is_held else None
        if owner is not None and owner.key == self._me.key:
            with suppress(OSError):
                self._path.unlink()
        self.is_held = False

    def _is_left_behind(self, owner: Owner) -> bool:
        if owner.host == self._me.host:
            return owner.has_died
        probe = self._path.with_name(f"{self._path.name[:200]}.{secrets.token_hex(4)}")
        try:
            os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            try:
                return probe.stat().st_mtime - self._path.stat().st_mtime > STALE_AFTER_S
            finally:
                probe.unlink()
        except OSError:
            return False

    def _write(self, flags: int, path: Path | None = None) -> None:
        descriptor = os.open(path or self._path, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW | flags, 0o644)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self._me), file)

    def _replace(self) -> None:
        new = self._path.with_name(f"{self._path.name[:200]}.{self._me.key}")
        try:
            self._write(os.O_EXCL, new)
            os.replace(new, self._path)
        finally:
            new.unlink(missing_ok=True)


def _lock_of(path: Path) -> Path:
    real = Path(os.path.realpath(path))
    return real.with_name(f".{real.name[:100]}.lock")


def _read(path: Path) -> Owner | None:
    """Who the lock file names; None when there is none, or it says nothing that can be understood."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            found = json.loads(file.read(_MOST_BYTES))
        return Owner(
            **{name: str(found[name])[:100] for name in ("user", "host", "process_start", "since", "key")},
            process_id=int(found["process_id"]),
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _start_of(process_id: int) -> str:
    """When a process of this machine started, in the kernel's own count with the boot it belongs to; "" if it is no
    more.
    """
    try:
        text = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
    # The name in parentheses may hold anything; the 20th field after it is the start.
    return f"{boot} {text.rpartition(')')[2].split()[19]}"
