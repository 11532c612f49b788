"""Whether a plan that is to start at a given time keeps to the windows, as its forecast says."""

from attrs import evolve

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.planning.preflight.rules import Finding, Severity, plan_changed
from vmplanner.planning.windows import Misfit, courses_of, misfits, told_next


def check_windows(project: Project, plan: Plan, forecast: Run) -> tuple[Finding, ...]:
    """A move in a blackout blocks the plan; one that leaves its maintenance windows or cut-over times is a warning."""
    return tuple(_finding(project, plan, misfit) for misfit in misfits(project, plan, courses_of(forecast)))


def _finding(project: Project, plan: Plan, misfit: Misfit) -> Finding:
    severity = Severity.BLOCKS if misfit.breaks_blackout else Severity.WARNS
    told = told_next(project, plan, misfit)
    fix = None
    mend = f"change the windows or the technique: {told}"
    if misfit.next_start_s is not None:
        name = project.machines[misfit.thing_id].name
        mend = f"schedule the plan anew, or start this move later: {told}"
        later = [
            evolve(each, earliest_start_s=misfit.next_start_s) if each.id == misfit.migration_id else each
            for each in plan.migrations
        ]
        fix = plan_changed(plan, evolve(plan, migrations=later), f"Start {name} in its next window")
    return Finding(severity, misfit.thing_id, misfit.reason, mend, fix, "window")
