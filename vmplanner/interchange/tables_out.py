"""The inventory of a project as tables that people work with: a workbook, or a folder of CSV files.

They are the tables that readers/template.py reads, so that what was changed there can be imported again. A text that a
spreadsheet would take for a formula gets an apostrophe before it.
"""

import csv
import errno
import io
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES_PER_S, GIB
from vmplanner.interchange.files.columns import FORMULA_SIGNS, is_marked

Cell = str | int | float
Rows = Iterator[tuple[Cell, ...]]

_WIDEST = 60


def tables_of(project: Project) -> dict[str, tuple[tuple[str, ...], list[tuple[Cell, ...]]]]:
    """The tables by name: headings and rows. Texts are as they are; a writer makes them harmless."""
    made: dict[str, tuple[tuple[str, ...], Callable[[Project], Rows]]] = {
        "hosts": (
            ("host", "memory (GiB)", "cores", "platform", "version", "CPU model", "networks", "UUID", "group"),
            _hosts,
        ),
        "vms": (
            ("VM", "host", "memory (GiB)", "vCPUs", "profile", "networks", "machine type", "UUID", "group"),
            _machines,
        ),
        "disks": (("VM", "disk", "size (GiB)", "storage"), _disks),
        "switches": (("switch",), _switches),
        "storages": (("storage", "capacity (GiB)"), _storages),
        "links": (("end A", "end B", "bandwidth (Gbit/s)", "latency (ms)"), _links),
        "groups": (("group", "kind", "part of"), _groups),
    }
    return {name: (headings, list(rows(project))) for name, (headings, rows) in made.items()}


def write_workbook(project: Project, path: Path) -> None:
    """Write the tables as the sheets of an XLSX workbook. Raises PlannerError, with the old file untouched."""
    book = Workbook(write_only=True)
    for name, (headings, rows) in tables_of(project).items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for number, heading in enumerate(headings):
            lengths = (len(str(row[number])) for row in rows[:200])
            letter = chr(ord("A") + number)
            sheet.column_dimensions[letter].width = min(_WIDEST, 3 + max(len(heading), *lengths, 8))
        cells = [WriteOnlyCell(sheet, value=heading) for heading in headings]
        for cell in cells:
            cell.font = Font(bold=True)
        sheet.append(cells)
        for row in rows:
            sheet.append([_harmless(value) for value in row])
    content = io.BytesIO()
    book.save(content)
    _write(path, content.getvalue())


def write_folder(project: Project, folder: Path) -> None:
    """Write each table as a CSV file of a folder, which is made. Raises PlannerError."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise _refused(folder, error) from error
    for name, (headings, rows) in tables_of(project).items():
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(headings)
        writer.writerows([_harmless(value) for value in row] for row in rows)
        # Excel takes a file without the mark for one of Windows' own character sets.
        _write(folder / f"{name}.csv", text.getvalue().encode("utf-8-sig", "replace"))


def _write(path: Path, content: bytes) -> None:
    """Write a file beside its place and put it there in one step."""
    unfinished = path.with_name(f".{path.name[:50]}.{secrets.token_hex(4)}")
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> PlannerError:
    return PlannerError(f"Can't write '{path}': {(error.strerror or str(error)).lower()}; choose another place")


def _harmless(value: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula, and that XML can hold."""
    if not isinstance(value, str):
        return value
    text = "".join(character if character.isprintable() or character == " " else "?" for character in value)
    begins_so = value != "" and value[0] in FORMULA_SIGNS
    # What looks as if it had been marked is marked too, and so read back as it is.
    return f"'{text}" if begins_so or is_marked(value) else text


def _number(value: float) -> Cell:
    """A number that no reader takes for thousands: '4.125' has a zero more."""
    if value == int(value):
        return int(value)
    text = f"{value:.15g}"
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text


def _groups_of(project: Project) -> dict[str, str]:
    """The name of the first group of each member."""
    found: dict[str, str] = {}
    for group in project.groups.values():
        for member in group.member_ids:
            found.setdefault(member, group.name)
    return found


def _hosts(project: Project) -> Rows:
    groups = _groups_of(project)
    for host in project.hosts.values():
        facts = host.facts
        yield (
            host.name,
            _number(host.memory_bytes / GIB),
            host.cores,
            facts.platform.value if facts.platform else "",
            facts.hypervisor_version,
            facts.cpu.model,
            "; ".join(sorted(facts.networks)),
            host.uuid,
            groups.get(host.id, ""),
        )


def _machines(project: Project) -> Rows:
    groups = _groups_of(project)
    for machine in project.machines.values():
        yield (
            machine.name,
            project.hosts[machine.host_id].name,
            _number(machine.memory_bytes / GIB),
            machine.vcpus,
            machine.profile.name,
            "; ".join(sorted(machine.needs.networks)),
            machine.needs.machine_type,
            machine.uuid,
            groups.get(machine.id, ""),
        )


def _disks(project: Project) -> Rows:
    for machine in project.machines.values():
        for disk in machine.needs.disks:
            storage = project.storages[disk.storage_id].name if disk.storage_id else ""
            yield machine.name, disk.name, _number(disk.size_bytes / GIB), storage


def _switches(project: Project) -> Rows:
    for switch in project.switches.values():
        yield (switch.name,)


def _storages(project: Project) -> Rows:
    for storage in project.storages.values():
        yield storage.name, _number(storage.capacity_bytes / GIB)


def _links(project: Project) -> Rows:
    for link in project.links.values():
        ends = [node.name for end in (link.end_a_id, link.end_b_id) if (node := project.node(end)) is not None]
        speed = link.bandwidth_bytes_per_s / BYTES_PER_S.units["Gbit/s"]
        yield ends[0], ends[1], _number(speed), _number(link.latency_s * 1000)


def _groups(project: Project) -> Rows:
    for group in project.groups.values():
        parent = project.groups[group.parent_id].name if group.parent_id else ""
        yield group.name, group.kind.value, parent
