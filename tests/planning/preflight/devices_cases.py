"""Devices that were handed to a VM."""

from attrs import evolve

from tests.planning.preflight.cases import BLOCKS, GPU, INFORMS, PASSED, Broken
from vmplanner.domain.platform import (
    DeviceKind,
    GuestNeeds,
    HostFacts,
    Platform,
)
from vmplanner.domain.topology import PolicyName

CASES = [
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
]
