"""What is to be expected of a plan: its simulated run, which waits for windows, and what that says against it.

Moves that are blocked can't be simulated. The others can: the forecast of a plan that has some is that of the rest.
"""

from collections.abc import Iterable, Mapping

from attrs import evolve, frozen

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.planning.preflight import Finding, blocking, check, check_forecast
from vmplanner.planning.preflight.windows import check_waits
from vmplanner.planning.waiting import Simulate, in_windows


@frozen
class Forecast:
    """The run of `plan`, and the findings on it."""

    plan: Plan
    run: Run
    findings: tuple[Finding, ...]


def forecast_of(project: Project, plan: Plan, simulate: Simulate) -> Forecast:
    """The forecast of a plan that has migrations and that nothing blocks."""
    held = in_windows(project, plan, simulate)
    findings = (*check_forecast(project, plan, held.run), *check_waits(project, plan, held.waits))
    if project.plans.get(plan.id) != plan:
        # A part of a plan can't be mended in its place.
        findings = tuple(evolve(finding, fix=None) for finding in findings)
    return Forecast(plan, held.run, findings)


def without_blocked(project: Project, plan: Plan, findings: Iterable[Finding]) -> tuple[Plan | None, dict[str, str]]:
    """The plan with none of the moves that `findings` block, nor those that are blocked by what is left out; and the
    reasons, by the ids of the moves. No plan where something else than a VM, its move or its hosts is in the way.
    """
    blocked: dict[str, str] = {}
    while against := blocking(tuple(findings)):
        reasons: dict[str, str] = {}
        for finding in against:
            reasons.setdefault(finding.thing_id, finding.message)
        found = _named(plan, reasons)
        if not found:
            sources = project.sources_of(plan)
            found = {m.id: reasons[sources[m.id]] for m in plan.migrations if sources[m.id] in reasons}
        if not found:
            return None, blocked
        blocked |= found
        plan = plan.excluding({migration.vm_id for migration in plan.migrations if migration.id in found})
        findings = check(project, plan)
    return plan, blocked


def _named(plan: Plan, reasons: Mapping[str, str]) -> dict[str, str]:
    """The moves for which there are reasons: against them, their VMs, or the hosts that they go to."""
    found = {}
    for migration in plan.migrations:
        things = (migration.id, migration.vm_id, migration.target_id)
        if (reason := next((reasons[each] for each in things if each in reasons), None)) is not None:
            found[migration.id] = reason
    return found
