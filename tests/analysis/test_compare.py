"""What a migration saves against a plain pre-copy."""

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from tests.small_projects import two_hosts, web_profile
from vmplanner.analysis.compare import Comparison, compare_with_plain
from vmplanner.analysis.stack_view import Measure, Split, View
from vmplanner.analysis.time_stacks import time_stacks
from vmplanner.domain.machines import Piece, PieceKind, Profile
from vmplanner.domain.plans import Compression, Migration, Options, Technique
from vmplanner.domain.project import Change, Edit
from vmplanner.domain.quantities import MIB
from vmplanner.domain.results import Outcome, Phase, Run
from vmplanner.domain.topology import PolicyName
from vmplanner.store.library import example


def _with_freed_memory() -> Profile:
    return Profile("Web", (*web_profile().pieces, Piece("freed", PieceKind.FREE, 256 * MIB)))


def _migration(technique: Technique, **options: Any) -> Migration:
    return Migration("migration-1", "vm-1", "host-2", technique, options=Options(**options))


@pytest.mark.parametrize(
    "migration",
    [
        _migration(Technique.CHECKPOINT, drop_cache=True, checkpoint_age_s=5.0),
        _migration(Technique.CHECKPOINT),
        _migration(Technique.STOP_AND_COPY),
        _migration(Technique.POST_COPY),
        _migration(Technique.PRE_COPY, xbzrle_cache_bytes=256 * MIB, auto_converge=True),
        _migration(Technique.PRE_COPY, channels=2, compression=Compression.ZSTD, free_page_hints=True),
        _migration(Technique.PRE_COPY, compress_threads=4, compress_level=6),
    ],
)
def test_savings_and_the_cost_in_advance_make_up_the_difference(migration: Migration) -> None:
    comparison = compare_with_plain(two_hosts(profile=_with_freed_memory()), migration)
    assert comparison.savings
    ours, plain = comparison.migration, comparison.plain
    assert plain.technique is Technique.PRE_COPY
    assert ours.technique is migration.technique
    saved_s = sum(saving.total_s for saving in comparison.savings)
    saved_bytes = sum(saving.bytes for saving in comparison.savings)
    assert ours.total_s - comparison.advance_s + saved_s == pytest.approx(plain.total_s)
    assert ours.transferred_bytes - comparison.advance_bytes + saved_bytes == plain.transferred_bytes
    assert comparison.move.total_s + comparison.advance_s == pytest.approx(ours.total_s)
    assert ours.downtime_s + sum(saving.downtime_s for saving in comparison.savings) == pytest.approx(plain.downtime_s)


def test_a_checkpoint_migration_says_what_each_idea_saves() -> None:
    migration = _migration(Technique.CHECKPOINT, drop_cache=True, checkpoint_age_s=5.0)
    comparison = compare_with_plain(two_hosts(profile=_with_freed_memory()), migration)
    savings = {saving.means: saving for saving in comparison.savings or ()}
    assert list(savings) == ["free memory discarded", "page cache dropped", "checkpoint in advance"]
    assert savings["free memory discarded"].bytes >= 256 * MIB
    assert savings["page cache dropped"].bytes >= 400 * MIB
    assert savings["checkpoint in advance"].bytes > 100 * MIB
    assert all(saving.total_s > 0 for saving in savings.values())
    assert comparison.advance_s > 1
    assert comparison.advance_bytes >= 300 * MIB


def test_a_plain_pre_copy_saves_nothing() -> None:
    comparison = compare_with_plain(two_hosts(), _migration(Technique.PRE_COPY))
    assert comparison.savings == ()
    assert comparison.migration == comparison.plain


def test_nothing_is_subtracted_from_a_plain_pre_copy_that_never_ends() -> None:
    project = two_hosts(profile=web_profile(writes_pages_per_s=500_000), bandwidth_bytes_per_s=20e6)
    comparison = compare_with_plain(project, _migration(Technique.POST_COPY))
    assert comparison.plain.outcome is Outcome.NOT_CONVERGED
    assert comparison.migration.outcome is Outcome.COMPLETED
    assert comparison.savings is None


def test_a_limit_of_the_migration_holds_for_the_plain_one_too() -> None:
    migration = evolve(_migration(Technique.STOP_AND_COPY), max_bandwidth_bytes_per_s=50e6)
    comparison = compare_with_plain(two_hosts(), migration)
    assert comparison.plain.transferred_bytes / comparison.plain.total_s < 55e6


def test_a_move_back_is_compared_with_a_pre_copy_back() -> None:
    project = two_hosts()
    there = project.plan.migrations[0]
    back = evolve(there, id="back", target_id="host-1", after=(there.id,))
    both = evolve(project.plan, migrations=(there, back))
    project = project.applied(Change("", (Edit(project.plan, both),)))
    first, second = (compare_with_plain(project, migration) for migration in both.migrations)
    assert (second.plain.source, second.plain.target) == ("beta", "alpha")
    assert second.plain.total_s == pytest.approx(first.plain.total_s)


def _as_shown(comparison: Comparison, measure: Measure) -> float:
    """The length of the bar with what was saved."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    run = Run("run", "Run", "Plan", "simulation", now, [comparison.migration])
    stacks = time_stacks([run], View(Split.PHASE), {comparison.migration.migration_id: comparison})
    return float(stacks.values(measure).sum())


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_bar_with_what_is_saved_ends_where_the_plain_pre_copy_does(number: int) -> None:
    project = example("clark-2005")
    migration = evolve(
        project.plan.migrations[number], technique=Technique.CHECKPOINT, options=Options(checkpoint_age_s=60.0)
    )
    comparison = compare_with_plain(project, migration)
    assert _as_shown(comparison, Measure.SECONDS) == pytest.approx(comparison.plain.total_s, rel=1e-3)
    assert _as_shown(comparison, Measure.BYTES) == pytest.approx(comparison.plain.transferred_bytes, rel=1e-3)


def test_what_costs_more_than_it_saves_makes_the_bar_no_longer() -> None:
    migration = _migration(Technique.POST_COPY)
    comparison = compare_with_plain(two_hosts(), migration)
    longest = max(comparison.plain.transferred_bytes, comparison.migration.transferred_bytes)
    assert _as_shown(comparison, Measure.BYTES) == pytest.approx(longest, rel=1e-6)


def test_a_checkpoint_in_advance_is_that_long_before_the_rest_and_as_fast_as_the_copy() -> None:
    migration = _migration(Technique.CHECKPOINT, checkpoint_age_s=60.0)
    comparison = compare_with_plain(two_hosts(policy=PolicyName.XEN_3), migration)
    phases = {segment.phase: segment for segment in comparison.migration.segments}
    waiting, first = phases[Phase.WAITING], phases[Phase.PRE_COPY]
    assert waiting.duration_s == pytest.approx(60, abs=0.01)
    assert first.start_s >= waiting.end_s
    assert comparison.waiting_s == pytest.approx(60, abs=0.01)
    # Xen 3 begins at 100 Mbit/s.
    assert comparison.advance_bytes / (comparison.advance_s - comparison.waiting_s) == pytest.approx(12.5e6, rel=0.01)
