"""Disks: reachable, local, snapshots, and room for them."""

from tests.planning.preflight.cases import BLOCKS, INFORMS, LOCAL_DISK, SHARED_DISK, SNAPSHOTS, WARNS, Broken, nas
from vmplanner.domain.platform import (
    HostFacts,
    Platform,
)
from vmplanner.domain.quantities import GIB
from vmplanner.domain.topology import Storage

CASES = [
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
        "web-1 has 40 GiB on disks of alpha itself, which have to be copied too: of its predicted time, copying them "
        "whole takes at least 34.4 s",
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
]
