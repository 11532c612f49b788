"""What is selected, everywhere: canvas, outline, tables and inspector share this one set of ids."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal


class Selection(QObject):
    """Ids of hosts, switches, storages, links, VMs and migrations. `changed(frozenset)` comes once per real change."""

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        return self._ids

    def select(self, ids: Iterable[str]) -> None:
        wanted = frozenset(ids)
        if wanted != self._ids:
            self._ids = wanted
            self.changed.emit(wanted)
