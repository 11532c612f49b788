"""A rule that is about to be added: its kind, and the VMs and hosts that it can't do without."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain import group_edits
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.rules import Rule
from vmplanner.ui.check_list import CheckListField
from vmplanner.ui.dialogs.all_or_some import AllOrSomeField
from vmplanner.ui.dialogs.rule_kinds import KINDS, label, member_field, roles
from vmplanner.ui.dialogs.scrolled import Scrolled
from vmplanner.ui.document import Document
from vmplanner.ui.fields import ChoiceField
from vmplanner.ui.labels import WrappedLabel


class NewRule(QWidget):
    """What is selected is checked at first. `added(str)` has the id of the rule; `given_up()` when none is wanted."""

    added = Signal(str)
    given_up = Signal()

    def __init__(self, document: Document, selected: frozenset[str]) -> None:
        super().__init__()
        self._document = document
        self._selected = selected
        self._kind: type[Rule] = next(iter(KINDS))
        self._lists: dict[str, CheckListField | AllOrSomeField] = {}
        self._choice = ChoiceField("Kind of the rule", [(kind, told.title) for kind, told in KINDS.items()])
        self._choice.entered.connect(self._choose)
        heading = QLabel("NEW RULE")
        heading.setProperty("role", "section")
        self._explanation = WrappedLabel()
        self._explanation.setProperty("role", "muted")
        self._refusal = WrappedLabel()
        self._refusal.setProperty("role", "error")
        add = QPushButton("Add rule")
        add.setProperty("role", "primary")
        add.clicked.connect(self._add)
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.given_up)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(add)
        body = QWidget()
        self._form = QFormLayout(body)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(8)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(heading)
        layout.addWidget(self._choice)
        layout.addWidget(self._explanation)
        layout.addWidget(Scrolled(body), 1)
        layout.addWidget(self._refusal)
        layout.addLayout(buttons)
        self._choose(self._kind)

    def _choose(self, kind: type[Rule]) -> None:
        self._kind = kind
        self._choice.show_value(kind)
        self._explanation.show_text(KINDS[kind].explanation)
        self._refusal.hide()
        while self._form.rowCount():
            self._form.removeRow(0)
        project = self._document.project
        self._lists = {}
        for role in roles(kind):
            known = project.hosts if role == "hosts" else project.machines
            # What is selected is what moves, or waits; what goes first has to be chosen.
            chosen = tuple(i for i in known if i in self._selected and role != "first")
            self._lists[role] = member_field(project, kind, role, chosen)
            caption = QLabel(label(kind, role))
            caption.setProperty("role", "muted")
            self._form.addRow(caption, self._lists[role])

    def _add(self) -> None:
        values = {role: each.value for role, each in self._lists.items()}
        for role, is_needed in roles(self._kind).items():
            field = self._lists[role]
            if isinstance(field, AllOrSomeField):
                field.must_choose()
            else:
                field.refuse("Choose at least one" if is_needed and not values[role] else "")
        if any(each.refusal for each in self._lists.values()):
            return
        try:
            change = group_edits.add_rule(self._document.project, self._kind, **values)
        except InvalidValue as refusal:
            self._refusal.show_text(f"{refusal.field[:1].upper()}{refusal.field[1:]} {refusal.why}")
            self._refusal.show()
            return
        self._document.push(change)
        self.added.emit(change.edits[0].thing.id)
