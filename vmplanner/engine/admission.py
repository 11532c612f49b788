"""Which migration may start next: the plan's order, start times and limits, those of hosts and of the project's rules,
and the memory that is free at each target.
"""

import math
from collections import Counter, deque
from collections.abc import Iterable
from heapq import heapify, heappop, heappush

from vmplanner.domain.at_once import AtOnce
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project

# What a migration waits for, by kind and name: the completion of another ("after"), "memory" at a host, a place at a
# "host", in a "limit" or in the "plan".
_Obstacle = tuple[str, str]
_PLACE = ("plan", "")


class Admission:
    """Keeps the queue, and count of what runs. A target's memory is taken from the start of a migration, the source's
    freed at its end.

    A migration that can't start is looked at again when what it waits for may have changed, not at every end. Those
    whose start time has come are looked at every time: they are few in a plan that goes as it should.
    """

    def __init__(self, project: Project, plan: Plan, limits: Iterable[AtOnce] = ()) -> None:
        self._project = project
        self._plan = plan
        self._running: dict[str, Migration] = {}
        self._completed: set[str] = set()
        self._used_bytes = dict.fromkeys(project.hosts, 0)
        # How many migrations run from or to each host, and how many of those that each limit counts.
        self._busy: Counter[str] = Counter()
        self._limits = tuple(limits)
        self._limit_busy = [0] * len(self._limits)
        self._limits_of: dict[str, list[int]] = {}
        for number, limit in enumerate(self._limits):
            for migration_id in limit.migration_ids:
                self._limits_of.setdefault(migration_id, []).append(number)
        self._host_of = {machine.id: machine.host_id for machine in project.machines.values()}
        for machine in project.machines.values():
            self._used_bytes[machine.host_id] += machine.memory_bytes
        self._by_rank = plan.in_turn
        self._queue = {migration.id: migration for migration in self._by_rank}
        self._rank = {migration_id: rank for rank, migration_id in enumerate(self._queue)}
        # By rank, those to be looked at; by time, those to come; those whose time has come; those that wait.
        self._ready = [(rank, each) for rank, each in enumerate(self._by_rank) if not each.earliest_start_s]
        self._coming = [
            (each.earliest_start_s, rank) for rank, each in enumerate(self._by_rank) if each.earliest_start_s
        ]
        heapify(self._coming)
        self._due: dict[int, Migration] = {}
        self._waiting: dict[_Obstacle, list[Migration]] = {}
        self._kept: dict[str, Migration] = {}

    def next(self, now_s: float) -> Migration | None:
        """Takes out of the queue, of those that may start now, the one with the highest priority, the first in the
        order of the plan. A later one may overtake one that has to wait; but where one's start time has come and
        another is a little late, what they both need is kept for it.
        """
        while self._coming and self._coming[0][0] <= now_s:
            rank = heappop(self._coming)[1]
            self._due[rank] = self._by_rank[rank]
        if len(self._running) >= self._plan.max_concurrent:
            return None
        while True:
            found, kept = self._look()
            if found is not None:
                self._kept.update(kept)
                self.withdraw(found)
                return found
            # What is kept no more is there for others.
            freed = [migration for migration_id, migration in self._kept.items() if migration_id not in kept]
            self._kept = kept
            woken = [
                self._wake(obstacle)
                for migration in freed
                for obstacle in (*self._places(migration), ("memory", migration.target_id))
            ]
            if not any(woken):
                return None

    def withdraw(self, migration: Migration) -> None:
        """Take a migration out of the queue."""
        self._queue.pop(migration.id, None)
        self._due.pop(self._rank[migration.id], None)

    def next_start_s(self) -> float:
        """The next start time of those whose time has not come; infinite when there is none."""
        while self._coming and self._by_rank[self._coming[0][1]].id not in self._queue:
            heappop(self._coming)
        return self._coming[0][0] if self._coming else math.inf

    def why_never(self, migration: Migration) -> str:
        """Why a migration will not start where nothing else runs."""
        machine, target = self._project.machines[migration.vm_id], self._project.hosts[migration.target_id]
        source = self._project.hosts[self._host_of[machine.id]]
        limits = (self._limits[number] for number in self._limits_of.get(migration.id, ()))
        if (none := next((limit.name for limit in limits if not limit.count), None)) is not None:
            return f"no {none} are allowed: {machine.name} stays on {source.name}"
        return f"{target.name} has no memory free for {machine.name}; it stays on {source.name}"

    def started(self, migration: Migration) -> None:
        self._occupy(migration)

    def ended(self, migration: Migration, *, moved: bool) -> None:
        self._release(migration)
        source_id = self._host_of[migration.vm_id]
        freed_id = source_id if moved else migration.target_id
        for obstacle in (*self._places(migration), ("memory", freed_id), ("after", migration.id)):
            self._wake(obstacle)
        if moved:
            self._completed.add(migration.id)
            memory_bytes = self._project.machines[migration.vm_id].memory_bytes
            self._used_bytes[source_id] -= memory_bytes
            self._used_bytes[migration.target_id] += memory_bytes
            self._host_of[migration.vm_id] = migration.target_id

    def _look(self) -> tuple[Migration | None, dict[str, Migration]]:
        """The first that may start, and those before it for which something is kept. Notes what others wait for."""
        kept: dict[str, Migration] = {}
        due = deque(sorted(self._due.items()))
        try:
            while self._ready or due:
                if due and (not self._ready or due[0][0] < self._ready[0][0]):
                    migration, is_due = due.popleft()[1], True
                else:
                    migration, is_due = heappop(self._ready)[1], False
                    if migration.id not in self._queue:
                        continue
                obstacle = self._obstacle(migration)
                if obstacle is None:
                    return migration, kept
                if not is_due:
                    self._waiting.setdefault(obstacle, []).append(migration)
                elif obstacle[0] not in ("after", "memory"):
                    self._occupy(migration)
                    kept[migration.id] = migration
            return None, kept
        finally:
            for migration in kept.values():
                self._release(migration)

    def _wake(self, obstacle: _Obstacle) -> bool:
        """Look again at what waits for this; whether anything does."""
        waiting = self._waiting.pop(obstacle, [])
        for migration in waiting:
            heappush(self._ready, (self._rank[migration.id], migration))
        return bool(waiting)

    def _obstacle(self, migration: Migration) -> _Obstacle | None:
        """What a migration has to wait for, if for anything."""
        for other_id in migration.after:
            if other_id not in self._completed:
                return "after", other_id
        needed = self._project.machines[migration.vm_id].memory_bytes
        target = self._project.hosts[migration.target_id]
        if self._used_bytes[target.id] + needed > target.memory_bytes:
            return "memory", target.id
        return next((obstacle for obstacle in self._places(migration) if self._is_full(obstacle)), None)

    def _places(self, migration: Migration) -> list[_Obstacle]:
        """Where a migration needs a place."""
        hosts = [("host", host_id) for host_id in (self._host_of[migration.vm_id], migration.target_id)]
        return [_PLACE, *hosts, *[("limit", str(number)) for number in self._limits_of.get(migration.id, ())]]

    def _is_full(self, place: _Obstacle) -> bool:
        kind, name = place
        if kind == "host":
            return self._busy[name] >= self._plan.max_concurrent_per_host
        if kind == "limit":
            return self._limit_busy[int(name)] >= self._limits[int(name)].count
        return len(self._running) >= self._plan.max_concurrent

    def _occupy(self, migration: Migration) -> None:
        """Its places, and its memory at the target."""
        self._running[migration.id] = migration
        self._count(migration, 1)

    def _release(self, migration: Migration) -> None:
        del self._running[migration.id]
        self._count(migration, -1)

    def _count(self, migration: Migration, by: int) -> None:
        for host_id in {self._host_of[migration.vm_id], migration.target_id}:
            self._busy[host_id] += by
        for number in self._limits_of.get(migration.id, ()):
            self._limit_busy[number] += by
        self._used_bytes[migration.target_id] += by * self._project.machines[migration.vm_id].memory_bytes
