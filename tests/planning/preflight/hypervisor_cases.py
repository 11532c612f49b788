"""Kinds and versions of hypervisors, machine types, guest tools."""

from tests.planning.preflight.cases import BLOCKS, NO_TOOLS, WARNS, Broken
from vmplanner.domain.platform import (
    GuestNeeds,
    HostFacts,
    Platform,
)

CASES = [
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
]
