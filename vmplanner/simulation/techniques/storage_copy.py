"""Disks of the host itself go over before the memory: whole, as nobody knows how much of them is in use.

    T = bytes of the disks / bandwidth

libvirt with --copy-storage-all, storage vMotion and XCP-ng's storage motion copy disks first, and then send what the
guest writes to both sides until it is switched over (recalled). How much a guest writes to its disks is in no profile:
those writes, and what the disks themselves can give, are not simulated.
"""

from vmplanner.domain.machines import PieceKind, VirtualMachine
from vmplanner.domain.plans import Migration
from vmplanner.domain.platform import Disk
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.domain.results import Phase
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.steps import Group, Part, Process, Transfer


def storage_copy(machine: VirtualMachine, migration: Migration, policy: Policy) -> Transfer | None:
    """The step that copies the disks of a VM that are its host's own; None where it has none."""
    disks = [disk for disk in machine.needs.disks if disk.storage_id is None and disk.size_bytes]
    if not disks:
        return None
    cap = policy.effective_cap(migration.max_bandwidth_bytes_per_s)
    return Transfer(Phase.STORAGE_COPY, 0, [Group.of(_part(disk)) for disk in disks], cap)


def after_it(copying: Transfer, process: Process) -> Process:
    """The steps of `process`, after the disks have been copied."""
    yield copying
    return (yield from process)


def _part(disk: Disk) -> Part:
    return Part(f"disk {disk.name}", PieceKind.DISK, disk.size_bytes / PAGE_BYTES, disk.size_bytes)
