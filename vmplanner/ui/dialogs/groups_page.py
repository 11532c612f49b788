"""The page of groups: sites, racks and others in a list, and what belongs to the one that is picked."""

from collections.abc import Iterator

from PySide6.QtWidgets import QPushButton

from vmplanner.domain import edits, group_edits
from vmplanner.domain.edits import count
from vmplanner.domain.groups import Group, GroupKind, nested
from vmplanner.domain.project import Change, Project
from vmplanner.ui.check_list import CheckListField, Choice
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.list_and_form import ListAndForm
from vmplanner.ui.dialogs.rule_kinds import host_choices, vm_choices
from vmplanner.ui.document import Document
from vmplanner.ui.enabling import set_enabled
from vmplanner.ui.fields import ChoiceField, TextField
from vmplanner.ui.forms import Form, Row, Subject, row
from vmplanner.ui.named_list import Entry
from vmplanner.ui.selection import Selection

_NOTHING = (
    "A group gives hosts or VMs a name of their own, such as a rack, a site or the servers of a shop. "
    "Rules, limits and plans can name it in their place."
)
_KINDS = ((GroupKind.GROUP, "Group"), (GroupKind.RACK, "Rack"), (GroupKind.SITE, "Site"))


class GroupsPage(ListAndForm):
    """Each change is one step of the document's undo stack."""

    def __init__(self, document: Document, selection: Selection) -> None:
        add, self._from_selection = QPushButton("Add group"), QPushButton("From selection")
        super().__init__("Groups", (add, self._from_selection), "Remove group")
        self._document = document
        self._selection = selection
        add.clicked.connect(lambda: self._push_new(group_edits.add_group(document.project)))
        self._from_selection.clicked.connect(
            lambda: self._push_new(group_edits.group_of(document.project, selection.ids))
        )
        self.remove.clicked.connect(self._remove_picked)
        self.list.picked.connect(lambda _id: self._show_picked())
        selection.changed.connect(self._offer_selection)
        self.refresh()

    def refresh(self) -> None:
        """Follow the document."""
        self.list.fill(_entries(self._document.project))
        self._offer_selection()

    def _offer_selection(self, _ids: object = None) -> None:
        project, ids = self._document.project, self._selection.ids
        hosts, vms = len(ids & project.hosts.keys()), len(ids & project.machines.keys())
        told = " and ".join([count(number, one) for number, one in ((hosts, "host"), (vms, "VM")) if number])
        set_enabled(self._from_selection, bool(told), refuge=self.list)
        tip = f"Add a group of the {told} selected" if told else "Select hosts or VMs in the drawing first"
        self._from_selection.setToolTip(tip)

    def _show_picked(self) -> None:
        project = self._document.project
        group = project.groups.get(self.list.shown_id)
        if group is None:
            self.drop_form()
            self.tell(_NOTHING, may_remove=False)
            return
        uses = "\n".join(f"{use}." for use in group_edits.uses(project, group.id))
        self.tell("", uses, may_remove=True)
        parents, members = _parents(project, group), _members(project, group)
        self.show_form(
            (group.id, parents, members),
            lambda: Form(self._document, self._subject(group.id), _rows(group, parents, members)),
        )
        assert isinstance(self.form, Form)
        self.form.refresh()

    def _subject(self, group_id: str) -> Subject:
        def replaced(after: Group, what: str) -> Change:
            project = self._document.project
            return group_edits.change_group(project, project.groups[group_id], after, what)

        return Subject(lambda: self._document.project.groups.get(group_id), replaced)

    def _push_new(self, change: Change) -> None:
        self._document.push(change)
        self.list.fill(_entries(self._document.project), pick=change.edits[0].thing.id)
        if self.form is not None:
            self.form.setFocus()

    def _remove_picked(self) -> None:
        """Ask first where rules or other groups would change with it."""
        project = self._document.project
        group = project.groups[self.list.shown_id]
        used = group_edits.uses(project, group.id)
        if not used or messages.may_remove_group(self, group.name, used):
            self._document.push(edits.delete(project, [group.id]))
            self.list.setFocus()


def _entries(project: Project) -> Iterator[Entry]:
    """Groups below those that they are inside."""
    for level, group in nested(project.groups.values()):
        sizes = ((len(project.hosts_in([group.id])), "host"), (len(project.machines_in([group.id])), "VM"))
        told = ", ".join(count(number, one) for number, one in sizes if number) or "nothing in it"
        yield Entry(group.id, group.name, f"{group.kind.value.capitalize()} · {told}", level)


def _parents(project: Project, group: Group) -> tuple[tuple[str | None, str], ...]:
    """The groups that a group may be inside: all but itself and those inside it."""
    below, waiting = {group.id}, [group.id]
    while waiting:
        parent_id = waiting.pop()
        children = [each.id for each in project.groups.values() if each.parent_id == parent_id]
        below.update(children)
        waiting += children
    others = sorted((each for each in project.groups.values() if each.id not in below), key=lambda each: each.name)
    return (None, "No other group"), *((each.id, each.name) for each in others)


def _members(project: Project, group: Group) -> tuple[Choice, ...]:
    """Hosts, and VMs for groups that are no racks or sites."""
    is_place = group.kind in (GroupKind.RACK, GroupKind.SITE)
    things = [*host_choices(project, but=group.id), *vm_choices(project)]
    offered = [each for each in things if each.id not in project.groups]
    return tuple(each for each in offered if not is_place or each.id in project.hosts or each.id in group.member_ids)


def _rows(group: Group, parents: tuple[tuple[str | None, str], ...], members: tuple[Choice, ...]) -> list[Row]:
    return [
        row("Name", "name", TextField("Name of the group")),
        row("Kind", "kind", ChoiceField("Kind of the group", _KINDS, "Limits may count the moves of a rack or a site")),
        row("Inside", "parent_id", ChoiceField("Inside", parents, "The group that all of this one belongs to as well")),
        row("Members", "member_ids", CheckListField("Members of the group", members, group.member_ids)),
    ]
