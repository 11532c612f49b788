"""Maintenance windows, blackouts and cut-over times, and the time at which the plan starts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QTimeZone
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain import edits, window_edits
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.project import Change, Project
from vmplanner.domain.quantities import SECONDS, Quantity, format_duration
from vmplanner.domain.windows import Window, WindowKind, shown_clock, zone_of
from vmplanner.ui.check_list import Choice
from vmplanner.ui.dialogs.all_or_some import AllOrSomeField
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.dialogs.list_and_form import ListAndForm, add_undo_keys
from vmplanner.ui.dialogs.repeat_field import RepeatField, told_repeat
from vmplanner.ui.document import Document
from vmplanner.ui.fields import ChoiceField, QuantityField, TextField, TimeField
from vmplanner.ui.forms import Form, Row, Subject, row
from vmplanner.ui.named_list import Entry

_LENGTH = Quantity("length", SECONDS.units, ("h", "min", "s"), "h", ("d",))
_KINDS = (
    (WindowKind.MAINTENANCE, "Maintenance: moves lie inside"),
    (WindowKind.BLACKOUT, "Blackout: nothing moves"),
    (WindowKind.CUT_OVER, "Cut-over: guests stand still only inside"),
)
_NOTHING = (
    "A window says when hosts, VMs or groups of them may take part in a move, or may not. "
    "What has no window may move at any time."
)
_TYPED = "Such as 2026-11-23 22:00 Europe/Berlin; without a zone, this computer's is meant"


class WindowsDialog(QDialog):
    """Each change is one step of the document's undo stack."""

    def __init__(self, parent: QWidget, document: Document) -> None:
        super().__init__(parent)
        self._document = document
        self.setWindowTitle("Maintenance windows")
        self._start = TimeField("This plan starts at", system_zone, _TYPED, empty="not said: windows are not checked")
        self._start.entered.connect(self._enter_start)
        tip = "It is warned of when the plan is predicted to take longer"
        self._within = QuantityField("Done within", _LENGTH, empty="no limit", tip=tip)
        self._within.entered.connect(self._enter_limit)
        add = QPushButton("Add window")
        add.clicked.connect(self._add)
        self._pane = ListAndForm("Windows", (add,), "Remove window")
        self.list = self._pane.list
        self._pane.remove.clicked.connect(self._remove_picked)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        start = QHBoxLayout()
        start.setSpacing(12)
        caption = QLabel("This plan starts at")
        caption.setBuddy(self._start.editor)
        start.addWidget(caption)
        start.addWidget(self._start, 2)
        within = QLabel("and is done within")
        within.setBuddy(self._within.editor)
        start.addWidget(within)
        start.addWidget(self._within, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(start)
        layout.addWidget(self._pane, 1)
        layout.addWidget(buttons)
        open_with_size(self, 860, 560)
        add_undo_keys(self, document)
        self.list.picked.connect(lambda _id: self._show_picked())
        document.changed.connect(self.refresh)
        document.replaced.connect(self.refresh)
        self.finished.connect(self.deleteLater)
        self.refresh()

    def refresh(self, _change: object = None) -> None:
        """Follow the document."""
        project = self._document.project
        self._start.show_value(project.plan.starts_at)
        self._within.show_value(project.plan.window_s)
        self.list.fill(_entry(project, window) for window in project.windows.values())

    def _show_picked(self) -> None:
        project = self._document.project
        window = project.windows.get(self.list.shown_id)
        if window is None:
            self._pane.drop_form()
            self._pane.tell(_NOTHING, may_remove=False)
            return
        self._pane.tell("", may_remove=True)
        self._pane.show_form(
            (window.id, tuple(_things(project))),
            lambda: Form(self._document, self._subject(window.id), _rows(project, window, self._start_of(window))),
        )
        assert isinstance(self._pane.form, Form)
        self._pane.form.refresh()

    def _subject(self, window_id: str) -> Subject:
        def replaced(after: Window, what: str) -> Change:
            return window_edits.change_window(self._document.project, after, what)

        return Subject(lambda: self._document.project.windows.get(window_id), replaced)

    def _start_of(self, window: Window) -> Callable[[], datetime]:
        return lambda: self._document.project.windows.get(window.id, window).starts_at

    def _enter_start(self, time: datetime | None) -> None:
        try:
            self._document.push(window_edits.start_plan(self._document.project, time))
        except InvalidValue as refusal:
            self._start.refuse(f"{refusal.field} {refusal.why}")

    def _enter_limit(self, window_s: float | None) -> None:
        try:
            self._document.push(window_edits.limit_plan(self._document.project, window_s))
        except InvalidValue as refusal:
            self._within.refuse(refusal.why)

    def _add(self) -> None:
        project = self._document.project
        tonight = datetime.now(system_zone()).replace(hour=22, minute=0, second=0) + timedelta(days=1)
        change = window_edits.add_window(project, project.plan.starts_at or tonight)
        self._document.push(change)
        self.list.fill(
            (_entry(self._document.project, window) for window in self._document.project.windows.values()),
            pick=change.edits[0].thing.id,
        )

    def _remove_picked(self) -> None:
        self._document.push(edits.delete(self._document.project, [self.list.shown_id]))
        self.list.setFocus()


def system_zone() -> Any:
    """The time zone of this computer, by its name."""
    try:
        return zone_of(bytes(QTimeZone.systemTimeZoneId().data()).decode())
    except InvalidValue:
        return zone_of("UTC")


def _entry(project: Project, window: Window) -> Entry:
    when = f"{window.starts_at:%Y-%m-%d} {shown_clock(window.starts_at)}"
    if window.recurrence:
        when = f"{told_repeat(window)} {shown_clock(window.starts_at)}"
    return Entry(
        window.id, window.name, f"{window.kind.value.capitalize()} · {when} · {format_duration(window.duration_s)}"
    )


def _things(project: Project) -> list[Choice]:
    """Groups, hosts and VMs."""
    groups = [Choice(group.id, group.name, group.kind.value) for group in project.groups.values()]
    hosts = [Choice(host.id, host.name, "host") for host in project.hosts.values()]
    vms = [Choice(machine.id, machine.name, "VM") for machine in project.machines.values()]
    return [choice for things in (groups, hosts, vms) for choice in sorted(things, key=lambda choice: choice.name)]


def _rows(project: Project, window: Window, starts_at: Callable[[], datetime]) -> list[Row]:
    return [
        row("Name", "name", TextField("Name of the window")),
        row("Kind", "kind", ChoiceField("Kind of the window", _KINDS)),
        row("Starts", "starts_at", TimeField("Start of the window", lambda: starts_at().tzinfo, _TYPED)),
        row("Length", "duration_s", QuantityField("Length of the window", _LENGTH)),
        row("Repeats", "recurrence", RepeatField(starts_at)),
        row(
            "For",
            "applies_to",
            AllOrSomeField(
                "What the window is for",
                _things(project),
                window.applies_to,
                all_title="Everything",
                some_title="Only these hosts, VMs and groups",
            ),
        ),
    ]
