"""The schedules that a person can choose from for a plan: one by each list rule, each rehearsed in the simulation."""

from attrs import frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.planning.scheduling.jobs import Problem
from vmplanner.planning.scheduling.lists import ListRule
from vmplanner.planning.scheduling.pins import problem_with_pins
from vmplanner.planning.scheduling.rehearse import Rehearsal, rehearse
from vmplanner.planning.scheduling.schedule import Schedule, schedule


@frozen
class Choice:
    """A schedule, and what comes of it when everything moves at the same time."""

    schedule: Schedule
    rehearsal: Rehearsal
    explanation: str = ""

    @property
    def makespan_s(self) -> float:
        return self.rehearsal.makespan_s

    @property
    def above_bound(self) -> float:
        """How much longer it takes than the lower bound, as a share of that."""
        bound_s = self.schedule.bound.seconds
        return max(0.0, self.makespan_s / bound_s - 1) if bound_s else 0.0


def schedules_of(project: Project, plan: Plan) -> tuple[Problem, tuple[Choice, ...]]:
    """The problem, and its schedules by all rules that find one, the soonest first. Pinned migrations keep their
    starts. Raises PlannerError when no rule finds a schedule.
    """
    problem = problem_with_pins(project, plan, tuple(ListRule))
    found: list[Choice] = []
    refusals: list[PlannerError] = []
    for rule in ListRule:
        try:
            made = schedule(problem, rule)
        except PlannerError as refusal:
            refusals.append(refusal)
        else:
            found.append(Choice(made, rehearse(project, plan, problem, made), rule.explanation))
    if not found:
        raise refusals[0]
    return problem, tuple(sorted(found, key=lambda choice: choice.makespan_s))
