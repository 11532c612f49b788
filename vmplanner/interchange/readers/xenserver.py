"""XCP-ng and XenServer: `xe ...-list params=all`, and the database that `xe pool-dump-database` writes.

The lists (vm, host, sr, vdi, vbd, vif, vgpu, vusb, network-sriov, pif) are records of "name ( RO): value" with an empty
line between; a value that is a map is "key: value; key: value". The dump is XML, a table for each class and a row for
each thing, with fields such as memory__static_max. Its rows become records as in the lists, so that both are understood
by the same code.

Devices of a VM: vGPUs and USB devices have records of their own; PCI devices stand in its other-config, as
pci: 0/0000:04:00.0; a VIF is an SR-IOV function where its network is that of a network-sriov's logical PIF.
"""

import re
from collections.abc import Iterator, Sequence

from attrs import define, field, frozen

from vmplanner.domain.platform import DeviceKind, Platform
from vmplanner.domain.topology import PolicyName
from vmplanner.interchange.files.document import Document
from vmplanner.interchange.files.json_value import whole_of
from vmplanner.interchange.inventory import Place, ReadDisk, ReadHost, Reading, ReadMachine, ReadStorage, shown
from vmplanner.interchange.readers.cpu import cpu_of, version_in
from vmplanner.interchange.readers.devices import devices_of

_FIELD = re.compile(r"\s*([A-Za-z][\w-]{0,60}) \((?:\s|S|M)?R[OW]\)\s*: ?(.*)")
_LONGEST = 10_000  # for a value of several lines
_PAIR = re.compile(r"\('([^']*)'\s+'([^']*)'\)")
_CLASSES = {"VM": "vm", "host": "host", "SR": "sr", "VDI": "vdi", "VBD": "vbd", "VIF": "vif", "network": "network"}
_CLASSES |= {"VGPU": "vgpu", "VGPU_type": "vgpu-type", "VUSB": "vusb", "USB_group": "usb-group"}
_CLASSES |= {"network_sriov": "sriov", "PIF": "pif"}
_MORE_OF = {"host_metrics": "host", "VM_guest_metrics": "vm"}


@frozen
class _Record:
    """One thing of a class. Values of the dump and of the lists have the names that the lists use."""

    values: dict[str, str]
    place: Place

    def text(self, *names: str) -> str:
        return next((self.values[name] for name in names if self.values.get(name)), "")

    def map(self, name: str) -> dict[str, str]:
        value = self.values.get(name, "")[:100_000]
        if value.startswith("("):
            return dict(_PAIR.findall(value))
        parts = (part.partition(": ") for part in value.split("; "))
        return {key.strip(): text.strip() for key, sign, text in parts if sign}

    def is_true(self, name: str) -> bool:
        return self.values.get(name, "").casefold() == "true"


@define
class _Pool:
    """All records by class, and by what refers to them: their UUID or, in the dump, their reference."""

    records: dict[str, list[_Record]] = field(factory=dict)
    by_key: dict[str, _Record] = field(factory=dict)

    def add(self, kind: str, record: _Record) -> None:
        self.records.setdefault(kind, []).append(record)
        for name in ("uuid", "ref"):
            if record.values.get(name):
                self.by_key.setdefault(record.values[name], record)


def recognises(document: Document) -> bool:
    if document.tree is not None:
        return document.tree.tag == "database" and document.tree.find("manifest") is not None
    return document.json is None and re.search(r"^uuid \(\s?RO\)\s*:", document.text[:20_000], re.MULTILINE) is not None


def read(documents: Sequence[Document], reading: Reading) -> None:
    pool = _Pool()
    for document in documents:
        reading.tell(document.label)
        for kind, record in _dumped(document) if document.tree is not None else _listed(document):
            pool.add(kind, record)
    for record in pool.records.get("host", []):
        _read_host(record, pool, reading)
    for record in pool.records.get("sr", []):
        if record.is_true("shared") and record.text("name-label"):
            capacity = whole_of(record.text("physical-size"))
            reading.storages.append(ReadStorage(record.text("name-label"), record.place, capacity or None))
    disks, networks, devices = _disks_by_machine(pool), _networks_by_machine(pool), _devices_by_machine(pool)
    for record in pool.records.get("vm", []):
        _read_machine(record, pool, disks, networks, devices, reading)


