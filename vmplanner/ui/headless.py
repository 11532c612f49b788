"""Qt without a screen, for commands that draw pictures into files."""

import os
import sys

from PySide6.QtWidgets import QApplication


def offscreen_application() -> QApplication:
    """The QApplication that runs, or a new one; keep it for as long as anything is drawn.

    Where there may be no display (neither Windows nor macOS) and none is named, Qt's offscreen platform is used, unless
    QT_QPA_PLATFORM already says otherwise.
    """
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform not in ("win32", "darwin") and not named:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return QApplication(["vmplanner"])
