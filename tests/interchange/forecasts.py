"""Plans with results that are told and not simulated, for what is written of them."""

from datetime import UTC, datetime

from attrs import evolve

from vmplanner.domain.machines import PieceKind, VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import MigrationResult, Outcome, Phase, Run, Segment
from vmplanner.domain.topology import Host, Link, PolicyName

START = datetime(2026, 11, 23, 22, tzinfo=UTC)


def project_of(*moves: Migration, policy: PolicyName = PolicyName.QEMU, hosts: tuple[str, str] = ("a", "b")) -> Project:
    """Two hosts, and a VM of its own name for each move."""
    things = [Host("host-1", hosts[0], policy), Host("host-2", hosts[1], policy), Link("link-1", "host-1", "host-2")]
    machines = [VirtualMachine(move.vm_id, move.vm_id, "host-1") for move in moves]
    return Project.of(*things, *machines, Plan("plan-1", "Night", moves, starts_at=START), name="Site")


def renamed(project: Project, vm_id: str, name: str) -> Project:
    machines = {**project.machines, vm_id: evolve(project.machines[vm_id], name=name)}
    return evolve(project, machines=machines)


def run_of(project: Project, *starts_s: float, total_s: float = 10.0) -> Run:
    """Each move starts when told, and takes `total_s`, the last second of it as downtime."""
    results = []
    for move, start_s in zip(project.plan.migrations, starts_s, strict=True):
        copy = Segment(Phase.PRE_COPY, "heap", PieceKind.HEAP, 1, 0, total_s - 1, 1000)
        stop = Segment(Phase.STOP_AND_COPY, "heap", PieceKind.HEAP, 2, total_s - 1, 1, 100)
        name, source, target = project.machines[move.vm_id].name, *(host.name for host in project.hosts.values())
        of = (move.id, name, source, target, move.technique, PolicyName.QEMU, Outcome.COMPLETED, "", start_s)
        results.append(MigrationResult(*of, (copy, stop)))
    return Run("run-1", "Forecast", project.plan.name, "simulation", START, results)
