"""Failures as a person names them, in words, and which VMs they cost."""

from collections.abc import Iterable

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.failures import Abort, Failure, HostDown, LinkDown
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import SECONDS, format_duration
from vmplanner.domain.results import Outcome, Run
from vmplanner.planning.moment import where_at

_FORM = "say link:NAME@TIME, host:NAME@TIME or migration:VM@TIME, such as host:alpha@30s"


def failures_named(project: Project, plan: Plan, text: str) -> tuple[Failure, ...]:
    """'host:alpha@30s' as what fails and when. A link is named by its id, or by its ends: 'link:alpha - core@1min'
    stands for all links between the two. Raises PlannerError when there is no such thing.
    """
    kind, _, rest = text.partition(":")
    name, _, when = rest.rpartition("@")
    try:
        if (at_s := SECONDS.parse(when)) < 0:
            raise ValueError(f"{when} is before the run begins")
    except ValueError as error:
        raise PlannerError(f"'{text}' is no failure: {error}; {_FORM}") from None
    match kind.strip():
        case "host":
            found: list[Failure] = [HostDown(i, at_s) for i, host in project.hosts.items() if host.name == name]
        case "link":
            found = [LinkDown(i, at_s) for i in project.links if name in _names_of(project, i)]
        case "migration":
            found = [Abort(m.id, at_s) for m in plan.migrations if project.machines[m.vm_id].name == name]
        case _:
            raise PlannerError(f"'{text}' is no failure; {_FORM}")
    if not found:
        where = f"plan '{plan.name}'" if kind == "migration" else "project"
        raise PlannerError(f"'{text}': the {where} has no {kind} '{name}'; {_FORM}")
    return tuple(found)


def failures_of(project: Project, plan: Plan) -> tuple[Failure, ...]:
    """What simulated runs of a plan are to try: its failures but for aborts of moves that it does not make."""
    return tuple(failure for failure in plan.failures if _name(project, plan, failure) is not None)


def told(project: Project, plan: Plan, failure: Failure) -> str:
    """'alpha stops at 30 s'."""
    name, when = _name(project, plan, failure), format_duration(failure.at_s) if failure.at_s else "0 s"
    match failure:
        case HostDown():
            return f"{name} stops at {when}"
        case LinkDown():
            return f"the link {name} goes down at {when}"
        case Abort():
            return f"the move of {name} is aborted at {when}"


def link_name(project: Project, link_id: str) -> str:
    """'alpha - core'."""
    link = project.links[link_id]
    return " - ".join(node.name for end in (link.end_a_id, link.end_b_id) if (node := project.node(end)) is not None)


def _name(project: Project, plan: Plan, failure: Failure) -> str | None:
    """The name of what fails, None when there is no such thing."""
    match failure:
        case HostDown():
            return project.hosts[failure.host_id].name if failure.host_id in project.hosts else None
        case LinkDown():
            return link_name(project, failure.link_id) if failure.link_id in project.links else None
        case Abort():
            moves = (m for m in plan.migrations if m.id == failure.migration_id)
            return next((project.machines[migration.vm_id].name for migration in moves), None)


def _names_of(project: Project, link_id: str) -> set[str]:
    link = project.links[link_id]
    a, b = (node.name if (node := project.node(end)) else end for end in (link.end_a_id, link.end_b_id))
    return {link_id, f"{a} - {b}", f"{b} - {a}", f"{a}-{b}", f"{b}-{a}"}


def lost_machines(project: Project, plan: Plan, run: Run, failures: Iterable[Failure]) -> list[str]:
    """The names of the VMs that run nowhere after `run`, which went with these failures: lost on their way, or with
    the host that they were on. In the order of the project.
    """
    vm_of = {migration.id: migration.vm_id for migration in plan.migrations}
    lost = {vm_of[result.migration_id] for result in run.results if result.outcome is Outcome.LOST}
    for failure in failures:
        if isinstance(failure, HostDown):
            moment = where_at(project, plan, run, failure.at_s)
            # Of what was under way the results tell.
            moving = {vm_of[migration_id] for migration_id in moment.under_way}
            on_it = {vm_id for vm_id, host_id in moment.host_of.items() if host_id == failure.host_id}
            lost |= on_it - moving
    return [machine.name for machine in project.machines.values() if machine.id in lost]
