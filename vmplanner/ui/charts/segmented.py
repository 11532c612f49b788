"""A row of buttons of which one is on: a choice among a few that can all be seen."""

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from vmplanner.ui.theme import GRID, RADIUS, look, mixed


class Segmented(QWidget):
    """Signal: `chosen(value)` when a person or `choose` picks another value."""

    chosen = Signal(object)

    def __init__(self, name: str, titles: Sequence[tuple[StrEnum, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._buttons: dict[StrEnum, QPushButton] = {}
        for index, (value, title) in enumerate(titles):
            button = QPushButton(title)
            button.setCheckable(True)
            button.setChecked(index == 0)
            button.setAccessibleName(f"{name}: {title}")
            button.setToolTip(f"{name}: {title}")
            button.setProperty("place", "first" if index == 0 else "last" if index == len(titles) - 1 else "middle")
            button.toggled.connect(lambda on, value=value: self.chosen.emit(value) if on else None)
            self._group.addButton(button)
            self._buttons[value] = button
            row.addWidget(button)
        look.changed.connect(self._dress)
        self._dress()

    def choose(self, value: StrEnum) -> None:
        self._buttons[value].setChecked(True)

    @property
    def value(self) -> StrEnum:
        return next(value for value, button in self._buttons.items() if button.isChecked())

    def _dress(self) -> None:
        theme = look.theme
        hover, border = mixed(theme.surface, theme.text, 0.06).name(), theme.border.name()
        self.setStyleSheet(
            f"""
            QPushButton {{ background: {theme.surface.name()}; color: {theme.muted.name()};
                border: 1px solid {border}; border-radius: 0; margin-left: -1px;
                padding: 0 {GRID + 4}px; min-height: {3 * GRID + 2}px; font-size: 12px; font-weight: normal }}
            QPushButton:hover {{ background: {hover}; color: {theme.text.name()} }}
            QPushButton:checked {{ background: {theme.accent_soft.name()}; color: {theme.text.name()};
                border-color: {border} }}
            QPushButton:focus {{ border-color: {theme.accent.name()} }}
            QPushButton[place="first"] {{ margin-left: 0;
                border-top-left-radius: {RADIUS}px; border-bottom-left-radius: {RADIUS}px }}
            QPushButton[place="last"] {{
                border-top-right-radius: {RADIUS}px; border-bottom-right-radius: {RADIUS}px }}
            """
        )
