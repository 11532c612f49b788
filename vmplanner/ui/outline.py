"""The outline: the drawing as a tree, for the keyboard, for screen readers and for finding things."""

from collections.abc import Iterable

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem

from vmplanner.domain.edits import count
from vmplanner.domain.groups import GroupKind, nested
from vmplanner.domain.project import Change
from vmplanner.domain.quantities import BYTES, BYTES_PER_S
from vmplanner.ui.document import Document
from vmplanner.ui.selection import Selection
from vmplanner.ui.tables.elided import ElidedCells

_ID = Qt.ItemDataRole.UserRole


class Outline(QTreeWidget):
    """Hosts with their VMs, inside their racks and sites, then switches, storage, links. In step with the selection
    both ways; a rack or a site stands for its hosts.
    """

    chosen = Signal(str)

    def __init__(self, document: Document, selection: Selection) -> None:
        super().__init__()
        self.setAccessibleName("Outline")
        self.setHeaderHidden(True)
        self.setColumnCount(1)
        self.setIndentation(16)
        self.setUniformRowHeights(True)
        self.setItemDelegate(ElidedCells(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._document = document
        self._selection = selection
        self._items: dict[str, QTreeWidgetItem] = {}
        self._closed: set[str] = set()
        self._is_following = False
        document.changed.connect(self._document_changed)
        document.replaced.connect(self._fill)
        selection.changed.connect(self._follow)
        self.itemSelectionChanged.connect(self._tell)
        self.itemCollapsed.connect(lambda item: self._closed.add(item.data(0, _ID)))
        self.itemExpanded.connect(lambda item: self._closed.discard(item.data(0, _ID)))
        self._fill()

    def _document_changed(self, change: Change) -> None:
        if not change.only_moves:
            self._fill()

    def _fill(self) -> None:
        project = self._document.project
        self._is_following = True
        self.clear()
        self._items = {}
        by_name = sorted(project.hosts.values(), key=lambda host: host.name)
        machines: dict[str, list[tuple[str, str]]] = {}
        for machine in sorted(project.machines.values(), key=lambda machine: machine.name):
            migration = project.plan.migration_of(machine.id)
            # One of both: there is no room for more beside the name.
            more = f"→  {project.hosts[migration.target_id].name}" if migration else BYTES.format(machine.memory_bytes)
            text = f"{machine.name}  {more}"
            machines.setdefault(machine.host_id, []).append((machine.id, text))
        hosts = self._section("Hosts", len(by_name))
        inside = self._add_places(hosts)
        for host in by_name:
            self._add(self._items.get(inside.get(host.id, ""), hosts), host.id, host.name)
            for machine_id, text in machines.get(host.id, []):
                self._add(self._items[host.id], machine_id, text)
        switches = sorted(project.switches.values(), key=lambda switch: switch.name)
        self._things("Switches", [(switch.id, switch.name) for switch in switches])
        storages = sorted(project.storages.values(), key=lambda storage: storage.name)
        self._things("Storage", [(each.id, f"{each.name}  {BYTES.format(each.capacity_bytes)}") for each in storages])
        links = []
        for link in project.links.values():
            ends = [node.name for end in (link.end_a_id, link.end_b_id) if (node := project.node(end))]
            links.append((link.id, f"{' - '.join(ends)}  {BYTES_PER_S.format(link.bandwidth_bytes_per_s)}"))
        section = self._things("Links", links)
        if "Links" not in self._closed and len(links) > 8 and by_name:
            section.setExpanded(False)
        self._is_following = False
        self._follow(self._selection.ids)

    def _add_places(self, section: QTreeWidgetItem) -> dict[str, str]:
        """A branch for each rack and site with hosts; returns in which of them each host is."""
        project = self._document.project
        inside: dict[str, str] = {}
        for _, place in nested(group for group in project.groups.values() if group.kind is not GroupKind.GROUP):
            if hosts := project.hosts_in([place.id]):
                parent = self._items.get(place.parent_id or "", section)
                self._add(parent, place.id, f"{place.name}  {count(len(hosts), 'host')}")
                inside.update(dict.fromkeys(place.member_ids, place.id))
        return inside

    def _section(self, title: str, size: int) -> QTreeWidgetItem:
        """A heading, which is not shown when there is nothing below it."""
        section = QTreeWidgetItem([f"{title}  {size}"])
        section.setData(0, _ID, title)
        section.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.addTopLevelItem(section)
        section.setHidden(not size)
        return section

    def _things(self, title: str, things: Iterable[tuple[str, str]]) -> QTreeWidgetItem:
        """A section with a line for each thing."""
        things = list(things)
        section = self._section(title, len(things))
        for thing_id, text in things:
            self._add(section, thing_id, text)
        return section

    def _add(self, parent: QTreeWidgetItem, thing_id: str, text: str) -> None:
        item = QTreeWidgetItem(parent, [text])
        item.setData(0, _ID, thing_id)
        item.setToolTip(0, text)
        self._items[thing_id] = item
        parent.setExpanded(parent.data(0, _ID) not in self._closed)

    def _tell(self) -> None:
        if not self._is_following:
            ids = [item.data(0, _ID) for item in self.selectedItems()]
            project = self._document.project
            ids = [each for i in ids for each in (project.hosts_in([i]) if i in project.groups else [i])]
            self._selection.select(ids)
            if len(ids) == 1:
                self.chosen.emit(ids[0])

    def _follow(self, ids: frozenset[str]) -> None:
        self._is_following = True
        chosen = [item for thing_id in ids if (item := self._items.get(thing_id)) is not None]
        self.selectionModel().select(self._ranges(chosen), QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if len(chosen) == 1 and not self.hasFocus():
            self.selectionModel().setCurrentIndex(
                self.indexFromItem(chosen[0]), QItemSelectionModel.SelectionFlag.NoUpdate
            )
            self.scrollToItem(chosen[0])
        self._is_following = False

    def _ranges(self, chosen: Iterable[QTreeWidgetItem]) -> QItemSelection:
        """The lines as ranges of neighbours: selected one by one, thousands of them take seconds."""
        ranges = QItemSelection()
        indexes = (self.indexFromItem(item) for item in chosen)
        lines = sorted(((index.parent().internalId(), index.row()), index) for index in indexes)
        begin = 0
        for end, ((parent, row), last) in enumerate(lines):
            if end + 1 == len(lines) or lines[end + 1][0] != (parent, row + 1):
                ranges.select(lines[begin][1], last)
                begin = end + 1
        return ranges
