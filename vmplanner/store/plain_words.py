"""What errors of the system and of SQLite mean to a person, and what to do about them."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vmplanner.domain.errors import PlannerError

_FULL = "the disk is full; free some space, or choose a folder on another disk"
_REFUSED = "it may not be changed or read with your permissions; change them, or choose another folder"
_AWAY = "the disk or network share does not answer; connect it again, or choose another place"
_LOCKED = "another program has it locked; close it there and try again, or choose another place"
_READ_ONLY = "the folder is read-only; choose another one"

_OF_SYSTEM = {
    errno.ENOENT: "there is no such file; choose another one",
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EACCES: _REFUSED,
    errno.EPERM: _REFUSED,
    errno.EROFS: _READ_ONLY,
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ELOOP: "the symbolic links lead in a circle; choose another file",
    **dict.fromkeys((errno.ESTALE, errno.ENOTCONN, errno.EHOSTDOWN, errno.ENETDOWN, errno.EHOSTUNREACH), _AWAY),
    **dict.fromkeys((errno.ETIMEDOUT, errno.ENODEV, errno.ENXIO, errno.EREMOTEIO), _AWAY),
    **dict.fromkeys((errno.EBUSY, errno.ETXTBSY, errno.EAGAIN), _LOCKED),
}

# By the primary result code, which is the lowest byte of an extended one.
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
}


_LONGEST = 600


class ChangedOnDisk(PlannerError):
    """Somebody else has written to the file since. Nothing was saved."""


@contextmanager
def in_plain_words(verb: str, path: Path) -> Iterator[None]:
    """Tells every failure inside as one sentence: "Can't `verb` 'path': why; what to do". Raises PlannerError."""
    try:
        yield
    except PlannerError as error:
        kind = ChangedOnDisk if isinstance(error, ChangedOnDisk) else PlannerError
        raise kind(f"Can't {verb} '{path}': {_short(str(error))}") from error
    except (OSError, sqlite3.Error, UnicodeError, OverflowError, MemoryError) as error:
        raise PlannerError(f"Can't {verb} '{path}': {_short(advice(verb, error))}") from error


def _short(reason: str) -> str:
    """In one line, and with its middle left out where it quotes something endless from a file."""
    line = " ".join(reason.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} ... {line[-_LONGEST // 2 :]}"


def advice(verb: str, error: Exception) -> str:
    """What an error means, and what to do: without the name of the file."""
    if isinstance(error, OSError):
        return _OF_SYSTEM.get(error.errno or 0, f"{error.strerror or error}; choose another place, or mend this one")
    if isinstance(error, MemoryError):
        return "there is not enough memory; close other programs and try again"
    if isinstance(error, sqlite3.Error):
        # Errors of Python's own module, such as of a closed connection, have no code.
        known = _OF_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if known is not None:
            return known
    if verb in ("open", "recover"):
        return f"the file is damaged ({error}); open a backup copy, or see what 'vmplanner doctor' can mend"
    if isinstance(error, sqlite3.Error):
        return f"writing failed ({error}); choose another place, or look after this disk"
    return f"it holds a value that a file can't keep ({error}); change it"
