"""Which migration may start next: the plan's order and limits, and the memory that is free at each target."""

from collections.abc import Iterable

from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project


class Admission:
    """Keeps count of what runs. A target's memory is taken from the start of a migration, the source's freed at its
    end.
    """

    def __init__(self, project: Project, plan: Plan) -> None:
        self._project = project
        self._plan = plan
        self._running: dict[str, Migration] = {}
        self._used_bytes = dict.fromkeys(project.hosts, 0)
        for machine in project.machines.values():
            self._used_bytes[machine.host_id] += machine.memory_bytes

    def next(self, queued: Iterable[Migration]) -> Migration | None:
        """The first migration in the order of the plan that may start now. A later one may overtake one that has to
        wait.
        """
        if len(self._running) >= self._plan.max_concurrent:
            return None
        return next((migration for migration in queued if self._has_room(migration)), None)

    def started(self, migration: Migration) -> None:
        self._running[migration.id] = migration
        self._used_bytes[migration.target_id] += self._project.machines[migration.vm_id].memory_bytes

    def ended(self, migration: Migration, *, moved: bool) -> None:
        del self._running[migration.id]
        machine = self._project.machines[migration.vm_id]
        self._used_bytes[machine.host_id if moved else migration.target_id] -= machine.memory_bytes

    def _has_room(self, migration: Migration) -> bool:
        source_id = self._project.machines[migration.vm_id].host_id
        for host_id in (source_id, migration.target_id):
            busy = sum(
                host_id in (m.target_id, self._project.machines[m.vm_id].host_id) for m in self._running.values()
            )
            if busy >= self._plan.max_concurrent_per_host:
                return False
        needed = self._project.machines[migration.vm_id].memory_bytes
        return self._used_bytes[migration.target_id] + needed <= self._project.hosts[migration.target_id].memory_bytes
