"""Schedules that leave alone what a person has pinned, and choose all other start times anew."""

from collections.abc import Iterable

from attrs import evolve

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.planning.scheduling.jobs import Problem
from vmplanner.planning.scheduling.lists import ListRule
from vmplanner.planning.scheduling.predict import problem_of
from vmplanner.planning.scheduling.schedule import RESERVING, Schedule, best

# A start that is so much later than its pin was not kept, in seconds.
_SAME_S = 1e-3


def problem_with_pins(project: Project, plan: Plan, rules: Iterable[ListRule] = RESERVING) -> Problem:
    """The plan as a scheduling problem in which pinned migrations start exactly when they are to, where one of the
    rules can keep all that; else they start no sooner. Raises PlannerError where problem_of does.
    """
    unpinned = [m if m.is_pinned else evolve(m, earliest_start_s=0.0) for m in plan.migrations]
    problem = problem_of(project, evolve(plan, migrations=unpinned))
    pins = {migration.id: migration.earliest_start_s for migration in plan.migrations if migration.is_pinned}
    if not pins:
        return problem
    exact = evolve(problem, jobs=[evolve(job, pinned_start_s=pins.get(job.id)) for job in problem.jobs])
    try:
        best(exact, rules)
    except PlannerError:
        return problem
    return exact


def late_pins(plan: Plan, schedule: Schedule) -> tuple[str, ...]:
    """The ids of the pinned migrations that a schedule starts later than they are to."""
    starts = schedule.starts
    return tuple(m.id for m in plan.migrations if m.is_pinned and starts.get(m.id, 0.0) > m.earliest_start_s + _SAME_S)
