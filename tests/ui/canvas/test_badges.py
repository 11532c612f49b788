"""Findings show in the drawing where they are, and say what they are."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QToolTip

from tests.ui.canvas.conftest import Hand
from vmplanner.domain import edits
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.platform import Disk, GuestNeeds
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, TIB
from vmplanner.domain.topology import Host, Link, Position, Storage
from vmplanner.planning.preflight import Finding, Severity
from vmplanner.ui.canvas.badges import Badge
from vmplanner.ui.canvas.view import TopologyView
from vmplanner.ui.theme import look

BLOCKS = Finding(Severity.BLOCKS, "vm-1", "web-1 can't reach beta", "draw a link")
WARNS = Finding(Severity.WARNS, "host-1", "alpha is full", "move VMs away")
INFORMS = Finding(Severity.INFORMS, "link-1", "the link is slow", "use a faster one")


def _badge(view: TopologyView, thing_id: str) -> Badge:
    badge = view.topology.badge(thing_id)
    assert badge is not None
    return badge


def _colours(view: TopologyView, zoom: float) -> list[QColor]:
    """What is painted around the badge of vm-1, seen from a distance."""
    image = QImage(9, 9, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    painter.translate(4.5, 4.5)
    painter.scale(zoom, zoom)
    painter.translate(-_badge(view, "vm-1").pos())
    view.topology.render(painter, view.sceneRect(), view.sceneRect())
    painter.end()
    return [image.pixelColor(x, y) for x in range(9) for y in range(9)]


def test_each_thing_has_one_badge_where_it_is(view: TopologyView) -> None:
    view.topology.show_findings((BLOCKS, WARNS, INFORMS))
    assert view.topology.chip_rect("vm-1").contains(_badge(view, "vm-1").pos())
    for thing_id in ("host-1", "link-1"):
        assert view.topology.rect_of(thing_id).contains(_badge(view, thing_id).pos())
    view.topology.show_findings((WARNS,))
    assert view.topology.badge("vm-1") is None
    assert view.topology.badge("host-1") is not None


def test_the_worst_finding_gives_the_colour_and_all_are_told(view: TopologyView) -> None:
    less = Finding(Severity.INFORMS, "vm-1", "web-1 has 40 GiB on disks of alpha", "allow for the copy")
    view.topology.show_findings((less, BLOCKS))
    assert _badge(view, "vm-1").severity is Severity.BLOCKS
    told = view.topology.describe("vm-1")
    assert told.startswith("web-1\n4 GiB")
    first, second = "web-1 can't reach beta. To mend it: draw a link.", "web-1 has 40 GiB on disks of alpha."
    assert told.index(first) < told.index(second)


def test_long_findings_are_wrapped_and_many_are_counted(view: TopologyView) -> None:
    many = [Finding(Severity.WARNS, "vm-1", f"number {n} " + "word " * 40, "mend it") for n in range(9)]
    view.topology.show_findings(many)
    told = view.topology.describe("vm-1")
    assert max(map(len, told.splitlines())) <= 80
    assert told.endswith("... and 4 more")


def test_the_tooltip_of_a_badge_tells_the_finding(view: TopologyView) -> None:
    view.topology.show_findings((WARNS,))
    at = view.mapFromScene(_badge(view, "host-1").pos())
    event = QHelpEvent(QEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at))
    QApplication.sendEvent(view.viewport(), event)
    assert "alpha is full. To mend it: move VMs away." in QToolTip.text()
    QToolTip.hideText()


@pytest.mark.parametrize("finding", [BLOCKS, WARNS, INFORMS], ids=lambda finding: finding.thing_id)
def test_a_click_on_a_badge_selects_its_thing_and_asks_for_the_findings(
    view: TopologyView, hand: Hand, finding: Finding
) -> None:
    view.topology.show_findings((finding,))
    asked = QSignalSpy(view.topology.badge_clicked)
    # On the side that lies outside a card.
    hand.click(_badge(view, finding.thing_id).pos() + QPointF(3, -3))
    assert view.topology.selected_ids == {finding.thing_id}
    assert asked.at(0) == [finding.thing_id, {finding.thing_id}]
    hand.click(hand.chip("vm-2"))
    assert asked.count() == 1


def test_a_badge_goes_with_its_thing(view: TopologyView, hand: Hand) -> None:
    view.topology.show_findings((BLOCKS, WARNS))
    before = _badge(view, "host-1").pos(), _badge(view, "vm-1").pos()
    hand.drag(hand.card("host-1"), hand.card("host-1") + QPointF(0, -80))
    assert (_badge(view, "host-1").pos(), _badge(view, "vm-1").pos()) == tuple(p + QPointF(0, -80) for p in before)
    view.document.push(edits.delete(view.document.project, ["host-1"]))
    assert not _badge(view, "vm-1").isVisible()
    view.document.undo_stack.undo()
    assert _badge(view, "vm-1").isVisible()
    view.document.open(Project.of(Host("host-1", "other")), None)
    assert view.topology.badge("host-1") is None


def test_from_far_away_there_are_none(view: TopologyView, hand: Hand) -> None:
    view.topology.show_findings((BLOCKS,))
    assert look.theme.bad in _colours(view, 1.0)
    assert look.theme.bad in _colours(view, 0.4)
    assert look.theme.bad not in _colours(view, 0.2)
    view._zoom_to(0.2, QPoint(100, 100))
    asked = QSignalSpy(view.topology.badge_clicked)
    hand.click(_badge(view, "vm-1").pos())
    assert view.topology.selected_ids == {"vm-1"}
    assert asked.count() == 0


def test_a_storage_tells_how_full_it_can_get(new_view: Callable[[Project], TopologyView]) -> None:
    disks = GuestNeeds(disks=[Disk("data", 512 * GIB, "storage-1"), Disk("scratch", TIB)])
    machine = VirtualMachine("vm-1", "db", "host-1", needs=disks)
    array = Storage("storage-1", "array", 10 * TIB, Position(400, 0))
    view = new_view(Project.of(Host("host-1", "alpha"), array, machine))
    assert view.topology.describe("storage-1") == "array\nDisks of VMs: 0.5 of 10 TiB"
    view.document.push(edits.delete(view.document.project, ["vm-1"]))
    assert view.topology.describe("storage-1") == "array\nDisks of VMs: 0 of 10 TiB"


class TestCollapsedPlaces:
    """One badge on the card for all that it hides."""

    @pytest.fixture
    def view(self, new_view: Callable[[Project], TopologyView]) -> TopologyView:
        view = new_view(
            Project.of(
                Host("host-1", "alpha"),
                Host("host-2", "beta", position=Position(0, 240)),
                Host("host-3", "gamma", position=Position(500, 0)),
                Link("link-1", "host-1", "host-2"),
                Link("link-2", "host-2", "host-3"),
                VirtualMachine("vm-1", "web-1", "host-1"),
                Group("group-1", "Rack 1", GroupKind.RACK, None, ["host-1", "host-2"]),
            )
        )
        view.centerOn(250, 100)
        outside = Finding(Severity.WARNS, "link-2", "the link is slow", "use a faster one")
        view.topology.show_findings((INFORMS, WARNS, BLOCKS, outside))
        return view

    def test_it_sums_what_is_within_and_goes_again(self, view: TopologyView) -> None:
        view.editor.toggle_place("group-1")
        card = _badge(view, "group-1")
        assert card.isVisible()
        assert (set(card.findings), card.severity) == ({INFORMS, WARNS, BLOCKS}, Severity.BLOCKS)
        assert view.topology.badge("vm-1") is None
        assert _badge(view, "link-2").isVisible(), "one of its ends is outside"
        assert "web-1 can't reach beta" in view.topology.describe("group-1")
        view.document.undo_stack.undo()
        assert view.topology.badge("group-1") is None
        assert _badge(view, "vm-1").isVisible()

    def test_a_click_on_it_asks_for_all_of_them(self, view: TopologyView, hand: Hand) -> None:
        view.editor.toggle_place("group-1")
        asked = QSignalSpy(view.topology.badge_clicked)
        hand.click(_badge(view, "group-1").pos() + QPointF(3, -3))
        assert asked.at(0) == ["group-1", {"vm-1", "host-1", "link-1"}]
        assert {"host-1", "host-2"} <= view.topology.selected_ids
