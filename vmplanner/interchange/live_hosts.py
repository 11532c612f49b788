"""What hosts have answered, as an inventory; and the addresses at which they were asked, in the drawing."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from attrs import evolve

from vmplanner.domain.access import Access
from vmplanner.domain.edits import count
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.topology import Host
from vmplanner.interchange.importing import read
from vmplanner.interchange.inventory import Inventory
from vmplanner.interchange.merge import Entry, Merge


class Answers(Protocol):
    """Those of one host: its own name, `xl info -n` and `xl list -l`. `address` is where it was asked."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def info(self) -> str: ...
    @property
    def domains(self) -> str: ...


def inventory_of(found: Sequence[Answers], tell: Callable[[str], None] = lambda _text: None) -> Inventory:
    """What the hosts have said. Raises PlannerError when two of them go by one name, or `tell` ends it."""
    names = Counter(one.name.casefold() for one in found)
    for one in found:
        if names[one.name.casefold()] > 1:
            both = " and ".join(each.address for each in found if each.name.casefold() == one.name.casefold())
            raise PlannerError(f"{both} both call themselves '{one.name}'; ask each host once, by a name of its own")
    with TemporaryDirectory(prefix="vmplanner-hosts-") as folder:
        inputs = []
        for number, one in enumerate(found):  # one folder for each host: a list of VMs does not name its host
            inputs.append(Path(folder) / f"{number}")
            inputs[-1].mkdir()
            label = "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in one.name)[:60]
            (inputs[-1] / f"{label} xl info.txt").write_text(one.info)
            (inputs[-1] / f"{label} xl list.json").write_text(one.domains)
        return read(inputs, tell=tell)


def with_addresses(project: Project, merge: Merge, found: Sequence[Answers]) -> Merge:
    """The merge of what the hosts have said with the project, and in the same step the addresses of these hosts."""
    address_of = {one.name.casefold(): one.address for one in found}
    reached: dict[str, Host] = {}
    for host in project.applied(merge.change).hosts.values():
        address = address_of.get(host.name.casefold(), host.access.address)
        if address != host.access.address:
            reached[host.id] = evolve(host, access=Access(address, host.access.migration_address))
    edits = [_mended(edit, reached) for edit in merge.change.edits]
    touched = merge.change.touched("hosts")
    more = [Edit(project.hosts[host_id], host) for host_id, host in reached.items() if host_id not in touched]
    title = merge.change.title if merge.change.edits else f"Set the address of {count(len(more), 'host')}"
    told = {host_id: f"address {host.access.address}" for host_id, host in reached.items()}
    return evolve(
        merge,
        change=Change(title, (*edits, *more)),
        updated=(
            *(_and_told(entry, told) for entry in merge.updated),
            *(_and_told(entry, told) for entry in merge.unchanged if entry.thing_id in told),
        ),
        unchanged=tuple(entry for entry in merge.unchanged if entry.thing_id not in told),
    )


def _mended(edit: Edit, reached: Mapping[str, Host]) -> Edit:
    return Edit(edit.before, reached[edit.thing.id]) if edit.thing.id in reached else edit


def _and_told(entry: Entry, told: Mapping[str, str]) -> Entry:
    words = ", ".join(filter(None, (entry.what, told.get(entry.thing_id, ""))))
    return evolve(entry, what=words)
