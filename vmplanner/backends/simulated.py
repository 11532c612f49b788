"""Carries out plans in the simulation, as fast as possible or at a pace that a person can watch."""

import math
import threading
import time
from collections import deque
from collections.abc import Iterable

from vmplanner.backends.drawn_links import DrawnLinks
from vmplanner.domain.events import MigrationEvent
from vmplanner.domain.failures import Failure
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.simulation.simulator import Simulator

AS_FAST_AS_POSSIBLE = math.inf
_OBSERVE_EVERY_S = 0.05
# Looking at a thousand migrations takes a while, and so does what the engine does with what was seen: at least so many
# times as long passes until the next look, so that other threads get on.
_REST_FACTOR = 4.0
# Who does not ask for events for so long lets the run rest: that time is not made up for.
_AT_REST_S = 1.0


class Pace:
    """Virtual seconds per real second. May be changed from any thread while a session runs."""

    def __init__(self, speed: float = AS_FAST_AS_POSSIBLE) -> None:
        self._changed = threading.Condition()
        self._speed = speed

    @property
    def speed(self) -> float:
        return self._speed

    def set_speed(self, speed: float) -> None:
        with self._changed:
            self._speed = speed
            self._changed.notify_all()

    def wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def wait(self, timeout_s: float) -> None:
        with self._changed:
            self._changed.wait(timeout_s)


class SimulatedBackend:
    """The simulation as a place where plans are carried out. With `failures` it says what comes of a plan if they
    happen.
    """

    def __init__(self, pace: Pace | None = None, failures: Iterable[Failure] = ()) -> None:
        self._pace = pace or Pace()
        self._failures = tuple(failures)
        self._links = DrawnLinks()

    @property
    def name(self) -> str:
        return "simulation with failures" if self._failures else "simulation"

    def links(self, project: Project, source_id: str, target_id: str) -> frozenset[str]:
        return self._links.between(project, source_id, target_id)

    def open(self, project: Project, plan: Plan) -> "SimulatedSession":
        return SimulatedSession(Simulator(project, self._failures), self._pace)


class SimulatedSession:
    """Advances the simulator's clock from event to event, no faster than the pace allows.

    Between events it reports the progress of what is under way, so that a slow run can be watched.
    """

    def __init__(self, simulator: Simulator, pace: Pace) -> None:
        self._simulator = simulator
        self._pace = pace
        self._events: deque[MigrationEvent] = deque()
        self._cancel_requests: deque[str] = deque()
        self._looked_at = self._asked_at = time.monotonic()
        self._observed_at = -math.inf
        self._rest_s = 0.0

    def start(self, migration: Migration) -> float:
        self._simulator.start(migration)
        return self._simulator.clock_s

    def cancel(self, migration_id: str) -> None:
        self._cancel_requests.append(migration_id)
        self._pace.wake()

    @property
    def clock_s(self) -> float:
        return self._simulator.clock_s

    def next_event(self, timeout_s: float, until_s: float = math.inf) -> MigrationEvent | None:
        now = time.monotonic()
        if now - self._asked_at > _AT_REST_S:
            self._looked_at = now
        deadline = now + timeout_s
        try:
            return self._next_event(deadline, until_s)
        finally:
            self._asked_at = time.monotonic()

    def _next_event(self, deadline: float, until_s: float) -> MigrationEvent | None:
        while not self._events:
            while self._cancel_requests:
                self._simulator.cancel(self._cancel_requests.popleft())
            if min(self._simulator.next_event_s, until_s) == math.inf:
                self._looked_at = time.monotonic()
                return None
            self._go_on(until_s)
            if not self._events and (self._simulator.clock_s >= until_s or time.monotonic() >= deadline):
                return None
        return self._events.popleft()

    def close(self) -> None:
        self._events.clear()

    def _go_on(self, until_s: float) -> None:
        """Advance the virtual clock by the real time that has passed, to `until_s` at most; wait a little where nothing
        is due yet.
        """
        now = time.monotonic()
        if self._observed_at > -math.inf:
            self._rest_s = _REST_FACTOR * (now - self._observed_at)
            self._observed_at = -math.inf
        passed, self._looked_at = now - self._looked_at, now
        due = min(self._simulator.next_event_s, until_s)
        speed = self._pace.speed  # read once: another thread may change it
        allowed = due if speed == AS_FAST_AS_POSSIBLE else self._simulator.clock_s + passed * speed
        if allowed >= due:
            self._events += self._simulator.advance(due)
            # Real time that the event did not need counts towards the next one.
            if speed != AS_FAST_AS_POSSIBLE:
                self._looked_at -= (allowed - due) / speed
            return
        self._simulator.advance(allowed)
        self._pace.wait(min(max(_OBSERVE_EVERY_S, self._rest_s), (due - allowed) / speed))
        self._observed_at = time.monotonic()
        self._events += self._simulator.observe()
