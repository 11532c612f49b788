"""In which site or rack each thing of the drawing lies, and what a person can do there.

A host lies in the innermost place that names it. A switch or a storage belongs to nobody by itself: it lies in the
innermost place that holds all the hosts linked to it; without any, all that it is linked to.
"""

from collections.abc import Collection, Iterable, Mapping

from attrs import evolve, frozen

from vmplanner.domain.edits import count, move_nodes, replace_all
from vmplanner.domain.group_edits import add_group
from vmplanner.domain.groups import Frame, Group, GroupKind
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.topology import Position


@frozen
class Places:
    """`place_of` has the id of the innermost place of each node that lies in one; `parent_of` that of each place that
    lies in another. `nodes_of` and `within` are those in a place itself.
    """

    place_of: Mapping[str, str]
    parent_of: Mapping[str, str]

    def around(self, thing_id: str) -> list[str]:
        """The places that a node or a place lies in, the innermost first."""
        found = []
        place_id = self.place_of.get(thing_id) or self.parent_of.get(thing_id)
        while place_id is not None:
            found.append(place_id)
            place_id = self.parent_of.get(place_id)
        return found

    def inside(self, place_id: str) -> tuple[set[str], set[str]]:
        """All nodes in a place, and all places in it, however deep."""
        places = {place_id}
        places |= {other for other in self.parent_of if place_id in self.around(other)}
        return {node for node, place in self.place_of.items() if place in places}, places - {place_id}


def places(project: Project) -> Places:
    """Where everything lies. A place without hosts, places and a frame is nowhere yet."""
    found = places_of_hosts(project)
    place_of = dict(found.place_of)
    found = Places(place_of, found.parent_of)
    if any(group.is_place for group in project.groups.values()):
        _place_shared(project, found, place_of)
    return found


def places_of_hosts(project: Project) -> Places:
    """Where the hosts lie, without switches and storages: that takes no look at the links."""
    groups = {group.id: group for group in project.groups.values() if group.is_place}
    parent_of = {i: group.parent_id for i, group in groups.items() if group.parent_id in groups and group.parent_id}
    depth = {i: len(Places({}, parent_of).around(i)) for i in groups}
    place_of: dict[str, str] = {}
    for group in sorted(groups.values(), key=lambda group: depth[group.id]):
        place_of.update((member, group.id) for member in group.member_ids if member in project.hosts)
    return Places(place_of, parent_of)


def selected_places(project: Project, ids: Collection[str]) -> list[str]:
    """The places that a selection stands for, without those in one another: it has all hosts of each, and nothing that
    lies elsewhere. Empty where it is not a selection of places.
    """
    chosen = project.hosts.keys() & ids
    if not project.machines.keys().isdisjoint(ids):
        return []
    of_hosts = places_of_hosts(project)
    if not chosen or not chosen <= of_hosts.place_of.keys():
        return []
    missing = {home for host_id, home in of_hosts.place_of.items() if host_id not in chosen}
    missing |= {place for home in missing for place in of_hosts.around(home)}
    found = set()
    for home in {of_hosts.place_of[host_id] for host_id in chosen}:
        whole = [place for place in (home, *of_hosts.around(home)) if place not in missing]
        if not whole:
            return []
        found.add(whole[-1])
    others = set(ids) - chosen
    if others:
        where = places(project)
        held = {node_id for node_id in others if not found.isdisjoint(where.around(node_id))}
        held |= chosen
        links = (project.links[each] for each in others & project.links.keys())
        held |= {link.id for link in links if link.end_a_id in held and link.end_b_id in held}
        if not others <= held:
            return []
    return [place_id for place_id in project.groups if place_id in found]


def nodes_in(project: Project, place_id: str) -> set[str]:
    """All hosts, switches and storages in a place, however deep."""
    return places(project).inside(place_id)[0]


def _place_shared(project: Project, so_far: Places, place_of: dict[str, str]) -> None:
    """Find the places of switches and storages: of those next to hosts first, then of those beyond."""
    linked: dict[str, list[str]] = {}
    for link in project.links.values():
        linked.setdefault(link.end_a_id, []).append(link.end_b_id)
        linked.setdefault(link.end_b_id, []).append(link.end_a_id)
    waiting = [node_id for node_id in (*project.switches, *project.storages) if node_id in linked]
    known = set(project.hosts)
    while waiting:
        ready = [node_id for node_id in waiting if not known.isdisjoint(linked[node_id])]
        found = {node_id: _common(so_far, [end for end in linked[node_id] if end in known]) for node_id in ready}
        place_of.update((node_id, place_id) for node_id, place_id in found.items() if place_id is not None)
        known.update(ready)
        waiting = [node_id for node_id in waiting if node_id not in found] if ready else []


def _common(so_far: Places, node_ids: Iterable[str]) -> str | None:
    """The innermost place that all of these lie in."""
    chains = [so_far.around(node_id) for node_id in set(node_ids)]
    return next((place for place in chains[0] if all(place in chain for chain in chains)), None)


