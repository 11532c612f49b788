"""`vmplanner report`: what a manager and an administrator should read of a plan, as one file."""

from datetime import datetime
from pathlib import Path

import click

from vmplanner.cli.arguments import file_argument, plan_named


@click.command("report")
@file_argument
@click.option("--plan", "plan_name", metavar="NAME", help="The plan; without it, the one that simulate runs.")
@click.option(
    "--format", "file_format", type=click.Choice(["html", "pdf"]), help="Without it, what the name of OUT ends in."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, metavar="OUT", help="The file to write."
)
def write_report(file: Path, plan_name: str | None, file_format: str | None, output: Path) -> None:
    """Write a report on the plan of FILE as a web page or as PDF, which needs no other file.

    It has a summary, the drawing, the moves with their predicted times, what stands in the way, charts, and how far the
    figures can be trusted.
    """
    from vmplanner.store import project_file

    project = project_file.load(file)
    plan = plan_named(project, plan_name) if plan_name is not None else project.plan
    from vmplanner.ui.exports.report_files import export_report
    from vmplanner.ui.headless import offscreen_application

    application = offscreen_application()
    ending = output.suffix.removeprefix(".").lower()
    export_report(project, plan, output, file_format or ending, now=datetime.now().astimezone())
    del application
