"""What to import: files and folders of other programs, and what they are if their content should not tell."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
)

from vmplanner.interchange.formats import Format
from vmplanner.ui.dialogs.choose_file import last_folder, remember_folder
from vmplanner.ui.dialogs.preview import Choice
from vmplanner.ui.labels import WrappedLabel

_KINDS = "Inventories (*.xlsx *.csv *.xml *.json *.txt *.graphml);;All files (*)"
_OPTIONS = QFileDialog.Option.DontUseCustomDirectoryIcons
_KNOWN = (
    "RVTools as XLSX or a folder of CSV files, libvirt XML, xl list -l and xl info, Proxmox pvesh JSON, "
    "xe vm-list and pool dumps, GraphML, NetBox CSV, and vmplanner's own tables and JSON."
)


class ImportChoice(Choice):
    """The files, and their format."""

    def __init__(self) -> None:
        super().__init__()
        self._paths: list[Path] = []
        known = WrappedLabel(_KNOWN)
        known.setProperty("role", "muted")
        self.files = QListWidget()
        self.files.setAccessibleName("Files and folders to import")
        self.files.setProperty("role", "framed")
        self.files.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        add_files, add_folder = QPushButton("Add files..."), QPushButton("Add a folder...")
        self._remove = QPushButton("Remove")
        add_files.clicked.connect(self._choose_files)
        add_folder.clicked.connect(self._choose_folder)
        self._remove.clicked.connect(self._remove_selected)
        self.files.itemSelectionChanged.connect(self._enable)
        self.kind = QComboBox()
        self.kind.setToolTip("What the files are, where their content does not tell it")
        self.kind.addItem("As their content tells", None)
        for each in Format:
            self.kind.addItem(each.label, each)
        caption = QLabel("&Format")
        caption.setBuddy(self.kind)
        self.refusal = WrappedLabel()
        self.refusal.setProperty("role", "error")
        self.refusal.hide()
        self._read, cancel = QPushButton("Read"), QPushButton("Cancel")
        self._read.setProperty("role", "primary")
        self._read.clicked.connect(self.asked)
        cancel.clicked.connect(self.given_up)
        beside = QHBoxLayout()
        for button in (add_files, add_folder, self._remove):
            beside.addWidget(button)
        beside.addStretch(1)
        beside.addWidget(caption)
        beside.addWidget(self.kind)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._read)
        buttons.addWidget(cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(known)
        layout.addWidget(self.files, 1)
        layout.addLayout(beside)
        layout.addWidget(self.refusal)
        layout.addLayout(buttons)
        self._enable()

    @property
    def paths(self) -> list[Path]:
        return list(self._paths)

    @property
    def as_format(self) -> Format | None:
        told = self.kind.currentData()
        return Format(told) if told is not None else None  # Qt makes plain text of it

    def add(self, paths: list[Path]) -> None:
        """Add files or folders, each once."""
        for path in paths:
            if path not in self._paths:
                self._paths.append(path)
                self.files.addItem(str(path))
        self.refusal.hide()
        self._enable()

    def refuse(self, sentence: str) -> None:
        """Say why they can't be imported."""
        self.refusal.show_text(f"{sentence[:1].upper()}{sentence[1:]}.")
        self.refusal.show()

    def _choose_files(self) -> None:
        chosen, _ = QFileDialog.getOpenFileNames(self, "Files to import", str(last_folder()), _KINDS, "", _OPTIONS)
        if chosen:
            remember_folder(Path(chosen[0]))
            self.add([Path(each) for each in chosen])

    def _choose_folder(self) -> None:
        options = _OPTIONS | QFileDialog.Option.ShowDirsOnly
        chosen = QFileDialog.getExistingDirectory(self, "A folder to import", str(last_folder()), options)
        if chosen:
            remember_folder(Path(chosen))
            self.add([Path(chosen)])

    def _remove_selected(self) -> None:
        for item in self.files.selectedItems():
            row = self.files.row(item)
            self.files.takeItem(row)
            del self._paths[row]
        self._enable()

    def _enable(self) -> None:
        self._read.setEnabled(bool(self._paths))
        self._remove.setEnabled(bool(self.files.selectedItems()))
