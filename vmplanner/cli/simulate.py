"""`vmplanner simulate`: the plan of a project run in the simulation."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from vmplanner.cli.arguments import PLAN_FAILED, PlanImpossible, as_json_option, file_argument
from vmplanner.cli.results import run_as_json, run_as_table
from vmplanner.cli.writing import force_option, saver
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.failures import Failure, by_time
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Outcome, Run


@click.command("simulate")
@file_argument
@click.option(
    "--fail",
    "told_failures",
    metavar="WHAT@TIME",
    multiple=True,
    help="Let something fail on the way, beside what the plan is to try: host:NAME@30s, link:END-END@1min or "
    "migration:VM@5s. May be repeated.",
)
@click.option("--as-planned", is_flag=True, help="Leave out the failures that the plan is to try.")
@force_option
@as_json_option
def simulate_plan(file: Path, told_failures: tuple[str, ...], as_planned: bool, force: bool, as_json: bool) -> int:
    """Run the plan of FILE in the simulation, store the run in FILE and print what came of each migration.

    Where the plan says when it starts, its migrations wait for their maintenance windows and for the ends of blackouts.
    Exit status 1 when not all of them completed, or VMs were lost.
    """
    from vmplanner.planning import preflight
    from vmplanner.planning.waiting import ready_to_run
    from vmplanner.planning.what_if import failures_named, failures_of, lost_machines, told
    from vmplanner.planning.windows import courses_of, misfits
    from vmplanner.store import project_file

    save = saver(file, force=force)
    project = project_file.load(file)
    plan = project.plan
    named = [failure for text in told_failures for failure in failures_named(project, plan, text)]
    failures = by_time([*(() if as_planned else failures_of(project, plan)), *named])
    if not plan.migrations:
        raise PlanImpossible(f"{file}: the plan '{plan.name}' has no migrations; plan one in the window first")
    blocked = preflight.blocking(preflight.check(project, plan))
    if blocked:
        more = f" (and {len(blocked) - 1} more findings that block)" if len(blocked) > 1 else ""
        raise PlanImpossible(f"{file}: {blocked[0].message}; {blocked[0].mend}{more}")
    try:
        held = ready_to_run(project, plan, simulation(project))
    except PlannerError as refusal:
        raise PlanImpossible(f"{file}: {refusal}") from None
    run = simulation(project, failures)(held)
    save(project.with_run(run))
    tried = [told(project, plan, failure) for failure in failures]
    lost = lost_machines(project, plan, run, failures)
    outside = [misfit.reason for misfit in misfits(project, plan, courses_of(run))]
    if as_json:
        results = {**run_as_json(run), "failures": tried, "lost": lost, "outside_windows": outside}
        click.echo(json.dumps(results, indent=1))
    else:
        click.echo(run_as_table(run))
        if tried:
            click.echo(f"with failures: {'; '.join(tried)}")
        if lost:
            click.echo(f"lost: {', '.join(lost)}")
        for reason in outside:
            click.echo(f"not in its windows: {reason}")
    unfinished = [result for result in run.results if result.outcome is not Outcome.COMPLETED]
    if unfinished:
        first = unfinished[0]
        raise PlanImpossible(
            f"{file}: {len(unfinished)} of {len(run.results)} migrations did not complete; "
            f"first {first.vm}: {first.reason}"
        )
    return PLAN_FAILED if lost else 0


def simulation(project: Project, failures: Sequence[Failure] = ()) -> Callable[[Plan], Run]:
    """What simulates plans of a project, with what may go wrong meanwhile."""
    from vmplanner.backends.simulated import SimulatedBackend
    from vmplanner.engine.runner import run_plan

    def simulate(plan: Plan) -> Run:
        ended = run_plan(project, plan, SimulatedBackend(failures=tuple(failures)))
        if ended.bug is not None:
            raise ended.bug
        return ended.run

    return simulate
