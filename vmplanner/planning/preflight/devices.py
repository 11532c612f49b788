"""Whether hardware that is handed to a VM lets it go, and is there at the target.

Passed-through PCI and USB devices block a live migration on vSphere, XCP-ng, Xen, Proxmox and KubeVirt (seen). A vGPU
moves where its vendor supports it: vSphere, XCP-ng, and Nova with the same types at the target (seen); not on KubeVirt
(seen), nor on plain Xen, where tracking of dirty pages does not go with passthrough (seen). SR-IOV on Hyper-V falls
back to its software path (recalled).
"""

from collections import Counter
from collections.abc import Iterable

from vmplanner.domain.platform import Device, DeviceKind, Platform
from vmplanner.planning.preflight.rules import Case, Finding, Findings, Move, Rule, Severity, ids_of, move_rule

_NEVER = frozenset({Platform.XL, Platform.KUBEVIRT})
_Sort = tuple[DeviceKind, str]


def _check_passthrough(move: Move) -> Findings:
    platform = move.platform
    for device in move.machine.needs.devices:
        what = f"{move.machine.name} has the {device.kind.label} {device.name}"
        detach = "take it from the VM for the move, or move it switched off"
        if device.kind is DeviceKind.SR_IOV and platform is Platform.HYPER_V:
            message = f"{what}; Hyper-V moves its traffic to the software path meanwhile"
            yield Finding(Severity.INFORMS, move.machine.id, message, "expect less network speed during the move")
        elif not device.can_migrate:
            message = f"{what} passed through, whose state can't be moved"
            yield Finding(Severity.BLOCKS, move.machine.id, message, detach)
        elif platform in _NEVER:
            message = f"{what} passed through, with which {platform.label} moves nothing live"
            yield Finding(Severity.BLOCKS, move.machine.id, message, detach)


def _check_room(case: Case) -> Findings:
    """Of every sort that comes to a host so many must be free, with those that leave; unless nothing is known of it."""
    for host in case.targets():
        if not host.facts.devices:
            continue
        free = _counted(host.facts.devices)
        free.update(_counted(device for move in case.moves_from(host) for device in _moving(move)))
        needed = _counted(device for move in case.moves_to(host) for device in _moving(move))
        for (kind, name), count in needed.items():
            if count > free[kind, name]:
                yield Finding(
                    Severity.BLOCKS,
                    host.id,
                    f"{host.name} would need {count} of the {kind.label} {name} and has {free[kind, name]} free",
                    f"send VMs with it to another host, or give {host.name} more of it",
                    moves=ids_of(move for move in case.moves_to(host) if (kind, name) in _counted(_moving(move))),
                )


def _moving(move: Move) -> list[Device]:
    return [device for device in move.machine.needs.devices if device.can_migrate]


def _counted(devices: Iterable[Device]) -> Counter[_Sort]:
    counts: Counter[_Sort] = Counter()
    for device in devices:
        counts[device.kind, device.name] += device.count
    return counts


RULES = (
    move_rule("passthrough", "No device is handed to the VM that can't move with it", _check_passthrough),
    Rule("devices", "The target has the devices that move with its VMs", _check_room),
)
