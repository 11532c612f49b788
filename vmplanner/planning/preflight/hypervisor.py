"""Whether the target's hypervisor takes what the source's sends.

The same or a newer version only: XCP-ng, Proxmox (recalled), Xen (newer reads older streams, seen), QEMU (from n to n+1
is intended, seen). Machine types stay what they were at power-on: QEMU and vSphere (seen). Guest tools: recommended for
XCP-ng (seen), wanted by xl for paravirtual guests and by Hyper-V (recalled); the others do not need them.
"""

from vmplanner.domain import edits
from vmplanner.domain.platform import Platform, version_key
from vmplanner.planning.preflight.rules import (
    Case,
    Finding,
    Findings,
    Move,
    Rule,
    Severity,
    ids_of,
    listed,
    move_rule,
    plan_changed,
)
from vmplanner.simulation.policy_values import fitting, misfits


def _check_elsewhere(case: Case) -> Findings:
    moving = {move.migration.id for move in case.moves}
    for migration in case.plan.migrations:
        if migration.id not in moving:
            machine, target = case.project.machines[migration.vm_id], case.project.hosts[migration.target_id]
            yield Finding(
                Severity.BLOCKS,
                machine.id,
                f"{machine.name} is on {target.name} already",
                "choose another target or remove the move",
                plan_changed(case.plan, case.plan.without({migration.id}), f"Remove the move of {machine.name}"),
                moves=(migration.id,),
            )


def _check_kind(move: Move) -> Findings:
    source, target = move.source, move.target
    if source.policy is not target.policy:
        here, there = f"runs on {source.policy.label}", f"a {target.policy.label} host"
    elif source.facts.platform and target.facts.platform and source.facts.platform is not target.facts.platform:
        here, there = f"is managed by {source.facts.platform.label}", f"managed by {target.facts.platform.label}"
    else:
        return
    message = f"{move.machine.name} {here} and {target.name} is {there}"
    yield Finding(Severity.BLOCKS, move.machine.id, message, "choose a target with the same hypervisor")


def _check_version(move: Move) -> Findings:
    here, there = move.source.facts.hypervisor_version, move.target.facts.hypervisor_version
    if here and there and version_key(there) < version_key(here):
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{move.machine.name} runs on version {here} and {move.target.name} has {there}, which is older",
            f"bring {move.target.name} to {here} or newer first, or choose another target",
        )


def _check_machine_type(move: Move) -> Findings:
    needed, known = move.machine.needs.machine_type, move.target.facts.machine_types
    if needed and known and needed not in known:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{move.machine.name} has the machine type {needed}, and {move.target.name} knows {listed(known)}",
            "choose a target that knows it, or start the VM again with a type that both know",
        )


def _check_guest_tools(move: Move) -> Findings:
    platform = move.platform
    if platform is not None and move.machine.needs.guest_tools is False:
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{move.machine.name} has no guest tools, with which it moves more soundly on {platform.label}",
            "install them in the guest",
        )


def _check_policy_values(case: Case) -> Findings:
    for host in case.sources():
        for refusal in misfits(host):
            yield Finding(
                Severity.BLOCKS,
                host.id,
                f"VMs are to leave {host.name}, whose policy can't be: {refusal.field} {refusal.why}",
                "set this policy value to something else or to its default",
                edits.replace(host, fitting(host), f"Set bad policy values of {host.name} to their defaults"),
                moves=ids_of(case.moves_from(host)),
            )


RULES = (
    Rule("elsewhere", "A VM moves to another host than its own", _check_elsewhere),
    move_rule("hypervisor-kind", "Both hosts have the same hypervisor and platform", _check_kind),
    move_rule("hypervisor-version", "The target's hypervisor is of the same version or newer", _check_version),
    move_rule("machine-type", "The target knows the VM's machine type", _check_machine_type),
    move_rule(
        "guest-tools",
        "The guest has the platform's tools",
        _check_guest_tools,
        platforms=frozenset({Platform.XCP_NG, Platform.XL, Platform.HYPER_V}),
    ),
    Rule("policy-values", "What was set for a host's policy is possible", _check_policy_values),
)
