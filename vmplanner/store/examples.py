"""Example projects as TOML files that a person can read: things are named by their names, and values have units."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar

from attrs import evolve

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan, Technique
from vmplanner.domain.platform import Cpu, CpuVendor, Disk, GuestNeeds, HostFacts
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SECONDS
from vmplanner.domain.results import Metric, Provenance, ReferenceFigure
from vmplanner.domain.topology import Host, Link, PolicyName, Position, Storage, Switch
from vmplanner.store.example_rules import read_groups, read_rules
from vmplanner.store.fields import Fields
from vmplanner.store.templates import ProfileTemplate, read_profile

Thing = TypeVar("Thing", Host, Switch, Storage, VirtualMachine)
Node = Host | Switch | Storage


def read_example(fields: Fields, shipped_profiles: Mapping[str, ProfileTemplate]) -> Project:
    """The project that a file describes. Its VMs may use the file's own profiles and the shipped ones.

    Raises PlannerError that names the file, the thing and the field.
    """
    profiles = {
        **shipped_profiles,
        **{profile.name: profile for profile in map(read_profile, fields.tables("profiles"))},
    }
    hosts = _by_name(fields, "hosts", _host)
    switches = _by_name(fields, "switches", _switch)
    storages = _by_name(fields, "storages", _storage)
    ends: dict[str, Node] = {**hosts, **switches, **storages}
    links = [
        table.build(partial(_link, table, f"link-{number}", ends))
        for number, table in enumerate(fields.tables("links"), start=1)
    ]
    machines = _by_name(fields, "machines", partial(_machine, hosts=hosts, storages=storages, profiles=profiles))
    groups = read_groups(fields, hosts, machines)
    rules = read_rules(fields, hosts, machines, groups)
    plan_table = fields.table("plan")
    plan = plan_table.build(lambda: _plan(plan_table, machines, hosts))
    migration_ids = {migration.vm_id: migration.id for migration in plan.migrations}
    ids_by_name = {name: migration_ids[vm.id] for name, vm in machines.items() if vm.id in migration_ids}
    techniques = {migration.id: migration.technique for migration in plan.migrations}
    figures = [
        evolve(figure, technique=techniques[figure.migration_id])
        for table in fields.tables("figures")
        for figure in _figures(table, ids_by_name)
    ]
    return fields.build(
        lambda: Project.of(
            *hosts.values(),
            *switches.values(),
            *storages.values(),
            *links,
            *machines.values(),
            *groups.values(),
            *rules,
            plan,
            name=fields.text("title"),
            notes=_paragraphs(fields.text("notes")),
            figures=figures,
        )
    )


def _paragraphs(text: str) -> str:
    """The text without the line breaks of the file; an empty line still parts two paragraphs."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _by_name(fields: Fields, kind: str, make: Callable[[Fields, str], Thing]) -> dict[str, Thing]:
    """The things of one kind, with ids such as those that the program gives."""
    prefix = {"hosts": "host", "switches": "switch", "storages": "storage", "machines": "vm"}[kind]
    things: dict[str, Thing] = {}
    for number, table in enumerate(fields.tables(kind), start=1):
        name = table.text("name")
        if name in things:
            raise table.error("name", "is used twice")
        things[name] = table.build(partial(make, table, f"{prefix}-{number}"))
        table.nothing_else()
    return things


def _host(fields: Fields, host_id: str) -> Host:
    return Host(
        id=host_id,
        name=fields.text("name"),
        policy=fields.choice("policy", PolicyName),
        memory_bytes=round(fields.quantity("memory", BYTES)),
        cores=fields.whole("cores"),
        position=_position(fields),
        policy_values={value.text("name"): value.real("value") for value in fields.tables("policy_values")},
        facts=HostFacts(
            hypervisor_version=fields.text("version", default=""),
            cpu=Cpu(fields.optional_choice("cpu", CpuVendor), level=fields.whole("cpu_level", default=0)),
            networks=fields.texts("networks"),
        ),
    )


def _storage(fields: Fields, storage_id: str) -> Storage:
    return Storage(
        id=storage_id,
        name=fields.text("name"),
        capacity_bytes=round(fields.quantity("capacity", BYTES)),
        position=_position(fields),
    )


def _switch(fields: Fields, switch_id: str) -> Switch:
    return Switch(id=switch_id, name=fields.text("name"), position=_position(fields))


def _position(fields: Fields) -> Position:
    match fields.items("at"):
        case [int() as x, int() as y]:
            return Position(x, y)
    raise fields.error("at", "must be a place such as [300, 120]")


