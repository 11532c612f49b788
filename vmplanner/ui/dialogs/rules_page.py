"""The page of rules: a sentence for each in a list, marked where it is broken now, and the fields of the picked one."""

from PySide6.QtWidgets import QPushButton

from vmplanner.domain import edits, group_edits
from vmplanner.domain.project import Change, Project
from vmplanner.domain.rule_sentences import sentence
from vmplanner.domain.rules import Rule, members
from vmplanner.planning.broken_rules import broken_rules
from vmplanner.planning.preflight import Severity
from vmplanner.ui.dialogs.list_and_form import ListAndForm
from vmplanner.ui.dialogs.new_rule import NewRule
from vmplanner.ui.dialogs.rule_kinds import KINDS, host_choices, rule_rows, vm_choices
from vmplanner.ui.document import Document
from vmplanner.ui.forms import Form, Subject
from vmplanner.ui.named_list import Entry
from vmplanner.ui.selection import Selection
from vmplanner.ui.severities import symbol

_NOTHING = (
    "Rules say what belongs together, what stays apart, what stays free and what waits for what. "
    "Whatever vmplanner plans for you keeps them."
)


class RulesPage(ListAndForm):
    """Each change is one step of the document's undo stack."""

    def __init__(self, document: Document, selection: Selection) -> None:
        self._add = QPushButton("Add rule...")
        super().__init__("Rules", (self._add,), "Remove rule", (1, 1))
        self._document = document
        self._selection = selection
        self.broken: dict[str, list[str]] = {}
        self.below.setProperty("role", "warn")
        self._add.clicked.connect(self._begin)
        self.remove.clicked.connect(self._remove_picked)
        self.list.picked.connect(lambda _id: self._show_picked())
        self.refresh()

    def refresh(self, pick: str = "") -> None:
        """Follow the document."""
        project = self._document.project
        self.broken = broken_rules(project)
        self.list.fill([_entry(project, rule, self.broken.get(rule.id)) for rule in project.rules.values()], pick)

    def _show_picked(self) -> None:
        if isinstance(self.form, NewRule):
            return
        project = self._document.project
        rule = project.rules.get(self.list.shown_id)
        if rule is None:
            self.drop_form()
            self.tell(_NOTHING, may_remove=False)
            return
        breaches = "\n".join(f"Broken now: {breach}." for breach in self.broken.get(rule.id, ()))
        self.tell(KINDS[type(rule)].explanation, breaches, may_remove=True)
        chosen = tuple(each for ids in members(rule).values() for each in ids)
        self.show_form(
            (rule.id, tuple(vm_choices(project, chosen)), tuple(host_choices(project, chosen))),
            lambda: Form(self._document, self._subject(rule.id), rule_rows(project, rule)),
        )
        assert isinstance(self.form, Form)
        self.form.refresh()

    def _begin(self) -> None:
        """Ask for a new rule in the place of the picked one."""
        new = NewRule(self._document, self._selection.ids)
        new.added.connect(self._end)
        new.given_up.connect(self._end)
        self.tell("", may_remove=False)
        self.drop_form()
        self.show_form((), lambda: new)
        self._add.setEnabled(False)
        self.list.setEnabled(False)
        new.setFocus()

    def _end(self, rule_id: str = "") -> None:
        self.drop_form()
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
