"""What a plan comes to in a few figures, so that plans can be compared."""

from attrs import frozen

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.planning.preflight import Finding, Severity, check, check_forecast
from vmplanner.planning.scheduling.timing import timing


@frozen
class PlanFigures:
    """`makespan_s` and those after it are of the forecast, None where the plan is blocked. `blocking` and `warnings`
    count the findings.
    """

    plan: Plan
    blocking: int
    warnings: int
    makespan_s: float | None = None
    bound_s: float | None = None
    downtime_s: float | None = None
    sent_bytes: int | None = None
    unfinished: int = 0


def figures_of(project: Project, plan: Plan, forecast: Run | None) -> PlanFigures:
    """`forecast` is the simulated run of the plan, None where it has nothing to run or is blocked."""
    findings = check(project, plan)
    if forecast is None:
        return PlanFigures(plan, *_counts(findings))
    found = (*findings, *check_forecast(project, plan, forecast))
    return PlanFigures(
        plan,
        *_counts(found),
        forecast.makespan_s,
        timing(project, plan, forecast).bound.seconds,
        sum(result.downtime_s for result in forecast.results),
        sum(result.transferred_bytes for result in forecast.results),
        sum(not result.converged for result in forecast.results),
    )


def _counts(findings: tuple[Finding, ...]) -> tuple[int, int]:
    blocking = sum(finding.severity is Severity.BLOCKS for finding in findings)
    return blocking, sum(finding.severity is not Severity.BLOCKS for finding in findings)
