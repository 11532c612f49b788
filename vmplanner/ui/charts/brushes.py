"""The fill of each series of time stacks: the same thing has the same colour in every chart and file."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush

from vmplanner.analysis.stack_series import Series
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.results import Phase
from vmplanner.ui.theme import Theme

_ROUND_PATTERNS = 4

# Where a part is of a phase and a kind of data, its colour is the data's; the phase is a pattern.
_PATTERN_OF_PHASE = {
    Phase.PRE_COPY: Qt.BrushStyle.SolidPattern,
    Phase.STOP_AND_COPY: Qt.BrushStyle.DiagCrossPattern,
    Phase.POST_COPY: Qt.BrushStyle.FDiagPattern,
    Phase.CHECKPOINT: Qt.BrushStyle.VerPattern,
}


def brushes(series: Iterable[Series], theme: Theme, *, patterns: bool = False) -> list[QBrush]:
    """A fill for each series; with `patterns` they can be told apart without their colours too."""
    all_series = list(series)
    rounds = max((one.round for one in all_series), default=1)
    savings = [one.key for one in all_series if one.is_saving]
    return [_brush(one, theme, rounds, savings, patterns) for one in all_series]


def _brush(series: Series, theme: Theme, rounds: int, savings: list[str], patterns: bool) -> QBrush:
    if series.is_saving:
        return QBrush(theme.series(savings.index(series.key)), Qt.BrushStyle.BDiagPattern)
    if series.phase is not None and series.kind is not None:
        if series.kind is PieceKind.OVERHEAD:
            return theme.phase_brush(series.phase)
        brush = theme.piece_brush(series.kind)
        if brush.style() is Qt.BrushStyle.SolidPattern:
            brush.setStyle(_PATTERN_OF_PHASE.get(series.phase, Qt.BrushStyle.HorPattern))
        return brush
    if series.kind is not None:
        brush, name = theme.piece_brush(series.kind), series.kind.value
    elif series.phase is not None:
        brush, name = theme.phase_brush(series.phase, series.round, rounds), series.phase.value
    elif series.round:
        brush, name = theme.phase_brush(Phase.PRE_COPY, series.round, rounds), ""
    else:
        brush, name = QBrush(theme.piece(PieceKind.OVERHEAD)), PieceKind.OVERHEAD.value
    if patterns and brush.style() is Qt.BrushStyle.SolidPattern:
        brush.setStyle(theme.pattern(f"round {(series.round - 1) % _ROUND_PATTERNS}" if series.round else name))
    return brush
