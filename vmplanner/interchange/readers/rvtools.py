"""RVTools: the inventory of a vSphere site as one workbook, or as a folder of CSV files.

Sheets are told by their columns, so that their names, which differ between versions and exports, don't matter. Memory
and disks are in MiB; older versions write MB and mean the same. vPartition has a disk and a capacity too, but of file
systems inside guests. What is used:

    vInfo       VM, Powerstate, Template, CPUs, Memory, Host, Cluster, Datacenter, OS ..., VM UUID, HW version
    vCPU        CPUs           vMemory     Size MiB         (where vInfo has none)
    vDisk       Disk, Capacity MiB, Path ("[datastore] folder/disk.vmdk")
    vNetwork    Network, Adapter (of which SR-IOV is told)
    vUSB        Device Type     (PCI devices and vGPUs are not in RVTools)
    vHost       Host, Cluster, Datacenter, # Memory, # CPU, # Cores, CPU Model, ESX Version, UUID
    vCluster    Name
    vDatastore  Name, Capacity MiB
"""

import re
from collections.abc import Iterator, Sequence

from attrs import define, evolve, field

from vmplanner.domain.groups import GroupKind
from vmplanner.domain.platform import DeviceKind, Platform
from vmplanner.domain.topology import PolicyName
from vmplanner.interchange.files.columns import Table, TableRow, Wanted, wanted
from vmplanner.interchange.files.document import Document
from vmplanner.interchange.files.sheet import Sheet
from vmplanner.interchange.inventory import Place, ReadDisk, ReadHost, Reading, ReadMachine, ReadStorage
from vmplanner.interchange.readers.cpu import cpu_of, version_in
from vmplanner.interchange.readers.devices import devices_of

_VM = (wanted("vm", "VM", "vm"), wanted("uuid", "VM's UUID", "vm uuid", "uuid"), wanted("id", "VM's key", "vm id"))
_INFO = (
    *_VM,
    wanted("power", "power state", "powerstate"),
    wanted("template", "is a template", "template"),
    wanted("placeholder", "is a placeholder", "srm placeholder"),
    wanted("cpus", "vCPUs", "cpus", is_whole=True),
    wanted("memory", "memory", "memory", unit="MiB", is_whole=True),
    wanted("host", "host", "host"),
    wanted("cluster", "cluster", "cluster"),
    wanted("datacenter", "datacenter", "datacenter"),
    wanted("os_tools", "operating system", "os according to the vmware tools"),
    wanted("os", "operating system", "os according to the configuration file", "os"),
    wanted("hardware", "virtual hardware", "hw version"),
)
_CPU = (*_VM, wanted("cpus", "vCPUs", "cpus", is_whole=True))
_MEMORY = (*_VM, wanted("memory", "memory", "size", unit="MiB", is_whole=True))
_DISK = (
    *_VM,
    wanted("disk", "disk", "disk"),
    wanted("capacity", "size of the disk", "capacity", unit="MiB", is_whole=True),
    wanted("path", "datastore", "disk path", "path"),
)
_NETWORK = (*_VM, wanted("network", "network", "network"), wanted("adapter", "kind of adapter", "adapter"))
_USB = (*_VM, wanted("device", "USB device", "device type"), wanted("node", "USB device's place", "device node"))
_HOST = (
    wanted("host", "host", "host"),
    wanted("cluster", "cluster", "cluster"),
    wanted("datacenter", "datacenter", "datacenter"),
    wanted("memory", "memory", "# memory", unit="MiB", is_whole=True),
    wanted("cores", "cores", "# cores", is_whole=True),
    wanted("model", "CPU model", "cpu model"),
    wanted("version", "hypervisor's version", "esx version"),
    wanted("uuid", "host's UUID", "uuid"),
)
_CLUSTER = (wanted("name", "cluster", "name"),)
_DATASTORE = (wanted("name", "storage", "name"), wanted("capacity", "capacity", "capacity", unit="MiB", is_whole=True))
_DATASTORE_OF = re.compile(r"\[([^\]]+)\]")


