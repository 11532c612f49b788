"""Things of the domain from things that were read: new ones, or known ones with what is told anew.

What is not told stays as it was; of a new thing it is the domain's usual value, and that is told. All raise
InvalidValue for what the domain refuses.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import AttrsInstance, evolve, fields

from vmplanner.domain import checks
from vmplanner.domain.edits import unique_name
from vmplanner.domain.machines import Profile, VirtualMachine
from vmplanner.domain.platform import Cpu, Disk, GuestNeeds, HostFacts
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES
from vmplanner.domain.topology import Host, Link, PolicyName, Position, Storage
from vmplanner.interchange.guesses import MARK, ProfileSource, guessed_profile, marked, refitted
from vmplanner.interchange.inventory import Place, ReadHost, ReadLink, ReadMachine, ReadStorage, shown

Thing = TypeVar("Thing", Host, HostFacts, Storage, VirtualMachine, GuestNeeds, Link)
Warn = Callable[[Place, str, str], None]
_MEND = "mend it in the inspector"


class Ids:
    """Free ids of a project, each given once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._last: dict[str, int] = {}

    def new(self, kind: str) -> str:
        if kind not in self._last:
            self._last[kind] = int(self._project.new_id(kind).rpartition("-")[2]) - 1
        self._last[kind] += 1
        return f"{kind}-{self._last[kind]}"


def host_of(read: ReadHost, before: Host | None, new_id: str, position: Position, warn: Warn) -> Host:
    """The host that was read; `new_id` and `position` are for a new one."""
    host = before or Host(new_id, read.name, read.policy or PolicyName.QEMU, position=position)
    missing = [what for what, value in (("memory", read.memory_bytes), ("cores", read.cores)) if value is None]
    if before is None and missing:
        assumed = {"memory": BYTES.format(host.memory_bytes), "cores": f"{host.cores} cores"}
        what = f"the files don't tell the {' and the '.join(missing)} of {read.name}"
        warn(read.place, what, f"{' and '.join(assumed[each] for each in missing)} are assumed; {_MEND}")
    facts = _told(
        host.facts,
        platform=read.platform,
        hypervisor_version=read.version or None,
        cpu=_cpu(host.facts.cpu, read.cpu) if read.cpu is not None else None,
        machine_types=read.machine_types or None,
        networks=read.networks or None,
        numa_node_bytes=read.numa_node_bytes or None,
    )
    return _told(
        host,
        name=read.name,
        uuid=read.uuid or None,
        memory_bytes=read.memory_bytes,
        cores=read.cores,
        facts=facts,
    )


def storage_of(read: ReadStorage, before: Storage | None, new_id: str, position: Position, warn: Warn) -> Storage:
    storage = before or Storage(new_id, read.name, position=position)
    if before is None and read.capacity_bytes is None:
        what = f"the files don't tell the capacity of {read.name}"
        warn(read.place, what, f"{BYTES.format(storage.capacity_bytes)} are assumed; {_MEND}")
    return _told(storage, name=read.name, capacity_bytes=read.capacity_bytes)


def machine_of(
    read: ReadMachine,
    before: VirtualMachine | None,
    new_id: str,
    host_id: str | None,
    storages: Mapping[str, str],
    profiles: Sequence[ProfileSource],
    warn: Warn,
) -> VirtualMachine:
    """The VM that was read. `host_id` may be None for one that is known; `storages` are ids by names in small letters.

    A new VM gets the profile that is told, or a guess. A known one keeps its own, smaller if its memory shrank.
    """
    if before is None:
        assert host_id is not None
        machine = VirtualMachine(new_id, read.name, host_id)
        missing = [what for what, value in (("memory", read.memory_bytes), ("vCPUs", read.vcpus)) if value is None]
        if missing:
            assumed = {"memory": BYTES.format(machine.memory_bytes), "vCPUs": f"{machine.vcpus} vCPUs"}
            what = f"the files don't tell the {' and the '.join(missing)} of {read.name}"
            warn(read.place, what, f"{' and '.join(assumed[each] for each in missing)} are assumed; {_MEND}")
    else:
        machine = before
    memory_bytes = machine.memory_bytes if read.memory_bytes is None else read.memory_bytes
    needs = _told(
        machine.needs,
        machine_type=read.machine_type or None,
        cpu_passthrough=read.cpu_passthrough,
        cpu_level=read.cpu_level,
        cpu_features=read.cpu_features or None,
        networks=read.networks or None,
        numa_nodes=read.numa_nodes,
        page_size=read.page_size,
        disks=_disks(read, machine, storages, warn) or None,
        devices=read.devices or None,
        guest_tools=read.guest_tools,
    )
    return evolve(
        _told(machine, name=read.name, uuid=read.uuid or None, host_id=host_id, vcpus=read.vcpus, needs=needs),
        memory_bytes=memory_bytes,
        profile=_profile(read, before, memory_bytes, profiles, warn),
    )


