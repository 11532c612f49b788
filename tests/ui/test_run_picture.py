"""While a plan runs the drawing shows what is going on: links carry their load, and VMs are where they have arrived."""

import pytest
from pytestqt.qtbot import QtBot

from vmplanner.domain.events import Moved, Progressed
from vmplanner.domain.machines import PieceKind, VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Phase
from vmplanner.domain.topology import Host, Link, Position
from vmplanner.engine.jobs import JobChanged, JobState
from vmplanner.ui.canvas.view import TopologyView
from vmplanner.ui.document import Document
from vmplanner.ui.run_control import RunControl
from vmplanner.ui.run_monitor import RunMonitor
from vmplanner.ui.run_picture import RunPicture


@pytest.fixture
def run(qtbot: QtBot) -> tuple[TopologyView, RunMonitor]:
    """A run has begun in which a VM moves over a link of 10 Gbit/s."""
    document = Document()
    document.open(
        Project.of(
            Host("host-1", "alpha"),
            Host("host-2", "beta", position=Position(400, 0)),
            Link("link-1", "host-1", "host-2", bandwidth_bytes_per_s=1e9),
            VirtualMachine("vm-1", "web", "host-1"),
            Plan("plan-1", "Plan", [Migration("migration-1", "vm-1", "host-2")]),
        ),
        None,
    )
    view = TopologyView(document)
    qtbot.addWidget(view)
    view.show()
    runs = RunControl(document, view)
    monitor = runs.monitor
    RunPicture(view.topology, document, runs)
    monitor.begin(document.project)
    monitor.take([JobChanged("migration-1", JobState.RUNNING, 0.0)])
    return view, monitor


def _host_of_chip(view: TopologyView) -> str | None:
    return view.topology.hit(view.topology.chip_rect("vm-1").center()).node_id


def test_links_show_how_much_of_them_is_used(run: tuple[TopologyView, RunMonitor]) -> None:
    view, monitor = run
    link = view.topology.link_item("link-1")
    assert link is not None
    moved = (Moved("data", PieceKind.HEAP, 600_000_000, 1.0),)
    monitor.take([Progressed("migration-1", 1.0, Phase.PRE_COPY, 1, moved, 0)])
    assert link.load == pytest.approx(0.6)
    assert link.label.text == "60 % of 8 Gbit/s"
    monitor.take([JobChanged("migration-1", JobState.COMPLETED, 2.0)])
    assert link.load is None


def test_a_vm_is_on_its_new_host_when_it_has_moved(run: tuple[TopologyView, RunMonitor]) -> None:
    view, monitor = run
    assert _host_of_chip(view) == "host-1"
    monitor.take([JobChanged("migration-1", JobState.COMPLETED, 2.0)])
    assert _host_of_chip(view) == "host-2"
    assert view.topology.arrow("migration-1") is None
    assert view.document.project.machines["vm-1"].host_id == "host-1"


def test_when_the_run_is_over_the_project_is_shown_again(run: tuple[TopologyView, RunMonitor]) -> None:
    view, monitor = run
    monitor.take([JobChanged("migration-1", JobState.COMPLETED, 2.0)])
    monitor.clear()
    assert _host_of_chip(view) == "host-1"
    assert view.topology.arrow("migration-1") is not None
