"""What a person can do to a project: functions from a project to the Change that does it. They apply nothing."""

from collections.abc import Callable, Collection, Container, Iterable, Mapping

from attrs import evolve

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.failures import without as failures_without
from vmplanner.domain.groups import Group
from vmplanner.domain.machines import Piece, Profile, VirtualMachine
from vmplanner.domain.plans import Migration, Plan, Technique
from vmplanner.domain.project import Change, Edit, Project, Thing
from vmplanner.domain.quantities import GIB, grouped
from vmplanner.domain.rules import RULES, without
from vmplanner.domain.topology import Host, Link, Position, Storage, Switch
from vmplanner.domain.windows import Window
from vmplanner.domain.windows import without as window_without


def unique_name(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or with the next free number: 'host-1' gives 'host-2', 'web' gives 'web-2'."""
    names = set(taken)
    if wanted not in names:
        return wanted
    stem, dash, last = wanted.rpartition("-")
    stem, number = (stem, int(last)) if dash and last.isdecimal() else (wanted, 1)
    while f"{stem}-{number}" in names or number < 2:
        number += 1
    return f"{stem}-{number}"


ENTERED = "entered by hand"
_BY_HAND = "changed by hand"


def count(things: int, one: str, many: str = "") -> str:
    """'1 host', '3 hosts'."""
    return f"1 {one}" if things == 1 else f"{grouped(things)} {many or one + 's'}"


def add_host(project: Project, position: Position) -> Change:
    name = unique_name("host-1", (host.name for host in project.hosts.values()))
    host = Host(project.new_id("host"), name, position=position)
    return Change(f"Add {name}", (Edit(None, host),))


def add_switch(project: Project, position: Position) -> Change:
    name = unique_name("switch-1", (switch.name for switch in project.switches.values()))
    return Change(f"Add {name}", (Edit(None, Switch(project.new_id("switch"), name, position)),))


def add_storage(project: Project, position: Position) -> Change:
    name = unique_name("storage-1", (storage.name for storage in project.storages.values()))
    return Change(f"Add {name}", (Edit(None, Storage(project.new_id("storage"), name, position=position)),))


def add_link(project: Project, end_a_id: str, end_b_id: str) -> Change:
    """Raises InvalidValue for a link from a thing to itself."""
    link = Link(project.new_id("link"), end_a_id, end_b_id)
    names = [node.name for node in (project.node(end_a_id), project.node(end_b_id)) if node]
    return Change(f"Link {' and '.join(names)}", (Edit(None, link),))


def link_all(project: Project, ids: Collection[str]) -> Change:
    """Link two things, or several hosts with the one switch or storage among `ids`; the ones that are linked with it
    stay as they are. Raises PlannerError when these can't be linked.
    """
    ends = [node.id for i in sorted(ids) if (node := project.node(i)) is not None]
    if len(ends) == 2:
        return add_link(project, *ends)
    middles = [i for i in ends if i not in project.hosts]
    if len(ends) < 2 or len(middles) != 1:
        raise PlannerError("To link, select two things, or several hosts and one switch or storage")
    [middle] = middles
    linked = {frozenset((link.end_a_id, link.end_b_id)) for link in project.links.values()}
    hosts = [i for i in ends if i != middle and frozenset((i, middle)) not in linked]
    name = getattr(project.node(middle), "name", "")
    if not hosts:
        raise PlannerError(f"All of these hosts are linked with {name} already")
    links = [Link(new_id, host, middle) for new_id, host in zip(project.new_ids("link"), hosts, strict=False)]
    return Change(f"Link {count(len(hosts), 'host')} with {name}", [Edit(None, link) for link in links])


def add_machine(project: Project, host_id: str, profile: Profile, memory_bytes: int = 4 * GIB) -> Change:
    stem = profile.name.lower().replace(" ", "-")
    name = unique_name(f"{stem}-1", (machine.name for machine in project.machines.values()))
    machine = VirtualMachine(project.new_id("vm"), name, host_id, memory_bytes=memory_bytes, profile=profile)
    return Change(f"Add {name}", (Edit(None, machine),))


def replace(before: Thing, after: Thing, title: str) -> Change:
    return Change(title, (Edit(before, after),))


def replace_all(before: Iterable[Thing], after: Iterable[Thing], title: str) -> Change:
    """Other values for several things, in the same order; those that stay as they are are left out."""
    return Change(title, [Edit(old, new) for old, new in zip(before, after, strict=True) if old != new])


def replace_moves(project: Project, after: Iterable[Migration], title: str) -> Change:
    """Other values for planned moves, whatever plans they are in."""
    changed = {migration.id: migration for migration in after}
    edits = []
    for plan in project.plans.values():
        moves = [changed.get(migration.id, migration) for migration in plan.migrations]
        if moves != list(plan.migrations):
            edits.append(Edit(plan, evolve(plan, migrations=moves)))
    return Change(title, edits)


def reset_policy_values(project: Project, host_id: str) -> Change:
    """Give a host all values of its policy back."""
    host = project.hosts[host_id]
    edits = [Edit(host, evolve(host, policy_values=()))] if host.policy_values else []
    return Change(f"Set the policy values of {host.name} back", edits)


def change_policy(before: Host, after: Host) -> Change:
    """Another policy for a host, which loses the values that were set for the one before: they meant that one's."""
    dropped = len(before.policy_values)
    lost = f", and drop {count(dropped, 'value')} set for {before.policy.label}" if dropped else ""
    return replace(before, evolve(after, policy_values=()), f"Change hypervisor of {before.name}{lost}")


def change_policies(before: Iterable[Host], after: Iterable[Host]) -> Change:
    """Another policy for several hosts; those that get another one lose the values that were set for the one before."""
    hosts, changed, dropped = [*before], [], 0
    for old, new in zip(hosts, after, strict=True):
        stays = old.policy is new.policy
        dropped += 0 if stays else len(old.policy_values)
        changed.append(old if stays else evolve(new, policy_values=()))
    lost = f", and drop {count(dropped, 'policy value')}" if dropped else ""
    return replace_all(hosts, changed, f"Set hypervisor of {count(len(hosts), 'host')}{lost}")


def change_piece(before: Piece, after: Piece) -> Piece:
    """The piece after, whose source says that its figures are no longer what that gave, unless it has another."""
    named = evolve(before, name=after.name, kind=after.kind)
    if after == named or after.source != before.source:
        return after
    return evolve(after, source=changed_by_hand(before.source))


def changed_by_hand(source: str) -> str:
    """The source of figures that a person changed."""
    if not source:
        return _BY_HAND
    return source if source.startswith((_BY_HAND, ENTERED)) else f"{_BY_HAND}; was: {source}"


def move_nodes(project: Project, positions: Mapping[str, Position]) -> Change:
    """New positions for hosts, switches and storages."""
    edits = []
    for node_id, position in positions.items():
        node = project.node(node_id)
        if node is not None and node.position != position:
            edits.append(Edit(node, evolve(node, position=position)))
    names = edits[0].thing.name if len(edits) == 1 and isinstance(edits[0].thing, (Host, Switch, Storage)) else ""
    return Change(f"Move {names or count(len(edits), 'item')}", edits)


def place_machines(project: Project, machine_ids: Iterable[str], host_id: str) -> Change:
    """Put VMs on a host as a drawing act; their planned moves to that very host go."""
    machines = [m for i in machine_ids if (m := project.machines.get(i)) is not None and m.host_id != host_id]
    edits = [Edit(machine, evolve(machine, host_id=host_id)) for machine in machines]
    edits += _plans_without(
        project, lambda migration: migration.target_id == host_id and migration.vm_id in {m.id for m in machines}
    )
    what = machines[0].name if len(machines) == 1 else count(len(machines), "VM")
    return Change(f"Place {what} on {project.hosts[host_id].name}", edits)


def plan_moves(
    project: Project, machine_ids: Iterable[str], target_id: str, technique: Technique = Technique.PRE_COPY
) -> Change:
    """Plan migrations of VMs to a host. A VM dropped on its own host loses its planned move instead."""
    plan = project.plan
    new_ids = project.new_ids("migration")
    machines = [machine for i in machine_ids if (machine := project.machines.get(i)) is not None]
    staying = {machine.id for machine in machines if machine.host_id == target_id}
    migrations = list(plan.without({m.id for m in plan.migrations if m.vm_id in staying}).migrations)
    for machine in machines:
        planned = plan.migration_of(machine.id)
        if machine.id in staying:
            continue
        if planned is not None:
            migrations = [evolve(m, target_id=target_id) if m.id == planned.id else m for m in migrations]
        else:
            migrations.append(Migration(next(new_ids), machine.id, target_id, technique))
    before = project.plans.get(plan.id)
    after = evolve(plan, migrations=migrations)
    what = machines[0].name if len(machines) == 1 else count(len(machines), "VM")
    if machines and all(machine.host_id == target_id for machine in machines):
        title = f"Keep {what} on {project.hosts[target_id].name}"
    else:
        title = f"Plan to move {what} to {project.hosts[target_id].name}"
    return Change(title, () if after == before else (Edit(before, after),))


def delete(project: Project, thing_ids: Iterable[str]) -> Change:
    """Remove things with all that can't be without them: a host's links, its VMs and their planned moves, the disks
    on a storage. Groups, rules and windows go on without them; a rule that then says nothing goes too, and a window
    that is for nothing any more.
    """
    gone = set(thing_ids)
    for host in [host for host in project.hosts.values() if host.id in gone]:
        gone.update(machine.id for machine in project.machines_on(host.id))
    for link in project.links.values():
        if link.end_a_id in gone or link.end_b_id in gone:
            gone.add(link.id)
    edits = _plans_without(project, lambda m: m.id in gone or m.vm_id in gone or m.target_id in gone, gone)
    planned = sum(
        len((*edit.before.migrations, *edit.before.excluded)) - len((*edit.after.migrations, *edit.after.excluded))
        for edit in edits
        if isinstance(edit.before, Plan) and isinstance(edit.after, Plan)
    )
    named: list[Thing] = []
    for things in (project.links, project.machines, project.switches, project.storages, project.hosts):
        found = [thing for thing in things.values() if thing.id in gone]
        edits += [Edit(thing, None) for thing in found]
        named += found
    edits += _machines_without_disks_on(project, gone)
    edits += _groups_and_rules_without(project, gone)
    edits += _windows_without(project, gone)
    for others in (project.groups, project.rules, project.windows):
        named += [thing for thing in others.values() if thing.id in gone]
    return Change(_deletion_title(project, named, planned), edits)


def _deletion_title(project: Project, things: list[Thing], planned: int) -> str:
    def names(kind: type | tuple[type, ...], one: str) -> list[str]:
        of_kind = [thing for thing in things if isinstance(thing, kind)]
        if len(of_kind) == 1 and not isinstance(of_kind[0], Link):
            return [of_kind[0].name]
        return [count(len(of_kind), one)] if of_kind else []

    kinds: list[tuple[type | tuple[type, ...], str]] = [(Host, "host"), (Switch, "switch"), (Storage, "storage")]
    kinds += [(VirtualMachine, "VM"), (Link, "link"), (Group, "group"), (RULES, "rule"), (Window, "window")]
    parts = [name for kind, one in kinds for name in names(kind, one)]
    if not parts and planned:
        parts = [count(planned, "planned move")]
    return f"Delete {' and '.join(filter(None, [', '.join(parts[:-1]), *parts[-1:]]))}"


def _machines_without_disks_on(project: Project, gone: set[str]) -> list[Edit]:
    """The VMs that stay and have disks on storages that go."""
    edits = []
    for machine in project.machines.values():
        kept = tuple(disk for disk in machine.needs.disks if disk.storage_id not in gone)
        if machine.id not in gone and len(kept) != len(machine.needs.disks):
            edits.append(Edit(machine, evolve(machine, needs=evolve(machine.needs, disks=kept))))
    return edits


def _groups_and_rules_without(project: Project, gone: set[str]) -> list[Edit]:
    """Groups lose members and parents that go, rules what they name."""
    edits = []
    for group in project.groups.values():
        kept = tuple(member for member in group.member_ids if member not in gone)
        parent_id = None if group.parent_id in gone else group.parent_id
        after = None if group.id in gone else evolve(group, member_ids=kept, parent_id=parent_id)
        if after != group:
            edits.append(Edit(group, after))
    for rule in project.rules.values():
        left = None if rule.id in gone else without(rule, gone)
        if left != rule:
            edits.append(Edit(rule, left))
    return edits


def _windows_without(project: Project, gone: set[str]) -> list[Edit]:
    edits = []
    for window in project.windows.values():
        left = None if window.id in gone else window_without(window, gone)
        if left != window:
            edits.append(Edit(window, left))
    return edits


def _plans_without(
    project: Project, unwanted: Callable[[Migration], bool], gone: Container[str] = frozenset()
) -> list[Edit]:
    """Plans lose moves, and the failures of hosts and links that are gone."""
    edits = []
    for plan in project.plans.values():
        moves = {migration.id for migration in (*plan.migrations, *plan.excluded) if unwanted(migration)}
        left = plan.without(moves)
        left = evolve(left, failures=failures_without(left.failures, gone))
        if left != plan:
            edits.append(Edit(plan, left))
    return edits
