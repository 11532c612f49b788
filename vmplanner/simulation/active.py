"""One migration under way: the step that it is in, how far that has come, and what of it was told.

A transfer sends its groups one after the other. Those at which nothing changes for the sender are one run: one piece of
work for the network, with a mark where each group ends, so that it is known when that was.
"""

import math

from attrs import define, field

from vmplanner.domain.events import NOTHING_MOVED, Moved, Progressed
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.domain.results import Phase
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.processors import Processors
from vmplanner.simulation.rounds import one_look_s
from vmplanner.simulation.steps import Done, Group, Part, Process, Step, Transfer
from vmplanner.simulation.streams import Flow
from vmplanner.simulation.techniques.reported import SourceClock

# Two things that are less than this apart happen at the same time: rounding may put them so.
AT_ONCE_S = 1e-6


@define(eq=False, repr=False)
class Active(Flow):
    """A migration, its process, its present step, and the progress in it.

    It sends in so many `threads`, on the `processors` of its source; its threads pack what it sends when it `packs`.
    An exchange with the target takes it `exchange_s`; its policy lets it send `most_bytes_per_s`, and TCP carries
    `tcp_bytes_per_s` on its way. The sender alone would send `alone_bytes_per_s`.
    In a transfer it is a flow, and its work is a run, which ends before the group `next_run`; `later_pages` come after
    it. `group_index` is the group that is being sent, `group_from_bytes` where it begins in the run.
    """

    migration: Migration
    machine: VirtualMachine
    policy: Policy
    processors: Processors
    process: Process
    step: Step
    number: int
    started_s: float
    told_s: float
    source_clock: SourceClock | None = None
    threads: int = 1
    packs: bool = False
    exchange_s: float = 0.0
    most_bytes_per_s: float = math.inf
    tcp_bytes_per_s: float = math.inf
    step_began_s: float = 0.0
    # When a pause is over, or a transfer in any case; and when the migration is given up, where that can be.
    step_ends_s: float = math.inf
    deadline_s: float = math.inf
    alone_bytes_per_s: float = math.inf
    groups: tuple[Group, ...] = ()
    next_run: int = 0
    run_pages: float = 0.0
    later_pages: float = 0.0
    transfer_bytes: int = 0
    group_index: int = 0
    group_from_bytes: int = 0
    # When the groups ended that were not told yet, what was told of the first of them or the present one, part by part,
    # and what is still to tell of the transfer.
    ended_s: list[float] = field(factory=list)
    told_bytes: list[int] = field(factory=list)
    untold_bytes: int = 0
    cancelled: bool = False
    has_switched: bool = False
    # Why it can send no more, where that matters only if it has to.
    cut_off: str = ""

    def begin(self, step: Step, now_s: float) -> None:
        self.step = step
        # From its resume on the guest is the target's: there is no way back.
        if step.phase is Phase.RESUME:
            self.has_switched = True
        self.step_began_s = now_s
        self.set_ends()
        if isinstance(step, Transfer):
            self.groups, self.next_run = step.groups, 0
            self.begin_run(step)
            self.transfer_bytes = self.untold_bytes

    def set_ends(self) -> None:
        """Note when the step ends, and the migration in any case."""
        step, limit_s = self.step, self.migration.time_limit_s
        if isinstance(step, Transfer):
            self.step_ends_s = self.step_began_s + step.until_s
        else:
            self.step_ends_s = self.step_began_s + step.duration_s + self.exchange_s
        # A guest that has been stopped goes on to its target, and stays there.
        is_final = limit_s is None or self.has_switched or step.phase.is_downtime
        self.deadline_s = math.inf if limit_s is None or is_final else self.started_s + limit_s

    def begin_run(self, step: Transfer) -> None:
        """Go on with the groups that come next."""
        groups, early = step.groups, step.early
        self.group_index = index = self.next_run
        group = groups[index]
        pages, wire_bytes, parts = group.pages, group.wire_bytes, len(group.parts)
        self.group_from_bytes, self.mark_bytes = 0, math.inf
        index += 1
        # The sender has no pace of its own; where it looks how much is left, a page is as large (to a byte for each
        # part, to which it is rounded). How a guest runs that asks for pages is told group by group.
        if not group.cpu_s and step.paging is None:
            while index < len(groups):
                following = groups[index]
                more, more_bytes, more_parts = following.pages, following.wire_bytes, len(following.parts)
                if following.cpu_s or (
                    early is not None
                    and abs(more_bytes * pages - wire_bytes * more) > more_parts * pages + parts * more
                ):
                    break
                if self.mark_bytes == math.inf:
                    self.mark_bytes = wire_bytes
                pages += more
                wire_bytes += more_bytes
                parts += more_parts
                index += 1
        self.next_run, self.run_pages = index, pages
        later_pages, untold_bytes = 0.0, wire_bytes
        for later in groups[index:]:
            later_pages += later.pages
            untold_bytes += later.wire_bytes
        self.later_pages, self.untold_bytes = later_pages, untold_bytes
        self.told_bytes.clear()
        self.ended_s.clear()
        self.sent_bytes, self.work_bytes = 0.0, wire_bytes
        self.set_caps(step)
        if early is None or not pages:
            self.goal_bytes, self.lead_s = wire_bytes, 0.0
            return
        page_bytes = wire_bytes / pages
        self.goal_bytes = wire_bytes + (later_pages - early.burst_bytes / PAGE_BYTES) * page_bytes
        self.lead_s = early.below_s * page_bytes / PAGE_BYTES
        self.began_s, self.look_bytes = self.step_began_s, early.burst_bytes

    def set_caps(self, step: Transfer) -> None:
        alone, processors = step.cap_bytes_per_s, self.processors
        core_share, packing_cores = processors.core_share, processors.packing_cores
        group = step.groups[self.group_index]
        self.packs = bool(group.cpu_s) and any(part.packing_s for part in group.parts)
        if core_share < 1:
            alone = min(alone, self.threads * core_share * self.policy.core_bytes_per_s)
        if core_share < 1 or (self.packs and packing_cores < math.inf):
            alone = min(alone, group.crowded_bytes_per_s(core_share, packing_cores))
        elif group.cpu_s:
            alone = min(alone, group.sender_bytes_per_s)
        if self.most_bytes_per_s < alone:
            alone = self.most_bytes_per_s
        self.alone_bytes_per_s = alone
        self.cap_bytes_per_s = alone if alone < self.tcp_bytes_per_s else self.tcp_bytes_per_s

    def reach_mark(self, at_s: float) -> None:
        self.ended_s.append(at_s)
        self.group_from_bytes += self.groups[self.group_index].wire_bytes
        self.group_index += 1
        ends_bytes = self.group_from_bytes + self.groups[self.group_index].wire_bytes
        self.mark_bytes = ends_bytes if self.group_index + 1 < self.next_run else math.inf

    def end_run(self, now_s: float) -> None:
        """All of it is sent."""
        while self.mark_bytes < math.inf:
            self.reach_mark(now_s)
        self.sent_bytes = self.work_bytes

    def share_sent(self) -> float:
        """How much of the present group is sent, 0 to 1."""
        wire_bytes, sent_bytes = self.groups[self.group_index].wire_bytes, self.sent_bytes - self.group_from_bytes
        return sent_bytes / wire_bytes if sent_bytes < wire_bytes else 1.0

    def left(self) -> list[Part]:
        """What the transfer has not sent."""
        groups, following = self.groups, self.group_index + 1
        unsent = 1 - self.share_sent()
        left = [part.remaining(unsent) for part in groups[following - 1].parts] if unsent else []
        if following < len(groups):
            for group in groups[following:]:
                left += group.parts
        return left

    def is_network_bound(self, bytes_per_s: float) -> bool:
        """Whether the sender would be faster alone."""
        return bytes_per_s < self.alone_bytes_per_s * (1 - 1e-9)

    def threshold_bytes(self, bytes_per_s: float) -> float:
        """How many bytes of pages may be left for the transfer to end at this rate; 0 where it may not."""
        early = self.step.early if isinstance(self.step, Transfer) else None
        if early is None:
            return 0.0
        return bytes_per_s * early.below_s + (early.burst_bytes if self.is_network_bound(bytes_per_s) else 0)

    def early_end_s(self, now_s: float, bytes_per_s: float) -> float:
        """When the sender sees that so little is left that the transfer may end; infinite if not within this run."""
        step = self.step
        if not isinstance(step, Transfer) or step.early is None or not bytes_per_s or not self.work_bytes:
            return math.inf
        goal_bytes = self.goal_bytes - bytes_per_s * self.lead_s
        if goal_bytes > self.work_bytes + AT_ONCE_S * bytes_per_s:
            return math.inf
        early = step.early
        look_every_s = early.burst_bytes / bytes_per_s
        if not self.is_network_bound(bytes_per_s):
            look_every_s = early.look_every_s
            goal_bytes += early.burst_bytes / PAGE_BYTES * self.work_bytes / self.run_pages
        passed_s = now_s - self.step_began_s
        return self.step_began_s + one_look_s(passed_s, goal_bytes - self.sent_bytes, 1 / bytes_per_s, look_every_s)

    def is_ended_early(self, now_s: float, bytes_per_s: float) -> bool:
        """Whether the sender's look or the clock ends the transfer now (to a microsecond), and not that all is sent."""
        at_once_s = now_s + AT_ONCE_S
        return self.step_ends_s <= at_once_s or self.early_end_s(now_s, bytes_per_s) <= at_once_s

    def done(self, now_s: float, bytes_per_s: float) -> Done:
        """What came of the transfer, which is over."""
        left, sent_bytes = self.left(), self.transfer_bytes
        for part in left:
            sent_bytes -= part.wire_bytes
        return Done(now_s - self.step_began_s, sent_bytes, tuple(left), self.threshold_bytes(bytes_per_s), bytes_per_s)

    def due_s(self, now_s: float, bytes_per_s: float) -> float:
        unsent_bytes = self.work_bytes - self.sent_bytes
        if unsent_bytes <= 0:
            return now_s
        sent_s = now_s + unsent_bytes / bytes_per_s if bytes_per_s else math.inf
        return min(sent_s, max(now_s, self.early_end_s(now_s, bytes_per_s)))

    def report(self, now_s: float, bytes_per_s: float) -> Progressed | None:
        """What it did since it was last reported, if any time has passed; it is settled, and sends at this rate."""
        elapsed_s = now_s - self.told_s
        if not elapsed_s:
            return None
        step, guest_share, faults = self.step, self.step.guest_share, 0.0
        if not isinstance(step, Transfer):
            self.told_s = now_s
            return Progressed(self.migration.id, now_s, step.phase, step.round, (NOTHING_MOVED,), 0, guest_share)
        moved = tuple(self._moved(step, now_s, elapsed_s, bytes_per_s))
        self.told_s = now_s
        if step.paging is not None:
            pages_left = self.groups[self.group_index].pages * (1 - self.share_sent()) + self.later_pages
            is_network_bound = self.is_network_bound(bytes_per_s)
            guest_share, faults = step.paging.advance(
                elapsed_s, pages_left, bytes_per_s, is_network_bound, self.exchange_s
            )
        phase, number, untold_bytes = step.phase, step.round, self.untold_bytes
        return Progressed(
            self.migration.id, now_s, phase, number, moved, untold_bytes, guest_share, faults, step.throttle
        )

    def _moved(self, step: Transfer, now_s: float, elapsed_s: float, bytes_per_s: float) -> list[Moved]:
        """What went over of each part of the groups since they were last told, and when."""
        moved: list[Moved] = []
        from_s, told, ended_s, present = self.told_s, self.told_bytes, self.ended_s, self.group_index
        self.told_bytes = []
        ended_s.append(now_s)
        index = present - len(ended_s)
        for until_s in ended_s:
            index += 1
            group = step.groups[index]
            wire_bytes = group.wire_bytes
            if not wire_bytes:
                continue
            time_share = (until_s - from_s) / elapsed_s
            from_s = until_s
            share, parts = 1.0 if index < present else self.share_sent(), group.parts
            if len(parts) == 1 and share == 1 and not told:
                [part] = parts
                self.untold_bytes -= wire_bytes
                moved.append(Moved(part.piece, part.kind, wire_bytes, time_share, part.pages))
                continue
            # What a part costs of the time: the sender's time where that is the bottleneck, else its bytes.
            cpu_s = group.cpu_s
            by_cpu = cpu_s and wire_bytes / cpu_s < step.cap_bytes_per_s and not self.is_network_bound(bytes_per_s)
            for place, part in enumerate(parts):
                sent = part.wire_bytes if share == 1 else math.floor(part.wire_bytes * share)
                if share != 1:
                    self.told_bytes.append(sent)
                if told:
                    sent -= told[place]
                self.untold_bytes -= sent
                cost = part.cpu_s / cpu_s if by_cpu else part.wire_bytes / wire_bytes
                pages = part.pages * sent / part.wire_bytes if part.wire_bytes else 0.0
                moved.append(Moved(part.piece, part.kind, sent, time_share * cost, pages))
            told = []
        ended_s.clear()
        return moved
