"""Where the points of a measured curve are typed, pasted or read from a CSV file, and drawn at once."""

from pathlib import Path

from attrs import evolve
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from vmplanner.domain.edits import changed_by_hand
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.machines import MeasuredCurve, Piece
from vmplanner.domain.quantities import PAGES_PER_S, grouped
from vmplanner.interchange.curves import read_curve, written_curve
from vmplanner.ui.dialogs.choose_file import file_to_open
from vmplanner.ui.dirtying_picture import DirtyingPicture
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.theme import FONT_PX

_KINDS = "Tables (*.csv *.txt *.tsv);;All files (*)"
_MOST_FILE_BYTES = 1024 * 1024


class CurveDialog(QDialog):
    """Edits the curve of a piece. `piece` is the piece with the points as they stand, None while they are wrong. The
    source of points from a file is that file.
    """

    def __init__(self, parent: QWidget, piece: Piece) -> None:
        super().__init__(parent)
        self._before = piece
        self._imported = "", ""  # the name of the file, and its text
        self.piece: Piece | None = piece
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Measured curve of {piece.name}")
        help_text = WrappedLabel(
            "How many distinct pages were written in so many seconds: one row for each point, seconds and pages. "
            "Type or paste the rows, or import a CSV file. The piece is then written as measured."
        )
        help_text.setProperty("role", "muted")
        curve = piece.pattern
        self._text = QPlainTextEdit(written_curve(curve) if isinstance(curve, MeasuredCurve) else "")
        self._text.setPlaceholderText("0.5, 400\n2, 900\n10, 2000")
        self._text.setAccessibleName("Points")
        self._text.setTabChangesFocus(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(FONT_PX)
        self._text.setFont(font)
        self._picture = DirtyingPicture()
        self._picture.setMinimumSize(320, 220)
        caption = QLabel("Distinct pages, by time")
        caption.setProperty("role", "muted")
        self._note = WrappedLabel()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._accept = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._accept.setText("Use this curve")
        self._accept.setProperty("role", "primary")
        buttons.addButton("Import CSV...", QDialogButtonBox.ButtonRole.ResetRole).clicked.connect(self._import)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        drawn = QVBoxLayout()
        drawn.addWidget(caption)
        drawn.addWidget(self._picture, 1)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self._text, 2)
        middle.addLayout(drawn, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(help_text)
        layout.addLayout(middle, 1)
        layout.addWidget(self._note)
        layout.addWidget(buttons)
        self.resize(680, 460)
        self._text.textChanged.connect(self._read)
        self._read()
        self._text.setFocus()

    def _read(self) -> None:
        """Understand the rows, or say which is wrong."""
        text = self._text.toPlainText()
        try:
            curve = read_curve(text)
            source = self._source(text)
            self.piece = evolve(self._before, pattern=curve, write_rate_pages_per_s=curve.pages_at(1.0), source=source)
        except PlannerError as error:
            self.piece = None
            self._say(f"{error}." if text.strip() else "Two points at least are needed.", "error" if text else "muted")
        else:
            self._say(self._summary(curve), "muted")
        self._picture.show_piece(self.piece if self._before.pages else None)
        self._accept.setEnabled(self.piece is not None)

    def _source(self, text: str) -> str:
        name, imported = self._imported
        if not name:
            return self._before.source
        return name if text == imported else changed_by_hand(name)

    def _summary(self, curve: MeasuredCurve) -> str:
        points = f"{len(curve.points)} points; in one second {grouped(curve.pages_at(1.0))} distinct pages are written."
        last = curve.points[-1][1]
        if last > self._before.pages:
            points += f" It goes up to {grouped(last)}; the piece has only {grouped(self._before.pages)}."
        before, rate = self._before.write_rate_pages_per_s, curve.pages_at(1.0)
        if rate != before:
            points += f" The write rate becomes {PAGES_PER_S.format(rate)}; it was {PAGES_PER_S.format(before)}."
        return points

    def _import(self) -> None:
        path = file_to_open(self, "Import a measured curve", _KINDS)
        if path is not None:
            self.read_file(path)

    def read_file(self, path: Path) -> None:
        """Take the rows of a file; one that can't be read is told below, and the rows stay."""
        try:
            if path.stat().st_size > _MOST_FILE_BYTES:
                self._say(f"{path.name} is larger than 1 MiB and can't be a measured curve.", "error")
                return
            self._imported = path.name, path.read_text(encoding="utf-8-sig")
            self._text.setPlainText(self._imported[1])
        except UnicodeDecodeError:
            self._say(f"{path.name} is not a text file. Save it as CSV, in UTF-8.", "error")
        except OSError as error:
            self._say(f"Can't read {path.name}: {error.strerror}.", "error")

    def _say(self, text: str, role: str) -> None:
        self._note.show_text(text)
        self._note.setProperty("role", role)
        self._note.style().unpolish(self._note)
        self._note.style().polish(self._note)
