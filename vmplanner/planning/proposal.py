"""An intent thought through to the end: which VM goes where, when, and what of it does not fit.

The placement becomes a plan, the plan a schedule: the best of all orders by what comes of them in the simulation. What
takes longer than the window, stands still for too long, or is blocked is named with its reason.
"""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.groups import Group
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.topology import Host
from vmplanner.planning import preflight
from vmplanner.planning.intents import Intent
from vmplanner.planning.placement.costs import Predicted
from vmplanner.planning.placement.place import Improve, PlacedMove, Placement, place
from vmplanner.planning.planned import plan_of, with_pauses
from vmplanner.planning.scheduling.apply import with_starts
from vmplanner.planning.scheduling.choices import Choice, rehearsed, schedules_of
from vmplanner.planning.scheduling.jobs import Problem
from vmplanner.planning.scheduling.lists import ListRule
from vmplanner.planning.scheduling.schedule import Schedule, within
from vmplanner.planning.windows import misfits, told_next


@frozen
class Misfit:
    """Something that stands against the proposal: a VM or a host by its id, and why."""

    thing_id: str
    reason: str


@frozen
class ScheduledMove:
    """One migration of a proposal with when it runs, its mean rate, and how long its guest stands still while all the
    others move. `move` is None where no intent asked for it: then the plan was there before.
    """

    migration: Migration
    start_s: float
    end_s: float
    downtime_s: float
    rate_bytes_per_s: float
    source_id: str
    move: PlacedMove | None = None

    @property
    def total_s(self) -> float:
        return self.end_s - self.start_s


@frozen
class Proposal:
    """`plan` has the start times of `schedule`, which is None where there is nothing to schedule. It can be carried out
    when there are no conflicts and no misfits. `cost_s` is what the moves cost (see costs.Cost.weight).
    """

    plan: Plan
    placement: Placement
    schedule: Schedule | None
    moves: tuple[ScheduledMove, ...]
    misfits: tuple[Misfit, ...]
    cost_s: float = 0.0

    @property
    def fits(self) -> bool:
        return self.placement.is_possible and not self.misfits


def propose(
    project: Project,
    intent: Intent | None,
    *,
    name: str = "",
    starts_at: datetime | None = None,
    window_s: float | None = None,
    max_downtime_s: float | None = None,
    rule: ListRule | None = None,
    improve: Improve | None = None,
    staying: Collection[str] = (),
    stop: threading.Event | None = None,
) -> Proposal:
    """The plan that does what is intended, or (without an intent) the plan that the project has, with its schedule by
    a list rule (None: the best of all). Where it starts at `starts_at` (None: as the plan says), its moves keep to the
    windows of the project. The plan keeps the `window_s` that it is to be done in. The VMs that are
    `staying` do not leave the hosts that are emptied.

    Raises PlannerError for an intent that names what is not there, or a plan that never finds room, and Stopped when
    `stop` is set.
    """
    costs = Predicted(project)
    template = project.plan if starts_at is None else evolve(project.plan, starts_at=starts_at)
    if intent is not None or window_s is not None:
        template = evolve(template, window_s=window_s)
    if intent is None:
        placement, plan = Placement(), template
    else:
        placement = place(project, intent, costs, improve, staying, stop)
        if not placement.is_possible:
            return Proposal(evolve(template, migrations=()), placement, None, (), ())
        plan = evolve(plan_of(project, placement, template), name=name or template.name)
    blocked = tuple(
        Misfit(finding.thing_id, f"{finding.message}; {finding.mend}")
        for finding in preflight.blocking(preflight.check(project, plan))
    )
    if blocked or not plan.migrations:
        return Proposal(plan, placement, None, (), blocked)
    rules = tuple(ListRule) if rule is None else (rule,)
    problem, choices = schedules_of(project, plan, rules, stop)
    paused = _paused(plan, placement, choices[0])
    if paused is not plan:
        # The pauses follow the ends of the stages, so the order stays the one that they were reckoned by.
        problem, choices = schedules_of(project, paused, (ListRule(choices[0].schedule.name),), stop)
    found = choices[0]
    if window_s is not None and rule is None and found.makespan_s <= window_s:
        found = _gentlest(project, plan, problem, window_s, found, stop)
    timed = _timed(plan, paused, found.schedule)
    moves = _moves(project, timed, placement, found, {migration.id: at for at, migration in enumerate(plan.migrations)})
    against = tuple(
        Misfit(move.migration.vm_id, reason)
        for move in moves
        for reason in _against(project, costs, found, move, window_s, max_downtime_s)
    )
    outside = (
        Misfit(misfit.thing_id, f"{misfit.reason}; {told_next(project, timed, misfit)}")
        for misfit in misfits(project, timed, found.rehearsal.courses)
    )
    cost_s = sum(costs[move.vm_id].weight for move in placement.moves)
    return Proposal(timed, placement, found.schedule, moves, (*against, *outside), cost_s)


