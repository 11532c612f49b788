"""How real Xen hosts are reached: a user's own settings. They are in no project, as what is in them is run."""

from pathlib import Path

from PySide6.QtCore import QSettings

from vmplanner.backends.xen.backend import Settings
from vmplanner.backends.xen.under_way import usual_folder

_SSH_CONFIG, _TRANSPORT = "xen/ssh_config", "xen/transport"


def xen_settings() -> Settings:
    """The settings as they are now."""
    kept = QSettings()
    config = str(kept.value(_SSH_CONFIG, ""))
    return Settings(usual_folder(), Path(config) if config else None, str(kept.value(_TRANSPORT, "")))


def keep_ssh_config(path: str) -> None:
    """Use another configuration file for ssh; "" for the user's own."""
    QSettings().setValue(_SSH_CONFIG, path.strip())


def keep_transport(command: str) -> None:
    """Let a command carry memory between hosts, see xl.migrate; "" for ssh."""
    QSettings().setValue(_TRANSPORT, command.strip())
