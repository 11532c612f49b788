"""The seam between the engine and whatever carries out migrations.

A backend opens a session for a plan. The engine starts migrations in the session and asks it for events; the session
tells what happened on its own clock (virtual seconds in a simulation, seconds since opening on real hosts).
"""

import math
from typing import Protocol

from vmplanner.domain.events import MigrationEvent
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project


class Session(Protocol):
    """One execution of a plan. `cancel` may be called from any thread, the rest from one thread only."""

    def start(self, migration: Migration) -> float:
        """Begin a migration now; returns the session's clock in seconds."""

    def cancel(self, migration_id: str) -> None:
        """Ask for the end of a migration. Its `Ended` event says what became of it."""

    @property
    def clock_s(self) -> float:
        """The session's clock, in seconds since it was opened."""

    def next_event(self, timeout_s: float, until_s: float = math.inf) -> MigrationEvent | None:
        """The next event, or None when none came within `timeout_s` of real time, or before `until_s` on the session's
        clock.
        """

    def close(self) -> None:
        """End everything that still runs and free what the session holds."""


class Backend(Protocol):
    """A place where plans are carried out."""

    @property
    def name(self) -> str:
        """How results name it."""

    def links(self, project: Project, source_id: str, target_id: str) -> frozenset[str]:
        """The ids of the links of the project that a migration between two hosts goes over."""

    def open(self, project: Project, plan: Plan) -> Session:
        """A session for the migrations of `plan`. Raises PlannerError when the plan can't be carried out here."""
