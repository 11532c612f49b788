"""The classes of one guest in plain numbers are written as those of many guests in arrays are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.write_patterns import patterns
from vmplanner.domain.machines import Piece, PieceKind
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Dirtying
from vmplanner.simulation.page_classes import page_classes

pieces = st.builds(
    lambda pages, rate, pattern: Piece("p", PieceKind.HEAP, pages * PAGE_BYTES, rate, pattern),
    st.integers(0, 10**6),
    st.one_of(st.just(0.0), st.floats(1e-3, 1e6)),
    patterns,
)


@given(st.lists(pieces, min_size=1, max_size=4), st.floats(0, 1000), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_round_leaves_what_it_leaves_in_arrays(
    some: list[Piece], seconds: float, pending: float, left: float, empty: float
) -> None:
    """Of each class a share was pending, of these some are left, and some of those are empty."""
    arrays, classes = Dirtying.of(some), page_classes(some)
    assert [one.pages for one in classes] == arrays.pages.tolist()
    dirtied = [one.distinct_pages(seconds) for one in classes]
    assert dirtied == pytest.approx(arrays.distinct_pages(seconds).tolist(), rel=1e-9)
    before = arrays.pages * pending
    full_left, empty_left = before * left * (1 - empty), before * left * empty
    found = arrays.pending_after(seconds, np.array(dirtied), before, full_left, empty_left)
    alone = [
        one.pending_after(seconds, *of_one)
        for one, *of_one in zip(classes, dirtied, before.tolist(), full_left.tolist(), empty_left.tolist(), strict=True)
    ]
    assert np.array(alone) == pytest.approx(np.array(found).T, rel=1e-9, abs=1e-6)
