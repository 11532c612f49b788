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
from typing import TYPE_CHECKING, Any

import click
from click_default_group import DefaultGroup
from tabulate import tabulate

from vmplanner import __version__
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SECONDS, SHARE, format_duration
from vmplanner.domain.results import MigrationResult, Outcome, Run, Segment
from vmplanner.domain.topology import Host
from vmplanner.domain.windows import shown_time, time_of, zone_name

if TYPE_CHECKING:  # the checks come with what they work with, for which no other command should wait
    from vmplanner.planning.intents import Intent
    from vmplanner.planning.preflight import Finding

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
@click.option(
    "--fail",
    "told_failures",
    metavar="WHAT@TIME",
    multiple=True,
    help="Let something fail on the way: host:NAME@30s, link:END-END@1min or migration:VM@5s. May be repeated.",
)
@_as_json
def simulate(file: Path, told_failures: tuple[str, ...], as_json: bool) -> int:
    """Run the plan of FILE in the simulation, store the run in FILE and print what came of each migration.

    Exit status 1 when not all of them completed, or VMs were lost.
    """
    from vmplanner.backends.simulated import SimulatedBackend
    from vmplanner.engine.runner import run_plan
    from vmplanner.planning import preflight
    from vmplanner.planning.what_if import failures_named, lost_machines
    from vmplanner.store import project_file

    project = project_file.load(file)
    plan = project.plan
    failures = [failure for told in told_failures for failure in failures_named(project, plan, told)]
    if not plan.migrations:
        raise PlanImpossible(f"{file}: the plan '{plan.name}' has no migrations; plan one in the window first")
    blocked = preflight.blocking(preflight.check(project, plan))
    if blocked:
        more = f" (and {len(blocked) - 1} more findings that block)" if len(blocked) > 1 else ""
        raise PlanImpossible(f"{file}: {blocked[0].message}; {blocked[0].mend}{more}")
    ended = run_plan(project, plan, SimulatedBackend(failures=failures))
    if ended.bug is not None:
        raise ended.bug
    run = ended.run
    project_file.save(project.with_run(run), file)
    lost = lost_machines(project, plan, run, failures)
    click.echo(json.dumps({**_run_as_json(run), "lost": lost}, indent=1) if as_json else _run_as_table(run))
    if lost and not as_json:
        click.echo(f"lost: {', '.join(lost)}")
    unfinished = [result for result in run.results if result.outcome is not Outcome.COMPLETED]
    if unfinished:
        first = unfinished[0]
        raise PlanImpossible(
            f"{file}: {len(unfinished)} of {len(run.results)} migrations did not complete; "
            f"first {first.vm}: {first.reason}"
        )
    return PLAN_FAILED if lost else 0


@commands.command()
@_project_file
@click.option("--plan", "plan_name", metavar="NAME", help="The plan to check; without it, the one that simulate runs.")
@_as_json
def check(file: Path, plan_name: str | None, as_json: bool) -> int:
    """Check the plan of FILE before anything moves, and print what stands in its way. Exit status 1 when it is blocked.

    A plan that nothing blocks is simulated as well, to find what would not complete.
    """
    from vmplanner.backends.simulated import SimulatedBackend
    from vmplanner.engine.runner import run_plan
    from vmplanner.planning import preflight
    from vmplanner.store import project_file

    project = project_file.load(file)
    plan = _plan_named(project, plan_name) if plan_name is not None else project.plan
    findings = preflight.check(project, plan)
    blocked = bool(preflight.blocking(findings))
    if plan.migrations and not blocked:
        forecast = run_plan(project, plan, SimulatedBackend())
        if forecast.bug is not None:
            raise forecast.bug
        findings = (*preflight.check_forecast(project, plan, forecast.run), *findings)
        blocked = bool(preflight.blocking(findings))
    if as_json:
        found = [_finding_as_json(finding) for finding in findings]
        click.echo(json.dumps({"findings": found, "blocked": blocked}, indent=1))
    else:
        click.echo(_findings_as_table(project, plan, findings))
    return PLAN_FAILED if blocked else 0


