"""Measured migrations in a CSV file: one row for each run, what was known before it and what came of it.

The columns are explained in resources/measured/README.md. Only `name`, `mem_mib` and `converged` must be there; a
column that is missing or a cell that is empty stands for the default. Other columns are ignored.
"""

import csv
import io
import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from attrs import NOTHING, Attribute, field, fields, frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.shipped import RESOURCES

SHIPPED = RESOURCES / "measured" / "qemu_runs.csv"

# What makes a run no witness: the guest did not do what was asked, or the machine was too busy, or QEMU failed.
SPOILING_FLAGS = frozenset({"rate-missed", "late-windows", "cpu-bound", "integrity", "failed"})


_GROUP_TITLES = {
    "idle": "idle guest",
    "pre": "pre-copy, bandwidth capped",
    "limit": "pre-copy, other downtime limits",
    "link": "link shaped to 32 MiB/s",
    "stop": "stop-and-copy",
    "postcopy": "post-copy after one or two rounds",
    "xbzrle": "XBZRLE",
    "converge": "auto-converge",
    "both": "auto-converge and XBZRLE",
    "multifd": "channels, plain and packed",
    "compress": "compression threads, on and off",
    "hint": "free-page hints, on and off",
    "zero": "zeros written over zeros",
}


def group_title(group: str) -> str:
    """What people call a group of runs; a group that is not one of ours is called as its table calls it."""
    return _GROUP_TITLES.get(group, group)


# Beyond these a number is a slip, and what is computed with it may be no number.
_LEAST, _MOST = 1e-9, 1e15


def _text(cell: str) -> str:
    return cell


def _quoted(cell: str) -> str:
    """A cell in an error: short, and without what a terminal would obey."""
    return repr(cell if len(cell) <= 40 else f"{cell[:40]}...")


