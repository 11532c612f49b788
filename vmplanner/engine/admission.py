"""Which migration may start next: the plan's order, start times and limits, those of the project's rules, and the
memory that is free at each target.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator

from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.rules import Limit, LimitPer


class Admission:
    """Keeps count of what runs. A target's memory is taken from the start of a migration, the source's freed at its
    end.
    """

    def __init__(self, project: Project, plan: Plan) -> None:
        self._project = project
        self._plan = plan
        self._running: dict[str, Migration] = {}
        self._completed: set[str] = set()
        self._used_bytes = dict.fromkeys(project.hosts, 0)
        # How many migrations run from or to each host, and from or to the hosts of each limit.
        self._busy: Counter[str] = Counter()
        self._limits = tuple(_limits(project))
        self._limit_busy = [0] * len(self._limits)
        self._limits_of: dict[str, list[int]] = {}
        for number, (host_ids, _) in enumerate(self._limits):
            for host_id in host_ids:
                self._limits_of.setdefault(host_id, []).append(number)
        self._host_of = {machine.id: machine.host_id for machine in project.machines.values()}
        for machine in project.machines.values():
            self._used_bytes[machine.host_id] += machine.memory_bytes

    def next(self, queued: Iterable[Migration], now_s: float) -> Migration | None:
        """Of those that may start now the one with the highest priority, the first in the order of the plan. A later
        one may overtake one that has to wait; but where one's start time has come and another is a little late, what
        they both need is kept for it.
        """
        if len(self._running) >= self._plan.max_concurrent:
            return None
        kept: list[Migration] = []
        try:
            for migration in sorted(queued, key=lambda migration: -migration.priority):
                if migration.earliest_start_s > now_s or not self._completed.issuperset(migration.after):
                    continue
                has_memory = self._has_memory(migration)
                if has_memory and self._has_place(migration):
                    return migration
                if has_memory and migration.earliest_start_s:
                    self._occupy(migration)
                    kept.append(migration)
            return None
        finally:
            for migration in kept:
                self._release(migration)

    def next_start_s(self, queued: Iterable[Migration], now_s: float) -> float:
        """The next start time of those whose time has not come; infinite when there is none."""
        return min((m.earliest_start_s for m in queued if m.earliest_start_s > now_s), default=math.inf)

    def host_of(self, vm_id: str) -> str:
        """The id of the host that a VM is on, or leaves."""
        return self._host_of[vm_id]

    def started(self, migration: Migration) -> None:
        self._occupy(migration)
        self._used_bytes[migration.target_id] += self._project.machines[migration.vm_id].memory_bytes

    def ended(self, migration: Migration, *, moved: bool) -> None:
        self._release(migration)
        machine = self._project.machines[migration.vm_id]
        self._used_bytes[self._host_of[machine.id] if moved else migration.target_id] -= machine.memory_bytes
        if moved:
            self._completed.add(migration.id)
            self._host_of[machine.id] = migration.target_id

    def _has_place(self, migration: Migration) -> bool:
        if len(self._running) >= self._plan.max_concurrent:
            return False
        host_ids = self._host_of[migration.vm_id], migration.target_id
        if any(self._busy[host_id] >= self._plan.max_concurrent_per_host for host_id in host_ids):
            return False
        return all(self._limit_busy[number] < self._limits[number][1] for number in self._limits_at(migration))

    def _occupy(self, migration: Migration) -> None:
        self._running[migration.id] = migration
        self._count(migration, 1)

    def _release(self, migration: Migration) -> None:
        del self._running[migration.id]
        self._count(migration, -1)

    def _count(self, migration: Migration, by: int) -> None:
        for host_id in {self._host_of[migration.vm_id], migration.target_id}:
            self._busy[host_id] += by
        for number in self._limits_at(migration):
            self._limit_busy[number] += by

    def _limits_at(self, migration: Migration) -> set[int]:
        """The numbers of the limits that a migration counts for."""
        if not self._limits:
            return set()
        host_ids = self._host_of[migration.vm_id], migration.target_id
        return {number for host_id in host_ids for number in self._limits_of.get(host_id, ())}

    def _has_memory(self, migration: Migration) -> bool:
        needed = self._project.machines[migration.vm_id].memory_bytes
        return self._used_bytes[migration.target_id] + needed <= self._project.hosts[migration.target_id].memory_bytes


def _limits(project: Project) -> Iterator[tuple[frozenset[str], int]]:
    """Sets of hosts, and how many migrations from and to them may run at the same time, by the project's rules."""
    for rule in project.rules.values():
        if not isinstance(rule, Limit):
            continue
        if rule.per is LimitPer.PLAN:
            yield frozenset(project.hosts), rule.count
        elif rule.per is LimitPer.HOST:
            yield from ((frozenset({host_id}), rule.count) for host_id in project.hosts)
        else:
            groups = (group for group in project.groups.values() if group.kind is rule.per.group_kind)
            yield from ((frozenset(project.hosts_in([group.id])), rule.count) for group in groups)
