"""XLSX workbooks as tables: only names of sheets, shared texts and cells are read, row by row.

A workbook is a ZIP of XML. Nothing in it is trusted: sizes are counted while unpacking, whatever the ZIP says of them,
formulas are not looked at (the value that was saved with them is), and the XML may define nothing. A general library
makes an object of every cell with its style, which takes several times as long.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from posixpath import normpath
from typing import Protocol
from xml.parsers import expat

from vmplanner.domain.errors import PlannerError
from vmplanner.interchange.files.sheet import (
    MOST_CELL_CHARACTERS,
    MOST_CELLS,
    MOST_COLUMNS,
    Row,
    Sheet,
    bounded,
)
from vmplanner.interchange.files.xml_tree import tree_of
from vmplanner.interchange.inventory import brief, shown

MOST_PART_BYTES = 128 * 1024**2
MOST_UNPACKED_BYTES = 384 * 1024**2
MOST_RATIO = 400
MOST_PARTS = 2_000
MOST_SHEETS = 200
_CHUNK = 256 * 1024
_LOCAL = {name: name for name in ("c", "v", "t", "is", "f", "row")}
_UNSAFE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, KeyError)


def workbook_sheets(content: bytes, file: str) -> list[Sheet]:
    """The sheets with headings. Raises PlannerError for a damaged workbook, or one that would unpack to too much."""
    book = _Workbook(content)
    texts = book.texts()
    found = []
    parts = {part: name for name, part in reversed(book.sheets()[:MOST_SHEETS])}  # each once, however many name it
    for part, name in reversed(parts.items()):
        first = next(bounded(_rows(book, part, texts)), None)
        if first is not None:
            found.append(Sheet(file, name, tuple(cell.strip() for cell in first[1]), _below(book, part, texts), True))
    return found


def _below(book: "_Workbook", part: str, texts: list[str]) -> Callable[[], Iterator[Row]]:
    def rows() -> Iterator[Row]:
        again = bounded(_rows(book, part, texts))
        next(again, None)
        return again

    return rows


class _Workbook:
    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _UNSAFE as error:
            raise PlannerError(f"it is a damaged workbook ({brief(error)}); save it again") from None
        parts = self._zip.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED_BYTES or unpacked > MOST_RATIO * (len(content) + 4096):
            raise PlannerError("it would unpack to far more than a workbook of this size holds; it is refused")
        self._names = {part.filename: part for part in parts}

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part of the workbook, unpacked piece by piece."""
        part, read = self._names.get(name), 0
        if part is None:
            raise PlannerError(f"its part {name[:60]} is missing; save it again")
        try:
            with self._zip.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    read += len(chunk)
                    if read > MOST_PART_BYTES:
                        raise PlannerError("it unpacks to more than a workbook of this size holds; it is refused")
                    yield chunk
        except _UNSAFE as error:
            raise PlannerError(f"it is a damaged workbook ({brief(error)}); save it again") from None

    def sheets(self) -> list[tuple[str, str]]:
        """The names of the sheets, and of their parts."""
        start = self._targets("_rels/.rels", "")
        book = next((target for kind, target in start.values() if kind == "officeDocument"), "xl/workbook.xml")
        folder, _, name = book.rpartition("/")
        self.folder = folder
        targets = self._targets(f"{folder}/_rels/{name}.rels", folder)
        self._texts = next((target for kind, target in targets.values() if kind == "sharedStrings"), "")
        found = []
        for element in tree_of(b"".join(self.chunks(book))).iter("sheet"):
            key = next((value for name, value in element.items() if name.rpartition("}")[2] == "id"), "")
            kind, target = targets.get(key, ("", ""))
            if kind == "worksheet":
                found.append((element.get("name") or "", target))
        return found

    def texts(self) -> list[str]:
        """The texts that cells refer to by number."""
        self.sheets()
        if not self._texts:
            return []
        handler = _Texts()
        for _ in _parsed(self.chunks(self._texts), handler):
            pass
        return handler.texts

    def _targets(self, name: str, folder: str) -> dict[str, tuple[str, str]]:
        """What the parts of a folder refer to: by key, the kind and the part."""
        if name not in self._names:
            return {}
        found = {}
        for element in tree_of(b"".join(self.chunks(name))):
            target = element.get("Target") or ""
            path = target[1:] if target.startswith("/") else normpath(f"{folder}/{target}").lstrip("/")
            found[element.get("Id") or ""] = ((element.get("Type") or "").rpartition("/")[2], path)
        return found


