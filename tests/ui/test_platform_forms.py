"""What hosts have and VMs need is told in the inspector, field by field; a storage is drawn like any other thing."""

from collections.abc import Callable

import pytest
from attrs import evolve
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.domain import edits
from vmplanner.domain.platform import (
    CpuVendor,
    Device,
    DeviceKind,
    Disk,
    GuestNeeds,
    HostFacts,
    PageSize,
    Platform,
)
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, TIB
from vmplanner.domain.topology import Position, Storage
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]


@pytest.fixture
def drawn(person: Person, open_project: OpenProject) -> Person:
    """Two hosts with a planned move, and a storage."""
    project = two_hosts()
    beta = evolve(project.hosts["host-2"], position=Position(400, 0))
    storage = Storage("storage-1", "array", position=Position(200, -200))
    open_project(evolve(project, hosts={**project.hosts, "host-2": beta}, storages={"storage-1": storage}))
    return person


def _open(person: Person, thing_id: str, part: str) -> None:
    person.window.selection.select([thing_id])
    _click(person, f"Edit {part}")


def _click(person: Person, name: str) -> None:
    opener = person.find(QToolButton, name)
    person.window.inspector.ensureWidgetVisible(opener)
    QTest.mouseClick(opener, Qt.MouseButton.LeftButton)


def _press(person: Person, text: str) -> None:
    person.window.inspector.ensureWidgetVisible(person.find(QPushButton, text))
    person.press(text)


def _facts(person: Person) -> HostFacts:
    return person.project.hosts["host-1"].facts


def _needs(person: Person) -> GuestNeeds:
    return person.project.machines["vm-1"].needs


def _texts(person: Person) -> list[str]:
    labels = person.window.inspector.findChildren(QLabel)
    return [label.text().replace("\N{ZERO WIDTH SPACE}", "") for label in labels if label.isVisible()]


class TestStorage:
    def test_it_is_placed_linked_named_and_deleted(self, person: Person) -> None:
        person.take("Host")
        person.click_canvas(160, 200)
        person.take("Storage")
        assert person.window.canvas.hint_bar.text() == "Click where the storage shall be. Esc cancels."
        person.click_canvas(560, 200)
        QTest.keyClick(person.window, Qt.Key.Key_L)
        person.hand.click(person.card("host-1"))
        person.hand.click(person.card("storage-1"))
        [link] = person.project.links.values()
        assert (link.end_a_id, link.end_b_id) == ("host-1", "storage-1")
        person.hand.click(person.card("storage-1"))
        person.enter("Storage name", "array")
        person.enter("Capacity", "20 TiB")
        storage = person.project.storages["storage-1"]
        assert (storage.name, storage.capacity_bytes) == ("array", 20 * TIB)
        assert person.undo_text == "Undo change capacity of array"
        QTest.keyClick(person.window.canvas, Qt.Key.Key_Delete)
        assert not person.project.storages
        assert not person.project.links
        assert person.undo_text == "Undo delete array and 1 link"
        person.use("Edit", "Undo")
        assert person.window.canvas.topology.link_item("link-1") is not None

    def test_it_is_dragged_on_the_canvas(self, drawn: Person) -> None:
        drawn.hand.drag(drawn.card("array"), drawn.card("array") + QPointF(0, 80))
        assert drawn.project.storages["storage-1"].position == Position(200, -120)
        assert drawn.undo_text == "Undo move array"

    def test_the_outline_lists_it(self, drawn: Person) -> None:
        drawn.hand.click(drawn.card("array"))
        [line] = drawn.window.outline.selectedIndexes()
        assert line.data() == "array  10 TiB"
        assert line.parent().data() == "Storage  1"

    @pytest.mark.parametrize(("typed", "reason"), [("0", "Capacity must be at least 1 B"), ("much", "'much' is not a")])
    def test_an_impossible_capacity_is_refused(self, drawn: Person, typed: str, reason: str) -> None:
        drawn.window.selection.select(["storage-1"])
        drawn.enter("Capacity", typed)
        assert drawn.refusal("Capacity").startswith(reason)
        assert drawn.undo_text == "Undo"

    def test_it_counts_in_a_selection_of_several(self, drawn: Person) -> None:
        drawn.window.selection.select(["storage-1", "host-1"])
        assert "1 host, 1 storage" in _texts(drawn)

    def test_an_empty_canvas_needs_no_help_once_it_has_one(self, person: Person) -> None:
        assert person.window.canvas.first_help.isVisible()
        person.take("Storage")
        person.click_canvas(300, 300)
        assert not person.window.canvas.first_help.isVisible()


