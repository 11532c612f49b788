"""The window that shows how true the simulation is."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from vmplanner.analysis.measured_runs import shipped_runs
from vmplanner.ui.pages.accuracy_page import AccuracyPage


def show_accuracy(parent: QWidget) -> QDialog:
    """Open it beside the main window, which stays usable."""
    dialog = QDialog(parent)
    dialog.setWindowTitle("Accuracy of the model")
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(AccuracyPage(shipped_runs()))
    dialog.resize(940, 760)
    dialog.setMinimumSize(720, 560)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
    return dialog
