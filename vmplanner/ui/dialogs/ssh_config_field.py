"""The field for a configuration file of ssh, with a button that chooses one."""

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from vmplanner.domain.errors import PlannerError
from vmplanner.ui.dialogs.choose_file import file_to_open
from vmplanner.ui.xen_settings import keep_ssh_config, xen_settings


class SshConfigField(QWidget):
    """Shows what is set."""

    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit(str(xen_settings().ssh_config or ""))
        self.line.setAccessibleName("SSH configuration file")
        self.line.setPlaceholderText("your ~/.ssh/config")
        self.line.setToolTip("In place of your own. Kept with your settings, not in the project")
        choose = QPushButton("Choose...")
        choose.setAccessibleName("Choose an SSH configuration file")
        choose.setToolTip("Choose a file")
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.line, 1)
        layout.addWidget(choose)
        self.setFocusProxy(self.line)

    def keep(self) -> Path | None:
        """Keep what stands there with the user's settings. Raises PlannerError where there is no such file."""
        text = self.line.text().strip()
        if text and not Path(text).expanduser().is_file():
            raise PlannerError(f"There is no SSH configuration file '{text}'; choose another, or leave it out")
        keep_ssh_config(str(Path(text).expanduser()) if text else "")
        return xen_settings().ssh_config

    def _choose(self) -> None:
        path = file_to_open(self, "An SSH configuration file", "All files (*)")
        if path is not None:
            self.line.setText(str(path))
