"""How many migrations a platform, the user or a licence allows.

At once per host: vSphere 8, or 4 on links below 10 Gbit/s; Nova 1 that leaves; Hyper-V 2; KubeVirt 2 that leave (seen).
In all: KubeVirt 5, XCP-ng 10 when a host is evacuated (seen). What is more has to wait there, whatever the plan says.
Plain Xen, libvirt and Proxmox have no limit of their own.
"""

from attrs import evolve, frozen

from vmplanner.domain.edits import count
from vmplanner.domain.platform import Platform
from vmplanner.domain.topology import Host
from vmplanner.planning.preflight.rules import Case, Finding, Findings, Rule, Severity, plan_changed, platform_of

_TEN_GIGABIT_BYTES_PER_S = 1.25e9
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
        yield from _too_many(case, host, len(case.moves_from(host)), allowed, "send")


def _check_coming(case: Case) -> Findings:
    for host in case.targets():
        allowed = _platform_limits(case, host, is_source=False)
        if host.facts.limits.max_incoming is not None:
            allowed.append(_Allowed(host.facts.limits.max_incoming, "its own limit"))
        yield from _too_many(case, host, len(case.moves_to(host)), allowed, "take")


def _too_many(case: Case, host: Host, moves: int, allowed: list[_Allowed], verb: str) -> Findings:
    plan = case.plan
    at_once = min(moves, plan.max_concurrent, plan.max_concurrent_per_host)
    least = min(allowed, key=lambda limit: limit.most, default=None)
    if least is None or at_once <= least.most:
        return
    told = f"{host.name} would {verb} {count(at_once, 'VM')} at once, and {least.by} is {least.most}"
    if least.most == 0:
        mend = "take its moves out of the plan, or allow some"
        yield Finding(Severity.BLOCKS, host.id, told, mend)
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


def _check_licences(case: Case) -> Findings:
    """What the user allows on a host; a VM that comes and one that leaves later both count meanwhile."""
    for host in case.targets():
        limits, coming, leaving = host.facts.limits, case.moves_to(host), case.moves_from(host)
        if limits.max_vms is None and limits.max_vcpus is None:
            continue
        there = case.project.machines_on(host.id)
        for one, most, before, more, fewer in (
            ("VM", limits.max_vms, len(there), len(coming), len(leaving)),
            (
                "vCPU",
                limits.max_vcpus,
                sum(machine.vcpus for machine in there),
                sum(move.machine.vcpus for move in coming),
                sum(move.machine.vcpus for move in leaving),
            ),
        ):
            if most is None:
                continue
            after = before + more - fewer
            if after > most:
                yield Finding(
                    Severity.BLOCKS,
                    host.id,
                    f"{host.name} would have {count(after, one)}, and its limit is {most}",
                    f"send {count(after - most, one)} or more elsewhere, or raise the limit",
                )
            elif before + more > most:
                yield Finding(
                    Severity.INFORMS,
                    host.id,
                    f"{host.name} may have {count(before + more, one)} before all have left that will, and its limit "
                    f"is {most}",
                    "let what leaves it move first",
                )


RULES = (
    Rule("leaving", "No more VMs leave a host at once than may", _check_leaving),
    Rule("coming", "No more VMs come to a host at once than may", _check_coming),
    Rule("in-all", "No more VMs move at once than the platform moves", _check_in_all),
    Rule("licences", "A host has no more VMs and vCPUs than its limits allow", _check_licences),
)
