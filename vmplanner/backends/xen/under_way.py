"""Migrations that were started on real hosts and of which no end is known: kept in a folder of the user's own, so that
whoever comes next, after a crash too, finds them and says what became of them.

A note is written before anything is begun, and locked for as long as somebody follows the migration: nobody else is
offered it then.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import IO

import attrs
import platformdirs
from attrs import field, frozen

from vmplanner.backends.xen.ssh import check_destination
from vmplanner.backends.xen.xl import check_folder
from vmplanner.domain import checks
from vmplanner.domain.errors import PlannerError


def usual_folder() -> Path:
    """Where the notes of this user are."""
    return Path(platformdirs.user_state_dir("vmplanner")) / "under-way"


@frozen
class UnderWay:
    """One migration that was begun or is about to be: of which VM, between which hosts, and where its log is on the
    source. `memory_bytes` is what the guest had before; where it `gives_back`, it is to have it again afterwards.
    """

    migration_id: str = field(validator=checks.text())
    vm: str = field(validator=checks.text())
    uuid: str = field(validator=checks.text())
    source: str = field(converter=check_destination)
    target: str = field(converter=check_destination)
    folder: str = field(converter=check_folder)
    memory_bytes: int = field(validator=checks.whole(at_least=1))
    begun_at: str = field(validator=checks.text())
    gives_back: bool = field(default=False, validator=attrs.validators.instance_of(bool))


class Register:
    """The folder of what is under way: a file for each migration, whole or not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._followed: dict[str, IO[str]] = {}

    def add(self, under_way: UnderWay) -> None:
        """Note a migration that is about to begin, and follow it. Raises PlannerError when it can't be noted."""
        path = self._path(under_way)
        new = path.with_suffix(".new")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = new.open("w")
            try:
                _lock(file)
                json.dump(attrs.asdict(under_way), file)
                file.flush()
                os.fsync(file.fileno())
                new.replace(path)
            except OSError:
                file.close()
                raise
        except OSError as error:
            raise PlannerError(f"{self._folder} can't be written, where migrations are noted: {error}") from None
        self._followed[under_way.folder] = file

    def claim(self, under_way: UnderWay) -> bool:
        """Follow a migration that was left. False when another does so, or its end is known by now."""
        try:
            file = self._path(under_way).open()
        except OSError:
            return False
        if not _lock(file):
            file.close()
            return False
        self._followed[under_way.folder] = file
        return True

    def release(self, under_way: UnderWay) -> None:
        """Follow it no more; its note stays."""
        file = self._followed.pop(under_way.folder, None)
        if file is not None:
            file.close()

    def remove(self, under_way: UnderWay) -> None:
        """Its end is known."""
        self._path(under_way).unlink(missing_ok=True)
        self.release(under_way)

    def left(self) -> tuple[list[UnderWay], list[str]]:
        """What is under way and followed by nobody, and what is wrong with notes that can't be read."""
        found, faults = [], []
        for path in sorted(self._folder.glob("*.json")):
            try:
                with path.open() as file:
                    if _lock(file):
                        found.append(UnderWay(**json.load(file)))
            except (OSError, ValueError, TypeError, PlannerError) as error:
                faults.append(f"{path}: {error}")
        return found, faults

    def _path(self, under_way: UnderWay) -> Path:
        return self._folder / f"{under_way.folder.rpartition('.')[2]}.json"


def _lock(file: IO[str]) -> bool:
    """Lock a note until it is closed. False when another has it; where there are no locks, nobody does."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
