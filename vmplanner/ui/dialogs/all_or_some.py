"""What something is for: for all there is, or only for those that are checked in a list."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from vmplanner.ui.check_list import CheckListField, Choice
from vmplanner.ui.fields import ChoiceField, Field


class AllOrSomeField(Field):
    """The value is a tuple of ids, which is empty for all. The list is there only where some are to be chosen."""

    def __init__(
        self, name: str, choices: Sequence[Choice], chosen: Sequence[str] = (), *, all_title: str, some_title: str
    ) -> None:
        self._way = ChoiceField(f"{name}: all or some", ((True, all_title), (False, some_title)))
        super().__init__(self._way, f"{name}: all or some")
        self._is_all = True
        self._some = CheckListField(name, choices, chosen)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.setSpacing(4)
        layout.insertWidget(1, self._some, 1)
        layout.addStretch(0)
        self._way.entered.connect(self._choose)
        self._some.entered.connect(self._enter)
        self.show_value(chosen)

    @property
    def value(self) -> tuple[str, ...]:
        return () if self._is_all else self._some.value

    @property
    def refusal(self) -> str:
        """Why what is chosen can't be: only some of them, but none is checked."""
        return super().refusal or ("" if self._is_all else self._some.refusal)

    def show_value(self, value: Any) -> None:
        """A list that was just opened stays open until something is checked in it."""
        if value or self._is_all or self._some.value:
            self._some.show_value(value)
            self._show_way(is_all=not value)
        self.refuse("")

    def must_choose(self) -> bool:
        """Whether only some are meant, but none is checked; says so below the list."""
        must = not self._is_all and not self._some.value
        self._some.refuse("Check at least one, or choose all" if must else "")
        return must

    def _show_way(self, *, is_all: bool) -> None:
        self._is_all = is_all
        self._way.show_value(is_all)
        self._some.setVisible(not is_all)

    def _choose(self, is_all: bool) -> None:
        self._some.show_value(())
        self._show_way(is_all=is_all)
        if is_all:
            self.entered.emit(())
        else:
            self._some.setFocus()

    def _enter(self, ids: tuple[str, ...]) -> None:
        if not self.must_choose():
            self.entered.emit(ids)
