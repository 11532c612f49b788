"""What a person can do to plans: copies of them, which one is current, and the times and ways of their moves.

Functions from a project to the Change that does it, as in edits.py.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from attrs import evolve

from vmplanner.domain.edits import count
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.failures import Failure, with_ids
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Change, Edit, Project


def copy_plan(project: Project) -> Change:
    """A copy of the current plan under a name of its own, which is current from then on."""
    plan = project.plan
    copy = _copy(project, plan)
    return Change(f"Copy {plan.name} as {copy.name}", _in_order(project, [copy, *_plans(project)]))


def use_as_copy(project: Project, plan: Plan, title: str) -> Change:
    """A further plan with these moves under a name of its own, which is current from then on; the others stay."""
    return Change(title, _in_order(project, [_copy(project, plan), *_plans(project)]))


def _copy(project: Project, plan: Plan) -> Plan:
    """The plan with ids and a name that the project does not have yet."""
    first = int(project.new_id("migration").removeprefix("migration-"))
    ids = {each.id: f"migration-{first + place}" for place, each in enumerate((*plan.migrations, *plan.excluded))}
    migrations, excluded = (
        [evolve(m, id=ids[m.id], after=[ids[other] for other in m.after if other in ids]) for m in moves]
        for moves in (plan.migrations, plan.excluded)
    )
    return evolve(
        plan,
        id=_free_plan_id(project),
        name=_free_name(project, plan.name),
        migrations=migrations,
        excluded=excluded,
        failures=with_ids(plan.failures, ids),
    )


def choose_plan(project: Project, plan_id: str) -> Change:
    """Make a plan the current one."""
    chosen = project.plans[plan_id]
    if chosen == project.plan:
        return Change(f"Choose {chosen.name}", ())
    others = [plan for plan in _plans(project) if plan.id != plan_id]
    return Change(f"Choose {chosen.name}", _in_order(project, [chosen, *others]))


def rename_plan(project: Project, name: str) -> Change:
    """Raises InvalidValue when another plan has the name, or there is none."""
    plan = project.plan
    if any(other.name == name and other.id != plan.id for other in project.plans.values()):
        raise InvalidValue(f"Plan '{plan.name}'", "name", f"must be another one: there is a plan '{name}' already")
    return _replace(project, evolve(plan, name=name), f"Rename {plan.name} to {name}")


def delete_plan(project: Project) -> Change:
    """Delete the current plan; the next one is current then. Raises InvalidValue for the last one."""
    plan = project.plan
    if len(project.plans) < 2:
        raise InvalidValue(f"Plan '{plan.name}'", "plan", "is the only one and must stay")
    return Change(f"Delete {plan.name}", _in_order(project, [each for each in _plans(project) if each.id != plan.id]))


def use_plan(project: Project, plan: Plan, title: str) -> Change:
    """Put another value in the place of the current plan."""
    return _replace(project, evolve(plan, id=project.plan.id), title)


def try_failures(project: Project, failures: Iterable[Failure], title: str) -> Change:
    """Let simulated runs of the current plan try these failures and no others."""
    return _replace(project, evolve(project.plan, failures=failures), title)


def shift(project: Project, migration_id: str, start_s: float, told: str) -> Change:
    """Pin a move of the current plan to a start time (seconds, `told` in words)."""
    migration = _migration(project, migration_id)
    name = project.machines[migration.vm_id].name
    after = project.plan.replaced(evolve(migration, earliest_start_s=start_s, is_pinned=True))
    return _replace(project, after, f"Start {name} at {told}")


def pin(project: Project, starts: Mapping[str, float]) -> Change:
    """Pin moves of the current plan where they are: `starts` has their start times in seconds by id."""
    changed = [
        evolve(m, earliest_start_s=starts[m.id], is_pinned=True) if m.id in starts else m
        for m in project.plan.migrations
    ]
    return _replace(project, evolve(project.plan, migrations=changed), f"Pin {_what(project, starts)}")


def unpin(project: Project, migration_ids: Collection[str]) -> Change:
    """Let moves of the current plan start as soon as they may."""
    changed = [
        evolve(m, earliest_start_s=0.0, is_pinned=False) if m.id in migration_ids else m
        for m in project.plan.migrations
    ]
    return _replace(project, evolve(project.plan, migrations=changed), f"Unpin {_what(project, migration_ids)}")


def exclude(project: Project, migration_ids: Collection[str]) -> Change:
    """Leave the VMs of these moves of the current plan out of it, with all moves that it has of them."""
    vm_ids = {migration.vm_id for migration in project.plan.migrations if migration.id in migration_ids}
    return _replace(project, project.plan.excluding(vm_ids), f"Exclude {_machines(project, vm_ids)} from the plan")


def include(project: Project, migration_ids: Collection[str]) -> Change:
    """Take the VMs of these excluded moves into the current plan again. Raises InvalidValue where one of them has
    another move in it by now.
    """
    plan = project.plan
    vm_ids = {migration.vm_id for migration in plan.excluded if migration.id in migration_ids}
    for vm_id in vm_ids:
        if (other := plan.migration_of(vm_id)) is not None:
            name, target = project.machines[vm_id].name, project.hosts[other.target_id].name
            why = f"can't be included again: the plan moves it to {target} by now; remove that move first"
            raise InvalidValue(f"Plan '{plan.name}'", name, why)
    return _replace(project, plan.including(vm_ids), f"Include {_machines(project, vm_ids)} in the plan")


def change_moves(project: Project, migration_ids: Collection[str], changes: Mapping[str, Any]) -> Change:
    """Give moves of the current plan other values, by the names of the migration's fields. A move to the host that its
    VM is on is left as it is. Raises InvalidValue for what can't be.
    """
    sources = project.sources_of(project.plan)
    changed = []
    for migration in project.plan.migrations:
        if migration.id in migration_ids:
            fits = changes.get("target_id") != sources[migration.id]
            migration = migration.by(changes.get("technique", migration.technique))
            migration = evolve(migration, **{key: each for key, each in changes.items() if fits or key != "target_id"})
        changed.append(migration)
    return _replace(project, evolve(project.plan, migrations=changed), f"Change {_what(project, migration_ids)}")


def naming_plan(project: Project, change: Change) -> Change:
    """The change with the name of the plan that it is about, where there are several and it does not say so yet."""
    plans = [edit.after for edit in change.edits if isinstance(edit.before, Plan) and isinstance(edit.after, Plan)]
    if len(project.plans) < 2 or len(plans) != 1 or len(change.edits) != 1 or f" {plans[0].name}" in change.title:
        return change
    return evolve(change, title=f"{change.title} ({plans[0].name})")


def _what(project: Project, migration_ids: Collection[str]) -> str:
    if len(migration_ids) == 1:
        return f"the move of {project.machines[_migration(project, next(iter(migration_ids))).vm_id].name}"
    return count(len(migration_ids), "move")


def _machines(project: Project, vm_ids: Collection[str]) -> str:
    return project.machines[next(iter(vm_ids))].name if len(vm_ids) == 1 else count(len(vm_ids), "VM")


def _migration(project: Project, migration_id: str) -> Migration:
    return next(migration for migration in project.plan.migrations if migration.id == migration_id)


def _replace(project: Project, after: Plan, title: str) -> Change:
    before = project.plans.get(after.id)
    return Change(title, () if before == after else (Edit(before, after),))


def _plans(project: Project) -> list[Plan]:
    """A project that was never planned in has one all the same."""
    return list(project.plans.values()) or [project.plan]


def _in_order(project: Project, plans: list[Plan]) -> list[Edit]:
    """The edits to exactly these plans in this order. All go and come again, the last first, so that taking it back
    brings the order back as well.
    """
    gone = [Edit(plan, None) for plan in reversed(list(project.plans.values()))]
    return [*gone, *(Edit(None, plan) for plan in plans)]


def _free_plan_id(project: Project) -> str:
    """`new_id` does not know the plan of a project that has none."""
    return project.new_id("plan", frozenset({project.plan.id}))


def _free_name(project: Project, name: str) -> str:
    """'Plan' gives 'Plan 2', that gives 'Plan 3'; 'Rack 1' gives 'Rack 1 (2)', which no one takes for another rack."""
    names = {plan.name for plan in _plans(project)}
    stem, _, last = name.rpartition(" ")
    if last.strip("()").isdecimal() and stem in names:
        name = stem
    form = "{} ({})" if name[-1:].isdecimal() else "{} {}"
    return next(free for n in range(2, len(names) + 3) if (free := form.format(name, n)) not in names)