def _kind(sheet: Sheet) -> str:
    """Which of RVTools' sheets it is; "" for one that is not used."""
    if sheet.has("VM", "Powerstate", "CPUs", "Memory"):
        return "info"
    if sheet.has("VM", "CPUs", "Sockets"):
        return "cpu"
    if sheet.has("VM", "Ballooned") and (sheet.has("Size MiB") or sheet.has("Size MB")):
        return "memory"
    if sheet.has("VM", "Disk", "Controller"):
        return "disk"
    if sheet.has("VM", "Network", "Mac Address"):
        return "network"
    if sheet.has("VM", "Device Node", "Family", "Speed"):
        return "usb"
    if sheet.has("Host", "# Cores", "# Memory"):
        return "host"
    if sheet.has("Name", "NumHosts"):
        return "cluster"
    if sheet.has("Name", "Free %", "Type", "# VMs"):
        return "datastore"
    return ""


def recognises(document: Document) -> bool:
    return any(_kind(sheet) for sheet in document.sheets)


@define
class _Site:
    """The VMs while the other sheets add to them, by their UUID or else by name and host."""

    machines: dict[str, ReadMachine] = field(factory=dict)
    keys_of_name: dict[str, list[str]] = field(factory=dict)
    left_out: set[str] = field(factory=set)

    def find(self, row: TableRow) -> str | None:
        """The key of the VM that a row of another sheet is about; None for one that was left out."""
        uuid, name = row.text("uuid").casefold(), row.text("vm")
        if uuid in self.machines:
            return uuid
        keys = self.keys_of_name.get(name, [])
        return keys[0] if len(keys) == 1 else None


def read(documents: Sequence[Document], reading: Reading) -> None:
    by_kind: dict[str, list[Sheet]] = {}
    for document in documents:
        for sheet in document.sheets:
            by_kind.setdefault(_kind(sheet), []).append(sheet)

    def rows(kind: str, columns: Sequence[Wanted]) -> Iterator[TableRow]:
        for sheet in by_kind.get(kind, []):
            yield from Table(sheet, columns, reading)

    for row in rows("cluster", _CLUSTER):
        reading.add_group(row.text("name"), row.place)
    for row in rows("host", _HOST):
        _read_host(row, reading)
    for row in rows("datastore", _DATASTORE):
        if row.text("name"):
            reading.storages.append(ReadStorage(row.text("name"), row.place, row.bytes("capacity")))
    site = _Site()
    for row in rows("info", _INFO):
        _read_machine(row, site, reading)
    for row in rows("cpu", _CPU):
        if (key := site.find(row)) and site.machines[key].vcpus is None:
            site.machines[key] = evolve(site.machines[key], vcpus=row.whole("cpus"))
    for row in rows("memory", _MEMORY):
        if (key := site.find(row)) and site.machines[key].memory_bytes is None:
            site.machines[key] = evolve(site.machines[key], memory_bytes=row.bytes("memory"))
    devices: dict[str, list[tuple[DeviceKind, str]]] = {}
    _add_networks(rows("network", _NETWORK), site, devices)
    for row in rows("usb", _USB):
        if key := site.find(row):
            devices.setdefault(key, []).append((DeviceKind.USB, row.text("device") or row.text("node")))
    for key, named in devices.items():
        site.machines[key] = evolve(site.machines[key], devices=devices_of(named))
    _add_disks(rows("disk", _DISK), site, reading)
    reading.machines += site.machines.values()
    if not by_kind.get("info") and not by_kind.get("host") and not by_kind.get("cluster"):
        places = ", ".join(document.label for document in documents[:3])
        reading.error(Place(places), "there is neither vInfo nor vHost among the sheets", "export all of them")
    _add_hosts_named_only(reading)


def _read_host(row: TableRow, reading: Reading) -> None:
    name = row.text("host")
    if not name:
        reading.error(row.field("host"), "the host has no name", "name it in the row")
        return
    cluster, datacenter = _groups_of(row, reading)
    version = version_in(row.text("version"))
    reading.hosts.append(
        ReadHost(
            name,
            row.place,
            uuid=row.text("uuid"),
            memory_bytes=row.bytes("memory"),
            cores=row.whole("cores"),
            platform=Platform.VSPHERE,
            policy=PolicyName.VMOTION,
            version=version,
            cpu=cpu_of(row.text("model")) if row.text("model") else None,
            groups=(cluster or datacenter,) if cluster or datacenter else (),
        )
    )


