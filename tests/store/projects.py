"""Projects of every sort, for the store's tests."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.write_patterns import patterns
from vmplanner.domain.access import Access
from vmplanner.domain.checks import MAX_NAME_LENGTH
from vmplanner.domain.failures import Abort, HostDown, LinkDown
from vmplanner.domain.groups import Frame, Group, GroupKind
from vmplanner.domain.inputs import as_json
from vmplanner.domain.machines import (
    HotCold,
    Piece,
    PieceKind,
    Profile,
    Sequential,
    VirtualMachine,
)
from vmplanner.domain.plans import Compression, Migration, Options, Plan, Technique
from vmplanner.domain.platform import (
    Cpu,
    CpuVendor,
    Device,
    DeviceKind,
    Disk,
    GuestNeeds,
    HostFacts,
    HostLimits,
    PageSize,
    Platform,
)
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB, TIB
from vmplanner.domain.results import (
    Metric,
    MigrationResult,
    Outcome,
    Phase,
    Provenance,
    ReferenceFigure,
    Run,
    Sample,
    Segment,
)
from vmplanner.domain.rules import (
    Affinity,
    AntiAffinity,
    CpuLimit,
    Headroom,
    Limit,
    LimitPer,
    NeverOn,
    OnlyOn,
    Order,
    Pinned,
    Priority,
    Rule,
    Spare,
)
from vmplanner.domain.topology import Host, Link, PolicyName, Position, Storage, Switch
from vmplanner.domain.windows import Window, WindowKind, zone_of

LARGEST_WHOLE = 2**62

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.text(
    st.characters(exclude_categories=["Cs"], min_codepoint=32, exclude_characters="\x7f"),
    min_size=1,
    max_size=MAX_NAME_LENGTH,
).filter(str.strip)
sources = st.just("") | names
places = st.floats(allow_nan=False, allow_infinity=False)
sizes = st.floats(1, allow_nan=False, allow_infinity=False)
positions = st.builds(Position, places, places)
above_zero = st.floats(min_value=1e-300, allow_infinity=False)
numbers = st.floats(allow_nan=False, allow_infinity=False)
wholes = st.integers(min_value=1, max_value=LARGEST_WHOLE)
shares = st.floats(min_value=0, max_value=1)
pieces = st.builds(
    Piece,
    name=names,
    kind=st.sampled_from(PieceKind),
    size_bytes=st.integers(min_value=0, max_value=GIB),
    write_rate_pages_per_s=st.floats(min_value=0, max_value=1e12),
    pattern=patterns,
    zero_share=shares,
    rewrite_share=shares,
    compression_ratio=st.floats(min_value=1, max_value=1000),
    source=sources,
)
throttles = st.floats(min_value=0.01, max_value=0.99)
options = st.builds(
    Options,
    auto_converge=st.booleans(),
    throttle_initial=throttles,
    throttle_increment=throttles,
    throttle_max=throttles,
    xbzrle_cache_bytes=st.integers(min_value=0, max_value=LARGEST_WHOLE),
    channels=st.integers(0, 255),
    compression=st.sampled_from(Compression),
    compress_threads=st.integers(0, 255),
    compress_level=st.integers(1, 9),
    free_page_hints=st.booleans(),
    switch_after_rounds=st.integers(1, 1000),
    switch_after_s=st.none() | above_zero,
    preempt=st.booleans(),
    prepaging=st.booleans(),
    checkpoint_age_s=st.none() | st.floats(min_value=0, allow_infinity=False),
    checkpoint_bytes_per_s=st.none() | above_zero,
    drop_cache=st.booleans(),
    cache_read_bytes_per_s=st.none() | above_zero,
)
profiles = st.builds(Profile, names, st.lists(pieces, max_size=3, unique_by=lambda piece: piece.name))
times = st.datetimes(
    timezones=st.none() | st.just(UTC) | st.builds(lambda m: timezone(timedelta(minutes=m)), st.integers(-1400, 1400))
)
segments = st.builds(
    Segment,
    phase=st.sampled_from(Phase),
    piece=names,
    kind=st.sampled_from(PieceKind),
    round=st.integers(min_value=0, max_value=100),
    start_s=numbers.filter(lambda seconds: seconds >= 0),
    duration_s=numbers.filter(lambda seconds: seconds >= 0),
    bytes=st.integers(min_value=0, max_value=LARGEST_WHOLE),
    guest_share=shares,
    pages=st.integers(min_value=0, max_value=LARGEST_WHOLE),
)
samples = st.builds(
    Sample,
    at_s=st.floats(min_value=0, allow_infinity=False),
    phase=st.sampled_from(Phase),
    round=st.integers(min_value=0, max_value=100),
    remaining_bytes=st.integers(min_value=0, max_value=LARGEST_WHOLE),
    bytes=st.integers(min_value=0, max_value=LARGEST_WHOLE),
    guest_share=shares,
    network_faults=st.floats(min_value=0, allow_infinity=False),
    throttle=shares,
)
seconds_or_none = st.none() | st.floats(min_value=0, allow_infinity=False)
results = st.builds(
    MigrationResult,
    migration_id=names,
    vm=names,
    source=names,
    target=names,
    technique=st.sampled_from(Technique),
    policy=st.sampled_from(PolicyName),
    outcome=st.sampled_from(Outcome),
    reason=any_text,
    started_s=numbers,
    segments=st.lists(segments, max_size=4),
    afterwards_s=st.floats(min_value=0, allow_infinity=False),
    network_faults=st.integers(min_value=0, max_value=LARGEST_WHOLE),
    reported_total_s=seconds_or_none,
    reported_downtime_s=seconds_or_none,
    samples=st.lists(samples, max_size=3),
)
inputs = st.dictionaries(any_text, st.dictionaries(any_text, any_text, max_size=3), max_size=3)
runs = st.builds(
    Run,
    id=names,
    name=names,
    plan_name=names,
    backend=names,
    started_at=times,
    results=st.lists(results, max_size=2),
    inputs=st.just("") | inputs.map(as_json),
)
figures = st.builds(
    ReferenceFigure,
    migration_id=names,
    metric=st.sampled_from(Metric),
    value=st.floats(min_value=0, allow_infinity=False),
    provenance=st.sampled_from(Provenance),
    source=names,
    round=st.integers(min_value=0, max_value=LARGEST_WHOLE),
)


optional_counts = st.none() | st.integers(min_value=0, max_value=LARGEST_WHOLE)
levels = st.integers(0, 4)
some_names = st.frozensets(names, max_size=2)
devices = st.lists(st.builds(Device, st.sampled_from(DeviceKind), names, wholes, st.booleans()), max_size=2)
accesses = st.builds(
    Access,
    st.sampled_from(["", "root@xen-a", "ssh://root@xen-a:2222", "xen_a"]),
    st.sampled_from(["", "10.0.0.1", "xen-b"]),
)
host_facts = st.builds(
    HostFacts,
    platform=st.none() | st.sampled_from(Platform),
    hypervisor_version=st.just("") | st.from_regex("[0-9]{1,9}([.][0-9]{1,9})?(-[a-z]{1,5})?", fullmatch=True),
    cpu=st.builds(Cpu, st.none() | st.sampled_from(CpuVendor), sources, levels, some_names),
    machine_types=some_names,
    networks=some_names,
    numa_node_bytes=st.lists(wholes, max_size=2),
    free_2mib_pages=optional_counts,
    free_1gib_pages=optional_counts,
    free_disk_bytes=optional_counts,
    devices=devices,
    limits=st.builds(HostLimits, *[optional_counts] * 4),
)


def guest_needs(storage_ids: list[str]) -> SearchStrategy[GuestNeeds]:
    where = st.none() | st.sampled_from(storage_ids) if storage_ids else st.none()
    counts = st.integers(min_value=0, max_value=LARGEST_WHOLE)
    disks = st.builds(Disk, names, counts, where, counts)
    return st.builds(
        GuestNeeds,
        cpu_passthrough=st.booleans(),
        cpu_level=levels,
        cpu_features=some_names,
        machine_type=sources,
        networks=some_names,
        numa_nodes=st.integers(1, 1024),
        page_size=st.sampled_from(PageSize),
        disks=st.lists(disks, max_size=2, unique_by=lambda disk: disk.name),
        devices=devices,
        guest_tools=st.none() | st.booleans(),
    )


@st.composite
def groups_and_rules(draw: st.DrawFn, hosts: list[str], machines: list[str]) -> tuple[list[Group], list[Rule]]:
    """Groups of what there is, one inside the other, and a rule of each kind that it is enough for."""
    groups: list[Group] = []
    for i in draw(st.lists(names, max_size=3, unique=True)):
        members = draw(st.lists(st.sampled_from([*hosts, *machines]), unique=True)) if hosts else []
        parent = draw(st.none() | st.sampled_from([group.id for group in groups])) if groups else None
        frame = draw(st.none() | st.builds(Frame, places, places, sizes, sizes))
        kind, is_collapsed = draw(st.sampled_from(GroupKind)), draw(st.booleans())
        groups.append(Group(i, draw(names), kind, parent, members, frame, is_collapsed))
    group_ids = [group.id for group in groups]

    def some(ids: list[str]) -> list[str]:
        return draw(st.lists(st.sampled_from([*ids, *group_ids]), min_size=1, unique=True)) if ids or group_ids else []

    rules: list[Rule] = [Spare("rule-1", draw(names), some(hosts), draw(st.integers(1, 9)))]
    rules.append(Headroom("rule-2", draw(names), (), draw(st.floats(0.01, 1))))
    rules.append(CpuLimit("rule-3", draw(names), some(hosts), draw(st.floats(0.01, 100))))
    rules.append(Limit("rule-4", draw(names), draw(st.integers(1, 9)), draw(st.sampled_from(LimitPer))))
    if machines:
        for kind in (Affinity, AntiAffinity, Pinned):
            rules.append(kind(f"rule-{len(rules) + 1}", draw(names), some(machines)))
        rules.append(OnlyOn("rule-8", draw(names), some(machines), some(hosts)))
        rules.append(NeverOn("rule-9", draw(names), some(machines), some(hosts)))
        rules.append(Order("rule-10", draw(names), some(machines), some(machines)))
        rules.append(Priority("rule-11", draw(names), some(machines), draw(st.integers(-1000, 1000))))
    return groups, draw(st.permutations(rules)) if draw(st.booleans()) else []


zones = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]).map(zone_of) | st.builds(
    lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-1400, 1400)
)
zoned_times = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=zones)
recurrences = st.sampled_from(["", "FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY;BYDAY=-1SU"])


def windows(thing_ids: list[str]) -> SearchStrategy[list[Window]]:
    """Windows for some of what there is, or for everything."""
    applies_to = st.lists(st.sampled_from(thing_ids), unique=True) if thing_ids else st.just([])
    one = st.builds(
        Window,
        id=names,
        name=names,
        kind=st.sampled_from(WindowKind),
        starts_at=zoned_times,
        duration_s=st.floats(1, 366 * 86_400),
        recurrence=recurrences,
        applies_to=applies_to,
    )
    return st.lists(one, max_size=2, unique_by=lambda window: window.id)


policy_values = st.dictionaries(st.from_regex("[a-z_]{1,20}", fullmatch=True), numbers, max_size=3)


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """A project in which everything that can be set is set, in any order of ids."""

    def ids(most: int) -> list[str]:
        return draw(st.lists(names, max_size=most, unique=True))

    hosts = [
        Host(
            i,
            draw(names),
            draw(st.sampled_from(PolicyName)),
            draw(wholes),
            draw(st.integers(1, 100_000)),
            draw(positions),
            facts=draw(host_facts),
            policy_values=draw(policy_values),
            uuid=draw(st.just("") | names),
            access=draw(accesses),
        )
        for i in ids(3)
    ]
    switches = [Switch(i, draw(names), draw(positions)) for i in ids(2)]
    storages = [Storage(i, draw(names), draw(wholes), draw(positions)) for i in ids(2)]
    ends = [thing.id for thing in (*hosts, *switches, *storages)]
    links, machines, plans = [], [], []
    if len(set(ends)) >= 2:
        for i in ids(2):
            a, b = draw(st.lists(st.sampled_from(ends), min_size=2, max_size=2, unique=True))
            shares_of_it = draw(st.tuples(*[st.floats(min_value=0, max_value=0.999)] * 2))
            links.append(Link(i, a, b, draw(above_zero), draw(st.floats(min_value=0, max_value=10)), *shares_of_it))
    if hosts:
        host_ids = st.sampled_from([host.id for host in hosts])
        for i in ids(3):
            profile = draw(profiles)
            memory = draw(st.integers(min_value=max(4096, profile.size_bytes), max_value=LARGEST_WHOLE))
            machines.append(
                VirtualMachine(
                    i,
                    draw(names),
                    draw(host_ids),
                    memory,
                    draw(st.integers(1, 10_000)),
                    profile,
                    draw(throttles),
                    needs=draw(guest_needs([storage.id for storage in storages])),
                    uuid=draw(st.just("") | names),
                )
            )
    for i in ids(2):
        moved = draw(st.lists(st.sampled_from(machines), unique=True, max_size=3)) if machines else []
        migration_ids = draw(st.lists(names, min_size=len(moved), max_size=len(moved), unique=True))
        migrations = [
            Migration(
                migration_id,
                machine.id,
                draw(host_ids),
                draw(st.sampled_from(Technique)),
                draw(st.none() | above_zero),
                draw(st.none() | st.floats(min_value=1e-9, max_value=86_400)),
                draw(st.none() | above_zero),
                draw(options),
                draw(st.floats(min_value=0, allow_infinity=False)),
                draw(st.lists(st.sampled_from(migration_ids[:place]), unique=True)) if place else [],
                draw(st.integers(-1000, 1000)),
                draw(st.booleans()),
            )
            for place, (migration_id, machine) in enumerate(zip(migration_ids, moved, strict=True))
        ]
        limits = draw(st.tuples(*[st.integers(1, 1_000_000)] * 2))
        failing = [*[(HostDown, host.id) for host in hosts], *[(LinkDown, link.id) for link in links]]
        failing += [(Abort, migration_id) for migration_id in migration_ids]
        failed = draw(st.lists(st.sampled_from(failing), max_size=3)) if failing else []
        failures = [kind(thing_id, draw(st.floats(0, 1e6))) for kind, thing_id in failed]
        starts_at = draw(st.none() | zoned_times)
        window_s = draw(st.none() | st.floats(1, 1e6))
        plan = Plan(i, draw(names), migrations, *limits, starts_at=starts_at, window_s=window_s, failures=failures)
        out = draw(st.lists(st.sampled_from(moved), unique=True)) if moved else []
        plans.append(plan.excluding({machine.id for machine in out}))
    groups, rules = draw(groups_and_rules([host.id for host in hosts], [machine.id for machine in machines]))
    return Project.of(
        *hosts,
        *switches,
        *storages,
        *links,
        *machines,
        *plans,
        *groups,
        *rules,
        *draw(windows([thing.id for thing in (*hosts, *machines, *groups)])),
        name=draw(names),
        notes=draw(any_text),
        figures=draw(st.lists(figures, max_size=2)),
        runs=draw(st.lists(runs, max_size=2)),
    )


def example_project() -> Project:
    """A small project that uses every table."""
    profile = Profile(
        "Database",
        [
            Piece("Kernel", PieceKind.KERNEL, 100 * MIB, 20.0, source="estimate"),
            Piece("Buffers", PieceKind.DATABASE_BUFFERS, GIB, 500.0, HotCold(0.2, 0.8), source="estimate"),
            Piece("Log", PieceKind.PAGE_CACHE, 64 * MIB, 100.0, Sequential(), zero_share=0.25),
        ],
    )
    segments = [
        Segment(Phase.PREFLIGHT, "set-up", PieceKind.OVERHEAD, 0, 0.0, 0.01, 0),
        Segment(Phase.PRE_COPY, "Buffers", PieceKind.DATABASE_BUFFERS, 1, 0.01, 8.5, GIB, 0.9, 262_144),
        Segment(Phase.STOP_AND_COPY, "Buffers", PieceKind.DATABASE_BUFFERS, 2, 8.51, 0.2, 25 * MIB),
    ]
    result = MigrationResult(
        "migration-1",
        "db",
        "alpha",
        "beta",
        Technique.PRE_COPY,
        PolicyName.QEMU,
        Outcome.COMPLETED,
        "",
        0.5,
        segments,
        samples=[
            Sample(8.51, Phase.PRE_COPY, 1, 25 * MIB, GIB, 0.9, 0.0, 0.1),
            Sample(8.71, Phase.STOP_AND_COPY, 2, 0, 25 * MIB, 0.0, 1.5, 0.1),
        ],
    )
    inputs = as_json({"plan Empty alpha": {"moves": "1"}, "VM db": {"memory": "4 GiB", "piece Log": "ünïcode"}})
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    facts = HostFacts(
        Platform.XCP_NG,
        "4.17.2",
        Cpu(CpuVendor.AMD, "EPYC", 3, {"aes", "avx2"}),
        networks={"VM Network", "backup"},
        numa_node_bytes=[16 * GIB, 16 * GIB],
        free_disk_bytes=0,
        devices=[Device(DeviceKind.VGPU, "A16", 4, can_migrate=True)],
        limits=HostLimits(max_vms=20),
    )
    needs = GuestNeeds(
        cpu_level=2,
        disks=[Disk("root", 40 * GIB, "storage-1", snapshots=1), Disk("scratch", GIB)],
        devices=[Device(DeviceKind.USB, "licence key")],
        guest_tools=True,
    )
    night = datetime(2026, 11, 23, 22, tzinfo=zone_of("Europe/Berlin"))
    return Project.of(
        Host("host-2", "beta", PolicyName.XEN_4, 32 * GIB, 8, Position(300.5, -20), facts=facts),
        Host("host-1", "alpha", PolicyName.QEMU, policy_values={"downtime_limit_s": 0.5}),
        Switch("switch-1", "rack", Position(150, -200)),
        Link("link-1", "host-1", "switch-1", 1.25e9, 0.00005, 0.3, 0.0001),
        Link("link-2", "switch-1", "host-2"),
        Storage("storage-1", "nas", 4 * TIB, Position(150, 300)),
        Link("link-3", "switch-1", "storage-1"),
        VirtualMachine("vm-1", "db", "host-1", 4 * GIB, 4, profile, needs=needs),
        VirtualMachine("vm-2", "spare", "host-2"),
        Group("group-1", "Site", GroupKind.SITE),
        Group("group-2", "Rack 1", GroupKind.RACK, "group-1", ["host-1", "host-2"], Frame(-200, -80, 640, 320.5), True),
        Limit("rule-1", "One a rack", 1, LimitPer.RACK),
        Headroom("rule-2", "A tenth free", ["group-2"], 0.1),
        CpuLimit("rule-3", "Four to one", [], 4.0),
        Order("rule-4", "Database first", ["vm-1"], ["vm-2"]),
        Window("window-1", "Nightly", WindowKind.MAINTENANCE, night, 14_400, "FREQ=DAILY", ["group-1", "vm-1"]),
        Window("window-2", "Sale", WindowKind.BLACKOUT, night, 86_400),
        Plan(
            "plan-1",
            "Empty alpha",
            [Migration("migration-1", "vm-1", "host-2", time_limit_s=60)],
            2,
            1,
            starts_at=night,
            window_s=7200.0,
            excluded=[Migration("migration-2", "vm-2", "host-1", after=["migration-1"])],
        ),
        name="Two hosts",
        notes="First line\nsecond line, with ünïcode and \x00",
        figures=[ReferenceFigure("migration-1", Metric.TOTAL_S, 9.0, Provenance.MEASURED, "our lab")],
        runs=[Run("run-1", "First run", "Empty alpha", "simulation", noon, [result], inputs)],
    )
