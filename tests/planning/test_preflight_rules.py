"""Each rule of the pre-flight: told with its numbers where it is broken, silent where it is kept or not known."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from tests.small_projects import GIGABIT, two_hosts
from vmplanner.domain import edits
from vmplanner.domain.machines import Profile
from vmplanner.domain.plans import Compression, Options, Technique
from vmplanner.domain.platform import (
    Cpu,
    CpuVendor,
    Device,
    DeviceKind,
    Disk,
    GuestNeeds,
    HostFacts,
    HostLimits,
    PageSize,
    Platform,
    version_key,
)
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB, TIB
from vmplanner.domain.topology import Link, PolicyName, Position, Storage
from vmplanner.planning.preflight import RULES, Finding, Severity, blocking, check
from vmplanner.store import library

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
        Edit(link, evolve(link, latency_s=latency_s)),
        Edit(plan, evolve(plan, migrations=moves)),
    ]
    things += [Edit(vm, evolve(vm, needs=needs or GuestNeeds())) for vm in project.machines.values()]
    return project.applied(Change("", things))


def broken(project: Project, rule: str) -> list[Finding]:
    return [finding for finding in check(project, project.plan) if finding.rule == rule]


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

CASES = [
    Broken(
        "cpu-vendor",
        BLOCKS,
        "web-1 runs on Intel and beta has AMD",
        {"source": cpu(vendor=CpuVendor.INTEL), "target": cpu(vendor=CpuVendor.AMD)},
        {"source": cpu(vendor=CpuVendor.INTEL), "target": cpu(vendor=CpuVendor.INTEL)},
    ),
    Broken(
        "cpu-level",
        BLOCKS,
        "web-1 was started with x86-64-v3 and beta has x86-64-v2",
        {"needs": GuestNeeds(cpu_level=3), "target": cpu(level=2)},
        {"needs": GuestNeeds(cpu_level=3), "target": cpu(level=4)},
    ),
    Broken(
        "cpu-level",
        BLOCKS,
        "x86-64-v4 and beta has x86-64-v3",
        {"needs": SEES_ALL, "source": cpu(level=4), "target": cpu(level=3)},
        {"needs": SEES_ALL, "source": cpu(level=3), "target": cpu(level=3)},
    ),
    Broken(
        "cpu-features",
        BLOCKS,
        "web-1 uses 1 of 2 CPU features that beta lacks: avx512f",
        {"needs": GuestNeeds(cpu_features={"aes", "avx512f"}), "target": cpu("aes")},
        {"needs": GuestNeeds(cpu_features={"aes", "avx512f"}), "target": cpu("aes", "avx512f", "avx2")},
    ),
    Broken(
        "cpu-features",
        BLOCKS,
        "lacks: avx2",
        {"needs": SEES_ALL, "source": cpu("aes", "avx2"), "target": cpu("aes")},
        {"source": cpu("aes", "avx2"), "target": cpu("aes")},
    ),
    Broken(
        "cpu-extra-features",
        WARNS,
        "beta has 1 CPU features that alpha has not (avx2)",
        {"needs": SEES_ALL, "source": cpu("aes"), "target": cpu("aes", "avx2")},
        {"source": cpu("aes"), "target": cpu("aes", "avx2")},
    ),
    Broken(
        "cpu-extra-features",
        BLOCKS,
        "beta has aes, which alpha has not: vSphere refuses that",
        {"policy": PolicyName.VMOTION, "needs": SEES_ALL, "source": cpu("x"), "target": cpu("x", "aes")},
        {"policy": PolicyName.VMOTION, "needs": SEES_ALL, "source": cpu("x"), "target": cpu("x")},
    ),
    Broken(
        "cpu-model",
        WARNS,
        "a Xeon 4110, and beta has a EPYC 7302",
        {"needs": SEES_ALL, "source": cpu(model="Xeon 4110"), "target": cpu(model="EPYC 7302")},
        {"source": cpu(model="Xeon 4110"), "target": cpu(model="EPYC 7302")},
    ),
    Broken(
        "hypervisor-kind",
        BLOCKS,
        "web-1 is managed by OpenStack Nova and beta is managed by Proxmox VE",
        {"source": HostFacts(Platform.NOVA), "target": HostFacts(Platform.PROXMOX)},
        {"source": HostFacts(Platform.NOVA), "target": HostFacts(Platform.NOVA)},
    ),
    Broken(
        "hypervisor-version",
        BLOCKS,
        "runs on version 10.0.2 and beta has 9.2",
        {"source": HostFacts(hypervisor_version="10.0.2"), "target": HostFacts(hypervisor_version="9.2")},
        {"source": HostFacts(hypervisor_version="9.2"), "target": HostFacts(hypervisor_version="10.0.2")},
    ),
    Broken(
        "machine-type",
        BLOCKS,
        "has the machine type pc-q35-9.2, and beta knows pc-q35-8.2",
        {"needs": GuestNeeds(machine_type="pc-q35-9.2"), "target": HostFacts(machine_types={"pc-q35-8.2"})},
        {"needs": GuestNeeds(machine_type="pc-q35-8.2"), "target": HostFacts(machine_types={"pc-q35-8.2"})},
    ),
    Broken(
        "guest-tools",
        WARNS,
        "has no guest tools, with which it moves more soundly on XCP-ng",
        {"source": HostFacts(Platform.XCP_NG), "needs": NO_TOOLS},
        {"source": HostFacts(Platform.XCP_NG), "needs": GuestNeeds(guest_tools=True)},
        {"source": HostFacts(Platform.XCP_NG)},
    ),
    Broken(
        "bandwidth",
        INFORMS,
        "The way from alpha to beta carries 100 Mbit/s",
        {"bandwidth_bytes_per_s": GIGABIT / 10},
        {"bandwidth_bytes_per_s": GIGABIT},
        {},
    ),
    Broken(
        "bandwidth",
        WARNS,
        "carries 500 Mbit/s, less than the 1 Gbit/s below which vSphere warns",
        {"policy": PolicyName.VMOTION, "bandwidth_bytes_per_s": GIGABIT / 2},
        {"policy": PolicyName.VMOTION, "bandwidth_bytes_per_s": GIGABIT},
        {},
    ),
    Broken(
        "bandwidth",
        WARNS,
        "carries 500 Mbit/s for 3 migrations at once; vSphere wants 250 Mbit/s for each",
        {"policy": PolicyName.VMOTION, "bandwidth_bytes_per_s": GIGABIT / 2, "machines": 3},
        {"policy": PolicyName.VMOTION, "bandwidth_bytes_per_s": GIGABIT, "machines": 3},
        {},
    ),
    Broken(
        "round-trip",
        WARNS,
        "40 ms pass to beta and back from alpha",
        {"latency_s": 0.020},
        {"latency_s": 0.005},
        {},
    ),
    Broken(
        "round-trip",
        BLOCKS,
        "200 ms pass to beta and back from alpha; vSphere moves VMs up to 150 ms",
        {"policy": PolicyName.VMOTION, "latency_s": 0.1},
        {"policy": PolicyName.VMOTION, "latency_s": 0.001},
        {},
    ),
    Broken(
        "networks",
        BLOCKS,
        "web-1 is on 2 networks, of which beta lacks DMZ",
        {"needs": GuestNeeds(networks={"LAN", "DMZ"}), "target": HostFacts(networks={"LAN"})},
        {"needs": GuestNeeds(networks={"LAN"}), "target": HostFacts(networks={"LAN", "DMZ"})},
    ),
    Broken(
        "post-copy-version",
        BLOCKS,
        "by post-copy, which needs QEMU 2.5, and alpha has 2.4.1",
        {"technique": Technique.POST_COPY, "source": HostFacts(hypervisor_version="2.4.1")},
        {"technique": Technique.POST_COPY, "source": HostFacts(hypervisor_version="2.5")},
        {"technique": Technique.POST_COPY},
    ),
    Broken(
        "gigantic-pages",
        WARNS,
        "web-1 has pages of 1 GiB: by post-copy it stands still",
        {"technique": Technique.POST_COPY, "needs": GIGANTIC},
        {"technique": Technique.POST_COPY, "needs": HUGE},
        {"technique": Technique.POST_COPY},
    ),
    Broken(
        "balloon",
        WARNS,
        "without a balloon driver it can't give up what nobody needs",
        {"technique": Technique.CHECKPOINT, "needs": NO_TOOLS},
        {"technique": Technique.CHECKPOINT, "needs": GuestNeeds(guest_tools=True)},
        {"technique": Technique.CHECKPOINT},
    ),
    Broken(
        "balloon",
        WARNS,
        "it can't tell which memory is free",
        {"options": Options(free_page_hints=True), "needs": NO_TOOLS},
        {"options": Options(free_page_hints=True), "needs": GuestNeeds(guest_tools=True)},
        {"options": Options(free_page_hints=True)},
    ),
    Broken(
        "memory-now",
        WARNS,
        "The VMs on alpha have 2 GiB of memory now, and it has 1 GiB",
        {"machines": 2, "source_memory_bytes": GIB},
        {"machines": 2, "source_memory_bytes": 2 * GIB},
        {},
    ),
    Broken(
        "numa",
        WARNS,
        "web-1 has 1 GiB, more than the 512 MiB of the largest NUMA node of beta",
        {"target": HostFacts(numa_node_bytes=[GIB // 2, GIB // 2])},
        {"target": HostFacts(numa_node_bytes=[GIB, GIB])},
    ),
    Broken(
        "numa",
        WARNS,
        "web-1 was given 2 NUMA nodes and beta has 1",
        {"needs": GuestNeeds(numa_nodes=2), "target": HostFacts(numa_node_bytes=[64 * GIB])},
        {"needs": GuestNeeds(numa_nodes=2), "target": HostFacts(numa_node_bytes=[GIB // 2, GIB // 2])},
    ),
    Broken(
        "huge-pages",
        BLOCKS,
        "beta would need 1\N{NARROW NO-BREAK SPACE}024 huge pages of 2 MiB and has 1\N{NARROW NO-BREAK SPACE}000 free",
        {"machines": 2, "needs": HUGE, "target": HostFacts(free_2mib_pages=1000)},
        {"machines": 2, "needs": HUGE, "target": HostFacts(free_2mib_pages=1024)},
    ),
    Broken(
        "huge-pages",
        BLOCKS,
        "beta would need 1 huge pages of 1 GiB and has 0 free",
        {"needs": GIGANTIC, "target": HostFacts(free_1gib_pages=0)},
        {"needs": GIGANTIC, "target": HostFacts(free_1gib_pages=1)},
    ),
    Broken(
        "storage-reachable",
        BLOCKS,
        "web-1 has its disk root on nas, which beta does not reach",
        {"needs": SHARED_DISK, "storages": nas("host-1")},
        {"needs": SHARED_DISK, "storages": nas("host-1", "host-2")},
        {"storages": nas("host-1")},
    ),
    Broken(
        "storage-reachable",
        WARNS,
        "on nas, to which no link leads from alpha, where it runs",
        {"needs": SHARED_DISK, "storages": nas()},
        {"needs": SHARED_DISK, "storages": nas("host-1", "host-2")},
        {"storages": nas()},
    ),
    Broken(
        "local-disks",
        INFORMS,
        "web-1 has 40 GiB on disks of alpha itself, which have to be copied too",
        {"needs": LOCAL_DISK},
        {"needs": SHARED_DISK, "storages": nas("host-1", "host-2")},
        {},
    ),
    Broken(
        "local-disks",
        WARNS,
        "which Proxmox VE copies only when told to",
        {"needs": LOCAL_DISK, "source": HostFacts(Platform.PROXMOX)},
        {"source": HostFacts(Platform.PROXMOX), "needs": SHARED_DISK, "storages": nas("host-1", "host-2")},
        {"source": HostFacts(Platform.PROXMOX)},
    ),
    Broken(
        "local-disks",
        BLOCKS,
        "which KubeVirt does not move",
        {"needs": LOCAL_DISK, "source": HostFacts(Platform.KUBEVIRT)},
        {"source": HostFacts(Platform.KUBEVIRT), "needs": SHARED_DISK, "storages": nas("host-1", "host-2")},
        {"source": HostFacts(Platform.KUBEVIRT)},
    ),
    Broken(
        "snapshots",
        WARNS,
        "web-1 would lose the 3 snapshots of its disk root",
        {"needs": SNAPSHOTS},
        {"needs": LOCAL_DISK},
        {},
    ),
    Broken(
        "local-room",
        BLOCKS,
        "beta would get 80 GiB of local disks and has 79 GiB free",
        {"machines": 2, "needs": LOCAL_DISK, "target": HostFacts(free_disk_bytes=79 * GIB)},
        {"machines": 2, "needs": LOCAL_DISK, "target": HostFacts(free_disk_bytes=80 * GIB)},
    ),
    Broken(
        "storage-capacity",
        WARNS,
        "The disks on nas are 80 GiB when full, and it holds 60 GiB",
        {"machines": 2, "needs": SHARED_DISK, "storages": (Storage("storage-1", "nas", 60 * GIB),)},
        {"machines": 2, "needs": SHARED_DISK, "storages": (Storage("storage-1", "nas", 80 * GIB),)},
        {"storages": (Storage("storage-1", "nas", 60 * GIB),)},
    ),
    *(
        Broken("passthrough", BLOCKS, f"web-1 has the {kind.label} x passed through", {"needs": needs}, {}, {})
        for kind, needs in PASSED.items()
    ),
    Broken(
        "passthrough",
        INFORMS,
        "Hyper-V moves its traffic to the software path",
        {"policy": PolicyName.HYPER_V, "needs": PASSED[DeviceKind.SR_IOV]},
        {"policy": PolicyName.HYPER_V},
        {"policy": PolicyName.HYPER_V},
    ),
    Broken(
        "passthrough",
        BLOCKS,
        "web-1 has the vGPU A16 passed through, with which KubeVirt moves nothing live",
        {"source": HostFacts(Platform.KUBEVIRT), "needs": GuestNeeds(devices=[GPU])},
        {"source": HostFacts(Platform.VSPHERE), "needs": GuestNeeds(devices=[GPU])},
        {"needs": GuestNeeds(devices=[GPU])},
    ),
    Broken(
        "devices",
        BLOCKS,
        "beta would need 2 of the vGPU A16 and has 1 free",
        {"machines": 2, "needs": GuestNeeds(devices=[GPU]), "target": HostFacts(devices=[GPU])},
        {"machines": 2, "needs": GuestNeeds(devices=[GPU]), "target": HostFacts(devices=[evolve(GPU, count=2)])},
    ),
    Broken(
        "leaving",
        WARNS,
        "alpha would send 3 VMs at once, and its own limit is 1",
        {"machines": 3, "source": HostFacts(limits=HostLimits(max_outgoing=1))},
        {"machines": 1, "source": HostFacts(limits=HostLimits(max_outgoing=1))},
        {"machines": 3},
    ),
    Broken(
        "leaving",
        WARNS,
        "alpha would send 2 VMs at once, and Nova's limit is 1",
        {"machines": 2, "source": HostFacts(Platform.NOVA)},
        {"machines": 2, "source": HostFacts(Platform.NOVA), "max_concurrent": 1},
        {"machines": 2},
    ),
    Broken(
        "leaving",
        WARNS,
        "alpha would send 3 VMs at once, and KubeVirt's limit is 2",
        {"machines": 3, "source": HostFacts(Platform.KUBEVIRT)},
        {"machines": 2, "source": HostFacts(Platform.KUBEVIRT)},
        {"machines": 3},
    ),
    Broken(
        "leaving",
        WARNS,
        "alpha would send 5 VMs at once, and vSphere's limit on such links is 4",
        {
            "machines": 5,
            "policy": PolicyName.VMOTION,
            "max_concurrent": 9,
            "bandwidth_bytes_per_s": 2 * GIGABIT,
        },
        {"machines": 8, "policy": PolicyName.VMOTION, "max_concurrent": 9},
        {"machines": 9, "max_concurrent": 9},
    ),
    Broken(
        "coming",
        BLOCKS,
        "beta would take 1 VM at once, and its own limit is 0",
        {"target": HostFacts(limits=HostLimits(max_incoming=0))},
        {"target": HostFacts(limits=HostLimits(max_incoming=1))},
    ),
    Broken(
        "coming",
        WARNS,
        "beta would take 3 VMs at once, and Hyper-V's limit is 2",
        {"machines": 3, "policy": PolicyName.HYPER_V},
        {"machines": 2, "policy": PolicyName.HYPER_V},
        {"machines": 3},
    ),
    Broken(
        "in-all",
        WARNS,
        "6 VMs would move at once, and KubeVirt moves 5",
        {"machines": 6, "max_concurrent": 6, "source": HostFacts(Platform.KUBEVIRT)},
        {"machines": 6, "max_concurrent": 5, "source": HostFacts(Platform.KUBEVIRT)},
        {"machines": 6, "max_concurrent": 6},
    ),
    Broken(
        "licences",
        BLOCKS,
        "beta would have 3 VMs, and its limit is 2",
        {"machines": 3, "target": HostFacts(limits=HostLimits(max_vms=2))},
        {"machines": 3, "target": HostFacts(limits=HostLimits(max_vms=3))},
    ),
    Broken(
        "licences",
        BLOCKS,
        "beta would have 6 vCPUs, and its limit is 5",
        {"machines": 3, "target": HostFacts(limits=HostLimits(max_vcpus=5))},
        {"machines": 3, "target": HostFacts(limits=HostLimits(max_vcpus=6))},
    ),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.severity}")


@each_case
def test_a_broken_rule_is_told_with_its_numbers_and_what_would_mend_it(case: Broken) -> None:
    found = broken(project_with(**case.wrong), case.rule)
    assert {finding.severity for finding in found} == {case.severity}
    assert case.words in found[0].message
    assert all(finding.mend for finding in found)


@each_case
def test_a_rule_that_is_kept_is_silent(case: Broken) -> None:
    assert broken(project_with(**case.right), case.rule) == []


@each_case
def test_what_is_not_known_gives_no_finding(case: Broken) -> None:
    assert broken(project_with(**case.not_known), case.rule) == []


def test_every_rule_has_a_test_and_an_id_of_its_own() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    in_other_tests = {
        "elsewhere",
        "route",
        "technique",
        "options",
        "combination",
        "idle-options",
        "memory-after",
        "memory-on-the-way",
        "policy-values",
        "names",
    }
    assert set(ids) <= {case.rule for case in CASES} | in_other_tests


def fixed(project: Project, rule: str) -> Project:
    """The project after the button of a rule's only finding."""
    [finding] = broken(project, rule)
    assert finding.fix is not None
    after = project.applied(finding.fix)
    assert after.applied(finding.fix.inverse()) == project
    return after


