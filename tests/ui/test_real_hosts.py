"""Real hosts in the window: they are discovered, asked about before anything moves, watched, and never left unsaid.

The hosts are fakes (tests/backends/xen/fake_hosts.py): scripts in the place of ssh and xl.
"""

from collections.abc import Callable

import pytest
from attrs import evolve
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMessageBox, QPlainTextEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from tests.backends.xen.fake_hosts import FakeHosts
from tests.ui.person import Person
from vmplanner.backends.xen.under_way import Register, UnderWay
from vmplanner.backends.xen.xl import new_folder
from vmplanner.domain import edits
from vmplanner.domain.access import Access
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.results import Outcome
from vmplanner.domain.topology import Host, Link, PolicyName
from vmplanner.ui.dialogs.discover_hosts import DiscoverHosts
from vmplanner.ui.dialogs.left_moves import LeftMoves
from vmplanner.ui.dialogs.real_run import RealRun
from vmplanner.ui.run_control import Where
from vmplanner.ui.window import MainWindow
from vmplanner.ui.xen_settings import xen_settings

pytest_plugins = ("tests.ui.window_fixtures", "tests.backends.xen.fake_fixtures")

Answer = QMessageBox.StandardButton
LEFT = Qt.MouseButton.LeftButton
OpenProject = Callable[[Project], MainWindow]
UUID = "494e200b-cc65-463a-a672-000000000003"


def two_xen_hosts(technique: Technique = Technique.PRE_COPY) -> Project:
    """The fake hosts as they are drawn, and the plan to move the guest."""
    drawn = [
        Host(name, name, PolicyName.XEN_4, 16 * GIB, access=Access(f"root@{name}", name)) for name in ("xen-a", "xen-b")
    ]
    guest = VirtualMachine("vm-1", "guest", "xen-a", 128 * MIB, uuid=UUID)
    plan = Plan("plan-1", "Plan", [Migration("migration-1", "vm-1", "xen-b", technique)])
    return Project.of(*drawn, Link("link-1", "xen-a", "xen-b", 125e6), guest, plan)


def open_dialog(window: MainWindow, kind: type, qtbot: QtBot):
    qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(kind)))
    return next(each for each in window.findChildren(kind) if each.isVisible())


def press(dialog, text: str) -> None:
    [button] = [each for each in dialog.findChildren(QPushButton) if each.text() == text and each.isVisible()]
    assert button.isEnabled()
    QTest.mouseClick(button, LEFT)


@pytest.fixture
def planned(person: Person, open_project: OpenProject, hosts: FakeHosts) -> Person:
    """The plan is on the Run page, and is to be carried out on real hosts."""
    open_project(two_xen_hosts())
    person.window.show_run()
    person.choose("Where the plan runs", "Real Xen hosts")
    return person


@pytest.fixture
def asked(planned: Person, qtbot: QtBot) -> RealRun:
    """The last question, with all that there is to see."""
    planned.press("Run on real hosts...")
    dialog = open_dialog(planned.window, RealRun, qtbot)
    qtbot.waitUntil(dialog.move_button.isVisible)
    return dialog


class TestAddresses:
    @pytest.fixture
    def opened(self, person: Person, open_project: OpenProject) -> Person:
        open_project(evolve(two_xen_hosts()))
        person.window.selection.select(["xen-a"])
        opener = person.find(QToolButton, "Edit real host")
        person.window.inspector.ensureWidgetVisible(opener)
        QTest.mouseClick(opener, LEFT)
        return person

    def test_they_are_entered_each_as_one_step(self, opened: Person) -> None:
        opened.enter("Address", "ssh://admin@xen-a:2222")
        opened.enter("Migration address", "10.0.0.1")
        assert opened.project.hosts["xen-a"].access == Access("ssh://admin@xen-a:2222", "10.0.0.1")
        assert opened.undo_text == "Undo change migration address of xen-a"
        opened.use("Edit", "Undo")
        assert opened.project.hosts["xen-a"].access.migration_address == "xen-a"

    @pytest.mark.parametrize("text", ["-oProxyCommand=reboot", "a b", "$(reboot)"])
    def test_what_is_no_address_is_refused(self, opened: Person, text: str) -> None:
        opened.enter("Address", text)
        assert opened.refusal("Address").startswith("Address must be such as root@xen-a")
        assert opened.project.hosts["xen-a"].access.address == "root@xen-a"


