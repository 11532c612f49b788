"""How many migrations a platform, the user or a licence allows.

At once per host: vSphere 8, or 4 on links below 10 Gbit/s; Nova 1 that leaves; Hyper-V 2; KubeVirt 2 that leave (seen).
In all: KubeVirt 5, XCP-ng 10 when a host is evacuated (seen). With disks on one storage: vSphere 128 (seen). What is
more has to wait there, whatever the plan says. Plain Xen, libvirt and Proxmox have no limit of their own.
"""

from collections.abc import Callable

from attrs import evolve, frozen

from vmplanner.domain.edits import count
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.platform import Platform
from vmplanner.domain.topology import Host
from vmplanner.planning.preflight.rules import (
    Case,
    Finding,
    Findings,
    Move,
    Rule,
    Severity,
    ids_of,
    plan_changed,
    platform_of,
)

_TEN_GIGABIT_BYTES_PER_S = 1.25e9
_VSPHERE_ON_A_STORAGE = 128
_AT_ONCE_IN_ALL = {Platform.KUBEVIRT: 5, Platform.XCP_NG: 10}


@frozen
class _Allowed:
    """How many may be under way, and who says so."""

    most: int
    by: str


def _check_leaving(case: Case) -> Findings:
    for host in case.sources():
        allowed = _platform_limits(case, host, is_source=True)
        if host.facts.limits.max_outgoing is not None:
            allowed.append(_Allowed(host.facts.limits.max_outgoing, "its own limit"))
        yield from _too_many(case, host, case.moves_from(host), allowed, "send")


def _check_coming(case: Case) -> Findings:
    for host in case.targets():
        allowed = _platform_limits(case, host, is_source=False)
        if host.facts.limits.max_incoming is not None:
            allowed.append(_Allowed(host.facts.limits.max_incoming, "its own limit"))
        yield from _too_many(case, host, case.moves_to(host), allowed, "take")


def _too_many(case: Case, host: Host, moves: list[Move], allowed: list[_Allowed], verb: str) -> Findings:
    plan = case.plan
    at_once = min(len(moves), plan.max_concurrent, plan.max_concurrent_per_host)
    least = min(allowed, key=lambda limit: limit.most, default=None)
    if least is None or at_once <= least.most:
        return
    told = f"{host.name} would {verb} {count(at_once, 'VM')} at once, and {least.by} is {least.most}"
    if least.most == 0:
        mend = "take its moves out of the plan, or allow some"
        yield Finding(Severity.BLOCKS, host.id, told, mend, moves=ids_of(moves))
        return
    yield Finding(
        Severity.WARNS,
        host.id,
        f"{told}: the others would wait or be refused there",
        f"move no more than {least.most} per host at once",
        plan_changed(plan, evolve(plan, max_concurrent_per_host=least.most), f"Move {least.most} per host at once"),
    )


def _platform_limits(case: Case, host: Host, *, is_source: bool) -> list[_Allowed]:
    platform = platform_of(host)
    if platform is Platform.VSPHERE:
        widest = max((link.bandwidth_bytes_per_s for link in case.project.links_of(host.id)), default=0.0)
        return [_Allowed(8 if widest >= _TEN_GIGABIT_BYTES_PER_S else 4, "vSphere's limit on such links")]
    if platform is Platform.HYPER_V:
        return [_Allowed(2, "Hyper-V's limit")]
    if platform is Platform.NOVA and is_source:
        return [_Allowed(1, "Nova's limit")]
    if platform is Platform.KUBEVIRT and is_source:
        return [_Allowed(2, "KubeVirt's limit")]
    return []


def _check_in_all(case: Case) -> Findings:
    for platform, most in _AT_ONCE_IN_ALL.items():
        moves = [move for move in case.moves if move.platform is platform]
        at_once = min(len(moves), case.plan.max_concurrent)
        if at_once > most:
            fewer = evolve(case.plan, max_concurrent=most)
            yield Finding(
                Severity.WARNS,
                moves[0].source.id,
                f"{at_once} VMs would move at once, and {platform.label} moves {most}: the others would wait there",
                f"move no more than {most} at once",
                plan_changed(case.plan, fewer, f"Move {most} at once"),
            )


def _check_storages(case: Case) -> Findings:
    on: dict[str, int] = {}
    for move in case.moves:
        if move.platform is Platform.VSPHERE:
            for storage_id in {disk.storage_id for disk in move.machine.needs.disks if disk.storage_id is not None}:
                on[storage_id] = on.get(storage_id, 0) + 1
    for storage_id, moves in on.items():
        at_once, most = min(moves, case.plan.max_concurrent), _VSPHERE_ON_A_STORAGE
        if at_once > most:
            yield Finding(
                Severity.WARNS,
                storage_id,
                f"{at_once} VMs with disks on {case.project.storages[storage_id].name} would move at once, and "
                f"vSphere's limit is {most}: the others would wait there",
                f"move no more than {most} at once",
                plan_changed(case.plan, evolve(case.plan, max_concurrent=most), f"Move {most} at once"),
            )


def _count_vms(machine: VirtualMachine) -> int:
    return 1


def _count_vcpus(machine: VirtualMachine) -> int:
    return machine.vcpus


def _check_licences(case: Case) -> Findings:
    """What the user allows on a host; a VM that comes and one that leaves both count, unless the one waits for the
    other.
    """
    for host in case.targets():
        limits, coming, leaving = host.facts.limits, case.moves_to(host), case.moves_from(host)
        for one, most, amount in (("VM", limits.max_vms, _count_vms), ("vCPU", limits.max_vcpus, _count_vcpus)):
            if most is None:
                continue
            before = sum(amount(machine) for machine in case.project.machines_on(host.id))
            more = sum(amount(move.machine) for move in coming)
            after = before + more - sum(amount(move.machine) for move in leaving)
            if after > most:
                yield Finding(
                    Severity.BLOCKS,
                    host.id,
                    f"{host.name} would have {count(after, one)}, and its limit is {most}",
                    f"send {count(after - most, one)} or more elsewhere, or raise the limit",
                    moves=ids_of(coming),
                )
            elif before + more > most and (highest := _highest(case, host, before, amount)) > most:
                yield Finding(
                    Severity.INFORMS,
                    host.id,
                    f"{host.name} may have {count(highest, one)} before all have left that will, and its limit "
                    f"is {most}",
                    "let what leaves it move first",
                )


def _highest(case: Case, host: Host, before: int, amount: Callable[[VirtualMachine], int]) -> int:
    """How much there may be on a host at a time, when each move that comes finds gone what it waits for."""
    leaving = {move.migration.id: amount(move.machine) for move in case.moves_from(host)}
    waits = [(amount(move.machine), case.waits_for(move.migration) & leaving.keys()) for move in case.moves_to(host)]
    there = [
        before + sum(more for more, others in waits if others <= gone) - sum(leaving[each] for each in gone)
        for _, gone in waits
    ]
    return max(there, default=before)


RULES = (
    Rule("leaving", "No more VMs leave a host at once than may", _check_leaving),
    Rule("coming", "No more VMs come to a host at once than may", _check_coming),
    Rule("in-all", "No more VMs move at once than the platform moves", _check_in_all),
    Rule("storage-load", "No more VMs move at once than their storage allows", _check_storages),
    Rule("licences", "A host has no more VMs and vCPUs than its limits allow", _check_licences),
)
