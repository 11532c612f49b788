"""How a rule of the pre-flight is broken, kept, or not known, and the small projects for that."""

from typing import Any

from attrs import evolve, frozen

from tests.small_projects import GIGABIT, two_hosts
from vmplanner.domain.plans import Options, Technique
from vmplanner.domain.platform import (
    Cpu,
    Device,
    DeviceKind,
    Disk,
    GuestNeeds,
    HostFacts,
    PageSize,
)
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB, TIB
from vmplanner.domain.topology import Link, PolicyName, Storage
from vmplanner.planning.preflight import Finding, Severity, check

BLOCKS, WARNS, INFORMS = Severity.BLOCKS, Severity.WARNS, Severity.INFORMS


def project_with(
    *,
    machines: int = 1,
    policy: PolicyName = PolicyName.QEMU,
    source: HostFacts | None = None,
    target: HostFacts | None = None,
    needs: GuestNeeds | None = None,
    options: Options | None = None,
    technique: Technique = Technique.PRE_COPY,
    latency_s: float = 0.0001,
    background_share: float = 0.0,
    bandwidth_bytes_per_s: float = 10 * GIGABIT,
    source_memory_bytes: int = 64 * GIB,
    max_concurrent: int = 4,
    storages: tuple[Storage | Link, ...] = (),
) -> Project:
    """VMs of 1 GiB on alpha that are to move to beta, with what is said of all of them and of their hosts."""
    project = two_hosts(
        machines,
        policy=policy,
        technique=technique,
        bandwidth_bytes_per_s=bandwidth_bytes_per_s,
        max_concurrent=max_concurrent,
    )
    alpha, beta, link, plan = project.hosts["host-1"], project.hosts["host-2"], project.links["link-1"], project.plan
    moves = [evolve(move, options=options or Options()) for move in plan.migrations]
    things = [Edit(None, thing) for thing in storages]
    things += [
        Edit(alpha, evolve(alpha, facts=source or HostFacts(), memory_bytes=source_memory_bytes)),
        Edit(beta, evolve(beta, facts=target or HostFacts())),
        Edit(link, evolve(link, latency_s=latency_s, background_share=background_share)),
        Edit(plan, evolve(plan, migrations=moves)),
    ]
    things += [Edit(vm, evolve(vm, needs=needs or GuestNeeds())) for vm in project.machines.values()]
    return project.applied(Change("", things))


def broken(project: Project, rule: str) -> list[Finding]:
    return [finding for finding in check(project, project.plan) if finding.rule == rule]


def fixed(project: Project, rule: str) -> Project:
    """The project after the button of a rule's only finding."""
    [finding] = broken(project, rule)
    assert finding.fix is not None
    after = project.applied(finding.fix)
    assert after.applied(finding.fix.inverse()) == project
    return after


def cpu(*features: str, **more: Any) -> HostFacts:
    return HostFacts(cpu=Cpu(features=features, **more))


def nas(*ends: str) -> tuple[Storage | Link, ...]:
    links = [Link(f"link-{end}", end, "storage-1") for end in ends]
    return (Storage("storage-1", "nas", TIB), *links)


@frozen
class Broken:
    """How a rule is broken, what that is told with, and how it is kept; `unknown` is where nothing can be told."""

    rule: str
    severity: Severity
    words: str
    wrong: dict[str, Any]
    right: dict[str, Any]
    unknown: dict[str, Any] | None = None

    @property
    def not_known(self) -> dict[str, Any]:
        """Unless said otherwise: nothing is known of the target."""
        return self.unknown if self.unknown is not None else {**self.wrong, "target": HostFacts()}


GPU = Device(DeviceKind.VGPU, "A16", can_migrate=True)
PASSED = {kind: GuestNeeds(devices=[Device(kind, "x")]) for kind in DeviceKind}
SHARED_DISK = GuestNeeds(disks=[Disk("root", 40 * GIB, "storage-1")])
LOCAL_DISK = GuestNeeds(disks=[Disk("root", 40 * GIB)])
SNAPSHOTS = GuestNeeds(disks=[Disk("root", 40 * GIB, snapshots=3)])
SEES_ALL = GuestNeeds(cpu_passthrough=True)
NO_TOOLS = GuestNeeds(guest_tools=False)
HUGE = GuestNeeds(page_size=PageSize.HUGE)
GIGANTIC = GuestNeeds(page_size=PageSize.GIGANTIC)
