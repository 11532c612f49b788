"""What decides whether a VM can run on another host, folded away until asked for: what a host has, and what a VM needs.

An empty field is "not known", and what is not known is not checked.
"""

from collections.abc import Callable, Iterable

from PySide6.QtWidgets import QWidget

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


class HostPlatformForm(Folded):
    """What a host has: its platform, CPU, networks, memory nodes, devices and limits."""

    def __init__(self, document: Document, subject: Subject, opened: set[str]) -> None:
        super().__init__("Platform", opened, "What VMs find on this host; checked before they move here")
        self._subject = subject
        self._parts: tuple[Form | ItemList, ...] = (
            Form(document, subject, _host_rows()),
            ItemList(document, subject.read, "facts.devices", _devices("Devices that are free")),
        )
        _fill(self, "An empty field is not known, and not checked.", self._parts)
        self.refresh()

    def refresh(self) -> None:
        host: Host | None = self._subject.read()
        if host is None:
            return
        facts = host.facts
        platform = facts.platform.label if facts.platform else host.policy.label
        known = [
            f"{platform} {facts.hypervisor_version}" if facts.hypervisor_version else facts.platform and platform,
            facts.cpu.vendor and facts.cpu.vendor.label,
            facts.cpu.level and f"x86-64-v{facts.cpu.level}",
            _counted(len(facts.networks), "network"),
            _counted(len(facts.numa_node_bytes), "NUMA node"),
            _counted(sum(device.count for device in facts.devices), "device"),
        ]
        self.tell(_told(known))
        for part in self._parts:
            part.refresh()


class NeedsForm(Folded):
    """What a VM needs of its host: machine type, CPU, networks, pages, disks and devices."""

    def __init__(self, document: Document, subject: Subject, opened: set[str]) -> None:
        super().__init__("What it needs", opened, "What the VM must find on a host to run there")
        self._subject = subject

        def storages() -> tuple[tuple[str, str], ...]:
            return tuple((storage.id, storage.name) for storage in document.project.storages.values())

        self._parts: tuple[Form | ItemList, ...] = (
            Form(document, subject, _needs_rows()),
            ItemList(document, subject.read, "needs.disks", _disks(storages), storages),
            ItemList(document, subject.read, "needs.devices", _devices("Devices")),
        )
        _fill(self, "An empty field is not known, and not checked.", self._parts)
        self.refresh()

    def refresh(self) -> None:
        machine: VirtualMachine | None = self._subject.read()
        if machine is None:
            return
        needs = machine.needs
        known = [
            needs.machine_type,
            "its host's CPU" if needs.cpu_passthrough else needs.cpu_level and f"x86-64-v{needs.cpu_level}",
            _counted(len(needs.networks), "network"),
            _counted(len(needs.disks), "disk"),
            _counted(sum(device.count for device in needs.devices), "device"),
            needs.page_size is not PageSize.NORMAL and f"pages of {needs.page_size.value}",
            needs.numa_nodes > 1 and f"{needs.numa_nodes} NUMA nodes",
            needs.guest_tools is False and "no guest tools",
        ]
        self.tell(_told(known))
        for part in self._parts:
            part.refresh()


def _fill(part: Folded, note: str, widgets: Iterable[QWidget]) -> None:
    label = WrappedLabel(note)
    label.setProperty("role", "muted")
    for widget in (label, *widgets):
        part.body.addWidget(widget)


def _told(known: Iterable[object]) -> str:
    text = ", ".join(str(each) for each in known if each)
    return f"{text[:1].upper()}{text[1:]}" if text else "Nothing is known yet"


def _counted(number: int, one: str) -> str:
    return count(number, one) if number else ""


