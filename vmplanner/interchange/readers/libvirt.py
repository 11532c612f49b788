"""libvirt: `virsh dumpxml` of each VM, `virsh capabilities` and `virsh nodeinfo` of each host.

None of them names the host: it is taken from the name of the file that describes it, or of its folder, and that is
told. VMs belong to the host that is described in their folder. Sizes of disks are not in the XML of a VM.
"""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from attrs import evolve

from vmplanner.domain.platform import DeviceKind, PageSize, Platform
from vmplanner.domain.quantities import KIB
from vmplanner.domain.topology import PolicyName
from vmplanner.interchange.files.document import Document
from vmplanner.interchange.files.json_value import whole_of
from vmplanner.interchange.files.xml_tree import attribute, text_at
from vmplanner.interchange.inventory import Place, ReadDisk, ReadHost, Reading, ReadMachine, shown
from vmplanner.interchange.readers.cpu import cpu_of, level_of_type
from vmplanner.interchange.readers.devices import devices_of
from vmplanner.interchange.readers.folders import HostsOfFolders
from vmplanner.interchange.readers.lines import values_of_lines

_UNITS = {"b": 1, "bytes": 1, "kb": 1000, "k": KIB, "kib": KIB, "mb": 1000**2, "m": KIB**2, "mib": KIB**2}
_UNITS |= {"gb": 1000**3, "g": KIB**3, "gib": KIB**3, "tb": 1000**4, "t": KIB**4, "tib": KIB**4}
_UNITS |= {"pb": 1000**5, "p": KIB**5, "pib": KIB**5, "eb": 1000**6, "e": KIB**6, "eib": KIB**6}
_GENERIC = re.compile(r"(virsh|capabilities|caps|nodeinfo|host)", re.IGNORECASE)
_DEVICES = {"pci": DeviceKind.PCI, "usb": DeviceKind.USB, "mdev": DeviceKind.VGPU}


def _is_nodeinfo(document: Document) -> bool:
    return document.tree is None and "CPU(s):" in document.text and "Memory size:" in document.text


def recognises(document: Document) -> bool:
    if document.tree is not None:
        return document.tree.tag in ("domain", "domstatus", "domains", "capabilities")
    return document.json is None and _is_nodeinfo(document)


def read(documents: Sequence[Document], reading: Reading) -> None:
    hosts = HostsOfFolders()
    found: dict[str, ReadHost] = {}
    for document in documents:
        host = None
        if document.tree is not None and document.tree.tag == "capabilities":
            host = _host_of_capabilities(document, document.tree, reading)
        elif _is_nodeinfo(document):
            host = _host_of_nodeinfo(document, reading)
        if host is not None:
            hosts.add(document, host.name)
            found[host.name] = _both(found[host.name], host) if host.name in found else host
    reading.hosts += found.values()
    for document in documents:
        if document.tree is not None and document.tree.tag != "capabilities":
            reading.tell(document.label)
            for number, domain in enumerate(document.tree.iter("domain"), start=1):
                _read_domain(document, number, domain, hosts.of(document), reading)


def _name_of(document: Document, reading: Reading) -> str:
    """The host that a file is about, by the file's name or by that of its folder."""
    own = _GENERIC.sub("", document.stem).strip("-_. ")
    name = own or document.folder_name
    source = "file" if own else "folder"
    reading.note(document.place(), f"it does not name its host; taken is {shown(name)}, the name of the {source}")
    return name


def _both(one: ReadHost, other: ReadHost) -> ReadHost:
    """What two files say of one host. Capabilities, which have a UUID, know more."""
    more, less = (one, other) if one.uuid else (other, one)
    return evolve(
        more,
        memory_bytes=more.memory_bytes if more.memory_bytes is not None else less.memory_bytes,
        cores=more.cores if more.cores is not None else less.cores,
    )


def _host_of_capabilities(document: Document, root: Element, reading: Reading) -> ReadHost:
    cells = root.findall("host/topology/cells/cell")
    sizes = [size for cell in cells if (size := _size(cell.find("memory")))]
    siblings = {cpu.get("siblings") or cpu.get("id") for cpu in root.iterfind("host/topology/cells/cell/cpus/cpu")}
    topology = root.find("host/cpu/topology")
    product = 1
    for part in ("sockets", "dies", "clusters", "cores"):
        product *= (whole_of(topology.get(part)) if topology is not None else None) or 1
    is_xen = any(domain.get("type") == "xen" for domain in root.iterfind("guest/arch/domain"))
    native = root.findall("guest/arch[@name='x86_64']/machine") or root.findall("guest/arch/machine")
    return ReadHost(
        _name_of(document, reading),
        document.place(),
        uuid=text_at(root, "host/uuid"),
        memory_bytes=sum(sizes) or None,
        cores=len(siblings) or (product if topology is not None else None),
        platform=Platform.LIBVIRT,
        policy=PolicyName.XEN_4 if is_xen else PolicyName.QEMU,
        # Features here are those beyond the model's own; a list that is not whole would be worse than none.
        cpu=cpu_of(text_at(root, "host/cpu/model"), text_at(root, "host/cpu/vendor")),
        machine_types=frozenset(text for each in native if (text := (each.text or "").strip())),
        numa_node_bytes=tuple(sizes) if len(sizes) > 1 else (),
    )


