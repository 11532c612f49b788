"""The end of a search that nobody waits for any more: it looks at an Event, and leaves by an exception."""

import threading

from vmplanner.domain.errors import PlannerError


class Stopped(PlannerError):
    """The search was given up before it had an answer."""

    def __init__(self) -> None:
        super().__init__("the search was stopped")


def heed(stop: threading.Event | None) -> None:
    """Raises Stopped when `stop` is set."""
    if stop is not None and stop.is_set():
        raise Stopped