def _link(fields: Fields, link_id: str, ends: Mapping[str, Node]) -> Link:
    match fields.items("between"):
        case [str() as a, str() as b] if a in ends and b in ends:
            link = Link(
                id=link_id,
                end_a_id=ends[a].id,
                end_b_id=ends[b].id,
                bandwidth_bytes_per_s=fields.quantity("bandwidth", BYTES_PER_S),
                latency_s=fields.quantity("latency", SECONDS),
            )
            fields.nothing_else()
            return link
    raise fields.error("between", "must name two hosts, switches or storages of the file")


def _machine(
    fields: Fields,
    vm_id: str,
    hosts: Mapping[str, Host],
    storages: Mapping[str, Storage],
    profiles: Mapping[str, ProfileTemplate],
) -> VirtualMachine:
    profile = profiles[fields.name_of("profile", profiles)]
    memory_bytes = round(fields.quantity("memory", BYTES)) if fields.has("memory") else profile.memory_bytes
    return VirtualMachine(
        id=vm_id,
        name=fields.text("name"),
        host_id=hosts[fields.name_of("host", hosts)].id,
        memory_bytes=memory_bytes,
        vcpus=fields.whole("vcpus"),
        cpu_use=fields.real("cpu_use", default=1.0),
        profile=profile.profile_for(memory_bytes),
        needs=GuestNeeds(
            cpu_level=fields.whole("cpu_level", default=0),
            networks=fields.texts("networks"),
            disks=[table.build(partial(_disk, table, storages)) for table in fields.tables("disks")],
        ),
    )


def _disk(fields: Fields, storages: Mapping[str, Storage]) -> Disk:
    disk = Disk(
        name=fields.text("name"),
        size_bytes=round(fields.quantity("size", BYTES)),
        storage_id=storages[fields.name_of("on", storages)].id if fields.has("on") else None,
        snapshots=fields.whole("snapshots", default=0),
    )
    fields.nothing_else()
    return disk


def _plan(fields: Fields, machines: Mapping[str, VirtualMachine], hosts: Mapping[str, Host]) -> Plan:
    migrations: list[Migration] = []
    ids: dict[str, str] = {}
    for number, table in enumerate(fields.tables("migrations"), start=1):
        migrations.append(table.build(partial(_migration, table, f"migration-{number}", machines, hosts, ids)))
        ids[table.text("vm")] = migrations[-1].id
        table.nothing_else()
    plan = Plan(
        id="plan-1",
        name=fields.text("name"),
        migrations=migrations,
        max_concurrent=fields.whole("max_concurrent"),
        max_concurrent_per_host=fields.whole("max_concurrent_per_host"),
    )
    fields.nothing_else()
    return plan


def _migration(
    fields: Fields,
    migration_id: str,
    machines: Mapping[str, VirtualMachine],
    hosts: Mapping[str, Host],
    ids_before: Mapping[str, str],
) -> Migration:
    """`ids_before` are those of the migrations that stand before it, by the names of their VMs."""
    return Migration(
        id=migration_id,
        vm_id=machines[fields.name_of("vm", machines)].id,
        target_id=hosts[fields.name_of("to", hosts)].id,
        technique=fields.choice("technique", Technique) if fields.has("technique") else Technique.PRE_COPY,
        max_bandwidth_bytes_per_s=fields.optional_quantity("max_bandwidth", BYTES_PER_S),
        downtime_limit_s=fields.optional_quantity("downtime_limit", SECONDS),
        time_limit_s=fields.optional_quantity("time_limit", SECONDS),
        after=[ids_before[vm] for vm in fields.names_of("after", ids_before, "VM that moves before it")],
    )


def _figures(fields: Fields, migration_ids: Mapping[str, str]) -> Iterator[ReferenceFigure]:
    """The figures of one source. `rounds` are the bytes of round 1, 2, ...; every other name is a metric."""
    provenance, source = fields.choice("provenance", Provenance), fields.text("source")
    for table in fields.tables("values"):
        migration_id = migration_ids[table.name_of("vm", migration_ids)]
        readings = {
            Metric.TOTAL_S: table.optional_quantity("total", SECONDS),
            Metric.DOWNTIME_S: table.optional_quantity("downtime", SECONDS),
            Metric.TRANSFERRED_BYTES: table.optional_quantity("transferred", BYTES),
            Metric.ROUNDS: table.optional_real("rounds"),
        }
        for metric, value in readings.items():
            if value is not None:
                yield table.build(partial(ReferenceFigure, migration_id, metric, value, provenance, source))
        for number, value in enumerate(table.quantities("bytes_in_rounds", BYTES), start=1):
            yield table.build(
                partial(ReferenceFigure, migration_id, Metric.ROUND_BYTES, value, provenance, source, number)
            )
        table.nothing_else()
    fields.nothing_else()