class _Handler(Protocol):
    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def text(self, content: str) -> None: ...

    def end(self, name: str) -> None: ...


def _parsed(chunks: Iterator[bytes], handler: _Handler) -> Iterator[None]:
    """Feeds XML to the handler; after each piece what it has found can be taken."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.CharacterDataHandler = handler.text
    parser.EndElementHandler = handler.end
    # Without a document type there are no entities, and nothing outside to refer to.
    parser.StartDoctypeDeclHandler = _refuse
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError) as error:
        raise PlannerError(f"it is a damaged workbook ({brief(error)}); save it again") from None
    yield


def _refuse(*_declared: object) -> None:
    raise PlannerError("it defines a document type or entities, which is refused; save it again")


def _rows(book: _Workbook, part: str, texts: list[str]) -> Iterator[Row]:
    handler = _Cells(texts)
    for _ in _parsed(book.chunks(part), handler):
        rows, handler.rows = handler.rows, []
        yield from rows


class _Texts:
    """Shared texts: <si><t>...</t></si>, or several <t> where parts have different fonts."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._is_in = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "si":
            self._parts = []
        self._is_in = local == "t"

    def text(self, content: str) -> None:
        if self._is_in and len(self._parts) < MOST_CELL_CHARACTERS:
            self._parts.append(content)

    def end(self, name: str) -> None:
        self._is_in = False
        if name.rpartition(":")[2] == "si":
            if len(self.texts) >= MOST_CELLS:
                raise PlannerError(f"it has more than {MOST_CELLS:,} texts; split it")
            self.texts.append("".join(self._parts)[:MOST_CELL_CHARACTERS].strip())


class _Cells:
    """Rows: <row r="2"><c r="A2" t="s"><v>17</v></c>...</row>, where <c> may hold <is><t>text</t></is> instead."""

    def __init__(self, texts: list[str]) -> None:
        self.rows: list[Row] = []
        self._texts = texts
        self._row: list[str] = []
        self._number = 0
        self._column = 0
        self._kind = "n"
        self._value = ""
        self._is_in = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = _LOCAL.get(name) or name.rpartition(":")[2]
        if local == "c":
            self._kind = attributes.get("t", "n")
            place = attributes.get("r")
            self._column = _column_of(place.rstrip("0123456789")) if place else self._column + 1
            self._value = ""
        elif local == "v" or local == "t":
            self._is_in = True
        elif local == "row":
            number = attributes.get("r", "")
            self._number = int(number) if _is_index(number) else self._number + 1
            self._row, self._column = [], 0

    def text(self, content: str) -> None:
        if self._is_in and len(self._value) < MOST_CELL_CHARACTERS:
            self._value += content

    def end(self, name: str) -> None:
        local = _LOCAL.get(name) or name.rpartition(":")[2]
        if local == "c":
            if self._value:
                self._keep(self._value)
        elif local == "v" or local == "t":
            self._is_in = False
        elif local == "row":
            self.rows.append((self._number, self._row))

    def _keep(self, value: str) -> None:
        if self._kind == "s":
            value = self._text(value)
        elif self._kind == "b":
            value = "true" if value == "1" else "false"
        elif self._kind == "n" and value.endswith(".0"):
            value = value[:-2]
        if self._column > MOST_COLUMNS:
            raise PlannerError(f"row {self._number}: there are more than {MOST_COLUMNS:,} columns; split it")
        missing = self._column - len(self._row)
        if missing > 1:
            self._row.extend([""] * (missing - 1))
        if missing >= 1:
            self._row.append(value[:MOST_CELL_CHARACTERS])

    def _text(self, number: str) -> str:
        if not _is_index(number) or int(number) >= len(self._texts):
            raise PlannerError(f"row {self._number}: a cell refers to a text that is not there; save it again")
        return self._texts[int(number)]


def _is_index(text: str) -> bool:
    return 0 < len(text) < 10 and text.isascii() and text.isdecimal()


@cache
def _column_of(letters: str) -> int:
    """'A' is 1, 'AA' is 27."""
    if not re.fullmatch("[A-Z]{1,3}", letters):
        raise PlannerError(f"a cell has no place such as A1 but {shown(letters)}; save it again")
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    if number > MOST_COLUMNS:
        raise PlannerError(f"it has more than {MOST_COLUMNS:,} columns; split it")
    return number
