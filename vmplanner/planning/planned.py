"""A placement as a plan: its moves as migrations, each after those that must have completed before it.

A migration waits for what gives it room and lets it come (so that whatever is slower or faster on the day, every VM
finds room), for the VMs that rules put before it, for the move of its VM before it, and for the stage before its own.
"""

import itertools
from collections.abc import Iterable, Sequence

from attrs import evolve

from vmplanner.domain.failures import with_ids
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.rules import AntiAffinity, Order
from vmplanner.planning.placement.constraints import requirements
from vmplanner.planning.placement.place import PlacedMove, Placement, Stage
from vmplanner.planning.placement.room import Room, rooms
from vmplanner.planning.priorities import priorities
from vmplanner.planning.scheduling.schedule import Schedule


def plan_of(project: Project, placement: Placement, template: Plan, like: Migration | None = None) -> Plan:
    """`template` with the moves of a placement in the place of its migrations, each with the technique, options and
    limits that its VM's move had there, or else those of `like`, and with the priority that a rule gives its VM. A
    start that was pinned stays while the target is the same, and a failure to try stays with its VM's move.
    """
    waits = _Waits(project)
    ruled = priorities(project)
    before = {migration.vm_id: migration for migration in reversed(template.migrations)}
    migrations: list[Migration] = []
    numbers = itertools.count(int(project.new_id("migration").removeprefix("migration-")))
    last: Sequence[str] = ()
    for stage in placement.stages:
        ids = [f"migration-{next(numbers)}" for _ in stage.moves]
        found = waits.of_stage(ids, stage.moves, last)
        for migration_id, move in zip(ids, stage.moves, strict=True):
            first = before.get(move.vm_id) or like or Migration(migration_id, move.vm_id, move.target_id)
            if not (first.is_pinned and first.target_id == move.target_id):
                first = evolve(first, earliest_start_s=0.0, is_pinned=False)
            after = tuple(dict.fromkeys(found[migration_id]))
            first = evolve(first, id=migration_id, vm_id=move.vm_id, target_id=move.target_id, after=after)
            migrations.append(evolve(first, priority=ruled.get(move.vm_id, first.priority)))
        awaited = {other for others in found.values() for other in others}
        last = [migration_id for migration_id in ids if migration_id not in awaited] or last
    of_vm = {migration.vm_id: migration.id for migration in reversed(migrations)}
    renamed = {old.id: of_vm[old.vm_id] for old in template.migrations if old.vm_id in of_vm}
    renamed |= {old.id: old.id for old in template.excluded}
    return evolve(template, migrations=migrations, failures=with_ids(template.failures, renamed))


def with_pauses(plan: Plan, stages: Iterable[Stage], schedule: Schedule) -> Plan:
    """The plan of these stages with the pauses before them, as pinned starts on the run's clock: as long after the end
    of the stage before as a schedule without pauses has it. Should that end later, its pause is shorter.
    """
    ends = {slot.job_id: slot.end_s for slot in schedule.slots}
    migrations = iter(plan.migrations)
    paused_s = end_s = 0.0
    timed = []
    for stage in stages:
        paused_s += stage.pause_s
        part = [next(migrations) for _ in stage.moves]
        start_s = end_s + paused_s
        timed += [evolve(each, earliest_start_s=start_s, is_pinned=True) if paused_s else each for each in part]
        end_s = max((ends[migration.id] for migration in part), default=end_s)
    return evolve(plan, migrations=timed)


class _Waits:
    """What each move waits for, while the VMs go from host to host in the order of the stages."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._where = {machine.id: machine.host_id for machine in project.machines.values()}
        self._apart = [
            set(project.machines_in(rule.vms)) for rule in project.rules.values() if isinstance(rule, AntiAffinity)
        ]
        self._first: dict[str, set[str]] = {}
        self._last: dict[str, str] = {}
        for rule in project.rules.values():
            if isinstance(rule, Order):
                first = set(project.machines_in(rule.first))
                for vm_id in project.machines_in(rule.vms):
                    self._first.setdefault(vm_id, set()).update(first - {vm_id})
        self._capacity = dict(zip(project.hosts, rooms(project, requirements(project)), strict=True))

    def of_stage(self, ids: Sequence[str], moves: Sequence[PlacedMove], last: Sequence[str]) -> dict[str, list[str]]:
        """For each migration of a stage those before it; `last` are those that the stage before ends with."""
        machines = self._project.machines
        room = self._room()
        left: dict[str, list[tuple[str, str]]] = {}
        of_vm: dict[str, str] = {}
        found: dict[str, list[str]] = {}
        for migration_id, move in zip(ids, moves, strict=True):
            machine = machines[move.vm_id]
            before = list(last)
            if move.vm_id in self._last:
                before.append(self._last[move.vm_id])
            before += [of_vm[first] for first in self._first.get(move.vm_id, ()) if first in of_vm]
            gone = left.get(move.target_id, [])
            room[move.target_id] = room[move.target_id].minus(Room.of(machine))
            # What those that left before give back counts only when they have left.
            if room[move.target_id].is_overdrawn:
                before += [leaving for leaving, _ in gone]
            else:
                before += [leaving for leaving, vm_id in gone if self._must_part(vm_id, move.vm_id)]
            left.setdefault(move.source_id, []).append((migration_id, move.vm_id))
            of_vm[move.vm_id] = self._last[move.vm_id] = migration_id
            self._where[move.vm_id] = move.target_id
            found[migration_id] = before
        return found

    def _must_part(self, one: str, other: str) -> bool:
        return any(one in apart and other in apart for apart in self._apart)

    def _room(self) -> dict[str, Room]:
        """What is free on each host before a stage."""
        room = dict(self._capacity)
        for vm_id, host_id in self._where.items():
            room[host_id] = room[host_id].minus(Room.of(self._project.machines[vm_id]))
        return room
