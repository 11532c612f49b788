"""What a simulated run says against a plan: whether a pre-copy converges depends on what else moves meanwhile."""

from attrs import evolve

from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES_PER_S, PAGE_BYTES, format_duration
from vmplanner.domain.results import MigrationResult, Outcome, Run
from vmplanner.domain.topology import Host
from vmplanner.planning.preflight.cures import converges_alone, cures_of
from vmplanner.planning.preflight.move_rules import check_moves
from vmplanner.planning.preflight.placement_rules import check_on_the_way
from vmplanner.planning.preflight.rules import Case, Finding, Severity, plan_changed
from vmplanner.planning.preflight.windows import check_end, check_windows
from vmplanner.simulation.network import Network

_ANYWAY = "another technique such as stop-and-copy"
# Of so many moves that don't converge it is tried what would help.
_MOST_TRIED = 8
_MOST_NAMED = 3


def check_forecast(project: Project, plan: Plan, forecast: Run) -> tuple[Finding, ...]:
    """What a simulated run of the plan says will not complete, or not keep to the windows or the project's rules."""
    network = Network(project)
    sources = project.sources_of(plan)
    migrations = {migration.id: migration for migration in plan.migrations}
    unfinished: list[Finding] = []
    for result in forecast.results:
        if not result.converged or result.is_forced:
            migration, source = migrations[result.migration_id], project.hosts[sources[result.migration_id]]
            found = _check_result(project, network, source, migration, result)
            if result.outcome is Outcome.NOT_CONVERGED and len(unfinished) < _MOST_TRIED:
                found = _with_cures(project, plan, migration, source, found)
            unfinished.append(evolve(found, rule="forecast", moves=(migration.id,)))
    case, results = Case.of(project, plan), {result.migration_id: result for result in forecast.results}
    rules = (*check_on_the_way(case, results), *check_moves(case, results))
    return (*check_windows(project, plan, forecast), *check_end(plan, forecast), *unfinished, *rules)


def _check_result(
    project: Project, network: Network, source: Host, migration: Migration, result: MigrationResult
) -> Finding:
    """A forecast that is no success, with the rates behind it where the guest writes faster than it is copied."""
    machine = project.machines[migration.vm_id]
    if result.is_forced:
        message = f"the forecast for {machine.name}: {result.reason}"
        return Finding(Severity.WARNS, machine.id, message, "give it more bandwidth, or move it in a quieter hour")
    if result.outcome is not Outcome.NOT_CONVERGED:
        message = f"the forecast for {machine.name} is '{result.outcome.value}': {result.reason}"
        return Finding(Severity.WARNS, machine.id, message, "change its target or technique")
    written = sum(piece.write_rate_pages_per_s for piece in machine.profile.pieces) * PAGE_BYTES
    route = network.route(source.id, migration.target_id)
    carried = network.most_bytes_per_s(route, migration.options.channels or 1) if route else 0.0
    cap = migration.max_bandwidth_bytes_per_s
    if cap is not None and cap < carried:
        carried = cap
        limit, mend = f"its bandwidth cap is {BYTES_PER_S.format(cap)}", "raise the cap"
    else:
        limit = f"its way to {result.target} carries {BYTES_PER_S.format(carried)}"
        mend = "give it more bandwidth"
    if migration.time_limit_s is not None and result.total_s >= migration.time_limit_s * 0.999:
        mend = f"give it more time than {format_duration(migration.time_limit_s)}, {mend}"
    # What writes the same pages again and again fails at a rate that the network would carry; its rate is no reason.
    rates = f"It writes up to {BYTES_PER_S.format(written)} and {limit}" if written > carried else _sentence(limit)
    return Finding(
        Severity.WARNS,
        machine.id,
        f"{machine.name} would not converge: {result.reason}. {rates}",
        f"{mend}, move it in a quieter hour, or use {_ANYWAY}",
    )


def _with_cures(project: Project, plan: Plan, migration: Migration, source: Host, finding: Finding) -> Finding:
    """The finding with what would help by the simulation, and the best of it as a fix."""
    if converges_alone(project, migration):
        return evolve(finding, mend="move less at the same time: alone it would converge")
    cures = cures_of(project, migration, source)
    if not cures:
        return finding
    best, name = cures[0], project.machines[migration.vm_id].name
    mend = finding.mend.removesuffix(_ANYWAY) + " or ".join(cure.told for cure in cures[:_MOST_NAMED])
    return evolve(
        finding, mend=mend, fix=plan_changed(plan, plan.replaced(best.migration), f"Move {name} with {best.name}")
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
