"""From a plan to what the scheduler works on: each migration simulated alone, and what there is for all of them.

VMs that are alike and have the same way are simulated once. Limits are those of the plan, of the hosts, and of the
project's rules; migrations wait for those that they, or a rule, say.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, frozen

from vmplanner.domain.at_once import AtOnce, Way, limits_of
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.recorder import Recorder
from vmplanner.domain.rules import Order
from vmplanner.domain.topology import Host, Position
from vmplanner.planning.priorities import with_priorities
from vmplanner.planning.scheduling.jobs import Job, Limits, Problem
from vmplanner.planning.windows import Spans, calendar_of, next_start_s
from vmplanner.simulation.network import Network, Route
from vmplanner.simulation.policy_values import policy_of
from vmplanner.simulation.simulator import Simulator
from vmplanner.simulation.techniques.multifd import with_channels

# No migration takes no time at all; a scheduler must not divide by it.
_SHORTEST_S = 1e-6


@frozen
class _Alike:
    """What makes two migrations take the same time alone: the same but for names, and where on the canvas they are."""

    values: tuple[object, ...]

    @classmethod
    def of(cls, project: Project, network: Network, migration: Migration, source_id: str, route: Route) -> "_Alike":
        machine = project.machines[migration.vm_id]
        hosts = (
            evolve(project.hosts[host_id], id="host", name="host", position=Position())
            for host_id in (source_id, migration.target_id)
        )
        move = evolve(migration, id="move", vm_id="vm", target_id="host", after=(), priority=0)
        move = evolve(move, earliest_start_s=0.0, is_pinned=False)
        capacities = tuple(network.capacity[link] for link in route.links)
        guest = evolve(machine, id="vm", name="vm", host_id="host")
        return cls((guest, move, *hosts, capacities, route.latency_s, route.loss_share))


@frozen
class _Alone:
    """A migration when nothing else moves; `duration_s` is until its source is free, `switch_s` until its guest
    stops.
    """

    duration_s: float
    bytes: int
    downtime_s: float
    switch_s: float


def problem_of(
    project: Project, plan: Plan, limits: Limits | None = None, pinned: Mapping[str, float] | None = None
) -> Problem:
    """The plan as a scheduling problem, under its own limits or others; `pinned` are start times in seconds by
    migration id. Raises PlannerError when a migration has no way to its target, or can't be carried out there.
    """
    network, simulator = Network(project), Simulator(project)
    calendar = calendar_of(project, plan)
    after = _after(project, plan)
    sources = project.sources_of(plan)
    known: dict[_Alike, _Alone] = {}
    jobs: list[Job] = []
    for migration in with_priorities(project, plan).migrations:
        machine, source_id = project.machines[migration.vm_id], sources[migration.id]
        route = network.route(source_id, migration.target_id)
        if route is None:
            target = project.hosts[migration.target_id]
            raise PlannerError(f"{machine.name} can't be scheduled: no link leads to {target.name}; draw one")
        alike = _Alike.of(project, network, migration, source_id, route)
        if alike not in known:
            known[alike] = _simulate(project, simulator, migration, source_id)
        alone = known[alike]
        starts: Spans = ()
        if calendar is not None:
            things = (machine.id, source_id, migration.target_id)
            switch = (alone.switch_s, alone.switch_s + alone.downtime_s)
            starts = calendar.starts(things, alone.duration_s, switch)
        earliest_s = migration.earliest_start_s
        peak = network.most_bytes_per_s(route, migration.options.channels or 1)
        jobs.append(
            Job(
                migration.id,
                max(alone.duration_s, _SHORTEST_S),
                alone.bytes,
                _rate(project.hosts[source_id], migration, peak),
                peak,
                route.links,
                source_id,
                migration.target_id,
                machine.memory_bytes,
                alone.downtime_s,
                earliest_s if (first_s := next_start_s(starts, earliest_s)) is None else first_s,
                after[migration.id],
                migration.priority,
                (pinned or {}).get(migration.id),
                alone.switch_s,
                starts,
            )
        )
    return Problem(
        jobs,
        network.capacity,
        _free_memory(project),
        limits or Limits(total=plan.max_concurrent, per_host=plan.max_concurrent_per_host),
        _rules(project, jobs),
    )


def _simulate(project: Project, simulator: Simulator, migration: Migration, source_id: str) -> _Alone:
    """What comes of a migration when nothing else moves."""
    recorder = Recorder(project)
    started_s = simulator.clock_s
    simulator.put(migration.vm_id, source_id)
    simulator.start(migration)
    recorder.started(migration, started_s)
    while (when_s := simulator.next_event_s) < math.inf:
        for event in simulator.advance(when_s):
            recorder.add(event)
    result = recorder.result(migration.id)
    switch_s = next((segment.start_s for segment in result.segments if segment.phase.is_downtime), 0.0)
    return _Alone(simulator.clock_s - started_s, result.transferred_bytes, result.downtime_s, switch_s)


def _rate(source: Host, migration: Migration, path_bytes_per_s: float) -> float:
    """The rate at which a migration copies when it has its way to itself."""
    policy = policy_of(source)
    if migration.options.channels:
        policy = with_channels(policy, migration.options.channels)
    return min(
        path_bytes_per_s * min(1.0, policy.bandwidth_factor), policy.effective_cap(migration.max_bandwidth_bytes_per_s)
    )


def _free_memory(project: Project) -> dict[str, int]:
    """Bytes free on each host before the plan; less than nothing where a host is overfull."""
    free = {host.id: host.memory_bytes for host in project.hosts.values()}
    for machine in project.machines.values():
        free[machine.host_id] -= machine.memory_bytes
    return free


def _after(project: Project, plan: Plan) -> dict[str, tuple[str, ...]]:
    """For each migration the ids of those that must have completed before, by the plan and by the rules."""
    after = {migration.id: dict.fromkeys(migration.after) for migration in plan.migrations}
    moves = Counter(migration.vm_id for migration in plan.migrations)
    # What moves several times has its order in the plan: on the way back another may come first.
    id_of = {migration.vm_id: migration.id for migration in plan.migrations if moves[migration.vm_id] == 1}
    for rule in project.rules.values():
        if isinstance(rule, Order):
            first = [id_of[vm_id] for vm_id in project.machines_in(rule.first) if vm_id in id_of]
            for vm_id in project.machines_in(rule.vms):
                if vm_id in id_of:
                    after[id_of[vm_id]].update(dict.fromkeys(first))
    return {migration_id: tuple(others) for migration_id, others in after.items()}


def _rules(project: Project, jobs: Sequence[Job]) -> Iterator[AtOnce]:
    """The limits of hosts and of the project's rules."""
    ways = (Way(job.id, job.source_id, job.target_id, frozenset(link for link, _ in job.links)) for job in jobs)
    for limit in limits_of(project, ways):
        if not limit.count:
            raise PlannerError(f"{limit.name} are not allowed; raise the limit, or plan none")
        yield limit
