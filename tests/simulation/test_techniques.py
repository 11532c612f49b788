"""What each technique and option does to a migration, and what it costs."""

import pytest
from attrs import evolve

from tests.simulation.simulate import only, simulate_one
from tests.small_projects import two_hosts, web_profile
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import Ended
from vmplanner.domain.machines import Piece, PieceKind, Profile
from vmplanner.domain.plans import Compression, Options, Technique
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import MIB
from vmplanner.domain.results import MigrationResult, Outcome, Phase
from vmplanner.domain.topology import PolicyName
from vmplanner.simulation.policies import QEMU, XEN_3
from vmplanner.simulation.simulator import Simulator
from vmplanner.simulation.techniques.auto_converge import AutoConverge
from vmplanner.simulation.techniques.pending import Pending

CAP = 32 * MIB


def busy(writes: float, **piece: float) -> Profile:
    """64 MiB written at random, `writes` pages a second, and 64 MiB of kernel."""
    return Profile(
        "Busy",
        (
            Piece("set", PieceKind.HOT_SET, 64 * MIB, writes, rewrite_share=0.01, **piece),  # type: ignore[arg-type]
            Piece("kernel", PieceKind.KERNEL, 64 * MIB),
        ),
    )


def migrated(
    profile: Profile, technique: Technique = Technique.PRE_COPY, options: Options | None = None, cpu_use: float = 1.0
) -> MigrationResult:
    project: Project = two_hosts(technique=technique, profile=profile, bandwidth_bytes_per_s=1.25e9)
    migration = evolve(only(project), max_bandwidth_bytes_per_s=CAP, options=options or Options())
    machine = project.machines["vm-1"]
    edits = (
        Edit(project.plan, project.plan.replaced(migration)),
        Edit(machine, evolve(machine, cpu_use=cpu_use)),
    )
    return simulate_one(project.applied(Change("", edits)))


TOO_MUCH = 13_000  # pages a second: 1.5 times what the cap lets through


def test_auto_converge_makes_a_guest_converge_that_writes_too_much() -> None:
    assert migrated(busy(TOO_MUCH)).outcome is Outcome.NOT_CONVERGED
    helped = migrated(busy(TOO_MUCH), options=Options(auto_converge=True))
    assert helped.outcome is Outcome.COMPLETED
    assert helped.total_s > 8


def test_auto_converge_does_little_to_a_guest_with_time_to_spare() -> None:
    busy_guest = migrated(busy(TOO_MUCH), options=Options(auto_converge=True), cpu_use=1.0)
    idle_guest = migrated(busy(TOO_MUCH), options=Options(auto_converge=True), cpu_use=0.1)
    assert idle_guest.total_s > 1.4 * busy_guest.total_s


def test_the_throttle_starts_at_the_second_high_period_and_stops_at_its_maximum() -> None:
    throttle = AutoConverge(Options(auto_converge=True, throttle_max=0.35), cpu_use=1.0)
    steps = []
    for _ in range(10):
        throttle.synchronised(1.5, dirtied_bytes=60, sent_bytes=100)
        steps.append(throttle.throttle)
    assert steps == pytest.approx([0, 0.2, 0.2, 0.3, 0.3, 0.35, 0.35, 0.35, 0.35, 0.35])


def test_the_throttle_rests_while_little_is_dirtied_and_counts_only_whole_periods() -> None:
    throttle = AutoConverge(Options(auto_converge=True), cpu_use=1.0)
    for _ in range(10):
        throttle.synchronised(1.5, dirtied_bytes=40, sent_bytes=100)
        throttle.synchronised(0.4, dirtied_bytes=1000, sent_bytes=100)
        throttle.synchronised(0.7, dirtied_bytes=0, sent_bytes=3000)
    assert throttle.throttle == 0


def test_xbzrle_helps_from_the_third_round_on() -> None:
    plain = migrated(busy(7_500))
    helped = migrated(busy(7_500), options=Options(xbzrle_cache_bytes=128 * MIB))
    assert helped.total_s < 0.75 * plain.total_s
    for number in (1, 2):
        assert helped.bytes_in_round(number) == pytest.approx(plain.bytes_in_round(number), rel=0.01)
    assert helped.bytes_in_round(3) < 0.5 * plain.bytes_in_round(3)


def test_a_small_xbzrle_cache_helps_less() -> None:
    times = [
        migrated(busy(7_500), options=Options(xbzrle_cache_bytes=cache * MIB)).total_s for cache in (0, 8, 32, 128)
    ]
    assert times == sorted(times, reverse=True)


