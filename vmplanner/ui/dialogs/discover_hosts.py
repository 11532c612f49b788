"""Discovering real hosts: they are asked over ssh for themselves and their VMs, with a preview of what comes of it."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from vmplanner.backends.xen.discover import discover
from vmplanner.backends.xen.ssh import check_destination
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Change, Project
from vmplanner.interchange.live_hosts import inventory_of, with_addresses
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs.greeting import Stranger, greet, part
from vmplanner.ui.dialogs.preview import Choice, Found, Preview, Tell, ending, found_of
from vmplanner.ui.dialogs.ssh_config_field import SshConfigField
from vmplanner.ui.labels import WrappedLabel

_ABOUT = (
    "Hosts with Xen and xl, one address on each line: what you would give to ssh. Your keys, agent and known hosts are "
    "used; no password is asked for. Nothing is changed on the hosts."
)


def _ask(
    project: Project, addresses: Sequence[str], config: Path | None, say: Tell, given_up: Event
) -> Found | Stranger | PlannerError:
    """Ask the hosts, and merge their answers with the project. Runs in a thread."""
    tell = ending(say, given_up)
    with TemporaryDirectory(prefix="vmplanner-ssh-") as folder:
        try:
            hosts = greet(addresses, Path(folder), config, tell, given_up)
            if isinstance(hosts, Stranger):
                return hosts
            try:
                found = []
                for host in hosts:
                    tell(f"Asking {host.ssh.destination} for its VMs")
                    found.append(discover(host))
            finally:
                part(hosts)
            inventory = inventory_of(found, tell)
            return found_of(project, inventory, tell, lambda merged: with_addresses(project, merged, found))
        except PlannerError as refusal:
            return refusal


class DiscoverChoice(Choice):
    """The addresses, to begin with those of the hosts that the project knows."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        about = WrappedLabel(_ABOUT)
        about.setProperty("role", "muted")
        self.hosts = QPlainTextEdit()
        self.hosts.setAccessibleName("Addresses of hosts")
        self.hosts.setToolTip("Such as root@xen-a or ssh://root@xen-a:22, one on each line")
        self.hosts.setPlaceholderText("root@xen-a\nroot@xen-b")
        self.hosts.setTabChangesFocus(True)
        known = sorted(host.access.address for host in project.hosts.values() if host.access.address)
        self.hosts.setPlainText("\n".join(known))
        self.config = SshConfigField()
        self.refusal = WrappedLabel()
        self.refusal.setProperty("role", "error")
        self.refusal.hide()
        self._discover, cancel = QPushButton("Discover"), QPushButton("Cancel")
        self._discover.setProperty("role", "primary")
        self._discover.setToolTip("Ask these hosts; you see what was found before anything is taken")
        self._discover.clicked.connect(self.asked)
        cancel.clicked.connect(self.given_up)
        self.hosts.textChanged.connect(self._enable)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._discover)
        buttons.addWidget(cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(about)
        for text, field in (("&Addresses", self.hosts), ("SSH &configuration", self.config)):
            caption = QLabel(text)
            caption.setProperty("role", "muted")
            caption.setBuddy(field)
            layout.addWidget(caption)
            layout.addWidget(field, 1 if field is self.hosts else 0)
        layout.addWidget(self.refusal)
        layout.addLayout(buttons)
        self.setFocusProxy(self.hosts)
        self._enable()

    @property
    def addresses(self) -> list[str]:
        """Each once. Raises InvalidValue when one is no address."""
        lines = (line.strip() for line in self.hosts.toPlainText().splitlines())
        return list(dict.fromkeys(check_destination(line) for line in lines if line))

    def refuse(self, sentence: str) -> None:
        self.refusal.show_text(f"{sentence.rstrip('.')}.")
        self.refusal.show()

    def _enable(self) -> None:
        self._discover.setEnabled(bool(self.hosts.toPlainText().strip()))


class DiscoverHosts(Preview):
    """Asks for addresses, asks the hosts, and shows what they say."""

    def __init__(
        self, parent: QWidget | None, project: Project, background: Background, take: Callable[[Change], None]
    ) -> None:
        choice = DiscoverChoice(project)
        super().__init__(parent, "Discover real hosts", choice, background, take)
        self.choice = choice
        self._project = project
        self.setWindowTitle("Discover hosts")
        self.choice.hosts.setFocus(Qt.FocusReason.OtherFocusReason)

    def look(self) -> None:
        self.choice.refusal.hide()
        try:
            addresses, config = self.choice.addresses, self.choice.config.keep()
        except PlannerError as refusal:
            self.choice.refuse(str(refusal))
            self.back()
            return
        self.begin("Asking the hosts", partial(_ask, self._project, addresses, config, self.search.tell))

    def show_answer(self, answer: object) -> None:
        if not isinstance(answer, Stranger):
            super().show_answer(answer)
        elif answer.is_trusted(self):
            self.look()
        else:
            self.choice.refuse(f"The key of {answer.ssh.destination} was not accepted; nothing was asked of it")
            self.back()
