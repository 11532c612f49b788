"""The events of a run under way as rows of the journal, and the run that they make when it never came to its end."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import Ended, Moved, Progressed
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.project import Project
from vmplanner.domain.recorder import Recorder
from vmplanner.domain.results import Outcome, Phase, Run
from vmplanner.store.fields import Fields
from vmplanner.store.platform_rows import Row
from vmplanner.store.run_rows import kept_inputs

EVENT_TABLES = """
CREATE TABLE journal_run (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    plan_name TEXT NOT NULL,
    backend TEXT NOT NULL,
    started_at TEXT NOT NULL,
    inputs TEXT NOT NULL -- as in runs
) STRICT;

CREATE TABLE journal_events (
    position INTEGER PRIMARY KEY,
    kind TEXT NOT NULL, -- started, progressed, ended
    migration_id TEXT NOT NULL,
    at_s REAL NOT NULL, -- on the run's clock
    phase TEXT, -- from here to throttle: of progressed only
    round INTEGER,
    pieces TEXT, -- a JSON list of [piece, kind, bytes, share of the time, pages]
    remaining_bytes INTEGER,
    guest_share REAL,
    network_faults REAL,
    throttle REAL,
    outcome TEXT, -- from here on: of ended only
    reason TEXT,
    reported_total_s REAL,
    reported_downtime_s REAL
) STRICT;
"""

_KINDS = frozenset(PieceKind)
_MOST_PAGES = 2**52


@frozen
class Started:
    """A migration of the run has started."""

    migration_id: str
    at_s: float


RunEvent = Started | Progressed | Ended


def merged(events: Iterable[RunEvent], known_s: Mapping[str, float]) -> Iterator[RunEvent]:
    """The same with one event for all that a migration did in a row in one phase and round: a thousand migrations tell
    more in a second than a disk should be troubled with. `known_s` says when each told something last before these.
    """
    found: list[RunEvent] = []
    last_s = dict(known_s)
    # Where the newest progress of a migration is in what was found, and since when it counts.
    open_ones: dict[str, tuple[int, float]] = {}
    for event in events:
        place, since_s = open_ones.get(event.migration_id, (-1, 0.0))
        before = found[place] if place >= 0 else None
        if not isinstance(event, Progressed):
            open_ones.pop(event.migration_id, None)
            found.append(event)
        elif isinstance(before, Progressed) and (before.phase, before.round) == (event.phase, event.round):
            found[place] = _joined(before, event, since_s)
        else:
            open_ones[event.migration_id] = len(found), last_s.get(event.migration_id, event.at_s)
            found.append(event)
        last_s[event.migration_id] = event.at_s
    yield from found


def _joined(first: Progressed, second: Progressed, since_s: float) -> Progressed:
    """Both as one that begins at `since_s`; shares of the time are means over it."""
    whole_s = second.at_s - since_s
    late = (second.at_s - first.at_s) / whole_s if whole_s > 0 else 1.0
    pieces: dict[tuple[str, PieceKind], Moved] = {}
    for event, weight in ((first, 1 - late), (second, late)):
        for moved in event.pieces:
            key = moved.piece, moved.kind
            had = pieces.get(key, Moved(*key, 0, 0.0))
            share, pages = had.time_share + weight * moved.time_share, had.pages + moved.pages
            pieces[key] = Moved(*key, had.bytes + moved.bytes, share, pages)
    return evolve(
        second,
        pieces=tuple(pieces.values()),
        guest_share=first.guest_share * (1 - late) + second.guest_share * late,
        network_faults=first.network_faults + second.network_faults,
        throttle=first.throttle * (1 - late) + second.throttle * late,
    )


def started_rows(run: Run) -> Iterator[tuple[str, Row]]:
    """The row of a run that has begun, with its table: but for its results, which the events tell."""
    yield (
        "journal_run",
        {
            "id": run.id,
            "name": run.name,
            "plan_name": run.plan_name,
            "backend": run.backend,
            "started_at": run.started_at.isoformat(),
            "inputs": run.inputs,
        },
    )


def event_rows(events: Iterable[RunEvent]) -> Iterator[tuple[str, Row]]:
    """The rows of events that have just happened in the run, by table."""
    for event in events:
        row: Row = {"migration_id": event.migration_id, "at_s": event.at_s}
        match event:
            case Started():
                row["kind"] = "started"
            case Ended():
                row |= {
                    "kind": "ended",
                    "outcome": event.outcome.value,
                    "reason": event.reason,
                    "reported_total_s": event.reported_total_s,
                    "reported_downtime_s": event.reported_downtime_s,
                }
            case Progressed():
                pieces = [[moved.piece, moved.kind.value, *moved[2:]] for moved in event.pieces]
                row |= {
                    "kind": "progressed",
                    "phase": event.phase.value,
                    "round": event.round,
                    "pieces": json.dumps(pieces, ensure_ascii=False),
                    "remaining_bytes": event.remaining_bytes,
                    "guest_share": event.guest_share,
                    "network_faults": event.network_faults,
                    "throttle": event.throttle,
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
            inputs=kept_inputs(run),
        )
    )


def _event(row: Fields) -> RunEvent:
    migration_id, at_s = row.text("migration_id"), row.real("at_s")
    match row.text("kind"):
        case "started":
            return Started(migration_id, at_s)
        case "ended":
            return Ended(
                migration_id,
                at_s,
                row.choice("outcome", Outcome),
                row.text("reason"),
                # Journals of before have no such columns.
                reported_total_s=row.optional_real("reported_total_s"),
                reported_downtime_s=row.optional_real("reported_downtime_s"),
            )
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
                row.real("throttle", 0.0),
            )
    raise row.error("kind", "must be started, progressed or ended")


def _moved(item: object) -> Moved:
    match item:
        # Journals of before have no pages.
        case [str() as piece, str() as kind, int() as size, (int() | float()) as share, *pages] if kind in _KINDS:
            match pages or [0.0]:
                case [(int() | float()) as known] if 0 <= known <= _MOST_PAGES:
                    return Moved(piece, PieceKind(kind), size, share, known)
    raise PlannerError("pieces must be lists of piece, kind, bytes, share of the time and pages")
