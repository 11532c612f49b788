"""The window that shows how true the simulation is."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QScrollArea, QVBoxLayout, QWidget

from vmplanner.analysis.measured_runs import shipped_runs
from vmplanner.ui.pages.accuracy_page import AccuracyPage

_SHARE_OF_SCREEN = 0.9


def show_accuracy(parent: QWidget) -> QDialog:
    """Open it beside the main window, which stays usable."""
    dialog = QDialog(parent)
    dialog.setWindowTitle("Accuracy of the model")
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(0, 0, 0, 0)
    scroll = QScrollArea()
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidgetResizable(True)
    scroll.setWidget(AccuracyPage(shipped_runs()))
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    buttons.setContentsMargins(20, 8, 20, 12)
    layout.setSpacing(0)
    layout.addWidget(scroll, 1)
    layout.addWidget(buttons)
    room = parent.screen().availableGeometry().size()
    dialog.resize(QSize(940, 760).boundedTo(room * _SHARE_OF_SCREEN))
    dialog.setMinimumSize(720, 360)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
    return dialog
