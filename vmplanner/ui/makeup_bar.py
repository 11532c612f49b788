"""What a VM's data makes of its memory, in bars and in words: the pieces, what must move and what may be discarded,
what is hot, and what packing would save.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from vmplanner.domain.machines import Piece, PieceKind
from vmplanner.domain.quantities import BYTES
from vmplanner.simulation.makeup import Makeup, makeup_of
from vmplanner.ui.glossary import WORDS
from vmplanner.ui.theme import RADIUS, look, mixed

_PIECES_PX, _MAKES_PX, _STRIPE_PX, _GAP_PX = 18.0, 14.0, 4.0, 4.0


class MakeupBar(QWidget):
    """`show_pieces` with all pieces of a VM; while a person types, with those that would be."""

    def __init__(self) -> None:
        super().__init__()
        self._bars = _Bars()
        self._figures = [
            _Figure("Good", lambda: QBrush(look.theme.accent), WORDS["good memory"]),
            _Figure("Bad", lambda: look.theme.piece_brush(PieceKind.FREE), WORDS["bad memory"]),
            _Figure("Hot", lambda: QBrush(look.theme.piece(PieceKind.HOT_SET)), _HOT),
            _Figure("Compressible", lambda: QBrush(look.theme.good), _COMPRESSIBLE),
        ]
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for place, figure in enumerate(self._figures):
            grid.addWidget(figure, place // 2, place % 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._bars)
        layout.addLayout(grid)

    def show_pieces(self, pieces: Sequence[Piece]) -> None:
        makeup = makeup_of(pieces)
        self._bars.show_makeup(tuple(pieces), makeup)
        figures = (makeup.good_bytes, makeup.bad_bytes, makeup.hot_bytes, makeup.compressible_bytes)
        for figure, size_bytes in zip(self._figures, figures, strict=True):
            figure.show_bytes(size_bytes, makeup.total_bytes)
        self.setAccessibleName("What the pieces make of the memory")
        self.setAccessibleDescription(in_words(makeup))


def in_words(makeup: Makeup) -> str:
    """The figures in a sentence."""
    total, good, bad, hot, packed = (
        BYTES.format(size)
        for size in (
            makeup.total_bytes,
            makeup.good_bytes,
            makeup.bad_bytes,
            makeup.hot_bytes,
            makeup.compressible_bytes,
        )
    )
    return (
        f"Of {total} of memory, {good} are good and must move, {bad} are bad and may be discarded. "
        f"{hot} are hot: written within one second. Packing would save {packed}."
    )


_HOT = "The memory that is written within one second. It is what keeps a pre-copy going on."
_COMPRESSIBLE = "What packing pages, and leaving out zero pages, would save of the good memory."


class _Figure(QWidget):
    """One number with its name and the colour that it has in the bar."""

    def __init__(self, name: str, brush_of: Callable[[], QBrush], tip: str) -> None:
        super().__init__()
        self._name = name
        self._swatch = Swatch(brush_of)
        self._text, self._share = QLabel(), QLabel()
        self._share.setProperty("role", "muted")
        self.setToolTip(f"{name}: {tip}")
        caption = QLabel(name)
        caption.setProperty("role", "muted")
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(6)
        head.addWidget(self._swatch)
        head.addWidget(caption, 1)
        numbers = QHBoxLayout()
        numbers.setContentsMargins(18, 0, 0, 0)
        numbers.setSpacing(6)
        numbers.addWidget(self._text)
        numbers.addWidget(self._share, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addLayout(numbers)

    def show_bytes(self, size_bytes: float, total_bytes: float) -> None:
        share = size_bytes / total_bytes if total_bytes else 0.0
        self._text.setText(BYTES.format(size_bytes) if size_bytes else "none")
        self._share.setText("" if not size_bytes else "under 1 %" if share < 0.01 else f"{share * 100:.0f} %")
        of_all = f", {self._share.text()} of the memory" if size_bytes else ""
        self.setAccessibleName(f"{self._name}: {self._text.text()}{of_all}")


class Swatch(QWidget):
    """A small square in the colour of a part of the bar."""

    def __init__(self, brush_of: Callable[[], QBrush]) -> None:
        super().__init__()
        self.setFixedSize(12, 12)
        self._brush_of = brush_of
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look.theme.border)
        painter.setBrush(self._brush_of())
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.end()


class _Bars(QWidget):
    """Above, a stretch for each piece in the colour of its kind. Below it good and bad memory, the hot part first, and
    a stripe as long as what packing would save.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pieces: tuple[Piece, ...] = ()
        self._makeup = Makeup(0, 0, 0, 0)
        self.setFixedHeight(round(_PIECES_PX + _MAKES_PX + _STRIPE_PX + 2 * _GAP_PX))
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, self.height())

    def show_makeup(self, pieces: tuple[Piece, ...], makeup: Makeup) -> None:
        # The memory that moves comes first, so that the bar below fits the one above.
        self._pieces = tuple(sorted(pieces, key=lambda piece: piece.is_bad))
        self._makeup = makeup
        told = "\n".join(f"{piece.name}: {BYTES.format(piece.size_bytes)}" for piece in pieces)
        self.setToolTip(told)
        self.setAccessibleName(told.replace("\n", "; "))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, makeup = look.theme, self._makeup
        total = makeup.total_bytes or 1.0
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = 0.0
        stretches = [(float(piece.size_bytes), theme.piece_brush(piece.kind)) for piece in self._pieces]
        self._draw(painter, QRectF(0, top, self.width(), _PIECES_PX), stretches, total)
        top += _PIECES_PX + _GAP_PX
        stretches = [
            (makeup.hot_bytes, QBrush(theme.piece(PieceKind.HOT_SET))),
            (makeup.good_bytes - makeup.hot_bytes, QBrush(theme.accent)),
            (makeup.bad_bytes, theme.piece_brush(PieceKind.FREE)),
        ]
        self._draw(painter, QRectF(0, top, self.width(), _MAKES_PX), stretches, total)
        top += _MAKES_PX + _GAP_PX
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(theme.surface, theme.text, 0.10))
        painter.drawRoundedRect(QRectF(0, top, self.width(), _STRIPE_PX), 2, 2)
        if makeup.compressible_bytes > 0:
            painter.setBrush(theme.good)
            width = max(_STRIPE_PX, self.width() * makeup.compressible_bytes / total)
            painter.drawRoundedRect(QRectF(0, top, width, _STRIPE_PX), 2, 2)
        painter.end()

    def _draw(self, painter: QPainter, bar: QRectF, stretches: Sequence[tuple[float, QBrush]], total: float) -> None:
        outline = QPainterPath()
        outline.addRoundedRect(bar.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS - 1, RADIUS - 1)
        painter.setClipPath(outline)
        painter.fillRect(bar, look.theme.window)
        left = bar.left()
        for size_bytes, brush in stretches:
            width = bar.width() * size_bytes / total
            # What is there can be seen.
            width = max(2.0, width) if size_bytes > 0 else 0.0
            painter.fillRect(QRectF(left, bar.top(), width, bar.height()), brush)
            left += width
        painter.setClipping(False)
        painter.strokePath(outline, look.theme.border)