class TestDiscover:
    @pytest.fixture
    def dialog(self, person: Person, open_project: OpenProject, hosts: FakeHosts, qtbot: QtBot) -> DiscoverHosts:
        open_project(Project())
        person.use("File", "Discover hosts...")
        return open_dialog(person.window, DiscoverHosts, qtbot)

    def ask(self, dialog: DiscoverHosts, *addresses: str) -> None:
        dialog.findChild(QPlainTextEdit).setPlainText("\n".join(addresses))
        press(dialog, "Discover")

    def test_hosts_and_vms_come_with_their_addresses_as_one_step(
        self, dialog: DiscoverHosts, person: Person, qtbot: QtBot
    ) -> None:
        self.ask(dialog, "root@xen-a", "", "root@xen-b", "root@xen-a")
        qtbot.waitUntil(dialog.view.isVisible)
        assert person.project.hosts == {}
        press(dialog, "Import")
        hosts = {host.name: host for host in person.project.hosts.values()}
        assert {name: host.access.address for name, host in hosts.items()} == {
            "xen-a": "root@xen-a",
            "xen-b": "root@xen-b",
        }
        [guest] = person.project.machines.values()
        assert (guest.name, guest.uuid, guest.host_id) == ("guest", UUID, hosts["xen-a"].id)
        person.use("Edit", "Undo")
        assert person.project.hosts == {}

    def test_known_hosts_are_asked_again_and_only_their_address_is_new(
        self, dialog: DiscoverHosts, person: Person, qtbot: QtBot
    ) -> None:
        self.ask(dialog, "root@xen-a")
        qtbot.waitUntil(dialog.view.isVisible)
        press(dialog, "Import")
        [host] = person.project.hosts.values()
        person.window.document.push(edits.replace(host, evolve(host, access=Access()), "Forget"))
        person.use("File", "Discover hosts...")
        again = open_dialog(person.window, DiscoverHosts, qtbot)
        self.ask(again, "root@xen-a")
        qtbot.waitUntil(again.view.isVisible)
        assert [entry.what for _, entry in again.view.changes.rows if entry.kind == "Host"] == ["address root@xen-a"]
        press(again, "Import")
        assert person.undo_text == "Undo set the address of 1 host"

    @pytest.mark.parametrize(
        ("trouble", "words"),
        [("silent", "nothing answers at that address"), ("changed", "its key is not the one that you know")],
    )
    def test_what_can_t_be_reached_is_told_in_words(
        self, dialog: DiscoverHosts, hosts: FakeHosts, qtbot: QtBot, trouble: str, words: str
    ) -> None:
        (hosts.folder / "xen-a" / trouble).touch()
        self.ask(dialog, "root@xen-a")
        qtbot.waitUntil(dialog.choice.refusal.isVisible)
        assert words in dialog.choice.refusal.text()

    def test_what_is_no_address_is_refused(self, dialog: DiscoverHosts) -> None:
        self.ask(dialog, "-oProxyCommand=reboot")
        assert "must be such as root@xen-a" in dialog.choice.refusal.text()

    def test_an_unknown_key_is_shown_and_kept_when_it_is_trusted(
        self, dialog: DiscoverHosts, hosts: FakeHosts, person: Person, qtbot: QtBot
    ) -> None:
        hosts.make_unknown("xen-a")

        def ask() -> None:
            self.ask(dialog, "root@xen-a")
            qtbot.waitUntil(dialog.view.isVisible)

        question = person.answering(Answer.Yes, ask)
        assert question == "root@xen-a is not among your known hosts. Is this its key?"
        assert (hosts.folder / "known_hosts").read_text().startswith("xen-a ssh-ed25519 ")

    def test_an_unknown_key_that_is_not_trusted_ends_it(
        self, dialog: DiscoverHosts, hosts: FakeHosts, person: Person, qtbot: QtBot
    ) -> None:
        hosts.make_unknown("xen-a")

        def ask() -> None:
            self.ask(dialog, "root@xen-a")
            qtbot.waitUntil(dialog.choice.refusal.isVisible)

        person.answering(Answer.No, ask)
        assert "was not accepted" in dialog.choice.refusal.text()
        assert not (hosts.folder / "known_hosts").exists()

    def test_it_can_be_cancelled_while_a_host_does_not_answer(
        self, dialog: DiscoverHosts, hosts: FakeHosts, qtbot: QtBot
    ) -> None:
        (hosts.folder / "xen-a" / "hangs").touch()
        self.ask(dialog, "root@xen-a")
        qtbot.waitUntil(lambda: dialog.search.detail.text() == "Reaching root@xen-a")
        press(dialog, "Cancel")
        assert dialog.choice.isVisible()


