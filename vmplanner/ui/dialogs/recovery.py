"""Offers unsaved work that a crash has left or that was declined: each with a picture, a time, and what was done."""

from datetime import timedelta

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vmplanner.domain.edits import count
from vmplanner.store import recovery
from vmplanner.store.recovery import UnsavedWork
from vmplanner.ui.canvas.small_picture import picture_of
from vmplanner.ui.names import breakable, shortened

_PICTURE = QSize(208, 128)
_DAYS_KEPT = recovery.KEPT_S // 86_400


class RecoveryDialog(QDialog):
    """`chosen(UnsavedWork)`: this is to be opened. Closing it leaves everything as it is."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, works: list[UnsavedWork]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Recover unsaved work")
        title = QLabel("Unsaved work was found" if works else "There is no unsaved work to recover")
        title.setProperty("role", "title")
        about = QLabel(
            "It was not saved when vmplanner ended, or you chose not to save it. Recovered work opens as unsaved; "
            f"its file is as it was. Declined work stays here for {_DAYS_KEPT} days."
        )
        about.setProperty("role", "muted")
        about.setWordWrap(True)
        body = QWidget()
        self._rows = QVBoxLayout(body)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        for work in works:
            self._rows.addWidget(self._card(work))
        self._rows.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        area.setAccessibleName("Unsaved work")
        area.setVisible(bool(works))
        buttons = QDialogButtonBox()
        later = buttons.addButton("Later" if works else "Close", QDialogButtonBox.ButtonRole.RejectRole)
        later.setToolTip("Leave everything as it is; it is offered again at the next start" if works else "")
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addWidget(about)
        layout.addWidget(area, 1)
        layout.addWidget(buttons)
        self.resize(680, min(560, 170 + 162 * len(works)))

    def _card(self, work: UnsavedWork) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        picture = QLabel()
        picture.setFixedSize(_PICTURE)
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        if work.project is not None:
            picture.setPixmap(picture_of(work.project, _PICTURE, self.devicePixelRatioF()))
            picture.setAccessibleName("Picture of the topology")
        name = QLabel(shortened(work.name, 50))
        name.setProperty("role", "word")
        name.setToolTip(breakable(str(work.path or "It was never saved to a file")))
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(name)
        for line in _lines(work):
            label = QLabel(breakable(line))
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setProperty("role", "muted")
            texts.addWidget(label)
        texts.addStretch(1)
        texts.addLayout(self._buttons(work, card))
        row = QHBoxLayout(card)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(16)
        row.addWidget(picture)
        row.addLayout(texts, 1)
        return card

    def _buttons(self, work: UnsavedWork, card: QFrame) -> QHBoxLayout:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        recover = QPushButton("Recover")
        recover.setAccessibleName(f"Recover {work.name}")
        recover.setProperty("role", "primary")
        recover.setEnabled(work.project is not None)
        recover.clicked.connect(lambda: self._choose(work))
        away = QPushButton("Remove for good" if work.is_declined else "Discard")
        away.setAccessibleName(f"{away.text()} {work.name}")
        away.setProperty("role", "danger")
        away.setToolTip(
            "Its changes are lost then"
            if work.is_declined
            else f"Not offered again at the start; kept under File > Recover unsaved work for {_DAYS_KEPT} days"
        )
        away.clicked.connect(lambda: self._put_away(work, card))
        buttons.addWidget(recover)
        buttons.addWidget(away)
        buttons.addStretch(1)
        return buttons

    def _choose(self, work: UnsavedWork) -> None:
        self.accept()
        self.chosen.emit(work)

    def _put_away(self, work: UnsavedWork, card: QFrame) -> None:
        if work.is_declined:
            recovery.remove(work)
        else:
            recovery.decline(work)
        self._rows.removeWidget(card)
        card.hide()
        card.deleteLater()
        if self._rows.count() == 1:  # the stretch alone
            self.reject()


def _lines(work: UnsavedWork) -> list[str]:
    if work.project is None:
        return [f"It can't be recovered: {work.damage}"]
    at = work.last_at.astimezone()
    day = f"{at.day} {at:%B %Y}"
    lines = [
        f"{count(work.changes, 'change')} not saved, the last at {at:%H:%M} on {day}: {shortened(work.last, 60)}",
        shortened(str(work.path), 70) if work.path else "Never saved to a file",
    ]
    if work.is_declined:
        until = at + timedelta(days=_DAYS_KEPT)
        lines.append(f"Declined; kept at least until {until.day} {until:%B}")
    return lines
