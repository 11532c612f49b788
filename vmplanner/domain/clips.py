"""What a person copies: a part of a project, to be put into the same project again or into any other.

A copied host takes its VMs along, and whatever is copied its links. A site or a rack goes along when all its hosts do,
a planned move when its VM, the VM's host and the target do.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from attrs import evolve, frozen

from vmplanner.domain.edits import count, delete
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.groups import Group
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Change, Edit, Project, Thing
from vmplanner.domain.topology import Host, Link, Position, Storage, Switch

Node = Host | Switch | Storage
NEEDS_HOST = "The copied VMs need a host: select one, or point at one, and paste again"


@frozen
class Clip:
    """`part` is a project of its own. The things in it whose ids are in `context` were not copied: copied VMs lie on
    them, or copied links end there. They stand for the same things where the clip is put, if those are there.
    """

    part: Project
    context: frozenset[str] = frozenset()

    @property
    def nodes(self) -> list[Node]:
        """The copied things with a place in the drawing."""
        part = self.part
        ids = (*part.hosts, *part.switches, *part.storages)
        return [node for i in ids if i not in self.context and (node := part.node(i)) is not None]

    @property
    def machines(self) -> list[VirtualMachine]:
        """The copied VMs whose hosts were not copied."""
        return [machine for machine in self.part.machines.values() if machine.host_id in self.context]

    @property
    def summary(self) -> str:
        """'3 hosts and 1 switch'; for one thing its name."""
        return _summary([*self.nodes, *(self.machines if not self.nodes else ())])

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the places of its nodes."""
        xs, ys = [node.position.x for node in self.nodes], [node.position.y for node in self.nodes]
        return ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2) if xs else (0.0, 0.0)


def clip(project: Project, ids: Collection[str]) -> Clip:
    """The part of the project that these things make; without nodes and VMs when none of them can be copied."""
    hosts = {i for i in project.hosts if i in ids}
    nodes = hosts | {i for things in (project.switches, project.storages) for i in things if i in ids}
    machines = [m for m in project.machines.values() if m.id in ids or m.host_id in hosts]
    links = [link for link in project.links.values() if link.end_a_id in nodes or link.end_b_id in nodes]
    needed = {machine.host_id for machine in machines}
    needed |= {end for link in links for end in (link.end_a_id, link.end_b_id)}
    needed |= {disk.storage_id for machine in machines for disk in machine.needs.disks if disk.storage_id is not None}
    places = _whole_places(project, hosts)
    plan = _moves_within(project, {m.id for m in machines if m.host_id in hosts}, hosts)
    part = Project.of(
        *(node for i in sorted(nodes | needed) if (node := project.node(i)) is not None),
        *machines,
        *links,
        *places,
        *((plan,) if plan.migrations else ()),
    )
    return Clip(part, frozenset(needed - nodes))


def cut(project: Project, ids: Collection[str]) -> Change:
    """Remove what has been copied, and all that can't be without it."""
    change = delete(project, ids)
    return evolve(change, title=f"Cut{change.title.removeprefix('Delete')}")


def paste(
    project: Project,
    clip: Clip,
    shift: tuple[float, float] = (0.0, 0.0),
    host_id: str | None = None,
    verb: str = "Paste",
) -> Change:
    """Put a clip into a project, with new ids and free names. Its nodes are moved by `shift`; VMs that were copied
    without their host go to `host_id`, or None: to the host that they were on, where it is there.

    Raises PlannerError when those VMs find no host, or when there is nothing to paste.
    """
    if not clip.nodes and not clip.machines:
        raise PlannerError("There is nothing to paste: copy hosts, switches, storage or VMs first")
    new = _new_ids(project, clip)
    homes = dict.fromkeys(clip.context, host_id) if host_id is not None else {}
    if any(machine.host_id not in new and machine.host_id not in homes for machine in clip.machines):
        raise PlannerError(NEEDS_HOST)
    part, added = clip.part, list[Thing]()
    uuids = {host.uuid for host in project.hosts.values()} | {machine.uuid for machine in project.machines.values()}
    names = {kind: _FreeNames(node.name for node in own.values()) for kind, own in _by_kind(project).items()}
    for node in clip.nodes:
        x, y = node.position.x + shift[0], node.position.y + shift[1]
        copied = evolve(node, id=new[node.id], name=names[type(node)].take(node.name), position=Position(x, y))
        added.append(evolve(copied, uuid="") if isinstance(copied, Host) and copied.uuid in uuids else copied)
    free = _FreeNames(machine.name for machine in project.machines.values())
    for machine in part.machines.values():
        disks = [evolve(disk, storage_id=new.get(disk.storage_id or "")) for disk in machine.needs.disks]
        added.append(
            evolve(
                machine,
                id=new[machine.id],
                name=free.take(machine.name),
                host_id=homes.get(machine.host_id) or new[machine.host_id],
                needs=evolve(machine.needs, disks=disks),
                uuid="" if machine.uuid in uuids else machine.uuid,
            )
        )
    added += _links(part.links.values(), new)
    added += _places(project, part, new, shift)
    edits = [Edit(None, thing) for thing in added]
    drawn = [thing for thing in added if isinstance(thing, (Host, Switch, Storage))]
    loose = [thing for thing in added if isinstance(thing, VirtualMachine)]
    return Change(f"{verb} {_summary(drawn or loose)}", (*edits, *_planned(project, part.plan, new)))


