"""Asking for a file to open or to write. Each dialog starts in the folder that was used last."""

from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

_FOLDER_KEY = "last_folder"
# Qt looks into every folder for an icon of its own, which hangs on folders such as /proc.
_OPTIONS = QFileDialog.Option.DontUseCustomDirectoryIcons


def remember_folder(path: Path) -> None:
    """The next dialog starts where this file is."""
    QSettings().setValue(_FOLDER_KEY, str(path.absolute().parent))


def last_folder() -> Path:
    folder = Path(str(QSettings().value(_FOLDER_KEY, "")))
    return folder if folder.is_absolute() and folder.is_dir() else Path.home()


def file_to_open(parent: QWidget, title: str, kinds: str) -> Path | None:
    """The file that the user chose; None when they cancelled."""
    chosen, _ = QFileDialog.getOpenFileName(parent, title, str(last_folder()), kinds, "", _OPTIONS)
    if not chosen:
        return None
    remember_folder(Path(chosen))
    return Path(chosen)


def file_to_write(parent: QWidget, title: str, start: Path, kinds: str) -> str:
    """What the user chose or typed, "" when they cancelled. `start` is a name, or a whole path to begin at."""
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(last_folder() / start), kinds, "", _OPTIONS)
    if chosen:
        remember_folder(Path(chosen))
    return chosen
