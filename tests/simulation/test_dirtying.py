"""Distinct pages dirtied in t seconds, against the definition and against dice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.write_patterns import curves, patterns
from vmplanner.domain.machines import (
    PATTERNS,
    HotCold,
    MeasuredCurve,
    Pattern,
    Piece,
    PieceKind,
    PowerLaw,
    Sequential,
    Uniform,
    Zipf,
)
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Dirtying

pieces = st.builds(
    lambda pages, rate, pattern: Piece("p", PieceKind.HEAP, pages * PAGE_BYTES, rate, pattern),
    st.integers(0, 10**6),
    st.floats(0, 1e6),
    patterns,
)


def pages_after(piece: Piece, seconds: float) -> float:
    return float(Dirtying.of([piece]).distinct_pages(seconds).sum())


def test_a_sequential_walk_touches_each_page_once_until_it_is_around() -> None:
    piece = Piece("p", PieceKind.HEAP, 1000 * PAGE_BYTES, 100, Sequential())
    assert [pages_after(piece, t) for t in (0, 1, 5, 10, 99)] == [0, 100, 500, 1000, 1000]


@pytest.mark.parametrize("pattern", [Uniform(), HotCold(0.1, 0.9), HotCold(0.3, 0.6)])
def test_random_writes_touch_as_many_pages_as_dice_do(pattern: Pattern) -> None:
    pages, writes = 4000, 6000
    piece = Piece("p", PieceKind.HEAP, pages * PAGE_BYTES, writes, pattern)
    dice = np.random.default_rng(1)
    hot = pattern if isinstance(pattern, HotCold) else HotCold(1, 1)
    hot_pages = int(pages * hot.hot_size_share)
    counts = []
    for _ in range(40):
        is_hot = dice.random(writes) < hot.hot_write_share
        targets = np.where(
            is_hot, dice.integers(0, hot_pages, writes), dice.integers(min(hot_pages, pages - 1), pages, writes)
        )
        counts.append(len(np.unique(targets)))
    assert pages_after(piece, 1.0) == pytest.approx(np.mean(counts), rel=0.01)


@pytest.mark.parametrize(("exponent", "within"), [(0.5, 0.01), (0.99, 0.02), (1.5, 0.025), (2.0, 0.05)])
@pytest.mark.parametrize("pages", [1, 30, 4000, 1_000_000])
def test_zipf_is_as_with_a_class_for_each_page(exponent: float, within: float, pages: int) -> None:
    weights = np.arange(1.0, pages + 1) ** -exponent
    piece = Piece("p", PieceKind.HEAP, pages * PAGE_BYTES, 1000.0, Zipf(exponent))
    for seconds in np.geomspace(1e-3, 1e5, 17):
        exact = -np.expm1(-1000 * seconds * weights / weights.sum()).sum()
        assert pages_after(piece, seconds) == pytest.approx(exact, rel=within, abs=3)


def test_a_power_law_has_the_write_rate_after_one_second_and_ends_at_all_pages() -> None:
    piece = Piece("p", PieceKind.HEAP, 1000 * PAGE_BYTES, 100, PowerLaw(0.5))
    assert [pages_after(piece, t) for t in (0, 0.01, 1, 4, 25, 100, 101, 1e6)] == pytest.approx(
        [0, 10, 100, 200, 500, 1000, 1000, 1000]
    )


def test_a_measured_curve_goes_through_its_points_when_the_write_rate_is_its_own() -> None:
    curve = MeasuredCurve([(0.1, 50), (1, 400), (10, 900)])
    piece = Piece("p", PieceKind.HEAP, 800 * PAGE_BYTES, 400, curve)
    times = (0, 0.05, 0.1, 1, 10**0.5, 10, 100)
    found = [pages_after(piece, t) for t in times]
    assert found == pytest.approx([0, 25, 50, 400, 600, 800, 800])  # 900 are more than the piece has
    assert [min(800, curve.pages_at(t)) for t in times] == pytest.approx(found)


@given(curves(), st.floats(0, 1e4), st.floats(0.1, 1e4))
def test_the_write_rate_scales_a_measured_curve(curve: MeasuredCurve, seconds: float, rate: float) -> None:
    piece = Piece("p", PieceKind.HEAP, 10**9 * PAGE_BYTES, rate, curve)
    expected = rate * curve.pages_at(seconds) / curve.pages_at(1.0)
    assert pages_after(piece, seconds) == pytest.approx(min(1e9, expected))
    assert pages_after(piece, 1.0) == pytest.approx(rate)


@given(pieces, st.floats(0, 1e4), st.floats(0, 1e4))
def test_more_time_never_dirties_less_and_never_more_than_there_is(piece: Piece, a: float, b: float) -> None:
    sooner, later = sorted((a, b))
    assert pages_after(piece, 0) == 0
    slack = 1e-9 * piece.pages + 1e-6
    assert 0 <= pages_after(piece, sooner) <= pages_after(piece, later) + slack
    assert pages_after(piece, later) <= piece.pages + slack


@given(pieces, st.floats(0, 1e4), st.floats(0, 1e4))
def test_each_more_second_finds_fewer_new_pages(piece: Piece, a: float, b: float) -> None:
    middle = pages_after(piece, (a + b) / 2)
    assert middle >= (pages_after(piece, a) + pages_after(piece, b)) / 2 * (1 - 1e-9) - 1e-6


@given(pieces, st.floats(0, 1e4), st.floats(0, 1))
def test_a_guest_that_is_slowed_down_dirties_less_but_not_less_than_its_share(
    piece: Piece, seconds: float, share: float
) -> None:
    at_full_speed, slowed = pages_after(piece, seconds), pages_after(piece, seconds * share)
    assert share * at_full_speed * (1 - 1e-9) - 1e-6 <= slowed <= at_full_speed * (1 + 1e-9) + 1e-6


@given(pieces, st.floats(0, 1e4))
def test_no_more_pages_than_writes(piece: Piece, seconds: float) -> None:
    """A power law and a measured curve say nothing of writes that hit a page again."""
    if not isinstance(piece.pattern, PowerLaw | MeasuredCurve):
        assert pages_after(piece, seconds) <= piece.write_rate_pages_per_s * seconds * (1 + 1e-9) + 1e-6


@given(st.lists(pieces, min_size=1, max_size=4), st.lists(st.floats(0, 100), min_size=1, max_size=5))
def test_many_times_at_once_give_what_each_gives_alone(some: list[Piece], times: list[float]) -> None:
    dirtying = Dirtying.of(some)
    together = dirtying.distinct_pages(np.array(times)[:, None])
    assert together.shape == (len(times), len(dirtying.piece))
    for row, seconds in zip(together, times, strict=True):
        assert row.sum() == pytest.approx(sum(pages_after(piece, seconds) for piece in some))


def test_every_pattern_has_a_name_that_is_its_own() -> None:
    assert len({pattern.name for pattern in PATTERNS}) == len(PATTERNS)
