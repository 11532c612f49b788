"""Whether a plan can work: checked before anything moves, each finding with its numbers and what would mend it.

`check` finds what can be seen without simulating anything. Whether a pre-copy converges depends on what else moves at
the same time, so `check_forecast` takes it from a simulated run of the plan.
"""

from collections.abc import Iterator
from enum import StrEnum

from attrs import frozen

from vmplanner.domain.plans import Compression, Migration, Plan, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, PAGE_BYTES, format_duration
from vmplanner.domain.results import MigrationResult, Outcome, Run
from vmplanner.simulation.network import Network
from vmplanner.simulation.policies import policy_of


class Severity(StrEnum):
    """BLOCKS: it can't be carried out. WARNS: it can, but probably not as wished."""

    BLOCKS = "blocks"
    WARNS = "warns"


@frozen
class Finding:
    """`thing_id` is where to look in the drawing; `message` says what is wrong with the numbers; `mend` what would
    help.
    """

    severity: Severity
    thing_id: str
    message: str
    mend: str


def check(project: Project, plan: Plan) -> tuple[Finding, ...]:
    """All findings on a plan, the blocking ones first."""
    network = Network(project)
    findings = [finding for migration in plan.migrations for finding in _check_migration(project, network, migration)]
    findings += [finding for migration in plan.migrations for finding in _check_technique(project, migration)]
    crowded = list(_check_memory(project, plan))
    findings += crowded or _check_room_on_the_way(project, plan)
    findings += _check_names(project)
    return tuple(sorted(findings, key=lambda finding: finding.severity is not Severity.BLOCKS))


def check_forecast(project: Project, plan: Plan, forecast: Run) -> tuple[Finding, ...]:
    """What a simulated run of the plan says will not complete."""
    network = Network(project)
    migrations = {migration.id: migration for migration in plan.migrations}
    return tuple(
        _check_result(project, network, migrations[result.migration_id], result)
        for result in forecast.results
        if result.outcome is not Outcome.COMPLETED
    )


def blocking(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.severity is Severity.BLOCKS)


def _check_migration(project: Project, network: Network, migration: Migration) -> Iterator[Finding]:
    machine = project.machines[migration.vm_id]
    source, target = project.hosts[machine.host_id], project.hosts[migration.target_id]
    if source.id == target.id:
        yield Finding(
            Severity.BLOCKS,
            machine.id,
            f"{machine.name} is on {target.name} already",
            "choose another target or remove the move",
        )
        return
    if source.policy is not target.policy:
        yield Finding(
            Severity.BLOCKS,
            machine.id,
            f"{machine.name} runs on {source.policy.label} and {target.name} is a {target.policy.label} host",
            "choose a target with the same hypervisor",
        )
    route = network.route(source.id, target.id)
    if route is None:
        yield Finding(
            Severity.BLOCKS,
            machine.id,
            f"{machine.name} can't reach {target.name}: no link leads there from {source.name}",
            "draw a link, or a switch between them",
        )
        return


def _check_technique(project: Project, migration: Migration) -> Iterator[Finding]:
    """What the source's hypervisor does not have, and what does not go together (QEMU 10.0, migration/options.c)."""
    machine, options = project.machines[migration.vm_id], migration.options
    source = project.hosts[machine.host_id]
    policy = policy_of(source.policy)
    if migration.technique not in policy.offers:
        message = f"{machine.name} is to move by {migration.technique.value}, which {source.policy.label} does not have"
        yield Finding(Severity.BLOCKS, machine.id, message, "choose another technique")
    helped = options.auto_converge or options.xbzrle_cache_bytes or options.channels or options.free_page_hints
    if helped and not policy.offers_options:
        message = f"{machine.name} is to move with options of QEMU, which {source.policy.label} does not have"
        yield Finding(Severity.BLOCKS, machine.id, message, "turn auto-converge, XBZRLE, channels and hints off")
    if options.channels and options.xbzrle_cache_bytes:
        message = f"{machine.name} is to move over several channels and with XBZRLE, which do not go together"
        yield Finding(Severity.BLOCKS, machine.id, message, "set the channels or the XBZRLE cache to 0")
    if options.channels and migration.technique in (Technique.POST_COPY, Technique.HYBRID):
        message = (
            f"{machine.name} is to move by {migration.technique.value} over several channels, which do not go together"
        )
        yield Finding(Severity.BLOCKS, machine.id, message, "set the channels to 0")
    if options.free_page_hints and migration.technique in (Technique.POST_COPY, Technique.HYBRID):
        message = f"{machine.name} is to move by {migration.technique.value}, for which QEMU takes no free-page hints"
        yield Finding(Severity.WARNS, machine.id, message, "turn the hints off, or choose pre-copy")
    if options.compression is not Compression.NONE and not options.channels:
        message = f"{machine.name} is to be packed with {options.compression.value}, which needs channels"
        yield Finding(Severity.WARNS, machine.id, message, "set the channels to 2 or more, or the packing to none")