class TestHost:
    def test_all_is_unknown_at_first(self, drawn: Person) -> None:
        _open(drawn, "host-1", "platform")
        assert "Nothing is known yet" in _texts(drawn)
        for field in ("Hypervisor version", "CPU features", "NUMA nodes", "Free disk", "VM networks"):
            assert drawn.shown(field) == ""
            assert drawn.find(QLineEdit, field).placeholderText() == "not known"
        assert drawn.find(QLineEdit, "VM limit").placeholderText() == "no limit"

    def test_each_field_is_a_step_with_a_name(self, drawn: Person) -> None:
        _open(drawn, "host-1", "platform")
        drawn.choose("Managed by", "Proxmox VE")
        assert drawn.undo_text == "Undo change managed by of alpha"
        drawn.enter("Hypervisor version", "8.2.1")
        assert drawn.undo_text == "Undo change version of alpha"
        drawn.choose("CPU vendor", "AMD")
        drawn.choose("CPU level", "x86-64-v3")
        assert drawn.undo_text == "Undo change CPU level of alpha"
        drawn.enter("CPU features", "avx2,  aes ,avx2")
        assert drawn.shown("CPU features") == "aes, avx2"
        drawn.enter("VM networks", "servers, desktops")
        assert drawn.undo_text == "Undo change VM networks of alpha"
        drawn.enter("NUMA nodes", "32, 32 GiB")
        assert drawn.shown("NUMA nodes") == "32 GiB, 32 GiB"
        drawn.enter("Free 1 GiB pages", "16")
        drawn.enter("Free disk", "2 TiB")
        drawn.enter("Outgoing moves", "2")
        assert drawn.undo_text == "Undo change outgoing moves of alpha"
        facts = _facts(drawn)
        assert (facts.platform, facts.hypervisor_version) == (Platform.PROXMOX, "8.2.1")
        assert (facts.cpu.vendor, facts.cpu.level, facts.cpu.features) == (CpuVendor.AMD, 3, {"aes", "avx2"})
        assert (facts.networks, facts.numa_node_bytes) == ({"servers", "desktops"}, (32 * GIB, 32 * GIB))
        assert (facts.free_1gib_pages, facts.free_disk_bytes, facts.limits.max_outgoing) == (16, 2 * TIB, 2)
        assert "Proxmox VE 8.2.1, AMD, x86-64-v3, 2 networks, 2 NUMA nodes" in _texts(drawn)
        assert drawn.window.document.undo_stack.count() == 10

    def test_empty_is_unknown_again(self, drawn: Person) -> None:
        before = drawn.project
        _open(drawn, "host-1", "platform")
        for field in ("Hypervisor version", "VM networks", "NUMA nodes", "Free disk", "VM limit"):
            drawn.enter(field, "8")
            drawn.enter(field, "")
        assert drawn.project == before

    @pytest.mark.parametrize(
        ("field", "typed", "reason"),
        [
            ("Hypervisor version", "newest", "Hypervisor version must begin with a number, such as 8.2.1"),
            ("NUMA nodes", "32 GiB, some", "'some' is not a number with a unit"),
            ("NUMA nodes", "0", "NUMA node must be at least 1 B"),
            ("Free 2 MiB pages", "-1", "Free 2 MiB pages must be at least 0"),
            ("Free 2 MiB pages", "few", "'few' is not a whole number"),
            ("VM limit", "1.5", "'1.5' is not a whole number"),
            ("VM networks", "x" * 201, "Networks must have at most 200 characters"),
        ],
    )
    def test_what_can_not_be_is_refused_at_the_field(self, drawn: Person, field: str, typed: str, reason: str) -> None:
        _open(drawn, "host-1", "platform")
        drawn.enter(field, typed)
        assert drawn.refusal(field).startswith(reason)
        assert drawn.undo_text == "Undo"

    def test_devices(self, drawn: Person) -> None:
        _open(drawn, "host-1", "platform")
        _press(drawn, "Add device")
        assert drawn.undo_text == "Undo add device-1 to alpha"
        drawn.enter("Device name", "A100-20C")
        drawn.choose("Kind of device", "vGPU")
        drawn.enter("Device count", "4")
        drawn.choose("Device state", "Moves with the VM")
        assert drawn.undo_text == "Undo change state of A100-20C of alpha"
        assert _facts(drawn).devices == (Device(DeviceKind.VGPU, "A100-20C", 4, True),)
        assert "4 × vGPU · can move" in _texts(drawn)
        _press(drawn, "Remove device")
        assert _facts(drawn).devices == ()
        assert drawn.undo_text == "Undo remove A100-20C from alpha"

    def test_an_open_part_stays_open_for_the_next_host(self, drawn: Person) -> None:
        _open(drawn, "host-1", "platform")
        drawn.window.selection.select(["host-2"])
        drawn.enter("VM networks", "servers")
        assert drawn.project.hosts["host-2"].facts.networks == {"servers"}
        _click(drawn, "Close platform")
        drawn.window.selection.select(["host-1"])
        assert drawn.find(QToolButton, "Edit platform").isVisible()


