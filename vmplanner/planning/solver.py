"""The optional constraint solver, OR-Tools CP-SAT: asked for when it is needed, and stopped when the user says so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from vmplanner.domain.errors import PlannerError

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

_LOOK_EVERY_S = 0.1


def cp_sat() -> ModuleType:
    """The solver's module. Raises PlannerError when OR-Tools is not installed."""
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        raise PlannerError(
            "optimising needs OR-Tools, which is not installed; install it with: pip install 'vmplanner[optimize]'"
        ) from None
    return cp_model


@contextmanager
def stopping(solver: "cp_model.CpSolver", stop: threading.Event | None) -> Iterator[None]:
    """Stop the solver when `stop` is set, as long as the block lasts."""
    if stop is None:
        yield
        return
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_LOOK_EVERY_S):
            if stop.is_set():
                solver.stop_search()
                return

    watcher = threading.Thread(target=watch, name="vmplanner-stop-solver")
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
