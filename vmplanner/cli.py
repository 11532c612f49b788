"""The `vmplanner` command: the window, and everything that works without one.

Exit status: 0 done, 1 the plan can't be carried out, 2 bad use or bad input. Errors are one line on stderr. With
--json, stdout carries one JSON document and nothing else.
"""

import difflib
import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click_default_group import DefaultGroup
from tabulate import tabulate

from vmplanner import __version__
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, format_duration
from vmplanner.domain.results import MigrationResult, Outcome, Run

PLAN_FAILED = 1
BAD_USE = 2
FAULT = 70

_project_file = click.argument("file", type=click.Path(path_type=Path))
_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")


class PlanImpossible(PlannerError):
    """The plan can't be carried out as it stands."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: runs a command and exits with its status."""
    try:
        status = commands.main(args=arguments, prog_name="vmplanner", standalone_mode=False)
    except PlanImpossible as impossible:
        status = _complain(str(impossible), PLAN_FAILED)
    except PlannerError as error:
        status = _complain(str(error), BAD_USE)
    except click.exceptions.Abort:
        status = _complain("interrupted", BAD_USE)
    except click.ClickException as error:
        status = _complain(error.format_message(), BAD_USE)
    except OSError as error:
        status = _complain(f"{error.filename or 'output'}: {(error.strerror or str(error)).lower()}", BAD_USE)
    except Exception:  # a fault of ours, not the user's: the traceback is the report
        traceback.print_exc()
        status = FAULT
    sys.exit(status if isinstance(status, int) else 0)


def _complain(message: str, status: int) -> int:
    click.echo(f"vmplanner: {' '.join(message.split())}", err=True)
    return status


@click.group(
    cls=DefaultGroup, default="open", default_if_no_args=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="vmplanner")
def commands() -> None:
    """Plan, run and understand live migrations of virtual machines.

    'vmplanner [FILE]' opens the window. The commands below work without one.
    """


@commands.command("open")
@click.argument("file", type=click.Path(path_type=Path), required=False)
def open_window(file: Path | None) -> int:
    """Open the window, with a project if FILE is given."""
    if file is not None and not file.exists():
        likely = difflib.get_close_matches(str(file), set(commands.commands) - {"open"}, n=1)
        raise PlannerError(f"{file}: no such file or command{f'; did you mean {likely[0]}?' if likely else ''}")
    if _has_no_display():
        raise PlannerError("there is no display to open the window on; the commands work without one, see --help")
    from vmplanner.ui.application import run_application

    return run_application(file)


