"""The inspector's form of a rack or a site: its name, where it lies, what is in it, and how full that is."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from vmplanner.domain import edits, group_edits, places
from vmplanner.domain.groups import Group, GroupKind, nested
from vmplanner.domain.project import Change, Project
from vmplanner.domain.quantities import BYTES
from vmplanner.ui.canvas.bars import draw_use
from vmplanner.ui.check_list import CheckListField, Choice
from vmplanner.ui.document import Document
from vmplanner.ui.fields import CheckField, ChoiceField, TextField
from vmplanner.ui.folded import Folded
from vmplanner.ui.forms import Form, Row, Subject, row
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.names import breakable, shortened
from vmplanner.ui.shared_form import SharedForm, Subjects

_KINDS = ((GroupKind.RACK, "Rack"), (GroupKind.SITE, "Site"))
# Buttons don't wrap.
MOST_ON_BUTTON = 22
_NOWHERE = ("", "No rack or site")


class PlaceOfHosts(SharedForm):
    """In which rack or site some hosts lie."""

    def __init__(self, document: Document, host_ids: Callable[[], Sequence[str]]) -> None:
        def read() -> list[str]:
            place_of = places.places_of_hosts(document.project).place_of
            return [place_of.get(host_id, "") for host_id in host_ids()]

        def replaced(after: Sequence[str], _what: str) -> Change:
            return places.move_into(document.project, {}, frozenset(host_ids()), after[0] or None)

        choices = [_NOWHERE, *_named(document.project)]
        field = ChoiceField("Rack or site", choices, "Where it is; on the canvas it lies in that box")
        rows = [Row("Lies in", field, lambda place_id: place_id, lambda _before, place_id: place_id)]
        super().__init__(document, Subjects(read, str, replaced), rows)


class PlaceForm(QWidget):
    """One rack or site. `show_place` shows another one, by its id."""

    def __init__(self, document: Document, place_id: str, opened: set[str], show_place: Callable[[str], None]) -> None:
        super().__init__()
        self._document = document
        self._place_id = place_id
        project, group = document.project, document.project.groups[place_id]
        self._form = Form(
            document,
            Subject(self._read, self._replaced),
            [
                row("Name", "name", TextField("Name of the place")),
                row("Kind", "kind", ChoiceField("Kind of place", _KINDS, "Limits may count the moves of each of them")),
                row("Lies in", "parent_id", ChoiceField("Part of", _parents(project, [place_id]), _PART_OF)),
                row("Drawn as", "is_collapsed", _collapsed()),
            ],
        )
        self._totals = WrappedLabel()
        self._totals.setProperty("role", "muted")
        self._bar = _UseBar()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        for widget in (self._form, self._bar, self._totals):
            layout.addWidget(widget)
        inner = sorted((each for each in project.groups.values() if each.parent_id == place_id), key=lambda g: g.name)
        around = project.groups.get(group.parent_id or "")
        for other in (*([around] if around else []), *inner):
            button = QPushButton(f"Show {shortened(other.name, MOST_ON_BUTTON)}")
            where = "The rack or site that it lies in" if other is around else "It lies in this one"
            button.setToolTip(f"{where}: {breakable(other.name)}")
            button.clicked.connect(lambda _checked=False, other_id=other.id: show_place(other_id))
            layout.addWidget(button)
        self._members = _Members(document, place_id, opened)
        layout.addWidget(self._members)
        remove = QPushButton("Dissolve")
        remove.setToolTip("Remove it; what lies in it stays in the drawing")
        remove.clicked.connect(lambda: document.push(edits.delete(document.project, [place_id])))
        layout.addWidget(remove)
        self.refresh()

    def refresh(self) -> None:
        """Follow the document."""
        project = self._document.project
        if self._place_id not in project.groups:
            return
        self._form.refresh()
        self._members.refresh()
        host_ids = set(project.hosts_in([self._place_id]))
        used, total, machines = use_of(project, host_ids)
        self._bar.show_use(used, total)
        told = f"{edits.count(len(host_ids), 'host')} · {edits.count(machines, 'VM')}"
        self._totals.show_text(f"{told}\n{memory_told(project, host_ids)}")

    def _read(self) -> Group | None:
        return self._document.project.groups.get(self._place_id)

    def _replaced(self, after: Group, what: str) -> Change:
        project = self._document.project
        before = project.groups[self._place_id]
        if after.is_collapsed is not before.is_collapsed:
            return places.collapse(project, after.id, after.is_collapsed)
        if after.parent_id != before.parent_id:
            return places.move_place(project, after.id, 0.0, 0.0, after.parent_id)
        return group_edits.change_group(project, before, after, what)


class PlacesForm(SharedForm):
    """What several racks and sites share."""

    def __init__(self, document: Document, place_ids: Sequence[str]) -> None:
        def read() -> list[Group]:
            groups = document.project.groups
            return [groups[place_id] for place_id in place_ids if place_id in groups]

        def replaced(after: Sequence[Any], what: str) -> Change:
            project = document.project
            if what == "drawn as":
                return places.collapse_all(project, place_ids, after[0].is_collapsed)
            if what == "lies in":
                return places.move_places(project, place_ids, after[0].parent_id)
            return edits.replace_all(read(), after, f"Set {what} of {edits.count(len(after), 'place')}")

        rows = [
            row("Kind", "kind", ChoiceField("Kind of place", _KINDS)),
            row("Lies in", "parent_id", ChoiceField("Part of", _parents(document.project, place_ids), _PART_OF)),
            row("Drawn as", "is_collapsed", _collapsed()),
        ]
        super().__init__(document, Subjects(read, lambda group: group.name, replaced), rows)


class _Members(Folded):
    """The hosts of a place itself, in a list that is built when it is opened."""

    def __init__(self, document: Document, place_id: str, opened: set[str]) -> None:
        super().__init__("Hosts in it", opened, "Those that lie in it themselves, not in a rack of it")
        self._document = document
        self._place_id = place_id
        self._list: CheckListField | None = None
        self.toggled.connect(lambda _is_open: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        project = self._document.project
        member_ids = project.groups[self._place_id].member_ids
        names = [shortened(host.name, MOST_ON_BUTTON) for i in member_ids[:4] if (host := project.hosts.get(i))]
        more = f" and {edits.count(len(member_ids) - 3, 'more', 'more')}" if len(member_ids) > 4 else ""
        inner = len(project.hosts_in([self._place_id])) - len(member_ids)
        own = ", ".join(names[:3] if more else names) + more
        in_racks = f"{inner} in its racks" if inner else ""
        self.tell(f"{own}, and {in_racks}" if own and inner else own or in_racks or "None")
        if self._list is None and self.is_open:
            self._list = CheckListField("Hosts of the place", _host_choices(project), member_ids)
            self._list.entered.connect(self._enter)
            self.body.addWidget(self._list)
        elif self._list is not None and self._list.value != member_ids:
            self._list.show_value(member_ids)

    def _enter(self, host_ids: tuple[str, ...]) -> None:
        self._document.push(places.set_hosts(self._document.project, self._place_id, host_ids))


class _UseBar(QWidget):
    """How much of the memory is used."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(8)
        self._share = 0.0

    def show_use(self, used_bytes: int, total_bytes: int) -> None:
        self._share = used_bytes / total_bytes if total_bytes else 0.0
        self.setAccessibleName(f"Memory used: {self._share:.0%}")
        self.setToolTip(f"{self._share:.0%} of the memory is used")
        self.setVisible(bool(total_bytes))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_use(painter, QRectF(self.rect()), self._share)
        painter.end()


