"""Several things of one sort that belong to a host or a VM, such as its disks: a line for each, which opens to its
fields, and a button that adds one.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from attrs import frozen
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain import edits
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.project import Change
from vmplanner.domain.topology import Host
from vmplanner.ui.document import Document
from vmplanner.ui.forms import Form, Row, Subject, with_value
from vmplanner.ui.labels import ElidedLabel
from vmplanner.ui.opener import Opener


@frozen
class Sort:
    """What a list holds: `one` ("disk"), the `heading` above them all, the `line` that tells of one, its `rows`, whose
    choices may be others later, and a `new` one of a name.
    """

    one: str
    heading: str
    line: Callable[[Any], str]
    rows: Callable[[], list[Row]]
    new: Callable[[str], Any]


def part_of(
    read: Callable[[], tuple[Any, ...]], index: int, replaced: Callable[[tuple[Any, ...], str], Change]
) -> Subject:
    """One of several parts of a thing; `replaced` gives the Change to other parts, with a title that lacks the name of
    the thing.
    """

    def part() -> Any:
        parts = read()
        return parts[index] if index < len(parts) else None

    def with_part(after: Any, what: str) -> Change:
        parts = read()
        return replaced((*parts[:index], after, *parts[index + 1 :]), f"Change {what} of {parts[index].name}")

    return Subject(part, with_part)


class ItemList(QWidget):
    """The items are what `attribute` (with dots: 'needs.disks') of `read()` holds. `choices` are what the rows' choices
    are made from: other ones need other fields.
    """

    def __init__(
        self,
        document: Document,
        read: Callable[[], Host | VirtualMachine | None],
        attribute: str,
        sort: Sort,
        choices: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__()
        self._document = document
        self._read = read
        self._attribute = attribute
        self._sort = sort
        self._choices = choices
        self._built_for: tuple[object, ...] | None = None
        self._lines: list[_Line] = []
        heading = QLabel(sort.heading.upper())
        heading.setProperty("role", "section")
        add = QPushButton(f"Add {sort.one}")
        add.clicked.connect(self._add)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 4, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addWidget(heading)
        self._layout.addWidget(add)
        self.refresh()

    @property
    def _items(self) -> tuple[Any, ...]:
        owner = self._read()
        return () if owner is None else attrgetter(self._attribute)(owner)

    def refresh(self) -> None:
        """Follow the document; fields are built anew where there are more, fewer or other ones."""
        items = self._items
        wanted = len(items), self._choices()
        if wanted != self._built_for:
            self._built_for = wanted
            open_ones = {line.index for line in self._lines if line.is_open}
            for line in self._lines:
                self._layout.removeWidget(line)
                line.hide()
                line.deleteLater()  # not at once: its button may be what asked for this
            self._lines = [self._line(index, index in open_ones) for index in range(len(items))]
            for index, line in enumerate(self._lines):
                self._layout.insertWidget(1 + index, line)
        for line, item in zip(self._lines, items, strict=True):
            line.refresh(item)

    def _line(self, index: int, is_open: bool) -> "_Line":
        form = Form(self._document, self._subject(index), self._sort.rows())
        return _Line(self._sort, index, form, lambda: self._remove(index), is_open=is_open)

    def _subject(self, index: int) -> Subject:
        return part_of(lambda: self._items, index, lambda items, title: self._replaced(items, f"{title} of"))

    def _replaced(self, items: tuple[Any, ...], title: str) -> Change:
        """`title` lacks the name of whose items they are."""
        owner = self._read()
        assert owner is not None
        return edits.replace(owner, with_value(owner, self._attribute, items), f"{title} {owner.name}")

    def _add(self) -> None:
        items = self._items
        new = self._sort.new(edits.unique_name(f"{self._sort.one}-1", [item.name for item in items]))
        self._document.push(self._replaced((*items, new), f"Add {new.name} to"))
        self._lines[-1].open()

    def _remove(self, index: int) -> None:
        items = self._items
        left = (*items[:index], *items[index + 1 :])
        self._document.push(self._replaced(left, f"Remove {items[index].name} from"))


class _Line(Opener):
    """One item."""

    def __init__(self, sort: Sort, index: int, form: Form, remove: Callable[[], None], *, is_open: bool) -> None:
        self._title, self._detail = ElidedLabel(), ElidedLabel()
        super().__init__(self._title, self._detail)
        self.index = index
        self._sort = sort
        self._form = form
        button = QPushButton(f"Remove {sort.one}")
        button.setProperty("role", "danger")
        button.clicked.connect(remove)
        self.body.addWidget(form)
        self.body.addWidget(button)
        self.open(is_open)

    def refresh(self, item: Any) -> None:
        self._title.setText(item.name)
        self._detail.setText(self._sort.line(item))
        self._form.refresh()
        self.name(f"{self._sort.one} {item.name}")
