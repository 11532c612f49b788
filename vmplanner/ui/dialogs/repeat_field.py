"""How a window repeats: the usual ways by name, and any other as an RRULE of RFC 5545."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from vmplanner.domain.windows import Window
from vmplanner.ui.fields import ChoiceField, Field, TextField

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SHORT = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ONCE, _DAILY, _WEEKLY, _MONTHLY, _OWN = "once", "daily", "weekly", "monthly", "own"
_WAYS = (
    (_ONCE, "Once"),
    (_DAILY, "Every day"),
    (_WEEKLY, "Every week on some days"),
    (_MONTHLY, "Every month on the same day"),
    (_OWN, "By a rule of its own"),
)
_RULES = {"": _ONCE, "FREQ=DAILY": _DAILY, "FREQ=MONTHLY": _MONTHLY}
_WEEKS = re.compile(f"FREQ=WEEKLY;BYDAY=((?:{'|'.join(DAYS)})(?:,(?:{'|'.join(DAYS)}))*)")


def told_repeat(window: Window) -> str:
    """'every day', 'every Mon, Fri': how a window repeats, in a few words."""
    weeks = _WEEKS.fullmatch(window.recurrence)
    if weeks is not None:
        return f"every {', '.join(_SHORT[DAYS.index(day)] for day in weeks[1].split(','))}"
    told = {_ONCE: "once", _DAILY: "every day", _MONTHLY: "every month"}
    return told.get(_RULES.get(window.recurrence, _OWN), window.recurrence)


class RepeatField(Field):
    """Emits the RRULE, '' for once. `starts_at` tells the day that a weekly repeat begins with."""

    def __init__(self, starts_at: Callable[[], datetime]) -> None:
        self._way = ChoiceField("Repeats", _WAYS)
        super().__init__(self._way, "Repeats")
        self._starts_at = starts_at
        self._rule = ""
        self._days = QWidget()
        days = QHBoxLayout(self._days)
        days.setContentsMargins(0, 2, 0, 2)
        days.setSpacing(4)
        self._buttons: dict[str, QToolButton] = {}
        for day, short, name in zip(DAYS, _SHORT, _LONG, strict=True):
            button = QToolButton()
            button.setText(short)
            button.setCheckable(True)
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.clicked.connect(self._enter_days)
            self._buttons[day] = button
            days.addWidget(button)
        days.addStretch(1)
        self._own = TextField(
            "Rule of its own",
            "An RRULE of RFC 5545, such as FREQ=MONTHLY;BYDAY=-1SA",
            empty="such as FREQ=MONTHLY;BYDAY=-1SA",
        )
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(1, self._days)
        layout.insertWidget(2, self._own)
        self.setFocusProxy(self._way)
        self._way.entered.connect(self._choose)
        self._own.entered.connect(self.entered)

    def show_value(self, value: Any) -> None:
        self._rule = value
        weeks = _WEEKS.fullmatch(value)
        way = _WEEKLY if weeks else _RULES.get(value, _OWN)
        for day, button in self._buttons.items():
            button.setChecked(weeks is not None and day in weeks[1].split(","))
        self._own.show_value(value)
        self._show_way(way)
        self.refuse("")

    def _show_way(self, way: str) -> None:
        self._way.show_value(way)
        self._days.setVisible(way == _WEEKLY)
        self._own.setVisible(way == _OWN)

    def _choose(self, way: str) -> None:
        if way == _OWN:
            self._show_way(way)
            self._own.findChild(QLineEdit).setFocus()  # type: ignore[union-attr]
        elif way == _WEEKLY:
            self.entered.emit(f"FREQ=WEEKLY;BYDAY={DAYS[self._starts_at().weekday()]}")
        else:
            self.entered.emit(next(rule for rule, name in _RULES.items() if name == way))

    def _enter_days(self) -> None:
        chosen = [day for day, button in self._buttons.items() if button.isChecked()]
        if chosen:
            self.entered.emit(f"FREQ=WEEKLY;BYDAY={','.join(chosen)}")
        else:
            self.show_value(self._rule)  # one day has to stay
