"""Laws that every migration keeps, whatever the guest, the network, the technique and its options are."""

import math

import pytest
from attrs import evolve, frozen
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.write_patterns import patterns
from vmplanner.domain.machines import PROFILE_KINDS, Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.plans import Compression, Migration, Options, Plan, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB, TIB
from vmplanner.domain.results import MigrationResult, Outcome
from vmplanner.domain.topology import Host, Link, PolicyName
from vmplanner.simulation.alone import simulate_alone
from vmplanner.simulation.policies import POLICIES, QEMU
from vmplanner.simulation.stop_rules import Threshold

FAULTING = (Technique.POST_COPY, Technique.HYBRID)


@frozen
class Case:
    """One migration, alone on its link."""

    machine: VirtualMachine
    migration: Migration
    policy: PolicyName
    link_bytes_per_s: float
    latency_s: float

    def result(self) -> MigrationResult:
        hosts = Host("host-1", "alpha", self.policy), Host("host-2", "beta", self.policy, memory_bytes=64 * TIB)
        link = Link("link-1", "host-1", "host-2", self.link_bytes_per_s, self.latency_s)
        plan = Plan("plan-1", "Plan", [self.migration])
        return simulate_alone(Project.of(*hosts, link, self.machine, plan), self.migration)


pieces = st.builds(
    Piece,
    st.just("piece"),
    st.sampled_from(PROFILE_KINDS),
    st.sampled_from([0, 1, 4096, 4097]) | st.integers(0, 400 * MIB),
    st.just(0.0) | st.floats(1e-3, 20_000),
    patterns,
    zero_share=st.sampled_from([0.0, 0.3, 1.0]),
    rewrite_share=st.floats(0, 1),
    compression_ratio=st.floats(1, 50),
)
extreme_pieces = st.builds(
    lambda piece, size, rate: evolve(piece, size_bytes=size, write_rate_pages_per_s=rate),
    pieces,
    st.sampled_from([0, 1, 4096, 64 * MIB, 12 * TIB]),
    st.sampled_from([0.0, 1e-9, 1000.0, 1e12]),
)


def machines(some: st.SearchStrategy[Piece]) -> st.SearchStrategy[VirtualMachine]:
    def machine(found: list[Piece], rest: int, vcpus: int, cpu_use: float) -> VirtualMachine:
        profile = Profile("P", [evolve(piece, name=f"piece {n}") for n, piece in enumerate(found)])
        memory_bytes = max(4096, profile.size_bytes + rest)
        return VirtualMachine("vm-1", "web-1", "host-1", memory_bytes, vcpus, profile, cpu_use)

    rests = st.sampled_from([0, 1, 4096, GIB])
    return st.builds(machine, st.lists(some, max_size=4), rests, st.integers(1, 64), st.floats(0.01, 1))


@st.composite
def options(draw: st.DrawFn, technique: Technique) -> Options:
    """All that QEMU does together."""
    channels = 0 if technique in FAULTING else draw(st.sampled_from([0, 0, 1, 2, 16]))
    return Options(
        auto_converge=draw(st.booleans()),
        throttle_initial=draw(st.sampled_from([0.01, 0.2, 0.99])),
        throttle_max=draw(st.sampled_from([0.01, 0.5, 0.99])),
        xbzrle_cache_bytes=0 if channels else draw(st.sampled_from([0, 1, 4096, 64 * MIB, TIB])),
        channels=channels,
        compression=draw(st.sampled_from(Compression)) if channels else Compression.NONE,
        free_page_hints=draw(st.booleans()),
        switch_after_rounds=draw(st.sampled_from([1, 2, 1000])),
        switch_after_s=draw(st.sampled_from([None, 1e-9, 1.0])),
        preempt=draw(st.booleans()),
        prepaging=draw(st.booleans()),
        postcopy_bytes_per_s=draw(st.sampled_from([None, 1e7])),
    )


@st.composite
def cases(draw: st.DrawFn, some: st.SearchStrategy[Piece] = pieces) -> Case:
    policy = draw(st.sampled_from(PolicyName))
    technique = draw(st.sampled_from(sorted(POLICIES[policy].offers)))
    chosen = draw(options(technique)) if POLICIES[policy].offers_options else Options()
    if technique is Technique.CHECKPOINT:
        chosen = evolve(
            chosen,
            checkpoint_age_s=draw(st.sampled_from([None, 0.0, 60.0])),
            checkpoint_bytes_per_s=draw(st.sampled_from([None, 1e7])),
            drop_cache=draw(st.booleans()),
            cache_read_bytes_per_s=draw(st.sampled_from([None, 1e8])),
        )
    migration = Migration(
        "migration-1",
        "vm-1",
        "host-2",
        technique,
        draw(st.sampled_from([None, None, 32 * MIB])),
        draw(st.sampled_from([None, 1e-3, 1.0])),
        options=chosen,
    )
    latency_s = draw(st.sampled_from([0.0, 1e-4, 0.05]))
    return Case(draw(machines(some)), migration, policy, draw(st.floats(1e7, 2e9)), latency_s)


