"""The outline: the drawing as a tree, for the keyboard, for screen readers and for finding things."""

from collections.abc import Callable

from attrs import evolve
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTreeView

from vmplanner.domain import edits
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Change
from vmplanner.domain.topology import Link
from vmplanner.ui.document import Document
from vmplanner.ui.outline_lines import Key, Section
from vmplanner.ui.outline_model import OutlineModel
from vmplanner.ui.selection import Selection
from vmplanner.ui.tables.elided import ElidedCells

# With more than these, links are not all listed at once, and VMs only below hosts that a person opens.
_MOST_LINKS, _MOST_MACHINES = 8, 400
_STEPS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_Flag = QItemSelectionModel.SelectionFlag


class Outline(QTreeView):
    """Hosts with their VMs, inside their racks and sites, then switches, storage, links. In step with the selection
    both ways; a rack or a site stands for its hosts. `menu` makes the menu of what can be done with the selection.

    `chosen(str)` has the id of the one thing that a person went to, `told(str)` a sentence on what can't be, and
    `nudged(int, int)` the steps to the right and down that Alt and the arrow keys ask for.
    """

    chosen = Signal(str)
    told = Signal(str)
    nudged = Signal(int, int)

    def __init__(self, document: Document, selection: Selection, menu: Callable[[], QMenu]) -> None:
        super().__init__()
        self.setAccessibleName("Outline")
        self.setToolTip("All that is drawn. F2 renames, Del deletes, the menu key has the rest.")
        self.setHeaderHidden(True)
        self.setIndentation(16)
        self.setUniformRowHeights(True)
        self.setItemDelegate(ElidedCells(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._document = document
        self._selection = selection
        self._menu = menu
        self._lines = OutlineModel(document.project, self)
        # What a person has opened or closed; the rest is as it is best for so many lines.
        self._opened: dict[Key, bool] = {}
        self._is_following = False
        # The racks and sites whose own lines are selected.
        self.places: list[str] = []
        self.setModel(self._lines)
        self._lines.rowsInserted.connect(self._open_new)
        self._lines.renamed.connect(self._rename)
        document.changed.connect(self._document_changed)
        document.replaced.connect(self._show_project)
        selection.changed.connect(self._follow)
        self.selectionModel().selectionChanged.connect(self._tell)
        self.expanded.connect(lambda index: self._note(index, True))
        self.collapsed.connect(lambda index: self._note(index, False))
        self._open()

    def rename(self) -> None:
        """Let the person type another name for the one thing that is selected, or for the place that is current."""
        index = self.currentIndex()
        if len(self._selection.ids) == 1:
            index = self._lines.index_of(next(iter(self._selection.ids)))
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.setFocus()
            self.scrollTo(index)
            self.selectionModel().setCurrentIndex(index, _Flag.NoUpdate)
            self.edit(index)

    def _rename(self, thing_id: str, name: str) -> None:
        thing = self._document.project.thing(thing_id)
        assert thing is not None
        assert not isinstance(thing, Link)
        try:
            self._document.push(edits.replace(thing, evolve(thing, name=name), f"Change name of {thing.name}"))
        except PlannerError as error:
            self.told.emit(f"{str(error).rstrip('.')}.")

    # Following the document

    def _show_project(self) -> None:
        self._is_following = True
        self._opened.clear()
        self._lines.show_project(self._document.project)
        self._open()
        self._is_following = False
        self._follow(self._selection.ids)

    def _document_changed(self, change: Change) -> None:
        if change.only_moves:
            return
        self._is_following = True
        self.clearSelection()  # rows that move would each take all selected ones along
        self._lines.follow(self._document.project, change)
        self._is_following = False
        self._follow(self._selection.ids)

    def _open(self) -> None:
        for key in self._lines.parents():
            self.setExpanded(self._lines.index_of(key), self._is_open(key))

    def _open_new(self, parent: QModelIndex, first: int, last: int) -> None:
        """New lines open as they would have at the beginning; the first one below a heading opens that."""
        inserted = [self._lines.index(row, 0, parent) for row in range(first, last + 1)]
        for index in (parent, *inserted):
            if index.isValid():
                self.setExpanded(index, self._is_open(self._lines.key(index)))

    def _is_open(self, key: Key) -> bool:
        project = self._document.project
        if key in self._opened:
            return self._opened[key]
        if key is Section.LINKS:
            return len(project.links) <= _MOST_LINKS or not project.hosts
        return key not in project.hosts or len(project.machines) <= _MOST_MACHINES

    def _note(self, index: QModelIndex, is_open: bool) -> None:
        if not self._is_following:
            self._opened[self._lines.key(index)] = is_open

    # The selection

    def _tell(self) -> None:
        if self._is_following:
            return
        project, ids = self._document.project, set()
        keys = [str(key) for key in self._lines.keys_in(self.selectionModel().selection())]
        self.places = [key for key in keys if key in project.groups]
        for key in keys:
            ids |= self._lines.lines.hosts_of(key) if key in project.groups else {key}
        self._selection.select(ids)
        if len(keys) == 1:
            self.chosen.emit(keys[0])

    def _follow(self, ids: frozenset[str]) -> None:
        """Select the lines of these things, and of the places chosen here that are still selected as a whole."""
        lines = self._lines.lines
        self.places = [place_id for place_id in self.places if (hosts := lines.hosts_of(place_id)) and hosts <= ids]
        chosen = QItemSelection()
        for first, last in self._lines.runs([*ids, *self.places]):
            chosen.select(first, last)
        self._is_following = True
        self.selectionModel().select(chosen, _Flag.ClearAndSelect)
        if len(ids) == 1 and not self.hasFocus():
            index = self._lines.index_of(next(iter(ids)))
            self.selectionModel().setCurrentIndex(index, _Flag.NoUpdate)
            self.scrollTo(index)
        self._is_following = False

    # Events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter shows in the drawing what is selected, Alt and an arrow move it there."""
        step = _STEPS.get(Qt.Key(event.key())) if event.modifiers() & Qt.KeyboardModifier.AltModifier else None
        if step is not None:
            self.nudged.emit(*step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(str(self._lines.key(self.currentIndex())))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self._menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        menu.popup(at)
