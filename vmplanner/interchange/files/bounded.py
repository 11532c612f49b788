"""Which files an import reads, and how much of them: no links out of a folder, no devices, nothing too large."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from vmplanner.domain.errors import PlannerError

MIB = 1024**2
MOST_FILES = 5_000
MOST_DEPTH = 8
MOST_BYTES = 256 * MIB  # of all files together
# What a parser makes of a file in memory is some ten times as large.
MOST_TEXT_BYTES = 32 * MIB
MOST_LINES = 1_200_000
MOST_ARCHIVE_BYTES = 64 * MIB


def files_in(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """The files that are named, and those in the folders that are named, with what to call them.

    A file is called by its name, one in a folder by its way from there. Raises PlannerError for what is not there and
    for too many files.
    """
    found, total = 0, 0
    for path in paths:
        for file, size in _sizes(path):
            found += 1
            total += size
            if found > MOST_FILES or total > MOST_BYTES:
                limit = f"{MOST_FILES:,} files or {MOST_BYTES // MIB} MiB"
                raise PlannerError(f"{path}: there are more than {limit} in all; choose fewer files")
            yield file, file.relative_to(path).as_posix() if file != path else file.name


def _sizes(path: Path) -> Iterator[tuple[Path, int]]:
    """The file, or those in the folder, with their sizes."""
    try:
        if not path.exists():
            raise PlannerError(f"{path}: there is no such file or folder")
        for file in _walk(path, Path(os.path.realpath(path)), 0) if path.is_dir() else [path]:
            yield file, file.stat().st_size
    except OSError as error:
        raise PlannerError(f"{path}: can't be read ({(error.strerror or str(error)).lower()})") from None


def _walk(folder: Path, root: Path, depth: int) -> Iterator[Path]:
    if depth > MOST_DEPTH:
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise PlannerError(f"{folder}: can't be read ({error.strerror}); change its permissions") from None
    for entry in entries:
        path = Path(entry.path)
        # Not Path.resolve, which raises where links lead in a circle.
        if entry.name.startswith(".") or not Path(os.path.realpath(path)).is_relative_to(root):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path, root, depth + 1)
        elif os.path.isfile(path):  # entry.is_file raises for links in a circle
            yield path


def content_of(path: Path, most: int) -> bytes:
    """All of an ordinary file. Raises PlannerError, without the file's name, when it is none or larger than `most`."""
    try:
        # Not to wait for a pipe that nobody writes to.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise PlannerError("it is not an ordinary file; choose another one")
            content = file.read(most + 1)
    except OSError as error:
        raise PlannerError(f"it can't be read ({(error.strerror or str(error)).lower()})") from None
    if len(content) > most:
        raise PlannerError(f"it is larger than {most // MIB} MiB; export fewer things or split it")
    return content
