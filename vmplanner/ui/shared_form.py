"""One form for several things: it shows what they have in common, and what is entered is for all of them.

There is one widget for each field, however many things there are.
"""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.project import Change
from vmplanner.domain.quantities import grouped
from vmplanner.ui.document import Document
from vmplanner.ui.forms import Form, Row, Subject


@frozen
class Subjects:
    """Values inside the project: how to read them, how a person calls each, and the Change that puts others in their
    place.
    """

    read: Callable[[], Sequence[Any]]
    called: Callable[[Any], str]
    replaced: Callable[[Sequence[Any], str], Change]


class SharedForm(Form):
    """Where the things have different values a field says that there are several."""

    def __init__(self, document: Document, subjects: Subjects, rows: list[Row]) -> None:
        self._subjects = subjects
        super().__init__(document, Subject(lambda: None, lambda after, what: subjects.replaced([after], what)), rows)

    def refresh(self) -> None:
        """Show the things as they are now."""
        things = self._subjects.read()
        if not things:
            return
        for row in self._rows:
            value = row.read(things[0])
            if all(row.read(thing) == value for thing in things):
                row.field.show_value(value)
            else:
                row.field.show_several()

    def _enter(self, row: Row, value: Any) -> None:
        """All of them, or none."""
        things = self._subjects.read()
        after, refusals = [], []
        for thing in things:
            try:
                after.append(row.written(thing, value))
            except InvalidValue as refusal:
                refusals.append((thing, refusal))
        if refusals:
            row.field.refuse(self._told(refusals, len(things)))
            return
        try:
            change = self._subjects.replaced(after, row.what)
            self._document.push(change)
        except InvalidValue as refusal:
            row.field.refuse(f"{refusal.field} {refusal.why}")
            return
        if not change.edits:
            self.refresh()

    def _told(self, refusals: Sequence[tuple[Any, InvalidValue]], number: int) -> str:
        """Why it can't be. What is wrong with all of them alike needs no name."""
        thing, first = refusals[0]
        sentence = f"{first.field} {first.why}"
        if len(refusals) == number and all(refusal.why == first.why for _, refusal in refusals):
            return sentence
        others = f" (and {grouped(len(refusals) - 1)} more)" if len(refusals) > 1 else ""
        return f"For {self._subjects.called(thing)}{others}: {sentence}"
