"""The fast model against the oracle that migrates page by page, over random guests.

What holds over 400 guests of up to 400 MiB with uniform, sequential and hot/cold pieces: the total time agrees within
0.1 % in the median, and within 4 % for nine in ten of the migrations over half a second; bytes within 0.1 % and 2 %;
rounds are the same in 97 %. What is left is luck, where a round ends a look earlier or later, and the search for empty
pages in migrations of a window or two. Zipf, power laws and measured curves agree within 0.1 % in the median, and
within 7 % for nine in ten.
"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation.simulate import simulate_one
from vmplanner.domain.machines import (
    HotCold,
    MeasuredCurve,
    Pattern,
    Piece,
    PieceKind,
    PowerLaw,
    Profile,
    Sequential,
    Uniform,
    VirtualMachine,
    Zipf,
)
from vmplanner.domain.plans import Migration, Plan, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import MIB, PAGE_BYTES
from vmplanner.domain.results import MigrationResult
from vmplanner.domain.topology import Host, Link, PolicyName
from vmplanner.simulation.dirtying import Dirtying
from vmplanner.simulation.policies import QEMU, XEN_3, XEN_4
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.reference import GuestMemory, Reference, pre_copy_by_page, stop_and_copy_by_page

FAST_LINK = 1.25e9


def guest(pieces: list[Piece], untouched_mib: int) -> VirtualMachine:
    memory_bytes = sum(piece.size_bytes for piece in pieces) + untouched_mib * MIB
    return VirtualMachine("vm-1", "web-1", "host-1", memory_bytes, profile=Profile("P", tuple(pieces)))


def simulated(
    vm: VirtualMachine,
    link: float,
    cap: float | None = None,
    limit_s: float | None = None,
    *,
    policy: PolicyName = PolicyName.QEMU,
    technique: Technique = Technique.PRE_COPY,
) -> MigrationResult:
    migration = Migration("m-1", vm.id, "host-2", technique, max_bandwidth_bytes_per_s=cap, downtime_limit_s=limit_s)
    hosts = Host("host-1", "alpha", policy), Host("host-2", "beta", policy)
    wire = Link("link-1", "host-1", "host-2", link, latency_s=0.0)
    return simulate_one(Project.of(*hosts, wire, vm, Plan("plan-1", "Plan", [migration])))


def heap(pages: int, writes_per_s: float, pattern: Pattern, zero_share: float = 0.0, name: str = "heap") -> Piece:
    return Piece(name, PieceKind.HEAP, pages * PAGE_BYTES, writes_per_s, pattern, zero_share)


patterns = st.one_of(
    st.just(Uniform()), st.just(Sequential()), st.builds(HotCold, st.floats(0.05, 0.4), st.floats(0.5, 0.95))
)
heaps = st.builds(
    heap,
    st.integers(300, 16_000),
    st.one_of(st.just(0.0), st.floats(10, 6000)),
    patterns,
    st.sampled_from([0.0, 0.0, 0.3]),
)
guests = st.builds(
    lambda found, untouched: guest(
        [Piece(f"p{n}", p.kind, p.size_bytes, p.write_rate_pages_per_s, p.pattern, p.zero_share) for n, p in found],
        untouched,
    ),
    st.lists(heaps, min_size=1, max_size=3).map(lambda found: list(enumerate(found))),
    st.integers(20, 120),
)


Choices = Callable[[np.random.Generator], list[Pattern]]


def simple(dice: np.random.Generator) -> list[Pattern]:
    return [Uniform(), Sequential(), HotCold(dice.uniform(0.05, 0.4), dice.uniform(0.5, 0.95))]


def skewed(dice: np.random.Generator) -> list[Pattern]:
    return [Zipf(dice.uniform(0.4, 1.6)), PowerLaw(dice.uniform(0.3, 1)), curve(dice)]


def curve(dice: np.random.Generator) -> MeasuredCurve:
    """Three points, the last ones far beyond a round."""
    slopes = sorted(dice.uniform(0, 1, 2), reverse=True)
    points = [(10 ** dice.uniform(-1.5, -0.3), 100.0)]
    for slope, step in zip(slopes, dice.uniform(3, 30, 2), strict=True):
        points.append((points[-1][0] * step, points[-1][1] * step**slope))
    return MeasuredCurve(points)


def random_case(seed: int, patterns: Choices = simple) -> tuple[VirtualMachine, float, float | None, float]:
    """A guest, a link, a cap or none, and a downtime limit; the guest writes at most 80 % of what they carry."""
    dice = np.random.default_rng(seed)
    bandwidth = 10 ** dice.uniform(7, 8.3)
    choices = patterns(dice)
    count = int(dice.integers(1, 4))
    most = 0.8 * bandwidth / QEMU.page_bytes / count
    pieces = [
        heap(
            int(2 ** dice.uniform(8, 14)),
            float(min(most, 10 ** dice.uniform(1, 3.8)) * (dice.random() < 0.75)),
            choices[dice.integers(len(choices))],
            float(dice.choice([0.0, 0.0, 0.3])),
            f"p{n}",
        )
        for n in range(count)
    ]
    link, cap = (FAST_LINK, float(bandwidth)) if dice.random() < 0.5 else (float(bandwidth), None)
    return guest(pieces, int(dice.integers(20, 200))), link, cap, float(dice.uniform(0.1, 0.5))


@pytest.mark.parametrize(("patterns", "guests"), [(simple, 150), (skewed, 80)])
def test_total_time_and_bytes_agree_with_the_oracle_over_random_guests(patterns: Choices, guests: int) -> None:
    time_errors, long_time_errors, byte_errors, same_rounds = [], [], [], []
    for seed in range(guests):
        vm, link, cap, limit_s = random_case(seed, patterns)
        fast = simulated(vm, link, cap, limit_s)
        slow = pre_copy_by_page(list(vm.all_pieces()), QEMU, link, cap, limit_s, seed=seed)
        assert fast.converged == slow.converged
        if not slow.converged:  # a short look may find more new pages than fit, though a second does not
            assert patterns is skewed
            continue
        assert agree(fast, slow), (seed, fast.total_s, slow)
        time_errors.append(abs(fast.total_s / slow.total_s - 1))
        if slow.total_s > 0.5:
            long_time_errors.append(time_errors[-1])
        byte_errors.append(abs(fast.transferred_bytes / slow.bytes - 1))
        same_rounds.append(fast.rounds == slow.rounds)
    assert np.median(time_errors) < 0.01
    assert np.quantile(long_time_errors, 0.9) < 0.06
    assert np.median(byte_errors) < 0.005
    assert np.quantile(byte_errors, 0.9) < 0.03
    assert np.mean(same_rounds) > 0.9


def agree(fast: MigrationResult, slow: Reference) -> bool:
    """Within what a look earlier or later can do: a fifth, or 0.15 s of a short migration."""
    return fast.total_s == pytest.approx(slow.total_s, rel=0.2, abs=0.15) and fast.transferred_bytes == pytest.approx(
        slow.bytes, rel=0.2
    )


by_example = settings(max_examples=60, deadline=None, derandomize=True)
# How much more the link carries than the guest writes: all of them converge.
headroom = st.floats(1.25, 30)


def bandwidth_for(vm: VirtualMachine, headroom: float) -> float:
    writes_per_s = sum(piece.write_rate_pages_per_s for piece in vm.all_pieces())
    return max(5e6, headroom * writes_per_s * QEMU.page_bytes)


@by_example
@given(guests, headroom, st.booleans(), st.floats(0.1, 0.5), st.integers(0, 1000))
def test_every_page_arrives_in_its_last_version(
    vm: VirtualMachine, headroom: float, is_capped: bool, limit_s: float, seed: int
) -> None:
    bandwidth = bandwidth_for(vm, headroom)
    link, cap = (FAST_LINK, bandwidth) if is_capped else (bandwidth, None)
    fast = simulated(vm, link, cap, limit_s)
    slow = pre_copy_by_page(list(vm.all_pieces()), QEMU, link, cap, limit_s, seed=seed)
    assert slow.stale_pages == 0
    assert sum(slow.pages_per_round) >= vm.memory_bytes // PAGE_BYTES
    # Where a walk begins is luck, which decides over the last rounds of a short migration.
    others = (pre_copy_by_page(list(vm.all_pieces()), QEMU, link, cap, limit_s, seed=seed + n) for n in range(1, 5))
    assert agree(fast, slow) or any(agree(fast, other) for other in others)
    assert sum(segment.duration_s for segment in fast.segments) == pytest.approx(fast.total_s)


@by_example
@given(guests, headroom, st.integers(0, 1000))
def test_xen_4_agrees_round_by_round(vm: VirtualMachine, headroom: float, seed: int) -> None:
    link = bandwidth_for(vm, headroom)
    fast = simulated(vm, link, policy=PolicyName.XEN_4)
    slow = pre_copy_by_page(list(vm.all_pieces()), XEN_4, link, seed=seed)
    assert slow.stale_pages == 0
    assert fast.total_s == pytest.approx(slow.total_s, rel=0.03)
    assert fast.transferred_bytes == pytest.approx(slow.bytes, rel=0.03)
    assert abs(fast.rounds - slow.rounds) <= 1


@by_example
@given(guests, st.floats(1e7, 2e8))
def test_stop_and_copy_sends_every_page_once(vm: VirtualMachine, link: float) -> None:
    fast = simulated(vm, link, technique=Technique.STOP_AND_COPY)
    slow = stop_and_copy_by_page(list(vm.all_pieces()), QEMU, link)
    assert slow.stale_pages == 0
    assert slow.pages_per_round == (vm.memory_bytes // PAGE_BYTES,)
    # The fast model lets a part of the search for empty pages pass while the sender would wait anyway.
    assert fast.downtime_s == pytest.approx(slow.downtime_s, rel=0.01, abs=QEMU.hidden_scan_s)
    assert fast.transferred_bytes == pytest.approx(slow.bytes, rel=1e-3)


@pytest.mark.parametrize("policy", [QEMU, XEN_4], ids=lambda policy: policy.name.value)
def test_without_writes_one_round_sends_everything(policy: Policy) -> None:
    vm = guest([heap(9000, 0, Uniform())], 60)
    fast = simulated(vm, 5e7, policy=policy.name)
    slow = pre_copy_by_page(list(vm.all_pieces()), policy, 5e7, seed=1)
    assert sum(slow.pages_per_round) == vm.memory_bytes // PAGE_BYTES
    assert fast.transferred_bytes == pytest.approx(slow.bytes, abs=10)
    assert fast.total_s == pytest.approx(slow.total_s, rel=0.05)


def test_the_oracle_has_an_end_for_a_guest_that_writes_faster_than_the_link() -> None:
    vm = guest([heap(16_000, 20_000, Uniform())], 20)
    slow = pre_copy_by_page(list(vm.all_pieces()), QEMU, 2e7, seed=1, max_rounds=8)
    assert not slow.converged
    assert slow.downtime_s == 0
    assert slow.rounds == 8
    assert slow.stale_pages > 0
    assert not simulated(vm, 2e7).converged


def test_what_a_round_left_is_soon_written_again_when_writes_come_in_bursts() -> None:
    errors = []
    for seed, exponent in enumerate((0.3, 0.5, 0.7, 0.9, 1.0)):
        vm = guest([heap(60_000, 3000, PowerLaw(exponent)), heap(3000, 0, Uniform(), name="rest")], 50)
        fast = simulated(vm, 5e7, 5e7, 0.3)
        slow = pre_copy_by_page(list(vm.all_pieces()), QEMU, 5e7, 5e7, 0.3, seed=seed)
        errors.append(abs(fast.total_s / slow.total_s - 1))
        assert fast.rounds == pytest.approx(slow.rounds, abs=1)
        assert fast.transferred_bytes == pytest.approx(slow.bytes, rel=0.05)
    assert np.median(errors) < 0.02


@pytest.mark.parametrize(
    "pattern", [PowerLaw(0.4), PowerLaw(1.0), MeasuredCurve([(0.05, 60), (0.5, 400), (5, 1100), (50, 1500)]), Zipf(1.0)]
)
def test_in_any_second_the_oracle_writes_as_many_distinct_pages_as_the_fast_model(pattern: Pattern) -> None:
    piece = heap(2000, 700, pattern)
    dirtying = Dirtying.of([piece])
    counted: dict[float, list[int]] = {0.1: [], 1.0: [], 3.0: []}
    for seed in range(40):
        memory = GuestMemory([piece], seed)
        memory.run(seed / 30)
        for seconds, counts in counted.items():
            memory.dirty[:] = False
            for _ in range(20):
                memory.run(seconds / 20)
            counts.append(int(memory.dirty.sum()))
    for seconds, counts in counted.items():
        assert np.mean(counts) == pytest.approx(dirtying.distinct_pages(seconds).sum(), rel=0.03)


def test_the_oracle_has_no_process_for_a_curve_that_bends_upwards() -> None:
    steeper = MeasuredCurve([(1, 100), (10, 110), (20, 200)])
    with pytest.raises(ValueError, match="faster and faster"):
        pre_copy_by_page([heap(1000, 100, steeper)], QEMU, 1e8, seed=1)


def test_the_oracle_says_which_policies_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="Xen 3"):
        pre_copy_by_page([heap(100, 0, Uniform())], XEN_3, 1e8, seed=1)