class TestBefore:
    def test_real_is_plain_to_see_and_simulated_speed_is_of_no_use(self, planned: Person) -> None:
        page = planned.window.run_page
        assert page.badge.isVisible()
        assert not page.speed.isEnabled()
        planned.choose("Where the plan runs", "Simulation")
        assert not page.badge.isVisible()
        assert page.speed.isEnabled()
        assert planned.find(QPushButton, "Run the plan").isEnabled()

    def test_everything_that_will_move_is_listed_and_enter_cancels(
        self, asked: RealRun, planned: Person, hosts: FakeHosts
    ) -> None:
        model = asked.table.model()
        row = [model.index(0, column).data() for column in range(model.columnCount())]
        assert row[:5] == ["guest", "128 MiB", "root@xen-a", "root@xen-b", "pre-copy"]
        assert all(text.endswith(("s", "ms")) for text in row[5:])
        assert asked.move_button.text() == "Move 1 VM on real hosts"
        assert asked.move_button.isEnabled()
        QTest.keyClick(asked, Qt.Key.Key_Return)
        assert not planned.window.engine.is_running
        assert not any("migrate" in line for line in hosts.told())

    def test_what_is_missing_is_told_and_blocks(
        self, person: Person, open_project: OpenProject, hosts: FakeHosts, qtbot: QtBot
    ) -> None:
        project = two_xen_hosts(Technique.POST_COPY)
        bare = evolve(project.hosts["xen-b"], access=Access())
        machine = evolve(project.machines["vm-1"], uuid="")
        for changed, words in (
            ({"hosts": {**project.hosts, "xen-b": bare}}, "xen-b has no address"),
            ({"machines": {"vm-1": machine}}, "guest has no uuid"),
        ):
            window = open_project(evolve(two_xen_hosts(), **changed))
            window.runs.turn_to(Where.XEN)
            person.use("Run", "Run the plan")
            dialog = open_dialog(window, RealRun, qtbot)
            qtbot.waitUntil(dialog.problems.isVisible)
            assert words in dialog.problems.text()
            assert not dialog.move_button.isEnabled()
            dialog.reject()

    def test_a_host_that_does_not_answer_blocks(self, planned: Person, hosts: FakeHosts, qtbot: QtBot) -> None:
        (hosts.folder / "xen-b" / "silent").touch()
        planned.press("Run on real hosts...")
        dialog = open_dialog(planned.window, RealRun, qtbot)
        qtbot.waitUntil(dialog.problems.isVisible)
        assert dialog.problems.text().startswith("root@xen-b can't be reached: nothing answers")
        assert not dialog.move_button.isEnabled()
        (hosts.folder / "xen-b" / "silent").unlink()
        press(dialog, "Check again")
        qtbot.waitUntil(dialog.move_button.isEnabled)
        dialog.reject()

    def test_settings_are_the_user_s_own(self, asked: RealRun, planned: Person) -> None:
        asked.transport.setText("carry {host}")
        press(asked, "Check again")
        assert xen_settings().transport == "carry {host}"
        assert "carry" not in str(planned.project)
        asked.reject()

    def test_another_project_begins_in_the_simulation(self, planned: Person, open_project: OpenProject) -> None:
        open_project(two_xen_hosts())
        assert planned.window.runs.where is Where.SIMULATION
        planned.window.show_run()
        assert planned.find(QComboBox, "Where the plan runs").currentText() == "Simulation"


