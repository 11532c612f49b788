"""A proposal as text for people and as values for JSON."""

from typing import Any

from tabulate import tabulate

from vmplanner.domain.edits import count
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES_PER_S, format_duration
from vmplanner.planning.proposal import Misfit, Proposal, ScheduledMove


def as_text(project: Project, proposal: Proposal) -> str:
    """A table of the moves, what they add up to, and what stands against them."""
    parts = []
    if proposal.placement.conflicts:
        parts.append(
            "These can't be kept together:\n" + "\n".join(f"  {name}" for name in proposal.placement.conflicts)
        )
    if proposal.moves:
        headers = ("VM", "from", "to", "start", "rate", "total time", "downtime", "why")
        right = ("left",) * 3 + ("right",) * 4 + ("left",)
        rows = [_row(project, move) for move in proposal.moves]
        parts.append(tabulate(rows, headers=headers, colalign=right, disable_numparse=True))
    if proposal.schedule is not None:
        schedule = proposal.schedule
        parts.append(
            f"{count(len(proposal.moves), 'move')}, all done after {format_duration(schedule.makespan_s)}; "
            f"no order is done before {format_duration(schedule.bound.seconds)}. Order: {schedule.name}"
        )
    elif proposal.placement.is_possible and not proposal.misfits:
        parts.append("nothing has to move")
    if proposal.placement.unmoved:
        stays = [f"  {project.machines[vm_id].name}: {why}" for vm_id, why in proposal.placement.unmoved.items()]
        parts.append("Not moved:\n" + "\n".join(stays))
    if proposal.misfits:
        parts.append("Does not fit:\n" + "\n".join(f"  {misfit.reason}" for misfit in proposal.misfits))
    return "\n\n".join(parts)


def as_json(project: Project, proposal: Proposal) -> dict[str, Any]:
    """Times in seconds from the start of the plan; names and ids of VMs and hosts."""
    schedule = proposal.schedule
    return {
        "plan": proposal.plan.name,
        "feasible": proposal.placement.is_possible,
        "fits": proposal.fits,
        "conflicts": list(proposal.placement.conflicts),
        "stages": [
            {"title": stage.title, "pause_s": stage.pause_s, "moves": len(stage.moves)}
            for stage in proposal.placement.stages
        ],
        "move_count": len(proposal.moves),
        "makespan_s": schedule.makespan_s if schedule else 0.0,
        "lower_bound_s": schedule.bound.seconds if schedule else 0.0,
        "schedule": schedule.name if schedule else None,
        "cost_s": proposal.cost_s,
        "moves": [_move(project, move) for move in proposal.moves],
        "unmoved": [
            {"vm": project.machines[vm_id].name, "id": vm_id, "reason": why}
            for vm_id, why in proposal.placement.unmoved.items()
        ],
        "does_not_fit": [_misfit(project, misfit) for misfit in proposal.misfits],
    }


def _row(project: Project, move: ScheduledMove) -> tuple[str, ...]:
    return (
        project.machines[move.migration.vm_id].name,
        project.hosts[move.source_id].name,
        project.hosts[move.migration.target_id].name,
        format_duration(move.start_s),
        BYTES_PER_S.format(move.rate_bytes_per_s),
        format_duration(move.total_s),
        format_duration(move.downtime_s),
        move.move.why if move.move else "",
    )


def _move(project: Project, move: ScheduledMove) -> dict[str, Any]:
    return {
        "id": move.migration.id,
        "vm": project.machines[move.migration.vm_id].name,
        "source": project.hosts[move.source_id].name,
        "target": project.hosts[move.migration.target_id].name,
        "technique": move.migration.technique,
        "why": move.move.why if move.move else "",
        "is_temporary": bool(move.move and move.move.is_hop),
        "after": list(move.migration.after),
        "start_s": move.start_s,
        "end_s": move.end_s,
        "rate_bytes_per_s": move.rate_bytes_per_s,
        "total_s": move.total_s,
        "downtime_s": move.downtime_s,
    }


def _misfit(project: Project, misfit: Misfit) -> dict[str, Any]:
    return {
        "id": misfit.thing_id,
        "name": getattr(project.thing(misfit.thing_id), "name", ""),
        "reason": misfit.reason,
    }
