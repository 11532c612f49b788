"""The panel on the right: everything there is to know and to edit about what is selected."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from vmplanner.domain import edits, places
from vmplanner.domain.machines import Piece, VirtualMachine
from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Change, Project, Thing
from vmplanner.domain.quantities import BYTES
from vmplanner.domain.topology import Host, Link, Storage, Switch
from vmplanner.simulation.policies import POLICIES
from vmplanner.ui.chosen import Chosen
from vmplanner.ui.document import Document
from vmplanner.ui.fields import Field, TextField
from vmplanner.ui.forms import Form, Row, Subject, focus_named, focused_name, row
from vmplanner.ui.glossary import meaning
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.migration_form import MigrationForm
from vmplanner.ui.names import breakable, shortened
from vmplanner.ui.opener import Opener
from vmplanner.ui.place_form import MOST_ON_BUTTON, PlaceForm, PlaceOfHosts, PlacesForm, memory_told
from vmplanner.ui.platform_forms import AccessForm, HostPlatformForm, NeedsForm
from vmplanner.ui.policy_form import PolicyForm
from vmplanner.ui.profile_editor import ProfileEditor
from vmplanner.ui.profile_library import ProfileLibrary
from vmplanner.ui.project_summary import ProjectSummary
from vmplanner.ui.selection import Selection
from vmplanner.ui.several_form import SeveralForm, frame_of_several
from vmplanner.ui.shown_frames import excluded_move, frame_of, frame_of_place, subject_of
from vmplanner.ui.thing_rows import host_rows, link_rows, machine_rows, storage_rows


class Part(Protocol):
    """What the inspector shows: a widget that can follow the document."""

    def refresh(self) -> None: ...


class Inspector(QScrollArea):
    """Shows one form for one thing, one for all that several share, that of a rack or a site whose things are
    selected, and the project for none.
    """

    def __init__(self, document: Document, selection: Selection, library: ProfileLibrary) -> None:
        super().__init__()
        self.setAccessibleName("Inspector")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._document = document
        self._selection = selection
        self._library = library
        self._chosen = Chosen(document, selection)
        self._asked_place: str | None = None
        self._place_ids: list[str] = []
        self._shown_id: str | None = None
        self._frame: tuple[object, ...] = ()
        self._parts: list[Part] = []
        self._opened: set[str] = set()
        self._policies_before: dict[str, Host] = {}
        self._measured: dict[tuple[str, str], Piece] = {}
        document.replaced.connect(self._measured.clear)
        self._is_read_only = False
        selection.changed.connect(self._policies_before.clear)
        selection.changed.connect(self._select)
        document.changed.connect(self._follow)
        document.replaced.connect(self._rebuild)
        document.runs_changed.connect(lambda: None if selection.ids else self._rebuild())
        self._rebuild()

    def set_read_only(self, is_read_only: bool) -> None:
        """While the drawing is a preview nothing can be edited."""
        if is_read_only != self._is_read_only:
            self._is_read_only = is_read_only
            self._rebuild()

    def _select(self, ids: frozenset[str]) -> None:
        """A form for several things is kept where others are selected that it fits as well."""
        if self._asked_place is not None and ids != self._nodes_in(self._asked_place):
            self._asked_place = None
        if len(ids) > 1 and self._frame == self._wanted_frame():
            self._refresh()
        else:
            self._rebuild()

    def _show_place(self, place_id: str) -> None:
        """Show a rack or a site; what lies in it is selected."""
        self._asked_place = place_id
        ids = self._nodes_in(place_id)
        if ids == self._selection.ids:
            self._rebuild()
        else:
            self._selection.select(ids)

    def _nodes_in(self, place_id: str) -> frozenset[str]:
        project = self._document.project
        return frozenset(places.nodes_in(project, place_id)) if place_id in project.groups else frozenset()

    def _follow(self, change: Change) -> None:
        """Keep the form where it still fits; build another when other fields or choices are needed. What a person looks
        at stays where it is.
        """
        if len(self._place_ids) == 1 and change.touched("groups"):
            nodes = self._nodes_in(self._place_ids[0])
            if nodes and nodes != self._selection.ids:
                self._asked_place = self._place_ids[0]
                self._selection.select(nodes)  # the place is what is looked at, whatever lies in it now
                return
        above_px = self.verticalScrollBar().value()
        if self._frame and self._frame == self._wanted_frame():
            self._refresh()
        else:
            name = focused_name(self)
            self._rebuild()
            focus_named(self, name)
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        self.verticalScrollBar().setValue(above_px)

    def _refresh(self) -> None:
        for part in self._parts:
            part.refresh()
        self._lock()

    def _wanted_frame(self) -> tuple[object, ...]:
        """What decides which fields and choices there are to be; empty where nothing can be kept."""
        project, ids = self._document.project, self._selection.ids
        if len(ids) == 1 and self._asked_place is None:
            return frame_of(project, next(iter(ids)))
        if not ids:
            return ()
        shown = self._shown_places()
        about = tuple((i, *frame_of_place(project, i)) for i in shown)
        return about, frame_of_several(project, self._chosen, only_hosts=len(shown) == 1)

    def _shown_places(self) -> list[str]:
        project, ids = self._document.project, self._selection.ids
        if self._asked_place is not None and self._asked_place in project.groups:
            return [self._asked_place]
        return places.selected_places(project, ids) if len(ids) > 1 else []

    def _rebuild(self) -> None:
        project, ids = self._document.project, self._selection.ids
        self._parts = []
        self._place_ids = self._shown_places()
        body = QWidget()
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(16, 14, 16, 16)
        self._layout.setSpacing(10)
        self._shown_id = next(iter(ids)) if len(ids) == 1 and not self._place_ids else None
        self._frame = self._wanted_frame()
        thing = subject_of(project, self._shown_id) if self._shown_id else None
        match thing:
            case Host():
                self._show_host(thing)
            case Switch():
                self._show_switch(thing)
            case Storage():
                self._show_storage(thing)
            case Link():
                self._show_link(thing)
            case VirtualMachine():
                self._show_machine(thing)
            case Migration():
                self._show_migration(thing)
            case _ if self._shown_id and (move := excluded_move(project, self._shown_id)):
                self._show_excluded(move)
            case _:
                self._show_several() if self._chosen.by_kind and ids else self._show_project()
        self._layout.addStretch(1)
        if self._is_read_only:
            note = WrappedLabel("Preview, read-only. Go back to now to edit.")
            note.setProperty("role", "warn")
            self._layout.insertWidget(0, note)
        if (old := self.takeWidget()) is not None:
            old.deleteLater()  # not at once: one of its buttons or fields may be what asked for this
        self.setWidget(body)
        for opener in body.findChildren(Opener):
            opener.toggled.connect(self._lock)
        self._lock()

    def _lock(self) -> None:
        """In a preview all can be read, opened and copied, and nothing changed."""
        body = self.widget()
        if not self._is_read_only or body is None:
            return
        for field in body.findChildren(Field):
            field.lock()
        for button in body.findChildren(QPushButton):
            button.setEnabled(False)

    def _show_host(self, host: Host) -> None:
        self._head("Host", lambda: self._name_of(host.id))
        self._form(
            self._subject(host),
            row("Name", "name", TextField("Host name")),
            *host_rows(),
        )
        self._show_part(PlaceOfHosts(self._document, lambda: [host.id]))
        self._note(f"Migrates as {POLICIES[host.policy].describes}.")
        before = self._policies_before.get(host.id)
        if before is not None and before.policy_values and not host.policy_values:
            lost = edits.count(len(before.policy_values), "value")
            self._note(f"{lost} set for {before.policy.label} dropped. Undo brings the hypervisor and them back.")
        subject = self._subject(host)
        self._show_part(PolicyForm(self._document, subject, self._opened))
        self._show_part(HostPlatformForm(self._document, subject, self._opened))
        self._show_part(AccessForm(self._document, subject, self._opened))
        self._memory_note({host.id})
        home = places.places_of_hosts(self._document.project).place_of.get(host.id)
        if home is not None:
            self._place_button(home)
        self._delete_button("Delete host")

    def _show_switch(self, switch: Switch) -> None:
        self._head("Switch", lambda: self._name_of(switch.id))
        self._form(self._subject(switch), row("Name", "name", TextField("Switch name")))
        self._delete_button("Delete switch")

    def _show_storage(self, storage: Storage) -> None:
        self._head("Storage", lambda: self._name_of(storage.id))
        self._form(self._subject(storage), row("Name", "name", TextField("Storage name")), *storage_rows())
        self._show_part(_LiveLabel(lambda: _disks_on(self._document.project, storage.id), role="muted"))
        self._note("The hosts that links lead to it from reach it, over switches or not.")
        self._delete_button("Delete storage")

    def _show_link(self, link: Link) -> None:
        self._head("Link", lambda: f"{self._name_of(link.end_a_id)} - {self._name_of(link.end_b_id)}")
        self._form(self._subject(link), *link_rows())
        self._delete_button("Delete link")

    def _show_machine(self, machine: VirtualMachine) -> None:
        project = self._document.project
        self._head("Virtual machine", lambda: self._name_of(machine.id))
        self._form(self._subject(machine), row("Name", "name", TextField("VM name")), *machine_rows(project))
        migration = project.plan.migration_of(machine.id)
        if migration is not None:
            self._section("Planned move")
            self._migration_form(migration)
        self._section("Application data", meaning("profile", "piece of data"))
        self._show_part(ProfileEditor(self._document, machine.id, self._library, self._measured))
        self._show_part(NeedsForm(self._document, self._subject(machine), self._opened))
        self._delete_button("Delete VM")

    def _show_migration(self, migration: Migration) -> None:
        machine = self._document.project.machines[migration.vm_id]
        self._head("Planned move", lambda: self._name_of(machine.id))
        self._note(f"From {self._document.project.hosts[machine.host_id].name}")
        self._migration_form(migration)

    def _show_excluded(self, migration: Migration) -> None:
        self._head("Excluded move", lambda: self._name_of(migration.vm_id))
        target = self._document.project.hosts[migration.target_id].name
        self._note(f"Its move to {target} is left out of the plan. Include it again on the page Plan.")

    def _migration_form(self, migration: Migration) -> None:
        self._show_part(MigrationForm(self._document, migration.id, self._migration_subject(migration)))

    def _show_several(self) -> None:
        is_place = len(self._place_ids) == 1
        if is_place:
            place = self._document.project.groups[self._place_ids[0]]
            self._head(place.kind.value, lambda: self._name_of(place.id))
            self._show_part(PlaceForm(self._document, place.id, self._opened, self._show_place))
            self._section("All hosts in it")
        else:
            self._head("Selection", lambda: self._chosen.told)
        if len(self._place_ids) > 1:
            self._section(edits.count(len(self._place_ids), "place"))
            self._show_part(PlacesForm(self._document, self._place_ids))
            self._section("What is in them")
        library, opened = self._library, self._opened
        several = SeveralForm(self._document, self._selection, self._chosen, library, opened, only_hosts=is_place)
        self._show_part(several)
        self._delete_button("Delete all that is in it" if is_place else "Delete all")

    def _show_project(self) -> None:
        project = self._document.project
        self._head("Project", lambda: project.name)
        self._layout.addWidget(ProjectSummary(project))

    def _name_of(self, thing_id: str) -> str:
        return getattr(self._document.project.thing(thing_id), "name", "")

    def _head(self, kind: str, read_name: Callable[[], str]) -> None:
        self._section(kind)
        self._show_part(_LiveLabel(read_name, role="title"))

    def _section(self, text: str, tip: str = "") -> None:
        label = QLabel(text.upper())
        label.setProperty("role", "section")
        label.setToolTip(tip)
        self._layout.addWidget(label)

    def _note(self, text: str) -> None:
        label = WrappedLabel(text)
        label.setProperty("role", "muted")
        self._layout.addWidget(label)

    def _memory_note(self, host_ids: set[str]) -> None:
        def told() -> str:
            project = self._document.project
            return memory_told(project, host_ids) if host_ids <= project.hosts.keys() else ""

        self._show_part(_LiveLabel(told, role="muted"))

    def _place_button(self, place_id: str) -> None:
        name = self._document.project.groups[place_id].name
        button = QPushButton(f"Show {shortened(name, MOST_ON_BUTTON)}")
        button.setToolTip(f"The rack or site that it lies in: {breakable(name)}")
        button.clicked.connect(lambda: self._show_place(place_id))
        self._layout.addWidget(button)

    def _form(self, subject: Subject, *rows: Row) -> None:
        self._show_part(Form(self._document, subject, list(rows)))

    def _show_part(self, part: Part) -> None:
        assert isinstance(part, QWidget)
        self._parts.append(part)
        self._layout.addWidget(part)

    def _delete_button(self, text: str) -> None:
        button = QPushButton(text)
        button.setProperty("role", "danger")
        button.setToolTip(f"{text}  (Del)")
        button.clicked.connect(lambda: self._document.push(edits.delete(self._document.project, self._selection.ids)))
        self._layout.addWidget(button)

    def _subject(self, thing: Thing) -> Subject:
        def read() -> Thing | None:
            return self._document.project.thing(thing.id)

        def replaced(after: Thing, what: str) -> Change:
            before = read()
            assert before is not None
            project = self._document.project
            if (
                isinstance(after, VirtualMachine)
                and isinstance(before, VirtualMachine)
                and after.host_id != before.host_id
            ):
                return edits.place_machines(project, [after.id], after.host_id)
            if isinstance(after, Host) and isinstance(before, Host) and after.policy is not before.policy:
                self._policies_before[after.id] = before
                return edits.change_policy(before, after)
            name = getattr(before, "name", "link")
            return edits.replace(before, after, f"Change {what} of {name}")

        return Subject(read, replaced)

    def _migration_subject(self, migration: Migration) -> Subject:
        def read() -> Migration | None:
            return self._document.project.move(migration.id)

        def replaced(after: Migration, what: str) -> Change:
            project = self._document.project
            name = project.machines[after.vm_id].name
            return edits.replace(project.plan, project.plan.replaced(after), f"Change {what} of the move of {name}")

        return Subject(read, replaced)


class _LiveLabel(WrappedLabel):
    """Text that follows what it tells of."""

    def __init__(self, read: Callable[[], str], *, role: str) -> None:
        super().__init__(shortens=True)
        self.setProperty("role", role)
        self._read = read
        self.refresh()

    def refresh(self) -> None:
        self.show_text(self._read())


def _disks_on(project: Project, storage_id: str) -> str:
    """'14 disks of 9 VMs: 1.5 TiB'."""
    disks = [
        (machine.id, disk)
        for machine in project.machines.values()
        for disk in machine.needs.disks
        if disk.storage_id == storage_id
    ]
    if not disks:
        return "No VM has a disk on it"
    machines = edits.count(len({machine_id for machine_id, _disk in disks}), "VM")
    return f"{edits.count(len(disks), 'disk')} of {machines}: {BYTES.format(sum(disk.size_bytes for _, disk in disks))}"
