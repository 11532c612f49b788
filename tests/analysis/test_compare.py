"""What a migration saves against a plain pre-copy."""

from typing import Any

import pytest
from attrs import evolve

from tests.small_projects import two_hosts, web_profile
from vmplanner.analysis.compare import compare_with_plain
from vmplanner.domain.machines import Piece, PieceKind, Profile
from vmplanner.domain.plans import Compression, Migration, Options, Technique
from vmplanner.domain.quantities import MIB
from vmplanner.domain.results import Outcome


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
