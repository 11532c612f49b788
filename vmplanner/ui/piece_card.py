"""One piece of a VM's data: a line that says what it is, and its fields when it is opened."""

from collections.abc import Callable

from attrs import evolve
from PySide6.QtCore import Signal
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QLabel, QPushButton

from vmplanner.domain.machines import (
    PATTERNS,
    PROFILE_KINDS,
    HotCold,
    MeasuredCurve,
    Pattern,
    Piece,
    PowerLaw,
    Sequential,
    Uniform,
    Zipf,
)
from vmplanner.domain.quantities import BYTES, PAGES_PER_S, RATIO, SHARE
from vmplanner.ui.curve_field import CurveField, PatternField
from vmplanner.ui.dirtying_picture import DirtyingPicture
from vmplanner.ui.document import Document
from vmplanner.ui.fields import ChoiceField, Field, NumberField, QuantityField, TextField
from vmplanner.ui.forms import Form, Row, Subject, row
from vmplanner.ui.glossary import WORDS, meaning
from vmplanner.ui.labels import ElidedLabel, WrappedLabel
from vmplanner.ui.makeup_bar import Swatch
from vmplanner.ui.opener import Opener
from vmplanner.ui.theme import look

_PATTERN_TITLES = {
    Uniform: "Uniform",
    Sequential: "Sequential",
    HotCold: "Hot / cold",
    Zipf: "Zipf",
    PowerLaw: "Power law",
    MeasuredCurve: "Measured curve",
}
_EXPONENT_TIPS: dict[type[Pattern], str] = {
    Zipf: "The k-th most written page takes a part of the writes proportional to 1 / k to this power. "
    "1 is usual; more gathers the writes on fewer pages",
    PowerLaw: "Distinct pages grow with time to this power. 1: every write finds a new page; "
    "less: writes come back to the same pages",
}


class PieceCard(Opener):
    """The piece at `index` of the VM. Its fields depend on its pattern. `drafted(piece)` tells while a person types
    what it would become, None while it can't be; `remove_asked(index)` when it shall go.
    """

    drafted = Signal(object)
    remove_asked = Signal(int)

    def __init__(
        self,
        document: Document,
        subject: Subject,
        index: int,
        measured: Callable[[], Piece | None],
        *,
        is_open: bool,
    ) -> None:
        self._title, self._line = ElidedLabel(), QLabel()
        super().__init__(self._title, self._line, Swatch(self._brush))
        self.look_like_a_card()
        self.index = index
        self._subject = subject
        piece: Piece = self._subject.read()
        self._pattern_type = type(piece.pattern)
        self._form = Form(document, self._subject, self._rows(measured))
        self._form.drafted.connect(self.drafted)
        self._caption = QLabel("Distinct pages written, by time")
        self._caption.setProperty("role", "muted")
        self._picture = DirtyingPicture()
        remove = QPushButton("Remove piece")
        remove.setProperty("role", "danger")
        remove.clicked.connect(lambda: self.remove_asked.emit(index))
        self._source = WrappedLabel()
        self._source.setProperty("role", "muted")
        for widget in (self._form, self._caption, self._picture, self._source, remove):
            self.body.addWidget(widget)
        self.open(is_open)

    def _brush(self) -> QBrush:
        """The fill that the piece has in the bar."""
        piece: Piece | None = self._subject.read()
        return look.theme.piece_brush(piece.kind) if piece is not None else QBrush()

    def fits(self) -> bool:
        """Whether its fields are those that the piece has now."""
        piece = self._subject.read()
        return piece is not None and type(piece.pattern) is self._pattern_type

    def refresh(self) -> None:
        piece: Piece = self._subject.read()
        self.name(piece.name)
        self._title.setText(piece.name)
        self.update()
        self._title.setStyleSheet("font-weight: 600")
        writes = f" · {PAGES_PER_S.format(piece.write_rate_pages_per_s)}" if piece.write_rate_pages_per_s else ""
        self._line.setText(f"{BYTES.format(piece.size_bytes)}{writes}")
        self._source.show_text(f"Source: {piece.source or 'not given'}")
        self._form.refresh()
        is_written = piece.pages > 0 and piece.write_rate_pages_per_s > 0
        self._picture.show_piece(piece if is_written else None)
        for widget in (self._caption, self._picture):
            widget.setVisible(is_written)

    def _rows(self, measured: Callable[[], Piece | None]) -> list[Row]:
        kinds = [(kind, kind.value.capitalize()) for kind in PROFILE_KINDS]
        patterns = [(kind, _PATTERN_TITLES[kind]) for kind in PATTERNS]
        rate_tip = WORDS["write rate"]
        rows = [
            row("Name", "name", TextField("Piece name")),
            row("Kind", "kind", ChoiceField("Kind of data", kinds, meaning("hot set"))),
            row("Size", "size_bytes", QuantityField("Size", BYTES, whole=True)),
            row("Write rate", "write_rate_pages_per_s", QuantityField("Write rate", PAGES_PER_S, tip=rate_tip)),
            row(
                "Zero pages",
                "zero_share",
                QuantityField("Zero pages", SHARE, tip=f"Share of its pages. {WORDS['zero pages']}"),
            ),
            row(
                "Rewritten",
                "rewrite_share",
                QuantityField("Rewritten share", SHARE, tip="Share of a page's bytes that a write changes"),
            ),
            row(
                "Compression ratio",
                "compression_ratio",
                QuantityField("Compression ratio", RATIO, tip="A page's size by its size when packed"),
            ),
            Row(
                "Pattern",
                PatternField(patterns, WORDS["write pattern"], measured),
                lambda piece: piece,
                lambda _, piece: piece,
            ),
        ]
        if self._pattern_type is HotCold:
            size_tip, writes_tip = "The part of the piece that is hot", "The part of the writes that the hot part takes"
            rows.append(_pattern_row("hot_size_share", QuantityField("Hot size", SHARE, tip=size_tip)))
            rows.append(_pattern_row("hot_write_share", QuantityField("Hot writes", SHARE, tip=writes_tip)))
        elif self._pattern_type in _EXPONENT_TIPS:
            rows.append(_pattern_row("exponent", NumberField("Exponent", _EXPONENT_TIPS[self._pattern_type])))
        elif self._pattern_type is MeasuredCurve:
            rows.append(Row("Curve", CurveField(), lambda piece: piece, lambda _, piece: piece))
        return rows


def _pattern_row(attribute: str, field: Field) -> Row:
    """A line for a value of the piece's pattern."""
    return Row(
        field.editor.accessibleName(),
        field,
        lambda piece: getattr(piece.pattern, attribute),
        lambda piece, value: evolve(piece, pattern=evolve(piece.pattern, **{attribute: value})),
    )
