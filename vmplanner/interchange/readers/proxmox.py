"""Proxmox VE: JSON of `pvesh get ... --output-format json`, with or without the API's {"data": ...} around it.

    /cluster/resources         nodes, VMs, containers and storages of the whole cluster: enough by itself
    /nodes                     nodes only
    /nodes/NODE/status         a node's processor and version; the file is named after the node
    /nodes/NODE/qemu/ID/config a VM's disks, networks and CPU type; the file's name has the VM's number in it

Memory is in bytes in lists and in MiB in a VM's configuration. `maxcpu` of a node counts threads.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve

from vmplanner.domain.platform import DeviceKind, PageSize, Platform
from vmplanner.domain.quantities import KIB, MIB
from vmplanner.domain.topology import PolicyName
from vmplanner.interchange.files.document import Document
from vmplanner.interchange.files.json_value import record, records, text_of, whole_of
from vmplanner.interchange.inventory import (
    Place,
    ReadDisk,
    ReadHost,
    Reading,
    ReadMachine,
    ReadStorage,
    shown,
)
from vmplanner.interchange.readers.cpu import cpu_of, level_of_type, version_in
from vmplanner.interchange.readers.devices import devices_of

_KINDS = frozenset({"node", "qemu", "lxc", "storage", "pool", "sdn"})
_DISK = re.compile(r"(?:ide|sata|scsi|virtio)[0-9]{1,2}")
_NIC = re.compile(r"net[0-9]{1,2}")
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,3})?)([KMGT]?)")
_SYSTEMS = {"l26": "Linux", "l24": "Linux", "win10": "Windows 10", "win11": "Windows 11", "win8": "Windows 8"}


def _unwrapped(document: Document) -> Any:
    value = document.json
    return value["data"] if isinstance(value, dict) and set(value) == {"data"} else value


def recognises(document: Document) -> bool:
    value = _unwrapped(document)
    if isinstance(value, list):
        first = next(iter(records(value)), {})
        return first.get("type") in _KINDS and ("id" in first or "node" in first)
    return _is_config(record(value)) or _is_status(record(value))


def _is_config(value: dict[str, Any]) -> bool:
    return "digest" in value and any(key in value for key in ("cores", "memory", "sockets", "ostype", "smbios1"))


def _is_status(value: dict[str, Any]) -> bool:
    return "pveversion" in value and "cpuinfo" in value


Machines = dict[tuple[str, str], ReadMachine]
"""The VMs by their numbers and nodes: two clusters may use the same numbers."""


def read(documents: Sequence[Document], reading: Reading) -> None:
    hosts: dict[str, ReadHost] = {}
    machines: Machines = {}
    for document in documents:
        for number, item in enumerate(records(_unwrapped(document)), start=1):
            if number % 500 == 0:
                reading.tell(f"{document.label}: {number:,} things")
            place = document.place(number)
            match item.get("type"):
                case "node":
                    _read_node(item, place, hosts)
                case "qemu":
                    _read_machine(item, place, machines, reading)
                case "lxc":
                    what = f"{shown(item.get('name'))} is a container: it does not move live, and was left out"
                    reading.note(place, what)
                case "storage":
                    _read_storage(item, place, reading)
    for document in documents:
        value = record(_unwrapped(document))
        if _is_config(value):
            _add_config(document, value, machines, reading)
        elif _is_status(value):
            _add_status(document, value, hosts, reading)
    reading.hosts += hosts.values()
    _tell_apart(machines, lambda machine, key: f"{machine.name} ({key[0]})")
    _tell_apart(machines, lambda machine, key: f"{machine.name} on {key[1]}")
    reading.machines += machines.values()


def _tell_apart(machines: Machines, other_name: Callable[[ReadMachine, tuple[str, str]], str]) -> None:
    """Names need not be unique there, and without its configuration a VM has no UUID to tell it from another."""
    having = Counter(machine.name.casefold() for machine in machines.values())
    for key, machine in machines.items():
        if not machine.uuid and having[machine.name.casefold()] > 1:
            machines[key] = evolve(machine, name=other_name(machine, key))


def _read_node(item: dict[str, Any], place: Place, hosts: dict[str, ReadHost]) -> None:
    name = text_of(item.get("node")) or text_of(item.get("id")).removeprefix("node/")
    if name and name not in hosts:
        hosts[name] = ReadHost(
            name,
            place,
            memory_bytes=whole_of(item.get("maxmem")),
            cores=whole_of(item.get("maxcpu")) or None,
            platform=Platform.PROXMOX,
            policy=PolicyName.QEMU,
        )


def _read_machine(item: dict[str, Any], place: Place, machines: Machines, reading: Reading) -> None:
    number = text_of(item.get("vmid")) or text_of(item.get("id")).removeprefix("qemu/")
    key = number, text_of(item.get("node"))
    name = text_of(item.get("name")) or f"VM {number}"
    if item.get("template"):
        reading.note(place, f"{name} is a template: it was left out")
    elif text_of(item.get("status")) not in ("running", "paused"):
        status = text_of(item.get("status")) or "of unknown state"
        reading.note(place, f"{name} is {status}: nothing of it moves live, and it was left out")
    elif key in machines:
        reading.error(place, f"{name} is told twice", "remove one of the files; the first counts")
    else:
        machines[key] = ReadMachine(
            name,
            place,
            host=key[1],
            memory_bytes=whole_of(item.get("maxmem")),
            vcpus=whole_of(item.get("maxcpu")),
        )


def _read_storage(item: dict[str, Any], place: Place, reading: Reading) -> None:
    """A shared storage, once; every node tells of it. Local ones are disks of their hosts."""
    name = text_of(item.get("storage"))
    if name and whole_of(item.get("shared")) == 1 and all(each.name != name for each in reading.storages):
        reading.storages.append(ReadStorage(name, place, whole_of(item.get("maxdisk")) or None))


def _add_status(document: Document, value: dict[str, Any], hosts: dict[str, ReadHost], reading: Reading) -> None:
    name = next((name for name in hosts if name == document.stem or name == document.folder_name), None)
    name = name or next((name for name in hosts if name in re.split(r"[-_. ]", document.stem)), None)
    if name is None:
        mend = "name the file after the node, and import /cluster/resources with it"
        reading.warn(document.place(), "it does not say of which node it is", mend)
        return
    cpu = record(value.get("cpuinfo"))
    cores, total = whole_of(cpu.get("cores")), whole_of(record(value.get("memory")).get("total"))
    hosts[name] = evolve(
        hosts[name],
        cores=cores or hosts[name].cores,
        memory_bytes=total or hosts[name].memory_bytes,
        version=version_in(text_of(value.get("pveversion"))),
        cpu=cpu_of(text_of(cpu.get("model")), "", text_of(cpu.get("flags"))),
    )


def _add_config(document: Document, value: dict[str, Any], machines: Machines, reading: Reading) -> None:
    """What a VM's configuration adds to the list."""
    numbers = set(re.findall(r"[0-9]+", document.stem))
    named = [key for key, machine in machines.items() if machine.name == text_of(value.get("name"))]
    keys = [key for key in named if key[0] in numbers] or [key for key in machines if key[0] in numbers] or named
    if len(keys) != 1:
        mend = "put the VM's number into the file's name, as in 101.json, and import /cluster/resources with it"
        reading.warn(document.place(), "it does not say of which running VM it is", mend)
        return
    before = machines[keys[0]]
    cpu_type = _options(value.get("cpu"))
    cpu = cpu_type.get("cputype") or cpu_type.get("", "")
    smbios, memory = _options(value.get("smbios1")), _options(value.get("memory"))
    devices = [(DeviceKind.PCI, _first(value[key])) for key in value if re.fullmatch("hostpci[0-9]{1,2}", key)]
    devices += [
        (DeviceKind.USB, _first(value[key]))
        for key in value
        if re.fullmatch("usb[0-9]{1,2}", key) and "spice" not in text_of(value[key])
    ]
    agent = _options(value.get("agent"))
    machines[keys[0]] = evolve(
        before,
        uuid=smbios.get("uuid", ""),
        memory_bytes=whole_of(memory.get("current") or memory.get(""), MIB) or before.memory_bytes,
        os=_SYSTEMS.get(text_of(value.get("ostype")), ""),
        machine_type=_options(value.get("machine")).get("", ""),
        cpu_passthrough=cpu == "host" if cpu else None,
        cpu_level=level_of_type(cpu) or None,
        networks=frozenset(
            bridge for key in value if _NIC.fullmatch(key) and (bridge := _options(value[key]).get("bridge"))
        ),
        numa_nodes=sum(1 for key in value if re.fullmatch("numa[0-9]", key)) or None,
        page_size={"2": PageSize.HUGE, "1024": PageSize.GIGANTIC}.get(text_of(value.get("hugepages"))),
        disks=_disks(value, reading),
        devices=devices_of(devices),
        guest_tools=(agent.get("enabled") or agent.get("")) == "1" if agent else None,
    )


