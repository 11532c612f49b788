"""An inventory meets a project: one Change that creates what is new and updates what is known, to be undone at once.

What the inventory does not tell stays as it is, and nothing is ever removed: what was not read is not touched.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from vmplanner.domain.edits import count, unique_name
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.project import Change, Edit, Project, Thing
from vmplanner.domain.topology import Host, Link, Storage, Switch
from vmplanner.interchange.guesses import ProfileSource
from vmplanner.interchange.inventory import Inventory, Place, Problem, ReadGroup, Severity, shown
from vmplanner.interchange.matching import matched
from vmplanner.interchange.merged_things import Ids, differences, host_of, link_of, machine_of, storage_of
from vmplanner.interchange.placing import middle_above, places

JOINED = "New network"


@frozen
class Entry:
    """What became of one thing that was read. `what` says what changed, or what sort of thing was made."""

    kind: str
    name: str
    thing_id: str
    place: Place
    what: str = ""


@frozen
class Merge:
    """`change` does all of it. `untouched` counts hosts and VMs of the project that the files don't speak of."""

    change: Change
    created: tuple[Entry, ...]
    updated: tuple[Entry, ...]
    unchanged: tuple[Entry, ...]
    untouched: int
    problems: tuple[Problem, ...]


def merge(
    project: Project, inventory: Inventory, profiles: Sequence[ProfileSource] = (), *, join: bool = False
) -> Merge:
    """What the inventory makes of the project. `profiles` are those that new VMs may get.

    With `join`, new hosts and storages that no link of the inventory reaches are linked over one new switch: most
    inventories say nothing of the network.
    """
    merger = _Merger(project, inventory, profiles)
    merger.take_nodes()
    merger.take_machines()
    merger.take_links()
    if join:
        merger.join()
    merger.take_groups()
    return merger.result()


