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

from attrs import define, field

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import NOTHING_MOVED, Ended, MigrationEvent, Moved, Progressed
from vmplanner.domain.failures import Abort, Failure, HostDown, LinkDown
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import PAGE_BYTES, format_duration
from vmplanner.domain.results import Outcome, Phase
from vmplanner.simulation import tcp
from vmplanner.simulation.mishaps import Mishap
from vmplanner.simulation.network import Network, Route
from vmplanner.simulation.policies import Policy
from vmplanner.simulation.policy_values import policy_of
from vmplanner.simulation.rounds import one_look_s
from vmplanner.simulation.shares import Shares
from vmplanner.simulation.steps import Done, Early, Ending, Group, Part, Process, Step, Transfer
from vmplanner.simulation.streams import Flow
from vmplanner.simulation.techniques.checkpoint import checkpoint_and_good_memory
from vmplanner.simulation.techniques.multifd import with_channels
from vmplanner.simulation.techniques.post_copy import post_copy
from vmplanner.simulation.techniques.pre_copy import pre_copy
from vmplanner.simulation.techniques.reported import with_report
from vmplanner.simulation.techniques.stop_and_copy import stop_and_copy

TECHNIQUES: dict[Technique, Callable[[VirtualMachine, Migration, Policy], Process]] = {
    Technique.PRE_COPY: pre_copy,
    Technique.STOP_AND_COPY: stop_and_copy,
    Technique.POST_COPY: post_copy,
    Technique.HYBRID: pre_copy,
    Technique.CHECKPOINT: checkpoint_and_good_memory,
}

# Two things that are less than this apart happen at the same time: rounding may put them so.
_AT_ONCE_S = 1e-6


@define(eq=False, repr=False)
class _Active(Flow):
    """One migration under way: its process, the step that it is in, and how far that has come.

    An exchange with the target takes it `exchange_s`; its policy lets it send `most_bytes_per_s`, and TCP carries
    `tcp_bytes_per_s` on its way. The sender alone would send `alone_bytes_per_s`.
    In a transfer it is a flow: `sent_bytes` are those of the present group; `reported_bytes` those of each of its parts
    told so far. `later_pages` and `later_bytes` are those of the groups after it.
    """

    migration: Migration
    machine: VirtualMachine
    exchange_s: float
    most_bytes_per_s: float
    tcp_bytes_per_s: float
    process: Process
    step: Step
    number: int
    started_s: float
    reported_s: float
    step_began_s: float = 0.0
    alone_bytes_per_s: float = math.inf
    group_index: int = 0
    reported_bytes: list[int] = field(factory=list)
    later_pages: float = 0.0
    later_bytes: int = 0
    cancelled: bool = False
    has_switched: bool = False
    # Why it can send no more, where that matters only if it has to.
    cut_off: str = ""

    def begin(self, step: Step, now_s: float) -> None:
        self.step = step
        # From its resume on the guest is the target's: there is no way back.
        self.has_switched = self.has_switched or step.phase is Phase.RESUME
        self.step_began_s = now_s
        if isinstance(step, Transfer):
            self.later_pages = sum([group.pages for group in step.groups])
            self.later_bytes = sum([group.wire_bytes for group in step.groups])
            self.begin_group(step, 0)

    def begin_group(self, step: Transfer, index: int) -> None:
        group = step.groups[index]
        self.group_index = index
        self.sent_bytes = 0.0
        self.work_bytes = self.goal_bytes = group.wire_bytes
        self.set_caps(step)
        self.reported_bytes = [0] * len(group.parts)
        self.later_pages -= group.pages
        self.later_bytes -= group.wire_bytes
        self.lead_s = 0.0
        if step.early is not None and group.pages:
            page_bytes = group.wire_bytes / group.pages
            self.goal_bytes += (self.later_pages - step.early.burst_bytes / PAGE_BYTES) * page_bytes
            self.lead_s = step.early.below_s * page_bytes / PAGE_BYTES
            self.began_s, self.look_bytes = self.step_began_s, step.early.burst_bytes

    def set_caps(self, step: Transfer) -> None:
        group = step.groups[self.group_index]
        self.alone_bytes_per_s = min(step.cap_bytes_per_s, group.sender_bytes_per_s, self.most_bytes_per_s)
        self.cap_bytes_per_s = min(self.alone_bytes_per_s, self.tcp_bytes_per_s)

    def group(self, step: Transfer) -> Group:
        return step.groups[self.group_index]

    def share_sent(self, step: Transfer) -> float:
        """How much of the present group is sent, 0 to 1."""
        group = self.group(step)
        return min(1.0, self.sent_bytes / group.wire_bytes) if group.wire_bytes else 1.0

    def left(self, step: Transfer) -> tuple[Part, ...]:
        """What the transfer has not sent."""
        unsent = 1 - self.share_sent(step)
        here = tuple(part.remaining(unsent) for part in self.group(step).parts) if unsent else ()
        return here + tuple(part for group in step.groups[self.group_index + 1 :] for part in group.parts)

    def is_network_bound(self, bytes_per_s: float) -> bool:
        """Whether the sender would be faster alone."""
        return bytes_per_s < self.alone_bytes_per_s * (1 - 1e-9)

    def threshold_bytes(self, early: Early, bytes_per_s: float) -> float:
        """How many bytes of pages may be left for the transfer to end at this rate."""
        return bytes_per_s * early.below_s + (early.burst_bytes if self.is_network_bound(bytes_per_s) else 0)

    def early_end_s(self, now_s: float, bytes_per_s: float) -> float:
        """When the sender sees that so little is left that the transfer may end; infinite if not within this group."""
        step = self.step
        if not isinstance(step, Transfer) or step.early is None or not bytes_per_s or not self.work_bytes:
            return math.inf
        if self.goal_bytes - bytes_per_s * self.lead_s > self.work_bytes + _AT_ONCE_S * bytes_per_s:
            return math.inf
        early, group = step.early, step.groups[self.group_index]
        here = group.pages * (1 - self.share_sent(step))
        excess_pages = here + self.later_pages - self.threshold_bytes(early, bytes_per_s) / PAGE_BYTES
        seconds_per_page = group.wire_bytes / group.pages / bytes_per_s
        network_bound = self.is_network_bound(bytes_per_s)
        look_every_s = early.burst_bytes / bytes_per_s if network_bound else early.look_every_s
        passed_s = now_s - self.step_began_s
        return self.step_began_s + one_look_s(passed_s, excess_pages, seconds_per_page, look_every_s)

    def due_s(self, now_s: float, bytes_per_s: float) -> float:
        assert isinstance(self.step, Transfer), "only a transfer is a flow"
        unsent_bytes = self.group(self.step).wire_bytes - self.sent_bytes
        if unsent_bytes <= 0:
            return now_s
        sent_s = now_s + unsent_bytes / bytes_per_s if bytes_per_s else math.inf
        return min(sent_s, max(now_s, self.early_end_s(now_s, bytes_per_s)))


