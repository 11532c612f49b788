"""What decides whether a VM can run on another host, folded away until asked for: what a host has, and what a VM needs.

An empty field is "not known", and what is not known is not checked.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from vmplanner.domain.edits import count
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.platform import CpuVendor, Device, DeviceKind, Disk, PageSize, Platform
from vmplanner.domain.quantities import BYTES, GIB
from vmplanner.domain.topology import Host
from vmplanner.ui.document import Document
from vmplanner.ui.fields import ChoiceField, NamesField, QuantityField, SizesField, TextField, WholeField
from vmplanner.ui.folded import Folded
from vmplanner.ui.forms import Form, Row, Subject, row
from vmplanner.ui.item_list import ItemList, Sort
from vmplanner.ui.labels import WrappedLabel

_NOT_KNOWN = "not known"
_NO_LIMIT = "no limit"
_LEVELS = ((0, "Not known"), *((level, f"x86-64-v{level}") for level in range(1, 5)))
_PAGE_SIZES = (
    (PageSize.NORMAL, "4 KiB (normal)"),
    (PageSize.HUGE, "2 MiB (huge)"),
    (PageSize.GIGANTIC, "1 GiB (gigantic)"),
)


class _PlatformForm(Folded):
    """`parts` are its forms, `known` gives what is known of the thing, for the line that stands there when it is folded
    away.
    """

    def __init__(
        self,
        title: str,
        tip: str,
        opened: set[str],
        subject: Subject,
        parts: Sequence[Form | ItemList],
        known: Callable[[Any], Iterable[object]],
        about: str = "An empty field is not known, and not checked.",
    ) -> None:
        super().__init__(title, opened, tip)
        self._subject = subject
        self._parts = parts
        self._known = known
        note = WrappedLabel(about)
        note.setProperty("role", "muted")
        for widget in (note, *parts):
            self.body.addWidget(widget)
        self.refresh()

    def refresh(self) -> None:
        thing = self._subject.read()
        if thing is not None:
            self.tell(_told(self._known(thing)))
            for part in self._parts:
                part.refresh()


class HostPlatformForm(_PlatformForm):
    """What a host has: its platform, CPU, networks, memory nodes, devices and limits."""

    def __init__(self, document: Document, subject: Subject, opened: set[str]) -> None:
        parts = (
            Form(document, subject, host_rows()),
            ItemList(document, subject.read, "facts.devices", _devices("Devices that are free")),
        )
        tip = "What VMs find on this host; checked before they move here"
        super().__init__("Platform", tip, opened, subject, parts, _known_of_host)


class AccessForm(_PlatformForm):
    """How a real host is reached."""

    def __init__(self, document: Document, subject: Subject, opened: set[str]) -> None:
        about = "Only real runs need them. Discovering a host fills in its address."
        tip = "Where the real host of this card answers"
        parts = (Form(document, subject, access_rows()),)
        super().__init__("Real host", tip, opened, subject, parts, _known_of_access, about)


class NeedsForm(_PlatformForm):
    """What a VM needs of its host: machine type, CPU, networks, pages, disks and devices."""

    def __init__(self, document: Document, subject: Subject, opened: set[str]) -> None:
        def storages() -> tuple[tuple[str, str], ...]:
            return tuple((storage.id, storage.name) for storage in document.project.storages.values())

        parts = (
            Form(document, subject, needs_rows()),
            ItemList(document, subject.read, "needs.disks", _disks(storages), storages),
            ItemList(document, subject.read, "needs.devices", _devices("Devices")),
        )
        tip = "What the VM must find on a host to run there"
        super().__init__("What it needs", tip, opened, subject, parts, _known_of_machine)


def _known_of_host(host: Host) -> tuple[object, ...]:
    facts = host.facts
    platform = facts.platform.label if facts.platform else host.policy.label
    return (
        f"{platform} {facts.hypervisor_version}" if facts.hypervisor_version else facts.platform and platform,
        facts.cpu.vendor and facts.cpu.vendor.label,
        facts.cpu.level and f"x86-64-v{facts.cpu.level}",
        _counted(len(facts.networks), "network"),
        _counted(len(facts.numa_node_bytes), "NUMA node"),
        _counted(sum(device.count for device in facts.devices), "device"),
    )


def _known_of_access(host: Host) -> tuple[object, ...]:
    access = host.access
    return (
        access.address and f"at {access.address}",
        access.migration_address and f"migrations to {access.migration_address}",
    )


def _known_of_machine(machine: VirtualMachine) -> tuple[object, ...]:
    needs = machine.needs
    return (
        needs.machine_type,
        "its host's CPU" if needs.cpu_passthrough else needs.cpu_level and f"x86-64-v{needs.cpu_level}",
        _counted(len(needs.networks), "network"),
        _counted(len(needs.disks), "disk"),
        _counted(sum(device.count for device in needs.devices), "device"),
        needs.page_size is not PageSize.NORMAL and f"pages of {needs.page_size.value}",
        needs.numa_nodes > 1 and f"{needs.numa_nodes} NUMA nodes",
        needs.guest_tools is False and "no guest tools",
    )


def _told(known: Iterable[object]) -> str:
    text = ", ".join(str(each) for each in known if each)
    return f"{text[:1].upper()}{text[1:]}" if text else "Nothing is known yet"


def _counted(number: int, one: str) -> str:
    return count(number, one) if number else ""


def _text(label: str, attribute: str, tip: str, name: str = "") -> Row:
    return row(label, attribute, TextField(name or label, tip, empty=_NOT_KNOWN))


def _names(label: str, attribute: str, tip: str) -> Row:
    return row(label, attribute, NamesField(label, tip, empty=_NOT_KNOWN))


def _choice(label: str, attribute: str, choices: Sequence[tuple[Any, str]], tip: str) -> Row:
    return row(label, attribute, ChoiceField(label, choices, tip))


def _whole(label: str, attribute: str, tip: str, empty: str = "") -> Row:
    return row(label, attribute, WholeField(label, tip, empty=empty))


def host_rows() -> list[Row]:
    """What a host has, but for its devices."""
    platforms = [(None, "Not known"), *((platform, platform.label) for platform in Platform)]
    vendors = [(None, "Not known"), *((vendor, vendor.label) for vendor in CpuVendor)]
    nodes = SizesField("NUMA nodes", "The memory of each node, such as 48 GiB, 48 GiB", empty=_NOT_KNOWN)
    room = "Room on its own disks, for disks that are copied"
    return [
        _choice("Managed by", "facts.platform", platforms, "What carries out its moves; each has rules of its own"),
        _text(
            "Version",
            "facts.hypervisor_version",
            "Such as 8.2.1. VMs do not move to an older one",
            "Hypervisor version",
        ),
        _choice("CPU vendor", "facts.cpu.vendor", vendors, "Running VMs do not move between vendors"),
        _text("CPU model", "facts.cpu.model", "Matters to VMs that see their host's CPU as it is"),
        _choice("CPU level", "facts.cpu.level", _LEVELS, "The x86-64 level that the CPU has, of the x86-64 psABI"),
        _names("CPU features", "facts.cpu.features", "Flags such as avx2. Complete, or empty"),
        _names("Machine types", "facts.machine_types", "Machine types or virtual hardware versions that it can run"),
        _names("VM networks", "facts.networks", "Networks, port groups or bridges for VMs, by name"),
        row("NUMA nodes", "facts.numa_node_bytes", nodes),
        _whole("Free 2 MiB pages", "facts.free_2mib_pages", "Huge pages of 2 MiB that are free now", _NOT_KNOWN),
        _whole("Free 1 GiB pages", "facts.free_1gib_pages", "Huge pages of 1 GiB that are free now", _NOT_KNOWN),
        row(
            "Free disk",
            "facts.free_disk_bytes",
            QuantityField("Free disk", BYTES, whole=True, empty=_NOT_KNOWN, tip=room),
        ),
        _whole("Outgoing moves", "facts.limits.max_outgoing", "How many VMs may leave it at the same time", _NO_LIMIT),
        _whole(
            "Incoming moves", "facts.limits.max_incoming", "How many VMs may come to it at the same time", _NO_LIMIT
        ),
        _whole("VM limit", "facts.limits.max_vms", "How many VMs may be on it, by licence or rule", _NO_LIMIT),
        _whole(
            "vCPU limit", "facts.limits.max_vcpus", "How many vCPUs its VMs may have, by licence or rule", _NO_LIMIT
        ),
    ]


def access_rows() -> list[Row]:
    """How a real host is reached: by us, and by other hosts."""
    address = "What you would give to ssh: root@xen-a, ssh://root@xen-a:22, or a name of your ssh configuration"
    peer = "The name by which other hosts send VMs to it, such as xen-a.storage. Empty: the host of its address"
    return [
        row("Address", "access.address", TextField("Address", address, empty="none")),
        row("Migration address", "access.migration_address", TextField("Migration address", peer, empty="as address")),
    ]


def needs_rows() -> list[Row]:
    """What a VM needs, but for its disks and devices."""
    cpus = ((False, "Its own model"), (True, "As its host's"))
    tools = ((None, "Not known"), (True, "Installed"), (False, "Not installed"))
    return [
        _text("Machine type", "needs.machine_type", "Machine type or virtual hardware version, such as pc-q35-8.2"),
        _choice("CPU", "needs.cpu_passthrough", cpus, "Which CPU the guest sees"),
        _choice("CPU level", "needs.cpu_level", _LEVELS, "The x86-64 level that the guest was started with"),
        _names("CPU features", "needs.cpu_features", "Flags such as avx2 that the guest was started with"),
        _names("Networks", "needs.networks", "Networks, port groups or bridges that it is on, by name"),
        _whole("NUMA nodes", "needs.numa_nodes", "How many nodes the guest was given"),
        _choice("Memory pages", "needs.page_size", _PAGE_SIZES, "The pages that its memory is made of on its host"),
        _choice(
            "Guest tools", "needs.guest_tools", tools, "The platform's tools in the guest, a balloon driver among them"
        ),
    ]


def _disks(storages: Callable[[], tuple[tuple[str, str], ...]]) -> Sort:
    def line(disk: Disk) -> str:
        where = dict(storages()).get(disk.storage_id or "", "on its host")
        snapshots = f" · {count(disk.snapshots, 'snapshot')}" if disk.snapshots else ""
        return f"{BYTES.format(disk.size_bytes)} · {where}{snapshots}"

    def rows() -> list[Row]:
        places = [(None, "Disks of its host"), *storages()]
        return [
            row("Name", "name", TextField("Disk name")),
            row("Size", "size_bytes", QuantityField("Disk size", BYTES, whole=True, tip="When it is full")),
            row(
                "Kept on",
                "storage_id",
                ChoiceField("Disk kept on", places, "A storage of the drawing stays; disks of the host are copied"),
            ),
            row("Snapshots", "snapshots", WholeField("Snapshots", "How many there are; they do not follow a copy")),
        ]

    return Sort("disk", "Disks", line, rows, lambda name: Disk(name, 40 * GIB))


def _devices(heading: str) -> Sort:
    def line(device: Device) -> str:
        many = f"{device.count} × " if device.count > 1 else ""
        return f"{many}{device.kind.label}{' · can move' if device.can_migrate else ''}"

    def rows() -> list[Row]:
        kinds = [(kind, kind.label) for kind in DeviceKind]
        moves = ((False, "Stays where it is"), (True, "Moves with the VM"))
        return [
            row("Name", "name", TextField("Device name", "Such as A100-20C: devices of one name are alike")),
            row("Kind", "kind", ChoiceField("Kind of device", kinds, "How the hardware is handed to a VM")),
            row("Count", "count", WholeField("Device count", "How many of them")),
            row(
                "State",
                "can_migrate",
                ChoiceField("Device state", moves, "Whether its driver can move its state to another of the same name"),
            ),
        ]

    return Sort("device", heading, line, rows, lambda name: Device(DeviceKind.PCI, name))
