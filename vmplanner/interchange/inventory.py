"""What a file of another program says, before it meets a project: things as read, where each came from, and problems.

The readers fill a `Reading`; `merge` takes the `Inventory` that comes of it. None, "" and empty sets mean "not told":
nothing is guessed here. Sizes are in bytes, bandwidths in bytes per second.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum

from attrs import define, evolve, field, frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.groups import GroupKind
from vmplanner.domain.platform import Cpu, Device, PageSize, Platform
from vmplanner.domain.topology import PolicyName

MOST_PROBLEMS = 10_000
MOST_THINGS = 200_000


def brief(value: object, most: int = 60) -> str:
    """What came from a file, in a sentence: one line, short, without control characters."""
    text = str(value)[: 4 * most]
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def shown(value: object) -> str:
    """The same, in quotes."""
    return f"'{brief(value)}'"


class Cancelled(PlannerError):
    """The person who waits for a file to be read wants it no more."""


class Severity(StrEnum):
    """How bad a problem is: the row is left out; a value is left out or assumed; nothing is wrong but should be
    known.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@frozen
class Place:
    """Where something was read. `row` is as a spreadsheet or an editor counts, 0 for the whole file or sheet."""

    file: str
    sheet: str = ""
    row: int = 0
    field: str = ""

    def at(self, field: str) -> "Place":
        """The same row, another field."""
        return evolve(self, field=field)

    def __str__(self) -> str:
        parts = [self.file, self.sheet, f"row {self.row}" if self.row else "", self.field]
        return ", ".join(brief(part, 80) for part in parts if part)


def _one_line(text: str) -> str:
    return brief(text, 300)


@frozen
class Problem:
    """What is wrong at a place, and what to do about it."""

    severity: Severity
    place: Place
    what: str = field(converter=_one_line)
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.mend}" if self.mend else f"{self.place}: {self.what}"


@frozen
class MappedColumn:
    """A column of a table and what it was taken for; `meaning` is "" for one that is not used."""

    file: str
    sheet: str
    heading: str
    meaning: str
    unit: str = ""


@frozen
class ReadHost:
    name: str
    place: Place
    uuid: str = ""
    memory_bytes: int | None = None
    cores: int | None = None
    platform: Platform | None = None
    policy: PolicyName | None = None
    version: str = ""
    cpu: Cpu | None = None
    machine_types: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    numa_node_bytes: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()


@frozen
class ReadDisk:
    """`storage` is the name of the storage that it is on; "" for a disk of the host."""

    name: str
    size_bytes: int | None
    storage: str = ""


@frozen
class ReadMachine:
    """`host` and `groups` are names. `os` helps to propose a profile."""

    name: str
    place: Place
    host: str = ""
    uuid: str = ""
    memory_bytes: int | None = None
    vcpus: int | None = None
    os: str = ""
    profile: str = ""
    machine_type: str = ""
    cpu_passthrough: bool | None = None
    cpu_level: int | None = None
    cpu_features: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    numa_nodes: int | None = None
    page_size: PageSize | None = None
    disks: tuple[ReadDisk, ...] = ()
    devices: tuple[Device, ...] = ()
    guest_tools: bool | None = None
    groups: tuple[str, ...] = ()


@frozen
class ReadSwitch:
    name: str
    place: Place
    groups: tuple[str, ...] = ()


@frozen
class ReadStorage:
    name: str
    place: Place
    capacity_bytes: int | None = None


@frozen
class ReadLink:
    """Between two things by their names."""

    end_a: str
    end_b: str
    place: Place
    bandwidth_bytes_per_s: float | None = None
    latency_s: float | None = None


@frozen
class ReadGroup:
    """`parent` is the name of the group that it is part of, "" for none."""

    name: str
    place: Place
    kind: GroupKind = GroupKind.GROUP
    parent: str = ""


@frozen
class Inventory:
    """All that was read. `formats` are those of its files, by the file's name."""

    formats: tuple[tuple[str, str], ...] = ()
    hosts: tuple[ReadHost, ...] = ()
    machines: tuple[ReadMachine, ...] = ()
    switches: tuple[ReadSwitch, ...] = ()
    storages: tuple[ReadStorage, ...] = ()
    links: tuple[ReadLink, ...] = ()
    groups: tuple[ReadGroup, ...] = ()
    columns: tuple[MappedColumn, ...] = ()
    problems: tuple[Problem, ...] = ()


def _silent(_progress: str) -> None:
    """Nobody wants to know."""


@define
class Reading:
    """What the readers have found so far. `tell(text)` says how far they are; it raises Cancelled to end them."""

    tell: Callable[[str], None] = _silent
    hosts: list[ReadHost] = field(factory=list)
    machines: list[ReadMachine] = field(factory=list)
    switches: list[ReadSwitch] = field(factory=list)
    storages: list[ReadStorage] = field(factory=list)
    links: list[ReadLink] = field(factory=list)
    groups: dict[str, ReadGroup] = field(factory=dict)
    columns: list[MappedColumn] = field(factory=list)
    problems: list[Problem] = field(factory=list)
    _untold: int = 0

    def error(self, place: Place, what: str, mend: str) -> None:
        self._add(Severity.ERROR, place, what, mend)

    def warn(self, place: Place, what: str, mend: str) -> None:
        self._add(Severity.WARNING, place, what, mend)

    def note(self, place: Place, what: str, mend: str = "") -> None:
        self._add(Severity.NOTE, place, what, mend)

    def add_group(self, name: str, place: Place, kind: GroupKind = GroupKind.GROUP, parent: str = "") -> None:
        """Keep a group; of several with one name the first."""
        if name and name not in self.groups:
            self.groups[name] = ReadGroup(name, place, kind, parent if parent != name else "")

    def check_size(self) -> None:
        """Raises PlannerError when there is more than anyone has."""
        if len(self.hosts) + len(self.machines) + len(self.links) > MOST_THINGS:
            raise PlannerError(f"The files hold more than {MOST_THINGS:,} things; import them in parts")

    def inventory(self, formats: Iterable[tuple[str, str]]) -> Inventory:
        problems = list(self.problems)
        if self._untold:
            problems.append(Problem(Severity.WARNING, Place("all files"), f"{self._untold:,} more problems", ""))
        return Inventory(
            tuple(formats),
            tuple(self.hosts),
            tuple(self.machines),
            tuple(self.switches),
            tuple(self.storages),
            tuple(self.links),
            tuple(self.groups.values()),
            tuple(self.columns),
            tuple(problems),
        )

    def _add(self, severity: Severity, place: Place, what: str, mend: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(severity, place, what, mend))
        else:
            self._untold += 1
