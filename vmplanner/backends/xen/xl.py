"""What a Xen host says through xl, and the commands that it is given. Tested with what Xen 4.11 to 4.17 print.

VMs are found by their uuid and named to xl by the number that the host gives them, so that no name is ever part of a
command.
"""

import re
import secrets
from collections.abc import Sequence
from enum import StrEnum
from importlib import resources

from attrs import frozen

from vmplanner.backends.xen.ssh import CommandFailed, HostUnreachable, Ssh
from vmplanner.domain.access import Access
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.quantities import MIB

# Name, number, MiB, vCPUs, state, seconds, uuid, reason, label. A name may hold anything: it is read from the end.
_ROW = re.compile(
    r"^(?P<name>.*?)\s+(?P<number>\d+)\s+(?P<mib>\d+)\s+\d+\s+(?P<state>[rbpscd-]{6})\s+[\d.]+"
    r"\s+(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s+\S+\s+\S+\s*$"
)
_FOLDER = re.compile(r"/[A-Za-z0-9_/.-]+/vmplanner\.[A-Za-z0-9]+")
INCOMING = "--incoming"
FOLDERS = "/run"  # on hosts: what is there is gone after a reboot, as migrations are


class State(StrEnum):
    """What a domain does, as the column State of `xl list` says it."""

    RUNNING = "running"  # or waiting for work
    PAUSED = "paused"
    SHUT_DOWN = "shut down"  # suspended for a migration, among others
    CRASHED = "crashed"
    DYING = "dying"


def _state(letters: str) -> State:
    marks = (("d", State.DYING), ("c", State.CRASHED), ("s", State.SHUT_DOWN), ("p", State.PAUSED))
    return next((state for letter, state in marks if letter in letters), State.RUNNING)


@frozen
class Domain:
    """A VM as its host lists it. `number` is what xl knows it by on that host, until it ends or moves."""

    name: str
    uuid: str
    number: int
    memory_bytes: int
    state: State

    @property
    def is_incoming(self) -> bool:
        """Whether it is one that a migration has not completed yet."""
        return self.name.endswith(INCOMING)


@frozen
class Info:
    """What `xl info` says of a host."""

    name: str
    version: str
    free_bytes: int
    capabilities: frozenset[str]


class XlHost:
    """A host that is driven by xl."""

    def __init__(self, ssh: Ssh) -> None:
        self.ssh = ssh

    def info(self) -> Info:
        return read_info(self.ssh.run(["xl", "info"]))

    def domains(self) -> tuple[Domain, ...]:
        """Those that the host has, without itself."""
        return read_domains(self.ssh.run(["xl", "list", "-v"]))

    def find(self, uuid: str) -> Domain | None:
        """The VM with this uuid. The host is asked for that one alone once more, so that no other VM's name can pass
        for it.
        """
        found = next((domain for domain in self.domains() if domain.uuid == uuid), None)
        if found is None:
            return None
        try:
            rows = read_domains(self.ssh.run(["xl", "list", "-v", str(found.number)]))
        except HostUnreachable:
            raise
        except CommandFailed:  # it has gone meanwhile, or was never there
            return None
        return rows[-1] if rows and rows[-1].uuid == uuid else None

    def set_memory(self, domain: Domain, size_bytes: int) -> None:
        """Ask the guest's balloon driver for a size. It takes its time, see `domains`."""
        self.ssh.run(["xl", "mem-set", str(domain.number), f"{-(-size_bytes // MIB)}m"])

    def destroy(self, domain: Domain) -> None:
        self.ssh.run(["xl", "destroy", str(domain.number)])

    def has(self, path: str) -> bool:
        """Whether a file or device is there."""
        try:
            self.ssh.run(["test", "-e", path])
        except HostUnreachable:
            raise
        except CommandFailed:
            return False
        return True

    # A command that is watched

    def begin(self, folder: str, command: Sequence[str]) -> None:
        """Start an xl command that goes on whatever becomes of us, and is written down in a `new_folder`."""
        program = resources.files(__package__).joinpath("watch_xl.py").read_bytes()
        self.ssh.run(["sh", "-c", _BEGIN, "sh", check_folder(folder), *command], input=program)

    def follow(self, folder: str) -> list[str]:
        """The arguments of a local process that prints the log from its start, and what is added to it."""
        return self.ssh.arguments(["tail", "-n", "+1", "-F", f"{check_folder(folder)}/log"])

    def cancel(self, folder: str) -> None:
        """Ask for the end of the command, if it still runs."""
        self.ssh.run(["sh", "-c", f'{_IS_OURS} && kill -TERM "$pid" || true', "sh", check_folder(folder)])

    def is_watched(self, folder: str) -> bool:
        """Whether the process that writes the log still runs."""
        alive = f"{_IS_OURS} && echo yes || true"
        return bool(self.ssh.run(["sh", "-c", alive, "sh", check_folder(folder)]).strip())

    def log_lines(self, folder: str) -> int:
        """How many lines the log has; none where there is no log."""
        count = 'cat "$1/log" 2>/dev/null | wc -l'
        return int(self.ssh.run(["sh", "-c", count, "sh", check_folder(folder)]))

    def remove(self, folder: str) -> None:
        self.ssh.run(["rm", "-rf", "--", check_folder(folder)])