class TestRun:
    def test_a_vm_moves_and_the_drawing_shows_where_it_is(
        self, asked: RealRun, planned: Person, hosts: FakeHosts, qtbot: QtBot
    ) -> None:
        window = planned.window
        with qtbot.waitSignal(window.engine.ended, timeout=10_000):
            press(asked, "Move 1 VM on real hosts")
        predicted, run = planned.project.runs
        assert (run.backend, predicted.backend) == ("xen", "simulation")
        assert predicted.name == f"{run.name}, predicted"
        assert run.results[0].outcome is Outcome.COMPLETED
        assert hosts.vms("xen-b") == ["guest"]
        assert planned.project.machines["vm-1"].host_id == "xen-b"
        assert planned.project.plan.migrations == ()
        assert planned.undo_text == f"Undo place VMs that {run.name} moved"
        assert window.run_page.where.isEnabled()
        window.show_stacks()
        assert window.stacks_page.run == run
        assert window.stacks_page.compare.run_ids == [predicted.id]

    def test_its_rounds_are_seen_and_it_can_be_cancelled(
        self, asked: RealRun, planned: Person, hosts: FakeHosts, qtbot: QtBot
    ) -> None:
        hosts.hold(True)
        press(asked, "Move 1 VM on real hosts")
        qtbot.waitUntil(lambda: bool(planned.rows()) and planned.rows()[0][4] == "pre-copy, round 1", timeout=10_000)
        assert planned.rows()[0][5] == "64 MiB"
        assert planned.window.run_page.badge.isVisible()
        assert not planned.window.run_page.where.isEnabled()
        with qtbot.waitSignal(planned.window.engine.ended, timeout=10_000):
            planned.press("Cancel all")
        assert planned.rows()[0][2] == "cancelled"
        assert hosts.vms("xen-a") == ["guest"]
        assert planned.project.machines["vm-1"].host_id == "xen-a"

    def test_a_window_that_closes_says_that_it_goes_on_and_offers_it_at_the_next_start(
        self, asked: RealRun, planned: Person, hosts: FakeHosts, qtbot: QtBot
    ) -> None:
        window = planned.window
        hosts.hold(True)
        press(asked, "Move 1 VM on real hosts")
        qtbot.waitUntil(lambda: window.monitor.clock_s > 0 and bool(planned.rows()[0][4]), timeout=10_000)
        question = planned.answering(Answer.No, lambda: window.files.new() or planned.wait_for_disk())
        assert question == "Real hosts are moving guest."
        assert window.engine.is_running
        planned.answering(Answer.Yes, lambda: window.files.new() or planned.wait_for_disk())
        assert not window.engine.is_running
        qtbot.waitUntil(lambda: bool(Register(hosts.settings.register).left()[0]))
        hosts.hold(False)
        window.real_hosts.offer_left()
        dialog = open_dialog(window, LeftMoves, qtbot)
        press(dialog, "Follow them")
        qtbot.waitUntil(dialog.words.isVisible, timeout=10_000)
        assert dialog.words.text() == "guest is on root@xen-b."
        assert hosts.vms("xen-b") == ["guest"]
        press(dialog, "Close")


class TestLeft:
    def note(self, hosts: FakeHosts) -> None:
        register = Register(hosts.settings.register)
        at = "2026-11-22T23:00:00+00:00"
        note = UnderWay("m", "guest", UUID, "root@xen-a", "root@xen-b", new_folder(), 128 * MIB, at)
        register.add(note)
        register.release(note)

    def test_it_is_offered_and_may_be_left_for_later(self, window: MainWindow, hosts: FakeHosts, qtbot: QtBot) -> None:
        self.note(hosts)
        window.real_hosts.offer_left()
        dialog = open_dialog(window, LeftMoves, qtbot)
        press(dialog, "Later")
        QApplication.processEvents()
        assert hosts.told() == []
        assert len(Register(hosts.settings.register).left()[0]) == 1

    def test_a_damaged_note_is_named(self, window: MainWindow, hosts: FakeHosts, qtbot: QtBot) -> None:
        hosts.settings.register.mkdir(parents=True)
        (hosts.settings.register / "bad.json").write_text("{")
        window.real_hosts.offer_left()
        dialog = open_dialog(window, LeftMoves, qtbot)
        assert "bad.json" in dialog.faults.text().replace("\N{ZERO WIDTH SPACE}", "")
        dialog.reject()

    def test_nothing_is_offered_where_nothing_was_left(self, window: MainWindow, hosts: FakeHosts) -> None:
        window.real_hosts.offer_left()
        assert not window.findChildren(LeftMoves)

    def test_who_asks_is_told_that_nothing_was_left(self, person: Person, hosts: FakeHosts) -> None:
        person.use("Run", "Follow what was left...")
        assert "No move on real hosts was left under way" in person.read_message()
