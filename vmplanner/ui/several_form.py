"""What the inspector shows of several things: a form of what they share where they are of one kind; else how many there
are of each, and what can be done with them all.
"""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve, fields
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from vmplanner.domain import edits, group_edits, places
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Options, Technique
from vmplanner.domain.project import Change, Project
from vmplanner.domain.quantities import BYTES
from vmplanner.domain.topology import Host, PolicyName, PolicyValues
from vmplanner.simulation.policies import POLICIES
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.policy_values import fitting, policy_of, values_of
from vmplanner.ui.chosen import HOSTS, LINKS, MACHINES, MOVES, STORAGES, Chosen, Kind
from vmplanner.ui.document import Document
from vmplanner.ui.fields import ChoiceField
from vmplanner.ui.folded import Folded
from vmplanner.ui.forms import Form, Row
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.migration_form import basic_move_rows, move_rows
from vmplanner.ui.place_form import PlaceOfHosts, memory_told
from vmplanner.ui.platform_forms import host_rows as platform_rows
from vmplanner.ui.platform_forms import needs_rows
from vmplanner.ui.policy_form import value_row
from vmplanner.ui.profile_library import ProfileLibrary
from vmplanner.ui.selection import Selection
from vmplanner.ui.shared_form import SharedForm, Subjects
from vmplanner.ui.thing_rows import host_choices, host_rows, link_rows, machine_rows, storage_rows


def frame_of_several(project: Project, chosen: Chosen, *, only_hosts: bool) -> tuple[object, ...]:
    """What decides which fields and choices the form for the chosen things has."""
    kinds = tuple(chosen.by_kind)
    if len(kinds) > 1 and not only_hosts:
        return kinds, tuple(map(len, chosen.by_kind.values())), bool(_moves_of_machines(project, chosen.of(MACHINES)))
    hosts, machines = chosen.of(HOSTS), chosen.of(MACHINES)
    about_hosts = (frozenset(host.policy for host in hosts), tuple(project.groups.values())) if hosts else ()
    names = tuple(host_choices(project)) if machines or MOVES in kinds else ()
    moves = _moves_of_machines(project, machines) or chosen.of(MOVES)
    return kinds, about_hosts, names, _common_profile(machines), _ways(project, moves)


