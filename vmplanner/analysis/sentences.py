"""What a run has to say to people: up to five sentences, each with the numbers that it rests on.

A sentence is made only where its numbers are worth it, so a run in which nothing is remarkable has none. Where one says
what something else would bring, that was simulated: the migration by itself on the network, once as it was planned and
once the other way. Nothing is guessed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from attrs import evolve, field, frozen

from vmplanner.analysis.techniques import offered
from vmplanner.domain.edits import count
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.inputs import from_json, inputs_of, without_turns
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.plans import Migration, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, SHARE, format_duration, grouped
from vmplanner.domain.results import MigrationResult, Outcome, Run
from vmplanner.simulation.alone import simulate_alone
from vmplanner.simulation.policy_values import policy_of

MOST = 5

_RESENT_SHARE = 0.15
_FREE_SHARE = 0.1
_LONG_DOWNTIME_S = 1.0
_LONELY_SHARE = 0.3
_LOST_WORK_S = 1.0
# Another way is worth a word when it takes less than this share of what the planned one does.
_BETTER = 0.8
_NAMES = 3


@frozen
class Sentence:
    """`numbers` are what it rests on, with their names; `migration_ids` the migrations that it is about."""

    text: str
    numbers: tuple[tuple[str, str], ...]
    migration_ids: tuple[str, ...] = field(converter=tuple[str, ...])


def sentences(
    run: Run, project: Project | None = None, is_given_up: Callable[[], bool] = lambda: False
) -> list[Sentence]:
    """The most telling first. With the project that the run was of it is simulated what would have been better; where
    the project has changed since, or can't be simulated, nothing is said of that.
    """
    other_ways = _OtherWays(project if project is not None and _is_of(run, project) else None, is_given_up)
    found: list[Sentence] = []
    for tell in (_not_completed, _sent_again, _longest_downtime, _free_memory, _slowed_guests, _last_one):
        found += tell(run, other_ways)
    return found[:MOST]


def _is_of(run: Run, project: Project) -> bool:
    """Whether the project is still what the run was made from, as far as that was kept. When a migration starts is all
    one: it is simulated by itself.
    """
    plan = next((plan for plan in project.plans.values() if plan.name == run.plan_name), None)
    if plan is None or not run.inputs:
        return plan is not None
    kept = from_json(run.inputs)
    return kept is not None and without_turns(kept) == without_turns(inputs_of(project, plan))


_ENDINGS = {
    Outcome.LOST: "was lost",
    Outcome.UNKNOWN: "was left where nobody knows",
    Outcome.NOT_CONVERGED: "did not converge",
    Outcome.FAILED: "failed",
    Outcome.CANCELLED: "was cancelled or skipped",
}


def _not_completed(run: Run, other_ways: "_OtherWays") -> Iterator[Sentence]:
    """Those that did not move: they did not converge, failed, were lost, cancelled or skipped."""
    for outcome, what in _ENDINGS.items():
        ended = [result for result in run.results if result.outcome is outcome]
        if not ended:
            continue
        who = f"{len(ended)} of {count(len(run.results), 'migration')} {_many(what, len(ended))}: {_names(ended)}."
        numbers = [("migrations", str(len(run.results))), (outcome.value, str(len(ended)))]
        would = ""
        if outcome is Outcome.NOT_CONVERGED:
            way = other_ways.that_completes(ended[0])
            if way is not None:
                name, result = way
                would = (
                    f" {ended[0].vm} would complete by {name}: in {format_duration(result.total_s)}, "
                    f"{format_duration(result.downtime_s)} of them down."
                )
                numbers.append((f"{ended[0].vm} alone by {name}", format_duration(result.total_s)))
        yield Sentence(who + would, tuple(numbers), [result.migration_id for result in ended])


def _many(what: str, number: int) -> str:
    return what.replace("was", "were") if number > 1 else what


def _names(results: Sequence[MigrationResult]) -> str:
    names = [result.vm for result in results[:_NAMES]]
    more = len(results) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _sent_again(run: Run, other_ways: "_OtherWays") -> Iterator[Sentence]:
    """The kind of data that cost the most time because it was sent more than once."""
    seconds: dict[PieceKind, float] = defaultdict(float)
    sizes: dict[PieceKind, int] = defaultdict(int)
    by_migration: dict[tuple[PieceKind, str], float] = defaultdict(float)
    for result in run.results:
        for segment in result.segments:
            if segment.round > 1 and segment.bytes and segment.kind is not PieceKind.DEVICE_STATE:
                seconds[segment.kind] += segment.duration_s
                sizes[segment.kind] += segment.bytes
                by_migration[segment.kind, result.migration_id] += segment.duration_s
    total_s = sum(result.total_s for result in run.results)
    kind = max(seconds, key=seconds.__getitem__, default=None)
    if kind is None or seconds[kind] < _RESENT_SHARE * total_s:
        return
    worst = max(run.results, key=lambda result: by_migration[kind, result.migration_id])
    share = SHARE.format(seconds[kind] / total_s, digits=2)
    again = BYTES.format(sizes[kind])
    text = f"{share} of the total time went to sending {_data(kind)} again: {again} in round 2 or later."
    numbers = [
        ("total time of all migrations", format_duration(total_s)),
        (f"time for {_data(kind)} after round 1", format_duration(seconds[kind])),
        (f"sent of {_data(kind)} after round 1", again),
    ]
    text += other_ways.better_for(worst, lambda result: result.total_s, numbers)
    yield Sentence(text, tuple(numbers), [worst.migration_id])


def _data(kind: PieceKind) -> str:
    is_mass = kind in (PieceKind.DATABASE_BUFFERS, PieceKind.FREE, PieceKind.UNDIVIDED)
    return kind.value if is_mass else f"the {kind.value}"


def _longest_downtime(run: Run, other_ways: "_OtherWays") -> Iterator[Sentence]:
    """The migration whose guest stood still the longest."""
    worst = max(run.results, key=lambda result: result.downtime_s, default=None)
    if worst is None or worst.downtime_s < _LONG_DOWNTIME_S:
        return
    all_s = sum(result.downtime_s for result in run.results)
    text = f"{worst.vm} stood still for {format_duration(worst.downtime_s)}"
    numbers = [(f"downtime of {worst.vm}", format_duration(worst.downtime_s))]
    if len(run.results) > 1:
        text += f", {SHARE.format(worst.downtime_s / all_s, digits=2)} of all downtime of the run"
        numbers.append(("downtime of all migrations", format_duration(all_s)))
    text += "." + other_ways.better_for(worst, lambda result: result.downtime_s, numbers, "downtime")
    yield Sentence(text, tuple(numbers), [worst.migration_id])


def _free_memory(run: Run, other_ways: "_OtherWays") -> Iterator[Sentence]:
    """Bad memory that was sent though nobody needs it."""
    free = {
        result.migration_id: sum(one.bytes for one in result.segments if one.kind is PieceKind.FREE)
        for result in run.results
    }
    free_bytes, all_bytes = sum(free.values()), sum(result.transferred_bytes for result in run.results)
    if not all_bytes or free_bytes < _FREE_SHARE * all_bytes:
        return
    worst = max(run.results, key=lambda result: free[result.migration_id])
    share = SHARE.format(free_bytes / all_bytes, digits=2)
    sent = BYTES.format(free_bytes)
    text = f"{share} of all that was sent, {sent}, was free memory, which nobody needs at the target."
    numbers = [("sent", BYTES.format(all_bytes)), ("free memory sent", sent)]
    saved = other_ways.without_free_memory(worst)
    if saved is not None:
        before, after = (BYTES.format(result.transferred_bytes) for result in saved)
        text += f" With free pages skipped, {worst.vm} alone would send {after} instead of {before}."
        numbers.append((f"{worst.vm} alone as planned", before))
        numbers.append((f"{worst.vm} alone with free pages skipped", after))
    yield Sentence(text, tuple(numbers), [worst.migration_id])


def _slowed_guests(run: Run, _other_ways: "_OtherWays") -> Iterator[Sentence]:
    """Work that guests could not do while they ran, besides their downtime."""
    lost = {result.migration_id: result.lost_work_s - result.downtime_s for result in run.results}
    all_s = sum(lost.values())
    if all_s < _LOST_WORK_S or all_s < sum(result.downtime_s for result in run.results):
        return
    worst = max(run.results, key=lambda result: lost[result.migration_id])
    text = (
        f"Slowed down or waiting for pages, running guests lost {format_duration(all_s)} of their work, more than by "
        f"their downtime; most of it {worst.vm}, {format_duration(lost[worst.migration_id])}."
    )
    numbers = [("work lost while running", format_duration(all_s))]
    waits = sum(result.network_faults for result in run.results)
    if waits:
        numbers.append(("waits for a page", grouped(waits)))
    yield Sentence(text, tuple(numbers), [worst.migration_id])


def _last_one(run: Run, _other_ways: "_OtherWays") -> Iterator[Sentence]:
    """The migration for which the run alone had to go on."""
    ends = sorted(run.results, key=lambda result: result.started_s + result.total_s)
    if len(ends) < 2 or not run.makespan_s:
        return
    last, others_end_s = ends[-1], ends[-2].started_s + ends[-2].total_s
    alone_s = run.makespan_s - others_end_s
    if alone_s < _LONELY_SHARE * run.makespan_s:
        return
    whole = format_duration(run.makespan_s)
    text = f"For the last {format_duration(alone_s)} of its {whole} the run waited for {last.vm} alone."
    numbers = (("run", whole), ("all others done after", format_duration(others_end_s)))
    yield Sentence(text, numbers, [last.migration_id])


@frozen
class _OtherWays:
    """Simulates other ways for migrations of a run."""

    project: Project | None
    is_given_up: Callable[[], bool]

    def that_completes(self, result: MigrationResult) -> tuple[str, MigrationResult] | None:
        """The quickest other way by which a migration would complete."""
        found = self._found(result)
        done = [(name, other) for name, other in found[1] if other.converged] if found else []
        return min(done, key=lambda way: way[1].total_s, default=None)

    def better_for(
        self,
        result: MigrationResult,
        measure: Callable[[MigrationResult], float],
        numbers: list[tuple[str, str]],
        what: str = "time",
    ) -> str:
        """A sentence on the way that brings the most, where one brings enough; its numbers are added to `numbers`."""
        found = self._found(result)
        if found is None:
            return ""
        planned, ways = found
        better = [way for way in ways if way[1].converged and measure(way[1]) <= _BETTER * measure(planned)]
        if not better:
            return ""
        name, best = min(better, key=lambda way: measure(way[1]))
        before, after = format_duration(measure(planned)), format_duration(measure(best))
        numbers.append((f"{what} of {result.vm} alone as planned", before))
        numbers.append((f"{what} of {result.vm} alone by {name}", after))
        down = "" if what == "downtime" else f", with {format_duration(best.downtime_s)} of downtime"
        return f" Alone on the network, {name} would cut the {what} of {result.vm} from {before} to {after}{down}."

    def without_free_memory(self, result: MigrationResult) -> tuple[MigrationResult, MigrationResult] | None:
        """As planned, and with free pages skipped, where that helps."""
        move = self._migration(result)
        if move is None or move.options.free_page_hints or not self._has_options(move):
            return None
        hinted = evolve(move, options=evolve(move.options, free_page_hints=True))
        planned, spared = self._simulated(move), self._simulated(hinted)
        if planned is None or spared is None or spared.transferred_bytes > _BETTER * planned.transferred_bytes:
            return None
        return planned, spared

    def _found(self, result: MigrationResult) -> tuple[MigrationResult, list[tuple[str, MigrationResult]]] | None:
        """A migration alone as planned, and by each other way."""
        move = self._migration(result)
        planned = self._simulated(move) if move is not None else None
        if move is None or planned is None:
            return None
        ways = [(name, self._simulated(other)) for name, other in self._ways(move)]
        return planned, [(name, other) for name, other in ways if other is not None]

    def _ways(self, move: Migration) -> Iterator[tuple[str, Migration]]:
        """Other techniques, and the means that the hypervisor has. Stopping the guest at once is no way out."""
        assert self.project is not None, "a migration is one of a project"
        for technique in offered(self.project, move):
            if technique not in (move.technique, Technique.STOP_AND_COPY):
                yield technique.value, move.by(technique)
        if self._has_options(move) and move.technique is Technique.PRE_COPY and not move.options.auto_converge:
            yield "auto-converge", evolve(move, options=evolve(move.options, auto_converge=True))

    def _has_options(self, move: Migration) -> bool:
        assert self.project is not None, "a migration is one of a project"
        return policy_of(self.project.hosts[self.project.machines[move.vm_id].host_id]).offers_options

    def _migration(self, result: MigrationResult) -> Migration | None:
        found = self.project.find_plan(result.migration_id) if self.project is not None else None
        if found is None or self.project is None:
            return None
        move = found[1]
        is_same = self.project.machines[move.vm_id].name == result.vm and move.technique is result.technique
        return move if is_same else None

    def _simulated(self, move: Migration) -> MigrationResult | None:
        if self.project is None or self.is_given_up():
            return None
        with suppress(PlannerError):
            return simulate_alone(self.project, move)
        return None
