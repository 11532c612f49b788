"""`vmplanner export`: a chart of the newest run, the inventory as tables, or the whole project as JSON."""

from pathlib import Path

import click

from vmplanner.cli.arguments import file_argument
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project


@click.command("export")
@file_argument
@click.option("--chart", type=click.Choice(["time-stacks", "topology"]), default="time-stacks", show_default=True)
@click.option("--inventory", is_flag=True, help="Write hosts, VMs and links: csv (a folder of tables) or xlsx.")
@click.option("--format", "file_format", type=click.Choice(["png", "svg", "pdf", "csv", "xlsx", "json"]), required=True)
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
def export_chart(
    file: Path, chart: str, inventory: bool, file_format: str, by: str, measure: str, output: Path
) -> None:
    """Write a chart of the newest run in FILE as a picture, or its data as a table; or the drawing (topology).

    With --inventory hosts, VMs and links are written as tables, in xlsx or csv; json is the whole project. Both can be
    imported again.
    """
    from vmplanner.analysis.time_stacks import Measure, Split
    from vmplanner.store import project_file

    if file_format not in (("xlsx", "csv") if inventory else ("png", "svg", "pdf", "csv", "json")):
        raise click.UsageError("--inventory is written as xlsx or csv, and xlsx is for --inventory")
    is_drawing = chart == "topology" and not inventory and file_format != "json"
    if (is_drawing and file_format == "csv") or (not is_drawing and file_format == "pdf"):
        raise click.UsageError("topology is written as png, svg or pdf, and pdf is for topology")
    project = project_file.load(file)
    if inventory or file_format == "json":
        _export_data(project, file_format, output)
        return
    if is_drawing:
        _export_drawing(project, file_format, output)
        return
    if not project.runs:
        raise PlannerError(f"{file} has no run yet; run 'vmplanner simulate {file}' first")
    from vmplanner.ui.charts.export import export_time_stacks
    from vmplanner.ui.headless import offscreen_application

    application = offscreen_application()
    export_time_stacks(project.runs[-1], project.figures, output, file_format, by=Split(by), measure=Measure(measure))
    _warn_of_name(file_format, output)
    del application


def _export_drawing(project: Project, file_format: str, output: Path) -> None:
    from vmplanner.ui.canvas.export import export_drawing
    from vmplanner.ui.headless import offscreen_application

    application = offscreen_application()
    export_drawing(project, output, file_format)
    _warn_of_name(file_format, output)
    del application


def _warn_of_name(file_format: str, output: Path) -> None:
    if output.suffix.lower() != f".{file_format}":
        click.echo(f"vmplanner: {output} holds {file_format.upper()}, which its name does not say", err=True)


def _export_data(project: Project, file_format: str, output: Path) -> None:
    from vmplanner.interchange import tables_out
    from vmplanner.store import project_json

    if file_format == "json":
        project_json.write_json(project, output)
    elif file_format == "xlsx":
        tables_out.write_workbook(project, output)
    else:
        tables_out.write_folder(project, output)
