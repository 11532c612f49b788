"""Forms over frozen values: rows of fields, each bound to a part of one value of the document.

A form reads its subject from the document whenever that changes and writes what was edited back as one Change.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from attrs import evolve, frozen
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.project import Change
from vmplanner.ui.document import Document
from vmplanner.ui.fields import Field

_LABEL_WIDTH = 84


@frozen
class Subject:
    """A value inside the project: how to read it (None when it is gone) and the Change that puts another in its
    place.
    """

    read: Callable[[], Any]
    replaced: Callable[[Any, str], Change]


@frozen
class Row:
    """One line of a form: a field, how its value is read from the subject, and the subject with another value in its
    place. With a reason in `why_not` it can be seen but not used. One that `is_wide` has its label above the field.
    """

    label: str
    field: Field
    read: Callable[[Any], Any]
    written: Callable[[Any, Any], Any]
    why_not: str = ""
    is_wide: bool = False

    @property
    def what(self) -> str:
        """The label inside a sentence: 'memory', but 'vCPUs'."""
        return self.label.lower() if self.label == self.label.capitalize() else self.label


def row(label: str, attribute: str, field: Field) -> Row:
    """A line for one attribute of the subject, or with dots of one of its parts: 'facts.cpu.level'."""
    return Row(label, field, attrgetter(attribute), lambda subject, value: with_value(subject, attribute, value))


def with_value(subject: Any, attribute: str, value: Any) -> Any:
    """The subject with another value for an attribute, which may have dots."""
    name, _, rest = attribute.partition(".")
    return evolve(subject, **{name: with_value(getattr(subject, name), rest, value) if rest else value})


class Form(QWidget):
    """Labelled fields for a subject. `drafted(subject)` tells while a person types what the subject would become, None
    while it can't be.
    """

    drafted = Signal(object)

    def __init__(self, document: Document, subject: Subject, rows: list[Row]) -> None:
        super().__init__()
        self._document = document
        self._subject = subject
        self._rows = rows
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(8)
        layout.setHorizontalSpacing(12)
        layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for row in rows:
            label = QLabel(row.label)
            label.setProperty("role", "muted")
            if not row.is_wide:
                label.setFixedWidth(_LABEL_WIDTH)
            label.setWordWrap(True)
            label.setBuddy(row.field.editor)
            if row.why_not:
                row.field.setEnabled(False)
                row.field.editor.setAccessibleDescription(row.why_not)
                for widget in (label, row.field.editor):
                    widget.setToolTip(row.why_not)
            if row.is_wide:
                layout.addRow(label)
                layout.addRow(row.field)
            else:
                layout.addRow(label, row.field)
            row.field.entered.connect(lambda value, row=row: self._enter(row, value))
            row.field.typed.connect(lambda value, row=row: self._draft(row, value))
        self.refresh()

    def refresh(self) -> None:
        """Show the subject as it is now."""
        value = self._subject.read()
        if value is not None:
            for row in self._rows:
                row.field.show_value(row.read(value))

    def _enter(self, row: Row, value: Any) -> None:
        before = self._subject.read()
        if before is None or row.read(before) == value:
            self.refresh()
            return
        try:
            self._document.push(self._subject.replaced(row.written(before, value), row.what))
        except InvalidValue as refusal:
            row.field.refuse(f"{refusal.field} {refusal.why}")

    def _draft(self, row: Row, value: Any) -> None:
        before = self._subject.read()
        try:
            self.drafted.emit(None if value is None or before is None else row.written(before, value))
        except InvalidValue:
            self.drafted.emit(None)


def focused_name(within: QWidget) -> str:
    """The accessible name of the field in there that has the keyboard; empty when none has."""
    focus = within.window().focusWidget()
    return focus.accessibleName() if focus is not None and within.isAncestorOf(focus) else ""


def focus_named(within: QWidget, name: str) -> None:
    """Give the keyboard to the field of that name, where there is one."""
    same = next((field for field in within.findChildren(QWidget) if name and field.accessibleName() == name), None)
    if same is not None:
        same.setFocus()
