"""Rows of the project file's tables as a project, every value checked. The way there is to_rows.py."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.machines import (
    PATTERNS,
    HotCold,
    Pattern,
    Piece,
    PieceKind,
    Profile,
    Sequential,
    Uniform,
    VirtualMachine,
)
from vmplanner.domain.plans import Compression, Migration, Options, Plan, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.results import (
    Metric,
    MigrationResult,
    Outcome,
    Phase,
    Provenance,
    ReferenceFigure,
    Run,
    Segment,
)
from vmplanner.domain.topology import Host, Link, PolicyName, Position, Switch
from vmplanner.store.fields import Fields

Thing = TypeVar("Thing")
Key = TypeVar("Key", str, int, tuple[int, int])


def project_of(tables: Mapping[str, Sequence[Fields]]) -> Project:
    """The project that rows make, given by table and in order. Raises PlannerError that names table, row and field."""
    if len(tables["project"]) != 1:
        raise PlannerError(f"table project: must hold one row, not {len(tables['project']):,}")
    [project] = tables["project"]
    hosts = _filed(tables["hosts"], _host)
    switches = _filed(tables["switches"], _switch)
    pieces = _grouped(
        tables["pieces"], lambda row: row.text("virtual_machine_id"), "VM", _ids(tables["virtual_machines"])
    )
    migrations = _grouped(tables["migrations"], lambda row: row.text("plan_id"), "plan", _ids(tables["plans"]))
    for row in tables["links"]:
        _refer(row, "host or switch", {*hosts, *switches}, "end_a_id", "end_b_id")
    for row in tables["virtual_machines"]:
        _refer(row, "host", hosts, "host_id")
    machines = _filed(tables["virtual_machines"], lambda row: _machine(row, pieces[row.text("id")]))
    for row in tables["migrations"]:
        _refer(row, "VM", machines, "virtual_machine_id")
        _refer(row, "host", hosts, "target_id")
    return project.build(
        lambda: Project(
            name=project.text("name"),
            notes=project.text("notes"),
            hosts=hosts,
            switches=switches,
            links=_filed(tables["links"], _link),
            machines=machines,
            plans=_filed(tables["plans"], lambda row: _plan(row, migrations[row.text("id")])),
            figures=[row.build(partial(_figure, row)) for row in tables["reference_figures"]],
            runs=_runs(tables),
        )
    )


def _filed(rows: Iterable[Fields], make: Callable[[Fields], Thing]) -> dict[str, Thing]:
    """Things by their id."""
    things: dict[str, Thing] = {}
    for row in rows:
        thing_id = row.text("id")
        if thing_id in things:
            raise row.error("id", f"'{thing_id}' is used twice")
        things[thing_id] = row.build(partial(make, row))
    return things


def _ids(rows: Iterable[Fields]) -> list[str]:
    return [row.text("id") for row in rows]


def _grouped(
    rows: Iterable[Fields], owner_of: Callable[[Fields], Key], what: str, owners: Iterable[Key]
) -> dict[Key, list[Fields]]:
    """Rows by the thing that they are parts of."""
    groups: dict[Key, list[Fields]] = {owner: [] for owner in owners}
    for row in rows:
        owner = owner_of(row)
        if owner not in groups:
            raise PlannerError(f"{row.where}: it is part of {what} {owner!r}, which is not in the file")
        groups[owner].append(row)
    return groups


def _refer(row: Fields, what: str, ids: Container[str], *columns: str) -> None:
    """Checks that the columns hold ids of things that are there."""
    for column in columns:
        if row.text(column) not in ids:
            raise row.error(column, f"'{row.text(column)}' is not the id of a {what} in the file")


def _host(row: Fields) -> Host:
    return Host(
        id=row.text("id"),
        name=row.text("name"),
        policy=row.choice("policy", PolicyName),
        memory_bytes=row.whole("memory_bytes"),
        cores=row.whole("cores"),
        position=_position(row),
    )


def _switch(row: Fields) -> Switch:
    return Switch(id=row.text("id"), name=row.text("name"), position=_position(row))


def _position(row: Fields) -> Position:
    return Position(row.real("canvas_x"), row.real("canvas_y"))


def _link(row: Fields) -> Link:
    return Link(
        id=row.text("id"),
        end_a_id=row.text("end_a_id"),
        end_b_id=row.text("end_b_id"),
        bandwidth_bytes_per_s=row.real("bandwidth_bytes_per_s"),
        latency_s=row.real("latency_s"),
    )


def _machine(row: Fields, pieces: Iterable[Fields]) -> VirtualMachine:
    return VirtualMachine(
        id=row.text("id"),
        name=row.text("name"),
        host_id=row.text("host_id"),
        memory_bytes=row.whole("memory_bytes"),
        vcpus=row.whole("vcpus"),
        cpu_use=row.real("cpu_use"),
        profile=Profile(row.text("profile"), [piece.build(partial(_piece, piece)) for piece in pieces]),
    )


def _piece(row: Fields) -> Piece:
    return Piece(
        name=row.text("name"),
        kind=row.choice("kind", PieceKind),
        size_bytes=row.whole("size_bytes"),
        write_rate_pages_per_s=row.real("write_rate_pages_per_s"),
        pattern=_pattern(row),
        zero_share=row.real("zero_share"),
        rewrite_share=row.real("rewrite_share"),
        compression_ratio=row.real("compression_ratio"),
        source=row.text("source"),
    )


def _pattern(row: Fields) -> Pattern:
    name = row.text("pattern")
    if name == HotCold.name:
        return HotCold(row.real("hot_size_share"), row.real("hot_write_share"))
    if name == Sequential.name:
        return Sequential()
    if name == Uniform.name:
        return Uniform()
    raise row.error("pattern", f"must be one of {', '.join(pattern.name for pattern in PATTERNS)}, not {name!a}")


def _plan(row: Fields, migrations: Iterable[Fields]) -> Plan:
    return Plan(
        id=row.text("id"),
        name=row.text("name"),
        migrations=[migration.build(partial(_migration, migration)) for migration in migrations],
        max_concurrent=row.whole("max_concurrent"),
        max_concurrent_per_host=row.whole("max_concurrent_per_host"),
    )


def _migration(row: Fields) -> Migration:
    return Migration(
        id=row.text("id"),
        vm_id=row.text("virtual_machine_id"),
        target_id=row.text("target_id"),
        technique=row.choice("technique", Technique),
        max_bandwidth_bytes_per_s=row.optional_real("max_bandwidth_bytes_per_s"),
        downtime_limit_s=row.optional_real("downtime_limit_s"),
        time_limit_s=row.optional_real("time_limit_s"),
        options=row.build(lambda: _options(row)),
    )


def _options(row: Fields) -> Options:
    return Options(
        auto_converge=row.flag("auto_converge"),
        throttle_initial=row.real("throttle_initial"),
        throttle_increment=row.real("throttle_increment"),
        throttle_max=row.real("throttle_max"),
        xbzrle_cache_bytes=row.whole("xbzrle_cache_bytes"),
        channels=row.whole("channels"),
        compression=row.choice("compression", Compression),
        free_page_hints=row.flag("free_page_hints"),
        switch_after_rounds=row.whole("switch_after_rounds"),
        checkpoint_age_s=row.optional_real("checkpoint_age_s"),
        checkpoint_bytes_per_s=row.optional_real("checkpoint_bytes_per_s"),
        drop_cache=row.flag("drop_cache"),
    )


def _figure(row: Fields) -> ReferenceFigure:
    return ReferenceFigure(
        migration_id=row.text("migration_id"),
        metric=row.choice("metric", Metric),
        value=row.real("value"),
        provenance=row.choice("provenance", Provenance),
        source=row.text("source"),
        round=row.whole("round"),
    )


def _runs(tables: Mapping[str, Sequence[Fields]]) -> list[Run]:
    results = _grouped(
        tables["run_migrations"],
        lambda row: row.whole("run_position"),
        "run",
        [row.whole("position") for row in tables["runs"]],
    )
    segments = _grouped(
        tables["segments"],
        lambda row: (row.whole("run_position"), row.whole("migration_position")),
        "migration",
        [(row.whole("run_position"), row.whole("position")) for row in tables["run_migrations"]],
    )

    def result(row: Fields) -> MigrationResult:
        return _result(row, segments[row.whole("run_position"), row.whole("position")])

    def run(row: Fields) -> Run:
        return Run(
            id=row.text("id"),
            name=row.text("name"),
            plan_name=row.text("plan_name"),
            backend=row.text("backend"),
            started_at=_time(row, "started_at"),
            results=[part.build(partial(result, part)) for part in results[row.whole("position")]],
        )

    return [row.build(partial(run, row)) for row in tables["runs"]]


def _result(row: Fields, segments: Iterable[Fields]) -> MigrationResult:
    return MigrationResult(
        migration_id=row.text("migration_id"),
        vm=row.text("virtual_machine"),
        source=row.text("source"),
        target=row.text("target"),
        technique=row.choice("technique", Technique),
        policy=row.choice("policy", PolicyName),
        outcome=row.choice("outcome", Outcome),
        reason=row.text("reason"),
        started_s=row.real("started_s"),
        segments=[segment.build(partial(_segment, segment)) for segment in segments],
    )


def _segment(row: Fields) -> Segment:
    return Segment(
        phase=row.choice("phase", Phase),
        piece=row.text("piece"),
        kind=row.choice("kind", PieceKind),
        round=row.whole("round"),
        start_s=row.real("start_s"),
        duration_s=row.real("duration_s"),
        bytes=row.whole("bytes"),
    )


def _time(row: Fields, column: str) -> datetime:
    try:
        return datetime.fromisoformat(row.text(column))
    except ValueError:
        raise row.error(column, f"must be a time such as 2026-03-01T12:00:00, not {row.text(column)!a}") from None
