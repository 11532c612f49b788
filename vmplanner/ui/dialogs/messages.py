"""What the application has to say: an error that the user can mend, or a bug with a report to copy."""

import platform
import sys
import traceback
from pathlib import Path

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from vmplanner import __version__


def tell_error(parent: QWidget, title: str, sentence: str) -> QMessageBox:
    """Show a sentence; the window stays usable behind it."""
    box = QMessageBox(QMessageBox.Icon.Warning, title, sentence, QMessageBox.StandardButton.Ok, parent)
    box.setText(title)
    box.setInformativeText(sentence)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box


def tell_bug(parent: QWidget | None, bug: BaseException) -> QMessageBox:
    """Own up to a bug: what happened, and a report that can be copied."""
    report = bug_report(bug)
    box = QMessageBox(QMessageBox.Icon.Critical, "A fault in vmplanner", "", QMessageBox.StandardButton.Close, parent)
    box.setText("Something went wrong inside vmplanner.")
    box.setInformativeText("Your project is still open: save it now. The report helps to mend the fault.")
    box.setDetailedText(report)
    copy = box.addButton("Copy the report", QMessageBox.ButtonRole.ActionRole)
    copy.clicked.disconnect()
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(report))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box


def may_replace(parent: QWidget, path: Path) -> bool:
    """Ask whether the file at `path`, if there is one, may be written over."""
    if not path.exists():
        return True
    buttons = QMessageBox.StandardButton
    box = QMessageBox(QMessageBox.Icon.Question, "Replace the file?", "", buttons.Yes | buttons.No, parent)
    box.setText(f"{path.name} is there already. Replace it?")
    box.setDefaultButton(buttons.No)
    return box.exec() == buttons.Yes


def bug_report(bug: BaseException) -> str:
    """Versions and the traceback; nothing of the project."""
    versions = (
        f"vmplanner {__version__}, Python {platform.python_version()}, PySide6 {PySide6.__version__}, {sys.platform}"
    )
    return f"{versions}\n\n{''.join(traceback.format_exception(bug))}"


def about(parent: QWidget) -> None:
    """Who we are and what this is."""
    box = QMessageBox(parent)
    box.setWindowTitle("About vmplanner")
    box.setText(f"vmplanner {__version__}")
    box.setInformativeText(
        "Plans live migrations of virtual machines, simulates them, and shows where the time of each went.\n\n"
        f"Python {platform.python_version()}, Qt {PySide6.__version__}. Free software under the MIT licence."
    )
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
