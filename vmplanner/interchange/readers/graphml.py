"""Topology as GraphML: of yEd, NetworkX, the Topology Zoo and others, which differ in how they name things.

A node's name is its `label` or `name` (or yEd's own label), else its id. What it is, `type`, `kind` or `role` says; a
node without is taken for a switch, and that is told. An edge's speed is `bandwidth`, `speed` or `capacity` with its
unit ("10 Gbit/s"), or the Topology Zoo's `LinkSpeedRaw` in bit/s; `latency` or `delay` has a unit too ("0.1 ms").
"""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SECONDS, Quantity
from vmplanner.interchange.files.document import Document
from vmplanner.interchange.files.json_value import whole_of
from vmplanner.interchange.inventory import Place, ReadHost, Reading, ReadLink, ReadStorage, ReadSwitch, shown
from vmplanner.interchange.readers.roles import kind_of

_NAMES = ("label", "name")
_KINDS = ("type", "kind", "role", "device_role")


def recognises(document: Document) -> bool:
    return document.tree is not None and document.tree.tag == "graphml"


def read(documents: Sequence[Document], reading: Reading) -> None:
    for document in documents:
        if document.tree is not None:
            _read_graph(document, document.tree, reading)


def _read_graph(document: Document, root: Element, reading: Reading) -> None:
    keys = {key.get("id") or "": (key.get("attr.name") or "").casefold() for key in root.iter("key")}
    names: dict[str, str] = {}
    taken: set[str] = set()
    unknown = 0
    for number, node in enumerate(root.iter("node"), start=1):
        values = _values(node, keys)
        node_id = node.get("id") or ""
        place = document.place(number, f"node {node_id}"[:100])
        name = _first(values, _NAMES) or _label(node) or node_id
        if name in taken:
            name = f"{name} {node_id}"
        taken.add(name)
        names[node_id] = name
        kind = kind_of(_first(values, _KINDS))
        if kind == "host":
            memory = _quantity(values, ("memory", "ram"), BYTES, place, reading)
            cores = whole_of(values.get("cores"))
            reading.hosts.append(
                ReadHost(name, place, memory_bytes=None if memory is None else round(memory), cores=cores or None)
            )
        elif kind == "storage":
            size = _quantity(values, ("capacity", "size"), BYTES, place, reading)
            reading.storages.append(ReadStorage(name, place, None if size is None else round(size)))
        else:
            unknown += kind is None
            reading.switches.append(ReadSwitch(name, place))
    if unknown:
        what = f"{unknown} nodes don't say whether they are hosts, switches or storages: they are taken for switches"
        reading.warn(document.place(), what, "give nodes a 'type', such as host")
    for number, edge in enumerate(root.iter("edge"), start=1):
        _read_edge(edge, _values(edge, keys), document.place(number, "edge"), names, reading)


def _read_edge(edge: Element, values: dict[str, str], place: Place, names: dict[str, str], reading: Reading) -> None:
    ends = [edge.get("source") or "", edge.get("target") or ""]
    for end in ends:
        if end not in names:
            reading.error(place, f"the edge leads to {shown(end)}, which is no node", "export the graph again")
            return
    if ends[0] == ends[1]:
        reading.error(place, f"the edge leads from {shown(names[ends[0]])} to itself", "remove it")
        return
    speed = _quantity(values, ("bandwidth", "speed", "capacity"), BYTES_PER_S, place, reading)
    bits = whole_of(values.get("linkspeedraw"))
    reading.links.append(
        ReadLink(
            names[ends[0]],
            names[ends[1]],
            place,
            speed if speed is not None else bits / 8 if bits else None,
            _quantity(values, ("latency", "delay"), SECONDS, place, reading),
        )
    )


def _values(element: Element, keys: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for data in element.iterfind("data"):
        name = keys.get(data.get("key") or "") or (data.get("key") or "").casefold()
        if data.text and data.text.strip():
            found.setdefault(name, " ".join(data.text.split()))
    return found


def _label(node: Element) -> str:
    """The label that yEd draws."""
    return next((" ".join(label.text.split()) for label in node.iter("NodeLabel") if label.text), "")


def _first(values: dict[str, str], names: Iterable[str]) -> str:
    return next((values[name] for name in names if values.get(name)), "")


def _quantity(
    values: dict[str, str], names: Iterable[str], quantity: Quantity, place: Place, reading: Reading
) -> float | None:
    text = _first(values, names)
    if not text:
        return None
    if text.replace(".", "", 1).isdecimal():
        what = f"{shown(text)} has no unit, such as '{quantity.example}'"
        reading.warn(place, what, "the value is left out; write the unit into the graph")
        return None
    try:
        value = quantity.parse(text)
    except ValueError as error:
        reading.warn(place, str(error), "the value is left out; mend it in the graph")
        return None
    return value if 0 <= value < 2**62 else None