def _read_machine(row: TableRow, site: _Site, reading: Reading) -> None:
    name, uuid = row.text("vm"), row.text("uuid").casefold()
    key = uuid or f"{name} {row.text('host')} {row.text('id')}"
    if not name:
        reading.error(row.field("vm"), "the VM has no name", "name it in the row")
        return
    is_template, is_placeholder = row.flag("template"), row.flag("placeholder")
    if is_template or is_placeholder:
        why = "is a template" if is_template else "is a placeholder of Site Recovery Manager"
        reading.note(row.place, f"{name} {why}: it was left out")
        site.left_out.add(name)
        return
    if row.text("power") and row.text("power").casefold() != "poweredon":
        reading.note(row.place, f"{name} is {row.text('power')}: nothing of it moves live, and it was left out")
        site.left_out.add(name)
        return
    if key in site.machines:
        reading.error(row.place, f"{name} is told twice", "remove one of the rows; the first counts")
        return
    _groups_of(row, reading)
    hardware = row.text("hardware")
    site.keys_of_name.setdefault(name, []).append(key)
    site.machines[key] = ReadMachine(
        name,
        row.place,
        host=row.text("host"),
        uuid=row.text("uuid"),
        memory_bytes=row.bytes("memory"),
        vcpus=row.whole("cpus"),
        os=row.text("os_tools") or row.text("os"),
        machine_type=f"vmx-{int(hardware):02d}" if hardware.isascii() and hardware.isdecimal() else hardware,
    )


def _groups_of(row: TableRow, reading: Reading) -> tuple[str, str]:
    """The cluster and the datacenter of a row, kept as groups: the one inside the other."""
    cluster, datacenter = row.text("cluster"), row.text("datacenter")
    if datacenter:
        reading.add_group(datacenter, row.field("datacenter"), GroupKind.SITE)
    if cluster and datacenter and cluster in reading.groups and not reading.groups[cluster].parent:
        if cluster != datacenter:
            reading.groups[cluster] = evolve(reading.groups[cluster], parent=datacenter)
    elif cluster:
        reading.add_group(cluster, row.field("cluster"), parent=datacenter)
    return cluster, datacenter


def _add_networks(rows: Iterator[TableRow], site: _Site, devices: dict[str, list[tuple[DeviceKind, str]]]) -> None:
    networks: dict[str, set[str]] = {}
    for row in rows:
        key = site.find(row)
        if key is not None and row.text("network"):
            networks.setdefault(key, set()).add(row.text("network"))
        if key is not None and "sriov" in row.text("adapter").casefold().replace("-", ""):
            devices.setdefault(key, []).append((DeviceKind.SR_IOV, row.text("network")))
    for key, names in networks.items():
        site.machines[key] = evolve(site.machines[key], networks=frozenset(names))


def _add_disks(rows: Iterator[TableRow], site: _Site, reading: Reading) -> None:
    known = {storage.name for storage in reading.storages}
    disks: dict[str, list[ReadDisk]] = {}
    for row in rows:
        key = site.find(row)
        if key is None:
            if row.text("vm") not in site.left_out:
                what = f"the disk is of '{row.text('vm')[:60]}', which is no VM, or not one VM, of vInfo"
                reading.warn(row.place, what, "the disk is left out; export both sheets together, with UUIDs")
            continue
        match = _DATASTORE_OF.match(row.text("path"))
        storage = match[1] if match else ""
        if storage and storage not in known:
            known.add(storage)
            reading.storages.append(ReadStorage(storage, row.field("path")))
        disks.setdefault(key, []).append(ReadDisk(row.text("disk"), row.bytes("capacity"), storage))
    for key, found in disks.items():
        site.machines[key] = evolve(site.machines[key], disks=tuple(found))


def _add_hosts_named_only(reading: Reading) -> None:
    """Hosts that VMs name and no row of vHost describes."""
    known = {host.name for host in reading.hosts}
    for machine in reading.machines:
        if machine.host and machine.host not in known:
            known.add(machine.host)
            place = machine.place.at("Host")
            reading.hosts.append(ReadHost(machine.host, place, platform=Platform.VSPHERE, policy=PolicyName.VMOTION))
