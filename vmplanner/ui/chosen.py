"""What the selection holds, by kind: what the inspector's forms for several things are about."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from vmplanner.domain.edits import count
from vmplanner.domain.project import Project
from vmplanner.ui.document import Document
from vmplanner.ui.selection import Selection


@frozen
class Kind:
    """A kind of things that can be selected: what one and many of them are called, and all that the project has."""

    one: str
    many: str
    all: Callable[[Project], Mapping[str, Any]]

    def count(self, number: int) -> str:
        """'1 switch', '12 switches'."""
        return count(number, self.one, self.many)


HOSTS = Kind("host", "hosts", lambda project: project.hosts)
SWITCHES = Kind("switch", "switches", lambda project: project.switches)
STORAGES = Kind("storage", "storages", lambda project: project.storages)
MACHINES = Kind("VM", "VMs", lambda project: project.machines)
LINKS = Kind("link", "links", lambda project: project.links)
MOVES = Kind("planned move", "planned moves", lambda project: {move.id: move for move in project.plan.migrations})
KINDS = (HOSTS, SWITCHES, STORAGES, MACHINES, LINKS, MOVES)


class Chosen:
    """The selected things as the document has them now, looked up once for each selection and project."""

    def __init__(self, document: Document, selection: Selection) -> None:
        self._document = document
        self._selection = selection
        self._for: tuple[Project, frozenset[str]] | None = None
        self._found: dict[Kind, tuple[Any, ...]] = {}

    @property
    def by_kind(self) -> dict[Kind, tuple[Any, ...]]:
        """The kinds that are selected, in the order of KINDS, each with its things in the order of the project."""
        project, ids = self._document.project, self._selection.ids
        if self._for is None or self._for[0] is not project or self._for[1] is not ids:
            self._for = project, ids
            self._found = {}
            for kind in KINDS:
                of_kind = kind.all(project)
                if found := tuple(thing for thing_id, thing in of_kind.items() if thing_id in ids):
                    self._found[kind] = found
        return self._found

    def of(self, kind: Kind) -> tuple[Any, ...]:
        return self.by_kind.get(kind, ())

    @property
    def told(self) -> str:
        """'2 hosts, 1 VM'."""
        return ", ".join(kind.count(len(things)) for kind, things in self.by_kind.items())
