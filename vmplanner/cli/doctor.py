"""`vmplanner doctor`: what is wrong in a project file, and a mended copy of it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vmplanner.cli.arguments import as_json_option, file_argument

if TYPE_CHECKING:
    from vmplanner.store.doctor import Diagnosis

SOMETHING_WRONG = 1


@click.command("doctor")
@file_argument
@click.option("--repair", "copy", type=click.Path(path_type=Path), metavar="OUT", help="Write a mended copy to OUT.")
@as_json_option
def examine_file(file: Path, copy: Path | None, as_json: bool) -> int:
    """Examine FILE: its structure, its references and every value, and say what could be mended. FILE is not changed.

    Exit status: 0 nothing is wrong, 1 something is (with --repair: mended in OUT), 2 it can't be examined or mended.
    """
    from vmplanner.store import doctor

    diagnosis = doctor.examine(file) if copy is None else doctor.repair(file, copy)
    if as_json:
        troubles = [{"what": trouble.what, "mend": trouble.mend} for trouble in diagnosis.troubles]
        can_be_mended = diagnosis.project is not None
        click.echo(json.dumps({"sound": diagnosis.is_sound, "mendable": can_be_mended, "troubles": troubles}, indent=1))
    else:
        for trouble in diagnosis.troubles:
            click.echo(f"- {trouble.what}" + (f"; to mend it: {trouble.mend}" if trouble.mend else ""))
        click.echo(_verdict(diagnosis, file, copy))
    return 0 if diagnosis.is_sound else SOMETHING_WRONG


def _verdict(diagnosis: "Diagnosis", file: Path, copy: Path | None) -> str:
    if copy is not None:
        return f"The mended copy is in {copy}; {file} is as it was."
    if diagnosis.is_sound:
        return f"Nothing is wrong in {file}."
    if diagnosis.project is None:
        return f"{file} can't be mended; open a backup copy."
    return f"A mended copy can be written: vmplanner doctor {file} --repair OUT"
