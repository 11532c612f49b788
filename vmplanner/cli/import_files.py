"""`vmplanner import`: hosts, VMs and networks from files of other programs."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tabulate import tabulate

from vmplanner.cli.arguments import as_json_option
from vmplanner.cli.writing import force_option, saver
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.interchange.formats import Format

if TYPE_CHECKING:  # the readers come with what they work with, for which `--help` should not wait
    from vmplanner.interchange.inventory import Inventory
    from vmplanner.interchange.merge import Entry, Merge

_MOST_PROBLEMS = 60


@click.command("import")
@click.argument("project_file_path", metavar="PROJECT", type=click.Path(path_type=Path))
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--as",
    "as_format",
    type=click.Choice([each.value for each in Format]),
    help="What the files are; without it, their content tells.",
)
@click.option("--join", is_flag=True, help="Link new hosts that no link reaches over one new switch, at 10 Gbit/s.")
@click.option("--dry-run", is_flag=True, help="Tell what would change, and write nothing.")
@force_option
@as_json_option
def import_files(
    project_file_path: Path,
    inputs: tuple[Path, ...],
    as_format: str | None,
    join: bool,
    dry_run: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Read INPUT files and folders into PROJECT, which is made if it is not there.

    Understood are RVTools (XLSX or a folder of CSV files), libvirt XML, xl list -l and xl info, pvesh JSON, xe
    vm-list params=all and xe pool-dump-database, GraphML, NetBox CSV, and vmplanner's own tables and JSON. Things are
    matched by UUID, then by name; nothing is removed.
    """
    from vmplanner.interchange.importing import read
    from vmplanner.interchange.merge import merge
    from vmplanner.store import library, project_file, project_json

    if any(project_json.is_project(path) for path in inputs):
        _import_whole(project_file_path, inputs, dry_run=dry_run, as_json=as_json)
        return
    save = None if dry_run else saver(project_file_path, force=force)
    is_new = not project_file_path.exists()
    project = Project(name=project_file_path.stem) if is_new else project_file.load(project_file_path)
    inventory = read(inputs, as_format=Format(as_format) if as_format else None)
    result = merge(project, inventory, library.profiles(), join=join)
    after = project.applied(result.change)
    is_written = save is not None and bool(result.change.edits)
    if save is not None and is_written:
        save(after)
    if as_json:
        click.echo(json.dumps(told_as_json(inventory, result, is_written), indent=1))
    else:
        click.echo(told_as_text(inventory, result, project_file_path, is_written))


def _import_whole(path: Path, inputs: tuple[Path, ...], *, dry_run: bool, as_json: bool) -> None:
    """A project as JSON takes no other's place: it is written to a new file."""
    from vmplanner.store import project_json

    if len(inputs) > 1:
        raise PlannerError("a whole project as JSON is imported by itself; leave the other inputs out")
    if path.exists():
        raise PlannerError(f"{path} exists already, and a whole project does not go into another; choose a new name")
    project = project_json.read_json(inputs[0])
    if not dry_run:
        saver(path, force=False)(project)
    counts = {"hosts": len(project.hosts), "machines": len(project.machines), "runs": len(project.runs)}
    if as_json:
        click.echo(json.dumps({"project": project.name, **counts, "written": not dry_run}, indent=1))
    else:
        told = ", ".join(f"{number} {what.replace('machines', 'VMs')}" for what, number in counts.items())
        click.echo(f"{project.name}: {told}; {'nothing was written' if dry_run else f'wrote {path}'}")


def told_as_json(inventory: "Inventory", result: "Merge", is_written: bool) -> dict[str, Any]:
    def entries(of: "tuple[Entry, ...]") -> list[dict[str, str]]:
        return [
            {"kind": each.kind, "name": each.name, "id": each.thing_id, "what": each.what, "from": str(each.place)}
            for each in of
        ]

    return {
        "files": [{"file": file, "format": kind} for file, kind in inventory.formats],
        "columns": [
            {
                "file": each.file,
                "sheet": each.sheet,
                "heading": each.heading,
                "meaning": each.meaning or None,
                "unit": each.unit,
            }
            for each in inventory.columns
        ],
        "created": entries(result.created),
        "updated": entries(result.updated),
        "unchanged": entries(result.unchanged),
        "not_touched": result.untouched,
        "problems": [
            {
                "severity": each.severity.value,
                "file": each.place.file,
                "sheet": each.place.sheet,
                "row": each.place.row,
                "field": each.place.field,
                "what": each.what,
                "mend": each.mend,
            }
            for each in result.problems
        ],
        "written": is_written,
    }


def told_as_text(inventory: "Inventory", result: "Merge", path: Path, is_written: bool) -> str:
    rows = [
        (kind.lower(), *(sum(entry.kind == kind for entry in of) for of in _outcomes(result)))
        for kind in ("Host", "VM", "Switch", "Storage", "Link", "Group")
    ]
    read = ", ".join(f"{file} ({kind})" for file, kind in inventory.formats[:5])
    more = f" and {len(inventory.formats) - 5} more" if len(inventory.formats) > 5 else ""
    lines = [f"read {read}{more}", ""]
    lines.append(tabulate([row for row in rows if any(row[1:])], headers=("", "new", "updated", "unchanged")))
    if result.untouched:
        lines.append(f"not touched: {result.untouched} hosts and VMs that the files don't speak of")
    shown = result.problems[:_MOST_PROBLEMS]
    lines += ["", *(f"{problem.severity.value}: {problem}" for problem in shown)]
    if len(result.problems) > len(shown):
        lines.append(f"and {len(result.problems) - len(shown)} more problems; --json tells all")
    if result.problems:
        lines.append("")
    unwritten = "nothing was written" if result.change.edits else "there is nothing new; nothing was written"
    lines.append(f"{result.change.title}: wrote {path}" if is_written else unwritten)
    return "\n".join(lines)


def _outcomes(result: "Merge") -> "tuple[tuple[Entry, ...], ...]":
    return result.created, result.updated, result.unchanged