class TestMachine:
    def test_needs(self, drawn: Person) -> None:
        _open(drawn, "vm-1", "what it needs")
        drawn.enter("Machine type", "pc-q35-8.2")
        drawn.choose("CPU", "As its host's")
        drawn.choose("CPU level", "x86-64-v2")
        drawn.enter("Networks", "servers")
        drawn.enter("NUMA nodes", "2")
        drawn.choose("Memory pages", "2 MiB (huge)")
        assert drawn.undo_text == "Undo change memory pages of web-1"
        drawn.choose("Guest tools", "Not installed")
        needs = _needs(drawn)
        assert (needs.machine_type, needs.cpu_passthrough, needs.cpu_level) == ("pc-q35-8.2", True, 2)
        assert (needs.networks, needs.numa_nodes) == ({"servers"}, 2)
        assert (needs.page_size, needs.guest_tools) == (PageSize.HUGE, False)
        assert any(text.startswith("Pc-q35-8.2, its host's CPU, 1 network, pages of 2 MiB") for text in _texts(drawn))
        drawn.enter("NUMA nodes", "0")
        assert drawn.refusal("NUMA nodes").startswith("NUMA nodes must be between 1 and")

    def test_disks_are_added_changed_and_removed(self, drawn: Person) -> None:
        _open(drawn, "vm-1", "what it needs")
        _press(drawn, "Add disk")
        assert drawn.undo_text == "Undo add disk-1 to web-1"
        drawn.enter("Disk name", "data")
        drawn.enter("Disk size", "500 GiB")
        drawn.choose("Disk kept on", "array")
        assert drawn.undo_text == "Undo change kept on of data of web-1"
        drawn.enter("Snapshots", "3")
        assert _needs(drawn).disks == (Disk("data", 500 * GIB, "storage-1", 3),)
        assert "500 GiB · array · 3 snapshots" in _texts(drawn)
        _click(drawn, "Close disk data")
        _press(drawn, "Add disk")
        drawn.enter("Disk name", "data")
        assert drawn.refusal("Disk name") == "Disks hold two with the name 'data'"
        _press(drawn, "Remove disk")
        assert [disk.name for disk in _needs(drawn).disks] == ["data"]
        for _ in range(7):
            drawn.use("Edit", "Undo")
        assert _needs(drawn) == GuestNeeds()

    def test_a_storage_that_is_drawn_is_offered_at_once(self, drawn: Person) -> None:
        _open(drawn, "vm-1", "what it needs")
        _press(drawn, "Add disk")
        drawn.window.document.push(edits.add_storage(drawn.project, Position(600, -200)))
        drawn.choose("Disk kept on", "storage-1")
        assert _needs(drawn).disks[0].storage_id == "storage-2"
        drawn.window.selection.select(["storage-2"])
        assert "1 disk of 1 VM: 40 GiB" in _texts(drawn)


class TestFindings:
    def test_what_a_host_lacks_shows_on_the_canvas_and_a_click_leads_to_the_list(
        self, drawn: Person, qtbot: QtBot
    ) -> None:
        _open(drawn, "host-2", "platform")
        drawn.enter("VM networks", "desktops")
        _open(drawn, "vm-1", "what it needs")
        drawn.enter("Networks", "servers")
        scene, findings = drawn.window.canvas.topology, drawn.window.findings
        qtbot.waitUntil(lambda: scene.badge("vm-1") is not None)
        drawn.window.selection.select([])
        badge = scene.badge("vm-1")
        assert badge is not None
        drawn.hand.click(badge.pos())
        assert drawn.window.selection.ids == {"vm-1"}
        assert findings.list.isVisible()
        [line] = findings.list.selectedItems()
        assert "beta lacks servers" in line.text()
        drawn.window.selection.select(["host-1"])
        assert findings.list.selectedItems() == []

    def test_the_line_tells_of_what_is_selected(self, drawn: Person, qtbot: QtBot) -> None:
        for host_id, typed in (("host-2", "1"), ("host-1", "1")):
            drawn.window.selection.select([host_id])
            drawn.enter("Host memory", f"{typed} MiB")
        findings = drawn.window.findings
        qtbot.waitUntil(lambda: findings.list.count() >= 2)
        drawn.window.selection.select(["host-1"])
        assert findings.first.text().startswith("The VMs on alpha have")
        drawn.window.selection.select(["host-2"])
        assert findings.first.text().startswith("beta would need")
