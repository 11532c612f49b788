"""The outline as a model for a tree view: after a change only the rows that came, went or moved are told of."""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QItemSelection, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from vmplanner.domain.project import Change, Project
from vmplanner.ui.outline_lines import Key, OutlineLines, Section

_Role = Qt.ItemDataRole
_Index = QModelIndex | QPersistentModelIndex


class OutlineModel(QAbstractItemModel):
    """Rows by the keys of their lines. `renamed(str, str)`: the thing with this id shall have this name."""

    renamed = Signal(str, str)

    def __init__(self, project: Project, parent: QObject) -> None:
        super().__init__(parent)
        self.lines = OutlineLines(project)
        self._fill()

    def show_project(self, project: Project) -> None:
        """Show another project."""
        self.beginResetModel()
        self.lines = OutlineLines(project)
        self._fill()
        self.endResetModel()

    def _fill(self) -> None:
        self._numbers = count(1)  # 0 is that of an invalid index
        self._number_of: dict[Key, int] = {}
        self._key_of: dict[int, Key] = {}
        self._parent_of: dict[Key, Key | None] = {}
        self._below: dict[Key | None, list[Key]] = {None: []}
        self._rows: dict[Key | None, dict[Key, int]] = {}
        self._indexes: dict[Key, QModelIndex] = {}
        waiting: list[Key | None] = [None]
        while waiting:
            parent = waiting.pop()
            self._below[parent] = self.lines.below(parent)
            for key in self._below[parent]:
                self._take_in(key, parent)
            waiting += self._below[parent]

    def _take_in(self, key: Key, parent: Key | None) -> None:
        self._parent_of[key] = parent
        self._below.setdefault(key, [])
        if key not in self._number_of:
            self._number_of[key] = number = next(self._numbers)
            self._key_of[number] = key

    # Following the project

    def follow(self, project: Project, change: Change) -> None:
        """Show the project after a change."""
        below, other = self.lines.follow(project, change)
        wanted: dict[Key | None, list[Key]] = {None: self.lines.below(None)}
        wanted |= {parent: self.lines.below(parent) for parent in below}
        for parent, keys in wanted.items():
            if parent in self._below:
                self._remove(parent, set(keys))
        for parent in (None, *Section, *below):
            if parent in wanted and parent in self._below:
                self._put_in_order(parent, wanted[parent])
                self._insert(parent, wanted[parent])
        for key in other:
            if key in self._parent_of:
                index = self.index_of(key)
                self.dataChanged.emit(index, index)

    def _remove(self, parent: Key | None, wanted: set[Key]) -> None:
        """Take out the rows that are no longer here, neighbours together."""
        rows = self._below[parent]
        last = len(rows)
        while last > 0:
            last -= 1
            if rows[last] in wanted:
                continue
            first = last
            while first > 0 and rows[first - 1] not in wanted:
                first -= 1
            self.beginRemoveRows(self.index_of(parent), first, last)
            gone = rows[first : last + 1]
            del rows[first : last + 1]
            self._changed_below(parent)
            for key in gone:
                self._forget(key)
            self.endRemoveRows()
            last = first

    def _forget(self, key: Key) -> None:
        for inner in self._below.pop(key):
            self._forget(inner)
        del self._parent_of[key]
        del self._key_of[self._number_of.pop(key)]

    def _put_in_order(self, parent: Key | None, wanted: list[Key]) -> None:
        """Move the rows whose names sort elsewhere now."""
        rows = self._below[parent]
        here = set(rows)
        order = [key for key in wanted if key in here]
        for row, key in enumerate(order):
            if rows[row] == key:
                continue
            # One that goes down lets the others come up; otherwise this one comes up.
            goes_down = row + 1 < len(rows) and rows[row + 1] == key
            start, end = (row, order.index(rows[row])) if goes_down else (rows.index(key, row), row)
            index = self.index_of(parent)
            self.beginMoveRows(index, start, start, index, end + 1 if end > start else end)
            rows.insert(end, rows.pop(start))
            self._changed_below(parent)
            self.endMoveRows()

    def _insert(self, parent: Key | None, wanted: list[Key]) -> None:
        """Put in the rows that are new here, neighbours together, with all that is below them."""
        rows = self._below[parent]
        row = 0
        while row < len(wanted):
            if row < len(rows) and rows[row] == wanted[row]:
                row += 1
                continue
            here = set(rows[row:])
            end = row
            while end < len(wanted) and wanted[end] not in here:
                end += 1
            self.beginInsertRows(self.index_of(parent), row, end - 1)
            rows[row:row] = wanted[row:end]
            self._changed_below(parent)
            for key in wanted[row:end]:
                self._take_in(key, parent)
                self._fill_below(key)
            self.endInsertRows()
            row = end

    def _fill_below(self, parent: Key) -> None:
        self._below[parent] = self.lines.below(parent)
        self._changed_below(parent)
        for key in self._below[parent]:
            self._take_in(key, parent)
            self._fill_below(key)

    # Keys and indexes

    def index_of(self, key: Key | None) -> QModelIndex:
        """The index of a line; an invalid one for None and for what has no line."""
        if key is None or key not in self._parent_of:
            return QModelIndex()
        if key not in self._indexes:
            self._indexes[key] = self.createIndex(self._row(key), 0, self._number_of[key])
        return self._indexes[key]

    def key(self, index: _Index) -> Key:
        """The line at a valid index."""
        return self._key_of[index.internalId()]

    def has(self, key: Key) -> bool:
        return key in self._parent_of

    def parents(self) -> Iterator[Key]:
        """Every line that has others below it, outer ones first."""
        waiting: list[Key] = list(self._below[None])
        while waiting:
            key = waiting.pop(0)
            if self._below[key]:
                yield key
                waiting += self._below[key]

    def runs(self, keys: Iterable[Key]) -> Iterator[tuple[QModelIndex, QModelIndex]]:
        """The lines among these as runs of neighbours, the first and the last index of each."""
        rows_below: dict[Key | None, list[int]] = {}
        for key in keys:
            if key in self._parent_of:
                rows_below.setdefault(self._parent_of[key], []).append(self._row(key))
        for parent, rows in rows_below.items():
            below = self._below[parent]
            rows.sort()
            begin = 0
            for end, row in enumerate(rows, 1):
                if end == len(rows) or rows[end] != row + 1:
                    yield self.index_of(below[rows[begin]]), self.index_of(below[row])
                    begin = end

    def keys_in(self, selection: QItemSelection) -> list[Key]:
        """The selected lines. Asked of each index they would take long."""
        found: list[Key] = []
        for run in selection.toList():
            parent = run.parent()
            found += self._below[self.key(parent) if parent.isValid() else None][run.top() : run.bottom() + 1]
        return [key for key in found if not isinstance(key, Section)]

    def _changed_below(self, parent: Key | None) -> None:
        self._rows.pop(parent, None)
        self._indexes.clear()

    def _row(self, key: Key) -> int:
        parent = self._parent_of[key]
        if parent not in self._rows:
            self._rows[parent] = {each: row for row, each in enumerate(self._below[parent])}
        return self._rows[parent][key]

    # What a view asks

    def index(self, row: int, column: int, parent: _Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        below = self._below[self.key(parent) if parent.isValid() else None]
        return self.createIndex(row, column, self._number_of[below[row]]) if 0 <= row < len(below) else QModelIndex()

    def parent(self, child: _Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        return self.index_of(self._parent_of[self.key(child)]) if child.isValid() else QModelIndex()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._below[self.key(parent) if parent.isValid() else None])

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        key = self.key(index)
        if isinstance(key, Section):
            return Qt.ItemFlag.ItemIsEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.lines.name(key) is not None else flags

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        key = self.key(index)
        if role in (_Role.DisplayRole, _Role.ToolTipRole):
            return self.lines.text(key)
        if role == _Role.AccessibleTextRole:
            return self.lines.spoken(key)
        return self.lines.name(key) if role == _Role.EditRole else None

    def setData(self, index: _Index, value: Any, role: int = _Role.EditRole) -> bool:
        """Ask for another name. The project's change brings it here."""
        key, name = self.key(index), str(value).strip()
        if role == _Role.EditRole and not isinstance(key, Section) and name not in ("", self.lines.name(key)):
            self.renamed.emit(key, name)
        return False
