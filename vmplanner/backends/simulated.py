"""Carries out plans in the simulation, as fast as possible or at a pace that a person can watch."""

import math
import threading
import time
from collections import deque
from collections.abc import Iterable

from vmplanner.domain.events import MigrationEvent
from vmplanner.domain.failures import Failure
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.simulation.network import Network
from vmplanner.simulation.simulator import Simulator

AS_FAST_AS_POSSIBLE = math.inf
_OBSERVE_EVERY_S = 0.05


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
        self._network: tuple[Project, Network] | None = None

    @property
    def name(self) -> str:
        return "simulation with failures" if self._failures else "simulation"

    def links(self, project: Project, source_id: str, target_id: str) -> frozenset[str]:
        if self._network is None or self._network[0] is not project:
            self._network = project, Network(project)
        route = self._network[1].route(source_id, target_id)
        return frozenset(link_id for link_id, _ in route.links) if route is not None else frozenset()

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
        self._looked_at = time.monotonic()

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
        deadline = time.monotonic() + timeout_s
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
        passed, self._looked_at = now - self._looked_at, now
        due = min(self._simulator.next_event_s, until_s)
        allowed = (
            due if self._pace.speed == AS_FAST_AS_POSSIBLE else self._simulator.clock_s + passed * self._pace.speed
        )
        if allowed >= due:
            self._events += self._simulator.advance(due)
            # Real time that the event did not need counts towards the next one.
            if self._pace.speed != AS_FAST_AS_POSSIBLE:
                self._looked_at -= (allowed - due) / self._pace.speed
            return
        self._simulator.advance(allowed)
        self._events += self._simulator.observe()
        self._pace.wait(min(_OBSERVE_EVERY_S, (due - allowed) / self._pace.speed))
