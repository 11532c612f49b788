"""How the migrations of further runs differ from those of the first: the numbers of a comparison."""

from collections.abc import Iterator, Sequence

from attrs import frozen

from vmplanner.analysis.matching import matched
from vmplanner.domain.results import MigrationResult, Run


@frozen
class Delta:
    """One migration in the first run and in another; None where a run does not have it."""

    run: str
    vm: str
    before: MigrationResult | None
    after: MigrationResult | None

    @property
    def result(self) -> MigrationResult:
        """The later of the two that there is."""
        found = self.after or self.before
        assert found is not None, "a difference is between something"
        return found

    @property
    def is_change(self) -> bool:
        """Whether anything is different."""
        if self.before is None or self.after is None or self.before.ending != self.after.ending:
            return True
        return bool(self.total_s or self.downtime_s or self.bytes)

    @property
    def total_s(self) -> float | None:
        """How much longer the later one took, in seconds."""
        return self.after.total_s - self.before.total_s if self.before and self.after else None

    @property
    def downtime_s(self) -> float | None:
        return self.after.downtime_s - self.before.downtime_s if self.before and self.after else None

    @property
    def bytes(self) -> int | None:
        if self.before is None or self.after is None:
            return None
        return self.after.transferred_bytes - self.before.transferred_bytes


def deltas(runs: Sequence[Run]) -> list[Delta]:
    """Each migration of the first run beside that of each further one, and those that only a further one has."""
    return list(_deltas(runs))


def _deltas(runs: Sequence[Run]) -> Iterator[Delta]:
    keyed = matched(runs)
    for run, results in zip(runs[1:], keyed[1:], strict=True):
        for key in dict.fromkeys((*keyed[0], *results)):
            before, after = keyed[0].get(key), results.get(key)
            found = after or before
            assert found is not None
            yield Delta(run.name, found.vm, before, after)