@commands.command("plan")
@_project_file
@click.argument("hosts", nargs=-1)
@click.option("--evacuate", metavar="HOST...", multiple=True, help="Empty hosts; more of them may follow.")
@click.option("--bring-back", is_flag=True, help="With --evacuate: bring the VMs back afterwards.")
@click.option("--roll", metavar="GROUP", help="Empty the hosts of a group one by one, and bring their VMs back.")
@click.option("--maintain", metavar="TIME", help="With --roll: how long each host stays empty, such as 15min.")
@click.option("--drain", metavar="GROUP", help="Empty a rack or a site.")
@click.option("--balance", is_flag=True, help="Even out how full the hosts are.")
@click.option("--consolidate", is_flag=True, help="Empty as many hosts as can be.")
@click.option("--spread", metavar="HOST", help="HOST has failed: even out the others.")
@click.option("--start", metavar="ISO", help="When it begins, such as 2026-11-23T22:00+01:00: it keeps to windows.")
@click.option("--window", metavar="TIME", help="By when all has to be done, such as 2h.")
@click.option("--max-downtime", metavar="TIME", help="How long a VM may stand still, such as 500ms.")
@click.option("--improve", metavar="TIME", help="How long to look for cheaper moves, such as 30s; needs OR-Tools.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="OUT", help="Write a project with the new plan."
)
@_as_json
def plan_intent(file: Path, output: Path | None, as_json: bool, **wishes: Any) -> int:
    """Find moves that do what is asked under all rules of FILE, and when each should start.

    Without a wish the plan that FILE has is scheduled. Exit status 1 when the rules don't allow it, or something does
    not fit.
    """
    from vmplanner.planning import proposal_report
    from vmplanner.planning.placement.improve import Improver
    from vmplanner.planning.proposal import propose
    from vmplanner.store import project_file

    project = project_file.load(file)
    intent, name = _intent(project, wishes)
    times = {each: _seconds(each, wishes[each]) for each in ("window", "max_downtime", "improve")}
    proposal = propose(
        project,
        intent,
        name=name,
        starts_at=time_of(wishes["start"]) if wishes["start"] else None,
        window_s=times["window"],
        max_downtime_s=times["max_downtime"],
        improve=Improver(times["improve"]) if times["improve"] else None,
    )
    if as_json:
        click.echo(json.dumps(proposal_report.as_json(project, proposal), indent=1))
    else:
        click.echo(proposal_report.as_text(project, proposal))
    if output is not None and proposal.placement.is_possible:
        before = project.plans.get(proposal.plan.id)
        project_file.save(project.applied(Change(name, [Edit(before, proposal.plan)])), output)
    if not proposal.placement.is_possible:
        raise PlanImpossible(f"{file}: no placement keeps all of: {', '.join(proposal.placement.conflicts)}")
    if proposal.misfits:
        more = f" (and {len(proposal.misfits) - 1} more)" if len(proposal.misfits) > 1 else ""
        raise PlanImpossible(f"{file}: {proposal.misfits[0].reason}{more}")
    return 0


def _intent(project: Project, wishes: dict[str, Any]) -> "tuple[Intent | None, str]":
    """The one wish that was told, and a name for the plan."""
    from vmplanner.planning.intents import Balance, Consolidate, Drain, Evacuate, Roll, Spread
    from vmplanner.planning.proposal import hosts_named

    told = [wish for wish in ("evacuate", "roll", "drain", "balance", "consolidate", "spread") if wishes[wish]]
    if len(told) > 1:
        raise click.UsageError(f"ask for one thing at a time, not for --{' and --'.join(told)}")
    wish = told[0] if told else ""
    for option, owner in (("hosts", "evacuate"), ("bring_back", "evacuate"), ("maintain", "roll")):
        if wishes[option] and wish != owner:
            what = " ".join(wishes["hosts"]) if option == "hosts" else f"--{option.replace('_', '-')}"
            raise click.UsageError(f"{what} is for --{owner} only")
    names = {"evacuate": (*wishes["evacuate"], *wishes["hosts"])}
    named = names.get(wish) or ((wishes[wish],) if isinstance(wishes.get(wish), str) else ())
    ids = hosts_named(project, named)
    title = " ".join([wish.capitalize(), ", ".join(named)]).strip()
    match wish:
        case "evacuate":
            return Evacuate(ids, wishes["bring_back"]), title
        case "roll":
            return Roll(ids, _seconds("maintain", wishes["maintain"]) or 0.0), title
        case "drain":
            return (Drain(ids[0]) if len(ids) == 1 else Evacuate(ids)), title
        case "balance":
            return Balance(), title
        case "consolidate":
            return Consolidate(), title
        case "spread":
            return Spread(ids), title
    return None, ""


def _seconds(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = SECONDS.parse(text)
    except ValueError as error:
        raise click.UsageError(f"--{option.replace('_', '-')}: {error}") from None
    if seconds <= 0:
        raise click.UsageError(f"--{option.replace('_', '-')}: must be more than 0, not {text}")
    return seconds


def _plan_named(project: Project, name: str) -> Plan:
    plans = [plan for plan in project.plans.values() if plan.name == name]
    if not plans:
        known = ", ".join(f"'{plan.name}'" for plan in project.plans.values()) or "none"
        raise PlannerError(f"there is no plan '{name}' in the project; it has {known}")
    return plans[0]


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


def _finding_as_json(finding: "Finding") -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "rule": finding.rule,
        "thing": finding.thing_id,
        "message": finding.message,
        "mend": finding.mend,
    }


def _findings_as_table(project: Project, plan: Plan, findings: "Sequence[Finding]") -> str:
    if not findings:
        moves = "has no migrations" if not plan.migrations else "can be carried out: nothing was found against it"
        return f"{plan.name} {moves}"
    rows = [
        (finding.severity.value, getattr(project.thing(finding.thing_id), "name", ""), finding.message, finding.mend)
        for finding in findings
    ]
    headers = ("severity", "thing", "finding", "to mend it")
    return tabulate(rows, headers=headers, disable_numparse=True, maxcolwidths=[None, 20, 50, 40])


