"""Whether a guest finds the CPU that it was started with.

A running guest has seen its CPU's features and goes on using them. Same vendor: vSphere, XCP-ng (seen). The target must
offer what the guest uses now: XCP-ng, Nova (seen). Without a mask vSphere refuses a target that differs in SSE3, SSSE3,
SSE4.1, SSE4.2 or AES in either direction (seen: its scenarios of CPU compatibility). Levels are those of the x86-64
psABI, which QEMU's models x86-64-v1 to v4 follow (recalled).
"""

from vmplanner.domain.platform import Platform
from vmplanner.planning.preflight.rules import Finding, Findings, Move, Severity, listed, move_rule

_EITHER_WAY = frozenset({"sse3", "ssse3", "sse4_1", "sse4_2", "aes"})
_MASKS = {
    Platform.VSPHERE: "turn on EVC with a mode that both hosts have",
    Platform.XCP_NG: "put both hosts into one pool, which gives guests the features that all have",
    Platform.HYPER_V: "turn on processor compatibility for the VM",
    Platform.PROXMOX: "give the VM a CPU type that both hosts have, such as x86-64-v2-AES",
    Platform.NOVA: "set cpu_mode to custom, with a model that both hosts have",
}
_ANY_MASK = "give the VM a CPU model that both hosts have"


def _check_vendor(move: Move) -> Findings:
    here, there = move.source.facts.cpu.vendor, move.target.facts.cpu.vendor
    if here and there and here is not there:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{move.machine.name} runs on {here.label} and {move.target.name} has {there.label}",
            f"choose a target with a CPU from {here.label}, or move it switched off",
        )


def _check_level(move: Move) -> Findings:
    source, target, needs = move.source.facts.cpu, move.target.facts.cpu, move.machine.needs
    needed = max(needs.cpu_level, source.level if needs.cpu_passthrough else 0)
    if target.level and needed > target.level:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{move.machine.name} was started with x86-64-v{needed} and {move.target.name} has x86-64-v{target.level}",
            _mend(move, f"start it again with x86-64-v{target.level}"),
        )


def _check_features(move: Move) -> Findings:
    needs, there = move.machine.needs, move.target.facts.cpu.features
    needed = needs.cpu_features | (move.source.facts.cpu.features if needs.cpu_passthrough else frozenset())
    missing = needed - there
    if there and missing:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{move.machine.name} uses {len(missing)} of {len(needed)} CPU features that {move.target.name} lacks: "
            f"{listed(missing)}",
            _mend(move, "start it again without them"),
        )


def _check_extra_features(move: Move) -> Findings:
    """A guest that sees all of its host's CPU gains what the target has besides when it is started again there."""
    here, there = move.source.facts.cpu.features, move.target.facts.cpu.features
    extra = there - here
    if not (move.machine.needs.cpu_passthrough and here and extra):
        return
    refused = extra & _EITHER_WAY
    if move.platform is Platform.VSPHERE and refused:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{move.target.name} has {listed(refused)}, which {move.source.name} has not: vSphere refuses that for "
            f"{move.machine.name}, which has no mask",
            _mend(move),
        )
        return
    yield Finding(
        Severity.WARNS,
        move.machine.id,
        f"{move.target.name} has {len(extra)} CPU features that {move.source.name} has not ({listed(extra)}): once "
        f"started again there, {move.machine.name} may not come back",
        _mend(move),
    )


def _check_model(move: Move) -> Findings:
    here, there = move.source.facts.cpu.model, move.target.facts.cpu.model
    if move.machine.needs.cpu_passthrough and here and there and here != there:
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{move.machine.name} sees its host's CPU as it is, a {here}, and {move.target.name} has a {there}",
            _mend(move),
        )


def _mend(move: Move, first: str = "") -> str:
    mask = _MASKS.get(move.platform, _ANY_MASK) if move.platform else _ANY_MASK
    return f"{first}, or {mask}" if first else mask


RULES = (
    move_rule("cpu-vendor", "The target's CPU is of the same vendor", _check_vendor),
    move_rule("cpu-level", "The target's CPU has the x86-64 level that the guest was started with", _check_level),
    move_rule("cpu-features", "The target's CPU has all features that the guest uses", _check_features),
    move_rule("cpu-extra-features", "A guest without a mask finds no more features than it had", _check_extra_features),
    move_rule("cpu-model", "A guest that sees its host's CPU as it is finds the same model", _check_model),
)