def _listed(document: Document) -> Iterator[tuple[str, _Record]]:
    """The records of `xe ...-list`."""
    values: dict[str, str] = {}
    start, name = 0, ""
    for number, line in enumerate(document.text.splitlines(), start=1):
        match = _FIELD.match(line[:200_000])
        if match is None:
            if name and len(values[name]) < _LONGEST and line.strip():
                values[name] += f" {line.strip()}"
            continue
        if match[1] == "uuid":
            if values:
                yield _class_of(values), _Record(values, document.place(start))
            values, start = {}, number
        name = match[1]
        values.setdefault(name, "" if match[2].startswith("<") else match[2].strip())
    if values:
        yield _class_of(values), _Record(values, document.place(start))


def _class_of(values: dict[str, str]) -> str:
    marks = (
        ("power-state", "vm"),
        ("memory-total", "host"),
        ("physical-size", "sr"),
        ("virtual-size", "vdi"),
        ("MAC", "vif"),
        ("gpu-group-uuid", "vgpu"),
        ("usb-group-uuid", "vusb"),
        ("logical-PIF", "sriov"),
        ("management", "pif"),
        ("vdi-uuid", "vbd"),
    )
    return next((kind for mark, kind in marks if mark in values), "")


def _dumped(document: Document) -> Iterator[tuple[str, _Record]]:
    """The rows of the dump. Metrics are records of their own there; what they measure refers to them."""
    assert document.tree is not None
    metrics: dict[str, dict[str, str]] = {}
    found: list[tuple[str, _Record]] = []
    number = 0
    for table in document.tree.iterfind("table"):
        kind = _CLASSES.get(table.get("name") or "", "")
        is_metric = table.get("name") in _MORE_OF
        for row in table.iterfind("row"):
            number += 1
            values = {name.replace("__", "-").replace("_", "-"): text.strip() for name, text in row.items()}
            if is_metric:
                metrics[values.get("ref", "")] = values
            elif kind:
                found.append((kind, _Record(values, document.place(number, table.get("name") or ""))))
    for kind, record in found:
        for name in ("metrics", "guest-metrics"):
            for key, text in metrics.get(record.values.get(name, ""), {}).items():
                record.values.setdefault(key, text)
        yield kind, record


def _read_host(record: _Record, pool: _Pool, reading: Reading) -> None:
    name = record.text("name-label", "hostname")
    if not name:
        reading.error(record.place.at("name-label"), "the host has no name", "name it in the pool")
        return
    cpu = record.map("cpu_info") or record.map("cpu-info")
    cores = whole_of(cpu.get("cpu_count"))
    version = record.map("software-version").get("product_version", "")
    reading.hosts.append(
        ReadHost(
            name,
            record.place,
            uuid=record.text("uuid"),
            memory_bytes=whole_of(record.text("memory-total")) or None,
            cores=cores or None,
            platform=Platform.XCP_NG,
            policy=PolicyName.XEN_4,
            version=version_in(version),
            cpu=cpu_of(cpu.get("modelname", ""), cpu.get("vendor", ""), cpu.get("flags", "")) if cpu else None,
        )
    )


