"""What decides whether a VM can run on another host: facts about hosts, and what VMs need of them.

Every value has a default that means "not known" (None, 0, or empty). What is not known gives no finding, so that a
small drawing needs none of this.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from attrs import Attribute, field, frozen, validators

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.quantities import GIB, MIB, PAGE_BYTES


class Platform(StrEnum):
    """What carries out the migrations of a host; each has limits and rules of its own."""

    VSPHERE = "vsphere"
    XCP_NG = "xcp-ng"
    XL = "xl"
    LIBVIRT = "libvirt"
    NOVA = "nova"
    HYPER_V = "hyper-v"
    PROXMOX = "proxmox"
    KUBEVIRT = "kubevirt"

    @property
    def label(self) -> str:
        return _PLATFORM_LABELS[self]


_PLATFORM_LABELS = {
    Platform.VSPHERE: "VMware vSphere",
    Platform.XCP_NG: "XCP-ng",
    Platform.XL: "Xen (xl)",
    Platform.LIBVIRT: "libvirt",
    Platform.NOVA: "OpenStack Nova",
    Platform.HYPER_V: "Hyper-V",
    Platform.PROXMOX: "Proxmox VE",
    Platform.KUBEVIRT: "KubeVirt",
}


class CpuVendor(StrEnum):
    INTEL = "intel"
    AMD = "amd"

    @property
    def label(self) -> str:
        return {"intel": "Intel", "amd": "AMD"}[self.value]


class DeviceKind(StrEnum):
    """How a piece of hardware is handed to a VM."""

    PCI = "pci"
    VGPU = "vgpu"
    SR_IOV = "sr-iov"
    USB = "usb"

    @property
    def label(self) -> str:
        return {"pci": "PCI device", "vgpu": "vGPU", "sr-iov": "SR-IOV function", "usb": "USB device"}[self.value]


class PageSize(StrEnum):
    """The pages that a VM's memory is made of at its host."""

    NORMAL = "4 KiB"
    HUGE = "2 MiB"
    GIGANTIC = "1 GiB"

    @property
    def bytes(self) -> int:
        return {"4 KiB": PAGE_BYTES, "2 MiB": 2 * MIB, "1 GiB": GIB}[self.value]


