"""A plan as it is run: rules say what moves first, and where windows hold every migration waits until one opens.

When a migration fits depends on how long it takes, and that on what else moves. So the plan is simulated, what did not
keep to its windows is put off to when it next fits, and so on until all keep to them.
"""

from collections.abc import Callable

from attrs import evolve, frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.planning.priorities import with_priorities
from vmplanner.planning.scheduling.lists import ListRule
from vmplanner.planning.scheduling.predict import problem_of
from vmplanner.planning.scheduling.schedule import schedule
from vmplanner.planning.windows import Misfit, calendar_of, courses_of, misfits, told_next

# A schedule comes before, so that only what shares links in another way than it says is left to put off.
_MOST_ROUNDS = 20
_SAME_S = 1e-3

Simulate = Callable[[Plan], Run]


@frozen
class InWindows:
    """`plan` has the start times for which its migrations wait, `run` is its simulation. `waits` are those that would
    not keep to their windows otherwise, with when they start instead.
    """

    plan: Plan
    run: Run
    waits: tuple[Misfit, ...] = ()


def in_windows(project: Project, plan: Plan, simulate: Simulate) -> InWindows:
    """The plan with its migrations put off to their windows. What fits in none stays where it is; `misfits` tells it.
    Without windows, or a time at which the plan starts, it only has its priorities.
    """
    plan = with_priorities(project, plan)
    run = simulate(plan)
    early = {misfit.migration_id: misfit for misfit in misfits(project, plan, courses_of(run))}
    if not early:
        return InWindows(plan, run)
    held = _at_openings(project, plan)
    for _ in range(_MOST_ROUNDS):
        run = simulate(held)
        wrong = misfits(project, held, courses_of(run))
        later = {misfit.migration_id: misfit.next_start_s for misfit in wrong if misfit.next_start_s is not None}
        if not later:
            break
        held = _put_off(held, later)
    starts = {migration.id: migration.earliest_start_s for migration in held.migrations}
    waits = [
        evolve(early[migration.id], next_start_s=starts[migration.id])
        for migration in plan.migrations
        if migration.id in early and starts[migration.id] > migration.earliest_start_s + _SAME_S
    ]
    return InWindows(held, run, tuple(waits))


def ready_to_run(project: Project, plan: Plan, simulate: Simulate) -> Plan:
    """The plan that is to be run. Raises PlannerError where a migration would be in a blackout, and fits at no other
    time.
    """
    if calendar_of(project, plan) is None or not plan.migrations:
        return with_priorities(project, plan)
    held = in_windows(project, plan, simulate)
    dark = [misfit for misfit in misfits(project, plan, courses_of(held.run)) if misfit.breaks_blackout]
    if dark:
        raise PlannerError(f"{dark[0].reason}; {told_next(project, plan, dark[0])}")
    return held.plan


def _at_openings(project: Project, plan: Plan) -> Plan:
    """Each migration no sooner than the window opens in which a schedule has it."""
    try:
        problem = problem_of(project, plan)
        starts = schedule(problem, ListRule.ALL_AT_ONCE).starts
    except PlannerError:
        return plan
    opens = {
        job.id: max((first for first, _ in job.starts if first <= starts[job.id] + _SAME_S), default=0.0)
        for job in problem.jobs
    }
    return _put_off(plan, opens)


def _put_off(plan: Plan, starts: dict[str, float]) -> Plan:
    migrations = [
        evolve(migration, earliest_start_s=max(migration.earliest_start_s, starts.get(migration.id, 0.0)))
        for migration in plan.migrations
    ]
    return evolve(plan, migrations=migrations)
