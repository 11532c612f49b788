"""A stack shows all of a migration's time and bytes, in parts that a user can name."""

import numpy as np
import pytest
from attrs import asdict, evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.runs import Part, of_rounds, result, run, segments, small
from vmplanner.analysis.stack_view import Grouping, Measure, Sorting, Split, View
from vmplanner.analysis.time_stacks import rows, time_stacks
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.quantities import MIB
from vmplanner.domain.results import MigrationResult, Phase, Run, Segment

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
    stacks = time_stacks([some_run], View(by))
    seconds, sizes = stacks.values(Measure.SECONDS).sum(axis=1), stacks.values(Measure.BYTES).sum(axis=1)
    for index, (stack, outcome) in enumerate(zip(stacks.stacks, some_run.results, strict=True)):
        assert seconds[index] == pytest.approx(outcome.total_s)
        assert sizes[index] == outcome.transferred_bytes == sum(stack.bytes) == stack.total_bytes
        assert stack.total_s == outcome.total_s
        assert stack.downtime_s == outcome.downtime_s


@given(
    st.lists(runs, min_size=1, max_size=3), st.sampled_from(Split), st.sampled_from(Grouping), st.sampled_from(Sorting)
)
def test_in_every_view_all_stacks_together_are_all_of_the_runs(
    some: list[Run], by: Split, group: Grouping, order: Sorting
) -> None:
    stacks = time_stacks(some, View(by, group=group, order=order), profiles={"vm-0": "Web"})
    all_results = [outcome for one in some for outcome in one.results]
    for measure, expected in (
        (Measure.SECONDS, sum(outcome.total_s for outcome in all_results)),
        (Measure.BYTES, sum(outcome.transferred_bytes for outcome in all_results)),
        (Measure.DOWNTIME, sum(outcome.downtime_s for outcome in all_results)),
    ):
        assert stacks.values(measure).sum() == pytest.approx(expected)
        assert sum(stack.total(measure) for stack in stacks.stacks) == pytest.approx(expected)
    for index, stack in enumerate(stacks.stacks):
        for measure in (Measure.SECONDS, Measure.BYTES, Measure.DOWNTIME):
            assert stacks.values(measure)[index].sum() == pytest.approx(stack.total(measure))
    assert sorted(id_ for stack in stacks.stacks for id_ in stack.migration_ids) == sorted(
        outcome.migration_id for outcome in all_results
    )


@given(st.lists(runs, min_size=1, max_size=3))
def test_grouped_by_run_each_run_is_one_stack(some: list[Run]) -> None:
    stacks = time_stacks(some, View(group=Grouping.RUN)).stacks
    expected = [sum(outcome.total_s for outcome in one.results) for one in some if one.results]
    assert [stack.total_s for stack in stacks] == pytest.approx(expected)


@given(st.lists(runs, min_size=1, max_size=3), st.booleans())
def test_every_stack_has_one_cell_and_runs_stand_in_their_columns(some: list[Run], has_panels: bool) -> None:
    stacks = time_stacks(some, View(has_panels=has_panels))
    cells = stacks.cells()
    assert sorted(cells[cells >= 0]) == list(range(len(stacks.stacks)))
    if has_panels and len(some) > 1:
        assert cells.shape[1] == len(some)
        for row, column in np.argwhere(cells >= 0):
            assert stacks.stacks[cells[row, column]].column == column


def test_stacks_are_sorted_by_the_first_run_and_the_same_migration_stays_together() -> None:
    before = run(_of("web-10", 3.0, 0.1), _of("web-2", 5.0, 0.5), _of("db", 4.0, 0.3), name="before")
    after = run(_of("db", 1.0, 0.1), _of("web-10", 9.0, 0.1), name="after")

    def shown(order: Sorting) -> list[tuple[str, str]]:
        return [(stack.label, stack.run) for stack in time_stacks([before, after], View(order=order)).stacks]

    assert shown(Sorting.PLAN) == [
        ("web-10", "before"),
        ("web-10", "after"),
        ("web-2", "before"),
        ("db", "before"),
        ("db", "after"),
    ]
    assert [label for label, name in shown(Sorting.LONGEST) if name == "before"] == ["web-2", "db", "web-10"]
    assert [label for label, name in shown(Sorting.NAME) if name == "before"] == ["db", "web-2", "web-10"]
    assert [label for label, name in shown(Sorting.DOWNTIME) if name == "before"] == ["web-2", "db", "web-10"]


