"""What each means of a migration saves against a plain pre-copy of the same VM.

The means are added one after the other, each on top of those before it, and every stage is simulated alone on the
network. A saving is what a stage needs less than the one before. What is done in advance, while the guest runs on, is
kept apart: a checkpoint, and the wait from there to the move itself. So

    plain pre-copy = the move + the sum of its savings
    the migration  = what was done in advance + the move

hold for time and bytes; in all a migration may be dearer than a plain pre-copy. A stage that does not converge has no
end to compare with.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from attrs import evolve, frozen

from vmplanner.domain.edits import count
from vmplanner.domain.plans import Compression, Migration, Options, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.results import MigrationResult, Phase
from vmplanner.simulation.alone import simulate_alone


@frozen
class Saving:
    """What one means saves, in seconds, seconds of downtime and bytes; below 0 where it costs more than it brings."""

    means: str
    total_s: float
    downtime_s: float
    bytes: int


@frozen
class Comparison:
    """A migration beside a plain pre-copy. `move` is the migration without what was done in advance.

    `savings` is None where a stage does not converge, so that there is nothing to subtract.
    """

    migration: MigrationResult
    plain: MigrationResult
    savings: tuple[Saving, ...] | None

    @cached_property
    def move(self) -> MigrationResult:
        return _without_advance(self.migration)

    @property
    def advance_s(self) -> float:
        """How much earlier it begins than the move."""
        return self.migration.total_s - self.move.total_s

    @property
    def waiting_s(self) -> float:
        """How much of that is waiting."""
        return sum(segment.duration_s for segment in self.migration.segments if segment.phase is Phase.WAITING)

    @property
    def advance_bytes(self) -> int:
        return self.migration.transferred_bytes - self.move.transferred_bytes


def compare_with_plain(project: Project, migration: Migration) -> Comparison:
    """Simulate a migration, a plain pre-copy, and the stages between. Raises PlannerError when no way leads to its
    target.
    """
    names, migrations = zip(*_stages(migration), strict=True)
    results = [simulate_alone(project, stage) for stage in migrations]
    savings = None
    if all(result.converged for result in results):
        pairs = zip(names[1:], results, results[1:], strict=False)
        savings = tuple(_saving(name, before, after) for name, before, after in pairs)
    return Comparison(results[-1], results[0], savings)


def _saving(means: str, before: MigrationResult, after: MigrationResult) -> Saving:
    """No stage but the last has a checkpoint."""
    move = _without_advance(after)
    return Saving(
        means,
        before.total_s - move.total_s,
        before.downtime_s - move.downtime_s,
        before.transferred_bytes - move.transferred_bytes,
    )


def _without_advance(result: MigrationResult) -> MigrationResult:
    """The rest moves up to where the checkpoint began."""
    advance_s = 0.0
    segments = []
    for segment in result.segments:
        if segment.phase.is_in_advance:
            advance_s += segment.duration_s
        else:
            segments.append(evolve(segment, start_s=max(0.0, segment.start_s - advance_s)))
    return evolve(result, segments=segments)


def _stages(migration: Migration) -> Iterator[tuple[str, Migration]]:
    """From a plain pre-copy to the migration itself, each with the name of what it adds."""
    options = migration.options
    stage = evolve(migration, technique=Technique.PRE_COPY, options=Options())
    yield "plain pre-copy", stage
    if migration.technique is Technique.CHECKPOINT:
        stage = evolve(stage, technique=Technique.CHECKPOINT)
        yield "free memory discarded", stage
        if options.drop_cache:
            stage = _with(stage, drop_cache=True, cache_read_bytes_per_s=options.cache_read_bytes_per_s)
            yield "page cache dropped", stage
    if options.free_page_hints:
        stage = _with(stage, free_page_hints=True)
        yield "free pages skipped", stage
    if options.channels:
        stage = _with(stage, channels=options.channels)
        yield f"{options.channels} channels", stage
        if options.compression is not Compression.NONE:
            stage = _with(stage, compression=options.compression)
            yield f"packed with {options.compression.value}", stage
    if options.compress_threads:
        stage = _with(stage, compress_threads=options.compress_threads, compress_level=options.compress_level)
        yield f"packed by {count(options.compress_threads, 'thread')}", stage
    if options.xbzrle_cache_bytes:
        stage = _with(stage, xbzrle_cache_bytes=options.xbzrle_cache_bytes)
        yield "only differences sent again", stage
    if options.auto_converge:
        stage = evolve(stage, options=options)
        yield "guest slowed down", stage
    if migration != stage:
        yield _LAST[migration.technique], migration


_LAST = {
    Technique.PRE_COPY: "other options",
    Technique.STOP_AND_COPY: "guest stopped at once",
    Technique.POST_COPY: "guest resumed first",
    Technique.HYBRID: "guest resumed before the rest",
    Technique.CHECKPOINT: "checkpoint in advance",
}


def _with(migration: Migration, **changes: Any) -> Migration:
    return evolve(migration, options=evolve(migration.options, **changes))