def test_post_copy_pauses_for_the_devices_alone_and_sends_each_page_once() -> None:
    result = migrated(busy(TOO_MUCH), Technique.POST_COPY)
    assert result.outcome is Outcome.COMPLETED
    assert result.downtime_s < 0.05
    assert result.transferred_bytes < 131 * MIB
    assert [segment.phase for segment in result.segments if segment.bytes > MIB][-1] is Phase.POST_COPY


def test_a_hybrid_copy_leaves_less_for_after_the_switch() -> None:
    def afterwards(result: MigrationResult) -> int:
        return sum(segment.bytes for segment in result.segments if segment.phase is Phase.POST_COPY)

    at_once = migrated(busy(TOO_MUCH), Technique.POST_COPY)
    after_one = migrated(busy(TOO_MUCH), Technique.HYBRID)
    after_two = migrated(busy(TOO_MUCH), Technique.HYBRID, Options(switch_after_rounds=2))
    assert afterwards(at_once) > afterwards(after_one) > afterwards(after_two) > 0
    assert at_once.transferred_bytes < after_one.transferred_bytes < after_two.transferred_bytes


def test_a_hybrid_copy_of_a_quiet_guest_never_has_to_switch() -> None:
    result = migrated(busy(100), Technique.HYBRID, Options(switch_after_rounds=5))
    assert Phase.POST_COPY not in {segment.phase for segment in result.segments}


def test_channels_pass_the_cap_and_packing_saves_bytes_until_the_processors_bind() -> None:
    one_stream = migrated(busy(0))
    channels = migrated(busy(0), options=Options(channels=2))
    packed = migrated(busy(0, compression_ratio=10.0), options=Options(channels=2, compression=Compression.ZSTD))
    slow = migrated(busy(0, compression_ratio=10.0), options=Options(channels=2, compression=Compression.ZLIB))
    assert channels.total_s < 0.85 * one_stream.total_s
    assert packed.transferred_bytes < 0.65 * channels.transferred_bytes
    assert slow.transferred_bytes == pytest.approx(packed.transferred_bytes, abs=10)
    assert slow.total_s > packed.total_s


def test_free_page_hints_leave_bad_memory_where_it_is() -> None:
    freed = Profile("Freed", (Piece("heap", PieceKind.HEAP, 64 * MIB), Piece("freed", PieceKind.FREE, 256 * MIB)))
    plain, hinted = migrated(freed), migrated(freed, options=Options(free_page_hints=True))
    assert plain.transferred_bytes > 320 * MIB
    # The heap, and what of the freed memory lies in fragments too small to be hinted.
    assert 64 * MIB < hinted.transferred_bytes < 90 * MIB


def test_a_guest_that_gave_its_free_memory_up_has_none_to_hint() -> None:
    freed = Profile("Freed", (Piece("heap", PieceKind.HEAP, 64 * MIB, 100), Piece("freed", PieceKind.FREE, 256 * MIB)))
    plain = migrated(freed, Technique.CHECKPOINT)
    assert migrated(freed, Technique.CHECKPOINT, Options(free_page_hints=True)).segments == plain.segments


def test_zeros_written_over_zeros_after_a_checkpoint_are_zeros_still() -> None:
    zeros = Profile("Zeros", (Piece("set", PieceKind.HEAP, 64 * MIB, 1e5, zero_share=1.0, rewrite_share=0.0),))
    ahead = migrated(zeros, Technique.CHECKPOINT, Options(checkpoint_age_s=60.0))
    live = [segment for segment in ahead.segments if segment.phase in (Phase.PRE_COPY, Phase.STOP_AND_COPY)]
    assert sum(segment.bytes for segment in live if segment.kind is PieceKind.HEAP) < MIB
    assert ahead.outcome is Outcome.COMPLETED


def test_xen_3_sends_three_times_the_memory_however_little_a_checkpoint_left() -> None:
    """A limit of three times what is left would stop this guest while its rounds still shrink."""
    project = two_hosts(policy=PolicyName.XEN_3, technique=Technique.CHECKPOINT, profile=web_profile(8000))
    migration = evolve(only(project), options=Options(checkpoint_age_s=0.0))
    result = simulate_one(project.applied(Change("", (Edit(project.plan, project.plan.replaced(migration)),))))
    assert result.rounds == XEN_3.stop.max_rounds + 1  # type: ignore[union-attr]


def test_the_cap_of_a_post_copy_is_its_own() -> None:
    """`migrated` caps what comes before the switch at 32 MiB/s."""
    slow = migrated(busy(0), Technique.POST_COPY, Options(postcopy_bytes_per_s=CAP / 2))
    free = migrated(busy(0), Technique.POST_COPY)
    assert slow.total_s == pytest.approx(128 * MIB / (CAP / 2), rel=0.05)
    assert free.total_s < 1