def _has_no_display() -> bool:
    """Whether a window can't open here: Qt would end the whole process in the attempt."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return sys.platform not in ("win32", "darwin") and not named


@commands.command()
@click.argument("out", type=click.Path(path_type=Path), required=False)
@click.option("--example", metavar="NAME", help="Start from a shipped example.")
@click.option("--list", "list_examples", is_flag=True, help="List the shipped examples and stop.")
def new(out: Path | None, example: str | None, list_examples: bool) -> None:
    """Make a new project file OUT, empty or from a shipped example."""
    from vmplanner.store import library, project_file

    if list_examples:
        click.echo(tabulate([(info.name, info.description) for info in library.examples()], tablefmt="plain"))
        return
    if out is None:
        raise click.UsageError("say where to write the project: vmplanner new OUT.vmplan")
    if out.exists():
        raise PlannerError(f"{out} exists already; choose another name or remove it first")
    project_file.save(library.example(example) if example else Project(name=out.stem), out)
    click.echo(f"wrote {out}")


@commands.command()
@_project_file
@_as_json
def simulate(file: Path, as_json: bool) -> int:
    """Run the plan of FILE in the simulation, store the run in FILE and print what came of each migration."""
    from vmplanner.backends.simulated import SimulatedBackend
    from vmplanner.engine.runner import run_plan
    from vmplanner.planning import preflight
    from vmplanner.store import project_file

    project = project_file.load(file)
    plan = project.plan
    if not plan.migrations:
        raise PlanImpossible(f"{file}: the plan '{plan.name}' has no migrations; plan one in the window first")
    blocked = preflight.blocking(preflight.check(project, plan))
    if blocked:
        more = f" (and {len(blocked) - 1} more findings that block)" if len(blocked) > 1 else ""
        raise PlanImpossible(f"{file}: {blocked[0].message}; {blocked[0].mend}{more}")
    ended = run_plan(project, plan, SimulatedBackend())
    if ended.bug is not None:
        raise ended.bug
    run = ended.run
    project_file.save(project.with_run(run), file)
    click.echo(json.dumps(_run_as_json(run), indent=1) if as_json else _run_as_table(run))
    unfinished = [result for result in run.results if result.outcome is not Outcome.COMPLETED]
    if unfinished:
        first = unfinished[0]
        raise PlanImpossible(
            f"{file}: {len(unfinished)} of {len(run.results)} migrations did not complete; "
            f"first {first.vm}: {first.reason}"
        )
    return 0


@commands.command()
@_project_file
@click.option("--chart", type=click.Choice(["time-stacks"]), default="time-stacks", show_default=True)
@click.option("--format", "file_format", type=click.Choice(["png", "svg", "csv"]), required=True)
@click.option(
    "--by", type=click.Choice(["phase", "piece"]), default="phase", show_default=True, help="What a bar is split by."
)
@click.option(
    "--measure",
    type=click.Choice(["seconds", "bytes", "share"]),
    default="seconds",
    show_default=True,
    help="What the length of a bar stands for.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, metavar="OUT", help="The file to write."
)
def export(file: Path, chart: str, file_format: str, by: str, measure: str, output: Path) -> None:
    """Write a chart of the newest run in FILE as a picture, or its data as a table."""
    from vmplanner.analysis.time_stacks import Measure, Split
    from vmplanner.store import project_file

    project = project_file.load(file)
    if not project.runs:
        raise PlannerError(f"{file} has no run yet; run 'vmplanner simulate {file}' first")
    from vmplanner.ui.charts.export import export_time_stacks
    from vmplanner.ui.headless import offscreen_application

    application = offscreen_application()
    export_time_stacks(project.runs[-1], project.figures, output, file_format, by=Split(by), measure=Measure(measure))
    if output.suffix.lower() != f".{file_format}":
        click.echo(f"vmplanner: {output} holds {file_format.upper()}, which its name does not say", err=True)
    del application


@commands.command()
@_project_file
@_as_json
def show(file: Path, as_json: bool) -> None:
    """Print what is in FILE: hosts, virtual machines, the plan and the runs."""
    from vmplanner.store import project_file

    project = project_file.load(file)
    click.echo(json.dumps(_project_as_json(project), indent=1) if as_json else _project_as_text(project))


@commands.command("validate")
@click.argument("cases", type=click.Path(path_type=Path), required=False)
@click.option("--published", is_flag=True, help="Compare with figures that others published instead.")
@_as_json
def validate_model(cases: Path | None, published: bool, as_json: bool) -> None:
    """Predict measured migrations and tell by how much the simulation was wrong.

    CASES is a table of measured runs (CSV); without it our own are used, which come with vmplanner.
    """
    from vmplanner.analysis import accuracy_report
    from vmplanner.analysis.measured_runs import read_runs, shipped_runs
    from vmplanner.analysis.published import compare, published_projects
    from vmplanner.analysis.validate import validate
    from vmplanner.store import library

    if published:
        if cases is not None:
            raise click.UsageError("--published has its own table; leave CASES out")
        comparisons = compare([library.example("clark-2005"), *published_projects()])
        report: Any = accuracy_report.published_as_json if as_json else accuracy_report.published_as_text
        told = report(comparisons)
    else:
        report = accuracy_report.as_json if as_json else accuracy_report.as_text
        told = report(validate(read_runs(cases) if cases else shipped_runs()))
    click.echo(json.dumps(told, indent=1) if as_json else told)


def _run_as_json(run: Run) -> dict[str, Any]:
    return {
        "run": run.name,
        "makespan_s": run.makespan_s,
        "migrations": [_result_as_json(result) for result in run.results],
    }


def _result_as_json(result: MigrationResult) -> dict[str, Any]:
    return {
        "id": result.migration_id,
        "vm": result.vm,
        "source": result.source,
        "target": result.target,
        "technique": result.technique,
        "policy": result.policy,
        "started_s": result.started_s,
        "total_s": result.total_s,
        "downtime_s": result.downtime_s,
        "transferred_bytes": result.transferred_bytes,
        "rounds": result.rounds,
        "converged": result.converged,
        "outcome": result.outcome,
        "reason": result.reason,
        "segments": [
            {
                "phase": segment.phase,
                "piece": segment.piece,
                "kind": segment.kind,
                "round": segment.round,
                "start_s": segment.start_s,
                "duration_s": segment.duration_s,
                "bytes": segment.bytes,
            }
            for segment in result.segments
        ],
    }


def _run_as_table(run: Run) -> str:
    rows = [
        (
            result.vm,
            result.source,
            result.target,
            result.technique.value,
            format_duration(result.started_s),
            format_duration(result.total_s),
            format_duration(result.downtime_s),
            BYTES.format(result.transferred_bytes),
            result.rounds,
            result.outcome.value,
        )
        for result in run.results
    ]
    headers = ("VM", "from", "to", "technique", "start", "total time", "downtime", "sent", "rounds", "outcome")
    right = ("left",) * 4 + ("right",) * 5 + ("left",)
    table = tabulate(rows, headers=headers, colalign=right, disable_numparse=True)
    sent = sum(result.transferred_bytes for result in run.results)
    return f"{table}\n\n{run.name}: all done after {format_duration(run.makespan_s)}, {BYTES.format(sent)} sent"


def _project_as_json(project: Project) -> dict[str, Any]:
    plan = project.plan
    return {
        "name": project.name,
        "hosts": [
            {
                "id": host.id,
                "name": host.name,
                "policy": host.policy,
                "memory_bytes": host.memory_bytes,
                "cores": host.cores,
            }
            for host in project.hosts.values()
        ],
        "switches": [{"id": switch.id, "name": switch.name} for switch in project.switches.values()],
        "links": [
            {
                "id": link.id,
                "ends": [link.end_a_id, link.end_b_id],
                "bandwidth_bytes_per_s": link.bandwidth_bytes_per_s,
                "latency_s": link.latency_s,
            }
            for link in project.links.values()
        ],
        "machines": [
            {
                "id": machine.id,
                "name": machine.name,
                "host": machine.host_id,
                "memory_bytes": machine.memory_bytes,
                "vcpus": machine.vcpus,
                "profile": machine.profile.name,
            }
            for machine in project.machines.values()
        ],
        "plan": {
            "name": plan.name,
            "max_concurrent": plan.max_concurrent,
            "max_concurrent_per_host": plan.max_concurrent_per_host,
            "migrations": [
                {"id": m.id, "vm": m.vm_id, "target": m.target_id, "technique": m.technique} for m in plan.migrations
            ],
        },
        "runs": [
            {
                "run": run.name,
                "backend": run.backend,
                "started_at": run.started_at.isoformat(),
                "makespan_s": run.makespan_s,
            }
            for run in project.runs
        ],
    }


def _project_as_text(project: Project) -> str:
    hosts = [
        (
            host.name,
            host.policy.label,
            BYTES.format(host.memory_bytes),
            BYTES.format(sum(machine.memory_bytes for machine in project.machines_on(host.id))),
            len(project.machines_on(host.id)),
        )
        for host in project.hosts.values()
    ]
    machines = [
        (
            machine.name,
            project.hosts[machine.host_id].name,
            BYTES.format(machine.memory_bytes),
            machine.profile.name,
            project.hosts[migration.target_id].name if (migration := project.plan.migration_of(machine.id)) else "",
        )
        for machine in project.machines.values()
    ]
    links = [
        (
            *(node.name if (node := project.node(end)) else end for end in (link.end_a_id, link.end_b_id)),
            BYTES_PER_S.format(link.bandwidth_bytes_per_s),
            format_duration(link.latency_s),
        )
        for link in project.links.values()
    ]
    runs = [
        (run.name, run.backend, f"{run.started_at:%Y-%m-%d %H:%M}", format_duration(run.makespan_s))
        for run in project.runs
    ]
    sections = (
        ("hosts", ("host", "hypervisor", "memory", "used", "VMs"), hosts),
        ("links", ("from", "to", "bandwidth", "latency"), links),
        ("virtual machines", ("VM", "host", "memory", "profile", "moves to"), machines),
        ("runs", ("run", "backend", "started", "makespan"), runs),
    )
    tables = [tabulate(rows, headers=headers, disable_numparse=True) for _, headers, rows in sections if rows]
    return "\n\n".join([project.name, *tables])
