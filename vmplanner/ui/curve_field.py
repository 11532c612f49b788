"""The measured curve of a piece as a field of a form: a button that opens it for editing."""

from attrs import evolve
from PySide6.QtWidgets import QPushButton

from vmplanner.domain.machines import MeasuredCurve, Piece
from vmplanner.domain.quantities import GIB, grouped
from vmplanner.simulation.dirtying import Dirtying
from vmplanner.ui.dialogs.curve import CurveDialog
from vmplanner.ui.fields import Field

_TIMES_S = (0.1, 1.0, 10.0, 100.0)


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
        dialog = CurveDialog(self.window(), self._piece)
        dialog.accepted.connect(lambda: self.entered.emit(dialog.piece))
        dialog.open()


def as_measured(piece: Piece) -> Piece:
    """The piece with a measured curve to begin with: some points of the pattern that it has."""
    # A piece that is not written yet lends its pattern's shape.
    shape = evolve(
        piece,
        size_bytes=piece.size_bytes or GIB,
        write_rate_pages_per_s=piece.write_rate_pages_per_s or 1000.0,
    )
    dirtying = Dirtying.of([shape])
    pages = (max(1e-6, float(dirtying.distinct_pages(seconds).sum())) for seconds in _TIMES_S)
    curve = MeasuredCurve((seconds, float(f"{count:.4g}")) for seconds, count in zip(_TIMES_S, pages, strict=True))
    rate = curve.pages_at(1.0) if piece.write_rate_pages_per_s else 0.0
    return evolve(piece, pattern=curve, write_rate_pages_per_s=rate)
