"""How fast a guest runs while part of its memory is at the source: the laws that hold for any guest and network."""

import math

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from vmplanner.domain.machines import HotCold, Piece, PieceKind, Sequential, Uniform
from vmplanner.domain.plans import Options
from vmplanner.domain.quantities import MIB
from vmplanner.simulation.demand_paging import DemandPaging
from vmplanner.simulation.dirtying import Dirtying
from vmplanner.simulation.policies import QEMU

PLAIN, PREEMPT, PREPAGING = Options(), Options(preempt=True), Options(prepaging=True)
RATE = 100 * MIB


def guest(writes: float = 10_000, pattern: object = Uniform(), megabytes: int = 64) -> Piece:
    return Piece("set", PieceKind.HEAP, megabytes * MIB, writes, pattern)  # type: ignore[arg-type]


def pushed(
    *pieces: Piece,
    options: Options = PLAIN,
    rate: float = RATE,
    cap: float = math.inf,
    processors: int = 1,
    cpu_use: float = 1.0,
    parts: int = 1,
) -> tuple[float, float]:
    """All pages go over at a rate, on a network (or under a cap) of just that. Returns the share of its work that the
    guest made, and its faults.
    """
    dirtying = Dirtying.of(pieces)
    paging = DemandPaging(dirtying.pages[None, :], dirtying, processors, cpu_use, options, QEMU, cap)
    pages = float(dirtying.pages.sum())
    seconds = pages * QEMU.page_bytes / rate
    told = [
        paging.advance(seconds / parts, pages * (1 - number / parts), rate, math.isinf(cap), 0.0002)
        for number in range(1, parts + 1)
    ]
    return float(np.mean([share for share, _ in told])), sum(faults for _, faults in told)


patterns = st.sampled_from([Uniform(), Sequential(), HotCold()])
guests = st.lists(st.builds(guest, st.floats(0, 1e6), patterns, st.integers(1, 200)), min_size=1, max_size=4)
choices = st.builds(Options, preempt=st.booleans(), prepaging=st.booleans())
caps = st.sampled_from([math.inf, RATE])


@settings(max_examples=80)
@given(guests, choices, caps, st.integers(1, 64), st.floats(0.01, 1), st.floats(1e6, 1e10))
def test_no_page_is_waited_for_twice_and_no_guest_is_faster_than_before(
    pieces: list[Piece], options: Options, cap: float, processors: int, cpu_use: float, rate: float
) -> None:
    share, faults = pushed(*pieces, options=options, rate=rate, cap=cap, processors=processors, cpu_use=cpu_use)
    assert 0 <= share <= 1
    assert 0 <= faults <= sum(piece.pages for piece in pieces if piece.write_rate_pages_per_s) * (1 + 1e-9)


@settings(max_examples=40)
@given(guests, choices, st.integers(2, 40))
def test_it_does_not_matter_how_often_somebody_looks(pieces: list[Piece], options: Options, parts: int) -> None:
    at_once, looked_at = (pushed(*pieces, options=options, parts=number) for number in (1, parts))
    assert looked_at[0] == pytest.approx(at_once[0], abs=0.02)
    assert looked_at[1] == pytest.approx(at_once[1], rel=0.05, abs=1)


@settings(max_examples=60)
@given(guests, choices, st.booleans(), st.floats(1e7, 1e9), st.floats(1.0, 20.0))
def test_more_bandwidth_brings_no_more_faults(
    pieces: list[Piece], options: Options, is_capped: bool, rate: float, factor: float
) -> None:
    slow, fast = (
        pushed(*pieces, options=options, rate=one, cap=one if is_capped else math.inf)[1]
        for one in (rate, rate * factor)
    )
    assert fast <= slow * 1.02 + 1


@settings(max_examples=60)
@given(guests, st.booleans(), caps)
def test_prepaging_brings_no_more_faults(pieces: list[Piece], preempt: bool, cap: float) -> None:
    without, with_it = (
        pushed(*pieces, options=evolve(PREPAGING, prepaging=prepaging, preempt=preempt), cap=cap)[1]
        for prepaging in (False, True)
    )
    assert with_it <= without * 1.02 + 1


