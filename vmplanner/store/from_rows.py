"""Rows of the project file's tables as a project, every value checked. The way there is to_rows.py."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from attrs import NOTHING, fields

from vmplanner.domain.access import Access
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.failures import FAILURES, Failure
from vmplanner.domain.groups import Frame, Group, GroupKind
from vmplanner.domain.machines import Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.plans import Compression, Migration, Options, Plan, Technique
from vmplanner.domain.platform import GuestNeeds
from vmplanner.domain.project import Project
from vmplanner.domain.results import Metric, Provenance, ReferenceFigure
from vmplanner.domain.rules import ROLES, RULES, CpuLimit, Headroom, Limit, LimitPer, Priority, Rule, Spare
from vmplanner.domain.topology import Host, Link, PolicyName, Position, Storage, Switch
from vmplanner.store.fields import Fields, grouped
from vmplanner.store.pattern_rows import pattern_of_row
from vmplanner.store.platform_rows import guest_needs, host_facts
from vmplanner.store.run_rows import runs_of
from vmplanner.store.window_rows import optional_time, window_of_row

Thing = TypeVar("Thing")


def project_of(tables: Mapping[str, Sequence[Fields]]) -> Project:
    """The project that rows make, given by table and in order. Raises PlannerError that names table, row and field."""
    if len(tables["project"]) != 1:
        raise PlannerError(f"table project: must hold one row, not {len(tables['project']):,}")
    [project] = tables["project"]
    host_devices, policy_values = (
        grouped(tables[table], lambda row: row.text("host_id"), "host", _ids(tables["hosts"]))
        for table in ("host_devices", "host_policy_values")
    )

    def host(row: Fields) -> Host:
        return _host(row, host_devices[row.text("id")], policy_values[row.text("id")])

    hosts = _filed(tables["hosts"], host)
    switches = _filed(tables["switches"], _switch)
    storages = _filed(tables["storages"], _storage)
    pieces, devices, disks = (
        grouped(tables[table], lambda row: row.text("virtual_machine_id"), "VM", _ids(tables["virtual_machines"]))
        for table in ("pieces", "virtual_machine_devices", "disks")
    )
    migrations, failures = (
        grouped(tables[table], lambda row: row.text("plan_id"), "plan", _ids(tables["plans"]))
        for table in ("migrations", "failures")
    )
    for row in tables["links"]:
        _refer(row, "host, switch or storage", {*hosts, *switches, *storages}, "end_a_id", "end_b_id")
    for row in tables["virtual_machines"]:
        _refer(row, "host", hosts, "host_id")
    for row in tables["disks"]:
        if row.has("storage_id"):
            _refer(row, "storage", storages, "storage_id")

    def machine(row: Fields) -> VirtualMachine:
        vm_id = row.text("id")
        return _machine(row, pieces[vm_id], guest_needs(row, devices[vm_id], disks[vm_id]))

    machines = _filed(tables["virtual_machines"], machine)
    for row in tables["migrations"]:
        _refer(row, "VM", machines, "virtual_machine_id")
        _refer(row, "host", hosts, "target_id")
    group_members = grouped(tables["group_members"], lambda row: row.text("group_id"), "group", _ids(tables["groups"]))
    rule_members = grouped(tables["rule_members"], lambda row: row.text("rule_id"), "rule", _ids(tables["rules"]))
    window_members = grouped(
        tables["window_members"], lambda row: row.text("window_id"), "window", _ids(tables["windows"])
    )
    techniques = {
        row.whole("position"): row.choice("technique", Technique) for row in tables["reference_figure_techniques"]
    }
    return project.build(
        lambda: Project(
            name=project.text("name"),
            notes=project.text("notes"),
            hosts=hosts,
            switches=switches,
            storages=storages,
            links=_filed(tables["links"], _link),
            machines=machines,
            plans=_filed(tables["plans"], lambda row: _plan(row, migrations[row.text("id")], failures[row.text("id")])),
            groups=_filed(tables["groups"], lambda row: _group(row, group_members[row.text("id")])),
            rules=_filed(tables["rules"], lambda row: _rule(row, rule_members[row.text("id")])),
            windows=_filed(tables["windows"], lambda row: window_of_row(row, window_members[row.text("id")])),
            figures=[row.build(partial(_figure, row, techniques)) for row in tables["reference_figures"]],
            runs=runs_of(tables),
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


def _refer(row: Fields, what: str, ids: Container[str], *columns: str) -> None:
    """Checks that the columns hold ids of things that are there."""
    for column in columns:
        if row.text(column) not in ids:
            raise row.error(column, f"'{row.text(column)}' is not the id of a {what} in the file")


def _host(row: Fields, devices: Iterable[Fields], policy_values: Iterable[Fields]) -> Host:
    return Host(
        id=row.text("id"),
        name=row.text("name"),
        policy=row.choice("policy", PolicyName),
        memory_bytes=row.whole("memory_bytes"),
        cores=row.whole("cores"),
        position=_position(row),
        facts=host_facts(row, devices),
        policy_values=[(each.text("name"), each.real("value")) for each in policy_values],
        uuid=row.text("uuid"),
        access=Access(row.text("address"), row.text("migration_address")),
    )


def _storage(row: Fields) -> Storage:
    return Storage(
        id=row.text("id"),
        name=row.text("name"),
        capacity_bytes=row.whole("capacity_bytes"),
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
        background_share=row.real("background_share"),
        loss_share=row.real("loss_share"),
    )


def _machine(row: Fields, pieces: Iterable[Fields], needs: GuestNeeds) -> VirtualMachine:
    return VirtualMachine(
        id=row.text("id"),
        name=row.text("name"),
        host_id=row.text("host_id"),
        memory_bytes=row.whole("memory_bytes"),
        vcpus=row.whole("vcpus"),
        cpu_use=row.real("cpu_use"),
        profile=Profile(row.text("profile"), [piece.build(partial(_piece, piece)) for piece in pieces]),
        needs=needs,
        uuid=row.text("uuid"),
    )


def _piece(row: Fields) -> Piece:
    return Piece(
        name=row.text("name"),
        kind=row.choice("kind", PieceKind),
        size_bytes=row.whole("size_bytes"),
        write_rate_pages_per_s=row.real("write_rate_pages_per_s"),
        pattern=pattern_of_row(row),
        zero_share=row.real("zero_share"),
        rewrite_share=row.real("rewrite_share"),
        compression_ratio=row.real("compression_ratio"),
        source=row.text("source"),
    )


def _plan(row: Fields, migrations: Iterable[Fields], failures: Iterable[Fields]) -> Plan:
    moves = [(move.flag("is_excluded"), move.build(partial(_migration, move))) for move in migrations]
    return Plan(
        id=row.text("id"),
        name=row.text("name"),
        migrations=[migration for is_excluded, migration in moves if not is_excluded],
        excluded=[migration for is_excluded, migration in moves if is_excluded],
        max_concurrent=row.whole("max_concurrent"),
        max_concurrent_per_host=row.whole("max_concurrent_per_host"),
        starts_at=optional_time(row),
        window_s=row.optional_real("window_s"),
        failures=[failure.build(partial(_failure, failure)) for failure in failures],
    )


def _failure(row: Fields) -> Failure:
    kinds = {kind.kind: kind for kind in FAILURES}
    return kinds[row.name_of("kind", kinds)](row.text("thing_id"), row.real("at_s"))


def _migration(row: Fields) -> Migration:
    return Migration(
        id=row.text("id"),
        vm_id=row.text("virtual_machine_id"),
        target_id=row.text("target_id"),
        technique=row.choice("technique", Technique),
        max_bandwidth_bytes_per_s=row.optional_real("max_bandwidth_bytes_per_s"),
        downtime_limit_s=row.optional_real("downtime_limit_s"),
        time_limit_s=row.optional_real("time_limit_s"),
        earliest_start_s=row.real("earliest_start_s"),
        is_pinned=row.flag("is_pinned"),
        after=row.json_texts("after_ids"),
        priority=row.whole("priority"),
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
        compress_threads=row.whole("compress_threads"),
        compress_level=row.whole("compress_level"),
        free_page_hints=row.flag("free_page_hints"),
        switch_after_rounds=row.whole("switch_after_rounds"),
        switch_after_s=row.optional_real("switch_after_s"),
        preempt=row.flag("preempt"),
        prepaging=row.flag("prepaging"),
        postcopy_bytes_per_s=row.optional_real("postcopy_bytes_per_s"),
        checkpoint_age_s=row.optional_real("checkpoint_age_s"),
        checkpoint_bytes_per_s=row.optional_real("checkpoint_bytes_per_s"),
        drop_cache=row.flag("drop_cache"),
        cache_read_bytes_per_s=row.optional_real("cache_read_bytes_per_s"),
    )


def _group(row: Fields, members: Iterable[Fields]) -> Group:
    return Group(
        id=row.text("id"),
        name=row.text("name"),
        kind=row.choice("kind", GroupKind),
        parent_id=row.text("parent_id") if row.has("parent_id") else None,
        member_ids=[member.text("member_id") for member in members],
        frame=_frame(row),
        is_collapsed=row.flag("is_collapsed"),
    )


def _frame(row: Fields) -> Frame | None:
    if not row.has("frame_x"):
        return None
    return Frame(row.real("frame_x"), row.real("frame_y"), row.real("frame_width"), row.real("frame_height"))


def _rule(row: Fields, members: Iterable[Fields]) -> Rule:
    kinds = {rule.kind: rule for rule in RULES}
    kind = kinds[row.name_of("kind", kinds)]
    values: dict[str, Any] = {"id": row.text("id"), "name": row.text("name")}
    for member in members:
        role = member.name_of("role", ROLES)
        if role not in {each.name for each in fields(kind)}:
            raise member.error("role", f"must not be '{role}' in a rule of the kind '{kind.kind}'")
        values.setdefault(role, []).append(member.text("member_id"))
    if kind in (Spare, Limit):
        values["count"] = row.whole("count")
    if kind is Headroom:
        values["share"] = row.real("share")
    if kind is CpuLimit:
        values["vcpus_per_core"] = row.real("vcpus_per_core")
    if kind is Limit:
        values["per"] = row.choice("per", LimitPer)
    if kind is Priority:
        values["priority"] = row.whole("priority")
    for role in ROLES:
        if any(each.name == role and each.default is NOTHING for each in fields(kind)):
            values.setdefault(role, [])
    return kind(**values)


def _figure(row: Fields, techniques: Mapping[int, Technique]) -> ReferenceFigure:
    return ReferenceFigure(
        migration_id=row.text("migration_id"),
        metric=row.choice("metric", Metric),
        value=row.real("value"),
        provenance=row.choice("provenance", Provenance),
        source=row.text("source"),
        round=row.whole("round"),
        technique=techniques.get(row.whole("position"), Technique.PRE_COPY),
    )