_PART_OF = "The site or rack that all of it belongs to as well"


def _collapsed() -> CheckField:
    return CheckField("Collapsed", "One card", "On the canvas it is one card with totals, and no box around its hosts")


def use_of(project: Project, host_ids: set[str]) -> tuple[int, int, int]:
    """The memory that VMs use on some hosts, that of the hosts (bytes), and the number of VMs."""
    there = [machine.memory_bytes for machine in project.machines.values() if machine.host_id in host_ids]
    return sum(there), sum(project.hosts[host_id].memory_bytes for host_id in host_ids), len(there)


def memory_told(project: Project, host_ids: set[str]) -> str:
    """'20 GiB of 128 GiB of memory used, 108 GiB free'."""
    used, total, _ = use_of(project, host_ids)
    rest = f"{BYTES.format(total - used)} free" if used <= total else f"{BYTES.format(used - total)} too much"
    return f"{BYTES.format(used)} of {BYTES.format(total)} of memory used, {rest}"


def _named(project: Project) -> list[tuple[str, str]]:
    """Racks and sites, each below the one that it lies in."""
    found = nested(group for group in project.groups.values() if group.is_place)
    return [(group.id, f"{'    ' * level}{group.name}") for level, group in found]


def _parents(project: Project, place_ids: Sequence[str]) -> list[tuple[str | None, str]]:
    """The places that these may lie in: all but themselves and those in them."""
    parent_of = places.places_of_hosts(project).parent_of
    where = places.Places({}, parent_of)
    inner = {each for each in parent_of if not set(place_ids).isdisjoint(where.around(each))} | {*place_ids}
    return [(None, "No other place"), *((i, name) for i, name in _named(project) if i not in inner)]


def _host_choices(project: Project) -> list[Choice]:
    """All hosts, with the places that they lie in."""
    place_of = places.places_of_hosts(project).place_of
    by_name = sorted(project.hosts.values(), key=lambda host: host.name)
    return [Choice(h.id, h.name, project.groups[place_of[h.id]].name if h.id in place_of else "") for h in by_name]
