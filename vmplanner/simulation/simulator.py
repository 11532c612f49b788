"""Migrations under way on a virtual clock.

The simulator goes from event to event, each the end of a pause or of a transfer. Between two events every rate is
constant, so nothing drifts however far apart they are. Rates change only when the set of flows does (shares.py).
Failures come at their times; what becomes of a migration then is told in mishaps.py.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from itertools import count
from operator import attrgetter
from typing import cast

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import Ended, MigrationEvent
from vmplanner.domain.failures import Abort, Failure, HostDown, LinkDown
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.results import Outcome
from vmplanner.domain.topology import Host
from vmplanner.simulation import tcp
from vmplanner.simulation.active import Active
from vmplanner.simulation.mishaps import Mishap
from vmplanner.simulation.network import Network, Route
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.policy_values import policy_of
from vmplanner.simulation.processors import Processors
from vmplanner.simulation.shares import Shares
from vmplanner.simulation.steps import Done, Ending, Process, Step, Transfer
from vmplanner.simulation.techniques.checkpoint import checkpoint_and_good_memory
from vmplanner.simulation.techniques.multifd import with_channels
from vmplanner.simulation.techniques.post_copy import post_copy
from vmplanner.simulation.techniques.pre_copy import pre_copy
from vmplanner.simulation.techniques.reported import SourceClock
from vmplanner.simulation.techniques.stop_and_copy import stop_and_copy
from vmplanner.simulation.techniques.storage_copy import after_it, storage_copy

TECHNIQUES: dict[Technique, Callable[[VirtualMachine, Migration, Policy], Process]] = {
    Technique.PRE_COPY: pre_copy,
    Technique.STOP_AND_COPY: stop_and_copy,
    Technique.POST_COPY: post_copy,
    Technique.HYBRID: pre_copy,
    Technique.CHECKPOINT: checkpoint_and_good_memory,
}


class Simulator:
    """Migrations of one project on one clock. `start` and `cancel` them, and `advance` the clock. `failures` come in
    the order of their times; those at the same time in the order given.
    """

    def __init__(self, project: Project, failures: Iterable[Failure] = ()) -> None:
        self.clock_s = 0.0
        self._project = project
        self._network = Network(project)
        self._host_of = {machine.id: machine.host_id for machine in project.machines.values()}
        self._processors: dict[str, Processors] = {}
        self._crowded: dict[Processors, None] = {}
        self._shares = Shares(self._network.capacity)
        self._active: dict[str, Active] = {}
        # Ends of pauses, time limits and cancels, to be looked at when their time comes.
        self._agenda: list[tuple[float, int, Active]] = []
        self._tickets = count()
        self._failures = deque(sorted(failures, key=lambda failure: failure.at_s))
        self._links_down: set[str] = set()
        self._hosts_down: set[str] = set()
        self._lost: set[str] = set()
        self._told: list[MigrationEvent] = []

    def put(self, vm_id: str, host_id: str) -> None:
        """A VM that does not move is on this host now."""
        self._host_of[vm_id] = host_id

    def start(self, migration: Migration) -> None:
        """Begin a migration now. Raises PlannerError when no way leads to the target, or it is down. The migration of a
        VM that is lost ends at once.
        """
        machine = self._project.machines[migration.vm_id]
        source, target = (self._project.hosts[i] for i in (self._host_of[machine.id], migration.target_id))
        if machine.id in self._lost or source.id in self._hosts_down:
            reason = f"{machine.name} was lost before it could move"
            self._told.append(Ended(migration.id, self.clock_s, Outcome.LOST, reason))
            return
        if target.id in self._hosts_down:
            raise PlannerError(f"{machine.name} can't move: {target.name} is down; it keeps running on {source.name}")
        route = self._network.route(source.id, target.id)
        if route is None:
            raise PlannerError(
                f"{machine.name} can't move: no link leads from {source.name} to {target.name}; draw one"
            )
        processors = self._processors_of(source)
        policy = processors.policy
        if migration.technique not in policy.offers:
            raise PlannerError(
                f"{machine.name} can't move by {migration.technique.value}: {source.name} is a {source.policy.label} "
                "host, which does not have it; choose another technique"
            )
        if migration.options.channels:
            policy = with_channels(policy, migration.options.channels)
        process = TECHNIQUES[migration.technique](machine, migration, policy)
        if (copying := storage_copy(machine, migration, policy)) is not None:
            process = after_it(copying, process)
        now, number = self.clock_s, next(self._tickets)
        step = next(process)
        active = Active(route.links, migration, machine, policy, processors, process, step, number, now, now)
        active.threads = migration.options.channels or 1
        if policy.reports:
            active.source_clock = SourceClock(policy)
        self._go_by(active, route)
        self._active[migration.id] = active
        if migration.time_limit_s is not None:
            self._look_at(active, self.clock_s + migration.time_limit_s)
        self._begin(active, active.step)
        self._settle()

    def cancel(self, migration_id: str) -> None:
        """End a migration at the next event. One whose guest has switched to the target completes instead."""
        active = self._active.get(migration_id)
        if active is not None and not active.has_switched:
            active.cancelled = True
            self._look_at(active, self.clock_s)

    @property
    def next_event_s(self) -> float:
        """When the next step may end, on the virtual clock; infinite when nothing is under way."""
        if self._told:
            return self.clock_s
        agenda, due_s = self._agenda, self._shares.next_due_s
        while agenda and not self._is_due(agenda[0][2], agenda[0][0]):
            heappop(agenda)
        if agenda and agenda[0][0] < due_s:
            due_s = agenda[0][0]
        return min(due_s, self._failures[0].at_s) if self._failures else due_s

    def advance(self, until_s: float) -> list[MigrationEvent]:
        """Let the clock run to `until_s`, which must not be beyond `next_event_s`; returns what happened by then."""
        assert until_s >= self.clock_s, "time does not run backwards"
        self.clock_s = self._shares.now_s = until_s
        # Only migrations are flows here.
        due = cast(list[Active], self._shares.take_due())
        while self._agenda and self._agenda[0][0] <= until_s:
            when_s, _, active = heappop(self._agenda)
            if self._is_due(active, when_s):
                due.append(active)
        if len(due) > 1:
            due = sorted(set(due), key=attrgetter("number"))  # in the order of their starts
        for active in due:
            self._complete(active)
        while self._failures and self._failures[0].at_s <= until_s:
            self._fail(self._failures.popleft())
        self._settle()
        return self._take_told()

    def observe(self) -> list[MigrationEvent]:
        """The progress of everything under way since its last event."""
        for active in self._active.values():
            active.settle(self.clock_s)
            self._report(active)
        return self._take_told()

    def _take_told(self) -> list[MigrationEvent]:
        told, self._told = self._told, []
        return told

    def _processors_of(self, host: Host) -> Processors:
        if host.id not in self._processors:
            self._processors[host.id] = Processors(policy_of(host))
        return self._processors[host.id]

    def _settle(self) -> None:
        """Find all rates after what has happened now: first what the processors let through, then the network."""
        if self._crowded:
            for processors in self._crowded:
                for active in processors.senders:
                    if isinstance(active.step, Transfer):
                        active.settle(self.clock_s)
                        active.set_caps(active.step)
                        self._shares.put(active)
            self._crowded.clear()
        self._shares.settle()

    def _send(self, active: Active) -> None:
        """The run that a migration has begun goes on the network."""
        if active.processors.occupy(active):
            self._crowded[active.processors] = None
        self._shares.put(active)

    def _send_nothing(self, active: Active) -> None:
        if active.processors.leave(active):
            self._crowded[active.processors] = None
        self._shares.take_out(active)

    def _go_by(self, active: Active, route: Route) -> None:
        """Send a migration this way; its policy may use no more than a share of it."""
        policy, channels = active.policy, active.migration.options.channels or 1
        active.links, active.exchange_s = route.links, policy.latency_factor * route.latency_s
        active.set_ends()
        active.tcp_bytes_per_s = tcp.most_bytes_per_s(route.latency_s, route.loss_share, channels)
        if policy.bandwidth_factor != 1:
            narrowest = min([self._network.capacity[link] for link in route.links])
            active.most_bytes_per_s = policy.bandwidth_factor * narrowest

    def _look_at(self, active: Active, when_s: float) -> None:
        heappush(self._agenda, (when_s, next(self._tickets), active))

    def _is_due(self, active: Active, when_s: float) -> bool:
        """Whether a time on the agenda still means something to a migration: it may be over, and started anew."""
        return self._active.get(active.migration.id) is active and (
            active.cancelled or when_s == active.step_ends_s or when_s == active.deadline_s
        )

    def _begin(self, active: Active, step: Step) -> None:
        active.begin(step, self.clock_s)
        if isinstance(step, Transfer):
            self._send(active)
        else:
            self._send_nothing(active)
        if active.step_ends_s < math.inf:
            self._look_at(active, active.step_ends_s)

    def _complete(self, active: Active) -> None:
        """The present step of a migration is over, or it is to end here: report it and go on."""
        now_s, step = self.clock_s, active.step
        if active.cancelled:
            self._break_off(active, Ending(Outcome.CANCELLED, "cancelled"))
            return
        if now_s >= active.deadline_s:
            reason = f"not done within its time limit of {format_duration(now_s - active.started_s)}"
            self._break_off(active, Ending(Outcome.NOT_CONVERGED, reason))
            return
        active.settle(now_s)
        if isinstance(step, Transfer):
            rate = self._shares.rate(active)
            if not active.is_ended_early(now_s, rate):
                active.end_run(now_s)
                if active.next_run < len(step.groups):
                    self._report(active)
                    active.begin_run(step)
                    self._send(active)
                    return
            done = active.done(now_s, rate)
        else:
            done = Done(now_s - active.step_began_s)
        self._report(active)
        clock = active.source_clock
        if clock is not None:
            clock.add(step, done)
        try:
            following = active.process.send(done)
        except StopIteration as stop:
            ending: Ending = stop.value
            self._end(active, ending if clock is None else clock.reported(ending))
            return
        if active.cut_off and isinstance(following, Transfer):
            active.process.close()
            self._end(active, Ending(Outcome.LOST, active.cut_off))
        else:
            self._begin(active, following)

    def _fail(self, failure: Failure) -> None:
        """Something fails now: what that ends, in the order of the starts."""
        under_way = list(self._active.values())
        match failure:
            case LinkDown():
                self._links_down.add(failure.link_id)
                self._network = Network(self._project, self._links_down)
                for active in under_way:
                    if any(link_id == failure.link_id for link_id, _ in active.links):
                        self._go_another_way(active, failure.link_id)
            case HostDown():
                self._hosts_down.add(failure.host_id)
                reason = f"{self._project.hosts[failure.host_id].name} went down"
                for active in under_way:
                    if self._host_of[active.machine.id] == failure.host_id:
                        self._strike(active, Mishap.SOURCE, reason)
                    elif active.migration.target_id == failure.host_id:
                        self._strike(active, Mishap.TARGET, reason)
            case Abort():
                aborted = self._active.get(failure.migration_id)
                if aborted is not None and not aborted.has_switched:
                    self._break_off(aborted, Ending(Outcome.FAILED, "it was aborted"))

    def _go_another_way(self, active: Active, link_id: str) -> None:
        """The way of a migration is cut: it goes on over the next best one, if there is any."""
        route = self._network.route(self._host_of[active.machine.id], active.migration.target_id)
        if route is None:
            link = self._project.links[link_id]
            ends = [node.name for end in (link.end_a_id, link.end_b_id) if (node := self._project.node(end))]
            self._strike(active, Mishap.WAY, f"the link {' - '.join(ends)} went down, and no other way was left")
            return
        active.settle(self.clock_s)
        self._report(active)
        self._shares.take_out(active)
        self._go_by(active, route)
        if isinstance(active.step, Transfer):
            active.set_caps(active.step)
            self._shares.put(active)
        else:
            self._look_at(active, active.step_ends_s)

    def _strike(self, active: Active, mishap: Mishap, reason: str) -> None:
        if active.has_switched and mishap is not Mishap.TARGET and not isinstance(active.step, Transfer):
            active.cut_off = reason  # the guest goes on if all of it is over
        else:
            self._break_off(active, Ending(mishap.outcome(has_switched=active.has_switched), reason))

    def _break_off(self, active: Active, ending: Ending) -> None:
        active.process.close()
        active.settle(self.clock_s)
        self._report(active)
        self._end(active, ending)

    def _end(self, active: Active, ending: Ending) -> None:
        del self._active[active.migration.id]
        self._send_nothing(active)
        reason = ending.reason
        if ending.outcome is Outcome.LOST:
            self._lost.add(active.machine.id)
            reason = f"{reason}; {active.machine.name} is lost"
        elif ending.outcome is not Outcome.COMPLETED:
            host = self._project.hosts[self._host_of[active.machine.id]]
            reason = f"{reason}; {active.machine.name} keeps running on {host.name}"
        else:
            self._host_of[active.machine.id] = active.migration.target_id
        self._told.append(
            Ended(
                active.migration.id,
                self.clock_s,
                ending.outcome,
                reason,
                ending.afterwards,
                ending.reported_total_s,
                ending.reported_downtime_s,
            )
        )

    def _report(self, active: Active) -> None:
        event = active.report(self.clock_s, self._shares.rate(active))
        if event is not None:
            self._told.append(event)
