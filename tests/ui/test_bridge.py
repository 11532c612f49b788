"""A run that waits for windows is made ready beside the window, is refused where it can't be, and can be given up."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.planning.test_windows import HOUR, START, window, with_windows
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.results import Run
from vmplanner.domain.windows import WindowKind
from vmplanner.engine.jobs import JobChanged, JobState, RunEnded
from vmplanner.ui.bridge import EngineBridge


@pytest.fixture
def engine(qtbot: QtBot) -> Iterator[EngineBridge]:
    bridge = EngineBridge()
    yield bridge
    bridge.stop()


def test_a_run_begins_when_its_moves_are_put_off_to_their_windows(engine: EngineBridge, qtbot: QtBot) -> None:
    project = with_windows(window(WindowKind.BLACKOUT, 0, 2), machines=2)
    with qtbot.waitSignal(engine.ended) as ended:
        with qtbot.waitSignal(engine.begun) as begun:
            engine.start(project, SimulatedBackend())
            assert engine.is_running
        assert begun.args == [project]
    assert [result.started_s for result in ended.args[0].run.results] == [2 * HOUR] * 2
    assert not engine.is_running


def test_a_run_that_would_always_be_in_a_blackout_is_refused(engine: EngineBridge, qtbot: QtBot) -> None:
    project = with_windows(window(WindowKind.BLACKOUT, -1, 26, "FREQ=DAILY", name="Frozen"))
    with qtbot.waitSignal(engine.refused) as refused:
        engine.start(project, SimulatedBackend())
    assert "in the blackout 'Frozen'" in refused.args[0]
    assert not engine.is_running


def test_a_run_whose_end_comes_with_later_news_has_ended(engine: EngineBridge, qtbot: QtBot) -> None:
    engine._events.put(RunEnded(Run("run-1", "Run 1", "Plan", "test", START)))
    engine._events.put(JobChanged("migration-1", JobState.FAILED, 1.0, "refused to be tried again"))
    with qtbot.waitSignal(engine.ended):
        engine._drain()


def test_a_run_can_be_given_up_before_it_begins(engine: EngineBridge, qtbot: QtBot) -> None:
    begun: list[object] = []
    engine.begun.connect(begun.append)
    engine.start(with_windows(window(WindowKind.BLACKOUT, 0, 2)), SimulatedBackend())
    engine.cancel()
    assert not engine.is_running
    qtbot.wait(100)
    assert begun == []
    assert "vmplanner-waits" not in {thread.name.split("_")[0] for thread in threading.enumerate()}