class Simulator:
    """Migrations of one project on one clock. `start` and `cancel` them, and `advance` the clock. `failures` come in
    the order of their times; those at the same time in the order given.
    """

    def __init__(self, project: Project, failures: Iterable[Failure] = ()) -> None:
        self.clock_s = 0.0
        self._project = project
        self._network = Network(project)
        self._host_of = {machine.id: machine.host_id for machine in project.machines.values()}
        self._shares = Shares(self._network.capacity)
        self._active: dict[str, _Active] = {}
        # Ends of pauses, time limits and cancels, to be looked at when their time comes.
        self._agenda: list[tuple[float, int, _Active]] = []
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
        policy = policy_of(source)
        if migration.technique not in policy.offers:
            raise PlannerError(
                f"{machine.name} can't move by {migration.technique.value}: {source.name} is a {source.policy.label} "
                "host, which does not have it; choose another technique"
            )
        if migration.options.channels:
            policy = with_channels(policy, migration.options.channels)
        process = with_report(TECHNIQUES[migration.technique](machine, migration, policy), policy)
        active = _Active(
            route.links,
            migration,
            machine,
            policy.latency_factor * route.latency_s,
            self._most_bytes_per_s(route, policy),
            tcp.most_bytes_per_s(route.latency_s, route.loss_share, migration.options.channels or 1),
            process,
            next(process),
            number=next(self._tickets),
            started_s=self.clock_s,
            reported_s=self.clock_s,
        )
        self._active[migration.id] = active
        if migration.time_limit_s is not None:
            self._look_at(active, self.clock_s + migration.time_limit_s)
        self._begin(active, active.step)
        self._shares.settle()

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
        while self._agenda and not self._is_due(self._agenda[0][2], self._agenda[0][0]):
            heappop(self._agenda)
        failure_s = self._failures[0].at_s if self._failures else math.inf
        return min(self._agenda[0][0] if self._agenda else math.inf, self._shares.next_due_s, failure_s)

    def advance(self, until_s: float) -> list[MigrationEvent]:
        """Let the clock run to `until_s`, which must not be beyond `next_event_s`; returns what happened by then."""
        assert until_s >= self.clock_s, "time does not run backwards"
        self.clock_s = self._shares.now_s = until_s
        due = {flow: None for flow in self._shares.take_due() if isinstance(flow, _Active)}
        while self._agenda and self._agenda[0][0] <= until_s:
            when_s, _, active = heappop(self._agenda)
            if self._is_due(active, when_s):
                due[active] = None
        events, self._told = self._told, []
        # In the order of their starts.
        for active in sorted(due, key=lambda active: active.number):
            events += self._complete(active)
        while self._failures and self._failures[0].at_s <= until_s:
            events += self._fail(self._failures.popleft())
        self._shares.settle()
        return events

    def observe(self) -> list[MigrationEvent]:
        """The progress of everything under way since its last event."""
        return [event for active in self._active.values() for event in self._report(active)]

    def _most_bytes_per_s(self, route: Route, policy: Policy) -> float:
        """How much of the way a policy uses at most; without a limit where that is all of it."""
        if policy.bandwidth_factor == 1:
            return math.inf
        return policy.bandwidth_factor * min([self._network.capacity[link] for link in route.links])

    def _look_at(self, active: _Active, when_s: float) -> None:
        heappush(self._agenda, (when_s, next(self._tickets), active))

    def _is_due(self, active: _Active, when_s: float) -> bool:
        """Whether a time on the agenda still means something to a migration."""
        return active.migration.id in self._active and (
            active.cancelled or when_s in (self._step_ends_s(active), self._deadline_s(active))
        )

    def _step_ends_s(self, active: _Active) -> float:
        """When a pause is over, or a transfer in any case."""
        step = active.step
        if isinstance(step, Transfer):
            return active.step_began_s + step.until_s
        return active.step_began_s + step.duration_s + active.exchange_s

    def _deadline_s(self, active: _Active) -> float:
        """When the migration is given up; a guest that has been stopped goes on to its target, and stays there."""
        limit_s = active.migration.time_limit_s
        if limit_s is None or active.step.phase.is_downtime or active.has_switched:
            return math.inf
        return active.started_s + limit_s

    def _begin(self, active: _Active, step: Step) -> None:
        active.begin(step, self.clock_s)
        if isinstance(step, Transfer):
            self._shares.put(active)
        else:
            self._shares.take_out(active)
        if (ends_s := self._step_ends_s(active)) < math.inf:
            self._look_at(active, ends_s)

    def _complete(self, active: _Active) -> list[MigrationEvent]:
        """The present step of a migration is over, or it is to end here: report it and go on."""
        step = active.step
        if active.cancelled:
            return self._break_off(active, Ending(Outcome.CANCELLED, "cancelled"))
        if self.clock_s >= self._deadline_s(active):
            reason = f"not done within its time limit of {format_duration(self.clock_s - active.started_s)}"
            return self._break_off(active, Ending(Outcome.NOT_CONVERGED, reason))
        active.settle(self.clock_s)
        left: tuple[Part, ...] = ()
        sent_bytes, threshold, rate = 0, 0.0, math.inf
        if isinstance(step, Transfer):
            rate = self._shares.rate(active)
            ends_s = min(active.early_end_s(self.clock_s, rate), self._step_ends_s(active))
            # Whether the sender's look or the clock ended the transfer (to a microsecond), or its group is sent.
            if ends_s > self.clock_s + _AT_ONCE_S:
                active.sent_bytes = active.group(step).wire_bytes
                if active.group_index + 1 < len(step.groups):
                    events = self._report(active)
                    active.begin_group(step, active.group_index + 1)
                    self._shares.put(active)
                    return events
            left = active.left(step)
            sent_bytes = sum(group.wire_bytes for group in step.groups) - sum(part.wire_bytes for part in left)
            threshold = active.threshold_bytes(step.early, rate) if step.early else 0.0
        events = self._report(active)
        done = Done(self.clock_s - active.step_began_s, sent_bytes, left, threshold, rate)
        try:
            following = active.process.send(done)
        except StopIteration as stop:
            return [*events, self._end(active, stop.value)]
        if active.cut_off and isinstance(following, Transfer):
            active.process.close()
            return [*events, self._end(active, Ending(Outcome.LOST, active.cut_off))]
        self._begin(active, following)
        return events

    def _fail(self, failure: Failure) -> list[MigrationEvent]:
        """Something fails now: what that ends, in the order of the starts."""
        events: list[MigrationEvent] = []
        under_way = list(self._active.values())
        match failure:
            case LinkDown():
                self._links_down.add(failure.link_id)
                self._network = Network(self._project, self._links_down)
                for active in under_way:
                    if any(link_id == failure.link_id for link_id, _ in active.links):
                        events += self._go_another_way(active, failure.link_id)
            case HostDown():
                self._hosts_down.add(failure.host_id)
                reason = f"{self._project.hosts[failure.host_id].name} went down"
                for active in under_way:
                    if self._host_of[active.machine.id] == failure.host_id:
                        events += self._strike(active, Mishap.SOURCE, reason)
                    elif active.migration.target_id == failure.host_id:
                        events += self._strike(active, Mishap.TARGET, reason)
            case Abort():
                aborted = self._active.get(failure.migration_id)
                if aborted is not None and not aborted.has_switched:
                    events += self._break_off(aborted, Ending(Outcome.FAILED, "it was aborted"))
        return events

    def _go_another_way(self, active: _Active, link_id: str) -> list[MigrationEvent]:
        """The way of a migration is cut: it goes on over the next best one, if there is any."""
        route = self._network.route(self._host_of[active.machine.id], active.migration.target_id)
        if route is None:
            link = self._project.links[link_id]
            ends = [node.name for end in (link.end_a_id, link.end_b_id) if (node := self._project.node(end))]
            return self._strike(active, Mishap.WAY, f"the link {' - '.join(ends)} went down, and no other way was left")
        active.settle(self.clock_s)
        events = self._report(active)
        self._shares.take_out(active)
        policy = policy_of(self._project.hosts[self._host_of[active.machine.id]])
        active.links = route.links
        active.exchange_s = policy.latency_factor * route.latency_s
        active.most_bytes_per_s = self._most_bytes_per_s(route, policy)
        channels = active.migration.options.channels or 1
        active.tcp_bytes_per_s = tcp.most_bytes_per_s(route.latency_s, route.loss_share, channels)
        if isinstance(active.step, Transfer):
            active.set_caps(active.step)
            self._shares.put(active)
        else:
            self._look_at(active, self._step_ends_s(active))
        return events

    def _strike(self, active: _Active, mishap: Mishap, reason: str) -> list[MigrationEvent]:
        if active.has_switched and mishap is not Mishap.TARGET and not isinstance(active.step, Transfer):
            active.cut_off = reason  # the guest goes on if all of it is over
            return []
        return self._break_off(active, Ending(mishap.outcome(has_switched=active.has_switched), reason))

    def _break_off(self, active: _Active, ending: Ending) -> list[MigrationEvent]:
        active.process.close()
        active.settle(self.clock_s)
        return [*self._report(active), self._end(active, ending)]

    def _end(self, active: _Active, ending: Ending) -> Ended:
        del self._active[active.migration.id]
        self._shares.take_out(active)
        reason = ending.reason
        if ending.outcome is Outcome.LOST:
            self._lost.add(active.machine.id)
            reason = f"{reason}; {active.machine.name} is lost"
        elif ending.outcome is not Outcome.COMPLETED:
            host = self._project.hosts[self._host_of[active.machine.id]]
            reason = f"{reason}; {active.machine.name} keeps running on {host.name}"
        else:
            self._host_of[active.machine.id] = active.migration.target_id
        return Ended(
            active.migration.id,
            self.clock_s,
            ending.outcome,
            reason,
            ending.afterwards,
            ending.reported_total_s,
            ending.reported_downtime_s,
        )

    def _report(self, active: _Active) -> list[MigrationEvent]:
        """What the migration did since it was last reported."""
        if active.reported_s == self.clock_s:
            return []
        elapsed_s, active.reported_s = self.clock_s - active.reported_s, self.clock_s
        step, guest_share, faults = active.step, active.step.guest_share, 0.0
        if not isinstance(step, Transfer):
            nothing = (NOTHING_MOVED,)
            return [Progressed(active.migration.id, self.clock_s, step.phase, step.round, nothing, 0, guest_share)]
        active.settle(self.clock_s)
        group, share = active.group(step), active.share_sent(step)
        rate = self._shares.rate(active)
        sender_bound = not active.is_network_bound(rate) and group.sender_bytes_per_s < step.cap_bytes_per_s
        told = active.reported_bytes
        active.reported_bytes = [math.floor(part.wire_bytes * share) for part in group.parts]
        # What a part costs of the time: the sender's time where that is the bottleneck, else its bytes.
        moved = [
            Moved(
                part.piece,
                part.kind,
                sent - before,
                part.cpu_s / group.cpu_s if sender_bound else part.wire_bytes / group.wire_bytes,
            )
            for part, sent, before in zip(group.parts, active.reported_bytes, told, strict=True)
        ]
        remaining = group.wire_bytes - sum(active.reported_bytes) + active.later_bytes
        if step.paging is not None:
            pages_left = group.pages * (1 - share) + active.later_pages
            guest_share, faults = step.paging.advance(
                elapsed_s, pages_left, rate, active.is_network_bound(rate), active.exchange_s
            )
        now = self.clock_s, step.phase, step.round, tuple(moved), remaining, guest_share, faults
        return [Progressed(active.migration.id, *now)]
