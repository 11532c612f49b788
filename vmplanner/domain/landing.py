"""What a real run has changed: VMs that have moved are on their targets, and their moves are no longer planned."""

from collections.abc import Collection

from attrs import evolve

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Change, Edit, Project


def landed(project: Project, plan: Plan, arrived: Collection[str], run_name: str) -> Change:
    """The change that tells the drawing and all plans which migrations of `plan` have `arrived` (ids). `plan` is the
    one that was carried out: the project's may have been changed since, and VMs or hosts may have gone from it. Other
    plans' moves to where a VM has come to go as well.
    """
    moved = [migration for migration in plan.migrations if migration.id in arrived]
    target_of = {migration.vm_id: migration.target_id for migration in moved}  # of several moves, the last one
    edits = [
        Edit(machine, evolve(machine, host_id=target_of[machine.id]))
        for machine in project.machines.values()
        if target_of.get(machine.id, machine.host_id) != machine.host_id and target_of[machine.id] in project.hosts
    ]
    ids = {migration.id for migration in moved}
    for before in project.plans.values():
        made = {m.id for m in (*before.migrations, *before.excluded) if target_of.get(m.vm_id) == m.target_id}
        after = before.without(ids if before.id == plan.id else ids | made)
        if after != before:
            edits.append(Edit(before, after))
    return Change(f"Place VMs that {run_name} moved", edits)
