"""Whether a VM's disks can be reached from the target, or copied there.

A disk on a storage stays where it is and the target must reach it. A disk of the host itself has to be copied: the
target must hold all of it, and snapshots do not follow (XCP-ng, seen; libvirt, recalled). Proxmox copies local disks
only when told to (recalled), KubeVirt wants volumes that several nodes can write (seen).
"""

from attrs import evolve

from vmplanner.domain.platform import Disk, Platform
from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.planning.preflight.rules import Case, Finding, Findings, Move, Rule, Severity, ids_of, move_rule


def _check_reachable(case: Case) -> Findings:
    for move in case.moves:
        for disk in move.machine.needs.disks:
            if disk.storage_id is None:
                continue
            storage = case.project.storages[disk.storage_id]
            what = f"{move.machine.name} has its disk {disk.name} on {storage.name}"
            if case.network.route(move.source.id, storage.id) is None:
                yield Finding(
                    Severity.WARNS,
                    move.machine.id,
                    f"{what}, to which no link leads from {move.source.name}, where it runs",
                    f"draw the link from {move.source.name} to {storage.name}",
                )
            elif case.network.route(move.target.id, storage.id) is None:
                yield Finding(
                    Severity.BLOCKS,
                    move.machine.id,
                    f"{what}, which {move.target.name} does not reach",
                    f"link {move.target.name} to {storage.name}, or put the disk on a storage that both reach",
                    moves=ids_of([move]),
                )


def _check_local(case: Case) -> Findings:
    for move in case.moves:
        if disks := _local(move):
            yield evolve(_on_local(case, move, sum(disk.size_bytes for disk in disks)), moves=ids_of([move]))


def _on_local(case: Case, move: Move, size_bytes: int) -> Finding:
    """What disks of its own host mean for a move."""
    what = f"{move.machine.name} has {BYTES.format(size_bytes)} on disks of {move.source.name} itself"
    shared = "put them on a storage that both hosts reach"
    if move.platform is Platform.KUBEVIRT:
        return Finding(Severity.BLOCKS, move.machine.id, f"{what}, which KubeVirt does not move", shared)
    rate = case.network.most_bytes_per_s(move.route, 1) if move.route else 0.0
    rate = min(rate, move.migration.max_bandwidth_bytes_per_s or rate)
    least = f"at least {format_duration(size_bytes / rate)}" if rate and size_bytes else "no time"
    counted = f"of its predicted time, copying them whole takes {least}"
    if move.platform is Platform.PROXMOX:
        message = f"{what}, which Proxmox VE copies only when told to; {counted}"
        return Finding(Severity.WARNS, move.machine.id, message, f"move it with --with-local-disks, or {shared}")
    message = f"{what}, which have to be copied too: {counted}"
    return Finding(Severity.INFORMS, move.machine.id, message, f"{shared}, if that takes too long")


def _check_snapshots(move: Move) -> Findings:
    for disk in _local(move):
        if disk.snapshots:
            yield Finding(
                Severity.WARNS,
                move.machine.id,
                f"{move.machine.name} would lose the {disk.snapshots} snapshots of its disk {disk.name}: the copy "
                "holds its newest state only",
                "keep what is needed of them elsewhere, or put the disk on a storage that both hosts reach",
            )


def _check_room(case: Case) -> Findings:
    for host in case.targets():
        free = host.facts.free_disk_bytes
        coming = sum(disk.size_bytes for move in case.moves_to(host) for disk in _local(move))
        if free is not None and coming > free:
            yield Finding(
                Severity.BLOCKS,
                host.id,
                f"{host.name} would get {BYTES.format(coming)} of local disks and has {BYTES.format(free)} free",
                f"send {BYTES.format(coming - free)} or more elsewhere",
                moves=ids_of(move for move in case.moves_to(host) if _local(move)),
            )


def _check_capacity(case: Case) -> Findings:
    """Only for storages with disks of what moves: the others are no matter of the plan."""
    used: dict[str, int] = {}
    for machine in case.project.machines.values():
        for disk in machine.needs.disks:
            if disk.storage_id is not None:
                used[disk.storage_id] = used.get(disk.storage_id, 0) + disk.size_bytes
    for storage_id in dict.fromkeys(disk.storage_id for move in case.moves for disk in move.machine.needs.disks):
        if storage_id is None:
            continue
        storage = case.project.storages[storage_id]
        if used[storage_id] > storage.capacity_bytes:
            yield Finding(
                Severity.WARNS,
                storage_id,
                f"The disks on {storage.name} are {BYTES.format(used[storage_id])} when full, and it holds "
                f"{BYTES.format(storage.capacity_bytes)}",
                "move disks off it, or enlarge it",
            )


def _local(move: Move) -> list[Disk]:
    return [disk for disk in move.machine.needs.disks if disk.storage_id is None]


RULES = (
    Rule("storage-reachable", "The target reaches the storages of the VM's disks", _check_reachable),
    Rule("local-disks", "The VM's disks are on shared storage", _check_local),
    move_rule("snapshots", "No snapshots are lost when a disk is copied", _check_snapshots),
    Rule("local-room", "The target's own disks hold what is copied to them", _check_room),
    Rule("storage-capacity", "A storage holds the disks that are on it", _check_capacity),
)
