"""A drawing in layers: sites beside each other, in them their racks, in these the switches above their hosts.

Hosts in no place are put together by the switch they share. Knows nothing of Qt.
"""

from collections.abc import Iterable, Mapping

from vmplanner.domain.groups import nested
from vmplanner.domain.places import Places, places
from vmplanner.domain.project import Project
from vmplanner.ui.canvas.alignment import Card
from vmplanner.ui.canvas.blocks import Block, column, grid, row, single

_RACK, _PLACE = 0.9, 1.7
_IN_A_ROW = 4


class Layers:
    """Puts the cards of a project in layers. `around` and `above` are the room that a place's box takes beside and
    above what lies in it.
    """

    def __init__(self, project: Project, cards: Mapping[str, Card], around: float, above: float) -> None:
        self._project = project
        self._cards = cards
        self._around, self._above = around, above
        self._places: Places = places(project)
        self._linked: dict[str, set[str]] = {node_id: set() for node_id in cards}
        for link in project.links.values():
            if link.end_a_id in cards and link.end_b_id in cards:
                self._linked[link.end_a_id].add(link.end_b_id)
                self._linked[link.end_b_id].add(link.end_a_id)
        self._inner: dict[str | None, list[str]] = {}
        for _, place in nested(group for group in project.groups.values() if group.is_place):
            self._inner.setdefault(self._places.parent_of.get(place.id), []).append(place.id)
        self._nodes: dict[str | None, list[str]] = {}
        for node_id in sorted(cards, key=self._name):
            self._nodes.setdefault(self._places.place_of.get(node_id), []).append(node_id)

    def whole(self) -> Block:
        """Everything."""
        return self._content(None)

    def units(self) -> list[tuple[Block, set[str]]]:
        """The outermost places, each as one block, and what lies in no place, card by card; with the ids in each."""
        blocks = [self.place(place_id) for place_id in self._inner.get(None, ())]
        blocks += [single(self._cards[node_id]) for node_id in self._nodes.get(None, ())]
        return [(block, {card.id for card in block.cards}) for block in blocks if block.cards]

    def place(self, place_id: str) -> Block:
        """A site or a rack with all that lies in it, and the room for its box."""
        content = self._content(place_id)
        return content.padded(self._around, self._above) if content.cards else content

    def _content(self, place_id: str | None) -> Block:
        nodes = self._nodes.get(place_id, [])
        project = self._project
        hosts = [node_id for node_id in nodes if node_id in project.hosts]
        inner = [block for each in self._inner.get(place_id, ()) if (block := self.place(each)).cards]
        shared, loose = self._by_switch(hosts, [n for n in nodes if n in project.switches])
        blocks = [*inner, *shared]
        if loose:
            blocks.append(grid([single(self._cards[node_id]) for node_id in loose], _PLACE if not blocks else _RACK))
        below = row(blocks, centred=False) if len(blocks) <= _IN_A_ROW else grid(blocks, _PLACE)
        used = {card.id for card in below.cards}
        switches = self._levels([n for n in nodes if n in project.switches and n not in used], used)
        storages = row(single(self._cards[node_id]) for node_id in nodes if node_id in project.storages)
        return column([*switches, below, storages])

    def _by_switch(self, hosts: list[str], switches: list[str]) -> tuple[list[Block], list[str]]:
        """Hosts below the switch that they are linked to, where several switches have hosts of their own; and the
        hosts that are left.
        """
        own: dict[str, list[str]] = {}
        for host_id in hosts:
            known = [each for each in switches if each in self._linked[host_id]]
            if len(known) == 1:
                own.setdefault(known[0], []).append(host_id)
        if len(own) < 2:
            return [], hosts
        blocks = [
            column([single(self._cards[switch_id]), grid([single(self._cards[h]) for h in own[switch_id]], _RACK)])
            for switch_id in switches
            if switch_id in own
        ]
        below = {host_id for ids in own.values() for host_id in ids}
        return blocks, [host_id for host_id in hosts if host_id not in below]

    def _levels(self, switches: list[str], below: Iterable[str]) -> list[Block]:
        """Rows of switches, the furthest from what is below them on top."""
        waiting, reached, rows = set(switches), set(below), list[list[str]]()
        while waiting:
            level = [each for each in switches if each in waiting and self._linked[each] & reached]
            level = level or [each for each in switches if each in waiting]
            rows.insert(0, level)
            waiting -= set(level)
            reached |= set(level)
        return [grid([single(self._cards[each]) for each in level], 12.0) for level in rows]

    def _name(self, node_id: str) -> list[tuple[int, int, str]]:
        """Sorts 'web-2' before 'web-10'."""
        node = self._project.node(node_id)
        parts = (node.name if node is not None else node_id).casefold().replace("-", " - ").split()
        return [(0, int(part), "") if part.isdecimal() and len(part) < 10 else (1, 0, part) for part in parts]
