"""Write patterns as columns of the table of pieces, and back from those or from a shipped TOML file.

Columns and fields have the names of the patterns' attributes.
"""

import json
from typing import Any

import attrs

from vmplanner.domain.machines import PATTERNS, MeasuredCurve, Pattern, Point, Uniform
from vmplanner.store.fields import Fields
from vmplanner.store.platform_rows import Row


def pattern_columns(pattern: Pattern) -> Row:
    """The columns of `pieces` that keep a pattern; those of other patterns are empty."""
    columns: Row = dict.fromkeys(each.name for kind in PATTERNS for each in attrs.fields(kind))
    columns |= attrs.asdict(pattern)
    if isinstance(pattern, MeasuredCurve):
        columns["points"] = json.dumps(pattern.points)
    return {"pattern": pattern.name, **columns}


def pattern_of_row(row: Fields) -> Pattern:
    """The pattern of a row of `pieces`."""
    kind = _kind(row)
    if kind is MeasuredCurve:
        return MeasuredCurve(_points(row, row.json_items("points")))
    values: dict[str, Any] = {each.name: row.real(each.name) for each in attrs.fields(kind)}
    return kind(**values)


def pattern_of_table(table: Fields) -> Pattern:
    """The pattern of a piece in TOML. Uniform if none is named; shares and exponents that are not given are the usual
    ones.
    """
    kind = _kind(table) if table.has("pattern") else Uniform
    if kind is MeasuredCurve:
        return MeasuredCurve(_points(table, table.items("points")))
    values: dict[str, Any] = {each.name: table.real(each.name) for each in attrs.fields(kind) if table.has(each.name)}
    return kind(**values)


def _kind(fields: Fields) -> type[Pattern]:
    kinds = {kind.name: kind for kind in PATTERNS}
    return kinds[fields.name_of("pattern", kinds)]


def _points(fields: Fields, items: list[object]) -> list[Point]:
    points = []
    for number, item in enumerate(items, start=1):
        if not isinstance(item, list) or len(item) != 2:
            raise fields.error("points", f"must be pairs of seconds and pages, which number {number} is not")
        point = Fields(f"{fields.where}, point {number}", dict(zip(("seconds", "pages"), item, strict=True)))
        points.append((point.real("seconds"), point.real("pages")))
    return points
