"""vmplanner's own tables, for what no other format tells: a CSV file or a sheet of a workbook for each sort of thing.

Columns are found by their headings, in any order; only the first of each table must be there. Sizes have their unit in
the heading, as in "memory (GiB)", or in the cell. `resources/templates` has them empty and explained; the export of an
inventory has them filled.
"""

from collections.abc import Callable, Sequence
from functools import partial

from attrs import evolve

from vmplanner.domain.groups import GroupKind
from vmplanner.domain.platform import Platform
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SECONDS
from vmplanner.domain.topology import PolicyName
from vmplanner.interchange.files.columns import Table, TableRow, Wanted, wanted
from vmplanner.interchange.files.document import Document
from vmplanner.interchange.files.sheet import Sheet
from vmplanner.interchange.inventory import (
    ReadDisk,
    ReadHost,
    Reading,
    ReadLink,
    ReadMachine,
    ReadStorage,
    ReadSwitch,
    shown,
)
from vmplanner.interchange.readers.cpu import cpu_of

MACHINES = (
    wanted("vm", "VM", "vm", "vm name", "name"),
    wanted("host", "host", "host"),
    wanted("memory", "memory", "memory", "ram", quantity=BYTES),
    wanted("vcpus", "vCPUs", "vcpus", "vcpu", "cpus"),
    wanted("os", "operating system", "os", "operating system", "guest os"),
    wanted("profile", "profile", "profile"),
    wanted("networks", "networks, with ; between", "networks", "network"),
    wanted("machine_type", "machine type", "machine type"),
    wanted("uuid", "UUID", "uuid"),
    wanted("group", "group", "group"),
)
DISKS = (
    wanted("vm", "VM", "vm", "vm name"),
    wanted("disk", "disk", "disk"),
    wanted("size", "size", "size", quantity=BYTES),
    wanted("storage", "storage", "storage"),
)
HOSTS = (
    wanted("host", "host", "host", "host name"),
    wanted("memory", "memory", "memory", "ram", quantity=BYTES),
    wanted("cores", "cores", "cores"),
    wanted("platform", "platform", "platform"),
    wanted("version", "hypervisor's version", "version", "hypervisor version"),
    wanted("cpu", "CPU model", "cpu", "cpu model"),
    wanted("networks", "networks, with ; between", "networks"),
    wanted("uuid", "UUID", "uuid"),
    wanted("group", "group", "group"),
)
SWITCHES = (wanted("switch", "switch", "switch"),)
STORAGES = (wanted("storage", "storage", "storage"), wanted("capacity", "capacity", "capacity", quantity=BYTES))
LINKS = (
    wanted("a", "one end", "end a", "from"),
    wanted("b", "other end", "end b", "to"),
    wanted("bandwidth", "bandwidth", "bandwidth", "speed", quantity=BYTES_PER_S),
    wanted("latency", "latency", "latency", quantity=SECONDS),
)
GROUPS = (
    wanted("group", "group", "group"),
    wanted("kind", "site, rack or group", "kind"),
    wanted("parent", "part of", "part of", "parent"),
)
_POLICIES = {
    Platform.VSPHERE: PolicyName.VMOTION,
    Platform.XCP_NG: PolicyName.XEN_4,
    Platform.XL: PolicyName.XEN_4,
    Platform.HYPER_V: PolicyName.HYPER_V,
}


def _kind(sheet: Sheet) -> str:
    """Which table it is, by the columns that only it has."""
    if sheet.has("vm", "disk"):
        return "disks"
    if sheet.has("vm") or sheet.has("vm name") or sheet.has("name", "host"):
        return "machines"
    if sheet.has("end a", "end b") or sheet.has("from", "to"):
        return "links"
    for kind in ("host", "switch", "storage", "group"):
        if sheet.has(kind):
            return f"{kind}s" if kind != "switch" else "switches"
    return ""


def recognises(document: Document) -> bool:
    return any(_kind(sheet) for sheet in document.sheets)


