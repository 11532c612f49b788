"""Xen's own tools: `xl list -l` (JSON) and `xl info` (lines of "name : value").

The list does not say of which host it is. A file of `xl info` in the same folder does; of several hosts each has its
folder. Memory is in KiB in the list and in MiB in the info. Domain-0 is the host itself.
"""

import re
from collections.abc import Sequence

from vmplanner.domain.platform import DeviceKind, Platform
from vmplanner.domain.quantities import KIB, MIB
from vmplanner.domain.topology import PolicyName
from vmplanner.interchange.files.document import Document
from vmplanner.interchange.files.json_value import record, records, text_of, whole_of
from vmplanner.interchange.inventory import ReadDisk, ReadHost, Reading, ReadMachine
from vmplanner.interchange.readers.devices import devices_of
from vmplanner.interchange.readers.folders import HostsOfFolders
from vmplanner.interchange.readers.lines import values_of_lines

_NODE = re.compile(r"\s*[0-9]+:\s+([0-9]+)\s+[0-9]+\s")


def _is_info(document: Document) -> bool:
    return "xen_major" in document.text and "nr_cpus" in document.text and document.json is None


def recognises(document: Document) -> bool:
    if document.json is not None:
        first = next(iter(records(document.json)), {})
        return "domid" in first and "config" in first
    return document.tree is None and _is_info(document)


def read(documents: Sequence[Document], reading: Reading) -> None:
    hosts = HostsOfFolders()
    for document in documents:
        if _is_info(document):
            host = _read_host(document, reading)
            if host is not None:
                reading.hosts.append(host)
                hosts.add(document, host.name)
    for document in documents:
        if document.json is None:
            continue
        for number, domain in enumerate(records(document.json), start=1):
            reading.tell(document.label)
            _read_domain(document, number, domain, hosts.of(document), reading)


def _read_host(document: Document, reading: Reading) -> ReadHost | None:
    values = values_of_lines(document.text)
    place = document.place()
    name = values.get("host", "")
    if not name:
        reading.error(place.at("host"), "it does not name its host", "save the whole output of 'xl info'")
        return None
    cpus, threads = whole_of(values.get("nr_cpus")), whole_of(values.get("threads_per_core"))
    version = values.get("xen_version", "")
    return ReadHost(
        name,
        place,
        memory_bytes=whole_of(values.get("total_memory"), MIB),
        cores=max(1, cpus // max(1, threads or 1)) if cpus else None,
        platform=Platform.XL,
        policy=PolicyName.XEN_3 if values.get("xen_major") == "3" else PolicyName.XEN_4,
        version=version if version[:1].isdecimal() else "",
        numa_node_bytes=_nodes(document.text),
    )


def _nodes(text: str) -> tuple[int, ...]:
    """The memory of each NUMA node, which `xl info -n` lists; one node says nothing."""
    _, _, after = text.partition("numa_info")
    sizes = tuple(int(match[1][:12]) * MIB for line in after.splitlines()[:1026] if (match := _NODE.match(line)))
    return sizes if len(sizes) > 1 and all(sizes) else ()


def _read_domain(document: Document, number: int, domain: dict[str, object], host: str, reading: Reading) -> None:
    config = record(domain.get("config"))
    created, built = record(config.get("c_info")), record(config.get("b_info"))
    place = document.place(number, "c_info.name")
    name = text_of(created.get("name"))
    if domain.get("domid") == 0:
        reading.note(place, "Domain-0 is the host itself: it was left out")
        return
    if not name:
        reading.error(place, f"domain {number} has no name", "save the output of 'xl list -l' again")
        return
    memory = whole_of(built.get("target_memkb"), KIB) or whole_of(built.get("max_memkb"), KIB)
    reading.machines.append(
        ReadMachine(
            name,
            document.place(number),
            host=host,
            uuid=text_of(created.get("uuid")),
            memory_bytes=memory,
            vcpus=whole_of(built.get("max_vcpus")),
            disks=tuple(
                ReadDisk(text_of(disk.get("vdev")) or f"disk {place_}", None)
                for place_, disk in enumerate(records(config.get("disks")), start=1)
                if not disk.get("is_cdrom") or disk.get("is_cdrom") == "False"
            ),
            networks=frozenset(filter(None, (text_of(nic.get("bridge")) for nic in records(config.get("nics"))))),
            devices=devices_of((DeviceKind.PCI, _pci(device)) for device in records(config.get("pcidevs"))),
            numa_nodes=len(records(built.get("vnuma_nodes"))) or None,
        )
    )


def _pci(device: dict[str, object]) -> str:
    """Where a PCI device is: '0000:03:00.0'."""
    numbers = [whole_of(device.get(part)) or 0 for part in ("domain", "bus", "dev", "func")]
    return "{:04x}:{:02x}:{:02x}.{:x}".format(*numbers)
