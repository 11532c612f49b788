"""What the inspector shows of an id, and what decides which fields that has: while it is the same, a form stays."""

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project, Thing
from vmplanner.domain.topology import Host


def subject_of(project: Project, thing_id: str) -> Thing | Migration | None:
    """The thing with this id, or the move of the plan that is shown: those of other plans are out of sight, and nothing
    may change them.
    """
    return project.move(thing_id) or project.thing(thing_id)


def excluded_move(project: Project, migration_id: str) -> Migration | None:
    """The move with this id, where it is left out of the plan."""
    return next((move for move in project.plan.excluded if move.id == migration_id), None)


def frame_of(project: Project, thing_id: str | None) -> tuple[object, ...]:
    """What decides which fields and choices the form for one thing has; empty for none."""
    thing = subject_of(project, thing_id) if thing_id else None
    machine = project.machines.get(thing.vm_id) if isinstance(thing, Migration) else thing
    if isinstance(machine, VirtualMachine):
        migration = project.plan.migration_of(machine.id)
        names = tuple((host.id, host.name) for host in project.hosts.values())
        return thing_id, machine.host_id, project.hosts[machine.host_id].policy, migration and migration.id, names
    if isinstance(thing, Host):
        return thing_id, thing.policy, tuple(project.groups.values())
    return (thing_id,) if thing is not None else ()


def frame_of_place(project: Project, place_id: str) -> tuple[object, ...]:
    """The names and the nesting of all places, and the hosts that can be in one."""
    groups = tuple((group.id, group.name, group.kind, group.parent_id) for group in project.groups.values())
    return groups, tuple((host.id, host.name) for host in project.hosts.values())
