"""NetBox, and what writes CSV like it: devices, interfaces and cables, as its lists export and its forms import.

devices      name, role (or device_role), site, rack          hosts, switches and storages by their roles
cables       side_a_device, side_a_name, side_b_device, side_b_name      or Device A, Termination A, ...
interfaces   device, name, type (such as 10gbase-x-sfpp) or speed (kbit/s)    how fast a cable is
"""

import re
from collections.abc import Sequence

from vmplanner.domain.groups import GroupKind
from vmplanner.interchange.files.columns import Table, TableRow, wanted
from vmplanner.interchange.files.document import Document
from vmplanner.interchange.files.sheet import Sheet
from vmplanner.interchange.inventory import ReadHost, Reading, ReadLink, ReadStorage, ReadSwitch, shown
from vmplanner.interchange.readers.roles import kind_of

_DEVICES = (
    wanted("name", "name", "name"),
    wanted("role", "host, switch or storage", "role", "device role"),
    wanted("site", "site", "site"),
    wanted("rack", "rack", "rack"),
)
_CABLES = (
    wanted("a", "one end", "side a device", "device a", "termination a device"),
    wanted("a_name", "interface", "side a name", "termination a", "termination a name"),
    wanted("b", "other end", "side b device", "device b", "termination b device"),
    wanted("b_name", "interface", "side b name", "termination b", "termination b name"),
)
_INTERFACES = (
    wanted("device", "device", "device"),
    wanted("name", "interface", "name"),
    wanted("type", "speed", "type"),
    wanted("speed", "speed in kbit/s", "speed"),
)
_TYPE = re.compile(r"([0-9]{1,4}(?:\.[0-9])?)(g?)base")


def _kind(sheet: Sheet) -> str:
    if any(sheet.has(*pair) for pair in (("side a device", "side b device"), ("device a", "device b"))):
        return "cables"
    if sheet.has("termination a device", "termination b device"):
        return "cables"
    if sheet.has("device", "name", "type"):
        return "interfaces"
    if sheet.has("name", "site") and (sheet.has("role") or sheet.has("device role")):
        return "devices"
    return ""


def recognises(document: Document) -> bool:
    return any(_kind(sheet) for sheet in document.sheets)


def read(documents: Sequence[Document], reading: Reading) -> None:
    sheets = [(_kind(sheet), sheet) for document in documents for sheet in document.sheets]
    for kind, sheet in sheets:
        if kind == "devices":
            for row in Table(sheet, _DEVICES, reading):
                _read_device(row, reading)
    speeds = {}
    for kind, sheet in sheets:
        if kind == "interfaces":
            for row in Table(sheet, _INTERFACES, reading):
                speeds[row.text("device"), row.text("name")] = _speed(row)
    known = {host.name for host in reading.hosts} | {switch.name for switch in reading.switches}
    known |= {storage.name for storage in reading.storages}
    for kind, sheet in sheets:
        if kind == "cables":
            for row in Table(sheet, _CABLES, reading):
                _read_cable(row, known, speeds, reading)


def _read_device(row: TableRow, reading: Reading) -> None:
    name, site, rack = row.text("name"), row.text("site"), row.text("rack")
    if not name:
        reading.error(row.field("name"), "the device has no name", "name it in the row")
        return
    kind = kind_of(row.text("role"))
    if kind is None:
        what = f"{name} is a {shown(row.text('role'))}, which is neither host, switch nor storage: it was left out"
        reading.note(row.field("role"), what, "give it a role with one of these words if it is one")
        return
    reading.add_group(site, row.field("site"), GroupKind.SITE)
    reading.add_group(rack, row.field("rack"), GroupKind.RACK, parent=site)
    groups = (rack or site,) if rack or site else ()
    if kind == "host":
        reading.hosts.append(ReadHost(name, row.place, groups=groups))
    elif kind == "switch":
        reading.switches.append(ReadSwitch(name, row.place, groups))
    else:
        reading.storages.append(ReadStorage(name, row.place))


def _read_cable(row: TableRow, known: set[str], speeds: dict[tuple[str, str], float | None], reading: Reading) -> None:
    ends = [row.text("a"), row.text("b")]
    if known:
        for key, end in zip(("a", "b"), ends, strict=True):
            if end not in known:
                what = f"the cable leads to {shown(end)}, which was not read"
                reading.warn(row.field(key), what, "the cable is left out; add the device, or join what it connects")
                return
    told = [speeds.get((row.text(end), row.text(f"{end}_name"))) for end in ("a", "b")]
    slower = min((speed for speed in told if speed), default=None)
    reading.links.append(ReadLink(ends[0], ends[1], row.place, slower))


def _speed(row: TableRow) -> float | None:
    """Bytes per second of an interface, by its own speed or else by its type."""
    kbits = row.whole("speed")
    if kbits:
        return kbits * 125.0
    match = _TYPE.match(row.text("type").casefold().replace("(", "").replace(" ", ""))
    return float(match[1]) * (125e6 if match[2] else 125e3) if match else None
