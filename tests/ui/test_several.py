"""What several selected things share is edited in one form, in one step; what can't be changes nothing."""

from collections.abc import Callable

import pytest
from attrs import evolve
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton, QToolButton, QWidget

from tests.small_projects import two_hosts
from tests.ui.person import LEFT, Person
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Plan, Technique
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.topology import Host, Link, PolicyName
from vmplanner.ui.fields import SEVERAL
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"


def _project() -> Project:
    """Two hosts with three VMs of 1, 2 and 2 GiB, all planned to move; beta has 32 GiB."""
    project = two_hosts(3, target_memory_bytes=32 * GIB)
    machines = [project.machines[each] for each in ("vm-2", "vm-3")]
    return project.applied(Change("", [Edit(vm, evolve(vm, memory_bytes=2 * GIB)) for vm in machines]))


@pytest.fixture
def on(person: Person, open_project: Callable[[Project], MainWindow]) -> Callable[..., Person]:
    """Selects some things of the project."""

    def on(*ids: str) -> Person:
        open_project(_project())
        person.window.selection.select(ids)
        return person

    return on


def _memories(person: Person) -> list[int]:
    return [machine.memory_bytes // GIB for machine in person.project.machines.values()]


VMS = ("vm-1", "vm-2", "vm-3")


class TestVms:
    def test_what_differs_says_so_and_what_is_typed_is_for_all_in_one_step(self, on: Callable[..., Person]) -> None:
        person = on(*VMS)
        line = person.find(QLineEdit, "VM memory")
        assert (line.text(), line.placeholderText(), line.accessibleDescription()) == ("", SEVERAL, SEVERAL)
        assert person.shown("vCPUs") == "2"
        person.enter("VM memory", "8")
        assert _memories(person) == [8, 8, 8]
        assert person.undo_text == "Undo set memory of 3 VMs"
        assert person.shown("VM memory") == "8 GiB"
        person.use("Edit", "Undo")
        assert _memories(person) == [1, 2, 2]
        assert person.undo_text == "Undo"
        assert person.shown("VM memory") == ""

    def test_a_field_that_is_only_visited_changes_nothing(self, on: Callable[..., Person]) -> None:
        person = on(*VMS)
        before = person.project
        person.enter("VM memory", "")
        person.enter("vCPUs", "2")
        assert person.project is before
        assert (person.undo_text, person.refusal("VM memory")) == ("Undo", "")

    def test_escape_gives_the_several_values_back(self, on: Callable[..., Person]) -> None:
        person = on(*VMS)
        line = person.find(QLineEdit, "VM memory")
        QTest.keyClicks(line, "12")
        QTest.keyClick(line, Qt.Key.Key_Escape)
        assert (line.text(), line.placeholderText()) == ("", SEVERAL)
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert _memories(person) == [1, 2, 2]

    @pytest.mark.parametrize(
        ("field", "typed", "reason"),
        [
            ("VM memory", "much", "'much' is not a number with a unit such as '1 GiB'"),
            ("VM memory", "512 MiB", "Memory of 512 MiB is less than the 700 MiB"),
            ("vCPUs", "0", "vCPUs must be between 1 and"),
        ],
    )
    def test_what_no_vm_can_have_is_refused(
        self, on: Callable[..., Person], field: str, typed: str, reason: str
    ) -> None:
        person = on(*VMS)
        before = person.project
        person.enter(field, typed)
        assert person.refusal(field).casefold().startswith(reason.casefold())
        assert person.project is before

    def test_what_one_vm_can_not_have_is_told_by_its_name(
        self, person: Person, open_project: Callable[[Project], MainWindow]
    ) -> None:
        project = _project()
        empty = VirtualMachine("vm-9", "empty", "host-1", GIB)
        open_project(project.applied(Change("", [Edit(None, empty)])))
        person.window.selection.select([*VMS, "vm-9"])
        person.enter("VM memory", "256 MiB")
        assert person.refusal("VM memory").startswith("For web-1 (and 2 more): memory of 256 MiB is less than")
        assert _memories(person) == [1, 2, 2, 1]

    def test_a_host_a_profile_and_needs_for_all(self, on: Callable[..., Person]) -> None:
        person = on(*VMS)
        person.choose("Profile", "Idle Linux")
        assert person.undo_text == "Undo give 3 VMs the profile Idle Linux"
        assert {machine.profile.name for machine in person.project.machines.values()} == {"Idle Linux"}
        person.choose("Host", "beta")
        assert person.undo_text == "Undo place 3 VMs on beta"
        QTest.mouseClick(person.find(QToolButton, "Edit what they need"), LEFT)
        person.enter("Networks", "blue, red")
        assert person.undo_text == "Undo set networks of 3 VMs"
        assert {machine.needs.networks for machine in person.project.machines.values()} == {frozenset({"blue", "red"})}

    def test_their_moves_are_edited_with_them(self, on: Callable[..., Person]) -> None:
        person = on(*VMS)
        QTest.mouseClick(person.find(QToolButton, "Edit planned moves"), LEFT)
        person.enter("Bandwidth cap", "500 Mbit/s")
        assert person.undo_text == "Undo set bandwidth cap of 3 moves"
        assert {move.max_bandwidth_bytes_per_s for move in person.project.plan.migrations} == {62.5e6}
        person.press("Remove planned moves")
        assert not person.project.plan.migrations

    def test_other_vms_of_the_same_sort_keep_the_form(self, on: Callable[..., Person]) -> None:
        person = on(*VMS)
        line = person.find(QLineEdit, "VM memory")
        person.window.selection.select(["vm-2", "vm-3"])
        assert person.find(QLineEdit, "VM memory") is line
        assert person.shown("VM memory") == "2 GiB"
        person.enter("VM memory", "3")
        assert _memories(person) == [1, 3, 3]
        assert person.undo_text == "Undo set memory of 2 VMs"


class TestOthers:
    def test_hosts(self, on: Callable[..., Person]) -> None:
        person = on("host-1", "host-2")
        assert person.shown("Host memory") == ""
        QTest.mouseClick(person.find(QToolButton, "Edit policy values"), LEFT)
        person.enter("Resume", "25 ms")
        assert person.undo_text == "Undo set resume of 2 hosts"
        person.choose("Hypervisor", "Xen 4")
        assert person.undo_text == "Undo set hypervisor of 2 hosts, and drop 2 policy values"
        assert {(host.policy, host.policy_values) for host in person.project.hosts.values()} == {(PolicyName.XEN_4, ())}
        person.press("Make a rack")
        assert person.undo_text == "Undo make Rack 1 of 2 hosts"

    def test_different_hypervisors_are_shown_as_a_dash(self, on: Callable[..., Person]) -> None:
        person = on("host-1")
        person.choose("Hypervisor", "Xen 4")
        person.window.selection.select(["host-1", "host-2"])
        combo = person.find(QComboBox, "Hypervisor")
        assert (combo.currentText(), combo.placeholderText(), combo.accessibleDescription()) == ("", "—", SEVERAL)

    def test_links(self, person: Person, open_project: Callable[[Project], MainWindow]) -> None:
        more = Change("", [Edit(None, Host("host-3", "gamma")), Edit(None, Link("link-2", "host-2", "host-3"))])
        open_project(_project().applied(more))
        person.window.selection.select(["link-1", "link-2"])
        person.enter("Bandwidth", "25")
        assert {link.bandwidth_bytes_per_s for link in person.project.links.values()} == {3.125e9}
        assert person.undo_text == "Undo set bandwidth of 2 links"
        person.enter("Packet loss", "200 %")
        assert person.refusal("Packet loss").startswith("Loss share must be at most")

    def test_moves_of_different_techniques(self, on: Callable[..., Person]) -> None:
        person = on("migration-1")
        person.choose("Technique", "Post-copy")
        person.window.selection.select(["migration-1", "migration-2"])
        assert person.find(QComboBox, "Technique").currentIndex() == -1
        person.enter("Time limit", "2 min")
        assert [move.time_limit_s for move in person.project.plan.migrations] == [120, 120, None]
        person.choose("Technique", "Stop-and-copy")
        assert person.undo_text == "Undo set technique of 2 moves"
        techniques = [move.technique for move in person.project.plan.migrations]
        assert techniques == [Technique.STOP_AND_COPY, Technique.STOP_AND_COPY, Technique.PRE_COPY]

    def test_a_cap_that_some_have_is_taken_away_by_its_word(self, on: Callable[..., Person]) -> None:
        person = on("migration-1")
        person.enter("Bandwidth cap", "1")
        person.window.selection.select(["migration-1", "migration-2"])
        assert person.find(QLineEdit, "Bandwidth cap").placeholderText() == SEVERAL
        person.enter("Bandwidth cap", "No cap")
        assert all(move.max_bandwidth_bytes_per_s is None for move in person.project.plan.migrations)

    def test_options_of_moves_of_one_sort(self, on: Callable[..., Person]) -> None:
        person = on("migration-1", "migration-2", "migration-3")
        person.choose("Auto-converge", "On")
        assert person.undo_text == "Undo set auto-converge of 3 moves"
        assert all(move.options.auto_converge for move in person.project.plan.migrations)
        assert person.find(QLineEdit, "Highest throttle").text() == "99 %"


class TestMixed:
    def test_kinds_are_counted_and_one_can_be_kept(self, on: Callable[..., Person]) -> None:
        person = on("host-1", "host-2", "vm-1", "link-1")
        person.press("Only the VM")
        assert person.window.selection.ids == {"vm-1"}
        person.window.selection.select(["host-1", "host-2", "vm-1"])
        person.press("Only the 2 hosts")
        assert person.window.selection.ids == {"host-1", "host-2"}
        assert person.find(QComboBox, "Hypervisor").currentText() == "QEMU/KVM"

    def test_what_can_be_done_with_all_of_them(self, on: Callable[..., Person]) -> None:
        person = on("host-1", "vm-1", "link-1")
        person.press("Make a group")
        [group] = person.project.groups.values()
        assert group.member_ids == ("host-1", "vm-1")
        person.press("Remove planned moves")
        assert [move.vm_id for move in person.project.plan.migrations] == ["vm-2", "vm-3"]


def test_as_many_widgets_for_a_thousand_as_for_two(
    person: Person, open_project: Callable[[Project], MainWindow]
) -> None:
    hosts = [Host(f"host-{n}", f"h{n}") for n in range(40)]
    machines = [VirtualMachine(f"vm-{n}", f"v{n}", f"host-{n % 40}") for n in range(1000)]
    window = open_project(Project.of(*hosts, *machines, Plan("plan-1", "Plan")))

    def widgets(*ids: str) -> int:
        window.selection.select(ids)
        body = window.inspector.widget()
        assert body is not None
        return len(body.findChildren(QWidget))

    assert widgets("vm-1", "vm-2") == widgets(*(machine.id for machine in machines))
    person.enter("VM memory", "6")
    assert {machine.memory_bytes for machine in person.project.machines.values()} == {6 * GIB}
    assert person.undo_text == "Undo set memory of 1\N{NARROW NO-BREAK SPACE}000 VMs"


def test_a_preview_can_be_read_and_opened_but_not_changed(on: Callable[..., Person]) -> None:
    person = on(*VMS)
    person.window.inspector.set_read_only(True)
    before = person.project
    line = person.find(QLineEdit, "vCPUs")
    assert (line.text(), line.isReadOnly()) == ("2", True)
    QTest.mouseClick(person.find(QToolButton, "Edit what they need"), LEFT)
    assert person.find(QLineEdit, "Machine type").isReadOnly()
    assert not person.find(QPushButton, "Delete all").isEnabled()
    assert not person.find(QComboBox, "Host").isEnabled()
    QTest.keyClicks(line, "7\r")
    assert person.project is before


class _Windows(QObject):
    """The windows that show up, even for a moment."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, QWidget) and event.type() == QEvent.Type.Show and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


def test_no_other_window_flashes_while_one_selects_and_draws(on: Callable[..., Person], qapp: QApplication) -> None:
    person = on()
    project, window, windows = person.project, person.window, _Windows()
    qapp.installEventFilter(windows)
    for ids in (("host-1", "host-2"), VMS, ("host-1", "vm-1"), project.links, ("host-1",), ("vm-1",), ()):
        window.selection.select(ids)
    window.selection.select(project.hosts)
    person.use("Draw", "Make a rack")
    person.use("Edit", "Duplicate")
    window.canvas.reset_zoom()
    window.canvas.centerOn(5000, 5000)
    window.minimap.refresh()
    assert window.minimap.isVisible()
    qapp.removeEventFilter(windows)
    assert not [name for name in windows.shown if name != "QMenu"]
