"""What a run was made from, in words: so that two runs can be compared long after the plan has changed.

The inputs name each thing that a plan touches (the plan itself, its moves, VMs, hosts and links), and of each its
properties as people read them. They are kept with the run as JSON text.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import fields

from vmplanner.domain.machines import Piece, VirtualMachine
from vmplanner.domain.plans import Migration, Options, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, MIB, PAGES_PER_S, SHARE, format_duration
from vmplanner.domain.topology import Host, Link

Inputs = Mapping[str, Mapping[str, str]]
"""From a thing ('VM db-1', 'move of db-1') to its properties."""

_NOT_BEFORE, _PRIORITY = "not before", "priority"

# Ten thousand moves of VMs with several pieces have less.
MOST_BYTES = 8 * MIB


def inputs_of(project: Project, plan: Plan) -> Inputs:
    """The inputs of a run of `plan` that begins now."""
    inputs: dict[str, dict[str, str]] = {
        f"plan {plan.name}": {
            "moves": str(len(plan.migrations)),
            "at the same time": str(plan.max_concurrent),
            "at the same time on a host": str(plan.max_concurrent_per_host),
        }
    }
    sources = project.sources_of(plan)
    for move in plan.migrations:
        machine = project.machines[move.vm_id]
        route = f"{project.hosts[sources[move.id]].name} → {project.hosts[move.target_id].name}"
        # A VM that moves twice has two moves.
        name, number = f"move of {machine.name}", 2
        while name in inputs:
            name, number = f"move {number} of {machine.name}", number + 1
        inputs[name] = {"way": route, **dict(_of_move(move))}
        inputs[f"VM {machine.name}"] = dict(_of_machine(machine))
    used = set(sources.values()) | {move.target_id for move in plan.migrations}
    inputs |= {f"host {project.hosts[each].name}": dict(_of_host(project.hosts[each])) for each in sorted(used)}
    for link in project.links.values() if plan.migrations else ():
        ends = (project.node(end) for end in (link.end_a_id, link.end_b_id))
        name = " - ".join(end.name for end in ends if end is not None)
        inputs.setdefault(f"link {name}", {}).update(_of_link(link))
    return inputs


def as_json(inputs: Inputs) -> str:
    """The inputs as text that keeps them; empty where they have more than MOST_BYTES, which is too much to keep."""
    text = json.dumps(inputs, ensure_ascii=False, separators=(",", ":"))
    return text if len(text.encode(errors="replace")) <= MOST_BYTES else ""


def from_json(text: str) -> Inputs | None:
    """The inputs kept as `text`; None where none were kept, or it is something else."""
    try:
        kept = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(kept, dict) or not all(map(_are_properties, kept.values())):
        return None
    return kept


def _are_properties(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def without_turns(inputs: Inputs) -> Inputs:
    """The inputs but for when moves may start and who is first: rules and windows change that as a plan is run."""
    return {
        thing: {name: value for name, value in properties.items() if name not in (_NOT_BEFORE, _PRIORITY)}
        for thing, properties in inputs.items()
    }


def _of_move(move: Migration) -> Iterator[tuple[str, str]]:
    yield "technique", move.technique.value
    if move.max_bandwidth_bytes_per_s is not None:
        yield "most bandwidth", BYTES_PER_S.format(move.max_bandwidth_bytes_per_s)
    if move.downtime_limit_s is not None:
        yield "downtime limit", format_duration(move.downtime_limit_s)
    if move.time_limit_s is not None:
        yield "time limit", format_duration(move.time_limit_s)
    if move.earliest_start_s:
        yield _NOT_BEFORE, format_duration(move.earliest_start_s)
    if move.priority:
        yield _PRIORITY, str(move.priority)
    usual = Options()
    for option in fields(Options):
        value: Any = getattr(move.options, option.name)
        if value != getattr(usual, option.name):
            yield _option(option.name, value)


def _option(name: str, value: Any) -> tuple[str, str]:
    """An option as people read it; its unit is the end of its name."""
    for ending, shown in (("_bytes_per_s", BYTES_PER_S.format), ("_bytes", BYTES.format), ("_s", format_duration)):
        if name.endswith(ending):
            return name.removesuffix(ending).replace("_", " "), shown(value)
    title = name.replace("_", " ")
    if isinstance(value, bool):
        return title, "yes" if value else "no"
    return title, SHARE.format(value) if isinstance(value, float) else str(value)


def _of_machine(machine: VirtualMachine) -> Iterator[tuple[str, str]]:
    yield "memory", BYTES.format(machine.memory_bytes)
    yield "processors", str(machine.vcpus)
    yield "use of its processors", SHARE.format(machine.cpu_use)
    yield "profile", machine.profile.name
    for piece in machine.profile.pieces:
        yield f"piece {piece.name}", _piece(piece)


def _piece(piece: Piece) -> str:
    written = piece.write_rate_pages_per_s
    facts = [piece.kind.value, BYTES.format(piece.size_bytes)]
    facts.append(f"{PAGES_PER_S.format(written)} {piece.pattern.name}" if written else "not written")
    if piece.zero_share:
        facts.append(f"{SHARE.format(piece.zero_share)} zeros")
    if piece.compression_ratio != 1:
        facts.append(f"packs {piece.compression_ratio:.3g} times")
    return ", ".join(facts)


def _of_host(host: Host) -> Iterator[tuple[str, str]]:
    yield "hypervisor", host.policy.label
    yield "memory", BYTES.format(host.memory_bytes)
    yield "cores", str(host.cores)
    for name, value in host.policy_values:
        yield name.replace("_", " "), f"{value:.6g}"


def _of_link(link: Link) -> Iterator[tuple[str, str]]:
    yield "bandwidth", BYTES_PER_S.format(link.bandwidth_bytes_per_s)
    yield "latency", format_duration(link.latency_s)
    if link.background_share:
        yield "other traffic", SHARE.format(link.background_share)
    if link.loss_share:
        yield "loss", SHARE.format(link.loss_share)