# Without Python there is nobody to write down rounds and times: then what xl says itself has to do.
_BEGIN = r"""
set -eu
umask 077
folder=$1
shift
mkdir "$folder"
export VMPLANNER_FOLDER="$folder"
cat > "$folder/watch_xl.py"
chmod 700 "$folder/watch_xl.py"
ln -s watch_xl.py "$folder/libxl-save-helper"
: > "$folder/log"
if command -v python3 >/dev/null; then
    setsid python3 "$folder/watch_xl.py" watch "$@" </dev/null >/dev/null 2>"$folder/errors" &
    echo $! >"$folder/pid"
else
    setsid sh -c '
        folder=$1
        shift
        trap "" HUP
        "$@" </dev/null >"$folder/plain" 2>&1 &
        echo $! >"$folder/pid"
        wait $! && status=0 || status=$?
        printf "{\"exit\": %d}\n" "$status" >>"$folder/log"
    ' sh "$folder" "$@" </dev/null >/dev/null 2>&1 &
fi
"""
# The number may be another process's by now: that one does not have our folder in its environment.
_IS_OURS = 'pid=$(cat "$1/pid" 2>/dev/null) && grep -qsF "$1" "/proc/$pid/environ"'


def migrate(domain: Domain, peer: str, *, transport: str = "", rate: float | None = None) -> list[str]:
    """The command that migrates a domain to the host that its source knows as `peer`, at `rate` bytes a second at most.

    `transport` is a shell command of the user's own in place of ssh, in which {host} stands for the peer: a setting,
    never something that comes from a file.
    """
    carrier = transport.replace("{host}", check_peer(peer)) or f"ssh {peer} xl migrate-receive"
    if rate is not None:
        carrier = f'"$WATCH_XL" limit {rate:.0f} {carrier}'
    if not transport and rate is None:
        return ["xl", "migrate", str(domain.number), peer]
    return ["xl", "migrate", "-s", "", str(domain.number), carrier]


def relocate(domain: Domain, peer: str) -> list[str]:
    """The command that moves a domain by saving it, sending the file, and restoring it at `peer`."""
    return [
        "sh",
        "-c",
        'exec python3 "$WATCH_XL" relocate "$@"',
        "relocate",
        str(domain.number),
        domain.uuid,
        check_peer(peer),
    ]


def new_folder() -> str:
    """The path of a private folder on a host that is nobody else's. It is not made yet."""
    return f"{FOLDERS}/vmplanner.{secrets.token_hex(8)}"


def check_peer(text: str) -> str:
    """`text`, if it can be nothing but the name of a host: xl hands it to a shell. Raises InvalidValue else."""
    if not text:
        raise InvalidValue("Host", "migration address", "is missing")
    return Access(migration_address=text).migration_address


def check_folder(text: str) -> str:
    """`text`, if it is a private folder as we make them on hosts. Raises InvalidValue else."""
    if not _FOLDER.fullmatch(text) or ".." in text:
        raise InvalidValue("Migration under way", "folder", f"is none of vmplanner's: {text!a}")
    return text


def read_info(text: str) -> Info:
    """What `xl info` prints. Raises InvalidValue where what is needed is not in it."""
    values = dict(_pair(line) for line in text.splitlines() if ":" in line)
    try:
        return Info(
            values["host"],
            values.get("xen_version", ""),
            int(values["free_memory"]) * MIB,
            frozenset(values.get("virt_caps", "").split()),
        )
    except (KeyError, ValueError) as error:
        raise InvalidValue("xl info", str(error).strip("'"), "is missing or no number") from None


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()


def read_domains(text: str) -> tuple[Domain, ...]:
    """What `xl list -v` prints, without Domain-0. Raises InvalidValue when it can be read in more than one way: a name
    may hold a line that looks like another VM's.
    """
    domains = []
    for line in text.splitlines():
        row = _ROW.match(line)
        if row and row["number"] != "0":
            memory = int(row["mib"]) * MIB
            domains.append(Domain(row["name"], row["uuid"], int(row["number"]), memory, _state(row["state"])))
    for what in ("number", "uuid"):
        values = [getattr(domain, what) for domain in domains]
        if len(set(values)) < len(values):
            why = f"has two lines for one {what}: a name holds a line break; rename that VM with 'xl rename'"
            raise InvalidValue("xl list", "names", why)
    return tuple(domains)