def test_xen_says_that_it_has_no_post_copy() -> None:
    with pytest.raises(PlannerError, match="alpha is a Xen 4 host, which does not have it"):
        simulate_one(two_hosts(policy=PolicyName.XEN_4, technique=Technique.POST_COPY))


def stack(result: MigrationResult) -> dict[Phase, float]:
    """Seconds by phase."""
    seconds: dict[Phase, float] = {}
    for segment in result.segments:
        seconds[segment.phase] = seconds.get(segment.phase, 0.0) + segment.duration_s
    return seconds


APPLICATION = Profile(
    "Application",
    (
        Piece("heap", PieceKind.HEAP, 128 * MIB, 1000),
        Piece("files", PieceKind.PAGE_CACHE, 256 * MIB),
        Piece("freed", PieceKind.FREE, 256 * MIB),
    ),
)


def test_good_memory_alone_is_what_moves() -> None:
    plain = migrated(APPLICATION)
    good = migrated(APPLICATION, Technique.CHECKPOINT)
    without_cache = migrated(APPLICATION, Technique.CHECKPOINT, Options(drop_cache=True))
    assert plain.transferred_bytes > good.transferred_bytes + 250 * MIB
    assert good.transferred_bytes > without_cache.transferred_bytes + 250 * MIB
    assert list(stack(without_cache)) == [
        Phase.PREFLIGHT,
        Phase.BALLOON,
        Phase.PRE_COPY,
        Phase.STOP_AND_COPY,
        Phase.RESUME,
        Phase.DEFLATE,
    ]
    assert without_cache.outcome is Outcome.COMPLETED


def test_a_checkpoint_in_advance_leaves_only_the_difference() -> None:
    good = migrated(APPLICATION, Technique.CHECKPOINT)
    ahead = migrated(APPLICATION, Technique.CHECKPOINT, Options(checkpoint_age_s=5.0))
    older = migrated(APPLICATION, Technique.CHECKPOINT, Options(checkpoint_age_s=60.0))
    assert stack(ahead)[Phase.PRE_COPY] < 0.4 * stack(good)[Phase.PRE_COPY]
    assert stack(ahead)[Phase.PRE_COPY] < stack(older)[Phase.PRE_COPY]
    assert stack(ahead)[Phase.CHECKPOINT] > 5  # what it costs in advance is not hidden


def test_a_checkpoint_can_be_taken_slowly() -> None:
    quick = migrated(APPLICATION, Technique.CHECKPOINT, Options(checkpoint_age_s=0.0))
    slow = migrated(APPLICATION, Technique.CHECKPOINT, Options(checkpoint_age_s=0.0, checkpoint_bytes_per_s=CAP / 4))
    assert stack(slow)[Phase.CHECKPOINT] > 3 * stack(quick)[Phase.CHECKPOINT]


@pytest.mark.parametrize("technique", [Technique.POST_COPY, Technique.HYBRID, Technique.CHECKPOINT])
def test_after_the_switch_there_is_no_way_back(technique: Technique) -> None:
    """Neither a cancel nor a time limit may call a guest back that already runs at the target."""
    project = two_hosts(technique=technique, profile=busy(TOO_MUCH), bandwidth_bytes_per_s=125e6)
    simulator = Simulator(project)
    simulator.start(only(project))
    cancelled = False
    events = []
    while (when := simulator.next_event_s) < float("inf"):
        events += simulator.advance(when)
        if not cancelled and any(getattr(event, "phase", None) is Phase.RESUME for event in events):
            simulator.cancel("migration-1")
            cancelled = True
    assert cancelled
    assert isinstance(events[-1], Ended)
    assert events[-1].outcome is Outcome.COMPLETED


def test_a_time_limit_that_lapses_while_the_guest_switches_does_not_stop_it() -> None:
    project = two_hosts(technique=Technique.POST_COPY, profile=busy(TOO_MUCH))
    [migration] = project.plan.migrations
    limited = project.plan.replaced(evolve(migration, time_limit_s=0.01))
    result = simulate_one(project.applied(Change("", (Edit(project.plan, limited),))))
    assert result.outcome is Outcome.COMPLETED
    assert result.total_s > 1


def test_nothing_is_encoded_after_the_switch() -> None:
    project = two_hosts(technique=Technique.HYBRID, profile=busy(TOO_MUCH))
    migration = evolve(only(project), options=Options(xbzrle_cache_bytes=128 * MIB))
    pending = Pending.of(project.machines["vm-1"], migration, QEMU)
    for _ in range(3):
        pending.next_round(1.0, left=())
    whole = float(pending.pages.sum()) * QEMU.page_bytes
    assert sum(group.wire_bytes for group in pending.groups()) < 0.7 * whole
    pending.send_whole_pages(QEMU)
    assert sum(group.wire_bytes for group in pending.groups()) == pytest.approx(whole, rel=1e-4)
