"""Migrations under way on a virtual clock.

The simulator goes from event to event, each the end of a pause or of a transfer. Between two events every rate is
constant, so nothing drifts however far apart they are. Rates change only when the set of flows does (network.py).
"""

import math
from collections.abc import Callable

from attrs import define, field

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import NOTHING_MOVED, Ended, MigrationEvent, Moved, Progressed
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import PAGE_BYTES, format_duration
from vmplanner.domain.results import Outcome, Phase
from vmplanner.simulation.network import Flow, Network, Route, share_fairly
from vmplanner.simulation.policies import Policy, policy_of
from vmplanner.simulation.rounds import look_s
from vmplanner.simulation.steps import Done, Early, Group, Part, Pause, Process, Step, Transfer
from vmplanner.simulation.techniques.checkpoint import checkpoint_and_good_memory
from vmplanner.simulation.techniques.multifd import with_channels
from vmplanner.simulation.techniques.post_copy import post_copy
from vmplanner.simulation.techniques.pre_copy import pre_copy
from vmplanner.simulation.techniques.stop_and_copy import stop_and_copy

TECHNIQUES: dict[Technique, Callable[[VirtualMachine, Migration, Policy], Process]] = {
    Technique.PRE_COPY: pre_copy,
    Technique.STOP_AND_COPY: stop_and_copy,
    Technique.POST_COPY: post_copy,
    Technique.HYBRID: pre_copy,
    Technique.CHECKPOINT: checkpoint_and_good_memory,
}


@define
class _Active:
    """One migration under way: its process, the step that it is in, and how far that has come.

    In a transfer, `sent_bytes` are those of the present group; `reported_bytes` those of each of its parts told so far.
    """

    migration: Migration
    machine: VirtualMachine
    route: Route
    process: Process
    step: Step
    started_s: float
    step_began_s: float
    reported_s: float
    group_index: int = 0
    sent_bytes: float = 0.0
    reported_bytes: list[int] = field(factory=list)
    rate: float = 0.0
    cancelled: bool = False
    has_switched: bool = False

    def begin(self, step: Step, now_s: float) -> None:
        self.step = step
        # From its resume on the guest is the target's: there is no way back.
        self.has_switched = self.has_switched or step.phase is Phase.RESUME
        self.step_began_s = now_s
        self.begin_group(0)

    def begin_group(self, index: int) -> None:
        self.group_index = index
        self.sent_bytes = 0.0
        self.reported_bytes = [0] * len(self.step.groups[index].parts) if isinstance(self.step, Transfer) else []

    def group(self, step: Transfer) -> Group:
        return step.groups[self.group_index]

    def demand_bytes_per_s(self, step: Transfer) -> float:
        """The rate that the sender would reach alone."""
        return min(step.cap_bytes_per_s, self.group(step).sender_bytes_per_s)

    def share_sent(self, step: Transfer) -> float:
        """How much of the present group is sent, 0 to 1."""
        group = self.group(step)
        return min(1.0, self.sent_bytes / group.wire_bytes) if group.wire_bytes else 1.0

    def left(self, step: Transfer) -> tuple[Part, ...]:
        """What the transfer has not sent."""
        unsent = 1 - self.share_sent(step)
        here = tuple(part.remaining(unsent) for part in self.group(step).parts) if unsent else ()
        return here + tuple(part for group in step.groups[self.group_index + 1 :] for part in group.parts)

    def bytes_left(self, step: Transfer) -> int:
        later = sum(group.wire_bytes for group in step.groups[self.group_index + 1 :])
        return self.group(step).wire_bytes - sum(self.reported_bytes) + later

    def is_network_bound(self, step: Transfer) -> bool:
        return self.rate < self.demand_bytes_per_s(step) * (1 - 1e-9)

    def threshold_bytes(self, step: Transfer, early: Early) -> float:
        """How many bytes of pages may be left for the transfer to end at the present rate."""
        return self.rate * early.below_s + (early.burst_bytes if self.is_network_bound(step) else 0)

    def early_end_s(self, step: Transfer, now_s: float) -> float:
        """When the sender sees that so little is left that the transfer may end; infinite if not within this group."""
        early, group = step.early, self.group(step)
        if early is None or not self.rate or not group.wire_bytes:
            return math.inf
        here = group.pages * (1 - self.share_sent(step))
        later = sum(group.pages for group in step.groups[self.group_index + 1 :])
        excess_pages = here + later - self.threshold_bytes(step, early) / PAGE_BYTES
        seconds_per_page = group.wire_bytes / group.pages / self.rate
        look_every_s = early.burst_bytes / self.rate if self.is_network_bound(step) else early.look_every_s
        looked_s = look_s(now_s - self.step_began_s, excess_pages, seconds_per_page, look_every_s)
        return self.step_began_s + float(looked_s)


