"""Which thing of a project a thing that was read is: the one with its UUID, or else the one with its name."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from attrs import evolve

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.topology import Host, Storage, Switch
from vmplanner.interchange.inventory import Problem, ReadHost, ReadMachine, ReadStorage, ReadSwitch, Severity, shown

Read = TypeVar("Read", ReadHost, ReadMachine, ReadSwitch, ReadStorage)
Known = TypeVar("Known", Host, VirtualMachine, Switch, Storage)
Told = Callable[[Problem], None]


def matched(
    kind: str, reads: Sequence[Read], known: Mapping[str, Known], tell: Told
) -> list[tuple[Read, Known | None]]:
    """Each thing that was read, once, with the thing of the project that it is, if there is one.

    Two with the same name and different UUIDs are different things. A UUID that several have, as clones do, says
    nothing. What can't be decided is told and left out.
    """
    shared = _shared_uuids(reads)
    once = _told_once(kind, reads, shared, tell)
    by_uuid: dict[str, list[Known]] = {}
    by_name: dict[str, list[Known]] = {}
    for thing in known.values():
        by_uuid.setdefault(_uuid(thing), []).append(thing)
        by_name.setdefault(thing.name.casefold(), []).append(thing)
    found: dict[int, Known] = {}
    for number, read in enumerate(once):
        uuid = _uuid(read)
        if uuid and uuid not in shared and len(same := by_uuid.get(uuid, [])) == 1:
            found[number] = same[0]
    taken = {thing.id for thing in found.values()}
    result: list[tuple[Read, Known | None]] = []
    for number, read in enumerate(once):
        if number not in found:
            uuid = "" if _uuid(read) in shared else _uuid(read)
            same = [
                each
                for each in by_name.get(read.name.casefold(), [])
                if each.id not in taken and (not uuid or _uuid(each) in ("", uuid))
            ]
            if len(same) > 1:
                what = f"the project has {len(same)} of the name {shown(read.name)}"
                tell(Problem(Severity.ERROR, read.place, what, "give them different names; none was changed"))
                continue
            if same:
                found[number] = same[0]
                taken.add(same[0].id)
        result.append((read, found.get(number)))
    return result


def _uuid(thing: object) -> str:
    return str(getattr(thing, "uuid", "")).casefold()


def _shared_uuids(reads: Sequence[Read]) -> set[str]:
    names: dict[str, set[str]] = {}
    for read in reads:
        if _uuid(read):
            names.setdefault(_uuid(read), set()).add(read.name.casefold())
    return {uuid for uuid, having in names.items() if len(having) > 1}


def _told_once(kind: str, reads: Sequence[Read], shared: set[str], tell: Told) -> list[Read]:
    """Without what is told again; of what is told differently the first counts."""
    first: dict[tuple[str, str], Read] = {}
    with_uuid = {read.name.casefold() for read in reads if _uuid(read) and _uuid(read) not in shared}
    for read in reads:
        uuid = _uuid(read)
        if uuid in shared:
            what = f"{kind} {read.name} has a UUID that others have too"
            tell(Problem(Severity.WARNING, read.place, what, "it is matched by its name"))
            uuid = ""
        if not uuid and read.name.casefold() in with_uuid:
            what = f"another {kind} is called {read.name} too, and this one has no UUID of its own"
            tell(Problem(Severity.ERROR, read.place, what, "give it another name; it is left out"))
            continue
        earlier = first.setdefault((uuid, "" if uuid else read.name.casefold()), read)
        if kind == "Host" and not uuid and earlier.place.file != read.place.file:
            what = f"{kind} {read.name} is told at {earlier.place} too"
            tell(Problem(Severity.NOTE, read.place, what, "if these are two hosts, give them different names"))
        if earlier is not read and evolve(earlier, place=read.place) != read:
            what = f"{kind} {read.name} is told differently at {earlier.place}"
            tell(Problem(Severity.WARNING, read.place, what, "what is told there counts"))
    return list(first.values())
