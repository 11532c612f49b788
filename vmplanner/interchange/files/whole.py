"""Files that are there whole or not at all: written beside their place, and put there in one step."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from vmplanner.domain.errors import PlannerError


def write_whole(path: Path, content: bytes, what: str) -> None:
    """Write beside `path` and take its place at the end; `what` is its name ("The drawing"). Raises PlannerError, with
    an older file untouched.
    """
    if path.is_dir() or not path.name:
        raise PlannerError(f"{what} can't be written to '{path}': it is a folder; give the name of a file")
    temporary = path.with_name(f".{path.name[:50]}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        reason = (error.strerror or str(error)).lower()
        raise PlannerError(f"{what} can't be written to '{path}': {reason}. Choose another place or name.") from error
