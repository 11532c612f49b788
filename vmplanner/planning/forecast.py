"""What is to be expected of a plan: the pre-flight, its simulated run, which waits for windows, and what that says.

Moves that are blocked can't be simulated. The others can: the forecast of a plan that has some is that of the rest.
"""

from collections.abc import Iterable, Mapping

from attrs import evolve, frozen

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.planning.preflight import Finding, blocking, check, check_forecast, ranked
from vmplanner.planning.preflight.windows import check_waits
from vmplanner.planning.waiting import Simulate, in_windows


@frozen
class Forecast:
    """The run of `plan`, and the findings on it."""

    plan: Plan
    run: Run
    findings: tuple[Finding, ...]


@frozen
class Checked:
    """All that can be said of a plan before it runs: its findings, the worst first; the reasons why moves can't be
    carried out, by their ids; and the forecast of the others, None where there are none.
    """

    findings: tuple[Finding, ...]
    blocked: Mapping[str, str]
    forecast: Forecast | None


def checked(project: Project, plan: Plan, simulate: Simulate) -> Checked:
    """The pre-flight of a plan, and of what it does not block the forecast."""
    findings = check(project, plan)
    rest, blocked = without_blocked(project, plan, findings)
    if not rest.migrations:
        return Checked(findings, blocked, None)
    forecast = forecast_of(project, rest, simulate)
    return Checked(ranked((*forecast.findings, *findings)), blocked, forecast)


def forecast_of(project: Project, plan: Plan, simulate: Simulate) -> Forecast:
    """The forecast of a plan that has migrations and that nothing blocks."""
    held = in_windows(project, plan, simulate)
    findings = (*check_forecast(project, plan, held.run), *check_waits(project, plan, held.waits))
    if project.plans.get(plan.id) != plan:
        # A part of a plan can't be mended in its place.
        findings = tuple(evolve(finding, fix=None) for finding in findings)
    return Forecast(plan, held.run, findings)


def without_blocked(project: Project, plan: Plan, findings: Iterable[Finding]) -> tuple[Plan, dict[str, str]]:
    """The plan with none of the moves that `findings` block, no later moves of their VMs, and none that is blocked by
    what is left out; and the reasons, by the ids of the moves.
    """
    blocked: dict[str, str] = {}
    while against := blocking(tuple(findings)):
        reasons: dict[str, str] = {}
        for finding in against:
            for migration_id in finding.moves:
                reasons.setdefault(migration_id, finding.message)
        stays: dict[str, str] = {}
        for migration in plan.migrations:
            reason = reasons.get(migration.id, stays.get(migration.vm_id))
            if reason is not None:
                # From where it is then it would be another move.
                blocked[migration.id] = stays[migration.vm_id] = reason
        plan = plan.without(set(blocked))
        findings = check(project, plan)
    return plan, blocked
