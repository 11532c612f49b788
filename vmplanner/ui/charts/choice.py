"""A choice among a few values of one kind, in a box that takes little room."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

_LEAST_PX = 96

Value = TypeVar("Value", bound=StrEnum)


class Choice(QComboBox, Generic[Value]):
    """Signal: `chosen()` when a person or `choose` picks another value."""

    chosen = Signal()

    def __init__(self, name: str, tip: str, titles: Mapping[Value, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = list(titles)
        self.addItems(list(titles.values()))
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setMinimumWidth(_LEAST_PX)
        self.currentIndexChanged.connect(lambda _index: self.chosen.emit())

    @property
    def value(self) -> Value:
        return self._values[self.currentIndex()]

    def choose(self, value: Value) -> None:
        self.setCurrentIndex(self._values.index(value))
