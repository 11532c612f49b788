"""Where every VM is at a moment of a plan, and what it takes of the hosts' memory, by the plan's forecast."""

from collections.abc import Mapping

from attrs import frozen

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import MigrationResult, Outcome, Run


@frozen
class Moment:
    """`host_of` has the id of the host on which each VM's guest runs. `used_bytes` is the memory taken on each host:
    of the VMs there, and of those on their way there or not yet gone, of which `held_bytes` is the part whose guest
    runs elsewhere. `under_way` are the ids of the migrations that run.
    """

    seconds: float
    host_of: Mapping[str, str]
    used_bytes: Mapping[str, int]
    held_bytes: Mapping[str, int]
    under_way: frozenset[str] = frozenset()


def where_at(project: Project, plan: Plan, forecast: Run, seconds: float) -> Moment:
    """Where the VMs are `seconds` into a plan whose migrations run as in `forecast`; 0 is before it begins.

    A VM is on its target once its guest has switched over. The target's memory is taken from the start of a migration
    to its end; the source's until it is free. A migration that does not complete leaves all as it was; a VM
    that is lost by it is told where it was last.
    """
    results = {result.migration_id: result for result in forecast.results}
    host_of = {machine.id: machine.host_id for machine in project.machines.values()}
    holds: list[tuple[str, str]] = []
    under_way = set()
    for migration in plan.migrations:
        result = results.get(migration.id)
        if result is None or result.started_s >= seconds:
            continue
        source_id = host_of[migration.vm_id]
        has_ended = seconds >= result.started_s + result.total_s
        if result.outcome is Outcome.COMPLETED and (has_ended or seconds >= switched_s(result)):
            host_of[migration.vm_id] = migration.target_id
        if not has_ended:
            under_way.add(migration.id)
            there = host_of[migration.vm_id] == migration.target_id
            holds.append((migration.vm_id, source_id if there else migration.target_id))
    used, held = dict.fromkeys(project.hosts, 0), dict.fromkeys(project.hosts, 0)
    for vm_id, host_id in host_of.items():
        used[host_id] += project.machines[vm_id].memory_bytes
    for vm_id, host_id in holds:
        used[host_id] += project.machines[vm_id].memory_bytes
        held[host_id] += project.machines[vm_id].memory_bytes
    return Moment(seconds, host_of, used, held, frozenset(under_way))


def switched_s(result: MigrationResult) -> float:
    """When the guest runs at the target, on the run's clock: at the end of its downtime, or of the migration where it
    has none.
    """
    ends = [segment.end_s for segment in result.segments if segment.phase.is_downtime]
    return result.started_s + (ends[-1] if ends else result.total_s)