def test_a_guest_that_touches_nothing_runs_as_ever() -> None:
    assert pushed(guest(writes=0)) == (1.0, 0.0)


def test_a_single_processor_all_but_stands_still_and_preempt_helps_it() -> None:
    share, faults = pushed(guest(), cap=RATE)
    preempted, more_faults = pushed(guest(), cap=RATE, options=PREEMPT)
    assert share < 0.05
    assert preempted > 4 * share
    assert more_faults > 4 * faults


def test_under_a_cap_a_fault_waits_for_the_next_window() -> None:
    """At 32 MiB/s a window of 100 ms lets a little more than one socket through: two faults in each."""
    cap = QEMU.effective_cap(32 * MIB)
    seconds = 64 * MIB / 4096 * QEMU.page_bytes / cap
    assert pushed(guest(), rate=cap, cap=cap)[1] == pytest.approx(seconds / 0.1 * 2.1, rel=0.1)


def test_on_a_slow_link_a_fault_waits_for_the_socket_to_drain() -> None:
    link = 32 * MIB
    seconds = 64 * MIB / 4096 * QEMU.page_bytes / link
    assert pushed(guest(), rate=link)[1] == pytest.approx(seconds / 0.088, rel=0.1)


def test_more_processors_wait_side_by_side() -> None:
    one, many = (pushed(guest(1000), processors=number)[0] for number in (1, 16))
    assert many > 2 * one


def test_prepaging_runs_ahead_of_a_walk_but_can_not_guess_at_random_writes() -> None:
    def faults(pattern: object, writes: float, options: Options) -> float:
        return pushed(guest(writes, pattern), options=options)[1]

    assert faults(Sequential(), 20_000, PREPAGING) < 0.5 * faults(Sequential(), 20_000, PLAIN)
    assert faults(Sequential(), 5_000, PREPAGING) == 0  # slower than half of the push: never caught up with
    assert faults(Uniform(), 20_000, PREPAGING) == pytest.approx(faults(Uniform(), 20_000, PLAIN))


def test_prepaging_sends_first_what_the_guest_uses() -> None:
    """The used piece is last in the order of addresses: without pre-paging it comes late."""
    pieces = [guest(0, megabytes=256), guest(2000)]
    dirtying = Dirtying.of(pieces)
    in_order = np.diag(dirtying.pages)
    pages = float(dirtying.pages.sum())
    shares = []
    for options in (PLAIN, PREPAGING):
        paging = DemandPaging(in_order, dirtying, 1, 1.0, options, QEMU, math.inf)
        shares.append(paging.advance(pages * QEMU.page_bytes / RATE, 0.0, RATE, True, 0.0)[0])
    assert shares[1] > 3 * shares[0]


def test_a_guest_with_time_to_spare_makes_up_for_its_waits() -> None:
    busy, spare = (pushed(guest(400), options=PREEMPT, cpu_use=use)[0] for use in (1.0, 0.5))
    assert busy < 0.9
    assert spare > 1.1 * busy


def test_a_page_takes_a_round_trip() -> None:
    """A guest that does nothing but wait, with a connection for what it asks for, asks once in each wait."""
    piece = guest(1e6)
    dirtying = Dirtying.of([piece])
    seconds = piece.pages * QEMU.page_bytes / RATE
    for round_trip_s in (0.0, 0.01):
        paging = DemandPaging(dirtying.pages[None, :], dirtying, 1, 1.0, PREEMPT, QEMU, math.inf)
        _, faults = paging.advance(seconds, 0.0, RATE, True, round_trip_s)
        wait_s = round_trip_s + QEMU.page_bytes / RATE + QEMU.preempt_wait_s
        assert faults == pytest.approx(seconds / wait_s, rel=0.05)
