"""Distinct pages dirtied in t seconds, against the definition and against dice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmplanner.domain.machines import PATTERNS, HotCold, Pattern, Piece, PieceKind, Sequential, Uniform
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Dirtying

patterns = st.one_of(st.just(Uniform()), st.just(Sequential()), st.builds(HotCold, st.floats(0.01, 1), st.floats(0, 1)))
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


@given(pieces, st.floats(0, 1e4), st.floats(0, 1e4))
def test_more_time_never_dirties_less_and_never_more_than_there_is(piece: Piece, a: float, b: float) -> None:
    sooner, later = sorted((a, b))
    assert 0 <= pages_after(piece, sooner) <= pages_after(piece, later) + 1e-6
    assert pages_after(piece, later) <= min(piece.pages, piece.write_rate_pages_per_s * later) * (1 + 1e-9) + 1e-6


@given(st.lists(pieces, min_size=1, max_size=4), st.lists(st.floats(0, 100), min_size=1, max_size=5))
def test_many_times_at_once_give_what_each_gives_alone(some: list[Piece], times: list[float]) -> None:
    dirtying = Dirtying.of(some)
    together = dirtying.distinct_pages(np.array(times)[:, None])
    assert together.shape == (len(times), len(dirtying.piece))
    for row, seconds in zip(together, times, strict=True):
        assert row.sum() == pytest.approx(sum(pages_after(piece, seconds) for piece in some))


def test_every_pattern_has_a_name_that_is_its_own() -> None:
    assert len({pattern.name for pattern in PATTERNS}) == len(PATTERNS)
