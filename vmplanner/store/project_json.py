"""A whole project as JSON that other programs can read and write: {"vmplanner project": "1.2", "tables": {...}}.

`tables` has the tables of the project file with the same names and columns, which schema.py explains; each is a list of
rows, and each row an object. Lists and objects that the file keeps as JSON text are real ones here. A table without
rows may be left out; a column may not. What was written is read back as an equal project.
"""

import json
import secrets
from pathlib import Path
from typing import Any

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import schema, schema_tables
from vmplanner.store.fields import Fields
from vmplanner.store.from_rows import project_of
from vmplanner.store.to_rows import rows_of

KEY = "vmplanner project"
MOST_BYTES = 64 * 1024**2

# Columns of the file that keep JSON text.
_JSON_COLUMNS = frozenset(
    {"after_ids", "cpu_features", "inputs", "machine_types", "networks", "numa_node_bytes", "points"}
)


def as_json(project: Project) -> str:
    """The project as JSON."""
    tables = {table: [_unpacked(row) for row in rows] for table, rows in rows_of(project).items()}
    version = f"{schema.FORMAT_MAJOR}.{schema.FORMAT_MINOR}"
    return json.dumps({KEY: version, "tables": tables}, indent=1, ensure_ascii=True)


def write_json(project: Project, path: Path) -> None:
    """Write the project to a file, in the place of what was there. Raises PlannerError, with the old file untouched."""
    unfinished = path.with_name(f".{path.name[:50]}.{secrets.token_hex(4)}")
    try:
        unfinished.write_text(as_json(project), encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise PlannerError(f"Can't write '{path}': {(error.strerror or str(error)).lower()}; choose another") from error


def is_project(path: Path) -> bool:
    """Whether a file says that it is a project as JSON."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return f'"{KEY}"'.encode() in file.read(200)


def read_json(path: Path) -> Project:
    """The project in a JSON file. Raises PlannerError that names the table, the row and the field."""
    try:
        return project_of_json(_text(path))
    except PlannerError as error:
        raise PlannerError(f"Can't read '{path}': {error}") from error


def project_of_json(text: str) -> Project:
    """The project that JSON describes. Raises PlannerError for everything that is wrong with it."""
    value = _value(text)
    if not isinstance(value, dict) or not isinstance(value.get(KEY), str):
        raise PlannerError(f'it is not a project as JSON: there is no "{KEY}"; choose another file')
    major = value[KEY].partition(".")[0]
    if major != str(schema.FORMAT_MAJOR):
        found = ascii(value[KEY][:20])
        raise PlannerError(f"it has format {found}, not {schema.FORMAT_MAJOR}.x; use a vmplanner of that age")
    tables = value.get("tables")
    if not isinstance(tables, dict):
        raise PlannerError('"tables" must be an object; export it again')
    known = {table.name for table in schema_tables.tables()}
    for name in tables:
        if name not in known:
            raise PlannerError(f"there is no table {name[:60]!a}; known are {', '.join(sorted(known))}")
    return project_of({table.name: _rows(table, tables.get(table.name, [])) for table in schema_tables.tables()})


def _rows(table: schema_tables.Table, rows: Any) -> list[Fields]:
    if not isinstance(rows, list):
        raise PlannerError(f"table {table.name}: must be a list of rows; export it again")
    found = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise PlannerError(f"table {table.name}, row {number}: must be an object; export it again")
        label = ", ".join(str(row.get(column))[:60] for column in table.key) or number
        packed = {name: json.dumps(item) if isinstance(item, (list, dict)) else item for name, item in row.items()}
        found.append(Fields(f"table {table.name}, row {label}", packed))
    return found


def _unpacked(row: dict[str, Any]) -> dict[str, Any]:
    return {name: json.loads(item) if name in _JSON_COLUMNS and item else item for name, item in row.items()}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise PlannerError("its values are nested too deep; export it again") from None
    except ValueError as error:
        raise PlannerError(f"it is not JSON ({error}); export it again") from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise PlannerError(f"it is larger than {MOST_BYTES // 1024**2} MiB; use the project file instead")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PlannerError("it is not UTF-8 text; export it again") from None
    except OSError as error:
        raise PlannerError(f"{(error.strerror or str(error)).lower()}; choose another file") from None