class Simulator:
    """Migrations of one project on one clock. `start` and `cancel` them, and `advance` the clock."""

    def __init__(self, project: Project) -> None:
        self.clock_s = 0.0
        self._project = project
        self._network = Network(project)
        self._active: dict[str, _Active] = {}

    def start(self, migration: Migration) -> None:
        """Begin a migration now. Raises PlannerError when no way leads to the target."""
        machine = self._project.machines[migration.vm_id]
        source, target = self._project.hosts[machine.host_id], self._project.hosts[migration.target_id]
        route = self._network.route(source.id, target.id)
        if route is None:
            raise PlannerError(
                f"{machine.name} can't move: no link leads from {source.name} to {target.name}; draw one"
            )
        policy = policy_of(source.policy)
        if migration.technique not in policy.offers:
            raise PlannerError(
                f"{machine.name} can't move by {migration.technique.value}: {source.name} is a {source.policy.label} "
                "host, which does not have it; choose another technique"
            )
        if migration.options.channels:
            policy = with_channels(policy, migration.options.channels)
        process = TECHNIQUES[migration.technique](machine, migration, policy)
        self._active[migration.id] = _Active(
            migration, machine, route, process, next(process), self.clock_s, self.clock_s, self.clock_s
        )
        self._share_network()

    def cancel(self, migration_id: str) -> None:
        """End a migration at the next event. One whose guest has switched to the target completes instead."""
        active = self._active.get(migration_id)
        if active is not None and not active.has_switched:
            active.cancelled = True

    @property
    def next_event_s(self) -> float:
        """When the next step ends, on the virtual clock; infinite when nothing is under way."""
        return min(map(self._ends_s, self._active.values()), default=math.inf)

    def advance(self, until_s: float) -> list[MigrationEvent]:
        """Let the clock run to `until_s`, which must not be beyond `next_event_s`; returns what happened by then."""
        assert until_s >= self.clock_s, "time does not run backwards"
        due = [active for active in self._active.values() if self._ends_s(active) <= until_s]
        for active in self._active.values():
            active.sent_bytes += active.rate * (until_s - self.clock_s)
        self.clock_s = until_s
        events = [event for active in due for event in self._complete(active)]
        if due:
            self._share_network()
        return events

    def observe(self) -> list[MigrationEvent]:
        """The progress of everything under way since its last event."""
        return [event for active in self._active.values() for event in self._report(active)]

    def _ends_s(self, active: _Active) -> float:
        """When the present step ends at the present rates, on the virtual clock."""
        step = active.step
        if active.cancelled:
            return self.clock_s
        if isinstance(step, Pause):
            return active.step_began_s + step.duration_s + 2 * active.route.latency_s
        unsent_bytes = max(0.0, active.group(step).wire_bytes - active.sent_bytes)
        sent_s = self.clock_s + (unsent_bytes / active.rate if active.rate else math.inf)
        return min(sent_s, max(self.clock_s, active.early_end_s(step, self.clock_s)), self._deadline_s(active))

    def _deadline_s(self, active: _Active) -> float:
        """When the migration is given up; a guest that has been stopped goes on to its target, and stays there."""
        limit_s = active.migration.time_limit_s
        if limit_s is None or active.step.phase.is_downtime or active.has_switched:
            return math.inf
        return active.started_s + limit_s

    def _complete(self, active: _Active) -> list[MigrationEvent]:
        """The present step of a migration is over, or it is to end here: report it and go on."""
        step = active.step
        if active.cancelled:
            active.process.close()
            return [*self._report(active), self._end(active, Outcome.CANCELLED, "cancelled")]
        if self.clock_s >= self._deadline_s(active):
            active.process.close()
            reason = f"not done within its time limit of {format_duration(self.clock_s - active.started_s)}"
            return [*self._report(active), self._end(active, Outcome.NOT_CONVERGED, reason)]
        left: tuple[Part, ...] = ()
        sent_bytes, threshold = 0, 0.0
        if isinstance(step, Transfer):
            # Whether the sender's look ended the transfer (to a microsecond) or the group is sent to its end.
            if active.early_end_s(step, self.clock_s) > self.clock_s + 1e-6:
                active.sent_bytes = active.group(step).wire_bytes
                if active.group_index + 1 < len(step.groups):
                    events = self._report(active)
                    active.begin_group(active.group_index + 1)
                    return events
            left = active.left(step)
            sent_bytes = sum(group.wire_bytes for group in step.groups) - sum(part.wire_bytes for part in left)
            threshold = active.threshold_bytes(step, step.early) if step.early else 0.0
        events = self._report(active)
        try:
            active.begin(
                active.process.send(Done(self.clock_s - active.step_began_s, sent_bytes, left, threshold)), self.clock_s
            )
        except StopIteration as stop:
            events.append(self._end(active, stop.value.outcome, stop.value.reason))
        return events

    def _end(self, active: _Active, outcome: Outcome, reason: str) -> Ended:
        del self._active[active.migration.id]
        if outcome is not Outcome.COMPLETED:
            host = self._project.hosts[active.machine.host_id]
            reason = f"{reason}; {active.machine.name} keeps running on {host.name}"
        return Ended(active.migration.id, self.clock_s, outcome, reason)

    def _report(self, active: _Active) -> list[MigrationEvent]:
        """What the migration did since it was last reported."""
        if active.reported_s == self.clock_s:
            return []
        active.reported_s = self.clock_s
        step = active.step
        if not isinstance(step, Transfer):
            return [Progressed(active.migration.id, self.clock_s, step.phase, step.round, (NOTHING_MOVED,), 0)]
        group, share = active.group(step), active.share_sent(step)
        sender_bound = not active.is_network_bound(step) and group.sender_bytes_per_s < step.cap_bytes_per_s
        moved = []
        for index, part in enumerate(group.parts):
            sent = math.floor(part.wire_bytes * share)
            # What a part costs of the time: the sender's time where that is the bottleneck, else its bytes.
            time_share = part.cpu_s / group.cpu_s if sender_bound else part.wire_bytes / group.wire_bytes
            moved.append(Moved(part.piece, part.kind, sent - active.reported_bytes[index], time_share))
            active.reported_bytes[index] = sent
        remaining = active.bytes_left(step)
        return [Progressed(active.migration.id, self.clock_s, step.phase, step.round, tuple(moved), remaining)]

    def _share_network(self) -> None:
        """Give every sender its fair share; those that pause have no flow."""
        flows = {
            key: Flow(active.route.links, active.demand_bytes_per_s(active.step))
            for key, active in self._active.items()
            if isinstance(active.step, Transfer)
        }
        rates = share_fairly(flows, self._network.capacity)
        for key, active in self._active.items():
            active.rate = rates.get(key, 0.0)