def _run_as_json(run: Run) -> dict[str, Any]:
    return {
        "run": run.name,
        "makespan_s": run.makespan_s,
        "migrations": [
            _result_as_json(result) | {"segments": [_segment_as_json(segment) for segment in result.segments]}
            for result in run.results
        ],
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
        "settled_s": result.settled_s,
        "lost_work_s": result.lost_work_s,
        "network_faults": result.network_faults,
        "reported_total_s": result.reported_total_s,
        "reported_downtime_s": result.reported_downtime_s,
        "transferred_bytes": result.transferred_bytes,
        "rounds": result.rounds,
        "converged": result.converged,
        "outcome": result.outcome,
        "reason": result.reason,
    }


def _segment_as_json(segment: Segment) -> dict[str, Any]:
    return {
        "phase": segment.phase,
        "piece": segment.piece,
        "kind": segment.kind,
        "round": segment.round,
        "start_s": segment.start_s,
        "duration_s": segment.duration_s,
        "bytes": segment.bytes,
        "guest_share": segment.guest_share,
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
            format_duration(result.lost_work_s),
            BYTES.format(result.transferred_bytes),
            result.rounds,
            result.outcome.value,
        )
        for result in run.results
    ]
    times = ("start", "total time", "downtime", "work lost")
    headers = ("VM", "from", "to", "technique", *times, "sent", "rounds", "outcome")
    right = ("left",) * 4 + ("right",) * 6 + ("left",)
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
                "policy_values": dict(host.policy_values),
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
                "background_share": link.background_share,
                "loss_share": link.loss_share,
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
            "starts_at": plan.starts_at.isoformat() if plan.starts_at else None,
            "max_concurrent": plan.max_concurrent,
            "max_concurrent_per_host": plan.max_concurrent_per_host,
            "migrations": [
                {"id": m.id, "vm": m.vm_id, "target": m.target_id, "technique": m.technique} for m in plan.migrations
            ],
        },
        "windows": [
            {
                "id": window.id,
                "name": window.name,
                "kind": window.kind,
                "starts_at": window.starts_at.isoformat(),
                "time_zone": zone_name(window.starts_at.tzinfo),
                "duration_s": window.duration_s,
                "recurrence": window.recurrence,
                "applies_to": list(window.applies_to),
            }
            for window in project.windows.values()
        ],
        "runs": [
            {
                "run": run.name,
                "backend": run.backend,
                "started_at": run.started_at.isoformat(),
                "makespan_s": run.makespan_s,
                "migrations": [_result_as_json(result) for result in run.results],
            }
            for run in project.runs
        ],
    }


def _policy_value_rows(host: Host) -> list[tuple[str, str, str, str]]:
    """What was set for a host in the place of its policy's own values."""
    from vmplanner.simulation.policies import POLICIES
    from vmplanner.simulation.policy_values import values_of

    known = {value.name: value for value in values_of(POLICIES[host.policy])}
    return [
        (host.name, found.about.label, found.shown(value), found.shown(found.default))
        if (found := known.get(name))
        else (host.name, name, f"{value:g}", f"{host.policy.label} has none")
        for name, value in host.policy_values
    ]


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
            SHARE.format(link.background_share),
            SHARE.format(link.loss_share),
        )
        for link in project.links.values()
    ]
    runs = [
        (run.name, run.backend, f"{run.started_at:%Y-%m-%d %H:%M}", format_duration(run.makespan_s))
        for run in project.runs
    ]
    windows = [
        (
            window.name,
            window.kind.value,
            ", ".join(getattr(project.thing(each), "name", each) for each in window.applies_to) or "everything",
            shown_time(window.starts_at),
            format_duration(window.duration_s),
            window.recurrence or "once",
        )
        for window in project.windows.values()
    ]
    plan_start = [(project.plan.name, shown_time(project.plan.starts_at))] if project.plan.starts_at else []
    policy_values = [row for host in project.hosts.values() for row in _policy_value_rows(host)]
    sections = (
        ("hosts", ("host", "hypervisor", "memory", "used", "VMs"), hosts),
        ("policy values", ("host", "policy value", "set to", "default"), policy_values),
        ("links", ("from", "to", "bandwidth", "latency", "other traffic", "packet loss"), links),
        ("virtual machines", ("VM", "host", "memory", "profile", "moves to"), machines),
        ("windows", ("window", "kind", "for", "from", "length", "repeats"), windows),
        ("plan", ("plan", "starts at"), plan_start),
        ("runs", ("run", "backend", "started", "makespan"), runs),
    )
    tables = [tabulate(rows, headers=headers, disable_numparse=True) for _, headers, rows in sections if rows]
    return "\n\n".join([project.name, *tables])
