"""What holds of the open file for longer, in a line over the page: that it is read-only, or that its disk is slow."""

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QStatusBar, QVBoxLayout, QWidget

from vmplanner.ui.document import Document
from vmplanner.ui.files import Files
from vmplanner.ui.icons import icon
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.theme import look

_ICON_PX = 18
_BAR_PX = 72

Way = tuple[str, str, Callable[[], None]]
"""A button's text, its tooltip, and what it does."""


class FileBanner(QFrame):
    """Is there only while it has something to say. A wait is told in the `status_bar` first: most are short."""

    def __init__(self, document: Document, files: Files, status_bar: QStatusBar) -> None:
        super().__init__()
        self._document = document
        self._files = files
        self._wait = _Wait()
        status_bar.addPermanentWidget(self._wait)
        self._ways: list[Way] | None = None
        self.setProperty("role", "banner")
        self._sign = QLabel()
        self.sentence = WrappedLabel()
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(10)
        layout.addWidget(self._sign)
        layout.addWidget(self.sentence, 1)
        layout.addLayout(self._buttons)
        document.state_changed.connect(self._refresh)
        files.disk.changed.connect(self._refresh)
        look.changed.connect(self._dress)
        self._dress()
        self._refresh()

    def over(self, content: QWidget) -> QWidget:
        """The content with this above it."""
        both = QWidget()
        layout = QVBoxLayout(both)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self)
        layout.addWidget(content, 1)
        return both

    def _dress(self) -> None:
        self._sign.setPixmap(icon("fa6s.triangle-exclamation", look.theme.warn).pixmap(_ICON_PX, _ICON_PX))

    def _refresh(self) -> None:
        disk, files = self._files.disk, self._files
        self._wait.show_what(disk.what)
        if disk.is_stuck:
            ways: list[Way] = [("Stop waiting", "Give it up; the file stays as it is", disk.give_up)]
            if files.is_saving:
                ways.insert(0, ("Save elsewhere...", "Save to another place now", files.save_elsewhere))
            self._show(
                f"{disk.what} takes long: the disk or network share does not answer. You can go on working; what is "
                "not saved is kept safe on this computer.",
                ways,
            )
        elif self._document.read_only:
            ways = [("Save a copy...", "Save what you see under another name", files.save_as)]
            if files.may_take_over:
                tip = "Whoever has it open will be told, and can only save elsewhere"
                ways.insert(0, ("Take over", tip, files.take_over))
            self._show(f"Read only: {self._document.read_only}. Changes can only be saved as a copy.", ways)
        else:
            self.hide()

    def _show(self, sentence: str, ways: list[Way]) -> None:
        self.sentence.show_text(sentence)
        if self._ways is None or [way[0] for way in ways] != [way[0] for way in self._ways]:
            self._ways = ways
            while (item := self._buttons.takeAt(0)) is not None:
                if widget := item.widget():
                    widget.hide()
                    widget.deleteLater()
            for way in ways:
                self._buttons.addWidget(_button(*way))
        self.show()


def _button(text: str, tip: str, act: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("role", "small")
    button.setToolTip(tip)
    button.clicked.connect(act)
    return button


class _Wait(QWidget):
    """What is waited for, with a bar that moves."""

    def __init__(self) -> None:
        super().__init__()
        self._what = QLabel()
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedWidth(_BAR_PX)
        bar.setAccessibleName("At work")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(8)
        layout.addWidget(self._what)
        layout.addWidget(bar)
        self.hide()

    def show_what(self, what: str) -> None:
        self._what.setText(f"{what}...")
        self.setVisible(bool(what))
