"""A rack or a site whose things are selected has a form of its own; each change is one step."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QListWidget, QToolButton

from tests.ui.person import LEFT, Person
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.topology import Host, Link, Position, Switch
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"


@pytest.fixture
def racks(person: Person, open_project: Callable[[Project], MainWindow]) -> Person:
    """A site of two racks: two hosts and a switch, and one host; and a host outside of them."""
    open_project(
        Project.of(
            *(Host(f"host-{n}", f"h{n}", memory_bytes=64 * GIB, position=Position(400 * n, 0)) for n in range(1, 5)),
            Switch("switch-1", "s", Position(600, -250)),
            Link("link-1", "host-1", "switch-1"),
            Link("link-2", "host-2", "switch-1"),
            VirtualMachine("vm-1", "web", "host-1", 16 * GIB),
            Group("group-1", "North", GroupKind.SITE),
            Group("group-2", "Rack 1", GroupKind.RACK, "group-1", ["host-1", "host-2"]),
            Group("group-3", "Rack 2", GroupKind.RACK, "group-1", ["host-3"]),
        )
    )
    return person


def _select_rack(person: Person) -> None:
    """As a click on the box's header does."""
    person.window.canvas.topology.select(person.window.canvas.topology.together("group-2"))


def _texts(person: Person) -> list[str]:
    labels = person.window.inspector.findChildren(QLabel)
    return [label.text().replace("\N{ZERO WIDTH SPACE}", "") for label in labels if label.isVisible()]


def test_a_rack_tells_what_it_holds(racks: Person) -> None:
    _select_rack(racks)
    QApplication.processEvents()
    texts = _texts(racks)
    assert texts[:2] == ["RACK", "Rack 1"]
    assert "2 hosts · 1 VM\n16 GiB of 128 GiB of memory used, 112 GiB free" in texts
    assert racks.shown("Name of the place") == "Rack 1"


def test_a_site_says_that_its_hosts_are_in_its_racks(racks: Person) -> None:
    racks.window.canvas.topology.select(racks.window.canvas.topology.together("group-1"))
    QApplication.processEvents()
    assert "3 in its racks" in _texts(racks)


def test_name_site_and_collapsing_are_one_step_each(racks: Person) -> None:
    _select_rack(racks)
    racks.enter("Name of the place", "Row A")
    assert racks.undo_text == "Undo change name of Rack 1"
    racks.choose("Part of", "No other place")
    assert racks.undo_text == "Undo move Row A out of North"
    racks.choose("Part of", "North")
    assert racks.project.groups["group-2"].parent_id == "group-1"
    for title in ("Undo collapse Row A", "Undo expand Row A"):
        QTest.keyClick(racks.find(QCheckBox, "Collapsed"), Qt.Key.Key_Space)
        assert racks.undo_text == title
    racks.enter("Name of the place", "Rack 2")
    assert "there is a 'Rack 2' already" in racks.refusal("Name of the place")


def test_hosts_come_and_go_and_the_rack_stays_in_view(racks: Person) -> None:
    _select_rack(racks)
    QTest.mouseClick(racks.find(QToolButton, "Edit hosts in it"), LEFT)
    hosts = racks.find(QListWidget, "Hosts of the place")
    place = next(row for row in range(hosts.count()) if hosts.item(row).text().startswith("h3"))
    hosts.item(place).setCheckState(Qt.CheckState.Checked)
    assert racks.undo_text == "Undo change hosts of Rack 1"
    groups = racks.project.groups
    assert (groups["group-2"].member_ids, groups["group-3"].member_ids) == (("host-1", "host-2", "host-3"), ())
    assert racks.window.selection.ids == {"host-1", "host-2", "host-3", "switch-1"}
    assert racks.shown("Name of the place") == "Rack 1"
    racks.use("Edit", "Undo")
    assert racks.window.selection.ids == {"host-1", "host-2", "switch-1"}
    assert racks.shown("Name of the place") == "Rack 1"


def test_all_hosts_of_a_rack_are_edited_there(racks: Person) -> None:
    _select_rack(racks)
    racks.enter("CPU cores", "48")
    assert [host.cores for host in racks.project.hosts.values()] == [48, 48, 16, 16]
    assert racks.undo_text == "Undo set CPU cores of 2 hosts"


def test_one_goes_from_a_host_to_its_rack_and_on_to_the_site(racks: Person) -> None:
    racks.window.selection.select(["host-3"])
    assert racks.find(QComboBox, "Rack or site").currentText().strip() == "Rack 2"
    racks.press("Show Rack 2")
    assert racks.shown("Name of the place") == "Rack 2"
    racks.press("Show North")
    assert racks.shown("Name of the place") == "North"
    assert racks.window.selection.ids == {"host-1", "host-2", "host-3", "switch-1"}
    racks.press("Show Rack 1")
    assert racks.shown("Name of the place") == "Rack 1"
    racks.window.selection.select(["host-3"])
    assert racks.shown("Host name") == "h3"


def test_a_host_is_put_into_a_rack(racks: Person) -> None:
    racks.window.selection.select(["host-4"])
    racks.choose("Rack or site", "    Rack 1")
    assert racks.project.groups["group-2"].member_ids == ("host-1", "host-2", "host-4")
    assert racks.undo_text == "Undo move h4 into Rack 1"


def test_several_racks_are_edited_at_once(person: Person, open_project: Callable[[Project], MainWindow]) -> None:
    open_project(
        Project.of(
            *(Host(f"host-{n}", f"h{n}", position=Position(400 * n, 0)) for n in range(1, 4)),
            Group("group-1", "Rack 1", GroupKind.RACK, None, ["host-1"], is_collapsed=True),
            Group("group-2", "Rack 2", GroupKind.RACK, None, ["host-2"]),
            Group("group-3", "North", GroupKind.SITE, None, ["host-3"]),
        )
    )
    person.window.selection.select(["host-1", "host-2"])
    box = person.find(QCheckBox, "Collapsed")
    assert box.checkState() is Qt.CheckState.PartiallyChecked
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert all(person.project.groups[each].is_collapsed for each in ("group-1", "group-2"))
    assert person.undo_text == "Undo collapse 2 places"
    person.choose("Part of", "North")
    assert person.undo_text == "Undo move 2 places into North"
    assert [group.parent_id for group in person.project.groups.values()] == ["group-3", "group-3", None]


def test_a_rack_is_dissolved(racks: Person) -> None:
    _select_rack(racks)
    racks.press("Dissolve")
    assert "group-2" not in racks.project.groups
    assert len(racks.project.hosts) == 4