class SeveralForm(QWidget):
    """Follows the selection for as long as `frame_of_several` is the same."""

    def __init__(
        self,
        document: Document,
        selection: Selection,
        chosen: Chosen,
        library: ProfileLibrary,
        opened: set[str],
        *,
        only_hosts: bool = False,
    ) -> None:
        """With `only_hosts` it is about the hosts of a place, whatever else lies there."""
        super().__init__()
        self._document = document
        self._selection = selection
        self._chosen = chosen
        self._library = library
        self._opened = opened
        self._parts: list[SharedForm | FoldedForm | _Sums] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        if only_hosts:
            self._show_hosts()
            return
        kinds = tuple(chosen.by_kind)
        sums = _Sums(document, chosen)
        self._show(sums)
        sums.refresh()
        if len(kinds) == 1:
            self._show_forms(kinds[0])
        else:
            self._show_kinds(kinds)
        self._show_actions(kinds)

    def refresh(self) -> None:
        """Follow the document and the selection."""
        for part in self._parts:
            part.refresh()

    # Things of one kind

    def _show_forms(self, kind: Kind) -> None:
        if kind is HOSTS:
            self._show_hosts()
        elif kind is MACHINES:
            self._show_machines()
        elif kind is LINKS:
            self._form(link_rows(), self._subjects(LINKS))
        elif kind is STORAGES:
            self._form(storage_rows(), self._subjects(STORAGES))
        elif kind is MOVES:
            self._show(self._moves_form(lambda: self._chosen.of(MOVES)))

    def _show_hosts(self) -> None:
        hosts = self._subjects(HOSTS, self._changed_hosts)
        self._form(host_rows(), hosts)
        self._show(PlaceOfHosts(self._document, lambda: [host.id for host in self._chosen.of(HOSTS)]))
        [policy, *others] = {host.policy for host in self._chosen.of(HOSTS)}
        if not others:
            self._fold("Policy values", f"For all of them, by {policy.label}", lambda: _policy_rows(policy), hosts)
        self._fold("Platform", "CPU, networks, pages and limits", platform_rows, hosts)

    def _show_machines(self) -> None:
        project = self._document.project
        machines = self._subjects(MACHINES, self._changed_machines)
        self._form([*machine_rows(project), self._profile_row()], machines)
        if moves := _moves_of_machines(project, self._chosen.of(MACHINES)):
            told = f"Target, technique and limits of {edits.count(len(moves), 'move')}"
            fold = FoldedForm("Planned moves", told, self._opened, lambda: self._moves_form(self._moves_of_chosen))
            self._show(fold)
        self._fold("What they need", "Machine type, CPU, networks and pages", needs_rows, machines)

    def _profile_row(self) -> Row:
        own = _common_profile(self._chosen.of(MACHINES))
        field = ChoiceField("Profile", self._library.choices(own), "Fill the VMs with the data of an application")

        def written(machine: VirtualMachine, name: str) -> VirtualMachine:
            template = self._library.find(name)
            if template is None:
                return machine
            return evolve(machine, profile=template.profile_for(machine.memory_bytes))

        return Row("Profile", field, lambda machine: machine.profile.name, written)

    def _moves_of_chosen(self) -> tuple[Migration, ...]:
        return _moves_of_machines(self._document.project, self._chosen.of(MACHINES))

    def _moves_form(self, read: Callable[[], Sequence[Migration]]) -> SharedForm:
        """The fields that moves share; those of their options only where all are made in one way."""
        project, moves = self._document.project, read()

        def replaced(after: Sequence[Any], what: str) -> Change:
            return _changed_moves(self._document.project, read(), after, what)

        def called(move: Migration) -> str:
            return self._document.project.machines[move.vm_id].name

        ways = _ways(project, moves)
        if len(ways) == 1:
            [(technique, policy, options)] = ways
            like = Migration("any", "any", "any", technique, options=options)
            rows = move_rows(host_choices(project), like, policy)
        else:
            lacking = {
                t: f"{policy.name.label} has no {t.value}"
                for t in Technique
                for _, policy, _ in ways
                if t not in policy.offers
            }
            rows = basic_move_rows(host_choices(project), lacking)
        return SharedForm(self._document, Subjects(read, called, replaced), rows)

    def _changed_hosts(self, before: Sequence[Host], after: Sequence[Host], what: str) -> Change:
        if any(old.policy is not new.policy for old, new in zip(before, after, strict=True)):
            return edits.change_policies(before, after)
        return edits.replace_all(before, after, f"Set {what} of {HOSTS.count(len(before))}")

    def _changed_machines(self, before: Sequence[VirtualMachine], after: Sequence[VirtualMachine], what: str) -> Change:
        if any(old.host_id != new.host_id for old, new in zip(before, after, strict=True)):
            return edits.place_machines(self._document.project, [each.id for each in after], after[0].host_id)
        told = MACHINES.count(len(before))
        if any(old.profile is not new.profile for old, new in zip(before, after, strict=True)):
            return edits.replace_all(before, after, f"Give {told} the profile {after[0].profile.name}")
        return edits.replace_all(before, after, f"Set {what} of {told}")

    # Things of several kinds

    def _show_kinds(self, kinds: Sequence[Kind]) -> None:
        self._note("Things of different kinds have no fields in common. Choose one kind to edit:")
        for kind in kinds:
            number = len(self._chosen.of(kind))
            button = QPushButton(f"Only the {kind.count(number) if number > 1 else kind.one}")
            button.setToolTip(f"Keep only the {kind.many} selected")
            button.clicked.connect(
                lambda _checked=False, kind=kind: self._selection.select(each.id for each in self._chosen.of(kind))
            )
            self._layout.addWidget(button)

    def _show_actions(self, kinds: Sequence[Kind]) -> None:
        """What can be done with all of them."""
        if HOSTS in kinds:
            self._action("Make a rack", "A rack of the selected hosts", group_edits.make_rack)
            self._action("Make a site", "A site of the selected hosts, with the racks that they fill", places.make_site)
        if HOSTS in kinds or MACHINES in kinds:
            tip = "Give the selected hosts and VMs a name of their own, for rules and plans"
            self._action("Make a group", tip, group_edits.group_of)
        if MOVES in kinds or _moves_of_machines(self._document.project, self._chosen.of(MACHINES)):
            self._action("Remove planned moves", "Let the VMs stay where they are", self._without_moves)

    def _action(self, text: str, tip: str, act: Callable[[Project, frozenset[str]], Change]) -> None:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda: self._document.push(act(self._document.project, self._selection.ids)))
        self._layout.addWidget(button)

    def _without_moves(self, project: Project, _ids: frozenset[str]) -> Change:
        moves = (*self._chosen.of(MOVES), *_moves_of_machines(project, self._chosen.of(MACHINES)))
        return edits.delete(project, {move.id for move in moves})

    # Parts

    def _subjects(
        self, kind: Kind, changed: Callable[[Sequence[Any], Sequence[Any], str], Change] | None = None
    ) -> Subjects:
        def replaced(after: Sequence[Any], what: str) -> Change:
            before = self._chosen.of(kind)
            if changed is not None:
                return changed(before, after, what)
            return edits.replace_all(before, after, f"Set {what} of {kind.count(len(before))}")

        return Subjects(lambda: self._chosen.of(kind), self._called, replaced)

    def _called(self, thing: Any) -> str:
        if hasattr(thing, "name"):
            return str(thing.name)
        project = self._document.project
        ends = (project.node(thing.end_a_id), project.node(thing.end_b_id))
        return " - ".join(end.name for end in ends if end is not None)

    def _form(self, rows: list[Row], subjects: Subjects) -> None:
        self._show(SharedForm(self._document, subjects, rows))

    def _fold(self, title: str, told: str, rows: Callable[[], list[Row]], subjects: Subjects) -> None:
        self._show(FoldedForm(title, told, self._opened, lambda: SharedForm(self._document, subjects, rows())))

    def _show(self, part: "SharedForm | FoldedForm | _Sums") -> None:
        self._parts.append(part)
        self._layout.addWidget(part)

    def _note(self, text: str) -> None:
        label = WrappedLabel(text)
        label.setProperty("role", "muted")
        self._layout.addWidget(label)