def _new_ids(project: Project, clip: Clip) -> dict[str, str]:
    """The id of everything in the clip where it is put: a new one, or for context that of the same thing there."""
    part = clip.part
    new = {}
    for old in clip.context:
        here, there = project.node(old), part.node(old)
        if here is not None and there is not None and (type(here), here.name) == (type(there), there.name):
            new[old] = old
    kinds: tuple[tuple[str, Iterable[str]], ...] = (
        ("host", part.hosts),
        ("switch", part.switches),
        ("storage", part.storages),
        ("vm", part.machines),
        ("link", part.links),
        ("group", part.groups),
        ("migration", [migration.id for migration in part.plan.migrations]),
    )
    for kind, ids in kinds:
        wanted = [old for old in ids if old not in clip.context]
        new.update(zip(wanted, project.new_ids(kind), strict=False))
    return new


def _by_kind(project: Project) -> dict[type[Node], Mapping[str, Node]]:
    return {Host: project.hosts, Switch: project.switches, Storage: project.storages}


def _links(links: Iterable[Link], new: dict[str, str]) -> list[Link]:
    """The links both of whose ends are there."""
    return [
        evolve(link, id=new[link.id], end_a_id=new[link.end_a_id], end_b_id=new[link.end_b_id])
        for link in links
        if link.end_a_id in new and link.end_b_id in new
    ]


def _whole_places(project: Project, hosts: Collection[str]) -> list[Group]:
    """The sites and racks all of whose hosts are among these, without what is not copied."""
    found = {}
    for group in project.groups.values():
        members = project.hosts_in([group.id]) if group.is_place else ()
        if members and all(member in hosts for member in members):
            found[group.id] = evolve(group, member_ids=[i for i in group.member_ids if i in hosts])
    return [evolve(g, parent_id=None) if g.parent_id not in found else g for g in found.values()]


def _places(project: Project, part: Project, new: dict[str, str], shift: tuple[float, float]) -> list[Group]:
    free = _FreeNames((group.name for group in project.groups.values()), " ")
    found = []
    for group in part.groups.values():
        frame = group.frame and evolve(group.frame, x=group.frame.x + shift[0], y=group.frame.y + shift[1])
        members = [new[member] for member in group.member_ids if member in new]
        parent_id = new[group.parent_id] if group.parent_id is not None else None
        name = free.take(group.name)
        found.append(evolve(group, id=new[group.id], name=name, parent_id=parent_id, member_ids=members, frame=frame))
    return found


def _moves_within(project: Project, machine_ids: set[str], hosts: set[str]) -> Plan:
    """The plan with the moves of these VMs alone, as far as they stay among the hosts."""
    plan = evolve(project.plan, excluded=(), failures=(), starts_at=None, window_s=None)
    out = {move.vm_id for move in plan.migrations if move.target_id not in hosts}
    return plan.without({move.id for move in plan.migrations if move.vm_id not in machine_ids - out})


def _planned(project: Project, copied: Plan, new: dict[str, str]) -> list[Edit]:
    """The present plan with the moves of another one as its last, as far as their targets are there."""
    lost = {move.id for move in copied.migrations if move.target_id not in new}
    moves = evolve(copied, excluded=()).without(lost).migrations
    if not moves:
        return []
    plan = project.plan
    added = [
        evolve(
            move,
            id=new[move.id],
            vm_id=new[move.vm_id],
            target_id=new[move.target_id],
            after=[new[other] for other in move.after],
        )
        for move in moves
    ]
    return [Edit(project.plans.get(plan.id), evolve(plan, migrations=(*plan.migrations, *added)))]


class _FreeNames:
    """Names that are not taken: 'host-1' gives 'host-2', 'web' gives 'web-2'. Fast for thousands."""

    def __init__(self, taken: Iterable[str], dash: str = "-") -> None:
        self._taken = set(taken)
        self._dash = dash
        self._next: dict[str, int] = {}

    def take(self, wanted: str) -> str:
        name = wanted
        if wanted in self._taken:
            stem, dash, last = wanted.rpartition(self._dash)
            stem, number = (stem, int(last) + 1) if dash and last.isdecimal() and len(last) < 10 else (wanted, 2)
            number = max(number, self._next.get(stem, 0))
            while (name := f"{stem}{self._dash}{number}") in self._taken:
                number += 1
            self._next[stem] = number + 1
        self._taken.add(name)
        return name


def _summary(things: Sequence[Thing]) -> str:
    if len(things) == 1 and not isinstance(things[0], Link):
        return things[0].name
    kinds: tuple[tuple[Callable[[object], bool], str, str], ...] = (
        (lambda thing: isinstance(thing, Host), "host", "hosts"),
        (lambda thing: isinstance(thing, Switch), "switch", "switches"),
        (lambda thing: isinstance(thing, Storage), "storage", "storages"),
        (lambda thing: isinstance(thing, VirtualMachine), "VM", "VMs"),
    )
    numbers = [(sum(map(is_kind, things)), one, many) for is_kind, one, many in kinds]
    parts = [count(number, one, many) for number, one, many in numbers if number]
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
