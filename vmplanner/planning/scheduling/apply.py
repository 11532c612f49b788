"""A schedule written into its plan, and taken out again, as Changes that can be undone."""

from attrs import evolve

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.planning.scheduling.schedule import Schedule


def apply_schedule(project: Project, plan_id: str, schedule: Schedule) -> Change:
    """Put the migrations of a plan in the order of a schedule, each with its start time. Those that the schedule does
    not have stay as they are, at the end.
    """
    plan = project.plans[plan_id]
    return _change(f"Schedule {plan.name}: {schedule.name}", plan, with_starts(plan, schedule))


def with_starts(plan: Plan, schedule: Schedule) -> Plan:
    """The plan in the order of a schedule, with its start times. A start that is pinned stays as it is."""
    starts = schedule.starts
    migrations = [
        migration
        if migration.is_pinned
        else evolve(migration, earliest_start_s=starts.get(migration.id, migration.earliest_start_s))
        for migration in sorted(plan.migrations, key=lambda m: (m.id not in starts, starts.get(m.id, 0.0)))
    ]
    return evolve(plan, migrations=migrations)


def clear_starts(project: Project, plan_id: str) -> Change:
    """Take the start times of a plan away but those that are pinned: each migration starts as soon as the limits
    allow.
    """
    plan = project.plans[plan_id]
    migrations = [m if m.is_pinned else evolve(m, earliest_start_s=0.0) for m in plan.migrations]
    return _change(f"Clear the start times of {plan.name}", plan, evolve(plan, migrations=migrations))


def _change(title: str, before: Plan, after: Plan) -> Change:
    return Change(title, () if after == before else (Edit(before, after),))
