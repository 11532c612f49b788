"""How many may move at once, and be on a host."""

from typing import Any

from tests.planning.preflight.cases import BLOCKS, SHARED_DISK, WARNS, Broken, nas
from tests.small_projects import GIGABIT
from vmplanner.domain.platform import (
    GuestNeeds,
    HostFacts,
    HostLimits,
    Platform,
)
from vmplanner.domain.topology import PolicyName

ON_ONE_STORAGE: dict[str, Any] = {
    "machines": 129,
    "policy": PolicyName.VMOTION,
    "needs": SHARED_DISK,
    "storages": nas("host-1", "host-2"),
}
CASES = [
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
    Broken(
        "storage-load",
        WARNS,
        "129 VMs with disks on nas would move at once, and vSphere's limit is 128",
        {**ON_ONE_STORAGE, "max_concurrent": 200},
        {**ON_ONE_STORAGE, "max_concurrent": 128},
        {**ON_ONE_STORAGE, "max_concurrent": 200, "needs": GuestNeeds()},
    ),
]
