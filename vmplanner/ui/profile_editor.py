"""The application data of one VM: a bar of what its memory holds, and a card for each piece."""

from collections.abc import Callable

from attrs import evolve
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain import edits
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.machines import (
    PATTERNS,
    PROFILE_KINDS,
    HotCold,
    MeasuredCurve,
    Pattern,
    Piece,
    PieceKind,
    PowerLaw,
    Sequential,
    Uniform,
    VirtualMachine,
    Zipf,
)
from vmplanner.domain.project import Change
from vmplanner.domain.quantities import BYTES, MIB, PAGES_PER_S, RATIO, SHARE
from vmplanner.store.library import ProfileTemplate
from vmplanner.ui.curve_field import CurveField, PatternField
from vmplanner.ui.dirtying_picture import DirtyingPicture
from vmplanner.ui.document import Document
from vmplanner.ui.fields import ChoiceField, Field, NumberField, QuantityField, TextField
from vmplanner.ui.forms import Form, Row, Subject, row
from vmplanner.ui.glossary import WORDS, meaning
from vmplanner.ui.item_list import part_of
from vmplanner.ui.labels import ElidedLabel, WrappedLabel
from vmplanner.ui.opener import Opener
from vmplanner.ui.theme import RADIUS, look

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


class DataBar(QWidget):
    """The memory of a VM as one bar, a stretch for each piece in the colour of its kind."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(18)
        self._pieces: tuple[Piece, ...] = ()
        look.changed.connect(self.update)

    def show_pieces(self, pieces: tuple[Piece, ...]) -> None:
        self._pieces = pieces
        text = "\n".join(f"{piece.name}: {BYTES.format(piece.size_bytes)}" for piece in pieces)
        self.setToolTip(text)
        self.setAccessibleName(text.replace("\n", "; "))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), look.theme.window)
        total = sum(piece.size_bytes for piece in self._pieces) or 1
        left = 0.0
        for piece in self._pieces:
            width = self.width() * piece.size_bytes / total
            painter.fillRect(QRectF(left, 0, width, self.height()), look.theme.piece_brush(piece.kind))
            left += width
        painter.setClipping(False)
        painter.strokePath(outline, look.theme.border)
        painter.end()


class ProfileEditor(QWidget):
    """Choose a profile from the library, or edit the pieces one by one."""

    def __init__(
        self,
        document: Document,
        machine_id: str,
        templates: tuple[ProfileTemplate, ...],
        measured: dict[tuple[str, str], Piece],
    ) -> None:
        """`measured` keeps pieces with their measured curves, by VM and name, for as long as the project is open."""
        super().__init__()
        self._measured = measured
        self._document = document
        self._machine_id = machine_id
        self._templates = templates
        self._cards: list[_PieceCard] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._choice = ChoiceField("Profile", [], "Fill the VM with the data of a typical application")
        self._choice.entered.connect(self._apply_template)
        self._bar = DataBar()
        self._summary = QLabel()
        self._summary.setProperty("role", "muted")
        self._summary.setWordWrap(True)
        self._summary.setToolTip(meaning("good memory", "bad memory"))
        self._add = QPushButton("Add a piece of data")
        self._add.setToolTip(meaning("piece of data"))
        self._add.clicked.connect(self._add_piece)
        for widget in (self._choice, self._bar, self._summary, self._add):
            self._layout.addWidget(widget)
        self.refresh()

    @property
    def machine(self) -> VirtualMachine | None:
        return self._document.project.machines.get(self._machine_id)

    def refresh(self) -> None:
        machine = self.machine
        if machine is None:
            return
        names = [template.name for template in self._templates]
        own = [] if machine.profile.name in names else [machine.profile.name]
        self._choice.offer([(name, name) for name in [*own, *names]])
        self._choice.show_value(machine.profile.name)
        self._bar.show_pieces(tuple(machine.all_pieces()))
        for piece in machine.profile.pieces:
            if isinstance(piece.pattern, MeasuredCurve):
                self._measured[machine.id, piece.name] = piece
        bad = sum(piece.size_bytes for piece in machine.all_pieces() if piece.is_bad)
        self._summary.setText(
            f"{BYTES.format(machine.memory_bytes - bad)} good, {BYTES.format(bad)} bad memory (may be discarded)"
        )
        if [card.index for card in self._cards] != list(range(len(machine.profile.pieces))) or any(
            not card.fits() for card in self._cards
        ):
            self._rebuild_cards(machine)
        for card in self._cards:
            card.refresh()

    def piece_subject(self, index: int) -> Subject:
        return part_of(
            self._pieces, index, lambda pieces, title: self._with_pieces(self._sourced(pieces), f"{title} in")
        )

    def _sourced(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        return tuple(map(edits.change_piece, self._pieces(), pieces))

    def _pieces(self) -> tuple[Piece, ...]:
        return self.machine.profile.pieces if self.machine is not None else ()

    def measured_piece(self, index: int) -> Piece | None:
        """The piece as it was when it last had a measured curve."""
        machine = self.machine
        return None if machine is None else self._measured.get((machine.id, machine.profile.pieces[index].name))

    def remove_piece(self, index: int) -> None:
        machine = self.machine
        assert machine is not None
        pieces = tuple(piece for i, piece in enumerate(machine.profile.pieces) if i != index)
        self._document.push(self._with_pieces(pieces, f"Remove {machine.profile.pieces[index].name} from"))

    def _with_pieces(self, pieces: tuple[Piece, ...], title: str) -> Change:
        """`title` lacks the name of the VM."""
        machine = self.machine
        assert machine is not None
        after = evolve(machine, profile=evolve(machine.profile, pieces=pieces))
        return edits.replace(machine, after, f"{title} {machine.name}")

    def _apply_template(self, name: str) -> None:
        machine = self.machine
        template = next((template for template in self._templates if template.name == name), None)
        if machine is None or template is None:
            return
        try:
            after = evolve(machine, profile=template.profile_for(machine.memory_bytes))
            self._document.push(edits.replace(machine, after, f"Give {machine.name} the profile {name}"))
        except InvalidValue as refusal:
            self._choice.refuse(refusal.why)

    def _add_piece(self) -> None:
        machine = self.machine
        assert machine is not None
        name = edits.unique_name("heap", (piece.name for piece in machine.profile.pieces))
        free = machine.memory_bytes - machine.profile.size_bytes
        piece = Piece(name, PieceKind.HEAP, min(free, 256 * MIB), source=edits.ENTERED)
        self._document.push(self._with_pieces((*machine.profile.pieces, piece), f"Add {name} to"))

    def _rebuild_cards(self, machine: VirtualMachine) -> None:
        open_ones = {card.index for card in self._cards if card.is_open}
        for card in self._cards:
            self._layout.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [
            _PieceCard(self._document, self, index, is_open=index in open_ones)
            for index in range(len(machine.profile.pieces))
        ]
        for index, card in enumerate(self._cards):
            self._layout.insertWidget(3 + index, card)


class _PieceCard(Opener):
    """One piece: a line that says what it is, and its fields when opened. The fields depend on the piece's pattern."""

    def __init__(self, document: Document, editor: ProfileEditor, index: int, *, is_open: bool) -> None:
        self._title, self._line, self._swatch = ElidedLabel(), QLabel(), QLabel()
        super().__init__(self._title, self._line, self._swatch)
        self.look_like_a_card()
        self.index = index
        self._subject = editor.piece_subject(index)
        piece: Piece = self._subject.read()
        self._pattern_type = type(piece.pattern)
        self._swatch.setFixedSize(10, 10)
        self._form = Form(document, self._subject, self._rows(lambda: editor.measured_piece(index)))
        self._caption = QLabel("Distinct pages written, by time")
        self._caption.setProperty("role", "muted")
        self._picture = DirtyingPicture()
        remove = QPushButton("Remove piece")
        remove.setProperty("role", "danger")
        remove.clicked.connect(lambda: editor.remove_piece(index))
        self._source = WrappedLabel()
        self._source.setProperty("role", "muted")
        for widget in (self._form, self._caption, self._picture, self._source, remove):
            self.body.addWidget(widget)
        self.open(is_open)

    def fits(self) -> bool:
        """Whether its fields are those that the piece has now."""
        piece = self._subject.read()
        return piece is not None and type(piece.pattern) is self._pattern_type

    def refresh(self) -> None:
        piece: Piece = self._subject.read()
        self.name(piece.name)
        self._title.setText(piece.name)
        self._title.setStyleSheet("font-weight: 600")
        writes = f" · {PAGES_PER_S.format(piece.write_rate_pages_per_s)}" if piece.write_rate_pages_per_s else ""
        self._line.setText(f"{BYTES.format(piece.size_bytes)}{writes}")
        self._swatch.setStyleSheet(f"background: {look.theme.piece(piece.kind).name()}; border-radius: 3px")
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