def to_own_host() -> Project:
    return (
        two_hosts()
        .applied(edits.place_machines(two_hosts(), ["vm-1"], "host-2"))
        .applied(Change("", (Edit(Project().plan, two_hosts().plan),)))
    )


def twins() -> Project:
    project = two_hosts(2)
    vm = project.machines["vm-2"]
    return project.applied(Change("", (Edit(vm, evolve(vm, name="web-1")),)))


def bad_policy_value() -> Project:
    project = two_hosts()
    host = project.hosts["host-1"]
    return project.applied(Change("", (Edit(host, evolve(host, policy_values=[("no_such", 1.0)])),)))


FIXES: list[tuple[str, Callable[[], Project]]] = [
    ("elsewhere", to_own_host),
    ("names", twins),
    ("policy-values", bad_policy_value),
    ("technique", lambda: project_with(policy=PolicyName.XEN_4, technique=Technique.POST_COPY)),
    ("options", lambda: project_with(policy=PolicyName.XEN_4, options=Options(channels=2))),
    ("combination", lambda: project_with(options=Options(channels=2, xbzrle_cache_bytes=1))),
    ("combination", lambda: project_with(options=Options(compression=Compression.ZSTD))),
    ("combination", lambda: project_with(options=Options(xbzrle_cache_bytes=1, compression=Compression.ZSTD))),
    ("combination", lambda: project_with(technique=Technique.HYBRID, options=Options(channels=2))),
    ("combination", lambda: project_with(technique=Technique.HYBRID, options=Options(free_page_hints=True))),
    ("gigantic-pages", lambda: project_with(technique=Technique.POST_COPY, needs=GIGANTIC)),
    ("balloon", lambda: project_with(technique=Technique.CHECKPOINT, needs=NO_TOOLS)),
    ("balloon", lambda: project_with(options=Options(free_page_hints=True), needs=NO_TOOLS)),
    (
        "post-copy-version",
        lambda: project_with(technique=Technique.HYBRID, target=HostFacts(hypervisor_version="2.4")),
    ),
    ("leaving", lambda: project_with(machines=3, source=HostFacts(Platform.NOVA))),
    ("coming", lambda: project_with(machines=3, target=HostFacts(limits=HostLimits(max_incoming=2)))),
    ("in-all", lambda: project_with(machines=6, max_concurrent=6, source=HostFacts(Platform.KUBEVIRT))),
    (
        "bandwidth",
        lambda: project_with(machines=3, policy=PolicyName.VMOTION, bandwidth_bytes_per_s=GIGABIT / 2),
    ),
]


