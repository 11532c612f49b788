"""An intent thought through to the end: which VM goes where, when, and what of it does not fit.

The placement becomes a plan, the plan a schedule; what takes longer than the window, stands still for too long, or is
blocked is named with its reason.
"""

from datetime import datetime

from attrs import evolve, frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.groups import Group
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.topology import Host
from vmplanner.planning import preflight
from vmplanner.planning.intents import Intent
from vmplanner.planning.placement.costs import Predicted
from vmplanner.planning.placement.place import Improve, PlacedMove, Placement, place
from vmplanner.planning.planned import plan_of, with_pauses
from vmplanner.planning.scheduling.jobs import Job
from vmplanner.planning.scheduling.lists import ListRule
from vmplanner.planning.scheduling.pins import problem_with_pins
from vmplanner.planning.scheduling.schedule import RESERVING, Schedule, best, within
from vmplanner.planning.windows import Course, misfits, told_next


@frozen
class Misfit:
    """Something that stands against the proposal: a VM or a host by its id, and why."""

    thing_id: str
    reason: str


@frozen
class ScheduledMove:
    """One migration of a proposal with when it runs, and what it takes alone. `move` is None where no intent asked for
    it: then the plan was there before.
    """

    migration: Migration
    job: Job
    start_s: float
    end_s: float
    rate_bytes_per_s: float
    source_id: str
    move: PlacedMove | None = None


@frozen
class Proposal:
    """`schedule` is None where there is nothing to schedule. It can be carried out when there are no conflicts and no
    misfits.
    """

    plan: Plan
    placement: Placement
    schedule: Schedule | None
    moves: tuple[ScheduledMove, ...]
    misfits: tuple[Misfit, ...]

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
) -> Proposal:
    """The plan that does what is intended, or (without an intent) the plan that the project has, with its schedule by
    a list rule (None: whichever is done soonest). Where it starts at `starts_at` (None: as the plan says), its moves
    keep to the windows of the project.

    Raises PlannerError for an intent that names what is not there, or a plan that never finds room.
    """
    costs = Predicted(project)
    template = project.plan if starts_at is None else evolve(project.plan, starts_at=starts_at)
    if intent is None:
        placement, plan = Placement(), template
    else:
        placement = place(project, intent, costs, improve)
        if not placement.is_possible:
            return Proposal(evolve(template, migrations=()), placement, None, (), ())
        plan = evolve(plan_of(project, placement, template), name=name or template.name)
        plan = with_pauses(project, plan, placement.stages)
    blocked = tuple(
        Misfit(finding.thing_id, f"{finding.message}; {finding.mend}")
        for finding in preflight.blocking(preflight.check(project, plan))
    )
    if blocked or not plan.migrations:
        return Proposal(plan, placement, None, (), blocked)
    rules = RESERVING if rule is None else (rule,)
    problem = problem_with_pins(project, plan, rules)
    found = best(problem, rules)
    if window_s is not None and rule is None and found.makespan_s <= window_s:
        found = within(problem, window_s)
    slots = {slot.job_id: slot for slot in found.slots}
    jobs = {job.id: job for job in problem.jobs}
    asked = dict(zip((migration.id for migration in plan.migrations), placement.moves, strict=False))
    sources = project.sources_of(plan)
    ordered = evolve(plan, migrations=sorted(plan.migrations, key=lambda m: slots[m.id].start_s))
    moves = tuple(
        ScheduledMove(
            migration,
            jobs[migration.id],
            slots[migration.id].start_s,
            slots[migration.id].end_s,
            slots[migration.id].rate_bytes_per_s,
            sources[migration.id],
            asked.get(migration.id),
        )
        for migration in ordered.migrations
    )
    against = tuple(
        Misfit(move.migration.vm_id, reason)
        for move in moves
        for reason in _against(project, costs, move, window_s, max_downtime_s)
    )
    return Proposal(ordered, placement, found, moves, (*against, *_outside_windows(project, ordered, moves)))


def _outside_windows(project: Project, plan: Plan, moves: tuple[ScheduledMove, ...]) -> tuple[Misfit, ...]:
    """The moves that do not keep to the windows, and when they could."""
    courses = []
    for move in moves:
        stops_s = move.start_s + move.job.switch_s
        courses.append(Course(move.migration.id, move.start_s, move.end_s, ((stops_s, stops_s + move.job.downtime_s),)))
    return tuple(
        Misfit(misfit.thing_id, f"{misfit.reason}; {told_next(project, plan, misfit)}")
        for misfit in misfits(project, plan, courses)
    )


def _against(
    project: Project, costs: Predicted, move: ScheduledMove, window_s: float | None, max_downtime_s: float | None
) -> list[str]:
    """Why one migration does not fit."""
    name = project.machines[move.migration.vm_id].name
    reasons = []
    if move.move is not None and not costs[move.migration.vm_id].converges:
        reasons.append(f"{name} writes faster than it is copied, so that its copy never ends")
    if window_s is not None and move.end_s > window_s:
        reasons.append(
            f"{name} would be done after {format_duration(move.end_s)}, the window is {format_duration(window_s)}"
        )
    if max_downtime_s is not None and move.job.downtime_s > max_downtime_s:
        longest = format_duration(max_downtime_s)
        reasons.append(f"{name} would stand still for {format_duration(move.job.downtime_s)}, and may for {longest}")
    return reasons


def hosts_named(project: Project, names: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of hosts and groups by their names or ids. Raises PlannerError that lists what there is."""
    things: list[Host | Group] = [*project.hosts.values(), *project.groups.values()]
    ids = []
    for name in names:
        found = [thing.id for thing in things if name in (thing.name, thing.id)]
        if not found:
            known = ", ".join(thing.name for thing in things[:10]) + (", ..." if len(things) > 10 else "")
            raise PlannerError(f"there is no host or group '{name}'; there are {known}")
        ids += found
    return tuple(dict.fromkeys(ids))