def version_key(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with, to compare: '8.2.1-1ubuntu3' gives (8, 2, 1), and 8.2 equals 8.2.0."""
    found = re.match(r"[0-9]{1,9}(?:\.[0-9]{1,9})*", version)
    numbers = [int(number) for number in found.group().split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _version(thing: object, attribute: "Attribute[Any]", value: object) -> None:
    checks.text(may_be_empty=True)(thing, attribute, value)
    if value and not re.match("[0-9]", str(value)):
        why = f"must begin with a number, such as 8.2.1, not '{value}'"
        raise InvalidValue(checks.describe(thing), checks.label(attribute.name), why)


def _set(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


def _names(thing: object, attribute: "Attribute[Any]", value: frozenset[str]) -> None:
    for name in value:
        checks.text()(thing, attribute, name)


def _several(kind: type) -> checks.Validator:
    return validators.deep_iterable(checks.one_of(kind))


_optional_count = validators.optional(checks.whole(at_least=0))
_level = checks.whole(at_least=0, at_most=4)


@frozen
class Cpu:
    """A host's processor. `level` is the x86-64 level that it has (x86-64-v1 to v4, of the x86-64 psABI; 0: not
    known), `features` are flags such as 'avx2'.
    """

    vendor: CpuVendor | None = field(default=None, validator=validators.optional(checks.one_of(CpuVendor)))
    model: str = field(default="", validator=checks.text(may_be_empty=True))
    level: int = field(default=0, validator=_level)
    features: frozenset[str] = field(default=frozenset(), converter=_set, validator=_names)


@frozen
class Device:
    """Hardware of one sort: free on a host, or handed to a VM. `can_migrate` says whether its driver can move its state
    to another device of the same name.
    """

    kind: DeviceKind = field(validator=checks.one_of(DeviceKind))
    name: str = field(validator=checks.text())
    count: int = field(default=1, validator=checks.whole(at_least=1))
    can_migrate: bool = field(default=False, validator=checks.one_of(bool))


@frozen
class HostLimits:
    """What the user or a licence allows on a host (None: no limit): VMs that leave or come at the same time, VMs that
    are there, and their vCPUs.
    """

    max_outgoing: int | None = field(default=None, validator=_optional_count)
    max_incoming: int | None = field(default=None, validator=_optional_count)
    max_vms: int | None = field(default=None, validator=_optional_count)
    max_vcpus: int | None = field(default=None, validator=_optional_count)


@frozen
class HostFacts:
    """What a host has, as far as it is known.

    `machine_types` are the machine types or virtual hardware versions that it can run, `networks` the VM networks or
    bridges present, `numa_node_bytes` the memory of each NUMA node. What is free is free now: `free_2mib_pages` and
    `free_1gib_pages` count huge pages, `free_disk_bytes` is for local disks, and `devices` can be handed to VMs.
    """

    platform: Platform | None = field(default=None, validator=validators.optional(checks.one_of(Platform)))
    hypervisor_version: str = field(default="", validator=_version)
    cpu: Cpu = field(default=Cpu(), validator=checks.one_of(Cpu))
    machine_types: frozenset[str] = field(default=frozenset(), converter=_set, validator=_names)
    networks: frozenset[str] = field(default=frozenset(), converter=_set, validator=_names)
    numa_node_bytes: tuple[int, ...] = field(
        default=(), converter=tuple[int, ...], validator=validators.deep_iterable(checks.whole(at_least=1))
    )
    free_2mib_pages: int | None = field(default=None, validator=_optional_count)
    free_1gib_pages: int | None = field(default=None, validator=_optional_count)
    free_disk_bytes: int | None = field(default=None, validator=_optional_count)
    devices: tuple[Device, ...] = field(default=(), converter=tuple[Device, ...], validator=_several(Device))
    limits: HostLimits = field(default=HostLimits(), validator=checks.one_of(HostLimits))


@frozen
class Disk:
    """A virtual disk: on a storage of the project, or (None) on a disk of the VM's host."""

    name: str = field(validator=checks.text())
    size_bytes: int = field(validator=checks.whole(at_least=0))
    storage_id: str | None = field(default=None, validator=validators.optional(checks.text()))
    snapshots: int = field(default=0, validator=checks.whole(at_least=0))


@frozen
class GuestNeeds:
    """What a VM needs of its host, as far as it is known.

    `cpu_level` and `cpu_features` are those that the guest was started with; with `cpu_passthrough` it sees all that
    its host has. `numa_nodes` are the nodes that the guest was given, `page_size` is that of its memory at the host.
    `guest_tools` says whether they are installed, a balloon driver among them.
    """

    cpu_passthrough: bool = field(default=False, validator=checks.one_of(bool))
    cpu_level: int = field(default=0, validator=_level)
    cpu_features: frozenset[str] = field(default=frozenset(), converter=_set, validator=_names)
    machine_type: str = field(default="", validator=checks.text(may_be_empty=True))
    networks: frozenset[str] = field(default=frozenset(), converter=_set, validator=_names)
    numa_nodes: int = field(default=1, validator=checks.whole(at_least=1, at_most=1024))
    page_size: PageSize = field(default=PageSize.NORMAL, validator=checks.one_of(PageSize))
    disks: tuple[Disk, ...] = field(default=(), converter=tuple[Disk, ...], validator=_several(Disk))
    devices: tuple[Device, ...] = field(default=(), converter=tuple[Device, ...], validator=_several(Device))
    guest_tools: bool | None = field(default=None, validator=validators.optional(checks.one_of(bool)))

    def __attrs_post_init__(self) -> None:
        names = [disk.name for disk in self.disks]
        for name in names:
            if names.count(name) > 1:
                raise InvalidValue(checks.describe(self), "disks", f"hold two with the name '{name}'")
