"""Writing the drawing to a file, or putting it on the clipboard as a picture."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.ui.canvas.export import drawing_image, export_drawing
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.choose_file import file_to_write
from vmplanner.ui.files import file_name, with_suffix
from vmplanner.ui.theme import look

_FORMATS = (("PNG picture", "png"), ("SVG drawing", "svg"), ("PDF page", "pdf"))
_SCALES = ("1x", "2x", "3x", "4x")
_IMAGE_SCALE = 2.0
_FAILED = "The drawing could not be exported"
_SHOWN_MS = 8000


class ExportDrawing(QDialog):
    """Asks for the format and the looks, then for the file. `tell` gets what was done and for how long to show it."""

    def __init__(
        self, window: QWidget, project: Project, selected: frozenset[str], tell: Callable[[str, int], None]
    ) -> None:
        super().__init__(window)
        self.setWindowTitle("Export the drawing")
        self._window, self._project, self._tell = window, project, tell
        self._selected = frozenset(i for i in selected if project.node(i) is not None or i in project.machines)
        self.format = _choice("Format", [title for title, _name in _FORMATS])
        self.scale = _choice("Scale", _SCALES)
        self.scale.setCurrentIndex(1)
        self.looks = _choice("Colours", ["Light", "Dark"])
        self.looks.setCurrentIndex(int(look.theme.is_dark))
        self.selection_only = QCheckBox("Only what is selected")
        self.selection_only.setEnabled(bool(self._selected))
        self.format.currentIndexChanged.connect(lambda index: self.scale.setEnabled(_FORMATS[index][1] == "png"))
        form = QFormLayout()
        for field in (self.format, self.scale, self.looks):
            form.addRow(field.accessibleName(), field)
        form.addRow("", self.selection_only)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.save)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.setMinimumWidth(320)
        self.finished.connect(self.deleteLater)

    def save(self) -> None:
        """Ask for a file and write it."""
        title, name = _FORMATS[self.format.currentIndex()]
        start = Path(f"{file_name(self._project.name)} - topology.{name}")
        chosen = file_to_write(self, "Export the drawing", start, f"{title} (*.{name})")
        if not chosen:
            return
        path = with_suffix(chosen, f".{name}")
        if str(path) != chosen and not messages.may_replace(self, path):
            return
        try:
            export_drawing(
                self._project,
                path,
                name,
                theme_name="dark" if self.looks.currentIndex() else "light",
                scale=float(self.scale.currentIndex() + 1),
                only=self._selected if self.selection_only.isChecked() else None,
            )
        except PlannerError as error:
            messages.tell_error(self._window, _FAILED, str(error))
            return
        self._tell(f"Exported to {path}", _SHOWN_MS)
        self.accept()


def copy_drawing(window: QWidget, project: Project, selected: frozenset[str], tell: Callable[[str, int], None]) -> None:
    """Put the selected things, or else the whole drawing, on the clipboard as a picture in the window's colours."""
    drawn = frozenset(i for i in selected if project.node(i) is not None or i in project.machines)
    try:
        image = drawing_image(project, theme_name=look.theme.name, scale=_IMAGE_SCALE, only=drawn or None)
    except PlannerError as error:
        messages.tell_error(window, _FAILED, str(error))
        return
    QApplication.clipboard().setImage(image)
    tell(f"Copied a picture of {'what is selected' if drawn else 'the whole drawing'}", _SHOWN_MS)


def _choice(name: str, titles: list[str] | tuple[str, ...]) -> QComboBox:
    choice = QComboBox()
    choice.setAccessibleName(name)
    choice.setToolTip(name)
    choice.addItems(titles)
    return choice
