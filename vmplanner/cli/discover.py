"""`vmplanner discover`: real hosts and the VMs on them, asked over ssh, as a project."""

import json
from pathlib import Path

import click

from vmplanner.cli.arguments import as_json_option
from vmplanner.cli.import_files import told_as_json, told_as_text
from vmplanner.cli.writing import force_option, saver
from vmplanner.domain.project import Project


@click.command("discover")
@click.option(
    "--xen",
    "addresses",
    multiple=True,
    required=True,
    metavar="ADDRESS",
    help="A Xen host with xl, such as root@xen-a or ssh://root@xen-a:22. May be repeated.",
)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The project.")
@click.option("--join", is_flag=True, help="Link new hosts that no link reaches over one new switch, at 10 Gbit/s.")
@click.option("--ssh-config", type=click.Path(path_type=Path, exists=True), help="In place of your ~/.ssh/config.")
@force_option
@as_json_option
def discover_hosts(
    addresses: tuple[str, ...], output: Path, join: bool, ssh_config: Path | None, force: bool, as_json: bool
) -> None:
    """Ask real hosts for themselves and their VMs, and write them to a project, which is made if it is not there.

    What is known by its UUID or name is brought up to date; nothing is removed. Profiles are guesses until measured.
    """
    from vmplanner.backends.xen.discover import discover
    from vmplanner.cli.real_hosts import reached
    from vmplanner.interchange.live_hosts import inventory_of, with_addresses
    from vmplanner.interchange.merge import merge
    from vmplanner.store import library, project_file

    save = saver(output, force=force)
    project = project_file.load(output) if output.exists() else Project(name=output.stem)
    found = []
    for address in addresses:
        with reached(address, ssh_config) as host:
            found.append(discover(host))
    inventory = inventory_of(found)
    result = with_addresses(project, merge(project, inventory, library.profiles(), join=join), found)
    after = project.applied(result.change)
    if after != project:
        save(after)
    if as_json:
        click.echo(json.dumps(told_as_json(inventory, result, after != project), indent=1))
    else:
        click.echo(told_as_text(inventory, result, output, after != project))
