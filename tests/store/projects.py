"""Projects of every sort, for the store's tests."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from vmplanner.domain.checks import MAX_NAME_LENGTH
from vmplanner.domain.machines import (
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
from vmplanner.domain.quantities import GIB, MIB
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

LARGEST_WHOLE = 2**62

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.text(
    st.characters(exclude_categories=["Cs"], min_codepoint=32, exclude_characters="\x7f"),
    min_size=1,
    max_size=MAX_NAME_LENGTH,
).filter(str.strip)
sources = st.just("") | names
positions = st.builds(Position, *[st.floats(allow_nan=False, allow_infinity=False)] * 2)
above_zero = st.floats(min_value=1e-300, allow_infinity=False)
numbers = st.floats(allow_nan=False, allow_infinity=False)
wholes = st.integers(min_value=1, max_value=LARGEST_WHOLE)
shares = st.floats(min_value=0, max_value=1)
patterns: SearchStrategy[Pattern] = (
    st.just(Uniform())
    | st.just(Sequential())
    | st.builds(HotCold, st.floats(min_value=0, max_value=1, exclude_min=True), shares)
)
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
    free_page_hints=st.booleans(),
    switch_after_rounds=st.integers(1, 1000),
    checkpoint_age_s=st.none() | st.floats(min_value=0, allow_infinity=False),
    checkpoint_bytes_per_s=st.none() | above_zero,
    drop_cache=st.booleans(),
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
)
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
)
runs = st.builds(
    Run,
    id=names,
    name=names,
    plan_name=names,
    backend=names,
    started_at=times,
    results=st.lists(results, max_size=2),
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
        )
        for i in ids(3)
    ]
    switches = [Switch(i, draw(names), draw(positions)) for i in ids(2)]
    ends = [thing.id for thing in (*hosts, *switches)]
    links, machines, plans = [], [], []
    if len(set(ends)) >= 2:
        for i in ids(2):
            a, b = draw(st.lists(st.sampled_from(ends), min_size=2, max_size=2, unique=True))
            links.append(Link(i, a, b, draw(above_zero), draw(st.floats(min_value=0, max_value=10))))
    if hosts:
        host_ids = st.sampled_from([host.id for host in hosts])
        for i in ids(3):
            profile = draw(profiles)
            memory = draw(st.integers(min_value=max(4096, profile.size_bytes), max_value=LARGEST_WHOLE))
            machines.append(
                VirtualMachine(
                    i, draw(names), draw(host_ids), memory, draw(st.integers(1, 10_000)), profile, draw(throttles)
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
            )
            for migration_id, machine in zip(migration_ids, moved, strict=True)
        ]
        plans.append(Plan(i, draw(names), migrations, draw(st.integers(1, 1_000_000)), draw(st.integers(1, 1_000_000))))
    return Project.of(
        *hosts,
        *switches,
        *links,
        *machines,
        *plans,
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
        Segment(Phase.PRE_COPY, "Buffers", PieceKind.DATABASE_BUFFERS, 1, 0.01, 8.5, GIB),
        Segment(Phase.STOP_AND_COPY, "Buffers", PieceKind.DATABASE_BUFFERS, 2, 8.51, 0.2, 25 * MIB),
    ]
    result = MigrationResult(
        "migration-1", "db", "alpha", "beta", Technique.PRE_COPY, PolicyName.QEMU, Outcome.COMPLETED, "", 0.5, segments
    )
    return Project.of(
        Host("host-2", "beta", PolicyName.XEN_4, 32 * GIB, 8, Position(300.5, -20)),
        Host("host-1", "alpha", PolicyName.QEMU),
        Switch("switch-1", "rack", Position(150, -200)),
        Link("link-1", "host-1", "switch-1", 1.25e9, 0.00005),
        Link("link-2", "switch-1", "host-2"),
        VirtualMachine("vm-1", "db", "host-1", 4 * GIB, 4, profile),
        VirtualMachine("vm-2", "spare", "host-2"),
        Plan("plan-1", "Empty alpha", [Migration("migration-1", "vm-1", "host-2", time_limit_s=60)], 2, 1),
        name="Two hosts",
        notes="First line\nsecond line, with ünïcode and \x00",
        figures=[ReferenceFigure("migration-1", Metric.TOTAL_S, 9.0, Provenance.MEASURED, "our lab")],
        runs=[Run("run-1", "First run", "Empty alpha", "simulation", datetime(2026, 3, 1, 12, tzinfo=UTC), [result])],
    )
