"""Sites and racks in the drawing: boxes that move, collapse, grow and take hosts in, all with the mouse."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication

from tests.ui.canvas.conftest import LEFT, NO_KEY, Hand
from vmplanner.domain.groups import Frame, Group, GroupKind
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.topology import Host, Link, Position, Switch
from vmplanner.ui.canvas.context_menu import context_menu
from vmplanner.ui.canvas.view import TopologyView

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def project() -> Project:
    """A site with two racks of two hosts and a switch each, a switch between them, and a host in no rack."""
    hosts = [
        Host(f"host-{n}", f"node-{n}", position=Position((n - 1) // 2 * 400, (n - 1) % 2 * 180)) for n in (1, 2, 3, 4)
    ]
    return Project.of(
        *hosts,
        Host("host-5", "loose", position=Position(-400, 0)),
        Switch("switch-1", "left", Position(0, -140)),
        Switch("switch-2", "right", Position(400, -140)),
        Switch("switch-3", "core", Position(200, -260)),
        Link("link-1", "switch-1", "host-1"),
        Link("link-2", "switch-1", "host-2"),
        Link("link-3", "switch-2", "host-3"),
        Link("link-4", "switch-2", "host-4"),
        Link("link-5", "switch-3", "switch-1"),
        Link("link-6", "switch-3", "switch-2"),
        Link("link-7", "host-1", "host-3"),
        VirtualMachine("vm-1", "web-1", "host-1"),
        VirtualMachine("vm-2", "web-2", "host-3"),
        Plan("plan-1", "Plan", [Migration("migration-1", "vm-1", "host-4")]),
        Group("group-1", "Site 1", GroupKind.SITE),
        Group("group-2", "Rack 1", GroupKind.RACK, "group-1", ["host-1", "host-2"]),
        Group("group-3", "Rack 2", GroupKind.RACK, "group-1", ["host-3", "host-4"]),
    )


@pytest.fixture
def view(new_view: Callable[[Project], TopologyView], project: Project) -> TopologyView:
    view = new_view(project)
    view.centerOn(100, 0)
    return view


def _header(view: TopologyView, place_id: str) -> QPointF:
    return view.topology.boxes.items[place_id].rect.topLeft() + QPointF(60, 12)


def _double_click(view: TopologyView, hand: Hand, point: QPointF) -> None:
    hand.click(point)
    at = QPointF(view.mapFromScene(point))
    viewport = view.viewport()
    event = QMouseEvent(QEvent.Type.MouseButtonDblClick, at, viewport.mapToGlobal(at), LEFT, LEFT, NO_KEY)
    QApplication.sendEvent(viewport, event)
    hand.release(point)


def _undo_text(view: TopologyView) -> str:
    return view.document.undo_stack.undoText()


def _members(view: TopologyView, place_id: str) -> tuple[str, ...]:
    return view.document.project.groups[place_id].member_ids


def test_boxes_hold_hosts_and_the_switches_that_only_they_use(view: TopologyView) -> None:
    boxes = view.topology.boxes.items
    for node_id, place_id in (("host-2", "group-2"), ("switch-1", "group-2"), ("switch-2", "group-3")):
        node = view.topology.node_item(node_id)
        assert node is not None
        assert boxes[place_id].rect.contains(node.scene_card())
    core = view.topology.node_item("switch-3")
    assert core is not None
    assert not boxes["group-2"].rect.intersects(core.scene_card())
    for inside in (core.scene_card(), boxes["group-2"].rect, boxes["group-3"].rect):
        assert boxes["group-1"].rect.contains(inside)
    assert boxes["group-1"].totals.text == "4 hosts · 2 VMs"


def test_a_box_is_dragged_with_all_in_it_in_one_step(view: TopologyView, hand: Hand) -> None:
    start = _header(view, "group-2")
    hand.drag(start, start + QPointF(-16, 64), ALT)
    project = view.document.project
    assert project.hosts["host-2"].position == Position(-16, 244)
    assert project.switches["switch-1"].position == Position(-16, -76)
    assert project.hosts["host-3"].position == Position(400, 0)
    assert _undo_text(view) == "Move Rack 1"
    view.document.undo_stack.undo()
    assert view.document.project.hosts["host-2"].position == Position(0, 180)
    assert not view.document.undo_stack.canUndo()


def test_escape_puts_a_dragged_box_back(view: TopologyView, hand: Hand) -> None:
    before = view.topology.boxes.items["group-1"].rect
    start = _header(view, "group-1")
    hand.carry(start, start + QPointF(80, 80))
    assert view.topology.boxes.items["group-1"].rect != before
    hand.key(Qt.Key.Key_Escape)
    assert view.topology.boxes.items["group-1"].rect == before
    assert not view.document.undo_stack.canUndo()


def test_a_click_on_a_header_selects_what_is_inside(view: TopologyView, hand: Hand) -> None:
    hand.click(_header(view, "group-3"))
    assert view.topology.selected_ids == {"host-3", "host-4", "switch-2"}
    assert view.topology.boxes.items["group-3"].is_selected


def test_a_double_click_collapses_and_expands(view: TopologyView, hand: Hand) -> None:
    _double_click(view, hand, _header(view, "group-2"))
    assert view.document.project.groups["group-2"].is_collapsed
    assert _undo_text(view) == "Collapse Rack 1"
    host = view.topology.node_item("host-1")
    assert host is not None
    assert not host.isVisible()
    assert view.topology.node_at(host.pos()) is None
    _double_click(view, hand, _header(view, "group-2"))
    assert not view.document.project.groups["group-2"].is_collapsed
    assert host.isVisible()
    view.document.undo_stack.undo()
    assert not host.isVisible()


def test_links_of_a_collapsed_place_end_at_its_card_as_bundles(view: TopologyView) -> None:
    for place_id in ("group-2", "group-3"):
        view.editor.toggle_place(place_id)
    view.topology.settle()
    assert view.topology.link_item("link-1") is None
    uplink, across = view.topology.link_item("link-5"), view.topology.link_item("link-7")
    assert uplink is not None
    assert across is not None
    assert across.label.text == "10 Gbit/s · 100 µs"
    card = view.topology.boxes.items["group-2"].rect.adjusted(-1, -1, 1, 1)
    assert card.contains(across.path.pointAtPercent(0)) or card.contains(across.path.pointAtPercent(1))
    view.editor.link("host-2", "host-4")
    bundle = view.topology.link_item("link-7")
    assert bundle is view.topology.link_item("link-8")
    assert bundle is not None
    assert bundle.label.text == "2 links · 20 Gbit/s"
    assert view.topology.together("link-7") == {"link-7", "link-8"}


def test_moves_inside_a_collapsed_place_are_not_drawn(view: TopologyView) -> None:
    arrow = view.topology.arrow("migration-1")
    assert arrow is not None
    assert arrow.isVisible()
    view.editor.toggle_place("group-1")
    assert not arrow.isVisible()
    view.editor.toggle_place("group-1")
    assert arrow.isVisible()


def test_a_collapsed_place_is_dragged_by_its_card(view: TopologyView, hand: Hand) -> None:
    view.editor.toggle_place("group-2")
    start = view.topology.boxes.items["group-2"].rect.center()
    hand.drag(start, start + QPointF(0, 80), ALT)
    assert view.document.project.hosts["host-1"].position == Position(0, 80)
    assert _undo_text(view) == "Move Rack 1"


def test_a_host_dropped_in_a_box_belongs_to_it(view: TopologyView, hand: Hand) -> None:
    hand.carry(hand.card("host-5"), _header(view, "group-2") + QPointF(20, 30))
    assert "Rack 1" in view.hint_bar.text()
    hand.release(_header(view, "group-2") + QPointF(20, 30))
    assert _members(view, "group-2") == ("host-1", "host-2", "host-5")
    assert _undo_text(view) == "Move loose into Rack 1"


def test_a_host_dropped_outside_leaves_its_places(view: TopologyView, hand: Hand) -> None:
    hand.drag(hand.card("host-1"), QPointF(-300, 300))
    assert _members(view, "group-2") == ("host-2",)
    assert _undo_text(view) == "Move node-1 out of Rack 1"
    view.document.undo_stack.undo()
    assert _members(view, "group-2") == ("host-1", "host-2")


def test_with_alt_a_host_stays_where_it_belongs(view: TopologyView, hand: Hand) -> None:
    hand.drag(hand.card("host-1"), QPointF(-200, 300), ALT)
    assert _members(view, "group-2") == ("host-1", "host-2")
    assert _undo_text(view) == "Move node-1"
    host = view.topology.node_item("host-1")
    assert host is not None
    assert view.topology.boxes.items["group-2"].rect.contains(host.scene_card())


def test_a_rack_dropped_outside_its_site_leaves_it(view: TopologyView, hand: Hand) -> None:
    start = _header(view, "group-2")
    hand.drag(start, start + QPointF(-350, 300))
    assert view.document.project.groups["group-2"].parent_id is None
    assert _undo_text(view) == "Move Rack 1 out of Site 1"
    start = _header(view, "group-2")
    hand.drag(start, _header(view, "group-3") + QPointF(-20, 100))
    assert view.document.project.groups["group-2"].parent_id == "group-1"


def test_the_corner_resizes_a_box_and_it_keeps_that_size(view: TopologyView, hand: Hand) -> None:
    before = view.topology.boxes.items["group-3"].rect
    hand.drag(before.bottomRight() - QPointF(4, 4), before.bottomRight() + QPointF(60, 44))
    frame = view.document.project.groups["group-3"].frame
    assert frame is not None
    assert frame.width > before.width()
    assert _undo_text(view) == "Resize Rack 2"
    after = view.topology.boxes.items["group-3"].rect
    hand.drag(after.bottomRight() - QPointF(4, 4), before.topLeft() + QPointF(10, 10))
    assert view.document.project.groups["group-3"].frame is None
    assert view.topology.boxes.items["group-3"].rect == before


def test_escape_gives_a_resized_box_its_size_back(view: TopologyView, hand: Hand) -> None:
    rect = view.topology.boxes.items["group-2"].rect
    hand.carry(rect.bottomRight() - QPointF(4, 4), rect.bottomRight() + QPointF(100, 60))
    assert view.topology.boxes.items["group-2"].rect.width() > rect.width()
    hand.key(Qt.Key.Key_Escape)
    hand.release(rect.bottomRight() + QPointF(100, 60))
    assert view.topology.boxes.items["group-2"].rect == rect
    assert _undo_text(view) == ""


def test_an_empty_place_with_a_size_takes_hosts(new_view: Callable[[Project], TopologyView]) -> None:
    rack = Group("group-1", "Rack 1", GroupKind.RACK, frame=Frame(200, -100, 320, 300))
    view = new_view(Project.of(Host("host-1", "a", position=Position(-300, 0)), rack))
    hand = Hand(view)
    hand.drag(hand.card("host-1"), QPointF(300, 40))
    assert _members(view, "group-1") == ("host-1",)


def test_the_menu_offers_what_can_be_done_with_places(view: TopologyView, hand: Hand) -> None:
    hand.click(_header(view, "group-2"))
    texts = [action.text() for action in context_menu(view).actions()]
    assert "Collapse Rack 1" in texts
    next(action for action in context_menu(view).actions() if action.text() == "Dissolve Rack 1").trigger()
    assert "group-2" not in view.document.project.groups
    assert "host-1" in view.document.project.hosts


def test_a_site_is_made_of_whole_racks_and_loose_hosts(view: TopologyView) -> None:
    view.editor.dissolve_place("group-1")
    view.topology.select({"host-1", "host-2", "host-5"})
    view.editor.make_site()
    site = next(group for group in view.document.project.groups.values() if group.kind is GroupKind.SITE)
    assert site.member_ids == ("host-5",)
    assert view.document.project.groups["group-2"].parent_id == site.id
    assert _undo_text(view) == "Make Site 1 of 3 hosts"


@pytest.mark.parametrize("zoom", [0.03, 0.1, 0.22, 0.35, 1.0])
@pytest.mark.parametrize("is_collapsed", [True, False])
def test_places_are_drawn_at_every_distance(view: TopologyView, zoom: float, is_collapsed: bool) -> None:
    if is_collapsed:
        view.editor.toggle_place("group-2")
    image = QImage(600, 400, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    rect = view.topology.content_rect()
    rect.setSize(image.size().toSizeF() / zoom)
    view.topology.render(painter, image.rect().toRectF(), rect)
    painter.end()
    pixels = {image.pixel(x, y) for x in range(0, 600, 3) for y in range(0, 400, 3)}
    assert len(pixels) > 2


@pytest.mark.parametrize("zoom", [0.45, 0.3, 0.2, 0.12])
def test_from_far_away_the_name_of_a_site_covers_none_of_its_racks(view: TopologyView, zoom: float) -> None:
    site, *racks = (view.topology.boxes.items[f"group-{n}"].legend(zoom) for n in (1, 2, 3))
    assert not site.isEmpty()
    assert not any(site.intersects(rack) for rack in racks)
