"""The page of rules: a sentence for each in a list, marked where it is broken now, and the fields of the picked one."""

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain import edits, group_edits
from vmplanner.domain.project import Change, Project
from vmplanner.domain.rule_sentences import sentence
from vmplanner.domain.rules import Rule, members
from vmplanner.planning.broken_rules import broken_rules
from vmplanner.planning.preflight import Severity
from vmplanner.ui.dialogs.new_rule import NewRule
from vmplanner.ui.dialogs.rule_kinds import KINDS, host_choices, rule_rows, vm_choices
from vmplanner.ui.document import Document
from vmplanner.ui.forms import Form, Subject
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.named_list import Entry, NamedList
from vmplanner.ui.selection import Selection
from vmplanner.ui.severities import symbol

_NOTHING = (
    "Rules say what belongs together, what stays apart, what stays free and what waits for what. "
    "Whatever vmplanner plans for you keeps them."
)
_ALL = 1000  # the stretch of what takes the room before the empty rest gets any


class RulesPage(QWidget):
    """Each change is one step of the document's undo stack."""

    def __init__(self, document: Document, selection: Selection) -> None:
        super().__init__()
        self._document = document
        self._selection = selection
        self._shown: Form | NewRule | None = None
        self._frame: tuple[object, ...] = ()
        self.broken: dict[str, list[str]] = {}
        self.list = NamedList("Rules")
        self._add = QPushButton("Add rule...")
        self._add.clicked.connect(self._begin)
        buttons = QHBoxLayout()
        buttons.addWidget(self._add)
        buttons.addStretch(1)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        left.addLayout(buttons)
        self._hint = WrappedLabel()
        self._breaches = WrappedLabel()
        self._breaches.setProperty("role", "warn")
        self._remove = QPushButton("Remove rule")
        self._remove.setProperty("role", "danger")
        self._remove.clicked.connect(self._remove_picked)
        self._right = QVBoxLayout()
        self._right.setSpacing(10)
        self._hint.setProperty("role", "muted")
        self._right.addWidget(self._hint)
        self._right.addWidget(self._breaches)
        self._right.addStretch(1)
        last = QHBoxLayout()
        last.addWidget(self._remove)
        last.addStretch(1)
        self._right.addLayout(last)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(20)
        layout.addLayout(left, 1)
        layout.addLayout(self._right, 1)
        self.list.picked.connect(lambda _id: self._show_picked())
        self.refresh()

    def refresh(self, pick: str = "") -> None:
        """Follow the document."""
        project = self._document.project
        self.broken = broken_rules(project)
        self.list.fill([_entry(project, rule, self.broken.get(rule.id)) for rule in project.rules.values()], pick)

    def _show_picked(self) -> None:
        """The form of the picked rule; it is built anew only where it needs other fields or choices."""
        project = self._document.project
        rule = project.rules.get(self.list.shown_id)
        if isinstance(self._shown, NewRule):
            return
        self._hint.show_text(_NOTHING if rule is None else KINDS[type(rule)].explanation)
        self._hint.show()
        self._remove.setVisible(rule is not None)
        breaches = self.broken.get(rule.id, []) if rule is not None else []
        self._breaches.setVisible(bool(breaches))
        self._breaches.show_text("\n".join(f"Broken now: {breach}." for breach in breaches))
        if rule is None:
            self._show(None)
            return
        chosen = tuple(each for ids in members(rule).values() for each in ids)
        frame = (rule.id, tuple(vm_choices(project, chosen)), tuple(host_choices(project, chosen)))
        if self._shown is None or frame != self._frame:
            self._show(Form(self._document, self._subject(rule.id), rule_rows(project, rule)))
            self._frame = frame
        assert isinstance(self._shown, Form)
        self._shown.refresh()

    def _show(self, widget: Form | NewRule | None) -> None:
        if self._shown is not None:
            self._right.removeWidget(self._shown)
            self._shown.hide()
            self._shown.deleteLater()  # not at once: one of its fields may be what asked for this
        self._shown = widget
        if widget is not None:
            self._right.insertWidget(2, widget, _ALL)

    def _begin(self) -> None:
        """Ask for a new rule in the place of the picked one."""
        new = NewRule(self._document, self._selection.ids)
        new.added.connect(self._end)
        new.given_up.connect(self._end)
        for widget in (self._hint, self._breaches, self._remove):
            widget.hide()
        self._show(new)
        self._add.setEnabled(False)
        self.list.setEnabled(False)
        new.setFocus()

    def _end(self, rule_id: str = "") -> None:
        self._show(None)
        self._add.setEnabled(True)
        self.list.setEnabled(True)
        self.refresh(rule_id)
        self.list.setFocus()

    def _subject(self, rule_id: str) -> Subject:
        def replaced(after: Rule, what: str) -> Change:
            project = self._document.project
            return group_edits.change_rule(project, project.rules[rule_id], after, what)

        return Subject(lambda: self._document.project.rules.get(rule_id), replaced)

    def _remove_picked(self) -> None:
        self._document.push(edits.delete(self._document.project, [self.list.shown_id]))
        self.list.setFocus()


def _entry(project: Project, rule: Rule, breaches: list[str] | None) -> Entry:
    """What a rule says, and below it why it is broken, or else its name where it has one of its own."""
    told = sentence(project, rule)
    if breaches:
        more = f" (and {len(breaches) - 1} more)" if len(breaches) > 1 else ""
        return Entry(rule.id, told, f"Broken: {breaches[0]}{more}", role="warn", icon=symbol(Severity.WARNS))
    return Entry(rule.id, told, KINDS[type(rule)].title if rule.name == told else rule.name)
