"""Writing a project that others may have open: the lock beside it is heeded, and what they wrote is not lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project

force_option = click.option(
    "--force", is_flag=True, help="Write even if somebody else has the project open, or has changed it meanwhile."
)

Save = Callable[[Project], None]


def saver(path: Path, *, force: bool) -> Save:
    """Takes the lock of the project at `path` until the command ends; returns what saves to it. To be called before the
    project is read.

    Raises PlannerError when somebody else has it. What is returned does so when somebody took it over or wrote to it
    meanwhile. With `force` neither is asked, and the lock stays with whoever has it.
    """
    return click.get_current_context().with_resource(_locked(path, force=force))


@contextmanager
def _locked(path: Path, *, force: bool) -> Iterator[Save]:
    from vmplanner.store import project_file
    from vmplanner.store.file_lock import FileLock
    from vmplanner.store.plain_words import ChangedOnDisk
    from vmplanner.store.project_file import NO_FILE, Stamp

    lock = FileLock(path)
    owner = lock.take()
    if owner is not None and not force:
        raise PlannerError(
            f"Can't write '{path}': it is open elsewhere, by {owner.sentence}; close it there, write to another file, "
            "or add --force"
        )
    before = None if force else Stamp.of(path) or NO_FILE

    def save(project: Project) -> None:
        if not lock.touch() and not force:
            new = lock.owner()
            whose = f" by {new.sentence}" if new is not None else ""
            raise PlannerError(f"Can't write '{path}': it was taken over{whose}; write to another file, or add --force")
        try:
            project_file.save(project, path, over=before)
        except ChangedOnDisk:
            told = f"Can't write '{path}': somebody else has changed it since it was read; do it again, or add --force"
            raise PlannerError(told) from None

    try:
        yield save
    finally:
        lock.release()
