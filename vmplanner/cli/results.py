"""What came of a run, as JSON values and as a table."""

from typing import Any

from tabulate import tabulate

from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.domain.results import MigrationResult, Run, Segment


def run_as_json(run: Run) -> dict[str, Any]:
    return {
        "run": run.name,
        "makespan_s": run.makespan_s,
        "migrations": [
            result_as_json(result) | {"segments": [_segment_as_json(segment) for segment in result.segments]}
            for result in run.results
        ],
    }


def result_as_json(result: MigrationResult) -> dict[str, Any]:
    return {
        "id": result.migration_id,
        "vm": result.vm,
        "source": result.source,
        "target": result.target,
        "technique": result.technique,
        "policy": result.policy,
        "started_s": result.started_s,
        "total_s": result.total_s,
        "downtime_s": result.downtime_s,
        "settled_s": result.settled_s,
        "lost_work_s": result.lost_work_s,
        "network_faults": result.network_faults,
        "reported_total_s": result.reported_total_s,
        "reported_downtime_s": result.reported_downtime_s,
        "transferred_bytes": result.transferred_bytes,
        "rounds": result.rounds,
        "converged": result.converged,
        "outcome": result.outcome,
        "reason": result.reason,
    }


def _segment_as_json(segment: Segment) -> dict[str, Any]:
    return {
        "phase": segment.phase,
        "piece": segment.piece,
        "kind": segment.kind,
        "round": segment.round,
        "start_s": segment.start_s,
        "duration_s": segment.duration_s,
        "bytes": segment.bytes,
        "guest_share": segment.guest_share,
    }


def run_as_table(run: Run) -> str:
    rows = [
        (
            result.vm,
            result.source,
            result.target,
            result.technique.value,
            format_duration(result.started_s),
            format_duration(result.total_s),
            format_duration(result.downtime_s),
            format_duration(result.lost_work_s),
            BYTES.format(result.transferred_bytes),
            result.rounds,
            result.ending,
        )
        for result in run.results
    ]
    times = ("start", "total time", "downtime", "work lost")
    headers = ("VM", "from", "to", "technique", *times, "sent", "rounds", "outcome")
    right = ("left",) * 4 + ("right",) * 6 + ("left",)
    table = tabulate(rows, headers=headers, colalign=right, disable_numparse=True)
    sent = sum(result.transferred_bytes for result in run.results)
    forced = "".join(f"\n{result.vm}: {result.reason}" for result in run.results if result.is_forced)
    return f"{table}\n{forced}\n{run.name}: all done after {format_duration(run.makespan_s)}, {BYTES.format(sent)} sent"