class FoldedForm(Folded):
    """A form that is built when it is opened: its many fields are not waited for by those who don't want them."""

    def __init__(self, title: str, told: str, opened: set[str], build: Callable[[], Form]) -> None:
        super().__init__(title, opened)
        self._build = build
        self._form: Form | None = None
        self.tell(told)
        self.toggled.connect(lambda _is_open: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        if self._form is None and self.is_open:
            self._form = self._build()
            self.body.addWidget(self._form)
        elif self._form is not None:
            self._form.refresh()


class _Sums(WrappedLabel):
    """The memory of what is chosen, all together."""

    def __init__(self, document: Document, chosen: Chosen) -> None:
        super().__init__()
        self.setProperty("role", "muted")
        self._document = document
        self._chosen = chosen

    def refresh(self) -> None:
        """Needs a parent: shown without one it would be a window of its own."""
        hosts, machines = self._chosen.of(HOSTS), self._chosen.of(MACHINES)
        told = []
        if hosts:
            told.append(memory_told(self._document.project, {host.id for host in hosts}))
        if machines:
            told.append(f"{BYTES.format(sum(machine.memory_bytes for machine in machines))} of VM memory")
        self.show_text("\n".join(told))
        self.setVisible(bool(told))


def _common_profile(machines: Sequence[VirtualMachine]) -> str:
    """The profile's name that they all have; "" where they have several."""
    names = {machine.profile.name for machine in machines}
    return names.pop() if len(names) == 1 else ""


def _moves_of_machines(project: Project, machines: Sequence[VirtualMachine]) -> tuple[Migration, ...]:
    """The first planned move of each VM that has one."""
    ids = {machine.id for machine in machines}
    first: dict[str, Migration] = {}
    for migration in project.plan.migrations if ids else ():
        if migration.vm_id in ids:
            first.setdefault(migration.vm_id, migration)
    return tuple(first.values())


def _ways(project: Project, moves: Sequence[Migration]) -> tuple[tuple[Technique, Policy, Options], ...]:
    """How some moves are made: technique and policy of their sources, each with the options that any of them has set.
    What is set in one of them can then be set back in all.
    """
    options: dict[tuple[Technique, PolicyName, PolicyValues], dict[int, Options]] = {}
    for move in moves:
        host = project.hosts[project.machines[move.vm_id].host_id]
        options.setdefault((move.technique, host.policy, host.policy_values), {})[id(move.options)] = move.options
    ways: dict[tuple[Technique, Policy], list[Options]] = {}
    for (technique, name, values), some in options.items():
        policy = policy_of(fitting(Host("any", "any", name, policy_values=values)))
        ways.setdefault((technique, policy), []).extend(dict.fromkeys(some.values()))
    return tuple((technique, policy, _joined(some)) for (technique, policy), some in ways.items())


def _joined(options: Sequence[Options]) -> Options:
    """Of each option the first value that is not the default. As a whole they need not go together."""
    default, found = Options(), {}
    for each in fields(Options):
        usual = getattr(default, each.name)
        values = (getattr(some, each.name) for some in options)
        found[each.name] = next((value for value in values if value != usual), usual)
    return Options(**found)


def _changed_moves(project: Project, before: Sequence[Migration], after: Sequence[Any], what: str) -> Change:
    """A move to the host that its VM is on is left as it is."""
    sources = project.sources_of(project.plan)
    kept = [new for new in after if sources.get(new.id) != new.target_id]
    return edits.replace_moves(project, kept, f"Set {what} of {edits.count(len(before), 'move')}")


def _policy_rows(policy: PolicyName) -> list[Row]:
    return [value_row(value) for value in values_of(POLICIES[policy])]
