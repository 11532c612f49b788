"""Try what fails: which hosts, links and moves are to fail in the next simulated runs, and when."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.failures import Abort, Failure, HostDown, LinkDown
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES_PER_S, SECONDS
from vmplanner.planning.what_if import link_name, told
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.fields import ChoiceField, Field, QuantityField
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.named_list import Entry, NamedList
from vmplanner.ui.what_if import WhatIf

_ABOUT = "What is down stays down. The failures are saved with the plan, and tried by its simulated runs alone."
_FIRST_TIME_S = 10.0


class Kind(StrEnum):
    """What can fail."""

    HOST = "A host stops"
    LINK = "A link goes down"
    MOVE = "A move is aborted"

    @property
    def explanation(self) -> str:
        return {
            Kind.HOST: "All guests that it runs then are lost with it",
            Kind.LINK: "It carries nothing any more, in either direction",
            Kind.MOVE: "If it is under way then, it ends; a guest that ran on its source goes on there",
        }[self]

    def failure(self, thing_id: str, at_s: float) -> Failure:
        """Raises InvalidValue for a time that can't be."""
        match self:
            case Kind.HOST:
                return HostDown(thing_id, at_s)
            case Kind.LINK:
                return LinkDown(thing_id, at_s)
            case Kind.MOVE:
                return Abort(thing_id, at_s)


def things(project: Project, kind: Kind) -> list[tuple[str, str]]:
    """What of the project can fail so, as ids and names in the order of the names."""
    match kind:
        case Kind.HOST:
            found = [(host.id, host.name) for host in project.hosts.values()]
        case Kind.LINK:
            rates = {link.id: BYTES_PER_S.format(link.bandwidth_bytes_per_s) for link in project.links.values()}
            found = [(link_id, f"{link_name(project, link_id)}, {rate}") for link_id, rate in rates.items()]
        case Kind.MOVE:
            hosts, machines = project.hosts, project.machines
            found = [(m.id, f"{machines[m.vm_id].name} to {hosts[m.target_id].name}") for m in project.plan.migrations]
    return sorted(found, key=lambda each: each[1])


class FailuresDialog(QDialog):
    """A list of the failures that runs are to try, and a line that adds one. `run()` starts a run."""

    def __init__(self, parent: QWidget, project: Project, what_if: WhatIf, run: Callable[[], None]) -> None:
        super().__init__(parent)
        self._project = project
        self._what_if = what_if
        self._run = run
        self._kind = Kind.HOST
        self._thing_id = ""
        self._at_s = _FIRST_TIME_S
        self.setWindowTitle("Try what fails")
        self.list = NamedList("Failures to try")
        self._kinds = ChoiceField("What fails", [(kind, kind.value) for kind in Kind])
        self._things = ChoiceField("Which one", [])
        self._time = QuantityField("When it fails", SECONDS, tip="On the run's clock: after the run has begun")
        self._time.show_value(self._at_s)
        self._kinds.show_value(self._kind)
        self._explanation = WrappedLabel()
        self._explanation.setProperty("role", "muted")
        self._kinds.entered.connect(self._choose_kind)
        self._things.entered.connect(lambda thing_id: setattr(self, "_thing_id", thing_id))
        self._time.entered.connect(self._enter_time)
        self._add, self._remove = _button("Add", self._add_one), _button("Remove", self._remove_picked)
        self._remove.setProperty("role", "danger")
        self._start = _button("Run with these", self._run_with_these)
        self._start.setProperty("role", "primary")
        self._lay_out()
        self.list.picked.connect(lambda picked: self._remove.setEnabled(bool(picked)))
        open_with_size(self, 560, 500)
        self.finished.connect(self.deleteLater)
        self._choose_kind(self._kind)
        self._fill()

    def _lay_out(self) -> None:
        title, about = QLabel("Try what fails"), WrappedLabel(_ABOUT)
        title.setProperty("role", "title")
        about.setProperty("role", "muted")
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        lines: Sequence[tuple[str, Field]] = (
            ("What fails", self._kinds),
            ("Which one", self._things),
            ("After", self._time),
        )
        for text, field in lines:
            caption = QLabel(text)
            caption.setProperty("role", "muted")
            caption.setBuddy(field.editor)
            form.addRow(caption, field)
        adding, listed, last = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        adding.addWidget(self._explanation, 1)
        adding.addWidget(self._add)
        listed.addStretch(1)
        listed.addWidget(self._remove)
        last.addStretch(1)
        last.addWidget(self._start)
        last.addWidget(_button("Close", self.reject))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addWidget(about)
        layout.addLayout(form)
        layout.addLayout(adding)
        layout.addWidget(self.list, 1)
        layout.addLayout(listed)
        layout.addLayout(last)

    def _choose_kind(self, kind: Kind) -> None:
        self._kind = kind
        offered = things(self._project, kind)
        self._thing_id = offered[0][0] if offered else ""
        self._things.offer(offered)
        self._things.show_value(self._thing_id)
        self._explanation.show_text(f"{kind.explanation}." if offered else "There is none in the project.")
        self._add.setEnabled(bool(offered))

    def _enter_time(self, at_s: float) -> None:
        try:
            self._kind.failure(self._thing_id or "any", at_s)
        except InvalidValue as refusal:
            self._time.refuse(refusal.why)
            return
        self._at_s = at_s

    def _add_one(self) -> None:
        if not self._time.refusal:
            self._what_if.add(self._kind.failure(self._thing_id, self._at_s))
            self._fill()

    def _remove_picked(self) -> None:
        self._what_if.remove(self._what_if.failures[int(self.list.shown_id)])
        self._fill()
        self.list.setFocus()

    def _run_with_these(self) -> None:
        self.accept()
        self._run()

    def _fill(self) -> None:
        failures, plan = self._what_if.failures, self._project.plan
        kinds = {HostDown: Kind.HOST, LinkDown: Kind.LINK, Abort: Kind.MOVE}
        self.list.fill(
            Entry(str(number), _capital(told(self._project, plan, failure)), kinds[type(failure)].explanation)
            for number, failure in enumerate(failures)
        )
        self._remove.setEnabled(bool(failures))
        self._start.setEnabled(bool(failures) and bool(self._project.plan.migrations))


def _capital(words: str) -> str:
    """As a sentence begins, but for a name, which is written as it is."""
    return f"The {words.removeprefix('the ')}" if words.startswith("the ") else words


def _button(text: str, act: Callable[[], object]) -> QPushButton:
    """A button that Enter in a field does not press."""
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.clicked.connect(lambda: act())
    return button