def _paused(plan: Plan, placement: Placement, found: Choice) -> Plan:
    if any(stage.pause_s for stage in placement.stages):
        return with_pauses(plan, placement.stages, found.schedule)
    return plan


def _timed(plan: Plan, paused: Plan, schedule: Schedule) -> Plan:
    """The plan with the start times of a schedule, which are pinned where they come after a pause."""
    pinned = {migration.id for migration in paused.migrations if migration.is_pinned}
    late = {after.id for after, before in zip(paused.migrations, plan.migrations, strict=True) if after != before}
    loose = evolve(plan, migrations=[evolve(m, is_pinned=m.is_pinned and m.id not in late) for m in plan.migrations])
    timed = with_starts(loose, schedule)
    return evolve(timed, migrations=[evolve(m, is_pinned=m.id in pinned) for m in timed.migrations])


def _gentlest(
    project: Project,
    plan: Plan,
    problem: Problem,
    window_s: float,
    found: Choice,
    stop: threading.Event | None,
) -> Choice:
    """A choice with the fewest migrations at the same time that is done in the window all the same."""
    try:
        made = within(problem, window_s)
    except PlannerError:
        return found
    gentle = rehearsed(project, plan, problem, made, ListRule.LONGEST_FIRST, stop=stop)
    is_as_good = gentle.rank[:2] <= found.rank[:2] and gentle.makespan_s <= window_s
    return gentle if is_as_good else found


def _moves(
    project: Project, plan: Plan, placement: Placement, found: Choice, place_of: Mapping[str, int]
) -> tuple[ScheduledMove, ...]:
    """The migrations in the order of their starts; `place_of` says which of the placement's moves each was made of."""
    slots = {slot.job_id: slot for slot in found.schedule.slots}
    sources = project.sources_of(plan)
    asked = placement.moves
    return tuple(
        ScheduledMove(
            migration,
            slots[migration.id].start_s,
            slots[migration.id].end_s,
            found.rehearsal.downtime_of(migration.id),
            slots[migration.id].rate_bytes_per_s,
            sources[migration.id],
            asked[place_of[migration.id]] if asked else None,
        )
        for migration in plan.migrations
    )


def _against(
    project: Project,
    costs: Predicted,
    found: Choice,
    move: ScheduledMove,
    window_s: float | None,
    max_downtime_s: float | None,
) -> list[str]:
    """Why one migration does not fit."""
    name = project.machines[move.migration.vm_id].name
    reasons = []
    if move.move is not None and not costs[move.migration.vm_id].converges:
        reasons.append(f"{name} writes faster than it is copied, so that its copy never ends")
    elif move.migration.id not in found.rehearsal.completed:
        reasons.append(f"{name} would not arrive: when all is moved together, its move does not complete")
    if window_s is not None and move.end_s > window_s:
        reasons.append(
            f"{name} would be done after {format_duration(move.end_s)}, the window is {format_duration(window_s)}"
        )
    if max_downtime_s is not None and move.downtime_s > max_downtime_s:
        longest = format_duration(max_downtime_s)
        reasons.append(f"{name} would stand still for {format_duration(move.downtime_s)}, and may for {longest}")
    return reasons


def hosts_named(project: Project, names: Iterable[str]) -> tuple[str, ...]:
    """The ids of hosts and groups by their names or ids. Raises PlannerError that lists what there is."""
    return _named((*project.groups.values(), *project.hosts.values()), names, "host or group")


def machines_named(project: Project, names: Iterable[str]) -> tuple[str, ...]:
    """The ids of VMs by their names or ids, or those of groups. Raises PlannerError that lists what there is."""
    ids = _named((*project.groups.values(), *project.machines.values()), names, "VM or group")
    machines = tuple(project.machines_in(ids))
    if not machines:
        raise PlannerError(f"{', '.join(names)} has no VMs; put VMs into the group first")
    return machines


def _named(things: Sequence[Host | Group | VirtualMachine], names: Iterable[str], what: str) -> tuple[str, ...]:
    ids = []
    for name in names:
        found = [thing.id for thing in things if name in (thing.name, thing.id)]
        if not found:
            known = ", ".join(thing.name for thing in things[:10]) + (", ..." if len(things) > 10 else "")
            raise PlannerError(f"there is no {what} '{name}'; there are {known}")
        ids += found
    return tuple(dict.fromkeys(ids))
