"""`vmplanner validate`: predictions held against measured runs and published figures."""

import json
from pathlib import Path
from typing import Any

import click

from vmplanner.cli.arguments import as_json_option


@click.command("validate")
@click.argument("cases", type=click.Path(path_type=Path), required=False)
@click.option("--published", is_flag=True, help="Compare with figures that others published instead.")
@as_json_option
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