@pytest.mark.parametrize(("rule", "make"), FIXES, ids=[rule for rule, _ in FIXES])
def test_a_fix_mends_its_finding_and_can_be_undone(rule: str, make: Callable[[], Project]) -> None:
    project = make()
    [before] = broken(project, rule)
    after = fixed(project, rule)
    assert before.message not in [finding.message for finding in broken(after, rule)]
    assert len(blocking(check(after, after.plan))) <= len(blocking(check(project, project.plan)))


def test_a_vm_that_must_wait_for_room_is_told_with_what_is_free() -> None:
    project = two_hosts(1, target_memory_bytes=GIB)
    project = project.applied(edits.add_host(project, Position(300, 300)))
    project = project.applied(edits.add_link(project, "host-2", "host-3"))
    project = project.applied(edits.add_machine(project, "host-2", Profile(), GIB))
    project = project.applied(edits.plan_moves(project, ["vm-2"], "host-3"))
    [finding] = broken(project, "memory-on-the-way")
    assert (finding.severity, finding.thing_id) == (INFORMS, "vm-1")
    assert (
        finding.message == "web-1 has to wait for room on beta: 0 GiB is free when its turn comes, and it needs 1 GiB"
    )


def test_what_leaves_first_makes_room_and_needs_no_word() -> None:
    project = two_hosts(1, target_memory_bytes=GIB, max_concurrent=1)
    project = project.applied(edits.add_host(project, Position(300, 300)))
    project = project.applied(edits.add_link(project, "host-2", "host-3"))
    project = project.applied(edits.add_machine(project, "host-2", Profile(), GIB))
    project = project.applied(edits.plan_moves(project, ["vm-2"], "host-3"))
    plan = project.plan
    first, second = plan.migrations
    project = project.applied(Change("", (Edit(plan, evolve(plan, migrations=[second, first])),)))
    assert check(project, project.plan) == ()


