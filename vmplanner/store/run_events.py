"""The events of a run under way as rows of the journal, and the run that they make when it never came to its end."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from attrs import frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import Ended, Moved, Progressed
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.project import Project
from vmplanner.domain.recorder import Recorder
from vmplanner.domain.results import Outcome, Phase, Run
from vmplanner.store.fields import Fields
from vmplanner.store.platform_rows import Row

EVENT_TABLES = """
CREATE TABLE journal_run (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    plan_name TEXT NOT NULL,
    backend TEXT NOT NULL,
    started_at TEXT NOT NULL
) STRICT;

CREATE TABLE journal_events (
    position INTEGER PRIMARY KEY,
    kind TEXT NOT NULL, -- started, progressed, ended
    migration_id TEXT NOT NULL,
    at_s REAL NOT NULL, -- on the run's clock
    phase TEXT, -- from here to network_faults: of progressed only
    round INTEGER,
    pieces TEXT, -- a JSON list of [piece, kind, bytes, share of the time]
    remaining_bytes INTEGER,
    guest_share REAL,
    network_faults REAL,
    outcome TEXT, -- of ended only
    reason TEXT
) STRICT;
"""


@frozen
class Started:
    """A migration of the run has started."""

    migration_id: str
    at_s: float


RunEvent = Started | Progressed | Ended


def event_rows(run: Run, events: Iterable[RunEvent]) -> Iterator[tuple[str, Row]]:
    """The rows of events that have just happened in `run`, by table."""
    yield (
        "journal_run",
        {
            "id": run.id,
            "name": run.name,
            "plan_name": run.plan_name,
            "backend": run.backend,
            "started_at": run.started_at.isoformat(),
        },
    )
    for event in events:
        row: Row = {"migration_id": event.migration_id, "at_s": event.at_s}
        match event:
            case Started():
                row["kind"] = "started"
            case Ended():
                row |= {"kind": "ended", "outcome": event.outcome.value, "reason": event.reason}
            case Progressed():
                pieces = [[moved.piece, moved.kind.value, moved.bytes, moved.time_share] for moved in event.pieces]
                row |= {
                    "kind": "progressed",
                    "phase": event.phase.value,
                    "round": event.round,
                    "pieces": json.dumps(pieces, ensure_ascii=False),
                    "remaining_bytes": event.remaining_bytes,
                    "guest_share": event.guest_share,
                    "network_faults": event.network_faults,
                }
        yield "journal_events", row


def broken_off_run(project: Project, runs: Sequence[Fields], events: Iterable[Fields]) -> Run | None:
    """The run of `project` that these rows tell of, with what was known when it broke off; None where there is none.

    Migrations that had not ended have failed, for the reason "not finished". Raises PlannerError for wrong rows.
    """
    recorder = Recorder(project)
    moves = {move.id: move for plan in project.plans.values() for move in plan.migrations}
    started: set[str] = set()
    for row in events:
        event = _event(row)
        if isinstance(event, Started):
            if event.migration_id in moves:
                recorder.started(moves[event.migration_id], event.at_s)
                started.add(event.migration_id)
        elif event.migration_id in started:
            recorder.add(event)
    if not runs or not started:
        return None
    run = runs[-1]
    return run.build(
        lambda: Run(
            id=run.text("id"),
            name=f"{run.text('name')} (broken off)",
            plan_name=run.text("plan_name"),
            backend=run.text("backend"),
            started_at=datetime.fromisoformat(run.text("started_at")),
            results=recorder.results(),
        )
    )


def _event(row: Fields) -> RunEvent:
    migration_id, at_s = row.text("migration_id"), row.real("at_s")
    match row.text("kind"):
        case "started":
            return Started(migration_id, at_s)
        case "ended":
            return Ended(migration_id, at_s, row.choice("outcome", Outcome), row.text("reason"))
        case "progressed":
            return Progressed(
                migration_id,
                at_s,
                row.choice("phase", Phase),
                row.whole("round"),
                tuple(map(_moved, row.json_items("pieces"))),
                row.whole("remaining_bytes"),
                row.real("guest_share"),
                row.real("network_faults"),
            )
    raise row.error("kind", "must be started, progressed or ended")


def _moved(item: object) -> Moved:
    match item:
        case [str() as piece, str() as kind, int() as moved_bytes, (int() | float()) as share] if kind in set(
            PieceKind
        ):
            return Moved(piece, PieceKind(kind), moved_bytes, share)
    raise PlannerError("pieces must be lists of piece, kind, bytes and share of the time")
