"""Migrations that leave a host at the same time share its processors, and never have more of them than there are."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation.simulate import simulate, simulate_one
from vmplanner.domain.events import MigrationEvent, Progressed
from vmplanner.domain.machines import Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.plans import Compression, Migration, Options, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.results import Phase
from vmplanner.domain.topology import Host, Link
from vmplanner.simulation.alone import simulate_alone
from vmplanner.simulation.simulator import Simulator
from vmplanner.simulation.techniques.packing import packed_bytes, zlib_s

RATIO = 3.0
THREADS = Options(compress_threads=8)
CHANNELS = Options(channels=4, compression=Compression.ZLIB)


def moves(heaps_mib: list[int], options: list[Options], untouched_mib: int = 0, **values: float) -> Project:
    """Guests of one host, each with a heap that nobody writes to, that leave it at once over a link far too wide."""
    source = Host("source", "source", memory_bytes=1024 * GIB, policy_values=tuple(values.items()))
    machines = []
    for number, mib in enumerate(heaps_mib):
        profile = Profile("P", (Piece("heap", PieceKind.HEAP, mib * MIB, compression_ratio=RATIO),))
        memory = (mib + untouched_mib) * MIB
        machines.append(VirtualMachine(f"vm-{number}", f"v{number}", "source", memory, profile=profile))
    plan = [
        Migration(f"migration-{number}", f"vm-{number}", "target", options=chosen)
        for number, chosen in enumerate(options)
    ]
    target = Host("target", "target", memory_bytes=1024 * GIB)
    return Project.of(source, target, Link("link", "source", "target", 1e11, 1e-5), *machines, Plan("p", "p", plan))


@pytest.mark.parametrize("options", [THREADS, CHANNELS])
def test_two_that_pack_at_once_have_half_the_cores_each(options: Options) -> None:
    both = simulate(moves([500, 500], [options, options], packing_cores=3))
    alone = simulate_one(moves([500], [options], packing_cores=1.5))
    for result in both.values():
        assert result.total_s == pytest.approx(alone.total_s, rel=1e-6)


def test_who_packs_on_alone_has_all_cores_again() -> None:
    """Each megabyte takes its time of a core: while both pack at half the speed, and after that at the full one."""
    options = Options(channels=8, compression=Compression.ZLIB)
    both = simulate(moves([300, 900], [options, options], packing_cores=2))
    in_all = simulate_one(moves([1200], [options], packing_cores=2))
    assert both["migration-1"].total_s == pytest.approx(in_all.total_s, rel=0.01)
    assert both["migration-0"].total_s == pytest.approx(in_all.total_s / 2, rel=0.02)


def test_who_packs_nothing_takes_no_core_from_those_who_do() -> None:
    both = simulate(moves([500, 500], [THREADS, Options()], packing_cores=2))
    alone = simulate_one(moves([500], [THREADS], packing_cores=2))
    assert both["migration-0"].total_s == pytest.approx(alone.total_s, rel=1e-6)


def scan_s(project: Project) -> float:
    """How long the first guest's empty memory takes to be found so."""
    result = simulate(project)["migration-0"]
    return sum(segment.duration_s for segment in result.segments if segment.piece == "untouched memory")


def test_four_senders_on_two_cores_look_for_empty_pages_half_as_fast() -> None:
    crowded = scan_s(moves([0] * 4, [Options()] * 4, untouched_mib=4096, migration_cores=2))
    assert crowded == pytest.approx(2 * scan_s(moves([0], [Options()], untouched_mib=4096)), rel=0.01)
    roomy = scan_s(moves([0] * 4, [Options()] * 4, untouched_mib=4096, migration_cores=4))
    assert roomy == pytest.approx(scan_s(moves([0], [Options()], untouched_mib=4096)), rel=1e-9)


def test_senders_with_less_than_a_core_each_send_as_much_less() -> None:
    results = simulate(moves([1000] * 4, [Options()] * 4, migration_cores=1, core_bytes_per_s=1e9))
    last_s = max(result.total_s for result in results.values())
    assert last_s == pytest.approx(4 * 1000 * MIB / 1e9, rel=0.02)


@pytest.mark.parametrize("options", [Options(), THREADS, CHANNELS])
def test_one_migration_alone_is_what_is_predicted(options: Options) -> None:
    project = moves([500], [options], untouched_mib=500)
    [migration] = project.plan.migrations
    assert simulate_one(project) == simulate_alone(project, migration)


def packing_cores(events: list[MigrationEvent], seconds: float, options: dict[str, Options]) -> float:
    """The cores that packed what went over in this time."""
    core_s = 0.0
    for event in events:
        packs = options.get(event.migration_id, Options())
        if isinstance(event, Progressed) and event.phase in (Phase.PRE_COPY, Phase.STOP_AND_COPY):
            sent_bytes = sum(moved.bytes for moved in event.pieces if moved.piece == "heap")
            if packs.compress_threads or packs.channels:
                core_s += sent_bytes / packed_bytes(RATIO) * zlib_s(RATIO)
    return core_s / seconds


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(20, 400), st.sampled_from([THREADS, CHANNELS, Options()])), min_size=1, max_size=8),
    st.sampled_from([0.5, 1.0, 2.7, 8.0]),
    st.integers(1, 3),
)
def test_at_no_time_do_migrations_pack_with_more_cores_than_their_host_has(
    guests: list[tuple[int, Options]], cores: float, at_once: int
) -> None:
    project = moves([mib for mib, _ in guests], [options for _, options in guests], packing_cores=cores)
    options = {migration.id: migration.options for migration in project.plan.migrations}
    simulator, waiting, under_way = Simulator(project), list(project.plan.migrations), 0
    before_s = 0.0
    while waiting or under_way:
        while waiting and under_way < at_once:
            simulator.start(waiting.pop(0))
            under_way += 1
        ends_s = simulator.next_event_s
        assert ends_s < math.inf
        events = simulator.advance(ends_s)
        under_way -= sum(not isinstance(event, Progressed) for event in events)
        events += simulator.observe()
        seconds, before_s = ends_s - before_s, ends_s
        if seconds > 1e-3:  # a byte more or less is nothing then
            assert packing_cores(events, seconds, options) <= cores * (1 + 1e-4)
