"""Starts the desktop application."""

import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QSettings
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from vmplanner.shipped import RESOURCES
from vmplanner.ui.dialogs.messages import tell_bug
from vmplanner.ui.theme import look
from vmplanner.ui.window import MainWindow


def run_application(file: Path | None) -> int:
    """Open the window, with the project in `file` if one is given; returns when it is closed."""
    application = QApplication(sys.argv[:1])
    prepare(application)
    window = MainWindow()

    def report(kind: type[BaseException], bug: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, bug, trace)
        tell_bug(window, bug)

    sys.excepthook = report
    window.show()
    window.show_start()
    if file is not None:
        window.files.open(file)
    window.files.offer_recovery()
    window.real_hosts.offer_left()
    return application.exec()


def prepare(application: QApplication) -> None:
    """Names, style and look of the application."""
    application.setApplicationName("vmplanner")
    application.setOrganizationName("vmplanner")
    application.setDesktopFileName("vmplanner")
    application.setWindowIcon(QIcon(str(RESOURCES / "icons" / "vmplanner.svg")))
    application.setStyle("Fusion")
    look.use(application, str(QSettings().value("theme", "system")))
