"""The drawing shows the project, whatever changes in it."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from attrs import evolve
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from vmplanner.domain import edits
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.topology import Host, Link, Position, Switch
from vmplanner.ui.canvas.items import HostItem
from vmplanner.ui.canvas.routes import TakenSpace
from vmplanner.ui.canvas.view import TopologyView


def _host_item(view: TopologyView, host_id: str) -> HostItem:
    item = view.topology.node_item(host_id)
    assert isinstance(item, HostItem)
    return item


def _cards_under(view: TopologyView, path_points: list[QPointF], but: set[str]) -> set[str]:
    return {node for point in path_points if (node := view.topology.node_at(point))} - but


def test_chips_are_in_the_order_of_their_names(new_view: Callable[[Project], TopologyView]) -> None:
    names = ["web-10", "web-2", "app", "Web-1"]
    machines = [VirtualMachine(f"vm-{index}", name, "host-1") for index, name in enumerate(names)]
    view = new_view(Project.of(Host("host-1", "alpha"), *machines))
    assert [machine.name for machine in _host_item(view, "host-1").machines] == ["app", "Web-1", "web-2", "web-10"]


def test_memory_is_summed_in_the_hosts_unit(view: TopologyView) -> None:
    assert _host_item(view, "host-1").memory_text() == "12 of 64 GiB"
    host = view.document.project.hosts["host-2"]
    view.editor.push(edits.replace(host, evolve(host, memory_bytes=2048 * GIB), "Set memory"))
    assert _host_item(view, "host-2").memory_text() == "0 of 2 TiB"


def test_a_card_grows_downwards_with_its_vms(view: TopologyView) -> None:
    full, empty = _host_item(view, "host-1").scene_card(), _host_item(view, "host-2").scene_card()
    assert full.top() == empty.top()
    assert full.height() > empty.height()


def test_another_project_takes_the_place(view: TopologyView) -> None:
    view.topology.select({"host-1", "vm-1"})
    view.document.open(Project.of(Host("host-1", "other"), Host("host-9", "more", position=Position(400))), None)
    assert view.topology.all_ids() == {"host-1", "host-9"}
    assert view.topology.selected_ids == {"host-1"}


def test_a_vm_deleted_elsewhere_leaves_selection_and_card(view: TopologyView) -> None:
    view.topology.select({"vm-3", "migration-1"})
    view.document.push(edits.delete(view.document.project, {"vm-3"}))
    assert view.topology.selected_ids == frozenset()
    assert len(_host_item(view, "host-1").machines) == 2


def test_a_placed_vm_that_reached_its_target_has_no_arrow(view: TopologyView) -> None:
    machine = view.document.project.machines["vm-3"]
    view.document.push(edits.replace(machine, evolve(machine, host_id="host-2"), "Move"))
    assert view.topology.arrow("migration-1") is None


def test_arrows_between_the_same_hosts_have_their_own_ends(view: TopologyView) -> None:
    view.document.push(edits.plan_moves(view.document.project, ["vm-1", "vm-2"], "host-2"))
    arrows = [view.topology.arrow(move.id) for move in view.document.project.plan.migrations]
    ends = [arrow.path.pointAtPercent(1.0) for arrow in arrows if arrow is not None]
    heights = sorted(end.y() for end in ends)
    assert len(heights) == 3
    assert all(b - a >= 8 for a, b in pairwise(heights))
    assert {end.x() for end in ends} == {_host_item(view, "host-2").scene_card().left()}


def test_links_between_the_same_hosts_lie_side_by_side(view: TopologyView) -> None:
    view.document.push(edits.add_link(view.document.project, "host-2", "host-1"))
    first, second = view.topology.link_item("link-1"), view.topology.link_item("link-2")
    assert first is not None
    assert second is not None
    assert abs(first.path.pointAtPercent(0.5).y() - second.path.pointAtPercent(0.5).y()) >= 8


def test_lines_go_around_cards(new_view: Callable[[Project], TopologyView]) -> None:
    hosts = [Host(f"host-{n}", f"node-{n}", position=Position(n * 320, 0)) for n in range(3)]
    lower = Host("host-3", "lower", position=Position(0, 320))
    view = new_view(
        Project.of(
            *hosts,
            lower,
            Switch("switch-1", "top", Position(0, -200)),
            Link("link-1", "switch-1", "host-3"),
            VirtualMachine("vm-1", "web", "host-0"),
            Plan("plan-1", "Plan", [Migration("migration-1", "vm-1", "host-2")]),
        )
    )
    arrow, link = view.topology.arrow("migration-1"), view.topology.link_item("link-1")
    assert arrow is not None
    assert link is not None
    steps = [step / 200 for step in range(1, 200)]
    assert not _cards_under(view, [arrow.path.pointAtPercent(s) for s in steps], {"host-0", "host-2"})
    assert not _cards_under(view, [link.path.pointAtPercent(s) for s in steps], {"switch-1", "host-3"})


def test_link_labels_cover_neither_cards_nor_each_other(new_view: Callable[[Project], TopologyView]) -> None:
    hosts = [Host(f"host-{n}", f"node-{n}", position=Position(n * 272, 200)) for n in range(8)]
    links = [Link(f"link-{n}", "switch-1", f"host-{n}") for n in range(8)]
    view = new_view(Project.of(*hosts, *links, Switch("switch-1", "top", Position(900, 0))))
    view.topology.settle()
    items = [view.topology.link_item(link.id) for link in links]
    rects = [item.label.rect for item in items if item is not None and not item.label.rect.isEmpty()]
    assert len(rects) >= 6
    taken = TakenSpace()
    for host in hosts:
        taken.add(_host_item(view, host.id).scene_card())
    for rect in rects:
        assert taken.is_free(rect)
        taken.add(rect)


@pytest.mark.parametrize(("fraction", "state"), [(0.4, "running"), (1.0, "completed"), (None, "")])
def test_progress_is_shown_on_the_arrow(view: TopologyView, fraction: float | None, state: str) -> None:
    view.topology.show_progress("migration-1", fraction, state)
    view.topology.show_progress("migration-99", 0.5, "running")
    arrow = view.topology.arrow("migration-1")
    assert arrow is not None
    assert arrow.progress == (fraction, state)
    assert not view.grab().isNull()


def test_every_thing_describes_itself(view: TopologyView) -> None:
    assert "64 GiB" in view.topology.describe("host-1")
    assert view.topology.describe("link-1") == "10 Gbit/s · 100 µs"
    assert view.topology.describe("migration-1").startswith("db-1 moves to beta")
    assert view.topology.describe("vm-1").startswith("web-1")
    assert view.topology.describe("switch-1") == "core"


@pytest.mark.parametrize("zoom", [0.05, 0.2, 0.35, 1.0, 4.0])
def test_ten_thousand_vms_are_drawn_at_every_distance(new_view: Callable[[Project], TopologyView], zoom: float) -> None:
    hosts = [Host(f"host-{n}", f"n{n}", position=Position(n % 10 * 320, n // 10 * 2400)) for n in range(100)]
    machines = [VirtualMachine(f"vm-{n}", f"vm-{n}", f"host-{n % 100}") for n in range(10_000)]
    moves = [Migration(f"migration-{n}", f"vm-{n}", f"host-{(n + 7) % 100}") for n in range(50)]
    view = new_view(Project.of(*hosts, *machines, Plan("plan-1", "Plan", moves)))
    image = QImage(600, 400, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    view.topology.render(painter, QRectF(image.rect()), QRectF(0, 0, 600 / zoom, 400 / zoom))
    painter.end()
    assert len({image.pixel(x, 200) for x in range(0, 600, 3)}) > 1
