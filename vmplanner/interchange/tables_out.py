"""The inventory of a project as tables that people work with: a workbook, or a folder of CSV files.

They are the tables that readers/template.py reads, so that what was changed there can be imported again. A text that a
spreadsheet would take for a formula gets an apostrophe before it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES_PER_S, GIB
from vmplanner.interchange.files.whole import write_whole
from vmplanner.interchange.table_files import Cell, Table, as_csv, as_xlsx

Rows = Iterator[tuple[Cell, ...]]


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
    write_whole(path, as_xlsx(*_tables(project)), "The inventory")


def write_folder(project: Project, folder: Path) -> None:
    """Write each table as a CSV file of a folder, which is made. Raises PlannerError."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PlannerError(f"Can't write '{folder}': {reason}; choose another place") from error
    for table in _tables(project):
        # Excel takes a file without the mark for one of Windows' own character sets.
        write_whole(folder / f"{table.name}.csv", b"\xef\xbb\xbf" + as_csv(table), "The inventory")


def _tables(project: Project) -> Iterator[Table]:
    for name, (headings, rows) in tables_of(project).items():
        yield Table(name, headings, rows)


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
