"""`vmplanner check`: what stands in the way of a plan."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tabulate import tabulate

from vmplanner.cli.arguments import PLAN_FAILED, as_json_option, file_argument, plan_named
from vmplanner.cli.simulate import simulation
from vmplanner.domain.edits import count
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project

if TYPE_CHECKING:  # the checks come with what they work with, for which `--help` should not wait
    from vmplanner.planning.preflight import Finding


@click.command("check")
@file_argument
@click.option("--plan", "plan_name", metavar="NAME", help="The plan to check; without it, the one that simulate runs.")
@as_json_option
def check_plan(file: Path, plan_name: str | None, as_json: bool) -> int:
    """Check the plan of FILE before anything moves, and print what stands in its way. Exit status 1 when it is blocked.

    The moves that nothing blocks are simulated as well, to find what would not complete, or not keep to windows and
    rules.
    """
    from vmplanner.planning.forecast import checked
    from vmplanner.planning.preflight import blocking
    from vmplanner.store import project_file

    project = project_file.load(file)
    plan = plan_named(project, plan_name) if plan_name is not None else project.plan
    found = checked(project, plan, simulation(project))
    blocked = bool(blocking(found.findings))
    if as_json:
        findings = [_finding_as_json(finding) for finding in found.findings]
        told = {"findings": findings, "blocked": blocked, "moves_blocked": dict(found.blocked)}
        click.echo(json.dumps(told, indent=1))
    else:
        click.echo(_as_table(project, plan, found.findings))
        if found.blocked and found.forecast is not None:
            left = count(len(found.blocked), "move")
            click.echo(f"The forecast is of {plan.name} without the {left} that can't be carried out.")
    return PLAN_FAILED if blocked else 0


def _finding_as_json(finding: "Finding") -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "rule": finding.rule,
        "thing": finding.thing_id,
        "moves": finding.moves,
        "message": finding.message,
        "mend": finding.mend,
    }


def _as_table(project: Project, plan: Plan, findings: "Sequence[Finding]") -> str:
    from vmplanner.domain.link_names import link_names

    if not findings:
        moves = "has no migrations" if not plan.migrations else "can be carried out: nothing was found against it"
        return f"{plan.name} {moves}"
    links = link_names(project)
    rows = [
        (
            finding.severity.value,
            getattr(project.thing(finding.thing_id), "name", links.get(finding.thing_id, "")),
            finding.message,
            finding.mend,
        )
        for finding in findings
    ]
    headers = ("severity", "thing", "finding", "to mend it")
    return tabulate(rows, headers=headers, disable_numparse=True, maxcolwidths=[None, 20, 50, 40])