def test_the_longest_are_those_of_the_shown_measure() -> None:
    some = run(_of("slow", 9.0, 0.1), _of("halted", 6.0, 5.0))
    view = View(order=Sorting.LONGEST)
    assert [stack.label for stack in time_stacks([some], view).stacks] == ["slow", "halted"]
    by_downtime = time_stacks([some], evolve(view, measure=Measure.DOWNTIME))
    assert [stack.label for stack in by_downtime.stacks] == ["halted", "slow"]


def test_a_stack_of_a_further_run_knows_that_of_the_first() -> None:
    stacks = time_stacks([run(_of("a", 3.0, 0.1), name="x"), run(_of("a", 2.0, 0.1), _of("b", 1.0, 0.1), name="y")])
    assert [stack.base for stack in stacks.stacks] == [None, 0, None]
    assert [stack.detail for stack in stacks.stacks][:2] == ["x · host-1 → host-2", "y · host-1 → host-2"]
    by_run = time_stacks(
        [run(_of("a", 3.0, 0.1), name="x"), run(_of("a", 2.0, 0.1), name="y")], View(group=Grouping.RUN)
    )
    assert [(stack.label, stack.base) for stack in by_run.stacks] == [("x", None), ("y", 0)]


def test_groups_add_up_what_they_have_in_common() -> None:
    some = run(
        result("a", segments(_live(3.0)), source="h1", target="h3"),
        result("b", segments(_live(4.0)), source="h2", target="h3"),
    )

    def totals(group: Grouping) -> dict[str, float]:
        stacks = time_stacks([some], View(group=group), profiles={"a": "Web"}).stacks
        return {stack.label: stack.total_s for stack in stacks}

    assert totals(Grouping.SOURCE) == {"h1": 3.0, "h2": 4.0}
    assert totals(Grouping.TARGET) == {"h3": 7.0}
    assert totals(Grouping.TECHNIQUE) == {"pre-copy": 7.0}
    assert totals(Grouping.RUN) == {"Run 1": 7.0}
    assert totals(Grouping.PROFILE) == {"Web": 3.0, "profile not known": 4.0}


def _live(seconds: float) -> Part:
    return (Phase.PRE_COPY, "heap", PieceKind.HEAP, 1, seconds, MIB)


def _of(vm: str, seconds: float, down_s: float) -> MigrationResult:
    """A migration of that many seconds, so many of them down."""
    return result(vm, segments(_live(seconds - down_s), (Phase.STOP_AND_COPY, "heap", PieceKind.HEAP, 2, down_s, MIB)))


def test_by_round_each_round_is_a_part_and_what_is_in_none_comes_first() -> None:
    stacks = time_stacks([run(small())], View(Split.ROUND))
    assert [series.label for series in stacks.series] == ["outside the rounds", "round 1", "round 2", "round 3"]
    assert stacks.stacks[0].seconds == pytest.approx((0.7, 6.0, 3.0, 0.3))


def test_by_phase_and_piece_a_part_has_both() -> None:
    stacks = time_stacks([run(small())], View(Split.PHASE_PIECE))
    assert [series.label for series in stacks.series] == [
        "preflight · overhead",
        "pre-copy · heap",
        "pre-copy · free memory",
        "stop-and-copy · heap",
        "stop-and-copy · device state",
        "resume · overhead",
    ]
    assert stacks.stacks[0].down_s == pytest.approx((0.0, 0.0, 0.0, 0.25, 0.05, 0.2))


