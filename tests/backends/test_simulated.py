"""The simulated backend as the engine sees it: its clock, its pace, its promptness."""

from tests.small_projects import two_hosts
from vmplanner.backends.simulated import Pace, SimulatedBackend, SimulatedSession
from vmplanner.domain.events import Ended, MigrationEvent, Progressed
from vmplanner.domain.project import Project
from vmplanner.domain.results import Outcome


def opened(project: Project, pace: Pace | None = None) -> SimulatedSession:
    session = SimulatedBackend(pace).open(project, project.plan)
    for migration in project.plan.migrations:
        session.start(migration)
    return session


def all_events(session: SimulatedSession) -> list[MigrationEvent]:
    events = []
    while (event := session.next_event(10.0)) is not None:
        events.append(event)
    return events


def test_as_fast_as_possible_takes_no_real_time_for_virtual_time() -> None:
    events = all_events(opened(two_hosts(2)))
    assert [type(event) for event in events[-1:]] == [Ended]
    times = [event.at_s for event in events]
    assert times == sorted(times)
    assert times[-1] > 5


def test_a_paced_session_shows_progress_on_the_way_and_ends_alike() -> None:
    fast = all_events(opened(two_hosts(1)))
    slow = all_events(opened(two_hosts(1), Pace(50.0)))
    assert sum(isinstance(event, Progressed) for event in slow) > sum(isinstance(event, Progressed) for event in fast)
    assert slow[-1].at_s == fast[-1].at_s or abs(slow[-1].at_s - fast[-1].at_s) < 1e-6


def test_nothing_to_do_is_no_event() -> None:
    project = two_hosts(1)
    assert SimulatedBackend().open(project, project.plan).next_event(0.0) is None


def test_a_slow_session_does_not_wait_for_its_next_event() -> None:
    """The end of the first step is days away at this pace: the time-out or a sign of progress comes instead."""
    session = opened(two_hosts(1), Pace(1e-6))
    for _ in range(3):
        event = session.next_event(0.05)
        assert event is None or (isinstance(event, Progressed) and event.at_s < 0.001)


def test_a_cancel_is_an_event_of_its_own() -> None:
    session = opened(two_hosts(2), Pace(1e-3))
    session.cancel("migration-2")
    ended = next(event for event in iter(lambda: session.next_event(5.0), None) if isinstance(event, Ended))
    assert (ended.migration_id, ended.outcome) == ("migration-2", Outcome.CANCELLED)
    session.close()