def link_of(read: ReadLink, before: Link | None, new_id: str, end_a_id: str, end_b_id: str) -> Link:
    link = before or Link(new_id, end_a_id, end_b_id)
    return _told(link, bandwidth_bytes_per_s=read.bandwidth_bytes_per_s, latency_s=read.latency_s)


def differences(before: AttrsInstance, after: AttrsInstance) -> str:
    """What changed, for people: 'memory, host'."""
    names = [each.name for each in fields(type(before)) if getattr(before, each.name) != getattr(after, each.name)]
    return ", ".join("UUID" if name == "uuid" else checks.label(name.removesuffix("_ids")) for name in names)


def _told(thing: Thing, **values: Any) -> Thing:
    """The thing with the values that are not None; itself where none differs."""
    return evolve(thing, **{name: value for name, value in values.items() if value is not None})


def _cpu(before: Cpu, read: Cpu) -> Cpu:
    return Cpu(
        read.vendor or before.vendor,
        read.model or before.model,
        read.level or before.level,
        read.features or before.features,
    )


def _disks(read: ReadMachine, machine: VirtualMachine, storages: Mapping[str, str], warn: Warn) -> tuple[Disk, ...]:
    """The disks that were read, with the snapshots that those of their names had."""
    before = {disk.name: disk for disk in machine.needs.disks}
    found: list[Disk] = []
    names: set[str] = set()
    without_size = []
    for disk in read.disks:
        storage_id = storages.get(disk.storage.casefold()) if disk.storage else None
        if disk.storage and storage_id is None:
            what = f"the storage {shown(disk.storage)} of disk {disk.name} is neither in the files nor in the project"
            warn(read.place.at(disk.name), what, "the disk is left out; import or draw the storage first")
            continue
        known = before.get(disk.name)
        size = known.size_bytes if disk.size_bytes is None and known is not None else disk.size_bytes
        if size is None:
            without_size.append(disk.name)
            continue
        name = unique_name(disk.name, names)
        names.add(name)
        found.append(Disk(name, size, storage_id, known.snapshots if known is not None else 0))
    if without_size:
        what = f"the files don't tell the sizes of {read.name}'s disks ({', '.join(without_size[:4])})"
        warn(read.place, what, "they are left out; add them in the inspector")
    return tuple(found)


def _profile(
    read: ReadMachine,
    before: VirtualMachine | None,
    memory_bytes: int,
    profiles: Sequence[ProfileSource],
    warn: Warn,
) -> Profile:
    if before is not None:
        profile = refitted(before.profile, memory_bytes)
        if profile != before.profile:
            warn(read.place.at("memory"), f"{read.name} has less memory than its profile", "its pieces are smaller now")
        return profile
    if read.profile:
        told = read.profile.casefold()
        known = next((each for each in profiles if each.name.casefold() == told.removesuffix(MARK)), None)
        if known is not None:
            profile = known.profile_for(memory_bytes)
            return marked(profile, "of the table") if told.endswith(MARK) else profile
        warn(read.place.at("profile"), f"there is no profile {shown(read.profile)}", "another one is guessed")
    return guessed_profile(read.name, read.os, memory_bytes, profiles)
