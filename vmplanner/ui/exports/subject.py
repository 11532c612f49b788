"""What charts are drawn of: a project, one of its plans, and runs of that plan.

Where nothing has run yet there is always the forecast, so that a chart never needs a run first.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from attrs import evolve, field, frozen

from vmplanner.analysis.compare import Comparison
from vmplanner.analysis.measured_runs import shipped_runs
from vmplanner.analysis.stack_view import USUAL, View
from vmplanner.analysis.validate import Validation, validate
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.engine.runner import run_plan
from vmplanner.planning.forecast import checked

FORECAST = "Forecast"


@cache
def predictions() -> Validation:
    """The measured runs that come with the program, with what is predicted of them."""
    return validate(shipped_runs())


@frozen
class Subject:
    """Charts of runs need at least one run; further ones are compared with the first. `view` says how time stacks are
    looked at, and `comparisons` what migrations (by their ids) save against a plain pre-copy.
    """

    project: Project
    plan: Plan
    runs: tuple[Run, ...] = field(converter=tuple[Run, ...])
    view: View = USUAL
    comparisons: Mapping[str, Comparison] = field(factory=dict)

    @property
    def run(self) -> Run:
        return self.runs[0]

    @property
    def profiles(self) -> dict[str, str]:
        """The names of the VMs' profiles, by the names of the VMs."""
        return {machine.name: machine.profile.name for machine in self.project.machines.values()}


def subject_of(project: Project, run_names: Sequence[str] = (), view: View = USUAL) -> Subject:
    """Of the newest runs with these names; of the newest run where none is named, or of the plan's forecast where there
    is no run either. Raises PlannerError.
    """
    if run_names:
        runs = [_run_named(project, name) for name in run_names]
    elif project.runs:
        runs = [project.runs[-1]]
    else:
        runs = [forecast_run(project, project.plan)]
    plans = (plan for plan in project.plans.values() if plan.name == runs[0].plan_name)
    return Subject(project, next(plans, project.plan), runs, view)


def forecast_run(project: Project, plan: Plan) -> Run:
    """The simulated run of what can be carried out of a plan. Raises PlannerError where that is nothing."""
    if not plan.migrations:
        raise PlannerError(f"The plan '{plan.name}' has no migrations to draw; plan some moves first")
    found = checked(project, plan, simulation(project))
    if found.forecast is None:
        raise PlannerError(f"Nothing of the plan '{plan.name}' can be carried out: {found.findings[0].message}")
    return evolve(found.forecast.run, name=FORECAST)


def simulation(project: Project) -> Callable[[Plan], Run]:
    """What simulates plans of a project."""

    def simulate(plan: Plan) -> Run:
        ended = run_plan(project, plan, SimulatedBackend())
        if ended.bug is not None:
            raise ended.bug
        return ended.run

    return simulate


def _run_named(project: Project, name: str) -> Run:
    found = [run for run in project.runs if run.name == name]
    if not found:
        known = ", ".join(f"'{run.name}'" for run in project.runs) or "none"
        raise PlannerError(f"There is no run '{name}' in the project; it has {known}")
    return found[-1]
