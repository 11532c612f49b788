"""What several commands take and tell: the project file, --json, times, plans by name, and their exit status."""

from pathlib import Path

import click

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import SECONDS

PLAN_FAILED = 1
BAD_USE = 2

file_argument = click.argument("file", type=click.Path(path_type=Path))
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")


class PlanImpossible(PlannerError):
    """The plan can't be carried out as it stands."""


def seconds_told(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = SECONDS.parse(text)
    except ValueError as error:
        raise click.UsageError(f"--{option.replace('_', '-')}: {error}") from None
    if seconds <= 0:
        raise click.UsageError(f"--{option.replace('_', '-')}: must be more than 0, not {text}")
    return seconds


def plan_named(project: Project, name: str) -> Plan:
    plans = [plan for plan in project.plans.values() if plan.name == name]
    if not plans:
        known = ", ".join(f"'{plan.name}'" for plan in project.plans.values()) or "none"
        raise PlannerError(f"there is no plan '{name}' in the project; it has {known}")
    return plans[0]