def _check_result(project: Project, network: Network, migration: Migration, result: MigrationResult) -> Finding:
    """A forecast that is no success, with the rates behind it where the guest writes faster than it is copied."""
    machine = project.machines[migration.vm_id]
    if result.outcome is not Outcome.NOT_CONVERGED:
        message = f"the forecast for {machine.name} is '{result.outcome.value}': {result.reason}"
        return Finding(Severity.WARNS, machine.id, message, "change its target or technique")
    written = sum(piece.write_rate_pages_per_s for piece in machine.profile.pieces) * PAGE_BYTES
    route = network.route(machine.host_id, migration.target_id)
    carried = min((network.capacity[link] for link in route.links), default=0.0) if route else 0.0
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


def _check_names(project: Project) -> Iterator[Finding]:
    """VMs may share a name, but tables and charts then can't tell them apart."""
    seen: set[str] = set()
    for machine in project.machines.values():
        if machine.name in seen:
            yield Finding(
                Severity.WARNS,
                machine.id,
                f"more than one VM has the name {machine.name}",
                "give this one another name",
            )
        seen.add(machine.name)


def _check_memory(project: Project, plan: Plan) -> Iterator[Finding]:
    """Every host that gets a VM must hold what it has when the plan is done."""
    target_of = {migration.vm_id: migration.target_id for migration in plan.migrations}
    used = dict.fromkeys(project.hosts, 0)
    for machine in project.machines.values():
        used[target_of.get(machine.id, machine.host_id)] += machine.memory_bytes
    for host_id in dict.fromkeys(target_of.values()):
        host = project.hosts[host_id]
        if used[host_id] > host.memory_bytes:
            yield Finding(
                Severity.BLOCKS,
                host_id,
                f"{host.name} would need {BYTES.format(used[host_id])} of memory"
                f" and has {BYTES.format(host.memory_bytes)}",
                f"send {BYTES.format(used[host_id] - host.memory_bytes)} or more elsewhere",
            )


def _check_room_on_the_way(project: Project, plan: Plan) -> Iterator[Finding]:
    """Some order must leave room for each VM when its turn comes; full hosts that swap VMs have none."""
    free = {host.id: host.memory_bytes for host in project.hosts.values()}
    for machine in project.machines.values():
        free[machine.host_id] -= machine.memory_bytes
    waiting = [(project.machines[m.vm_id], m.target_id) for m in plan.migrations]
    while ready := [(machine, target) for machine, target in waiting if machine.memory_bytes <= free[target]]:
        machine, target = ready[0]
        free[target] -= machine.memory_bytes
        free[machine.host_id] += machine.memory_bytes
        waiting.remove((machine, target))
    for machine, target in waiting:
        host = project.hosts[target]
        yield Finding(
            Severity.BLOCKS,
            machine.id,
            f"{machine.name} finds no room on {host.name}: {BYTES.format(free[target])} would be free, and it needs "
            f"{BYTES.format(machine.memory_bytes)} before what leaves {host.name} can leave",
            "send one of the VMs to a third host first",
        )