def _host_of_nodeinfo(document: Document, reading: Reading) -> ReadHost:
    values = values_of_lines(document.text)
    counts = [whole_of(values.get(name)) or 1 for name in ("NUMA cell(s)", "CPU socket(s)", "Core(s) per socket")]
    size, _, unit = values.get("Memory size", "").partition(" ")
    return ReadHost(
        _name_of(document, reading),
        document.place(),
        memory_bytes=whole_of(size, _UNITS.get(unit.casefold(), KIB)),
        cores=min(100_000, counts[0] * counts[1] * counts[2]),
        platform=Platform.LIBVIRT,
    )


def _size(element: Element | None) -> int | None:
    """The bytes of an element such as <memory unit='KiB'>4194304</memory>."""
    if element is None:
        return None
    scale = _UNITS.get((element.get("unit") or "KiB").casefold())
    return whole_of((element.text or "").strip(), scale) if scale is not None else None


def _read_domain(document: Document, number: int, domain: Element, host: str, reading: Reading) -> None:
    place = Place(document.label, "", number)
    name = text_at(domain, "name")
    if not name:
        reading.error(place.at("name"), "the domain has no name", "save the output of 'virsh dumpxml' again")
        return
    if name == "Domain-0":
        reading.note(place, "Domain-0 is the host itself: it was left out")
        return
    if domain.get("type") == "xen" and host:
        reading.hosts[:] = [
            evolve(each, policy=PolicyName.XEN_4) if each.name == host else each for each in reading.hosts
        ]
    mode = attribute(domain, "cpu", "mode")
    vcpu = domain.find("vcpu")
    numa = len(domain.findall("cpu/numa/cell"))
    operating_systems = [each.get("id") or "" for each in domain.iterfind("metadata//os")]
    reading.machines.append(
        ReadMachine(
            name,
            place,
            host=host,
            uuid=text_at(domain, "uuid"),
            memory_bytes=_size(domain.find("currentMemory")) or _size(domain.find("memory")),
            vcpus=(whole_of(vcpu.get("current")) or whole_of((vcpu.text or "").strip())) if vcpu is not None else None,
            os=next((each.removeprefix("http://") for each in operating_systems if each), ""),
            machine_type=attribute(domain, "os/type", "machine"),
            cpu_passthrough=mode in ("host-passthrough", "maximum") if mode else None,
            cpu_level=level_of_type(text_at(domain, "cpu/model")) or None,
            cpu_features=frozenset(
                each.get("name", "")
                for each in domain.iterfind("cpu/feature")
                if each.get("policy") in ("require", "force") and each.get("name")
            ),
            networks=frozenset(filter(None, (_network(each) for each in domain.iterfind("devices/interface")))),
            numa_nodes=numa or None,
            page_size=_page_size(domain),
            disks=tuple(
                ReadDisk(attribute(disk, "target", "dev") or f"disk {place_}", None, attribute(disk, "source", "pool"))
                for place_, disk in enumerate(domain.iterfind("devices/disk"), start=1)
                if disk.get("device", "disk") == "disk"
            ),
            devices=devices_of(
                (_DEVICES[each.get("type") or ""], _device_name(each))
                for each in domain.iterfind("devices/hostdev")
                if each.get("type") in _DEVICES
            ),
            guest_tools=True if _has_agent(domain) else None,
        )
    )


def _network(interface: Element) -> str:
    return next(filter(None, (attribute(interface, "source", part) for part in ("network", "bridge", "dev"))), "")


def _page_size(domain: Element) -> PageSize | None:
    if domain.find("memoryBacking/hugepages") is None:
        return None
    page = domain.find("memoryBacking/hugepages/page")
    size = (
        (whole_of(page.get("size")) or 0) * _UNITS.get((page.get("unit") or "KiB").casefold(), KIB)
        if (page is not None)
        else PageSize.HUGE.bytes
    )
    return PageSize.GIGANTIC if size >= PageSize.GIGANTIC.bytes else PageSize.HUGE


def _device_name(hostdev: Element) -> str:
    """Where a device is on its host: '0000:03:00.0', or its vendor and product, or the UUID of a mediated device."""
    address = hostdev.find("source/address")
    if address is None:
        parts = [attribute(hostdev, "source/vendor", "id"), attribute(hostdev, "source/product", "id")]
        return ":".join(part for part in parts if part) or "device"
    if address.get("uuid"):
        return address.get("uuid", "")
    numbers = [(address.get(part) or "0").removeprefix("0x") for part in ("domain", "bus", "slot", "function")]
    return "{}:{}:{}.{}".format(*numbers)


def _has_agent(domain: Element) -> bool:
    return any(
        attribute(channel, "target", "name") == "org.qemu.guest_agent.0"
        for channel in domain.iterfind("devices/channel")
    )
