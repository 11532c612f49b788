"""Whether a plan that is to start at a given time keeps to the windows, as its forecast says."""

from collections.abc import Iterable

from attrs import evolve

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Change, Project
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.results import Run
from vmplanner.domain.windows import shown_clock
from vmplanner.planning.preflight.rules import Finding, Severity, plan_changed
from vmplanner.planning.windows import Misfit, calendar_of, courses_of, misfits, told_next


def check_windows(project: Project, plan: Plan, forecast: Run) -> tuple[Finding, ...]:
    """A move in a blackout blocks the plan; one that leaves its maintenance windows or cut-over times is a warning."""
    return tuple(_finding(project, plan, misfit) for misfit in misfits(project, plan, courses_of(forecast)))


def check_end(plan: Plan, forecast: Run) -> tuple[Finding, ...]:
    """A plan that is done later than it was asked to be. It is told of the VM that arrives last."""
    if plan.window_s is None or forecast.makespan_s <= plan.window_s or not forecast.results:
        return ()
    last = max(forecast.results, key=lambda result: result.started_s + result.total_s)
    asked = format_duration(plan.window_s)
    return (
        Finding(
            Severity.WARNS,
            next(migration.vm_id for migration in plan.migrations if migration.id == last.migration_id),
            f"the plan takes {format_duration(forecast.makespan_s)}, longer than the {asked} asked for",
            "leave some moves out, choose other start times, or give it more time in the maintenance windows",
            rule="plan-window",
        ),
    )


def check_waits(project: Project, plan: Plan, waits: Iterable[Misfit]) -> tuple[Finding, ...]:
    """The moves that wait until their windows open: good to know, since the plan is done later by that."""
    return tuple(_wait(project, plan, misfit) for misfit in waits)


def _wait(project: Project, plan: Plan, misfit: Misfit) -> Finding:
    calendar = calendar_of(project, plan)
    start_s = misfit.next_start_s
    assert calendar is not None, "a wait without windows"
    assert start_s is not None, "a wait without an end"
    until = calendar.clock(start_s).replace(microsecond=0)
    return Finding(
        Severity.INFORMS,
        misfit.thing_id,
        f"{misfit.reason}: it waits until {until:%Y-%m-%d} {shown_clock(until)}",
        "schedule the plan anew, or start this move then, to have that in the plan",
        _later(project, plan, misfit, start_s),
        "window",
    )


def _later(project: Project, plan: Plan, misfit: Misfit, start_s: float) -> Change:
    """The plan with the start time that a misfit can have."""
    later = [
        evolve(each, earliest_start_s=start_s) if each.id == misfit.migration_id else each for each in plan.migrations
    ]
    name = project.machines[misfit.thing_id].name
    return plan_changed(plan, evolve(plan, migrations=later), f"Start {name} in its next window")


def _finding(project: Project, plan: Plan, misfit: Misfit) -> Finding:
    severity = Severity.BLOCKS if misfit.breaks_blackout else Severity.WARNS
    told = told_next(project, plan, misfit)
    fix = None
    mend = f"change the windows or the technique: {told}"
    if misfit.latest_start_s is not None:
        mend = f"move it earlier, or move less at the same time: {told}"
    if misfit.next_start_s is not None:
        mend = f"schedule the plan anew, or start this move later: {told}"
        fix = _later(project, plan, misfit, misfit.next_start_s)
    return Finding(severity, misfit.thing_id, misfit.reason, mend, fix, "window", (misfit.migration_id,))
