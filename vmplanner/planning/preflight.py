"""Whether a plan can work: checked before anything moves, each finding with its numbers and what would mend it."""

from collections.abc import Iterator
from enum import StrEnum

from attrs import frozen

from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, PAGE_BYTES
from vmplanner.simulation.network import Network


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
    findings += _check_memory(project, plan)
    return tuple(sorted(findings, key=lambda finding: finding.severity is not Severity.BLOCKS))


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
    bandwidth = min(network.capacity[link] for link in route.links)
    if migration.max_bandwidth_bytes_per_s is not None:
        bandwidth = min(bandwidth, migration.max_bandwidth_bytes_per_s)
    written = sum(piece.write_rate_pages_per_s for piece in machine.profile.pieces) * PAGE_BYTES
    distinct = sum(min(piece.write_rate_pages_per_s * PAGE_BYTES, piece.size_bytes) for piece in machine.profile.pieces)
    if distinct > bandwidth:
        yield Finding(
            Severity.WARNS,
            machine.id,
            f"{machine.name} writes up to {BYTES_PER_S.format(written)} and its way to {target.name} carries "
            f"{BYTES_PER_S.format(bandwidth)}: pre-copy may not converge",
            "give it more bandwidth, a quieter hour, or use stop-and-copy",
        )


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
