"""`vmplanner new`: a project file, empty or from a shipped example."""

from pathlib import Path

import click
from tabulate import tabulate

from vmplanner.cli.writing import saver
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project


@click.command("new")
@click.argument("out", type=click.Path(path_type=Path), required=False)
@click.option("--example", metavar="NAME", help="Start from a shipped example.")
@click.option("--list", "list_examples", is_flag=True, help="List the shipped examples and stop.")
def new_project(out: Path | None, example: str | None, list_examples: bool) -> None:
    """Make a new project file OUT, empty or from a shipped example."""
    from vmplanner.store import library

    if list_examples:
        click.echo(tabulate([(info.name, info.description) for info in library.examples()], tablefmt="plain"))
        return
    if out is None:
        raise click.UsageError("say where to write the project: vmplanner new OUT.vmplan")
    if out.exists():
        raise PlannerError(f"{out} exists already; choose another name or remove it first")
    save = saver(out, force=False)
    save(library.example(example) if example else Project(name=out.stem))
    click.echo(f"wrote {out}")
