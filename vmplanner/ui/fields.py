"""Single values to edit: text, names, quantities with units, whole numbers, choices. Each says why it refuses what
was typed.

A field shows a value, and emits `entered(value)` when a person has finished changing it. It keeps what was typed,
marked as refused with the reason below it, when the value can't be. A field of several things that have different
values shows that there are several; what is entered then is for all of them.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QStandardItemModel
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QVBoxLayout, QWidget

from vmplanner.domain.quantities import BYTES, GROUP_SIGN, Quantity
from vmplanner.domain.windows import shown_time, time_of
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.names import shortened

SEVERAL = "several values"


class Field(QWidget):
    """A value with a place for the reason of a refusal below it. `typed(value)` tells while a person types what would
    be entered now, None while that can't be read.
    """

    entered = Signal(object)
    typed = Signal(object)

    def __init__(self, editor: QWidget, name: str, tip: str = "") -> None:
        super().__init__()
        self.editor = editor
        editor.setAccessibleName(name)
        editor.setToolTip(tip or name)
        self.setFocusProxy(editor)
        self._refusal = WrappedLabel()
        self._refusal.setProperty("role", "error")
        self._refusal.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(editor)
        layout.addWidget(self._refusal)

    def show_value(self, value: Any) -> None:
        """Show what the value is now."""
        raise NotImplementedError

    def show_several(self) -> None:
        """Show that things which are edited together have different values."""
        raise NotImplementedError

    def lock(self) -> None:
        """From now on it can be read, and not changed."""
        self.editor.setEnabled(False)

    def _tell_several(self, are_there: bool) -> None:
        """Tell those who can't see it. Why a field can't be used is told in the same place, and stays."""
        if are_there or self.editor.accessibleDescription() == SEVERAL:
            self.editor.setAccessibleDescription(SEVERAL if are_there else "")

    def refuse(self, reason: str) -> None:
        """Mark what was typed as impossible; an empty reason takes the mark away."""
        self._refusal.show_text(reason[:1].upper() + reason[1:])
        self._refusal.setVisible(bool(reason))
        self.editor.setProperty("invalid", bool(reason))
        self.editor.style().unpolish(self.editor)
        self.editor.style().polish(self.editor)

    @property
    def refusal(self) -> str:
        return self._refusal.text() if not self._refusal.isHidden() else ""


class _LineField(Field):
    """A line of text that is read when Enter is pressed or the field is left; Esc brings the old value back."""

    def __init__(
        self, name: str, read: Callable[[str], Any], write: Callable[[Any], str], tip: str, empty: str = ""
    ) -> None:
        """`empty` says in grey what it stands for that nothing is typed."""
        self._line = QLineEdit()
        self._line.setMinimumWidth(80)
        self._line.setPlaceholderText(empty)
        super().__init__(self._line, name, tip)
        self._read = read
        self._write = write
        self._empty = empty
        self._shown = ""
        self._line.editingFinished.connect(self._finish)
        self._line.textEdited.connect(lambda _text: self.typed.emit(self._typed()))
        self._line.installEventFilter(self)

    @property
    def text(self) -> str:
        """What stands in it, finished or not."""
        return self._line.text()

    def show_value(self, value: Any) -> None:
        self._shown = self._write(value)
        self._line.setText(self._shown)
        self._line.setPlaceholderText(self._empty)
        self._tell_several(False)
        self._line.setCursorPosition(0)
        self.refuse("")

    def show_several(self) -> None:
        self._shown = ""
        self._line.clear()
        self._line.setPlaceholderText(SEVERAL)
        self._tell_several(True)
        self.refuse("")

    def lock(self) -> None:
        """Its text can still be selected and copied."""
        self._line.setReadOnly(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and event.type() == QEvent.Type.KeyPress and self._line.text() != self._shown:
            self._line.setText(self._shown)
            self.refuse("")
            self.typed.emit(self._typed())
            return True
        return super().eventFilter(watched, event)

    def _finish(self) -> None:
        if self._line.text() == self._shown:
            self.refuse("")
            return
        try:
            value = self._value()
        except ValueError as error:
            self.refuse(str(error))
            return
        self.refuse("")
        self.entered.emit(value)

    def _value(self) -> Any:
        """What is typed. The word for an empty field means the same as an empty one, which says nothing where there
        are several values.
        """
        text = self._line.text()
        return self._read("" if self._empty and text.strip().casefold() == self._empty.casefold() else text)

    def _typed(self) -> Any:
        try:
            return self._value()
        except ValueError:
            return None


class TextField(_LineField):
    """One line of text."""

    def __init__(self, name: str, tip: str = "", *, empty: str = "") -> None:
        super().__init__(name, str.strip, str, tip, empty)


class NamesField(_LineField):
    """A set of names, with commas between them."""

    def __init__(self, name: str, tip: str = "", *, empty: str = "") -> None:
        def read(text: str) -> frozenset[str]:
            return frozenset(part.strip() for part in text.split(",") if part.strip())

        super().__init__(name, read, lambda names: ", ".join(sorted(names)), f"{tip}\nWith commas between them", empty)


class QuantityField(_LineField):
    """A number with a unit. With `empty`, nothing typed means None, and `empty` says in grey what that stands for."""

    def __init__(
        self,
        name: str,
        quantity: Quantity,
        *,
        whole: bool = False,
        empty: str = "",
        most: float = math.inf,
        tip: str = "",
    ) -> None:
        """More than `most` (base units) is refused: it can only be a slip of the keys or of the unit."""

        def read(text: str) -> float | int | None:
            if empty and not text.strip():
                return None
            value = quantity.parse(text)
            if value > most:
                raise ValueError(f"{quantity.format(value)} is too much; {quantity.format(most)} is the most")
            return round(value) if whole else value

        def write(value: float | None) -> str:
            return "" if value is None else quantity.format(value, digits=6)

        units = ", ".join(reversed(quantity.shown))
        super().__init__(name, read, write, f"{tip}\nUnits: {units}".strip(), empty)


class SizesField(_LineField):
    """Several sizes in whole bytes, with commas between them: none of them can have a decimal comma."""

    def __init__(self, name: str, tip: str = "", *, empty: str = "") -> None:
        def read(text: str) -> tuple[int, ...]:
            return tuple(round(BYTES.parse(part)) for part in text.split(",") if part.strip())

        def write(sizes: Sequence[int]) -> str:
            return ", ".join(BYTES.format(size, digits=6) for size in sizes)

        units = ", ".join(reversed(BYTES.shown))
        super().__init__(name, read, write, f"{tip}\nWith commas between them. Units: {units}", empty)


class WholeField(_LineField):
    """A whole number. With `empty`, nothing typed means None."""

    def __init__(self, name: str, tip: str = "", *, empty: str = "") -> None:
        def read(text: str) -> int | None:
            if empty and not text.strip():
                return None
            try:
                return int(text.strip().replace(GROUP_SIGN, ""))
            except ValueError:
                raise ValueError(f"'{text.strip()}' is not a whole number") from None

        super().__init__(name, read, lambda value: "" if value is None else str(value), tip, empty)


class TimeField(_LineField):
    """A time with its zone; where none is typed, `zone()` is meant. With `empty`, nothing typed means None."""

    def __init__(self, name: str, zone: Callable[[], tzinfo | None], tip: str = "", *, empty: str = "") -> None:
        def read(text: str) -> datetime | None:
            return None if empty and not text.strip() else time_of(text, zone())

        super().__init__(name, read, lambda time: "" if time is None else shown_time(time), tip, empty)


class NumberField(_LineField):
    """A number without a unit."""

    def __init__(self, name: str, tip: str = "") -> None:
        def read(text: str) -> float:
            try:
                return float(text.strip().replace(",", "."))
            except ValueError:
                raise ValueError(f"'{text.strip()}' is not a number such as 0.8") from None

        super().__init__(name, read, "{:.6g}".format, tip)


class ChoiceField(Field):
    """One of some values, shown by their titles. Those in `refused` can't be chosen, for the reason given."""

    def __init__(
        self,
        name: str,
        choices: Sequence[tuple[Any, str]],
        tip: str = "",
        *,
        refused: Mapping[Any, str] = MappingProxyType({}),
    ) -> None:
        self._combo = QComboBox()
        super().__init__(self._combo, name, tip)
        self._combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._combo.setMinimumContentsLength(8)
        self._combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._combo.installEventFilter(self)
        self._values: list[Any] = []
        self.offer(choices)
        self._refuse_choices(refused)
        self._combo.activated.connect(lambda index: self.choose(self._values[index]))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel scrolls the panel that the field is on; over a field it would change the value by mistake."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def offer(self, choices: Sequence[tuple[Any, str]]) -> None:
        """Replace the choices."""
        self._values = [value for value, _ in choices]
        self._combo.clear()
        self._combo.addItems([shortened(title) for _, title in choices])

    def show_value(self, value: Any) -> None:
        self._combo.setPlaceholderText("")
        self._combo.setCurrentIndex(self._values.index(value) if value in self._values else -1)
        self._tell_several(False)
        self.refuse("")

    def show_several(self) -> None:
        self._combo.setCurrentIndex(-1)
        self._combo.setPlaceholderText("—")
        self._tell_several(True)
        self.refuse("")

    def choose(self, value: Any) -> None:
        """A person has chosen this."""
        self.entered.emit(value)

    def _refuse_choices(self, refused: Mapping[Any, str]) -> None:
        model = self._combo.model()
        assert isinstance(model, QStandardItemModel)
        for row, value in enumerate(self._values):
            if value in refused:
                model.item(row).setEnabled(False)
                model.item(row).setToolTip(refused[value])


class CheckField(Field):
    """Yes or no; half checked where there are several values."""

    def __init__(self, name: str, text: str, tip: str = "") -> None:
        self._box = QCheckBox(text)
        super().__init__(self._box, name, tip)
        self._box.clicked.connect(self._click)

    def show_value(self, value: bool) -> None:
        self._box.setTristate(False)
        self._box.setChecked(value)
        self._tell_several(False)
        self.refuse("")

    def show_several(self) -> None:
        self._box.setTristate(True)
        self._box.setCheckState(Qt.CheckState.PartiallyChecked)
        self._tell_several(True)
        self.refuse("")

    def _click(self, is_checked: bool) -> None:
        self._box.setTristate(False)
        self.entered.emit(is_checked)
