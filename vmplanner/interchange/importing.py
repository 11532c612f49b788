"""Reads files of other programs: content tells a file's format, and all files of a format are read together.

`read` raises PlannerError when there is nothing to import at all; everything less is a Problem of the Inventory, with
its file and row.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.interchange.files.bounded import files_in
from vmplanner.interchange.files.document import Document
from vmplanner.interchange.formats import Format
from vmplanner.interchange.inventory import Cancelled, Inventory, Place, Reading
from vmplanner.interchange.readers import graphml, libvirt, netbox, proxmox, rvtools, template, xenserver, xl


@frozen
class _Reader:
    recognises: Callable[[Document], bool]
    read: Callable[[Sequence[Document], Reading], None]


_READERS = {
    Format.RVTOOLS: _Reader(rvtools.recognises, rvtools.read),
    Format.LIBVIRT: _Reader(libvirt.recognises, libvirt.read),
    Format.XL: _Reader(xl.recognises, xl.read),
    Format.PROXMOX: _Reader(proxmox.recognises, proxmox.read),
    Format.XENSERVER: _Reader(xenserver.recognises, xenserver.read),
    Format.GRAPHML: _Reader(graphml.recognises, graphml.read),
    Format.NETBOX: _Reader(netbox.recognises, netbox.read),
    Format.TABLES: _Reader(template.recognises, template.read),
}


def read(
    paths: Sequence[Path], *, as_format: Format | None = None, tell: Callable[[str], None] = lambda _text: None
) -> Inventory:
    """What the files and folders say. `tell(text)` is told how far it is, and may raise Cancelled to end it.

    With `as_format` every file is taken for this format. Raises PlannerError when no file can be read.
    """
    reading = Reading(tell)
    found: dict[Format, list[Document]] = {}
    seen: set[Path] = set()
    for path, label in files_in(list(paths)):
        if path.resolve() in seen:
            continue
        seen.add(path.resolve())
        tell(f"Opening {label}")
        document = _opened(path, label, reading)
        if document is None:
            continue
        kind = as_format or _format_of(document, reading)
        if kind is not None:
            found.setdefault(kind, []).append(document)
    formats = [(document.label, kind.value) for kind, documents in found.items() for document in documents]
    for kind in (kind for kind in Format if kind in found):
        _read_all(kind, found[kind], reading)
        reading.check_size()
    inventory = reading.inventory(formats)
    if not formats:
        raise PlannerError(_nothing(paths, inventory))
    return inventory


def _opened(path: Path, label: str, reading: Reading) -> Document | None:
    try:
        document = Document(path, label)
    except PlannerError as error:
        _tell(error, label, reading)
        return None
    if document.encoding == "cp1252":
        what = "it is not UTF-8 and is read as the Windows character set of western Europe"
        reading.note(document.place(), what, "look at names with accents")
    return document


def _format_of(document: Document, reading: Reading) -> Format | None:
    try:
        for kind, reader in _READERS.items():
            if reader.recognises(document):
                return kind
    except PlannerError as error:
        _tell(error, document.label, reading)
        return None
    reading.note(document.place(), "it is of no known format: it was left out")
    return None


def _read_all(kind: Format, documents: list[Document], reading: Reading) -> None:
    """Read the files of a format together; when that fails, those before the failure are kept as far as they are."""
    try:
        _READERS[kind].read(documents, reading)
    except PlannerError as error:
        _tell(error, ", ".join(document.label for document in documents[:3]), reading)


def _tell(error: PlannerError, label: str, reading: Reading) -> None:
    if isinstance(error, Cancelled):
        raise error
    reading.error(Place(label), *_split(str(error)))


def _split(sentence: str) -> tuple[str, str]:
    what, _, mend = sentence.partition("; ")
    return what, mend or "export it again"


def _nothing(paths: Sequence[Path], inventory: Inventory) -> str:
    known = ", ".join(kind.label for kind in Format)
    if inventory.problems:
        return f"{inventory.problems[0]}; known formats are {known}"
    return f"{', '.join(str(path) for path in paths[:3])}: there are no files in it; choose another folder"