def _one_of(*words: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if cell not in words:
            raise ValueError(f"must be one of {', '.join(words)}, not {_quoted(cell)}")
        return cell

    return read


def _number(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"must be a number from 0 on, not {_quoted(cell)}")
    if value and not _LEAST <= value <= _MOST:
        raise ValueError(f"must be 0 or from {_LEAST:g} to {_MOST:g}, not {_quoted(cell)}")
    return value


def _above_zero(cell: str) -> float:
    value = _number(cell)
    if not value:
        raise ValueError(f"must be above 0, not {_quoted(cell)}")
    return value


def _whole(cell: str) -> int:
    value = _number(cell)
    if not value.is_integer():
        raise ValueError(f"must be a whole number, not {_quoted(cell)}")
    return int(value)


def _from_one(cell: str) -> int:
    return int(_above_zero(str(_whole(cell))))


def _flag(cell: str) -> bool:
    known = {"true": True, "1": True, "false": False, "0": False}
    if cell.casefold() not in known:
        raise ValueError(f"must be True or False, not {_quoted(cell)}")
    return known[cell.casefold()]


def _words(cell: str) -> tuple[str, ...]:
    return tuple(cell.split())


def _column(read: Callable[[str], Any], default: Any = NOTHING) -> Any:
    return field(default=default, metadata={"read": read})


@frozen(kw_only=True)
class MeasuredRun:
    """One run. The names are those of the columns, with their units; `where` says where the row is."""

    where: str
    # Known before the run.
    name: str = _column(_text)
    group: str = _column(_text, "other")
    qemu: str = _column(_text, "10.0")
    mem_mib: int = _column(_whole)
    fill_mib: int = _column(_whole, 0)
    fill_kind: str = _column(_one_of("random", "text", "half", "zero"), "random")
    junk_mib: int = _column(_whole, 0)
    ws_mib: int = _column(_whole, 0)
    pattern: str = _column(_one_of("seq", "uni", "hot"), "seq")
    kind: str = _column(_one_of("partial", "random", "text", "half", "zero"), "partial")
    rate_pps: float = _column(_number, 0.0)
    rate_before_pps: float | None = _column(_number, None)
    debt_ms: float = _column(_number, 100.0)
    bandwidth_mib: float = _column(_above_zero, 128.0)
    link_mib: float = _column(_number, 0.0)
    downtime_limit_ms: float = _column(_above_zero, 300.0)
    stop_first: bool = _column(_flag, False)
    xbzrle_cache_mib: int = _column(_whole, 0)
    auto_converge: bool = _column(_flag, False)
    throttle_initial: int = _column(_whole, 20)
    throttle_increment: int = _column(_whole, 10)
    max_throttle: int = _column(_whole, 99)
    postcopy_after: int = _column(_whole, 0)
    postcopy_preempt: bool = _column(_flag, False)
    compress_threads: int = _column(_whole, 0)
    compress_level: int = _column(_whole, 1)
    multifd: str = _column(_one_of("none", "zlib", "zstd"), "")
    multifd_channels: int = _column(_from_one, 2)
    free_page_hint: bool = _column(_flag, False)
    limit_s: float | None = _column(_above_zero, None)
    # What came of it.
    converged: bool = _column(_flag)
    outcome: str = _column(_text, "")
    total_time_ms: float | None = _column(_number, None)
    downtime_ms: float | None = _column(_number, None)
    downtime_events_ms: float | None = _column(_number, None)
    heartbeat_gap_ms: float | None = _column(_number, None)
    postcopy_faults: int | None = _column(_whole, None)
    ram_transferred: float | None = _column(_number, None)
    flags: tuple[str, ...] = _column(_words, ())

    @property
    def writes_pages_per_s(self) -> float:
        """Page writes a second as measured before the run, or as asked for where that was not measured."""
        return self.rate_pps if self.rate_before_pps is None else self.rate_before_pps

    @property
    def total_s(self) -> float | None:
        """QEMU's own total time; None for a run that was cut."""
        return _seconds(self.total_time_ms) if self.converged else None

    @property
    def downtime_s(self) -> float | None:
        """The pause that the guest had. A guest that was stopped first stood still for the whole total time."""
        if not self.converged:
            return None
        return self.total_s if self.stop_first else _seconds(self.downtime_events_ms)

    @property
    def transferred_bytes(self) -> float | None:
        return self.ram_transferred if self.converged else None

    @property
    def spoiled_by(self) -> tuple[str, ...]:
        """Why a prediction can't be judged by this run; empty for a good one."""
        found = {flag for flag in self.flags if flag in SPOILING_FLAGS}
        return tuple(sorted(found | ({"failed"} if self.outcome == "failed" else set())))


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


_COLUMNS: tuple["Attribute[Any]", ...] = tuple(each for each in fields(MeasuredRun) if "read" in each.metadata)


@cache
def shipped_runs() -> tuple[MeasuredRun, ...]:
    """Our own measurements, which come with the application."""
    return read_runs(SHIPPED)


def read_runs(path: Path) -> tuple[MeasuredRun, ...]:
    """The runs of a CSV file. Raises PlannerError that names the file and, where it is one cell, row and column."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if "\0" in text:
            raise _no_table(path)
        runs = tuple(_read(path.name, csv.DictReader(io.StringIO(text, newline=""), strict=True)))
    except OSError as error:
        raise PlannerError(f"Can't read '{path}': {error.strerror}") from None
    except UnicodeDecodeError:
        raise _no_table(path) from None
    if not runs:
        raise PlannerError(f"'{path}' holds no runs; it needs a heading and a row for each run")
    return runs


def _no_table(path: Path) -> PlannerError:
    return PlannerError(f"'{path}' is not a CSV file, it holds bytes that are no text; save the table as CSV in UTF-8")


def _read(file: str, table: "csv.DictReader[str]") -> Iterator[MeasuredRun]:
    try:
        _check_heading(file, table.fieldnames or ())
        yield from _runs(file, table)
    except csv.Error:
        where = f"{file}, row {table.reader.line_num}"
        raise PlannerError(f"{where}: is not CSV; look for a quotation mark that is not closed") from None


def _check_heading(file: str, heading: Sequence[str]) -> None:
    lacking = [f"'{each.name}'" for each in _COLUMNS if each.default is NOTHING and each.name not in heading]
    if lacking:
        columns = f"column{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}"
        raise PlannerError(f"{file}: the heading lacks the {columns}; is this a table of measured runs?")
    for each in _COLUMNS:
        if list(heading).count(each.name) > 1:
            raise PlannerError(f"{file}: the heading has the column '{each.name}' twice; leave one out")


def _runs(file: str, table: "csv.DictReader[str]") -> Iterator[MeasuredRun]:
    for cells in table:
        where = f"{file}, row {table.line_num}"
        if None in cells:
            raise PlannerError(f"{where}: has more cells than the heading has columns")
        given = {each: text for each in _COLUMNS if (text := (cells.get(each.name) or "").strip())}
        yield MeasuredRun(where=where, **{each.name: _cell(where, each, text) for each, text in _full(where, given)})


def _full(where: str, given: dict["Attribute[Any]", str]) -> list[tuple["Attribute[Any]", str]]:
    """The cells that hold something. Raises PlannerError when one of those that must is empty."""
    for each in _COLUMNS:
        if each.default is NOTHING and each not in given:
            raise PlannerError(f"{where}, column {each.name}: is empty; every run needs it")
    return list(given.items())


def _cell(where: str, column: "Attribute[Any]", text: str) -> Any:
    try:
        return column.metadata["read"](text)
    except ValueError as why:
        raise PlannerError(f"{where}, column {column.name}: {why}") from None
