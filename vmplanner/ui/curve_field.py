"""How a piece is written as fields of a form: the pattern, and for a measured curve a button that opens it for editing.

A measured curve is never made up: it is the one that the piece had before, or a person is asked for its points.
"""

from collections.abc import Callable, Sequence

from attrs import evolve
from PySide6.QtWidgets import QPushButton

from vmplanner.domain.machines import MeasuredCurve, Pattern, Piece
from vmplanner.domain.quantities import grouped
from vmplanner.ui.dialogs.curve import CurveDialog
from vmplanner.ui.fields import ChoiceField, Field


class PatternField(ChoiceField):
    """Shows a piece by its pattern. What it enters is that piece with another pattern. `measured` gives the piece as it
    was when it last had a measured curve, None if it never had one.
    """

    def __init__(
        self, patterns: Sequence[tuple[type[Pattern], str]], tip: str, measured: Callable[[], Piece | None]
    ) -> None:
        super().__init__("Write pattern", patterns, tip)
        self._measured = measured
        self._piece: Piece | None = None

    def show_value(self, value: Piece) -> None:
        self._piece = value
        super().show_value(type(value.pattern))

    def choose(self, value: type[Pattern]) -> None:
        piece, before = self._piece, self._measured()
        assert piece is not None
        if isinstance(piece.pattern, value):
            return
        if not issubclass(value, MeasuredCurve):
            self.entered.emit(evolve(piece, pattern=value()))
        elif before is not None:
            rate, source = before.write_rate_pages_per_s, before.source
            self.entered.emit(evolve(piece, pattern=before.pattern, write_rate_pages_per_s=rate, source=source))
        else:
            self.show_value(piece)  # until there are points
            ask_for_curve(self, piece)


class CurveField(Field):
    """Shows a piece that has a measured curve. What it enters is that piece with another curve, written as measured."""

    def __init__(self) -> None:
        self._button = QPushButton()
        super().__init__(self._button, "Measured curve", "Edit the points, or import them from a CSV file")
        self._piece: Piece | None = None
        self._button.clicked.connect(self._edit)

    def show_value(self, value: Piece) -> None:
        self._piece = value
        if isinstance(value.pattern, MeasuredCurve):
            self._button.setText(f"Edit {grouped(len(value.pattern.points))} points...")
        self.refuse("")

    def _edit(self) -> None:
        assert self._piece is not None
        ask_for_curve(self, self._piece)


def ask_for_curve(field: Field, piece: Piece) -> None:
    """Let a person give a piece a measured curve; the field enters it."""
    dialog = CurveDialog(field.window(), piece)
    dialog.accepted.connect(lambda: field.entered.emit(dialog.piece))
    dialog.open()
