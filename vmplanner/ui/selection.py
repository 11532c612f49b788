"""What is selected, everywhere: canvas, outline, tables and inspector share this one set of ids."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Change, Project


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

    def follow(self, project: Project, change: Change | None = None) -> None:
        """Keep what `project` has, as far as it is in sight: of the moves those of the current plan. Where `change`
        made another plan the current one, its moves of the same VMs take the place of those that were selected.
        """
        moves = (*project.plan.excluded, *reversed(project.plan.migrations))
        in_sight, of_vm = {move.id for move in moves}, {move.vm_id: move.id for move in moves}
        out_of_sight = {move.id: move.vm_id for move in _moves_of_others(project, change)}
        followed = (of_vm.get(out_of_sight[i], i) if i in out_of_sight else i for i in self._ids)
        self.select(i for i in followed if i in in_sight or project.thing(i) is not None)


def _moves_of_others(project: Project, change: Change | None) -> list[Migration]:
    """The moves of plans that a change has to do with and that are not the current one."""
    plans = [edit.before for edit in change.edits if isinstance(edit.before, Plan)] if change else []
    return [move for plan in plans if plan.id != project.plan.id for move in (*plan.migrations, *plan.excluded)]