def move_place(project: Project, place_id: str, dx: float, dy: float, parent_id: str | None) -> Change:
    """Move a site or a rack with all that lies in it, and make it a part of another place, None: of no place."""
    nodes, inner = places(project).inside(place_id)
    moved: dict[str, Position] = {}
    for node_id in nodes:
        node = project.node(node_id)
        assert node is not None
        moved[node_id] = Position(node.position.x + dx, node.position.y + dy)
    edits = [*move_nodes(project, moved).edits]
    for group in (project.groups[each] for each in sorted({place_id, *inner})):
        after = evolve(group, parent_id=parent_id) if group.id == place_id else group
        if after.frame is not None:
            after = evolve(after, frame=evolve(after.frame, x=after.frame.x + dx, y=after.frame.y + dy))
        if after != group:
            edits.append(Edit(group, after))
    moved_place = project.groups[place_id]
    return Change(f"Move {moved_place.name}{_where_to(project, moved_place.parent_id, parent_id)}", edits)


def _where_to(project: Project, before_id: str | None, after_id: str | None) -> str:
    if before_id == after_id:
        return ""
    return f" into {project.groups[after_id].name}" if after_id else f" out of {project.groups[before_id or ''].name}"


def move_into(
    project: Project, positions: Mapping[str, Position], host_ids: Collection[str], place_id: str | None
) -> Change:
    """Move things; these hosts then lie in another place, None: in no place."""
    hosts = [host_id for host_id in project.hosts if host_id in host_ids]
    moved = move_nodes(project, positions)
    changed = _in_place(project, hosts, place_id)
    if not changed:
        return moved
    left = {edit.before.name for edit in changed if isinstance(edit.before, Group) and edit.before.id != place_id}
    to = f"into {project.groups[place_id].name}" if place_id else f"out of {' and '.join(sorted(left))}"
    what = project.hosts[hosts[0]].name if len(hosts) == 1 else count(len(hosts), "host")
    return Change(f"Move {what} {to}", (*moved.edits, *changed))


def _in_place(project: Project, host_ids: Collection[str], place_id: str | None) -> list[Edit]:
    edits = []
    for group in project.groups.values():
        if group.is_place:
            kept = [member for member in group.member_ids if member not in host_ids or group.id == place_id]
            if group.id == place_id:
                kept += [host_id for host_id in host_ids if host_id not in group.member_ids]
            if tuple(kept) != group.member_ids:
                edits.append(Edit(group, evolve(group, member_ids=kept)))
    return edits


def make_site(project: Project, ids: Collection[str]) -> Change:
    """A site of the hosts among `ids`: the racks whose hosts are all among them are its parts, the others' hosts are in
    it themselves and leave their racks. Without hosts nothing changes.
    """
    hosts = [host_id for host_id in project.hosts if host_id in ids]
    if not hosts:
        return Change("Make a site", ())
    where = places(project)
    racks = [
        group
        for group in project.groups.values()
        if group.kind is GroupKind.RACK
        and (inside := where.inside(group.id)[0] & project.hosts.keys())
        and inside <= set(ids)
    ]
    housed = {host_id for rack in racks for host_id in where.inside(rack.id)[0]}
    loose = [host_id for host_id in hosts if host_id not in housed]
    [added] = add_group(project, GroupKind.SITE, loose).edits
    assert isinstance(added.after, Group)
    edits = [*_in_place(project, loose, None), added]
    edits += [Edit(rack, evolve(rack, parent_id=added.after.id)) for rack in racks]
    what = count(len(racks), "rack") if racks and not loose else count(len(hosts), "host")
    return Change(f"Make {added.after.name} of {what}", edits)


def set_hosts(project: Project, place_id: str, host_ids: Collection[str]) -> Change:
    """Exactly these hosts lie in a place itself: those that come leave the places that they were in."""
    group = project.groups[place_id]
    coming = [host_id for host_id in host_ids if host_id not in group.member_ids]
    edits = [edit for edit in _in_place(project, coming, None) if edit.thing.id != place_id]
    after = evolve(group, member_ids=host_ids)
    return Change(f"Change hosts of {group.name}", [*edits, *_changed(group, after, "").edits])


def move_places(project: Project, place_ids: Collection[str], parent_id: str | None) -> Change:
    """Make several places a part of another one, None: of none; they stay where they are in the drawing."""
    groups = [project.groups[place_id] for place_id in place_ids]
    where = f"into {project.groups[parent_id].name}" if parent_id else "out of their sites"
    after = [evolve(group, parent_id=parent_id) for group in groups]
    return replace_all(groups, after, f"Move {count(len(groups), 'place')} {where}")


def collapse_all(project: Project, place_ids: Collection[str], is_collapsed: bool) -> Change:
    """Draw several places as one card each, or as boxes again."""
    groups = [project.groups[place_id] for place_id in place_ids]
    what = "Collapse" if is_collapsed else "Expand"
    after = [evolve(group, is_collapsed=is_collapsed) for group in groups]
    return replace_all(groups, after, f"{what} {count(len(groups), 'place')}")


def resize_place(project: Project, place_id: str, frame: Frame | None) -> Change:
    """Give a place a least size on the canvas; None: as large as what lies in it."""
    group = project.groups[place_id]
    return _changed(group, evolve(group, frame=frame), f"Resize {group.name}")


def collapse(project: Project, place_id: str, is_collapsed: bool) -> Change:
    """Draw a place as one card, or as a box around what lies in it again."""
    group = project.groups[place_id]
    what = "Collapse" if is_collapsed else "Expand"
    return _changed(group, evolve(group, is_collapsed=is_collapsed), f"{what} {group.name}")


def _changed(before: Group, after: Group, title: str) -> Change:
    return Change(title, (Edit(before, after),) if after != before else ())
