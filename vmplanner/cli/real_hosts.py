"""How commands reach real hosts: options of ssh, and the question whether a key that nobody knows is to be trusted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from vmplanner.backends.xen.backend import Settings
from vmplanner.backends.xen.ssh import Ssh
from vmplanner.backends.xen.under_way import usual_folder
from vmplanner.backends.xen.xl import XlHost
from vmplanner.domain.errors import PlannerError


def settings_of(ssh_config: Path | None, transport: str) -> Settings:
    return Settings(usual_folder(), ssh_config, transport)


@contextmanager
def reached(address: str, ssh_config: Path | None) -> Iterator[XlHost]:
    """The host at an address. A key that is not known is shown and asked for; one that has changed is refused."""
    with TemporaryDirectory(prefix="vmplanner-ssh-") as folder:
        ssh = Ssh(address, Path(folder), ssh_config)
        try:
            make_known(ssh)
            yield XlHost(ssh)
        finally:
            ssh.close()


def make_known(ssh: Ssh) -> None:
    """Raises PlannerError when the host can't be reached, or its key is not accepted."""
    key = ssh.unknown_key()
    if key is not None:
        click.echo(f"{ssh.destination} is not among your known hosts. It shows this key:", err=True)
        for fingerprint in key.fingerprints:
            click.echo(f"  {fingerprint}", err=True)
        if not click.confirm("Is it the right one, and to be trusted from now on?", err=True):
            raise PlannerError(f"{ssh.destination}: its key was not accepted; nothing was done")
        ssh.accept(key)
        ssh.run(["true"])
