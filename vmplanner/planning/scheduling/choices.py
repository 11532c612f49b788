"""The schedules that a plan can have: one by each list rule, each as the simulation carries it out.

Whatever a rule expects, what counts is what comes of it when everything moves: a schedule here has the starts and ends
of its rehearsal, so that a run in the simulation agrees with it. Beside the rules stands the plan as it is where it
has start times: what is chosen is never worse.
"""

import threading
from collections.abc import Iterable, Iterator

from attrs import frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.planning.scheduling.jobs import Problem
from vmplanner.planning.scheduling.lists import ListRule, Times, demands_of
from vmplanner.planning.scheduling.optimise import Progress, optimised
from vmplanner.planning.scheduling.pins import problem_with_pins
from vmplanner.planning.scheduling.predict import problem_of
from vmplanner.planning.scheduling.rehearse import Rehearsal, as_rehearsed, rehearse
from vmplanner.planning.scheduling.schedule import Schedule, described, schedule
from vmplanner.planning.stop import heed
from vmplanner.planning.windows import misfits

AS_IT_IS = "as it is"
# Schedules that are done within a microsecond of each other are as good.
_DIGITS = 6


@frozen
class Choice:
    """A schedule as it is carried out in the simulation. `unfinished` migrations do not arrive, `outside` are not in
    their windows.
    """

    schedule: Schedule
    rehearsal: Rehearsal
    explanation: str = ""
    unfinished: int = 0
    outside: int = 0

    @property
    def makespan_s(self) -> float:
        return self.schedule.makespan_s

    @property
    def above_bound(self) -> float:
        """How much longer it takes than the lower bound, as a share of that."""
        return max(0.0, self.schedule.above_bound)

    @property
    def rank(self) -> tuple[float, ...]:
        """The lower, the better: all arrive, in their windows, the soonest, and most of them early."""
        return self.unfinished, self.outside, round(self.makespan_s, _DIGITS), self.schedule.sum_of_ends_s


def schedules_of(
    project: Project,
    plan: Plan,
    rules: Iterable[ListRule] = tuple(ListRule),
    stop: threading.Event | None = None,
) -> tuple[Problem, tuple[Choice, ...]]:
    """The problem, and its schedules by all of the rules that find one, the best first. Pinned migrations keep their
    starts. Raises PlannerError when no rule finds a schedule, and Stopped when `stop` is set.
    """
    rules = tuple(rules)
    problem = problem_with_pins(project, plan, rules)
    found = list(_by_rules(project, plan, problem, rules, stop))
    if rules == tuple(ListRule) and any(m.earliest_start_s and not m.is_pinned for m in plan.migrations):
        own = rehearse(project, plan, problem_of(project, plan), stop=stop)
        if len(own.ends) == len(problem.jobs):
            made = _carried_out(problem, ListRule.ALL_AT_ONCE, AS_IT_IS, own)
            found.append(_choice(project, plan, made, own, "the start times that the plan has"))
    return problem, tuple(sorted(found, key=lambda choice: choice.rank))


def best_choice(project: Project, plan: Plan, problem: Problem, stop: threading.Event | None = None) -> Choice:
    """The best of all rules for `problem`, the migrations of `plan`. Raises PlannerError when no rule finds a schedule,
    and Stopped when `stop` is set.
    """
    return min(_by_rules(project, plan, problem, tuple(ListRule), stop), key=lambda choice: choice.rank)


def rehearsed(
    project: Project,
    plan: Plan,
    problem: Problem,
    made: Schedule,
    rule: ListRule,
    explanation: str = "",
    stop: threading.Event | None = None,
) -> Choice:
    """What comes of a schedule for `problem`, which takes of its links what a rule does."""
    found = rehearse(project, plan, problem, made, stop)
    if len(found.ends) == len(problem.jobs):
        made = _carried_out(problem, rule, made.name, found)
    return _choice(project, plan, made, found, explanation)


def search_on(
    project: Project,
    plan: Plan,
    problem: Problem,
    best: Choice,
    *,
    time_limit_s: float,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    given_up: threading.Event | None = None,
) -> Choice:
    """The best choice for `problem`, or what a solver finds that is better once it is carried out; `stop` ends its
    search, see optimise.py. Raises PlannerError when OR-Tools is not installed, and Stopped when `given_up` is set.
    """
    # With the durations of a rehearsal: what a search wins with those of each alone, links that are shared take back.
    shared = as_rehearsed(problem, best.rehearsal)
    made = optimised(shared, best.schedule, time_limit_s=time_limit_s, progress=progress, stop=stop)
    if made is best.schedule:
        return best
    explanation = "found by searching on from the best of the others"
    found = rehearsed(project, plan, problem, made, ListRule.LONGEST_FIRST, explanation, given_up)
    return min(best, found, key=lambda choice: choice.rank)


def _by_rules(
    project: Project, plan: Plan, problem: Problem, rules: tuple[ListRule, ...], stop: threading.Event | None
) -> Iterator[Choice]:
    refusal: PlannerError | None = None
    is_any = False
    for rule in rules:
        heed(stop)
        try:
            made = schedule(problem, rule)
        except PlannerError as refused:
            refusal = refusal or refused
            continue
        is_any = True
        choice = rehearsed(project, plan, problem, made, rule, rule.explanation, stop)
        if rule is ListRule.ALL_AT_ONCE:
            # It can't foresee who ends when; without its start times, each moves up as soon as it may.
            at_once = rehearse(project, plan, problem, stop=stop)
            if len(at_once.ends) == len(problem.jobs):
                moved_up = _carried_out(problem, rule, rule.value, at_once)
                found = _choice(project, plan, moved_up, at_once, rule.explanation)
                choice = min(choice, found, key=lambda each: each.rank)
        yield choice
    if refusal is not None and not is_any:
        raise refusal


def _choice(project: Project, plan: Plan, made: Schedule, found: Rehearsal, explanation: str) -> Choice:
    unfinished = len(plan.migrations) - len(found.completed)
    return Choice(made, found, explanation, unfinished, len(misfits(project, plan, found.courses)))


def _carried_out(problem: Problem, rule: ListRule, name: str, found: Rehearsal) -> Schedule:
    """A schedule with the times of its rehearsal."""
    times = Times(
        tuple(found.starts[job.id] for job in problem.jobs), tuple(found.ends[job.id] for job in problem.jobs)
    )
    return described(problem, demands_of(problem, rule), times, name)
