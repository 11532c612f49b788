"""What the outline shows of a project: which lines there are below which, and what each says to eyes and ears."""

from collections.abc import Iterable, Mapping
from enum import Enum

from attrs import define, field

from vmplanner.domain.edits import count
from vmplanner.domain.groups import Group, nested
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.places import Places, places_of_hosts
from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Change, Project
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, grouped
from vmplanner.domain.topology import Host, Link, Storage, Switch
from vmplanner.ui.names import ARROW, natural


class Section(Enum):
    """The headings."""

    HOSTS = "Hosts"
    SWITCHES = "Switches"
    STORAGES = "Storage"
    LINKS = "Links"


Key = str | Section
"""A line: a heading, or the id of a thing."""


@define
class OutlineLines:
    """The lines of `project`. Hosts with their VMs are inside their racks and sites, after them come switches, storage
    and links.
    """

    project: Project
    _machines_of: dict[str, set[str]] = field(init=False)
    _moves: Mapping[str, Migration] = field(init=False)
    _places: Places = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._machines_of = {}
        for machine in self.project.machines.values():
            self._machines_of.setdefault(machine.host_id, set()).add(machine.id)
        self._moves = _moves(self.project)
        self._places = places_of_hosts(self.project)

    def follow(self, project: Project, change: Change) -> tuple[list[Key], set[Key]]:
        """Take the project after a change. Returns the lines below which others may be now, outer ones first, and the
        lines that may say something else.
        """
        self.project = project
        below: list[Key] = []
        other: set[Key] = set()
        nodes = change.touched("hosts") | change.touched("switches") | change.touched("storages")
        if change.touched("hosts") or change.touched("groups"):
            self._places = places_of_hosts(project)
            below = [Section.HOSTS, *(place.id for _, place in nested(self._shown_places()))]
        for edit in change.edits:
            for machine, is_there in ((edit.before, False), (edit.after, True)):
                if isinstance(machine, VirtualMachine):
                    mine = self._machines_of.setdefault(machine.host_id, set())
                    (mine.add if is_there else mine.discard)(machine.id)
                    below.append(machine.host_id)
        if change.touched("switches"):
            below.append(Section.SWITCHES)
        if change.touched("storages"):
            below.append(Section.STORAGES)
        if change.touched("links"):
            below.append(Section.LINKS)
            other |= change.touched("links")
        if nodes:
            other |= {link.id for link in project.links.values() if {link.end_a_id, link.end_b_id} & nodes}
        before, self._moves = self._moves, _moves(project)
        for machine_id in {*before, *self._moves}:
            move = self._moves.get(machine_id)
            if before.get(machine_id) != move or (move is not None and move.target_id in nodes):
                other.add(machine_id)
        other |= nodes | change.touched("machines") | {*Section, *self._places_by_id()}
        return [*dict.fromkeys(below)], other

    # Which lines there are

    def below(self, key: Key | None) -> list[Key]:
        """The lines below one, in their order; None: the headings of what there is."""
        project = self.project
        match key:
            case None:
                tables = (project.hosts, project.switches, project.storages, project.links)
                return [section for section, table in zip(Section, tables, strict=True) if table]
            case Section.HOSTS:
                return self._in_place(None)
            case Section.SWITCHES:
                return _by_name(project.switches.values())
            case Section.STORAGES:
                return _by_name(project.storages.values())
            case Section.LINKS:
                return list(project.links)
        if key in project.hosts:
            return _by_name(project.machines[i] for i in self._machines_of.get(key, ()))
        return self._in_place(key) if key in project.groups else []

    def _in_place(self, place_id: str | None) -> list[Key]:
        inner = [place for place in self._shown_places() if self._places.parent_of.get(place.id) == place_id]
        hosts = (host for host in self.project.hosts.values() if self._places.place_of.get(host.id) == place_id)
        return [*_by_name(inner), *_by_name(hosts)]

    def _shown_places(self) -> list[Group]:
        """Those with hosts or with a size of their own, and those around such ones."""
        named = {home: group for home, group in self._places_by_id().items() if group.frame is not None}
        shown = {*self._places.place_of.values(), *named}
        shown |= {outer for home in shown for outer in self._places.around(home)}
        return [self.project.groups[home] for home in shown]

    def _places_by_id(self) -> dict[str, Group]:
        return {group.id: group for group in self.project.groups.values() if group.is_place}

    def hosts_of(self, place_id: str) -> set[str]:
        """All hosts in a place, however deep."""
        return self._places.inside(place_id)[0]

    # What they say

    def name(self, key: Key) -> str | None:
        """The name that can be changed; None for what has none."""
        thing = None if isinstance(key, Section) else self.project.thing(key)
        return None if thing is None or isinstance(thing, Link) else thing.name

    def text(self, key: Key) -> str:
        """What stands in the outline."""
        project = self.project
        if isinstance(key, Section):
            return f"{key.value}  {grouped(len(self._all_of(key)))}"
        if (machine := project.machines.get(key)) is not None:
            move = self._moves.get(key)
            # One of both, memory or target: there is no room for more beside the name.
            if move is not None:
                return f"{machine.name} {ARROW} {project.hosts[move.target_id].name}"
            return f"{machine.name}  {BYTES.format(machine.memory_bytes)}"
        thing = project.thing(key)
        match thing:
            case Link():
                return f"{' - '.join(self._ends(thing))}  {BYTES_PER_S.format(thing.bandwidth_bytes_per_s)}"
            case Storage():
                return f"{thing.name}  {BYTES.format(thing.capacity_bytes)}"
            case Group():
                return f"{thing.name}  {count(len(self.hosts_of(thing.id)), 'host')}"
        return "" if thing is None else thing.name

    def spoken(self, key: Key) -> str:
        """What a screen reader says: what it is, and what a line leaves out."""
        project = self.project
        if isinstance(key, Section):
            return f"{key.value}, {grouped(len(self._all_of(key)))}"
        thing = project.thing(key)
        match thing:
            case VirtualMachine():
                move = self._moves.get(thing.id)
                planned = f", planned to move to {project.hosts[move.target_id].name}" if move else ""
                size = BYTES.format(thing.memory_bytes)
                return f"{thing.name}, VM, {size}, on {project.hosts[thing.host_id].name}{planned}"
            case Host():
                machines = count(len(self._machines_of.get(thing.id, ())), "VM")
                return f"{thing.name}, host, {machines}, {BYTES.format(thing.memory_bytes)}"
            case Link():
                return f"Link from {' to '.join(self._ends(thing))}, {BYTES_PER_S.format(thing.bandwidth_bytes_per_s)}"
            case Storage():
                return f"{thing.name}, storage, {BYTES.format(thing.capacity_bytes)}"
            case Group():
                hosts = count(len(self.hosts_of(thing.id)), "host")
                how = ", collapsed in the drawing" if thing.is_collapsed else ""
                return f"{thing.name}, {thing.kind.value}, {hosts}{how}"
        return "" if thing is None else f"{thing.name}, switch"

    def _all_of(self, section: Section) -> Mapping[str, object]:
        project = self.project
        tables = (project.hosts, project.switches, project.storages, project.links)
        return dict(zip(Section, tables, strict=True))[section]

    def _ends(self, link: Link) -> list[str]:
        nodes = map(self.project.node, (link.end_a_id, link.end_b_id))
        return [node.name for node in nodes if node is not None]


def _moves(project: Project) -> dict[str, Migration]:
    """The first planned move of each VM."""
    return {move.vm_id: move for move in reversed(project.plan.migrations)}


def _by_name(things: Iterable[Host | VirtualMachine | Switch | Storage | Group]) -> list[Key]:
    return [thing.id for thing in sorted(things, key=lambda thing: (natural(thing.name), thing.id))]
