"""Reaching hosts from a dialog: in a thread, and with a question where a host's key is not known."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from attrs import frozen
from PySide6.QtWidgets import QWidget

from vmplanner.backends.xen.ssh import OfferedKey, Ssh
from vmplanner.backends.xen.xl import XlHost
from vmplanner.domain.errors import PlannerError
from vmplanner.ui.dialogs import messages


@frozen
class Stranger:
    """A host whose key nobody knows yet."""

    ssh: Ssh
    key: OfferedKey

    def is_trusted(self, parent: QWidget) -> bool:
        """Ask whether the key is to be trusted, and if so, keep it. A key that can't be kept is told of."""
        if not messages.may_trust_key(parent, self.ssh.destination, self.key.fingerprints):
            return False
        try:
            self.ssh.accept(self.key)
        except PlannerError as error:
            messages.tell_error(parent, "The key can't be kept", str(error))
            return False
        return True


def greet(
    addresses: Iterable[str],
    folder: Path,
    config: Path | None,
    tell: Callable[[str], None],
    given_up: threading.Event,
) -> list[XlHost] | Stranger:
    """The hosts, each of which lets us in; or the first one whose key is not known. `folder` is a private one for their
    connections, which `part` ends. Raises PlannerError when one can't be reached.
    """
    hosts: list[XlHost] = []
    try:
        for address in addresses:
            tell(f"Reaching {address}")
            ssh = Ssh(address, folder, config, given_up)
            hosts.append(XlHost(ssh))
            key = ssh.unknown_key()
            if key is not None:
                part(hosts)
                return Stranger(ssh, key)
    except PlannerError:
        part(hosts)
        raise
    return hosts


def part(hosts: Iterable[XlHost]) -> None:
    """End the connections."""
    for host in hosts:
        host.ssh.close()
