"""`vmplanner migrate`: the plan of a project carried out on real hosts."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vmplanner.cli.arguments import PlanImpossible, as_json_option, file_argument
from vmplanner.cli.results import run_as_json, run_as_table
from vmplanner.cli.writing import force_option, saver
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import Progressed
from vmplanner.domain.landing import landed
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES
from vmplanner.domain.results import Outcome, Run
from vmplanner.engine.jobs import JobChanged, RunEnded, RunnerEvent
from vmplanner.engine.runner import Runner

if TYPE_CHECKING:
    from vmplanner.backends.xen.backend import Settings, XenBackend


@click.command("migrate")
@file_argument
@click.option("--backend", type=click.Choice(["xen"]), required=True, help="What the hosts are driven by.")
@click.option("--only", "only", multiple=True, metavar="ID", help="Only this migration; its id or its VM's name.")
@click.option("--yes", is_flag=True, help="Do not ask before VMs are moved.")
@click.option("--pick-up", is_flag=True, help="Start nothing: follow to its end what was left under way.")
@click.option(
    "--transport",
    default="",
    metavar="COMMAND",
    help="What carries memory between hosts in place of ssh: a shell command for the source, {host} being the target.",
)
@click.option("--ssh-config", type=click.Path(path_type=Path, exists=True), help="In place of your ~/.ssh/config.")
@force_option
@as_json_option
def migrate_plan(
    file: Path,
    backend: str,
    only: tuple[str, ...],
    yes: bool,
    pick_up: bool,
    transport: str,
    ssh_config: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Move the VMs of the plan of FILE between real hosts, store the run in FILE and print what came of each.

    Everything that will move is listed first, and asked for. An interrupt (Ctrl+C) cancels what is under way, and waits
    until it is seen where each VM is. Exit status 1 when not all of them completed.
    """
    from vmplanner.backends.xen.backend import XenBackend
    from vmplanner.cli.real_hosts import reached, settings_of
    from vmplanner.planning import preflight
    from vmplanner.store import project_file

    settings = settings_of(ssh_config, transport)
    if pick_up:
        _pick_up(settings, as_json)
        return
    save = saver(file, force=force)
    project = project_file.load(file)
    plan = _chosen(project.plan, project, only)
    if not plan.migrations:
        raise PlanImpossible(f"{file}: the plan '{plan.name}' has no migrations; plan one in the window first")
    blocked = preflight.blocking(preflight.check(project, plan))
    if blocked:
        raise PlanImpossible(f"{file}: {blocked[0].message}; {blocked[0].mend}")
    xen = XenBackend(settings)
    xen.open(project, plan).close()  # what it can't carry out is refused before anybody is asked
    for line in _listed(project, plan):
        click.echo(line, err=True)
    if not yes and not click.confirm(f"Move {len(plan.migrations)} VMs on real hosts now?", err=True):
        raise PlannerError("nothing was moved")
    hosts = {
        host.access.address: host
        for migration in plan.migrations
        for host in (project.hosts[migration.target_id], project.hosts[project.machines[migration.vm_id].host_id])
    }
    for address in hosts:
        with reached(address, ssh_config):
            pass
    run = _carried_out(project, plan, xen)
    after = project.applied(landed(project, plan, run.arrived, run.name)).with_run(run)
    save(after)
    click.echo(json.dumps(run_as_json(run), indent=1) if as_json else run_as_table(run))
    unfinished = [result for result in run.results if result.outcome is not Outcome.COMPLETED]
    if unfinished:
        first = unfinished[0]
        told = f"{len(unfinished)} of {len(run.results)} migrations did not complete; first {first.vm}: {first.reason}"
        raise PlanImpossible(f"{file}: {told}")


def _chosen(plan: Plan, project: Project, only: tuple[str, ...]) -> Plan:
    if not only:
        return plan
    names = {migration.id: project.machines[migration.vm_id].name for migration in plan.migrations}
    for wanted in only:
        if wanted not in names and wanted not in names.values():
            raise PlannerError(f"the plan has no migration '{wanted}'; it has {', '.join(names.values()) or 'none'}")
    rest = {each for each, name in names.items() if each not in only and name not in only}
    return plan.without(rest)


def _listed(project: Project, plan: Plan) -> list[str]:
    def line(migration: Migration) -> str:
        machine = project.machines[migration.vm_id]
        source, target = project.hosts[machine.host_id], project.hosts[migration.target_id]
        return (
            f"  {machine.name} ({BYTES.format(machine.memory_bytes)}): {source.name} ({source.access.address}) -> "
            f"{target.name} ({target.access.address}), {migration.technique.value}"
        )

    return [f"The plan '{plan.name}' moves on real hosts:", *map(line, plan.migrations)]


def _carried_out(project: Project, plan: Plan, backend: "XenBackend") -> Run:
    """Run the plan, and tell of it on stderr. Raises the exception behind a fault of ours."""
    names = {migration.id: project.machines[migration.vm_id].name for migration in plan.migrations}
    shown: dict[str, tuple[str, int]] = {}
    ended: list[RunEnded] = []

    def tell(event: RunnerEvent) -> None:
        if isinstance(event, JobChanged):
            reason = f": {event.reason}" if event.reason else ""
            click.echo(f"{event.at_s:8.1f} s  {names[event.migration_id]}  {event.state.value}{reason}", err=True)
        elif isinstance(event, Progressed) and shown.get(event.migration_id) != (event.phase, event.round):
            shown[event.migration_id] = event.phase, event.round
            number = f" round {event.round}" if event.round else ""
            click.echo(f"{event.at_s:8.1f} s  {names[event.migration_id]}  {event.phase.value}{number}", err=True)
        elif isinstance(event, RunEnded):
            ended.append(event)

    runner = Runner(project, plan, backend, tell)
    runner.start()
    is_over = False
    while not is_over:
        try:
            is_over = runner.join(0.5)
        except KeyboardInterrupt:
            click.echo("cancelling; wait until it is seen where each VM is", err=True)
            runner.cancel()
    if ended[0].bug is not None:
        raise ended[0].bug
    return ended[0].run


def _pick_up(settings: "Settings", as_json: bool) -> None:
    """Follow what is under way, and say of each VM where it is."""
    from vmplanner.backends.xen.backend import picked_up

    told = []
    for under_way, verdict in picked_up(settings, lambda fault: click.echo(f"vmplanner: {fault}", err=True)):
        told.append(
            {"vm": under_way.vm, "begun_at": under_way.begun_at, "outcome": verdict.outcome}
            | {"reason": verdict.reason or f"{under_way.vm} is on {under_way.target}"}
        )
        if not as_json:
            click.echo("{vm}, begun {begun_at}: {outcome}: {reason}".format(**told[-1]))
    if as_json:
        click.echo(json.dumps(told, indent=1))
    elif not told:
        click.echo("nothing is under way")