def keeps_the_books(result: MigrationResult) -> None:
    """The stack has no gaps, and what is said of the whole is what its segments say."""
    at_s = 0.0
    for segment in result.segments:
        assert segment.start_s == pytest.approx(at_s, rel=1e-6, abs=1e-6)
        assert math.isfinite(segment.duration_s)
        at_s += segment.duration_s
    assert at_s == pytest.approx(result.settled_s, rel=1e-6, abs=1e-6)
    assert result.transferred_bytes == sum(result.bytes_in_round(number) for number in range(result.rounds + 1))
    assert result.outcome in (Outcome.COMPLETED, Outcome.NOT_CONVERGED)
    if result.converged:
        assert 0 <= result.downtime_s <= result.total_s * (1 + 1e-6)
    else:
        assert result.downtime_s == 0
        assert result.reason
    assert result.downtime_s - 1e-6 <= result.lost_work_s <= result.settled_s * (1 + 1e-6) + 1e-6
    if result.reported_total_s is not None and result.reported_downtime_s is not None:
        assert result.reported_total_s <= result.total_s * (1 + 1e-6) + 1e-6
        assert result.reported_downtime_s <= result.downtime_s + QEMU.stop_s


@settings(max_examples=80)
@given(cases())
def test_a_time_stack_sums_to_its_total(case: Case) -> None:
    keeps_the_books(case.result())


@settings(max_examples=80)
@given(cases(extreme_pieces), st.sampled_from([1.0, 1e6, 5e13]), st.sampled_from([0.0, 1.0]))
def test_it_does_so_for_guests_and_networks_beyond_all_measure(case: Case, link: float, latency_s: float) -> None:
    keeps_the_books(evolve(case, link_bytes_per_s=link, latency_s=latency_s).result())


@settings(max_examples=80)
@given(cases())
def test_what_is_not_written_goes_once_by_every_technique(case: Case) -> None:
    """Each page of it, in one round, and as many bytes as a guest at rest would need."""
    assume(case.migration.technique is not Technique.CHECKPOINT)
    still = [evolve(piece, write_rate_pages_per_s=0.0) for piece in case.machine.profile.pieces]
    case = evolve(case, machine=evolve(case.machine, profile=Profile("P", still)))
    result = case.result()
    assert result.converged
    by_kind = [sum(s.bytes for s in result.segments if s.piece == piece.name) for piece in still]
    policy, chosen = POLICIES[case.policy], case.migration.options
    if chosen.channels or chosen.free_page_hints:
        return  # packets have other headers, and freed memory stays
    for piece, sent in zip(still, by_kind, strict=True):
        empty = piece.pages * piece.zero_share
        expected = (piece.pages - empty) * policy.page_bytes + empty * policy.zero_page_bytes
        assert sent == pytest.approx(expected, abs=40)  # each class of pages is rounded to bytes


@settings(max_examples=60)
@given(cases(), st.sampled_from([PolicyName.QEMU, PolicyName.XEN_4, PolicyName.XEN_3]), st.booleans())
def test_after_a_checkpoint_only_good_memory_that_was_written_goes_again(
    case: Case, policy: PolicyName, drop_cache: bool
) -> None:
    chosen = Options(checkpoint_age_s=0.0, drop_cache=drop_cache)
    migration = evolve(case.migration, technique=Technique.CHECKPOINT, options=chosen)
    case = evolve(case, policy=policy, migration=migration)
    for segment in case.result().segments:
        piece = next((piece for piece in case.machine.all_pieces() if piece.name == segment.piece), None)
        assert not (segment.bytes and segment.kind is PieceKind.FREE)
        if segment.bytes and segment.round and piece is not None:
            assert piece.write_rate_pages_per_s


@settings(max_examples=80)
@given(cases(), st.floats(1.0, 10.0))
def test_more_bandwidth_lengthens_a_migration_by_a_look_at_the_most(case: Case, factor: float) -> None:
    """A round that ends a look earlier can leave a few pages too many, which then go in a round of their own."""
    slow = case.result()
    fast = evolve(case, link_bytes_per_s=case.link_bytes_per_s * factor).result()
    assert isinstance(QEMU.stop, Threshold)
    look_s = max(QEMU.stop.look_every_s, QEMU.stop.burst_bytes / case.link_bytes_per_s)
    if slow.converged:
        assert fast.converged
        assert fast.total_s <= slow.total_s * (1 + 1e-6) + 2 * look_s
