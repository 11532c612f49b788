"""A stack shows all of a migration's time and bytes, in parts that a user can name."""

import csv
import io

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.runs import of_rounds, result, run, segments, small
from vmplanner.analysis.time_stacks import COLUMNS, Measure, Split, rows, time_stacks, write_csv
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.quantities import MIB
from vmplanner.domain.results import Phase, Run, Segment

parts = st.tuples(
    st.sampled_from(list(Phase)),
    st.sampled_from(["heap", "cache", "free"]),
    st.sampled_from(list(PieceKind)),
    st.integers(0, 40),
    st.floats(0, 1e5),
    st.integers(0, 2**45),
)
runs = st.lists(st.lists(parts, max_size=12), max_size=4).map(
    lambda lists: run(*(result(f"vm-{i}", segments(*some)) for i, some in enumerate(lists)))
)


@given(runs, st.sampled_from(Split))
def test_the_parts_sum_to_the_migrations_total_time_and_bytes(some_run: Run, by: Split) -> None:
    stacks = time_stacks(some_run, by)
    seconds, sizes = stacks.values(Measure.SECONDS).sum(axis=1), stacks.values(Measure.BYTES).sum(axis=1)
    for index, (stack, outcome) in enumerate(zip(stacks.stacks, some_run.results, strict=True)):
        assert seconds[index] == pytest.approx(outcome.total_s)
        assert sizes[index] == outcome.transferred_bytes == sum(stack.bytes) == stack.total_bytes
        assert stack.total_s == outcome.total_s
        assert stack.downtime_s == outcome.downtime_s


@given(runs, st.sampled_from(Split))
def test_shares_sum_to_one_where_a_migration_took_time(some_run: Run, by: Split) -> None:
    stacks = time_stacks(some_run, by)
    expected = [1.0 if sum(stack.seconds) > 0 else 0.0 for stack in stacks.stacks]
    assert stacks.values(Measure.SHARE).sum(axis=1) == pytest.approx(expected)


@given(runs, st.sampled_from(Split))
def test_every_series_is_named_once_and_occurs(some_run: Run, by: Split) -> None:
    stacks = time_stacks(some_run, by)
    assert (
        len({series.key for series in stacks.series})
        == len({series.label for series in stacks.series})
        == len(stacks.series)
    )
    assert stacks.values(Measure.SECONDS).shape == (len(some_run.results), len(stacks.series))


def test_by_phase_each_round_is_its_own_part_in_the_order_of_time() -> None:
    stacks = time_stacks(run(small()), Split.PHASE)
    assert [series.label for series in stacks.series] == [
        "preflight",
        "pre-copy round 1",
        "pre-copy round 2",
        "stop-and-copy",
        "resume",
    ]
    assert stacks.stacks[0].seconds == pytest.approx((0.5, 6.0, 3.0, 0.3, 0.2))
    assert stacks.stacks[0].bytes == (0, 600 * MIB, 250 * MIB, 50 * MIB, 0)
    assert stacks.stacks[0].downtime_s == pytest.approx(0.5)


def test_far_rounds_share_a_part_that_names_them() -> None:
    labels = [series.label for series in time_stacks(run(of_rounds("db-1", 23)), Split.PHASE).series]
    assert labels[8:10] == ["pre-copy round 8", "pre-copy rounds 9–23"]
    assert "pre-copy round 9" in [series.label for series in time_stacks(run(of_rounds("db-1", 9)), Split.PHASE).series]


def test_by_piece_device_state_and_overhead_come_last() -> None:
    stacks = time_stacks(run(small()), Split.PIECE)
    assert [series.label for series in stacks.series] == ["heap", "free memory", "device state", "overhead"]
    assert stacks.stacks[0].seconds == pytest.approx((8.25, 1.0, 0.05, 0.7))


def test_a_part_says_how_fast_the_guest_ran_in_it() -> None:
    fast, slow, still = (
        Segment(Phase.PRE_COPY, "heap", PieceKind.HEAP, 1, 0.0, 3.0, MIB),
        Segment(Phase.PRE_COPY, "kernel", PieceKind.KERNEL, 1, 3.0, 1.0, MIB, guest_share=0.2),
        Segment(Phase.STOP_AND_COPY, "heap", PieceKind.HEAP, 2, 4.0, 0.5, MIB),
    )
    some = result("web-1", (fast, slow, still))
    assert time_stacks(run(some), Split.PHASE).stacks[0].guest_shares == pytest.approx((0.8, 0.0))
    assert time_stacks(run(some), Split.PIECE).stacks[0].guest_shares == pytest.approx((0.2, 3 / 3.5))


def test_what_comes_when_the_source_is_free_is_drawn_but_is_no_part_of_the_total() -> None:
    cold = Segment(Phase.DEFLATE, "files", PieceKind.PAGE_CACHE, 2, 10.0, 4.0, 0, guest_share=0.5)
    [stack] = time_stacks(
        run(evolve(small(), segments=(*small().segments, cold), afterwards_s=4.0)), Split.PHASE
    ).stacks
    assert (stack.total_s, stack.settled_s) == (10.0, 14.0)
    assert sum(stack.seconds) == pytest.approx(14.0)


def test_a_run_without_migrations_has_no_stacks() -> None:
    stacks = time_stacks(run(), Split.PHASE)
    assert stacks.series == stacks.stacks == ()
    assert stacks.values(Measure.SHARE).shape == (0, 0)


def test_csv_has_a_line_for_each_segment_with_exact_numbers() -> None:
    stream = io.StringIO(newline="")
    write_csv(run(small()), stream)
    lines = list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))
    assert tuple(lines[0]) == COLUMNS
    assert len(lines) == len(list(rows(run(small())))) == 7
    assert lines[3] == {
        "run": "Run 1",
        "vm": "web-1",
        "source": "host-1",
        "target": "host-2",
        "technique": "pre-copy",
        "outcome": "completed",
        "phase": "pre-copy",
        "piece": "heap",
        "kind": "heap",
        "round": "2",
        "start_s": "6.5",
        "duration_s": "3.0",
        "bytes": str(250 * MIB),
        "guest_share": "1.0",
    }


@given(runs)
def test_csv_keeps_all_seconds(some_run: Run) -> None:
    stream = io.StringIO(newline="")
    write_csv(some_run, stream)
    lines = csv.DictReader(io.StringIO(stream.getvalue(), newline=""))
    expected = [segment.duration_s for outcome in some_run.results for segment in outcome.segments]
    assert np.array_equal([float(line["duration_s"]) for line in lines], expected)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_csv_text_is_never_a_formula(name: str) -> None:
    stream = io.StringIO(newline="")
    write_csv(run(result(name, small().segments)), stream)
    line = next(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))
    assert line["vm"] == f"'{name}"


def test_csv_leaves_other_text_alone() -> None:
    stream = io.StringIO(newline="")
    write_csv(run(result('web, "the" 1', small().segments)), stream)
    assert next(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))["vm"] == 'web, "the" 1'
