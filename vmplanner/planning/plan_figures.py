"""What a plan comes to in a few figures, so that plans can be compared."""

from attrs import frozen

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.planning.forecast import Checked
from vmplanner.planning.preflight import Finding, Severity
from vmplanner.planning.scheduling.timing import timing


@frozen
class PlanFigures:
    """`makespan_s` and those after it are of the forecast, None where there is none. `blocking` and `warnings` count
    the findings; `left_out` are the moves that are blocked, which the forecast is without.
    """

    plan: Plan
    blocking: int
    warnings: int
    makespan_s: float | None = None
    bound_s: float | None = None
    downtime_s: float | None = None
    sent_bytes: int | None = None
    unfinished: int = 0
    left_out: int = 0


def figures_of(project: Project, plan: Plan, found: Checked) -> PlanFigures:
    """Of a plan with what was found of it."""
    if (forecast := found.forecast) is None:
        return PlanFigures(plan, *_counts(found.findings), left_out=len(found.blocked))
    run = forecast.run
    return PlanFigures(
        plan,
        *_counts(found.findings),
        run.makespan_s,
        timing(project, forecast.plan, run).bound.seconds,
        sum(result.downtime_s for result in run.results),
        sum(result.transferred_bytes for result in run.results),
        sum(not result.converged for result in run.results),
        len(found.blocked),
    )


def _counts(findings: tuple[Finding, ...]) -> tuple[int, int]:
    blocking = sum(finding.severity is Severity.BLOCKS for finding in findings)
    return blocking, sum(finding.severity is not Severity.BLOCKS for finding in findings)