def _read_machine(
    record: _Record,
    pool: _Pool,
    disks: dict[str, list[ReadDisk]],
    networks: dict[str, set[str]],
    devices: dict[str, list[tuple[DeviceKind, str]]],
    reading: Reading,
) -> None:
    name = record.text("name-label")
    keys = [record.values[key] for key in ("uuid", "ref") if record.values.get(key)]
    if record.is_true("is-a-template") or record.is_true("is-a-snapshot"):
        return  # a pool has some thirty templates of its own, and they are no machines
    if record.is_true("is-control-domain"):
        reading.note(record.place, f"{shown(name)} is the host itself: it was left out")
        return
    if not name:
        reading.error(record.place.at("name-label"), "the VM has no name", "name it in the pool")
        return
    state = record.text("power-state").casefold()
    if state not in ("running", "paused"):
        reading.note(record.place, f"{name} is {state or 'not running'}: nothing of it moves live, and it was left out")
        return
    resident = record.text("resident-on")
    host = pool.by_key.get(resident)
    if host is None:
        what = f"{name} runs on {shown(resident)}, which is no host of the files"
        reading.warn(record.place.at("resident-on"), what, "import the list of hosts with it")
    system = record.map("os-version")
    reading.machines.append(
        ReadMachine(
            name,
            record.place,
            host=host.text("name-label", "hostname") if host is not None else "",
            uuid=record.text("uuid"),
            memory_bytes=whole_of(record.text("memory-dynamic-max", "memory-static-max", "memory-target")),
            vcpus=whole_of(record.text("VCPUs-at-startup", "VCPUs-max")),
            os=system.get("name", "").partition("|")[0],
            disks=tuple(disk for key in keys for disk in disks.get(key, ())),
            networks=frozenset(each for key in keys for each in networks.get(key, ())),
            devices=devices_of([*_pci_devices(record), *(each for key in keys for each in devices.get(key, ()))]),
        )
    )


def _disks_by_machine(pool: _Pool) -> dict[str, list[ReadDisk]]:
    """The disks of each VM, by its UUID or reference. A VBD says which VDI a VM has, the VDI on which SR it is."""
    found: dict[str, list[ReadDisk]] = {}
    for vbd in pool.records.get("vbd", []):
        vdi = pool.by_key.get(vbd.text("vdi-uuid", "VDI"))
        if vdi is None or vbd.text("type").casefold() == "cd":
            continue
        storage = pool.by_key.get(vdi.text("sr-uuid", "SR"))
        label = vbd.text("device", "userdevice", "currently-attached-device") or f"disk {len(found)}"
        size = whole_of(vdi.text("virtual-size"))
        on = storage.text("name-label") if storage is not None and storage.is_true("shared") else ""
        found.setdefault(vbd.text("vm-uuid", "VM"), []).append(ReadDisk(label, size, on))
    return found


def _networks_by_machine(pool: _Pool) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for vif in pool.records.get("vif", []):
        network = pool.by_key.get(vif.text("network"))
        label = vif.text("network-name-label") or (network.text("name-label", "bridge") if network is not None else "")
        if label:
            found.setdefault(vif.text("vm-uuid", "VM"), set()).add(label)
    return found


def _pci_devices(machine: _Record) -> Iterator[tuple[DeviceKind, str]]:
    """Where the PCI devices are that are handed to a VM: '0000:04:00.0'."""
    for device in machine.map("other-config").get("pci", "").split(","):
        if address := device.rpartition("/")[2].strip():
            yield DeviceKind.PCI, address


def _devices_by_machine(pool: _Pool) -> dict[str, list[tuple[DeviceKind, str]]]:
    """The other devices of each VM, by its UUID or reference."""
    found: dict[str, list[tuple[DeviceKind, str]]] = {}

    def named(record: _Record, own: str, of: str, label: str) -> str:
        other = pool.by_key.get(record.text(of))
        return record.text(own) or (other.text(label) if other is not None else "")

    for vgpu in pool.records.get("vgpu", []):
        name = named(vgpu, "type-model-name", "type", "model-name")
        found.setdefault(vgpu.text("vm-uuid", "VM"), []).append((DeviceKind.VGPU, name))
    for vusb in pool.records.get("vusb", []):
        name = named(vusb, "usb-group-name-label", "USB-group", "name-label")
        found.setdefault(vusb.text("vm-uuid", "VM"), []).append((DeviceKind.USB, name))
    logical = (pool.by_key.get(sriov.text("logical-PIF")) for sriov in pool.records.get("sriov", []))
    shared = {pif.text("network-uuid", "network") for pif in logical if pif is not None}
    for vif in pool.records.get("vif", []):
        if vif.text("network-uuid", "network") in shared:
            name = named(vif, "network-name-label", "network", "name-label")
            found.setdefault(vif.text("vm-uuid", "VM"), []).append((DeviceKind.SR_IOV, name))
    return found