def _host_rows() -> list[Row]:
    platforms = [(None, "Not known"), *((platform, platform.label) for platform in Platform)]
    vendors = [(None, "Not known"), *((vendor, vendor.label) for vendor in CpuVendor)]
    return [
        row(
            "Managed by",
            "facts.platform",
            ChoiceField("Managed by", platforms, "What carries out its moves; each has rules of its own"),
        ),
        row(
            "Version",
            "facts.hypervisor_version",
            TextField("Hypervisor version", "Such as 8.2.1. VMs do not move to an older one", empty=_NOT_KNOWN),
        ),
        row(
            "CPU vendor",
            "facts.cpu.vendor",
            ChoiceField("CPU vendor", vendors, "Running VMs do not move between vendors"),
        ),
        row(
            "CPU model",
            "facts.cpu.model",
            TextField("CPU model", "Matters to VMs that see their host's CPU as it is", empty=_NOT_KNOWN),
        ),
        row(
            "CPU level",
            "facts.cpu.level",
            ChoiceField("CPU level", _LEVELS, "The x86-64 level that the CPU has, of the x86-64 psABI"),
        ),
        row(
            "CPU features",
            "facts.cpu.features",
            NamesField("CPU features", "Flags such as avx2. Complete, or empty", empty=_NOT_KNOWN),
        ),
        row(
            "Machine types",
            "facts.machine_types",
            NamesField("Machine types", "Machine types or virtual hardware versions that it can run", empty=_NOT_KNOWN),
        ),
        row(
            "VM networks",
            "facts.networks",
            NamesField("VM networks", "Networks, port groups or bridges for VMs, by name", empty=_NOT_KNOWN),
        ),
        row(
            "NUMA nodes",
            "facts.numa_node_bytes",
            SizesField("NUMA nodes", "The memory of each node, such as 48 GiB, 48 GiB", empty=_NOT_KNOWN),
        ),
        row(
            "Free 2 MiB pages",
            "facts.free_2mib_pages",
            WholeField("Free 2 MiB pages", "Huge pages of 2 MiB that are free now", empty=_NOT_KNOWN),
        ),
        row(
            "Free 1 GiB pages",
            "facts.free_1gib_pages",
            WholeField("Free 1 GiB pages", "Huge pages of 1 GiB that are free now", empty=_NOT_KNOWN),
        ),
        row(
            "Free disk",
            "facts.free_disk_bytes",
            QuantityField(
                "Free disk", BYTES, whole=True, empty=_NOT_KNOWN, tip="Room on its own disks, for disks that are copied"
            ),
        ),
        row(
            "Outgoing moves",
            "facts.limits.max_outgoing",
            WholeField("Outgoing moves", "How many VMs may leave it at the same time", empty=_NO_LIMIT),
        ),
        row(
            "Incoming moves",
            "facts.limits.max_incoming",
            WholeField("Incoming moves", "How many VMs may come to it at the same time", empty=_NO_LIMIT),
        ),
        row(
            "VM limit",
            "facts.limits.max_vms",
            WholeField("VM limit", "How many VMs may be on it, by licence or rule", empty=_NO_LIMIT),
        ),
        row(
            "vCPU limit",
            "facts.limits.max_vcpus",
            WholeField("vCPU limit", "How many vCPUs its VMs may have, by licence or rule", empty=_NO_LIMIT),
        ),
    ]


def _needs_rows() -> list[Row]:
    cpus = ((False, "Its own model"), (True, "As its host's"))
    tools = ((None, "Not known"), (True, "Installed"), (False, "Not installed"))
    return [
        row(
            "Machine type",
            "needs.machine_type",
            TextField("Machine type", "Machine type or virtual hardware version, such as pc-q35-8.2", empty=_NOT_KNOWN),
        ),
        row("CPU", "needs.cpu_passthrough", ChoiceField("CPU", cpus, "Which CPU the guest sees")),
        row(
            "CPU level",
            "needs.cpu_level",
            ChoiceField("CPU level", _LEVELS, "The x86-64 level that the guest was started with"),
        ),
        row(
            "CPU features",
            "needs.cpu_features",
            NamesField("CPU features", "Flags such as avx2 that the guest was started with", empty=_NOT_KNOWN),
        ),
        row(
            "Networks",
            "needs.networks",
            NamesField("Networks", "Networks, port groups or bridges that it is on, by name", empty=_NOT_KNOWN),
        ),
        row("NUMA nodes", "needs.numa_nodes", WholeField("NUMA nodes", "How many nodes the guest was given")),
        row(
            "Memory pages",
            "needs.page_size",
            ChoiceField("Memory pages", _PAGE_SIZES, "The pages that its memory is made of on its host"),
        ),
        row(
            "Guest tools",
            "needs.guest_tools",
            ChoiceField("Guest tools", tools, "The platform's tools in the guest, a balloon driver among them"),
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
