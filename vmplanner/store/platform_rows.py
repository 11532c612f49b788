"""What is known about hosts and what VMs need, as columns and rows of the project file's tables, and the way back.

A set of names and the sizes of NUMA nodes are one column each, a JSON list that SQLite's json_each reads. Devices and
disks have tables of their own.
"""

import json
from collections.abc import Iterable
from functools import partial

from vmplanner.domain.platform import (
    Cpu,
    CpuVendor,
    Device,
    DeviceKind,
    Disk,
    GuestNeeds,
    HostFacts,
    HostLimits,
    PageSize,
    Platform,
)
from vmplanner.store.fields import Fields

Value = str | int | float | None
Row = dict[str, Value]


def host_columns(facts: HostFacts) -> Row:
    """The columns of `hosts` that keep what is known about a host."""
    cpu, limits = facts.cpu, facts.limits
    return {
        "platform": facts.platform and facts.platform.value,
        "hypervisor_version": facts.hypervisor_version,
        "cpu_vendor": cpu.vendor and cpu.vendor.value,
        "cpu_model": cpu.model,
        "cpu_level": cpu.level,
        "cpu_features": _list(sorted(cpu.features)),
        "machine_types": _list(sorted(facts.machine_types)),
        "networks": _list(sorted(facts.networks)),
        "numa_node_bytes": _list(facts.numa_node_bytes),
        "free_2mib_pages": facts.free_2mib_pages,
        "free_1gib_pages": facts.free_1gib_pages,
        "free_disk_bytes": facts.free_disk_bytes,
        "max_outgoing": limits.max_outgoing,
        "max_incoming": limits.max_incoming,
        "max_vms": limits.max_vms,
        "max_vcpus": limits.max_vcpus,
    }


def machine_columns(needs: GuestNeeds) -> Row:
    """The columns of `virtual_machines` that keep what a VM needs."""
    return {
        "cpu_passthrough": int(needs.cpu_passthrough),
        "cpu_level": needs.cpu_level,
        "cpu_features": _list(sorted(needs.cpu_features)),
        "machine_type": needs.machine_type,
        "networks": _list(sorted(needs.networks)),
        "numa_nodes": needs.numa_nodes,
        "page_size": needs.page_size.value,
        "guest_tools": None if needs.guest_tools is None else int(needs.guest_tools),
    }


def device_rows(devices: Iterable[Device]) -> Iterable[Row]:
    """Rows of `host_devices` or `virtual_machine_devices`, but for the column that says whose they are."""
    for position, device in enumerate(devices, start=1):
        yield {
            "position": position,
            "kind": device.kind.value,
            "name": device.name,
            "count": device.count,
            "can_migrate": int(device.can_migrate),
        }


def disk_rows(disks: Iterable[Disk]) -> Iterable[Row]:
    """Rows of `disks`, but for the column that says whose they are."""
    for position, disk in enumerate(disks, start=1):
        yield {
            "position": position,
            "name": disk.name,
            "size_bytes": disk.size_bytes,
            "storage_id": disk.storage_id,
            "snapshots": disk.snapshots,
        }


def host_facts(row: Fields, devices: Iterable[Fields]) -> HostFacts:
    """What a row of `hosts` and its rows of `host_devices` tell."""
    return HostFacts(
        platform=row.optional_choice("platform", Platform),
        hypervisor_version=row.text("hypervisor_version"),
        cpu=Cpu(
            vendor=row.optional_choice("cpu_vendor", CpuVendor),
            model=row.text("cpu_model"),
            level=row.whole("cpu_level"),
            features=row.json_texts("cpu_features"),
        ),
        machine_types=row.json_texts("machine_types"),
        networks=row.json_texts("networks"),
        numa_node_bytes=row.json_wholes("numa_node_bytes"),
        free_2mib_pages=row.optional_whole("free_2mib_pages"),
        free_1gib_pages=row.optional_whole("free_1gib_pages"),
        free_disk_bytes=row.optional_whole("free_disk_bytes"),
        devices=_devices(devices),
        limits=HostLimits(
            max_outgoing=row.optional_whole("max_outgoing"),
            max_incoming=row.optional_whole("max_incoming"),
            max_vms=row.optional_whole("max_vms"),
            max_vcpus=row.optional_whole("max_vcpus"),
        ),
    )


def guest_needs(row: Fields, devices: Iterable[Fields], disks: Iterable[Fields]) -> GuestNeeds:
    """What a row of `virtual_machines`, its rows of `virtual_machine_devices` and of `disks` tell."""
    return GuestNeeds(
        cpu_passthrough=row.flag("cpu_passthrough"),
        cpu_level=row.whole("cpu_level"),
        cpu_features=row.json_texts("cpu_features"),
        machine_type=row.text("machine_type"),
        networks=row.json_texts("networks"),
        numa_nodes=row.whole("numa_nodes"),
        page_size=row.choice("page_size", PageSize),
        disks=[disk.build(partial(_disk, disk)) for disk in disks],
        devices=_devices(devices),
        guest_tools=row.flag("guest_tools") if row.has("guest_tools") else None,
    )


def _devices(rows: Iterable[Fields]) -> list[Device]:
    return [row.build(partial(_device, row)) for row in rows]


def _device(row: Fields) -> Device:
    return Device(
        kind=row.choice("kind", DeviceKind),
        name=row.text("name"),
        count=row.whole("count"),
        can_migrate=row.flag("can_migrate"),
    )


def _disk(row: Fields) -> Disk:
    return Disk(
        name=row.text("name"),
        size_bytes=row.whole("size_bytes"),
        storage_id=row.text("storage_id") if row.has("storage_id") else None,
        snapshots=row.whole("snapshots"),
    )


def _list(values: Iterable[str] | Iterable[int]) -> str:
    return json.dumps(list(values), ensure_ascii=False)
