"""The page of groups: sites, racks and others in a list, and what belongs to the one that is picked."""

from collections.abc import Iterator

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain import edits, group_edits
from vmplanner.domain.edits import count
from vmplanner.domain.groups import Group, GroupKind, nested
from vmplanner.domain.project import Change, Project
from vmplanner.ui.check_list import CheckListField, Choice
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.rule_kinds import host_choices, vm_choices
from vmplanner.ui.document import Document
from vmplanner.ui.enabling import set_enabled
from vmplanner.ui.fields import ChoiceField, Field, TextField
from vmplanner.ui.forms import Form, Row, Subject, row
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.named_list import Entry, NamedList
from vmplanner.ui.selection import Selection

_NOTHING = (
    "A group gives hosts or VMs a name of their own, such as a rack, a site or the servers of a shop. "
    "Rules, limits and plans can name it in their place."
)
_ALL = 1000  # the stretch of what takes the room before the empty rest gets any
_KINDS = ((GroupKind.GROUP, "Group"), (GroupKind.RACK, "Rack"), (GroupKind.SITE, "Site"))


class GroupsPage(QWidget):
    """Each change is one step of the document's undo stack."""

    def __init__(self, document: Document, selection: Selection) -> None:
        super().__init__()
        self._document = document
        self._selection = selection
        self._form: Form | None = None
        self._frame: tuple[object, ...] = ()
        self.list = NamedList("Groups")
        self._add = QPushButton("Add group")
        self._add.clicked.connect(lambda: self._push_new(group_edits.add_group(document.project)))
        self._from_selection = QPushButton("From selection")
        self._from_selection.clicked.connect(
            lambda: self._push_new(group_edits.group_of(document.project, selection.ids))
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._add)
        buttons.addWidget(self._from_selection)
        buttons.addStretch(1)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        left.addLayout(buttons)
        self._hint = WrappedLabel()
        self._hint.setProperty("role", "muted")
        self._uses = WrappedLabel()
        self._uses.setProperty("role", "muted")
        self._remove = QPushButton("Remove group")
        self._remove.setProperty("role", "danger")
        self._remove.clicked.connect(self._remove_picked)
        self._right = QVBoxLayout()
        self._right.setSpacing(10)
        self._right.addWidget(self._hint)
        self._right.addStretch(1)
        self._right.addWidget(self._uses)
        last = QHBoxLayout()
        last.addWidget(self._remove)
        last.addStretch(1)
        self._right.addLayout(last)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(20)
        layout.addLayout(left, 2)
        layout.addLayout(self._right, 3)
        self.list.picked.connect(lambda _id: self._show_picked())
        selection.changed.connect(lambda _ids: self._offer_selection())
        self.refresh()

    def refresh(self) -> None:
        """Follow the document."""
        self.list.fill(_entries(self._document.project))
        self._offer_selection()

    def _offer_selection(self) -> None:
        project, ids = self._document.project, self._selection.ids
        hosts, vms = len(ids & project.hosts.keys()), len(ids & project.machines.keys())
        told = " and ".join([count(number, one) for number, one in ((hosts, "host"), (vms, "VM")) if number])
        set_enabled(self._from_selection, bool(told), refuge=self.list)
        tip = f"Add a group of the {told} selected" if told else "Select hosts or VMs in the drawing first"
        self._from_selection.setToolTip(tip)

    def _show_picked(self) -> None:
        """The form of the picked group; it is built anew only where it needs other fields or choices."""
        project = self._document.project
        group = project.groups.get(self.list.shown_id)
        self._hint.setVisible(group is None)
        self._hint.show_text(_NOTHING)
        self._uses.setVisible(group is not None)
        self._remove.setVisible(group is not None)
        if group is None:
            self._drop_form()
            return
        parents, members = _parents(project, group), _members(project, group)
        frame = (group.id, parents, members)
        if self._form is None or frame != self._frame:
            keyboard = self.focusWidget() if self._frame[:1] == frame[:1] else None
            self._drop_form()
            self._frame = frame
            self._form = Form(self._document, self._subject(group.id), _rows(group, parents, members))
            self._right.insertWidget(0, self._form, _ALL)
            for field in self._form.findChildren(Field):
                if keyboard is not None and field.editor.accessibleName() == keyboard.accessibleName():
                    field.setFocus()
        self._form.refresh()
        self._uses.show_text("\n".join(f"{use}." for use in group_edits.uses(project, group.id)))

    def _drop_form(self) -> None:
        if self._form is not None:
            self._right.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()  # not at once: one of its fields may be what asked for this
            self._form = None

    def _subject(self, group_id: str) -> Subject:
        def replaced(after: Group, what: str) -> Change:
            project = self._document.project
            return group_edits.change_group(project, project.groups[group_id], after, what)

        return Subject(lambda: self._document.project.groups.get(group_id), replaced)

    def _push_new(self, change: Change) -> None:
        self._document.push(change)
        self.list.fill(_entries(self._document.project), pick=change.edits[0].thing.id)
        if self._form is not None:
            self._form.setFocus()

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