def read(documents: Sequence[Document], reading: Reading) -> None:
    machines: dict[str, ReadMachine] = {}
    readers: dict[str, tuple[tuple[Wanted, ...], Callable[[TableRow, Reading], None]]] = {
        "groups": (GROUPS, _read_group),
        "hosts": (HOSTS, _read_host),
        "switches": (SWITCHES, _read_switch),
        "storages": (STORAGES, _read_storage),
        "links": (LINKS, _read_link),
        "machines": (MACHINES, partial(_read_machine, machines)),
        "disks": (DISKS, partial(_read_disk, machines)),
    }
    sheets = [(_kind(sheet), sheet) for document in documents for sheet in document.sheets]
    for kind, (columns, read_row) in readers.items():
        for of_kind, sheet in sheets:
            if of_kind == kind:
                for row in Table(sheet, columns, reading):
                    read_row(row, reading)
    reading.machines += machines.values()


def _named(row: TableRow, key: str, reading: Reading) -> str:
    """The name in a row; "" when it has none, which is told."""
    name = row.text(key)
    if not name:
        reading.error(row.field(key), "the row has no name", "fill the cell or remove the row")
    return name


def _group(row: TableRow, reading: Reading) -> tuple[str, ...]:
    """The group that a row names, which may have no row of its own."""
    name = row.text("group")
    reading.add_group(name, row.field("group"))
    return (name,) if name else ()


def _names(text: str) -> frozenset[str]:
    return frozenset(name for part in text.split(";") if (name := part.strip()))


def _read_host(row: TableRow, reading: Reading) -> None:
    name = _named(row, "host", reading)
    if not name:
        return
    told, platform = row.text("platform").casefold(), None
    if told:
        platform = next((each for each in Platform if told in (each.value, each.label.casefold())), None)
        if platform is None:
            mend = f"use one of {', '.join(Platform)}; the value is left out"
            reading.warn(row.field("platform"), f"{shown(told)} is no platform", mend)
    reading.hosts.append(
        ReadHost(
            name,
            row.place,
            uuid=row.text("uuid"),
            memory_bytes=row.bytes("memory"),
            cores=row.whole("cores"),
            platform=platform,
            policy=_POLICIES.get(platform, PolicyName.QEMU) if platform is not None else None,
            version=row.text("version"),
            cpu=cpu_of(row.text("cpu")) if row.text("cpu") else None,
            networks=_names(row.text("networks")),
            groups=_group(row, reading),
        )
    )


def _read_machine(machines: dict[str, ReadMachine], row: TableRow, reading: Reading) -> None:
    name = _named(row, "vm", reading)
    if not name:
        return
    if name in machines:
        reading.error(row.place, f"{name} is told twice", "give one of them another name; the first counts")
        return
    machines[name] = ReadMachine(
        name,
        row.place,
        host=row.text("host"),
        uuid=row.text("uuid"),
        memory_bytes=row.bytes("memory"),
        vcpus=row.whole("vcpus"),
        os=row.text("os"),
        profile=row.text("profile"),
        machine_type=row.text("machine_type"),
        networks=_names(row.text("networks")),
        groups=_group(row, reading),
    )


def _read_disk(machines: dict[str, ReadMachine], row: TableRow, reading: Reading) -> None:
    machine = machines.get(row.text("vm"))
    if machine is None:
        what = f"the disk is of {shown(row.text('vm'))}, which is no VM of the files"
        reading.error(row.field("vm"), what, "import the table of VMs with it")
        return
    disk = ReadDisk(row.text("disk") or f"disk {len(machine.disks) + 1}", row.bytes("size"), row.text("storage"))
    machines[machine.name] = evolve(machine, disks=(*machine.disks, disk))


def _read_switch(row: TableRow, reading: Reading) -> None:
    if name := _named(row, "switch", reading):
        reading.switches.append(ReadSwitch(name, row.place))


def _read_storage(row: TableRow, reading: Reading) -> None:
    if name := _named(row, "storage", reading):
        reading.storages.append(ReadStorage(name, row.place, row.bytes("capacity")))


def _read_link(row: TableRow, reading: Reading) -> None:
    ends = _named(row, "a", reading), _named(row, "b", reading)
    if all(ends):
        reading.links.append(ReadLink(*ends, row.place, row.size("bandwidth"), row.size("latency")))


def _read_group(row: TableRow, reading: Reading) -> None:
    if name := _named(row, "group", reading):
        told = row.text("kind").casefold() or GroupKind.GROUP
        kind = next((each for each in GroupKind if each.value == told), None)
        if kind is None:
            mend = f"use one of {', '.join(GroupKind)}; it is read as a group"
            reading.warn(row.field("kind"), f"{shown(told)} is no kind of group", mend)
        reading.add_group(name, row.place, kind or GroupKind.GROUP, row.text("parent"))
