"""Whatever the write pattern, a migration comes to an end that makes sense with every technique."""

import math
from typing import Any

import pytest
from attrs import evolve

from tests.simulation.simulate import simulate_one
from tests.small_projects import two_hosts, web_profile
from vmplanner.domain.machines import HotCold, MeasuredCurve, Pattern, PowerLaw, Profile, Sequential, Uniform, Zipf
from vmplanner.domain.plans import Options, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import MIB
from vmplanner.domain.results import MigrationResult, Outcome

PATTERNS: tuple[Pattern, ...] = (
    Uniform(),
    Sequential(),
    HotCold(),
    Zipf(1.0),
    PowerLaw(0.5),
    MeasuredCurve([(0.1, 100), (1, 400), (10, 1000)]),
)
every_pattern = pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)


def migrated(pattern: Pattern, technique: Technique = Technique.PRE_COPY, **options: Any) -> MigrationResult:
    profile = web_profile(4000)
    pieces = [evolve(piece, pattern=pattern, rewrite_share=0.1) for piece in profile.pieces]
    project = two_hosts(technique=technique, profile=Profile("Web", pieces))
    plan = project.plan
    [migration] = plan.migrations
    plan = evolve(plan, migrations=[evolve(migration, options=evolve(Options(), **options))])
    return simulate_one(Project.of(*project.hosts.values(), *project.links.values(), *project.machines.values(), plan))


@every_pattern
@pytest.mark.parametrize("technique", Technique)
def test_every_technique_migrates_every_pattern(technique: Technique, pattern: Pattern) -> None:
    result = migrated(pattern, technique)
    assert result.outcome is Outcome.COMPLETED
    assert 0 < result.downtime_s <= result.total_s < math.inf
    assert sum(segment.duration_s for segment in result.segments) == pytest.approx(result.total_s)


@every_pattern
def test_differences_alone_are_never_more_than_the_pages(pattern: Pattern) -> None:
    """A page that was dirtied was written at least once, or XBZRLE would find no difference at all."""
    plain, xbzrle = migrated(pattern), migrated(pattern, xbzrle_cache_bytes=256 * MIB)
    assert migrated(pattern, xbzrle_cache_bytes=1 * MIB).transferred_bytes >= xbzrle.transferred_bytes
    assert plain.transferred_bytes >= xbzrle.transferred_bytes > 0


def test_writes_that_come_back_to_the_same_pages_leave_less_to_send() -> None:
    sent = [migrated(pattern).transferred_bytes for pattern in (Sequential(), Uniform(), Zipf(0.8), Zipf(1.2))]
    assert sent == sorted(sent, reverse=True)
    sent = [migrated(PowerLaw(exponent)).transferred_bytes for exponent in (0.9, 0.6, 0.3)]
    assert sent == sorted(sent, reverse=True)
