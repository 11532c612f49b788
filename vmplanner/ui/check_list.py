"""Several of many things, to be checked in a list that can be filtered."""

from collections.abc import Sequence
from typing import Any

from attrs import frozen
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout

from vmplanner.ui.fields import Field
from vmplanner.ui.names import breakable, shortened

_ID = Qt.ItemDataRole.UserRole


@frozen
class Choice:
    """A thing that may be checked; `detail` tells it from others of the same name."""

    id: str
    name: str
    detail: str = ""


class CheckListField(Field):
    """The value is a tuple of ids. With nothing checked it is empty, and `empty` says what that stands for.

    What is checked at first stands on top of the list.
    """

    def __init__(
        self, name: str, choices: Sequence[Choice], chosen: Sequence[str] = (), tip: str = "", *, empty: str = ""
    ) -> None:
        self._list = QListWidget()
        super().__init__(self._list, name, tip)
        self._empty = empty or "none"
        self._value: tuple[str, ...] = ()
        self._list.setMinimumHeight(84)
        self._list.setProperty("role", "framed")
        self._filter = QLineEdit()
        self._filter.setPlaceholderText("Filter by name")
        self._filter.setAccessibleName(f"Filter {name}")
        self._filter.setToolTip("Show the lines with these letters")
        self._filter.setClearButtonEnabled(True)
        self._told = QLabel()
        self._told.setProperty("role", "muted")
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._filter, 1)
        for text, state in (("All", Qt.CheckState.Checked), ("None", Qt.CheckState.Unchecked)):
            button = QPushButton(text)
            button.setProperty("role", "small")
            button.setAccessibleName(f"{text} of {name}")
            button.setToolTip(f"{text} of {name}")
            button.setToolTip(f"{text} of those that are shown")
            button.clicked.connect(lambda _checked=False, state=state: self._check_shown(state))
            head.addWidget(button)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.setSpacing(4)
        layout.insertLayout(0, head)
        layout.insertWidget(2, self._told)
        for choice in sorted(choices, key=lambda choice: choice.id not in chosen):
            detail = f"   ({choice.detail})" if choice.detail else ""
            item = QListWidgetItem(f"{shortened(choice.name)}{detail}", self._list)
            item.setToolTip(breakable(choice.name))
            item.setData(_ID, choice.id)
            item.setCheckState(Qt.CheckState.Unchecked)
        self.show_value(chosen)
        self._filter.textChanged.connect(self._show_matching)
        self._list.itemChanged.connect(lambda _item: self._enter())

    @property
    def value(self) -> tuple[str, ...]:
        return self._value

    def show_value(self, value: Any) -> None:
        self._value = tuple(value)
        self._list.blockSignals(True)
        for item in self._items:
            is_chosen = item.data(_ID) in self._value
            item.setCheckState(Qt.CheckState.Checked if is_chosen else Qt.CheckState.Unchecked)
        self._list.blockSignals(False)
        self._list.viewport().update()
        self._tell()
        self.refuse("")

    @property
    def _items(self) -> list[QListWidgetItem]:
        return [self._list.item(row) for row in range(self._list.count())]

    @property
    def _checked(self) -> list[str]:
        return [item.data(_ID) for item in self._items if item.checkState() is Qt.CheckState.Checked]

    def _enter(self) -> None:
        """What was there before keeps its order; what is new comes after it."""
        checked = self._checked
        kept = [each for each in self._value if each in checked]
        self._value = (*kept, *(each for each in checked if each not in kept))
        self._tell()
        self.refuse("")
        self.entered.emit(self._value)

    def _check_shown(self, state: Qt.CheckState) -> None:
        self._list.blockSignals(True)
        for item in self._items:
            if not item.isHidden():
                item.setCheckState(state)
        self._list.blockSignals(False)
        self._list.viewport().update()
        self._enter()

    def _show_matching(self, text: str) -> None:
        for item in self._items:
            item.setHidden(text.casefold() not in item.text().casefold())

    def _tell(self) -> None:
        chosen = len(self._value)
        self._told.setText(f"{chosen} of {self._list.count()} chosen" if chosen else f"Chosen: {self._empty}")
