"""Says to others that a project file is open for changes: a small hidden file beside it.

It tells who, where and since when, and is touched every minute. It has been left behind when its process has died,
which can be seen on the same machine, or when it was not touched for five minutes by the clock of the file system: that
is the same for all machines, and no clock of ours can make it jump. Nothing is enforced: whoever takes a file over does
so knowingly, and the one before finds out at the next touch or save.
"""

import getpass
import hashlib
import json
import os
import secrets
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from attrs import asdict, evolve, frozen

TOUCH_EVERY_S = 60
STALE_AFTER_S = 300
_MOST_BYTES = 4096
_LONGEST_NAME = 200  # bytes: a file system has 255, and names that are longer by a key are used too


@frozen
class Owner:
    """Who has a file open. `process_start` tells a process from a later one with the same number, by the machine, its
    boot, the name space of its process numbers, and the kernel's own count of time.
    """

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
        start = f"{_machine()} {_start_of(pid)}"
        return cls(user, socket.gethostname(), pid, start, since, secrets.token_hex(8))

    @property
    def sentence(self) -> str:
        """'anna on host7, since 14:05 of 23 November'."""
        with suppress(ValueError, OverflowError):
            since = datetime.fromisoformat(self.since).astimezone()
            return f"{self.user} on {self.host}, since {since:%H:%M} of {since.day} {since:%B}"
        return f"{self.user} on {self.host}"

    @property
    def has_died(self) -> bool:
        """Whether it is known that the process is no more: it was one of this machine, or of an earlier boot of it."""
        theirs, ours = self.process_start.split(), _machine().split()
        if self.host != socket.gethostname() or len(theirs) != 4 or theirs[0] != ours[0]:
            return False  # another machine may have the same name
        if theirs[1] != ours[1]:
            return True
        # In another name space, such as a container's, the number means another process.
        return theirs[2] == ours[2] and _start_of(self.process_id) not in (theirs[3], "hidden")


class FileLock:
    """The lock of one open file. `take` tries to get it; then `touch` it every minute, and `release` it. They may be
    called from any thread, and each waits for the one before: where a share hangs, that may be long.
    """

    def __init__(self, path: Path) -> None:
        self._of = path
        self._me = Owner.me()
        self._one_at_a_time = threading.Lock()
        self.is_held = False

    @cached_property
    def _path(self) -> Path:
        real = Path(os.path.realpath(self._of))
        name = os.fsencode(real.name)
        if len(name) > _LONGEST_NAME:
            # Long names may differ in their ends only.
            name = name[:50] + hashlib.sha256(name).hexdigest().encode()
        return real.with_name(f".{os.fsdecode(name)}.lock")

    def take(self, *, over: bool = False) -> Owner | None:
        """Take the lock; returns the owner when another has it. `over` takes it from the owner.

        Where no file can be made (a read-only folder, no room), there is nothing to hold and nobody to ask: the file
        can't be saved there either.
        """
        with self._one_at_a_time, suppress(OSError):
            try:
                self._write(self._path)
            except FileExistsError:
                owner = _read(self._path) or evolve(self._me, user="somebody", host="an unknown machine", key="")
                if owner.key != self._me.key:
                    if not over and not self._is_left_behind(owner):
                        return owner
                    self._replace()
            self.is_held = True
        return None

    def touch(self) -> bool:
        """Say that we are still here. Returns whether the lock is still ours: somebody may have taken it over."""
        with self._one_at_a_time:
            if not self.is_held:
                return True
            owner = _read(self._path)
            if owner is not None and owner.key != self._me.key:
                self.is_held = False
                return False
            with suppress(OSError):
                if owner is None:  # removed by hand
                    self._write(self._path)
                else:
                    os.utime(self._path)
            return True

    def owner(self) -> Owner | None:
        """Who has it now."""
        return _read(self._path)

    def release(self) -> None:
        with self._one_at_a_time:
            owner = _read(self._path) if self.is_held else None
            if owner is not None and owner.key == self._me.key:
                with suppress(OSError):
                    self._path.unlink()
            self.is_held = False

    def _is_left_behind(self, owner: Owner) -> bool:
        if owner.has_died:
            return True
        if owner.process_start.split()[:3] == self._me.process_start.split()[:3]:
            return False  # it lives, even if it was stopped for long
        probe = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
        try:
            os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            try:
                return probe.stat().st_mtime - self._path.stat().st_mtime > STALE_AFTER_S
            finally:
                probe.unlink()
        except OSError:
            return False

    def _write(self, path: Path) -> None:
        """Make a file that names us. Raises OSError, and leaves none then."""
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o644)
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump(asdict(self._me), file)
        except OSError:
            path.unlink(missing_ok=True)
            raise

    def _replace(self) -> None:
        new = self._path.with_name(f"{self._path.name}.{self._me.key}")
        try:
            self._write(new)
            os.replace(new, self._path)
        finally:
            new.unlink(missing_ok=True)


def _read(path: Path) -> Owner | None:
    """Who the lock file names; None when there is none, or it says nothing that can be understood."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            found = json.loads(file.read(_MOST_BYTES))
        return Owner(
            **{name: _plain(found[name]) for name in ("user", "host", "process_start", "since", "key")},
            process_id=int(found["process_id"]),
        )
    except (OSError, ValueError, OverflowError, TypeError, KeyError, RecursionError):
        return None


def _plain(text: object) -> str:
    """What a lock file says, fit to be shown: anybody may have written it."""
    return "".join(character if character.isprintable() else "?" for character in str(text)[:150])


def _machine() -> str:
    """This machine, its present boot, and the name space of our process numbers: three words."""
    parts = []
    for place in ("/etc/machine-id", "/proc/sys/kernel/random/boot_id"):
        try:
            parts.append(Path(place).read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            parts.append("")
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    # The machine's id is nobody's business.
    machine = hashlib.sha256(f"vmplanner {parts[0]}".encode()).hexdigest()[:16]
    return " ".join((machine, parts[1] or "-", space or "-"))


def _start_of(process_id: int) -> str:
    """When a process of this machine started, in the kernel's own count; "" if it is no more, "hidden" where it is
    there, but the system does not tell of others' processes.
    """
    with suppress(OSError, IndexError):
        text = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
        # The name in parentheses may hold anything; the 20th field after it is the start.
        return text.rpartition(")")[2].split()[19]
    try:
        os.kill(process_id, 0)
    except PermissionError:
        return "hidden"
    except (OSError, OverflowError):
        return ""
    return "hidden"
