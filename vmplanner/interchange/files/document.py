"""One file as what it is made of: a workbook, a tree, JSON values or lines of text. Which, its content says."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element

from vmplanner.domain.errors import PlannerError
from vmplanner.interchange.files.bounded import MOST_ARCHIVE_BYTES, MOST_LINES, MOST_TEXT_BYTES, content_of
from vmplanner.interchange.files.json_value import json_of
from vmplanner.interchange.files.sheet import Sheet, csv_sheet
from vmplanner.interchange.files.text import decoded
from vmplanner.interchange.files.xlsx import workbook_sheets
from vmplanner.interchange.files.xml_tree import tree_of
from vmplanner.interchange.inventory import Place

_ZIP = b"PK\x03\x04"


class Document:
    """`label` is what to call the file; `folder` the label of its folder, and `stem` its name without an ending."""

    def __init__(self, path: Path, label: str) -> None:
        self.label = label
        self.folder = str(path.resolve().parent)
        self.folder_name = path.resolve().parent.name
        self.stem = PurePosixPath(label).stem
        self.encoding = ""
        self.tree: Element | None = None
        self.json: Any = None
        self.text = ""
        self._book: list[Sheet] = []
        content = content_of(path, MOST_ARCHIVE_BYTES)
        if content.startswith(_ZIP):
            self._book = workbook_sheets(content, label)
            return
        if len(content) > MOST_TEXT_BYTES:
            raise PlannerError(f"it is larger than {MOST_TEXT_BYTES // 1024**2} MiB; export fewer things or split it")
        self.text, self.encoding = decoded(content)
        if self.text.count("\n") > MOST_LINES:
            raise PlannerError(f"it has more than {MOST_LINES:,} lines; export fewer things or split it")
        start = self.text.lstrip()[:1]
        if start == "<":
            # The declaration may name an encoding of its own.
            self.tree = tree_of(content.lstrip() if self.encoding.startswith(("utf-8", "cp")) else self.text.lstrip())
        elif start in ("{", "["):
            self.json = json_of(self.text)

    @cached_property
    def sheets(self) -> Sequence[Sheet]:
        """Its tables: those of a workbook, or the one of a CSV file."""
        if self._book or self.tree is not None or self.json is not None:
            return self._book
        sheet = csv_sheet(self.text, self.label)
        return [sheet] if sheet is not None else []

    def place(self, row: int = 0, field: str = "") -> Place:
        return Place(self.label, "", row, field)