class _Merger:
    def __init__(self, project: Project, inventory: Inventory, profiles: Sequence[ProfileSource]) -> None:
        self._project = project
        self._inventory = inventory
        self._profiles = profiles
        self._ids = Ids(project)
        self._problems = list(inventory.problems)
        self._created: list[Entry] = []
        self._updated: list[Entry] = []
        self._unchanged: list[Entry] = []
        self._edits: dict[str, Edit] = {}
        # Ids by names in small letters, those of the project first.
        self._hosts = _by_name(project.hosts)
        self._switches = _by_name(project.switches)
        self._storages = _by_name(project.storages)
        self._ambiguous: set[str] = set()
        self._members: dict[str, list[str]] = {}

    def take_nodes(self) -> None:
        project, inventory = self._project, self._inventory
        hosts = matched("Host", inventory.hosts, project.hosts, self._problems.append)
        switches = matched("Switch", inventory.switches, project.switches, self._problems.append)
        storages = matched("Storage", inventory.storages, project.storages, self._problems.append)
        on_host = Counter(machine.host for machine in inventory.machines)
        above, middle, below = places(
            project,
            sum(before is None for _, before in switches),
            [on_host[read.name] for read, before in hosts if before is None],
            sum(before is None for _, before in storages),
        )
        for read, host in hosts:
            place = middle.pop(0) if host is None else host.position
            try:
                after = host_of(read, host, self._ids.new("host"), place, self._warn)
            except InvalidValue as error:
                self._refuse(read.place, error)
                continue
            platform = after.facts.platform
            self._keep("Host", read.name, read.place, host, after, platform.label if platform else "")
            self._hosts[read.name.casefold()] = after.id
            self._join_groups(read.groups, after.id)
        names = Counter(read.name.casefold() for read, _ in hosts)
        known = Counter(host.name.casefold() for host in project.hosts.values())
        self._ambiguous = {name for name in names | known if names[name] > 1 or (not names[name] and known[name] > 1)}
        for read_switch, switch in switches:
            try:
                after_switch = switch or Switch(self._ids.new("switch"), read_switch.name, above.pop(0))
            except InvalidValue as error:
                self._refuse(read_switch.place, error)
                continue
            self._keep("Switch", read_switch.name, read_switch.place, switch, after_switch)
            self._switches[read_switch.name.casefold()] = after_switch.id
        for read_storage, storage in storages:
            place = below.pop(0) if storage is None else storage.position
            try:
                after_storage = storage_of(read_storage, storage, self._ids.new("storage"), place, self._warn)
            except InvalidValue as error:
                self._refuse(read_storage.place, error)
                continue
            self._keep("Storage", read_storage.name, read_storage.place, storage, after_storage)
            self._storages[read_storage.name.casefold()] = after_storage.id

    def take_machines(self) -> None:
        names = {machine.name for machine in self._project.machines.values()}
        found = matched("VM", self._inventory.machines, self._project.machines, self._problems.append)
        for read, before in found:
            host_id = self._hosts.get(read.host.casefold()) if read.host else None
            if read.host and host_id is None:
                what = f"the host {shown(read.host)} of {read.name} is neither in the files nor in the project"
                self._error(read.place.at("host"), what, "import or draw the host first; the VM is left out")
                continue
            if read.host.casefold() in self._ambiguous:
                what = f"there are several hosts called {shown(read.host)}, and {read.name} may run on any of them"
                self._error(read.place.at("host"), what, "give them different names; the VM is left out")
                continue
            if host_id is None and before is None:
                what = f"nothing says on which host {read.name} runs"
                self._error(read.place, what, "import what describes the host with it, from the same folder")
                continue
            if before is None and read.name in names:
                name = unique_name(read.name, names)
                self._warn(read.place, f"another VM is called {shown(read.name)}", f"this one is called {name} here")
                read = evolve(read, name=name)
            names.add(read.name)
            new_id = before.id if before is not None else self._ids.new("vm")
            try:
                after = machine_of(read, before, new_id, host_id, self._storages, self._profiles, self._warn)
            except InvalidValue as error:
                self._refuse(read.place, error)
                continue
            self._keep("VM", read.name, read.place, before, after, after.profile.name)
            self._join_groups(read.groups, after.id)
        self._drop_moves_that_were_made()

    def take_links(self) -> None:
        nodes = {**self._storages, **self._switches, **self._hosts}
        there: dict[frozenset[str], list[Link]] = {}
        for link in self._project.links.values():
            there.setdefault(frozenset((link.end_a_id, link.end_b_id)), []).append(link)
        assumed = 0
        for read in self._inventory.links:
            end_a, end_b = nodes.get(read.end_a.casefold()), nodes.get(read.end_b.casefold())
            if end_a is None or end_b is None:
                missing = shown(read.end_a if end_a is None else read.end_b)
                what = f"the link leads to {missing}, which is neither in the files nor in the project"
                self._error(read.place, what, "mend the name, or import what it leads to; the link is left out")
                continue
            known = there.get(frozenset((end_a, end_b)), [])
            before = known.pop(0) if known else None
            assumed += before is None and read.bandwidth_bytes_per_s is None
            try:
                after = link_of(read, before, self._ids.new("link"), end_a, end_b)
            except InvalidValue as error:
                self._refuse(read.place, error)
                continue
            self._keep("Link", f"{read.end_a} - {read.end_b}", read.place, before, after)
        if assumed:
            what = f"{count(assumed, 'link has', 'links have')} no speed in the files"
            place = Place(self._inventory.links[0].place.file)
            self._warn(place, what, "10 Gbit/s are assumed; mend them in the inspector")

    def join(self) -> None:
        """Link new hosts and storages that nothing reaches over one switch."""
        made = [edit.after for edit in self._edits.values() if edit.before is None]
        linked = {end for thing in made if isinstance(thing, Link) for end in (thing.end_a_id, thing.end_b_id)}
        alone = [thing for thing in made if isinstance(thing, (Host, Storage)) and thing.id not in linked]
        hub = next((each for each in self._project.switches.values() if each.name == JOINED), None)
        if len(alone) + (hub is not None) < 2:
            return
        place = Place("the network")
        if hub is None:
            hub = Switch(self._ids.new("switch"), JOINED, middle_above([thing.position for thing in alone]))
            self._keep("Switch", hub.name, place, None, hub)
        for thing in alone:
            link = Link(self._ids.new("link"), hub.id, thing.id)
            self._keep("Link", f"{hub.name} - {thing.name}", place, None, link)
        self._warn(place, f"{count(len(alone), 'link')} of 10 Gbit/s are assumed", "mend them in the inspector")

    def take_groups(self) -> None:
        """Things join the groups that are told for them, and a host that is told to be in a place leaves the others."""
        told = {read.name for read in self._inventory.groups}
        before = {group.name: group for group in self._project.groups.values()}
        ids = {name: group.id for name, group in before.items()}
        place_of = {
            member: read.name
            for read in self._inventory.groups
            if (before[read.name].kind if read.name in before else read.kind) is not GroupKind.GROUP
            for member in self._members.get(read.name, ())
        }

        def staying(group: Group) -> tuple[str, ...]:
            leaves = {each for each in group.member_ids if place_of.get(each, group.name) != group.name}
            return tuple(each for each in group.member_ids if not (group.is_place and each in leaves))

        for group in before.values():
            if group.name not in told and staying(group) != group.member_ids:
                after = evolve(group, member_ids=staying(group))
                self._keep("Group", group.name, Place("the files"), group, after)
        for read in _parents_first(self._inventory.groups, set(before)):
            known = before.get(read.name)
            kept = staying(known) if known is not None else ()
            members = (*kept, *(each for each in self._members.get(read.name, ()) if each not in kept))
            try:
                if known is not None:
                    after = evolve(known, member_ids=members)
                else:
                    after = Group(self._ids.new("group"), read.name, read.kind, ids.get(read.parent), members)
            except InvalidValue as error:
                self._refuse(read.place, error)
                continue
            ids[read.name] = after.id
            self._keep("Group", read.name, read.place, known, after, read.kind.value)

    def result(self) -> Merge:
        edits = [edit for edit in self._edits.values() if edit.before != edit.after]
        hosts = sum(isinstance(edit.after, Host) for edit in edits)
        machines = sum(isinstance(edit.after, VirtualMachine) for edit in edits)
        parts = [count(hosts, "host")] if hosts else []
        parts += [count(machines, "VM")] if machines else []
        read_ids = {entry.thing_id for entry in (*self._updated, *self._unchanged)}
        return Merge(
            Change(f"Import {' and '.join(parts) or count(len(edits), 'thing')}", edits),
            tuple(self._created),
            tuple(self._updated),
            tuple(self._unchanged),
            sum(each not in read_ids for each in (*self._project.hosts, *self._project.machines)),
            tuple(self._problems),
        )

    def _keep(self, kind: str, name: str, place: Place, before: Thing | None, after: Thing, made: str = "") -> None:
        self._edits[after.id] = Edit(before, after)
        if before is None:
            self._created.append(Entry(kind, name, after.id, place, made))
        elif before == after:
            self._unchanged.append(Entry(kind, name, after.id, place))
        else:
            self._updated.append(Entry(kind, name, after.id, place, differences(before, after)))

    def _join_groups(self, groups: Sequence[str], member_id: str) -> None:
        for name in groups:
            members = self._members.setdefault(name, [])
            if member_id not in members:
                members.append(member_id)

    def _drop_moves_that_were_made(self) -> None:
        """Planned moves of VMs to the hosts on which the inventory finds them."""
        hosts = {
            edit.after.id: edit.after.host_id
            for edit in self._edits.values()
            if isinstance(edit.after, VirtualMachine) and isinstance(edit.before, VirtualMachine)
            if edit.after.host_id != edit.before.host_id
        }
        for plan in self._project.plans.values():
            moves = (*plan.migrations, *plan.excluded)
            made = {move.id for move in moves if hosts.get(move.vm_id) == move.target_id}
            if made:
                self._edits[plan.id] = Edit(plan, plan.without(made))

    def _error(self, place: Place, what: str, mend: str) -> None:
        self._problems.append(Problem(Severity.ERROR, place, what, mend))

    def _warn(self, place: Place, what: str, mend: str) -> None:
        self._problems.append(Problem(Severity.WARNING, place, what, mend))

    def _refuse(self, place: Place, error: InvalidValue) -> None:
        what, _, mend = str(error).partition("; ")
        self._error(place.at(error.field), what, f"{mend or 'mend it in the file'}; it is left out")


def _by_name(things: Mapping[str, Host] | Mapping[str, Switch] | Mapping[str, Storage]) -> dict[str, str]:
    return {thing.name.casefold(): thing.id for thing in things.values()}


def _parents_first(groups: Sequence[ReadGroup], known: set[str]) -> list[ReadGroup]:
    """Groups in an order in which each comes after the one it is part of; those in a circle are part of none."""
    left = {group.name: group for group in groups}
    done: list[ReadGroup] = []
    names = set(known)
    while left:
        ready = [group for group in left.values() if group.parent in names or group.parent not in left]
        for group in ready or [evolve(group, parent="") for group in left.values()]:
            done.append(group)
            names.add(group.name)
            left.pop(group.name, None)
    return done
