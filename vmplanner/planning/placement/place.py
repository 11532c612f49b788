"""Which VM goes where and in what order, to do what a person intends under all rules.

A placement has stages that follow each other: "Empty alpha", "Bring back to alpha". In each the moves are in an order
in which every VM finds room, with a stop on a third host where VMs would wait for each other in a circle.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence

from attrs import field, frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.planning.intents import Balance, Consolidate, Drain, Evacuate, Intent, Move, Roll, Spread
from vmplanner.planning.placement.assignment import QUICK_TRIES, TRIES, Assignment, Stuck, assign
from vmplanner.planning.placement.balance import balanced, most_emptied
from vmplanner.planning.placement.conflicts import smallest_conflict
from vmplanner.planning.placement.constraints import Demand, Fleet, Problem, Requirement, requirements
from vmplanner.planning.placement.costs import Cost
from vmplanner.planning.placement.search import cheapest_way, is_small
from vmplanner.planning.placement.sequence import Step, in_order

NO_HOST_LEFT = "no host is left for what has to move"
Improve = Callable[[Problem, Assignment], Assignment]


@frozen
class PlacedMove:
    """One VM goes from one host to another, and why. After a hop it goes on to another host in the same stage."""

    vm_id: str
    source_id: str
    target_id: str
    why: str
    is_hop: bool = False


@frozen
class Stage:
    """Moves that begin when those of the stage before are done, and `pause_s` have passed."""

    title: str
    moves: tuple[PlacedMove, ...] = field(converter=tuple[PlacedMove, ...])
    pause_s: float = 0.0


@frozen
class Placement:
    """The stages, or why there are none: the names of rules that can't be kept together, and the VMs that find no
    host. VMs that the intent speaks of and that stay where they are have their reason in `unmoved`, by id.
    """

    stages: tuple[Stage, ...] = field(default=(), converter=tuple[Stage, ...])
    conflicts: tuple[str, ...] = ()
    unmoved: Mapping[str, str] = field(factory=dict)

    @property
    def is_possible(self) -> bool:
        return not self.conflicts

    @property
    def moves(self) -> tuple[PlacedMove, ...]:
        return tuple(move for stage in self.stages for move in stage.moves)


class _NoPlacement(Exception):
    """Carries a placement that says why there is none."""

    def __init__(self, placement: Placement) -> None:
        super().__init__()
        self.placement = placement


def place(
    project: Project,
    intent: Intent,
    costs: Mapping[str, Cost],
    improve: Improve | None = None,
    staying: Collection[str] = (),
    stop: threading.Event | None = None,
) -> Placement:
    """The moves that do what is intended: first as few and cheap as can be, then balanced.

    `costs` are those of every VM (costs.Predicted). `improve` may better each answer before its moves are put in order.
    The VMs that are `staying` do not leave the hosts that are emptied.

    Raises PlannerError for an intent that names what the project does not have, and Stopped when `stop` is set.
    """
    planner = _Planner(Fleet(project, costs, stop, frozenset(staying)), improve)
    try:
        return planner.placement(intent)
    except _NoPlacement as none:
        return none.placement


def solve(problem: Problem, *polish: Improve, tries: int = TRIES) -> tuple[Assignment, tuple[Step, ...]] | None:
    """Places and the steps there: at once by the heuristic, of a small fleet by looking at all states. Raises Stopped
    when the fleet's `stop` is set.
    """
    problem.fleet.heed_stop()
    answer = assign(problem, tries)
    if isinstance(answer, Assignment):
        steps = in_order(problem, answer.places)
        for better in polish:
            bettered = better(problem, answer)
            steps_there = in_order(problem, bettered.places)
            if steps_there is not None:
                answer, steps = bettered, steps_there
        if steps is not None:
            return answer, steps
    if is_small(problem) and (way := cheapest_way(problem)) is not None:
        places, steps = way
        known = answer.reasons if isinstance(answer, Assignment) else {}
        return Assignment(places, known), steps
    return None


class _Planner:
    def __init__(self, fleet: Fleet, improve: Improve | None) -> None:
        self._fleet = fleet
        self._project = fleet.project
        self._improve = improve
        self._required = requirements(fleet.project)

    def placement(self, intent: Intent) -> Placement:
        match intent:
            case Evacuate():
                hosts = self._hosts(intent.hosts)
                return self._around([hosts], 0.0) if intent.bring_back else self._emptied(hosts)
            case Drain():
                return self._emptied(self._hosts([intent.group_id]))
            case Roll():
                return self._around([[host] for host in self._hosts(intent.hosts)], intent.maintain_s)
            case Balance():
                return self._balanced(Demand(even=True), intent.tolerance)
            case Spread():
                failed = frozenset(self._hosts(intent.failed))
                lost = [m for m in self._project.machines.values() if m.host_id in failed]
                placement = self._balanced(Demand(failed=failed, even=True), intent.tolerance)
                unmoved = {m.id: f"{self._name(m.host_id)} has failed: {m.name} can only be restarted" for m in lost}
                return Placement(placement.stages, placement.conflicts, {**unmoved, **placement.unmoved})
            case Consolidate():
                return self._consolidated()
            case Move():
                return self._moved(intent)

    def _emptied(self, hosts: Sequence[str]) -> Placement:
        stage, _ = self._stage(f"Empty {self._names(hosts)}", self._fleet.drawn, self._closing(hosts))
        return Placement([stage])

    def _around(self, rounds: Sequence[Sequence[str]], maintain_s: float) -> Placement:
        """Empty the hosts of each round, and bring back what left; what rules want moved anyway moves before."""
        stage, base = self._stage("Keep the rules", self._fleet.drawn, Demand())
        stages = [stage] if stage.moves else []
        for hosts in rounds:
            stage, places = self._stage(f"Empty {self._names(hosts)}", base, self._closing(hosts))
            if stage.moves:
                stages.append(stage)
                stages.append(self._return(hosts, places, base, maintain_s))
        return Placement(stages)

    def _return(self, hosts: Sequence[str], where: Sequence[int], base: Sequence[int], pause_s: float) -> Stage:
        """What left goes back: every state on that way was there before, so there is an order."""
        names = self._names(hosts)
        problem = Problem(self._fleet, tuple(where), Demand(), self._required)
        steps = in_order(problem, base)
        if steps is None:
            raise _NoPlacement(Placement(conflicts=(f"the order in which VMs may come back to {names}",)))
        reasons = {step.vm: f"back when {names} {'is' if len(hosts) == 1 else 'are'} ready" for step in steps}
        return self._told(f"Bring back to {names}", steps, reasons, pause_s)

    def _balanced(self, demand: Demand, tolerance: float) -> Placement:
        def evened(problem: Problem, assignment: Assignment) -> Assignment:
            return balanced(problem, assignment, tolerance)

        stage, _ = self._stage("Balance", self._fleet.drawn, demand, evened)
        return Placement([stage])

    def _consolidated(self) -> Placement:
        problem = Problem(self._fleet, tuple(self._fleet.drawn), Demand(), self._required)
        hosts = most_emptied(problem, lambda tried: solve(tried, tries=QUICK_TRIES) is not None)
        names = {host: f"{self._name(host)} can be powered off" for host in hosts}
        stage, _ = self._stage("Consolidate", self._fleet.drawn, Demand(closed=names))
        return Placement([stage])

    def _moved(self, intent: Move) -> Placement:
        wanted: dict[str, frozenset[str]] = {}
        for vm_id, target in intent.targets:
            if vm_id not in self._project.machines:
                raise PlannerError(f"there is no VM '{vm_id}'; name one of the project")
            here = self._project.machines[vm_id].host_id
            hosts = frozenset(self._project.hosts) - {here} if target is None else frozenset(self._hosts([target]))
            wanted[vm_id] = hosts
        stage, _ = self._stage("Move", self._fleet.drawn, Demand(wanted=wanted))
        moved = {move.vm_id for move in stage.moves}
        at = {vm_id: self._project.machines[vm_id].host_id for vm_id in wanted if vm_id not in moved}
        unmoved = {vm_id: f"is on {self._name(host_id)} already" for vm_id, host_id in at.items()}
        return Placement([stage], unmoved=unmoved)

    def _stage(
        self, title: str, where: Sequence[int], demand: Demand, polish: Improve | None = None
    ) -> tuple[Stage, tuple[int, ...]]:
        """The moves that meet a demand, and where the VMs are then."""
        problem = Problem(self._fleet, tuple(where), demand, self._required)
        found = solve(problem, *(each for each in (polish, self._improve) if each is not None))
        if found is None:
            raise _NoPlacement(self._impossible(problem))
        assignment, steps = found
        return self._told(title, steps, assignment.reasons, 0.0), assignment.places

    def _impossible(self, problem: Problem) -> Placement:
        def can_be_kept(kept: tuple[Requirement, ...]) -> bool:
            return solve(Problem(problem.fleet, problem.where, problem.demand, kept)) is not None

        conflict = smallest_conflict(self._required, can_be_kept)
        names = tuple(each if isinstance(each, str) else each.name for each in conflict)
        answer = assign(problem)
        stuck = answer.vms if isinstance(answer, Stuck) else ()
        unmoved = {self._fleet.vms[vm]: "finds no host that all rules allow" for vm in stuck}
        return Placement(conflicts=names or (NO_HOST_LEFT,), unmoved=unmoved)

    def _told(self, title: str, steps: Sequence[Step], reasons: Mapping[int, str], pause_s: float) -> Stage:
        hosts, vms = self._fleet.hosts, self._fleet.vms
        moves = []
        for step in steps:
            why = "on the way, so that others find room" if step.is_hop else reasons.get(step.vm) or "makes room"
            moves.append(PlacedMove(vms[step.vm], hosts[step.source], hosts[step.target], why, step.is_hop))
        return Stage(title, moves, pause_s)

    def _closing(self, hosts: Sequence[str]) -> Demand:
        return Demand(closed={host: f"{self._name(host)} is to be empty" for host in hosts})

    def _hosts(self, ids: Sequence[str]) -> list[str]:
        for each in ids:
            if each not in self._project.hosts and each not in self._project.groups:
                raise PlannerError(f"there is no host or group '{each}'; name one of the project")
        hosts = self._project.hosts_in(ids)
        if not hosts:
            raise PlannerError(f"{', '.join(ids)} has no hosts; put hosts into the group first")
        return hosts

    def _name(self, host_id: str) -> str:
        return self._project.hosts[host_id].name

    def _names(self, host_ids: Sequence[str]) -> str:
        names = [self._name(host_id) for host_id in host_ids]
        return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"
