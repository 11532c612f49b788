"""`vmplanner open`: the window, where there is a display to open it on."""

import difflib
import os
import sys
from pathlib import Path

import click

from vmplanner.domain.errors import PlannerError


@click.command("open")
@click.pass_context
@click.argument("file", type=click.Path(path_type=Path), required=False)
def open_window(context: click.Context, file: Path | None) -> int:
    """Open the window, with a project if FILE is given."""
    if file is not None and not file.exists():
        known = context.parent.command if context.parent else None
        names = set(known.commands) - {"open"} if isinstance(known, click.Group) else set()
        likely = difflib.get_close_matches(str(file), names, n=1)
        raise PlannerError(f"{file}: no such file or command{f'; did you mean {likely[0]}?' if likely else ''}")
    if _has_no_display():
        raise PlannerError("there is no display to open the window on; the commands work without one, see --help")
    from vmplanner.ui.application import run_application

    return run_application(file)


def _has_no_display() -> bool:
    """Whether a window can't open here: Qt would end the whole process in the attempt."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return sys.platform not in ("win32", "darwin") and not named
