"""The panel on the right: everything there is to know and to edit about what is selected."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from vmplanner.domain import edits
from vmplanner.domain.machines import Piece, VirtualMachine
from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Change, Project, Thing
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SECONDS, SHARE, TIB
from vmplanner.domain.results import Provenance
from vmplanner.domain.topology import Host, Link, PolicyName, Storage, Switch
from vmplanner.simulation.policies import POLICIES
from vmplanner.store.library import ProfileTemplate
from vmplanner.ui.document import Document
from vmplanner.ui.fields import ChoiceField, QuantityField, TextField, WholeField
from vmplanner.ui.forms import Form, Row, Subject, focus_named, focused_name, row
from vmplanner.ui.glossary import meaning
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.migration_form import MigrationForm
from vmplanner.ui.platform_forms import HostPlatformForm, NeedsForm
from vmplanner.ui.policy_form import PolicyForm
from vmplanner.ui.profile_editor import ProfileEditor
from vmplanner.ui.selection import Selection

# Beyond every machine and cable of today: more can only be a slip of the keys or of the unit.
_MOST_BYTES_PER_S = 1.25e12
_MOST_MEMORY_BYTES = 1024 * TIB
_MOST_STORAGE_BYTES = 1024 * 1024 * TIB


class Part(Protocol):
    """What the inspector shows: a widget that can follow the document."""

    def refresh(self) -> None: ...


class Inspector(QScrollArea):
    """Shows one form for one thing, a summary for several, and the project for none."""

    def __init__(self, document: Document, selection: Selection, templates: tuple[ProfileTemplate, ...]) -> None:
        super().__init__()
        self.setAccessibleName("Inspector")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._document = document
        self._selection = selection
        self._templates = templates
        self._shown_id: str | None = None
        self._frame: tuple[object, ...] = ()
        self._parts: list[Part] = []
        self._opened: set[str] = set()
        self._policies_before: dict[str, Host] = {}
        self._measured: dict[tuple[str, str], Piece] = {}
        document.replaced.connect(self._measured.clear)
        self._is_read_only = False
        selection.changed.connect(self._policies_before.clear)
        selection.changed.connect(self._rebuild)
        document.changed.connect(self._follow)
        document.replaced.connect(self._rebuild)
        document.runs_changed.connect(lambda: None if selection.ids else self._rebuild())
        self._rebuild()

    def set_read_only(self, is_read_only: bool) -> None:
        """While the drawing is a preview nothing can be edited."""
        if is_read_only != self._is_read_only:
            self._is_read_only = is_read_only
            self._rebuild()

    def _follow(self, _change: Change) -> None:
        """Keep the form where it still fits; build another when other fields or choices are needed. What a person looks
        at stays where it is.
        """
        above_px = self.verticalScrollBar().value()
        if self._frame and self._frame == _frame_of(self._document.project, self._shown_id):
            for part in self._parts:
                part.refresh()
        else:
            name = focused_name(self)
            self._rebuild()
            focus_named(self, name)
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        self.verticalScrollBar().setValue(above_px)

    def _rebuild(self) -> None:
        project, ids = self._document.project, self._selection.ids
        self._parts = []
        body = QWidget()
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(16, 14, 16, 16)
        self._layout.setSpacing(10)
        self._shown_id = next(iter(ids)) if len(ids) == 1 else None
        self._frame = _frame_of(project, self._shown_id)
        thing = _subject_of(project, self._shown_id) if self._shown_id else None
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
            case _ if self._shown_id and (move := _excluded(project, self._shown_id)):
                self._show_excluded(move)
            case _:
                self._show_several(ids) if len(ids) > 1 else self._show_project()
        self._layout.addStretch(1)
        if self._is_read_only:
            for part in body.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
                part.setEnabled(False)
            note = WrappedLabel("Preview, read-only. Go back to now to edit.")
            note.setProperty("role", "warn")
            self._layout.insertWidget(0, note)
        if (old := self.takeWidget()) is not None:
            old.deleteLater()  # not at once: one of its buttons or fields may be what asked for this
        self.setWidget(body)

    def _show_host(self, host: Host) -> None:
        self._head("Host", lambda: self._name_of(host.id))
        self._form(
            self._subject(host),
            row("Name", "name", TextField("Host name")),
            row(
                "Hypervisor",
                "policy",
                ChoiceField(
                    "Hypervisor", [(name, name.label) for name in PolicyName], "Whose rules its migrations follow"
                ),
            ),
            row("Memory", "memory_bytes", QuantityField("Host memory", BYTES, whole=True, most=_MOST_MEMORY_BYTES)),
            row("CPU cores", "cores", WholeField("CPU cores")),
        )
        self._note(f"Migrates as {POLICIES[host.policy].describes}.")
        before = self._policies_before.get(host.id)
        if before is not None and before.policy_values and not host.policy_values:
            lost = edits.count(len(before.policy_values), "value")
            self._note(f"{lost} set for {before.policy.label} dropped. Undo brings the hypervisor and them back.")
        subject = self._subject(host)
        self._show_part(PolicyForm(self._document, subject, self._opened))
        self._show_part(HostPlatformForm(self._document, subject, self._opened))
        self._delete_button("Delete host")

    def _show_switch(self, switch: Switch) -> None:
        self._head("Switch", lambda: self._name_of(switch.id))
        self._form(self._subject(switch), row("Name", "name", TextField("Switch name")))
        self._delete_button("Delete switch")

    def _show_storage(self, storage: Storage) -> None:
        self._head("Storage", lambda: self._name_of(storage.id))
        capacity = QuantityField(
            "Capacity",
            BYTES,
            whole=True,
            most=_MOST_STORAGE_BYTES,
            tip="Room for disks of VMs",
        )
        self._form(
            self._subject(storage),
            row("Name", "name", TextField("Storage name")),
            row("Capacity", "capacity_bytes", capacity),
        )
        self._show_part(_LiveLabel(lambda: _disks_on(self._document.project, storage.id), role="muted"))
        self._note("The hosts that links lead to it from reach it, over switches or not.")
        self._delete_button("Delete storage")

    def _show_link(self, link: Link) -> None:
        self._head("Link", lambda: f"{self._name_of(link.end_a_id)} - {self._name_of(link.end_b_id)}")
        self._form(
            self._subject(link),
            row(
                "Bandwidth",
                "bandwidth_bytes_per_s",
                QuantityField(
                    "Bandwidth",
                    BYTES_PER_S,
                    most=_MOST_BYTES_PER_S,
                    tip="What migrations can use of it, in each direction",
                ),
            ),
            row("Latency", "latency_s", QuantityField("Latency", SECONDS, tip="One way")),
            row(
                "Other traffic",
                "background_share",
                QuantityField(
                    "Other traffic", SHARE, tip="The share of the bandwidth that it takes, in each direction"
                ),
            ),
            row(
                "Packet loss",
                "loss_share",
                QuantityField(
                    "Packet loss", SHARE, tip="The share of packets lost; over long ways TCP slows down by it"
                ),
            ),
        )
        self._delete_button("Delete link")

    def _show_machine(self, machine: VirtualMachine) -> None:
        project = self._document.project
        self._head("Virtual machine", lambda: self._name_of(machine.id))
        hosts = sorted(project.hosts.values(), key=lambda host: host.name)
        self._form(
            self._subject(machine),
            row("Name", "name", TextField("VM name")),
            row("Host", "host_id", ChoiceField("Host", [(host.id, host.name) for host in hosts], "Where it is now")),
            row("Memory", "memory_bytes", QuantityField("VM memory", BYTES, whole=True, most=_MOST_MEMORY_BYTES)),
            row("vCPUs", "vcpus", WholeField("vCPUs")),
            row("CPU use", "cpu_use", QuantityField("CPU use", SHARE, tip="The share of its vCPUs' time that it uses")),
        )
        migration = project.plan.migration_of(machine.id)
        if migration is not None:
            self._section("Planned move")
            self._migration_form(migration)
        self._section("Application data", meaning("profile", "piece of data"))
        self._show_part(ProfileEditor(self._document, machine.id, self._templates, self._measured))
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

    def _show_several(self, ids: frozenset[str]) -> None:
        project = self._document.project
        machines = [machine for i in ids if (machine := project.machines.get(i))]
        numbers = (
            (sum(i in project.hosts for i in ids), "host"),
            (sum(i in project.switches for i in ids), "switch"),
            (sum(i in project.storages for i in ids), "storage"),
            (len(machines), "VM"),
            (sum(i in project.links for i in ids), "link"),
            (sum(project.find_plan(i) is not None for i in ids), "planned move"),
        )
        counted = [edits.count(n, one, "switches" if one == "switch" else "") for n, one in numbers if n]
        self._head("Selection", lambda: ", ".join(counted))
        if machines:
            self._note(f"{BYTES.format(sum(machine.memory_bytes for machine in machines))} of VM memory")
        self._delete_button("Delete all")

    def _show_project(self) -> None:
        project = self._document.project
        self._head("Project", lambda: project.name)
        counts = (
            edits.count(len(project.hosts), "host"),
            edits.count(len(project.machines), "VM"),
            edits.count(len(project.plan.migrations), "planned move"),
            edits.count(len(project.runs), "run"),
        )
        self._note(" · ".join(text.replace(" ", "\N{NO-BREAK SPACE}") for text in counts))
        if project.notes:
            self._note(project.notes)
        if project.figures:
            self._section("Published and measured figures")
            self._note(f"{len(project.figures)} figures stand beside the simulated ones on the page Time stacks.")
            for provenance in dict.fromkeys(figure.provenance for figure in project.figures):
                self._note(f"{provenance.value}: {Provenance(provenance).explanation}.")
        if not project.hosts:
            self._note("Select something on the canvas to edit it here.")

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

    def _form(self, subject: Subject, *rows: Row) -> None:
        self._show_part(Form(self._document, subject, list(rows)))

    def _show_part(self, part: Part) -> None:
        assert isinstance(part, QWidget)
        self._parts.append(part)
        self._layout.addWidget(part)

    def _delete_button(self, text: str) -> None:
        button = QPushButton(text)
        button.setProperty("role", "danger")
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
            found = self._document.project.find_plan(migration.id)
            return found[1] if found else None

        def replaced(after: Migration, what: str) -> Change:
            found = self._document.project.find_plan(migration.id)
            assert found is not None
            name = self._document.project.machines[after.vm_id].name
            return edits.replace(found[0], found[0].replaced(after), f"Change {what} of the move of {name}")

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


def _frame_of(project: Project, thing_id: str | None) -> tuple[object, ...]:
    """What decides which fields and choices the form for one thing has; empty for none."""
    thing = _subject_of(project, thing_id) if thing_id else None
    machine = project.machines.get(thing.vm_id) if isinstance(thing, Migration) else thing
    if isinstance(machine, VirtualMachine):
        migration = project.plan.migration_of(machine.id)
        names = tuple((host.id, host.name) for host in project.hosts.values())
        return thing_id, machine.host_id, project.hosts[machine.host_id].policy, migration and migration.id, names
    return (thing_id, getattr(thing, "policy", None)) if thing is not None else ()


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


def _excluded(project: Project, migration_id: str) -> Migration | None:
    return next((move for move in project.plan.excluded if move.id == migration_id), None)


def _subject_of(project: Project, thing_id: str) -> Thing | Migration | None:
    found = project.find_plan(thing_id)
    return found[1] if found else project.thing(thing_id)
