"""Proposals that leave out the VMs that the current plan excludes.

Where an intent may choose what moves, they are pinned. Where it empties hosts, they stay on them, and the rest leaves.
"""

from typing import Any

from attrs import evolve

from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.rules import Pinned
from vmplanner.planning.intents import Drain, Evacuate, Intent, Move, Roll
from vmplanner.planning.proposal import Proposal, propose

EXCLUDED = "excluded from this plan"


def propose_without_excluded(project: Project, intent: Intent | None, **choices: Any) -> Proposal:
    """As `propose`, to which the choices go; the VMs that it would or might move, and that stay for this reason, are
    told in the placement's `unmoved`. The project's own plan, for no intent, does not have them anyway. Raises
    PlannerError as `propose` does.
    """
    out = {migration.vm_id for migration in project.plan.excluded}
    if intent is None or not out:
        return propose(project, intent, **choices)
    if isinstance(intent, (Evacuate, Drain, Roll)):
        found = propose(project, intent, staying=out, **choices)
        hosts = project.hosts_in((intent.group_id,) if isinstance(intent, Drain) else intent.hosts)
        kept = {vm_id for vm_id in out if project.machines[vm_id].host_id in hosts}
    else:
        pinned = Pinned(project.new_id("rule"), "VMs excluded from this plan stay", tuple(out))
        found = propose(project.applied(Change("", (Edit(None, pinned),))), intent, **choices)
        kept = set() if isinstance(intent, Move) else out
    unmoved = {**found.placement.unmoved, **dict.fromkeys(sorted(kept), EXCLUDED)}
    return evolve(found, placement=evolve(found.placement, unmoved=unmoved))
