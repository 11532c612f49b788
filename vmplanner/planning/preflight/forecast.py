"""What a simulated run says against a plan: whether a pre-copy converges depends on what else moves meanwhile."""

from attrs import evolve

from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES_PER_S, PAGE_BYTES, format_duration
from vmplanner.domain.results import MigrationResult, Outcome, Run
from vmplanner.planning.preflight.rules import Finding, Severity
from vmplanner.planning.preflight.windows import check_windows
from vmplanner.simulation.network import Network


def check_forecast(project: Project, plan: Plan, forecast: Run) -> tuple[Finding, ...]:
    """What a simulated run of the plan says will not complete, or not keep to the windows."""
    network = Network(project)
    sources = project.sources_of(plan)
    migrations = {migration.id: migration for migration in plan.migrations}
    unfinished = tuple(
        evolve(_check_result(project, network, sources, migrations[result.migration_id], result), rule="forecast")
        for result in forecast.results
        if result.outcome is not Outcome.COMPLETED
    )
    return (*check_windows(project, plan, forecast), *unfinished)


def _check_result(
    project: Project, network: Network, sources: dict[str, str], migration: Migration, result: MigrationResult
) -> Finding:
    """A forecast that is no success, with the rates behind it where the guest writes faster than it is copied."""
    machine = project.machines[migration.vm_id]
    if result.outcome is not Outcome.NOT_CONVERGED:
        message = f"the forecast for {machine.name} is '{result.outcome.value}': {result.reason}"
        return Finding(Severity.WARNS, machine.id, message, "change its target or technique")
    written = sum(piece.write_rate_pages_per_s for piece in machine.profile.pieces) * PAGE_BYTES
    route = network.route(sources[migration.id], migration.target_id)
    carried = network.most_bytes_per_s(route, migration.options.channels or 1) if route else 0.0
    cap = migration.max_bandwidth_bytes_per_s
    if cap is not None and cap < carried:
        limit, mend = f"its bandwidth cap is {BYTES_PER_S.format(cap)}", "raise the cap"
    else:
        limit = f"its way to {result.target} carries {BYTES_PER_S.format(carried)}"
        mend = "give it more bandwidth"
    if migration.time_limit_s is not None and result.total_s >= migration.time_limit_s * 0.999:
        mend = f"give it more time than {format_duration(migration.time_limit_s)}, {mend}"
    return Finding(
        Severity.WARNS,
        machine.id,
        f"{machine.name} would not converge: {result.reason}. "
        f"It writes up to {BYTES_PER_S.format(written)} and {limit}",
        f"{mend}, move it in a quieter hour, or use another technique such as stop-and-copy",
    )