def test_a_move_by_way_of_a_storage_is_no_way() -> None:
    project = project_with(storages=nas("host-1", "host-2"))
    project = project.applied(edits.delete(project, ["link-1"]))
    assert [finding.rule for finding in blocking(check(project, project.plan))] == ["route"]


def test_the_disks_on_a_deleted_storage_go_with_it() -> None:
    project = project_with(needs=SHARED_DISK, storages=nas("host-1"))
    change = edits.delete(project, ["storage-1"])
    after = project.applied(change)
    assert change.title == "Delete nas and 1 link"
    assert after.machines["vm-1"].needs.disks == ()
    assert after.applied(change.inverse()) == project


@pytest.mark.parametrize("name", [info.name for info in library.examples()])
def test_nothing_blocks_a_shipped_example(name: str) -> None:
    project = library.example(name)
    assert blocking(check(project, project.plan)) == ()


numbers = st.lists(st.integers(0, 999), min_size=1, max_size=4)


@given(numbers, numbers)
def test_versions_compare_by_their_numbers(a: list[int], b: list[int]) -> None:
    longest = max(len(a), len(b))
    padded = [[*version, *[0] * (longest - len(version))] for version in (a, b)]
    keys = [version_key(".".join(map(str, version)) + "-1~bpo") for version in (a, b)]
    assert (keys[0] < keys[1]) == (padded[0] < padded[1])
    assert (keys[0] == keys[1]) == (padded[0] == padded[1])


FEATURES = st.frozensets(st.sampled_from(["aes", "avx", "avx2", "sse4_2", "fma"]))


@given(FEATURES, FEATURES)
def test_a_guest_goes_where_all_its_features_are(needed: frozenset[str], there: frozenset[str]) -> None:
    project = project_with(needs=GuestNeeds(cpu_features=needed), target=cpu(*there))
    assert bool(broken(project, "cpu-features")) == (bool(there) and not needed <= there)
