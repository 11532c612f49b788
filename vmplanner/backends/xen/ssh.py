"""Commands on a host over the system's OpenSSH client, with the user's own configuration, agent and known hosts.

No argument ever meets a shell unquoted: those for ssh are a list, and those for the host are quoted one by one. There
is one connection for each host, which all commands share (ControlMaster). Nothing is asked in a terminal: a key that
must be unlocked is for the user's agent, and no password is used or kept.
"""

import shlex
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from attrs import field, frozen

from vmplanner.domain.access import Access
from vmplanner.domain.errors import InvalidValue, PlannerError

_FAILED = 255  # what ssh itself exits with when it fails
_TIMEOUT_S = 60.0
_CLOSE_S = 5.0
_GLANCE_S = 0.2

_CAUSES = (
    (
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "its key is not the one that you know; find out why",
    ),
    ("Permission denied", "it does not let you in; set up a key for it, and load it into your agent"),
    ("Could not resolve hostname", "there is no such name; check the address"),
    ("Connection refused", "nothing answers at that address and port"),
    ("No route to host", "no way leads there"),
    ("timed out", "it does not answer"),
)


class HostUnreachable(PlannerError):
    """A host could not be asked. Nothing is known of what it does."""


class UnknownHostKey(HostUnreachable):
    """A host whose key is in none of the user's files of known hosts."""


class CommandFailed(PlannerError):
    """A command on a host ended with another status than 0."""


def check_destination(text: str) -> str:
    """`text`, if it can be nothing but an ssh destination. Raises InvalidValue else."""
    if not text:
        raise InvalidValue("Host", "address", "is missing")
    return Access(text).address


@frozen
class Ssh:
    """The way to one host. `folder` is a private folder for the shared connection; `config` a configuration file in
    place of the user's own (None: the user's own). Once `given_up` is set, nobody waits for the host any more.
    """

    destination: str = field(converter=check_destination)
    folder: Path
    config: Path | None = None
    given_up: threading.Event = field(factory=threading.Event, eq=False)

    def arguments(self, command: Sequence[str]) -> list[str]:
        """The arguments of a local process that runs `command` on the host."""
        return [*self._ssh(), "--", self.destination, shlex.join(command)]

    def run(self, command: Sequence[str], *, input: bytes = b"", timeout_s: float = _TIMEOUT_S) -> str:
        """What `command` prints on the host. Raises HostUnreachable or CommandFailed."""
        done = self._run(self.arguments(command), input, timeout_s)
        if done.returncode == _FAILED:
            raise self._unreachable(done.stderr)
        if done.returncode:
            said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
            why = said[-1][:300] if said else f"exit status {done.returncode}"
            raise CommandFailed(f"'{command[0]}' failed on {self.destination}: {why}")
        return done.stdout.decode(errors="replace")

    def close(self) -> None:
        """End the shared connection, if there is one."""
        leave = [*self._ssh(), "-O", "exit", "--", self.destination]
        with suppress(OSError, subprocess.TimeoutExpired):  # it ends by itself soon
            subprocess.run(leave, capture_output=True, check=False, timeout=_CLOSE_S)

    def unknown_key(self) -> "OfferedKey | None":
        """Reach the host. The key that it shows where that is not known; None where it is, and the host lets us in.
        Raises HostUnreachable else.
        """
        try:
            self.run(["true"])
        except UnknownHostKey:
            return self.offered_key()
        return None

    def offered_key(self) -> "OfferedKey":
        """The key that the host shows, by whatever way ssh gets there. It is trusted nowhere yet: nobody logs in."""
        offered = self.folder / "offered_key"
        offered.unlink(missing_ok=True)
        options = {
            "ControlPath": "none",
            "ForwardAgent": "no",
            "PreferredAuthentications": "none",
            "StrictHostKeyChecking": "accept-new",
            "UserKnownHostsFile": str(offered),
        }
        self._run([*self._ssh(options), "--", self.destination, "true"], b"", _TIMEOUT_S)
        if not offered.exists():
            raise HostUnreachable(f"{self.destination} showed no key; check the address.")
        listed = self._run(["ssh-keygen", "-l", "-f", str(offered)], b"", _TIMEOUT_S)
        if listed.returncode:
            raise HostUnreachable(f"{self.destination} showed a key that ssh-keygen can't read.")
        return OfferedKey(offered.read_text(), tuple(listed.stdout.decode(errors="replace").splitlines()))

    def accept(self, key: "OfferedKey") -> None:
        """Add a key to the user's own known hosts, for good. Raises PlannerError when it can't be added."""
        known = self._known_hosts()
        try:
            known.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with known.open("a+b") as file:
                file.seek(0)
                before = file.read()
                file.write((b"\n" if before and not before.endswith(b"\n") else b"") + key.lines.encode())
        except OSError as error:
            raise PlannerError(f"{known}: the key can't be added: {error.strerror or error}") from None

    def _ssh(self, instead: Mapping[str, str] = MappingProxyType({})) -> list[str]:
        options = {
            "BatchMode": "yes",
            "ConnectTimeout": "20",
            "ServerAliveInterval": "10",
            "ServerAliveCountMax": "6",
            "ControlMaster": "auto",
            "ControlPath": str(self.folder / "%C"),
            "ControlPersist": "60",
            **instead,
        }
        config = ["-F", str(self.config)] if self.config else []
        return ["ssh", *config, "-T", *(part for name, value in options.items() for part in ("-o", f"{name}={value}"))]

    def _run(self, arguments: list[str], input: bytes, timeout_s: float) -> "subprocess.CompletedProcess[bytes]":
        until = time.monotonic() + timeout_s
        pipe, rest = subprocess.PIPE, input or None
        try:
            process = subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=pipe)
        except FileNotFoundError:
            raise PlannerError(f"There is no '{arguments[0]}' on this machine; install the OpenSSH client.") from None
        with process:
            while True:
                try:
                    output, errors = process.communicate(rest, timeout=_GLANCE_S)
                    return subprocess.CompletedProcess(arguments, process.returncode, output, errors)
                except subprocess.TimeoutExpired:
                    rest = None  # it is being sent
                    if self.given_up.is_set():
                        process.kill()
                        raise HostUnreachable(f"{self.destination} was not waited for.") from None
                    if time.monotonic() > until:
                        process.kill()
                        raise HostUnreachable(f"{self.destination} did not answer within {timeout_s:.0f} s.") from None

    def _unreachable(self, stderr: bytes) -> HostUnreachable:
        said = stderr.decode(errors="replace").strip()
        why = next((why for mark, why in _CAUSES if mark in said), None)
        if why is None and "Host key verification failed" in said:
            return UnknownHostKey(f"{self.destination} is not among your known hosts.")
        lines = said.splitlines()
        return HostUnreachable(
            f"{self.destination} can't be reached: {why or (lines[-1][:300] if lines else 'ssh failed')}."
        )

    def _known_hosts(self) -> Path:
        """The first file of known hosts that ssh reads for this host."""
        found = self._run([*self._ssh(), "-G", "--", self.destination], b"", _TIMEOUT_S)
        values = dict(line.split(" ", 1) for line in found.stdout.decode().splitlines() if " " in line)
        files = values.get("userknownhostsfile", "").split()
        if not files or files[0] in ("none", "/dev/null"):
            raise PlannerError("your ssh configuration names no file of known hosts; set UserKnownHostsFile in it")
        return Path(files[0]).expanduser()


@frozen
class OfferedKey:
    """The key that a host shows: as lines of a file of known hosts, and as fingerprints for people."""

    lines: str
    fingerprints: tuple[str, ...]
