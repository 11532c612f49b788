"""The events of a run under way: nothing is lost when many become one, nor the hypervisor's own figures."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.small_projects import two_hosts
from tests.store.projects import names, shares
from vmplanner.backends.simulated import Pace, SimulatedBackend
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import Ended, Moved, Progressed
from vmplanner.domain.inputs import as_json, from_json
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.recorder import Recorder
from vmplanner.domain.results import Phase, Run
from vmplanner.engine.jobs import JobChanged, JobState, RunnerEvent
from vmplanner.engine.runner import Runner
from vmplanner.store.fields import Fields
from vmplanner.store.run_events import EVENT_TABLES, RunEvent, Started, broken_off_run, event_rows, merged, started_rows


@pytest.fixture(scope="module")
def told() -> list[RunEvent]:
    """What two migrations tell that are watched often, as the journal gets it."""
    project = two_hosts(2)
    events: list[RunEvent] = []

    def take(event: RunnerEvent) -> None:
        if isinstance(event, Progressed | Ended):
            events.append(event)
        elif isinstance(event, JobChanged) and event.state is JobState.RUNNING:
            events.append(Started(event.migration_id, event.at_s))

    Runner(project, project.plan, SimulatedBackend(Pace(20.0)), take).execute()
    return events


def test_merged_events_make_the_same_results(told: list[RunEvent]) -> None:
    project = two_hosts(2)
    moves = {move.id: move for move in project.plan.migrations}
    together = list(merged(told, {}))
    assert len(together) < len(told) / 2

    def results(events: list[RunEvent]) -> Recorder:
        recorder = Recorder(project)
        for event in events:
            if isinstance(event, Started):
                recorder.started(moves[event.migration_id], event.at_s)
            else:
                recorder.add(event)
        return recorder

    for one, other in zip(results(told).results(), results(together).results(), strict=True):
        assert other.transferred_bytes == one.transferred_bytes
        assert other.total_s == pytest.approx(one.total_s)
        assert other.downtime_s == pytest.approx(one.downtime_s)
        for phase in Phase:
            lost = [sum(s.lost_work_s for s in each.segments if s.phase is phase) for each in (one, other)]
            assert lost[0] == pytest.approx(lost[1])


def test_a_recovered_run_has_the_figures_of_the_hypervisor(told: list[RunEvent]) -> None:
    project = two_hosts(2)
    run = evolve(Runner(project, project.plan, SimulatedBackend(), lambda _event: None).execute(), results=())
    rows = [*started_rows(run), *event_rows(told)]
    runs, events = (
        [Fields(table, row) for name, row in rows if name == table] for table in ("journal_run", "journal_events")
    )
    recovered = broken_off_run(project, runs, events)
    assert recovered is not None
    assert recovered.inputs == run.inputs
    assert from_json(recovered.inputs)
    ends = {event.migration_id: event for event in told if isinstance(event, Ended)}
    for result in recovered.results:
        assert result.reported_total_s == ends[result.migration_id].reported_total_s
        assert result.reported_total_s


pieces = st.builds(
    Moved,
    piece=names,
    kind=st.sampled_from(PieceKind),
    bytes=st.integers(0, 2**50),
    time_share=shares,
    pages=st.floats(0, 2**40),
)
progress = st.builds(
    Progressed,
    migration_id=st.sampled_from(["migration-1", "migration-2"]),
    at_s=st.floats(0, 1e9),
    phase=st.sampled_from(Phase),
    round=st.integers(0, 100),
    pieces=st.lists(pieces, max_size=3).map(tuple),
    remaining_bytes=st.integers(0, 2**62),
    guest_share=shares,
    network_faults=st.floats(0, 1e9),
    throttle=shares,
)


@given(st.lists(progress, max_size=12), st.dictionaries(names, st.dictionaries(names, names)).map(as_json))
def test_a_broken_off_run_has_all_that_was_told(told: list[Progressed], inputs: str) -> None:
    project = two_hosts(2)
    recorder = Recorder(project)
    events: list[RunEvent] = []
    for move in project.plan.migrations:
        recorder.started(move, 0.0)
        events.append(Started(move.id, 0.0))
    for event in sorted(told, key=lambda event: event.at_s):
        recorder.add(event)
        events.append(event)
    run = Run("run-1", "Run", "Plan", "simulation", datetime(2026, 3, 1, tzinfo=UTC), inputs=inputs)
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(EVENT_TABLES)
        for table, row in (*started_rows(run), *event_rows(events)):
            marks = ", ".join(f":{column}" for column in row)
            database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)
        database.row_factory = sqlite3.Row
        runs, kept = (
            [Fields(table, dict(row)) for row in database.execute(f"SELECT * FROM {table}")]
            for table in ("journal_run", "journal_events")
        )
    found = broken_off_run(project, runs, kept)
    assert found == evolve(run, name="Run (broken off)", results=recorder.results())


@pytest.mark.parametrize(
    "wrong",
    [
        {"pieces": '[["heap", "heap", 1, 1.0, NaN]]'},
        {"pieces": '[["heap", "heap", 1, 1.0, -1]]'},
        {"pieces": '[["heap", "heap", 1, 1.0, 1e300]]'},
        {"pieces": '[["heap", "heap", 1, 1.0, 1, 2]]'},
        {"pieces": '[["heap", "heap", -1, 1.0]]'},
        {"throttle": 3.0},
        {"remaining_bytes": -1},
    ],
)
def test_wrong_values_in_a_journal_are_told(wrong: dict[str, str | float]) -> None:
    project = two_hosts()
    run = Run("run-1", "Run", "Plan", "simulation", datetime(2026, 3, 1, tzinfo=UTC))
    moved = (Moved("heap", PieceKind.HEAP, 4096, 1.0, 1.0),)
    told = [Started("migration-1", 0.0), Progressed("migration-1", 1.0, Phase.PRE_COPY, 1, moved, 0)]
    rows = [Fields("table journal_events", row) for _, row in event_rows(told)]
    [(_, last)] = event_rows(told[1:])
    rows[-1] = Fields("table journal_events, row 2", {**last, **wrong})
    with pytest.raises(PlannerError, match="must be"):
        broken_off_run(project, [Fields("table journal_run", row) for _, row in started_rows(run)], rows)
