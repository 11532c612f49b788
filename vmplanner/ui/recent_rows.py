"""A project file that was open lately, as a row: its name, its folder, when it was saved, and whether it is there."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from vmplanner.ui.icons import icon
from vmplanner.ui.labels import ElidedLabel
from vmplanner.ui.names import breakable
from vmplanner.ui.theme import look


class RecentRow(QWidget):
    """`opened(Path)` and `removed(Path)` when its buttons are used. A missing file can only be taken off the list."""

    opened = Signal(object)
    removed = Signal(object)

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._when = QLabel()
        self._opener = _FileButton(path, self._when)
        self._opener.setAccessibleName(f"Open {path.name}")
        self._opener.clicked.connect(lambda: self.opened.emit(path))
        self._remover = QToolButton()
        self._remover.setAccessibleName(f"Remove {path.name} from the list")
        self._remover.setToolTip("Take it off this list; the file stays")
        self._remover.clicked.connect(lambda: self.removed.emit(path))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._opener, 1)
        layout.addWidget(self._remover)
        look.changed.connect(self._dress)
        self._dress()
        self._say("", "muted")

    def show_saved_at(self, at: datetime | None) -> None:
        """When it was last saved; None: it is not there."""
        if at is None:
            self._opener.setEnabled(False)
            self._say("Missing", "warn")
        else:
            self._say(saved(at, datetime.now()), "muted")

    def _say(self, when: str, role: str) -> None:
        self._when.setProperty("role", role)
        self._when.setText(when)
        self._when.style().polish(self._when)
        self._opener.setAccessibleDescription(f"In {self._path.parent}. {when}")
        missing = "It is not there any more: " if role == "warn" else ""
        self._opener.setToolTip(f"{missing}{breakable(str(self._path))}")

    def _dress(self) -> None:
        self._remover.setIcon(icon("fa6s.xmark", look.theme.muted))


class _FileButton(QPushButton):
    """Its labels are its text."""

    def __init__(self, path: Path, when: QLabel) -> None:
        super().__init__()
        self.setProperty("role", "row")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        name, folder = ElidedLabel(path.name), ElidedLabel(told_folder(path.parent))
        name.setProperty("role", "word")
        folder.setProperty("role", "muted")
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(name)
        texts.addWidget(folder)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.addLayout(texts, 1)
        layout.addWidget(when)
        for label in (name, folder, when):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        layout = self.layout()
        assert layout is not None
        return layout.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


def saved_at(path: Path) -> datetime | None:
    """When a file was last written; None when it is not there. Reads a disk."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime)
    except OSError:
        return None


def saved(at: datetime, now: datetime) -> str:
    """'Saved today at 14:05', 'Saved yesterday at 9:30', 'Saved on 3 May 2026'."""
    days = (now.date() - at.date()).days
    if days in (0, 1):
        return f"Saved {('today', 'yesterday')[days]} at {at.hour}:{at:%M}"
    return f"Saved on {at.day} {at:%B %Y}"


def told_folder(folder: Path) -> str:
    """A folder with the home of the person as '~'."""
    home = Path.home()
    return str(Path("~") / folder.relative_to(home)) if folder.is_relative_to(home) else str(folder)
