"""`vmplanner export`: a chart or its data, the plan as a calendar or a script, the inventory, the whole project."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from vmplanner.cli.arguments import file_argument, plan_named
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project

if TYPE_CHECKING:  # it comes with what it works with, for which `--help` should not wait
    from vmplanner.analysis.stack_view import View

_Choice = TypeVar("_Choice", bound=StrEnum)
_INVENTORY_FORMATS = ("xlsx", "csv")
_FORMATS = ("svg", "pdf", "png", "csv", "xlsx", "parquet", "ics", "sh", "json")


def _list_charts(context: click.Context, _option: click.Parameter, is_asked: bool) -> None:
    """Name the charts and leave."""
    if is_asked:
        from vmplanner.ui.exports.charts import CHARTS

        for chart in CHARTS.values():
            click.echo(f"{chart.name:<14} {chart.title}")
        context.exit()


@click.command("export")
@file_argument
@click.option("--chart", "chart_name", metavar="NAME", default="time-stacks", show_default=True, help="Which chart.")
@click.option(
    "--charts", is_flag=True, is_eager=True, expose_value=False, callback=_list_charts, help="List the charts."
)
@click.option("--inventory", is_flag=True, help="Write hosts, VMs and links: csv (a folder of tables) or xlsx.")
@click.option(
    "--format",
    "file_format",
    metavar="F",
    help="A picture: svg, pdf, png; its data: csv, xlsx, parquet; the plan: ics (a calendar) or sh (a script to be "
    "read); the whole project: json. Without it, what the name of OUT ends in.",
)
@click.option("--run", "run_names", metavar="NAME", multiple=True, help="The run to draw; more are compared with it.")
@click.option("--plan", "plan_name", metavar="NAME", help="The plan to write, or to draw the forecast of.")
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True)
@click.option("--scale", type=click.FloatRange(0.1, 20), default=2.0, show_default=True, help="Of a PNG.")
@click.option("--by", metavar="PART", default="phase", show_default=True, help="What bars are split by.")
@click.option("--measure", metavar="WHAT", default="seconds", show_default=True, help="What the length of a bar says.")
@click.option("--group", metavar="BY", default="migration", show_default=True, help="What one bar stands for.")
@click.option("--order", metavar="HOW", default="plan-order", show_default=True, help="How bars are sorted.")
@click.option("--vertical", "is_vertical", is_flag=True, help="Let bars stand.")
@click.option("--log", "is_log", is_flag=True, help="A logarithmic axis, for downtimes.")
@click.option("--panels", "has_panels", is_flag=True, help="A column for each run.")
@click.option("--patterns", "has_patterns", is_flag=True, help="Patterns besides colours, for print.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, metavar="OUT", help="The file to write."
)
def export_chart(
    file: Path,
    chart_name: str,
    inventory: bool,
    file_format: str | None,
    run_names: tuple[str, ...],
    plan_name: str | None,
    theme: str,
    scale: float,
    output: Path,
    **looks: Any,
) -> None:
    """Write a chart of FILE as a picture, or its data as a table; or the plan, the inventory or the whole project.

    Charts show the newest run, or the forecast of the plan where there is no run or --plan asks for it. The inventory
    and the project can be imported again.
    """
    from vmplanner.store import project_file

    file_format = file_format or output.suffix.removeprefix(".").lower()
    if inventory and file_format not in _INVENTORY_FORMATS:
        raise click.UsageError("--inventory is written as xlsx or csv")
    if file_format not in _FORMATS:
        raise click.UsageError(f"'{file_format}' is no format; use {', '.join(_FORMATS)}")
    project = project_file.load(file)
    plan = plan_named(project, plan_name) if plan_name is not None else None
    if inventory:
        _export_inventory(project, file_format, output)
    elif file_format == "json":
        from vmplanner.store import project_json

        project_json.write_json(project, output)
    elif file_format in ("ics", "sh"):
        _export_plan(project, plan or project.plan, file_format, output)
    else:
        _export_chart(project, plan, run_names, _view(**looks), chart_name, file_format, output, theme, scale)
    if output.suffix.lower() != f".{file_format}" and not (inventory and file_format == "csv"):
        click.echo(f"vmplanner: {output} holds {file_format.upper()}, which its name does not say", err=True)


def _export_inventory(project: Project, file_format: str, output: Path) -> None:
    from vmplanner.interchange import tables_out

    if file_format == "xlsx":
        tables_out.write_workbook(project, output)
    else:
        tables_out.write_folder(project, output)


def _export_plan(project: Project, plan: Plan, file_format: str, output: Path) -> None:
    from vmplanner.ui.exports.plan_files import export_plan

    export_plan(project, plan, output, file_format, now=datetime.now(UTC))


def _export_chart(
    project: Project,
    plan: Plan | None,
    run_names: tuple[str, ...],
    view: "View",
    chart_name: str,
    file_format: str,
    output: Path,
    theme: str,
    scale: float,
) -> None:
    from vmplanner.ui.exports.charts import CHARTS, export_chart
    from vmplanner.ui.exports.pictures import Paper
    from vmplanner.ui.exports.subject import Subject, forecast_run, subject_of
    from vmplanner.ui.headless import offscreen_application

    if chart_name not in CHARTS:
        raise click.UsageError(f"there is no chart '{chart_name}'; there are {', '.join(CHARTS)}")
    chart = CHARTS[chart_name]
    if not chart.of_runs:
        subject = Subject(project, plan or project.plan, ())
    elif plan is not None and not run_names:
        subject = Subject(project, plan, (forecast_run(project, plan),), view)
    else:
        subject = subject_of(project, run_names, view)
    application = offscreen_application()
    export_chart(chart, subject, output, file_format, paper=Paper(theme), scale=scale)
    del application


def _view(by: str, measure: str, group: str, order: str, **flags: bool) -> "View":
    from vmplanner.analysis.stack_view import Grouping, Measure, Sorting, Split, View

    return View(
        _chosen("--by", Split, by),
        _chosen("--measure", Measure, measure),
        _chosen("--group", Grouping, group),
        _chosen("--order", Sorting, order),
        **flags,
    )


def _chosen(option: str, kind: type[_Choice], text: str) -> _Choice:
    """The value that is spelled so, with hyphens in the place of spaces."""
    spelled = {one.value.lower().replace(" ", "-"): one for one in kind}
    if text.lower() not in spelled:
        raise click.UsageError(f"{option} is one of {', '.join(spelled)}, not '{text}'")
    return spelled[text.lower()]