def _disks(value: dict[str, Any], reading: Reading) -> tuple[ReadDisk, ...]:
    """The disks of a configuration, without CD drives. Those on local storages are disks of the host."""
    shared = {storage.name for storage in reading.storages}
    found = []
    for key in value:
        if not _DISK.fullmatch(key):
            continue
        options = _options(value[key])
        volume = options.get("file") or options.get("", "")
        if options.get("media") == "cdrom" or volume in ("", "none"):
            continue
        storage = volume.partition(":")[0] if ":" in volume else ""
        size = _SIZE.fullmatch(options.get("size", ""))
        scale = {"": 1, "K": KIB, "M": MIB, "G": KIB**3, "T": KIB**4}
        found.append(
            ReadDisk(key, whole_of(size[1], scale[size[2]]) if size else None, storage if storage in shared else "")
        )
    return tuple(found)


def _options(value: Any) -> dict[str, str]:
    """'local:vm-1-disk-0,size=8G' as {"": "local:vm-1-disk-0", "size": "8G"}."""
    found: dict[str, str] = {}
    for part in text_of(value)[:5000].split(","):
        name, sign, text = part.partition("=")
        if part:
            found.setdefault(name if sign else "", text if sign else part)
    return found


def _first(value: Any) -> str:
    """What a passed-through device is: the first part of its options."""
    options = _options(value)
    return options.get("") or options.get("host") or options.get("mapping") or ""
