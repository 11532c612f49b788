"""Runs, with their segments and samples, as rows of the project file's tables, and back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from vmplanner.domain import inputs
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.plans import Technique
from vmplanner.domain.quantities import BYTES
from vmplanner.domain.results import MigrationResult, Outcome, Phase, Run, Sample, Segment
from vmplanner.domain.topology import PolicyName
from vmplanner.store.fields import Fields, grouped
from vmplanner.store.platform_rows import Row


def run_rows(run: Run, run_position: int) -> Iterator[tuple[str, Row]]:
    """The rows of one run, by table; `run_position` is its place among the runs."""
    yield (
        "runs",
        {
            "position": run_position,
            "id": run.id,
            "name": run.name,
            "plan_name": run.plan_name,
            "backend": run.backend,
            "started_at": run.started_at.isoformat(),
            "inputs": run.inputs,
        },
    )
    for migration_position, result in enumerate(run.results, start=1):
        yield (
            "run_migrations",
            {
                "run_position": run_position,
                "position": migration_position,
                "migration_id": result.migration_id,
                "virtual_machine": result.vm,
                "source": result.source,
                "target": result.target,
                "technique": result.technique.value,
                "policy": result.policy.value,
                "outcome": result.outcome.value,
                "reason": result.reason,
                "started_s": result.started_s,
                "afterwards_s": result.afterwards_s,
                "network_faults": result.network_faults,
                "reported_total_s": result.reported_total_s,
                "reported_downtime_s": result.reported_downtime_s,
            },
        )
        for position, segment in enumerate(result.segments, start=1):
            yield (
                "segments",
                {
                    "run_position": run_position,
                    "migration_position": migration_position,
                    "position": position,
                    "phase": segment.phase.value,
                    "piece": segment.piece,
                    "kind": segment.kind.value,
                    "round": segment.round,
                    "start_s": segment.start_s,
                    "duration_s": segment.duration_s,
                    "bytes": segment.bytes,
                    "guest_share": segment.guest_share,
                    "pages": segment.pages,
                },
            )
        for position, sample in enumerate(result.samples, start=1):
            yield (
                "samples",
                {
                    "run_position": run_position,
                    "migration_position": migration_position,
                    "position": position,
                    "at_s": sample.at_s,
                    "phase": sample.phase.value,
                    "round": sample.round,
                    "remaining_bytes": sample.remaining_bytes,
                    "bytes": sample.bytes,
                    "guest_share": sample.guest_share,
                    "network_faults": sample.network_faults,
                    "throttle": sample.throttle,
                },
            )


def runs_of(tables: Mapping[str, Sequence[Fields]]) -> list[Run]:
    """The runs of rows that are given by table. Raises PlannerError that names table, row and field."""
    results = grouped(
        tables["run_migrations"],
        lambda row: row.whole("run_position"),
        "run",
        [row.whole("position") for row in tables["runs"]],
    )
    places = [(row.whole("run_position"), row.whole("position")) for row in tables["run_migrations"]]
    segments, samples = (
        grouped(
            tables[table],
            lambda row: (row.whole("run_position"), row.whole("migration_position")),
            "migration",
            places,
        )
        for table in ("segments", "samples")
    )

    def result(row: Fields) -> MigrationResult:
        place = row.whole("run_position"), row.whole("position")
        return _result(row, segments[place], samples[place])

    def run(row: Fields) -> Run:
        return Run(
            id=row.text("id"),
            name=row.text("name"),
            plan_name=row.text("plan_name"),
            backend=row.text("backend"),
            started_at=_time(row, "started_at"),
            results=[part.build(partial(result, part)) for part in results[row.whole("position")]],
            inputs=kept_inputs(row),
        )

    return [row.build(partial(run, row)) for row in tables["runs"]]


def kept_inputs(row: Fields) -> str:
    """The inputs of a run as Run has them. Raises PlannerError where the text in the row is something else."""
    text = row.text("inputs", "")
    size = len(text.encode())
    if size > inputs.MOST_BYTES:
        raise row.error("inputs", f"must have at most {BYTES.format(inputs.MOST_BYTES)}, not {BYTES.format(size)}")
    found = inputs.from_json(text)
    if text and found is None:
        raise row.error("inputs", 'must be a JSON object of objects of texts, such as {"VM db": {"memory": "1 GiB"}}')
    # Written anew, and looked at: what JSON escapes need not be text that can be saved.
    return Fields(row.where, {"inputs": inputs.as_json(found)}).text("inputs") if found is not None else ""


def _result(row: Fields, segments: Iterable[Fields], samples: Iterable[Fields]) -> MigrationResult:
    return MigrationResult(
        migration_id=row.text("migration_id"),
        vm=row.text("virtual_machine"),
        source=row.text("source"),
        target=row.text("target"),
        technique=row.choice("technique", Technique),
        policy=row.choice("policy", PolicyName),
        outcome=row.choice("outcome", Outcome),
        reason=row.text("reason"),
        started_s=row.real("started_s"),
        segments=[segment.build(partial(_segment, segment)) for segment in segments],
        afterwards_s=row.real("afterwards_s"),
        network_faults=row.whole("network_faults"),
        reported_total_s=row.optional_real("reported_total_s"),
        reported_downtime_s=row.optional_real("reported_downtime_s"),
        samples=[sample.build(_sample(sample).checked) for sample in samples],
    )


def _segment(row: Fields) -> Segment:
    return Segment(
        phase=row.choice("phase", Phase),
        piece=row.text("piece"),
        kind=row.choice("kind", PieceKind),
        round=row.whole("round"),
        start_s=row.real("start_s"),
        duration_s=row.real("duration_s"),
        bytes=row.whole("bytes"),
        guest_share=row.real("guest_share"),
        pages=row.whole("pages"),
    )


def _sample(row: Fields) -> Sample:
    return Sample(
        at_s=row.real("at_s"),
        phase=row.choice("phase", Phase),
        round=row.whole("round"),
        remaining_bytes=row.whole("remaining_bytes"),
        bytes=row.whole("bytes"),
        guest_share=row.real("guest_share"),
        network_faults=row.real("network_faults"),
        throttle=row.real("throttle"),
    )


def _time(row: Fields, column: str) -> datetime:
    try:
        return datetime.fromisoformat(row.text(column))
    except ValueError:
        raise row.error(column, f"must be a time such as 2026-03-01T12:00:00, not {row.text(column)!a}") from None