@given(runs, st.sampled_from(Split))
def test_shares_sum_to_one_where_a_migration_took_time(some_run: Run, by: Split) -> None:
    stacks = time_stacks([some_run], View(by))
    expected = [1.0 if sum(stack.seconds) > 0 else 0.0 for stack in stacks.stacks]
    assert stacks.values(Measure.SHARE).sum(axis=1) == pytest.approx(expected)


@given(runs, st.sampled_from(Split))
def test_every_series_is_named_once_and_occurs(some_run: Run, by: Split) -> None:
    stacks = time_stacks([some_run], View(by))
    assert (
        len({series.key for series in stacks.series})
        == len({series.label for series in stacks.series})
        == len(stacks.series)
    )
    assert stacks.values(Measure.SECONDS).shape == (len(some_run.results), len(stacks.series))


def test_by_phase_each_round_is_its_own_part_in_the_order_of_time() -> None:
    stacks = time_stacks([run(small())], View(Split.PHASE))
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
    labels = [series.label for series in time_stacks([run(of_rounds("db-1", 23))], View(Split.PHASE)).series]
    assert labels[8:10] == ["pre-copy round 8", "pre-copy rounds 9–23"]
    assert "pre-copy round 9" in [
        series.label for series in time_stacks([run(of_rounds("db-1", 9))], View(Split.PHASE)).series
    ]


def test_by_piece_device_state_and_overhead_come_last() -> None:
    stacks = time_stacks([run(small())], View(Split.PIECE))
    assert [series.label for series in stacks.series] == ["heap", "free memory", "device state", "overhead"]
    assert stacks.stacks[0].seconds == pytest.approx((8.25, 1.0, 0.05, 0.7))


def test_a_part_says_how_fast_the_guest_ran_in_it() -> None:
    fast, slow, still = (
        Segment(Phase.PRE_COPY, "heap", PieceKind.HEAP, 1, 0.0, 3.0, MIB),
        Segment(Phase.PRE_COPY, "kernel", PieceKind.KERNEL, 1, 3.0, 1.0, MIB, guest_share=0.2),
        Segment(Phase.STOP_AND_COPY, "heap", PieceKind.HEAP, 2, 4.0, 0.5, MIB),
    )
    some = result("web-1", (fast, slow, still))
    assert time_stacks([run(some)], View(Split.PHASE)).stacks[0].guest_shares == pytest.approx((0.8, 0.0))
    assert time_stacks([run(some)], View(Split.PIECE)).stacks[0].guest_shares == pytest.approx((0.2, 3 / 3.5))


def test_what_comes_when_the_source_is_free_is_drawn_but_is_no_part_of_the_total() -> None:
    cold = Segment(Phase.DEFLATE, "files", PieceKind.PAGE_CACHE, 2, 10.0, 4.0, 0, guest_share=0.5)
    [stack] = time_stacks([run(evolve(small(), segments=(*small().segments, cold), afterwards_s=4.0))]).stacks
    assert (stack.total_s, stack.settled_s) == (10.0, 14.0)
    assert sum(stack.seconds) == pytest.approx(14.0)


def test_a_run_without_migrations_has_no_stacks() -> None:
    stacks = time_stacks([run()], View(Split.PHASE))
    assert stacks.series == stacks.stacks == ()
    assert stacks.values(Measure.SHARE).shape == (0, 0)


def test_each_segment_is_a_row_with_all_that_identifies_it() -> None:
    table = list(rows(run(small())))
    assert len(table) == 7
    assert asdict(table[3]) == {
        "run": "Run 1",
        "vm": "web-1",
        "source": "host-1",
        "target": "host-2",
        "technique": "pre-copy",
        "outcome": "completed",
        "phase": "pre-copy",
        "piece": "heap",
        "kind": "heap",
        "round": 2,
        "start_s": 6.5,
        "duration_s": 3.0,
        "bytes": 250 * MIB,
        "guest_share": 1.0,
    }
