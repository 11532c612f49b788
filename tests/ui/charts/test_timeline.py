"""The timeline's axis, rows and loads: zoom at the pointer, one cursor for all charts, and nothing lost."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts
from vmplanner.analysis.link_loads import link_loads
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.engine.runner import run_plan
from vmplanner.ui.charts.timeline_panel import TimelinePanel
from vmplanner.ui.charts.timeline_rows import Grouped, rows_of


@pytest.fixture
def project() -> Project:
    return two_hosts(5, max_concurrent=2)


@pytest.fixture
def run(project: Project) -> Run:
    return run_plan(project, project.plan, SimulatedBackend()).run


@pytest.fixture
def panel(qtbot: QtBot, project: Project, run: Run) -> TimelinePanel:
    panel = TimelinePanel(may_shift=False)
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.controls)
    panel.resize(900, 400)
    panel.show_run(project, project.plan, run)
    panel.show()
    return panel


def _wheel(panel: TimelinePanel, x: float, steps: int) -> None:
    viewport, at = panel.timeline.viewport(), QPointF(x, 60)
    event = QWheelEvent(
        at,
        QPointF(viewport.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def test_the_wheel_zooms_at_the_pointer_and_fit_shows_all_again(panel: TimelinePanel) -> None:
    axis = panel.axis
    x = panel.timeline.bar(3).center().x()
    before_s = axis.seconds(x)
    _wheel(panel, x, 4)
    assert axis.last_s - axis.first_s < 0.5 * axis.end_s
    assert axis.seconds(x) == pytest.approx(before_s)
    _wheel(panel, x, -40)
    assert (axis.first_s, axis.last_s) == (0.0, axis.end_s)
    _wheel(panel, x, 4)
    axis.fit()
    assert not axis.is_zoomed


def test_all_charts_share_one_cursor(panel: TimelinePanel) -> None:
    panel.axis.set_moment(2.0)
    assert panel.timeline.moment_s == 2.0
    told: list[float] = []
    panel.timeline.moment_changed.connect(told.append)
    panel.axis.set_moment(1e9)
    assert told == [panel.axis.end_s]


def test_by_host_each_migration_is_at_its_source_and_its_target_and_none_covers_another(run: Run) -> None:
    rows = rows_of(run.results, Grouped.HOST)
    assert [row.name for row in rows if row.name] == ["alpha", "beta"]
    assert sorted(number for row in rows for number in row.numbers) == sorted([*range(5), *range(5)])
    for row in rows:
        lane = [run.results[number] for number in row.numbers]
        for one, other in pairwise(lane):
            assert one.started_s + one.total_s <= other.started_s + 1e-9


def test_a_link_has_carried_every_byte_that_was_sent(project: Project, run: Run) -> None:
    [load] = link_loads(project, run.results)
    assert load.name == "alpha - beta, from alpha"
    assert load.sent_bytes == sum(result.transferred_bytes for result in run.results)
    edges = np.linspace(0, run.makespan_s, 101)
    rates = sum(flow.rates(edges) for flow in load.flows)
    assert float((rates * np.diff(edges)).sum()) == pytest.approx(load.sent_bytes)
    assert load.capacity_bytes_per_s == 125e6
