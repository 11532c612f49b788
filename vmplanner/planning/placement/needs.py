"""Which hosts do not have what a VM needs, by the same checks as before a run (preflight)."""

from collections.abc import Mapping

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.platform import GuestNeeds, HostFacts
from vmplanner.domain.project import Project
from vmplanner.planning.preflight import RULES
from vmplanner.planning.preflight.rules import Case, Move, Severity
from vmplanner.simulation.network import Network

# The checks that look at nothing but one VM and one host. Hypervisors, links and room are constraints of their own.
_OF_ONE_MOVE = {
    "hypervisor-version",
    "machine-type",
    "cpu-vendor",
    "cpu-level",
    "cpu-features",
    "cpu-extra-features",
    "passthrough",
    "networks",
    "numa",
    "storage-reachable",
    "local-disks",
}
_RULES = tuple(rule for rule in RULES if rule.id in _OF_ONE_MOVE)
_PLAN = Plan("plan-1", "Plan")


def unsuited_hosts(project: Project) -> Mapping[str, frozenset[str]]:
    """For each VM the ids of the hosts where it can't go, by its id. VMs without such hosts are left out."""
    needs = any(machine.needs != GuestNeeds() for machine in project.machines.values())
    if not needs and not any(host.facts != HostFacts() for host in project.hosts.values()):
        return {}
    alike: dict[tuple[object, ...], list[VirtualMachine]] = {}
    for machine in project.machines.values():
        alike.setdefault((machine.host_id, machine.needs, machine.memory_bytes), []).append(machine)
    network = Network(project)
    found: dict[str, set[str]] = {}
    for target in project.hosts.values():
        moves = []
        for machine, *_ in alike.values():
            source = project.hosts[machine.host_id]
            # Of other hypervisors the checks say nothing that would count.
            if source.id != target.id and source.policy is target.policy:
                migration = Migration(f"to-{machine.id}", machine.id, target.id)
                moves.append(Move(_PLAN, migration, machine, source, target, None))
        leaving: dict[str, list[Move]] = {}
        for move in moves:
            leaving.setdefault(move.source.id, []).append(move)
        case = Case(project, _PLAN, network, tuple(moves), leaving, {target.id: moves} if moves else {})
        for rule in _RULES:
            for finding in rule.findings(case):
                if finding.severity is Severity.BLOCKS:
                    found.setdefault(finding.thing_id, set()).add(target.id)
    return {
        machine.id: frozenset(found[machines[0].id])
        for machines in alike.values()
        if machines[0].id in found
        for machine in machines
    }
