"""What is edited in the inspector is what the project says afterwards; what can't be is refused with the reason."""

from collections.abc import Callable

import pytest
from attrs import evolve
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QToolButton

from tests.small_projects import two_hosts, web_profile
from tests.ui.person import Person
from vmplanner.domain import edits
from vmplanner.domain.machines import HotCold, Piece, VirtualMachine
from vmplanner.domain.plans import Migration, Options, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.topology import Host, PolicyName
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]


@pytest.fixture
def at(person: Person, open_project: OpenProject) -> Callable[[str], Person]:
    """Opens two hosts with a planned move and selects a thing."""

    def at(thing_id: str) -> Person:
        open_project(two_hosts())
        person.window.selection.select([thing_id])
        return person

    return at


def _headings(person: Person) -> list[str]:
    labels = person.window.inspector.findChildren(QLabel)
    return [label.text() for label in labels if label.property("role") in ("section", "title") and label.isVisible()]


def _machine(person: Person) -> VirtualMachine:
    return person.project.machines["vm-1"]


def _migration(person: Person) -> Migration:
    return person.project.plan.migrations[0]


def _piece(person: Person, name: str) -> Piece:
    return next(piece for piece in _machine(person).profile.pieces if piece.name == name)


def _alpha(person: Person) -> Host:
    return person.project.hosts["host-1"]


def _texts(person: Person) -> list[str]:
    labels = person.window.inspector.findChildren(QLabel)
    return [label.text().replace("\N{ZERO WIDTH SPACE}", "") for label in labels if label.isVisible()]


def _fields(person: Person) -> set[str]:
    return {line.accessibleName() for line in person.window.inspector.findChildren(QLineEdit) if line.isVisible()}


class TestHost:
    def test_a_new_name_is_everywhere_at_once(self, at: Callable[[str], Person]) -> None:
        person = at("host-1")
        person.enter("Host name", "  gamma ")
        assert person.project.hosts["host-1"].name == "gamma"
        assert _headings(person) == ["HOST", "gamma"]
        assert person.undo_text == "Undo change name of alpha"
        person.use("Edit", "Undo")
        assert person.shown("Host name") == "alpha"
        assert _headings(person) == ["HOST", "alpha"]

    def test_leaving_a_field_enters_it_and_the_next_has_the_keyboard(self, at: Callable[[str], Person]) -> None:
        person = at("host-1")
        person.enter("Host name", "gamma", end=Qt.Key.Key_Tab)
        assert person.project.hosts["host-1"].name == "gamma"
        assert person.find(QComboBox, "Hypervisor").hasFocus()

    @pytest.mark.parametrize(
        ("typed", "size_bytes", "shown"),
        [
            ("32 GiB", 32 * GIB, "32 GiB"),
            ("32", 32 * GIB, "32 GiB"),
            ("1 tib", 1024 * GIB, "1 TiB"),
            ("1,5 GiB", 3 * GIB // 2, "1.5 GiB"),
        ],
    )
    def test_memory_is_understood(self, at: Callable[[str], Person], typed: str, size_bytes: int, shown: str) -> None:
        person = at("host-1")
        person.enter("Host memory", typed)
        assert person.project.hosts["host-1"].memory_bytes == size_bytes
        assert (person.shown("Host memory"), person.refusal("Host memory")) == (shown, "")
        assert person.undo_text == "Undo change memory of alpha"

    @pytest.mark.parametrize(
        ("field", "typed", "reason"),
        [
            ("Host memory", "lots", "'lots' is not a number with a unit such as '1 GiB'"),
            ("Host memory", "3 apples", "'apples' is not a unit of memory; use B, KiB, MiB, GiB, TiB"),
            ("Host memory", "0", "Memory must be at least 1 B, not 0"),
            ("Host name", "   ", "Name must not be empty"),
            ("CPU cores", "a few", "'a few' is not a whole number"),
            ("CPU cores", "0", "Cores must be between 1 and 100\N{NARROW NO-BREAK SPACE}000, not 0"),
        ],
    )
    def test_what_is_not_understood_says_why(
        self, at: Callable[[str], Person], field: str, typed: str, reason: str
    ) -> None:
        person = at("host-1")
        before = person.project
        person.enter(field, typed)
        assert person.refusal(field).startswith(reason)
        assert person.find(QLineEdit, field).property("invalid")
        assert person.shown(field).strip() == typed.strip()
        assert person.project is before
        assert person.undo_text == "Undo"

    def test_a_refusal_goes_with_escape_or_a_good_value(self, at: Callable[[str], Person]) -> None:
        person = at("host-1")
        person.enter("Host memory", "lots")
        QTest.keyClick(person.find(QLineEdit, "Host memory"), Qt.Key.Key_Escape)
        assert (person.shown("Host memory"), person.refusal("Host memory")) == ("64 GiB", "")
        person.enter("Host memory", "lots")
        person.enter("Host memory", "96")
        assert (person.shown("Host memory"), person.refusal("Host memory")) == ("96 GiB", "")

    def test_another_hypervisor_says_whose_rules_it_follows(self, at: Callable[[str], Person]) -> None:
        person = at("host-1")
        person.choose("Hypervisor", "Xen 4")
        assert person.project.hosts["host-1"].policy is PolicyName.XEN_4
        assert person.undo_text == "Undo change hypervisor of alpha"
        notes = [label.text() for label in person.window.inspector.findChildren(QLabel) if label.isVisible()]
        assert any("Xen 4" in note for note in notes)
        assert person.window.focusWidget() is person.find(QComboBox, "Hypervisor")

    def test_the_hypervisors_end_with_the_one_to_compare_with(self, at: Callable[[str], Person]) -> None:
        combo = at("host-1").find(QComboBox, "Hypervisor")
        titles = [combo.itemText(index) for index in range(combo.count())]
        assert {"VMware vSphere", "Hyper-V"} < set(titles)
        assert titles[-1] == "SimGrid's model"

    def test_the_button_deletes(self, at: Callable[[str], Person]) -> None:
        person = at("host-2")
        person.press("Delete host")
        assert list(person.project.hosts) == ["host-1"]
        assert _headings(person)[0] == "PROJECT"


class TestLink:
    @pytest.mark.parametrize(
        ("typed", "rate"), [("25 Gbit/s", 3.125e9), ("25", 3.125e9), ("100 MBIT/S", 12.5e6), ("1 GiB/s", GIB)]
    )
    def test_bandwidth_is_understood(self, at: Callable[[str], Person], typed: str, rate: float) -> None:
        person = at("link-1")
        person.enter("Bandwidth", typed)
        assert person.project.links["link-1"].bandwidth_bytes_per_s == rate
        assert person.undo_text == "Undo change bandwidth of link"

    def test_latency_and_ends(self, at: Callable[[str], Person]) -> None:
        person = at("link-1")
        assert _headings(person) == ["LINK", "alpha - beta"]
        person.enter("Latency", "20 ms")
        assert person.project.links["link-1"].latency_s == pytest.approx(0.02)
        person.enter("Bandwidth", "0")
        assert person.refusal("Bandwidth") == "Bandwidth must be more than 0, not 0"

    def test_other_traffic_and_packet_loss_are_shares(self, at: Callable[[str], Person]) -> None:
        person = at("link-1")
        person.enter("Other traffic", "30 %")
        person.enter("Packet loss", "0.01")
        link = person.project.links["link-1"]
        assert (link.background_share, link.loss_share) == pytest.approx((0.3, 0.0001))
        assert person.undo_text == "Undo change packet loss of link"
        person.enter("Other traffic", "100")
        assert person.refusal("Other traffic") == "Background share must be at most 0.999, not 1"


class TestMachine:
    def test_name_memory_and_vcpus(self, at: Callable[[str], Person]) -> None:
        person = at("vm-1")
        person.enter("VM name", "shop")
        person.enter("VM memory", "2")
        person.enter("vCPUs", "4")
        machine = _machine(person)
        assert (machine.name, machine.memory_bytes, machine.vcpus) == ("shop", 2 * GIB, 4)
        assert person.undo_text == "Undo change vCPUs of shop"
        assert _headings(person)[:2] == ["VIRTUAL MACHINE", "shop"]

    def test_memory_below_its_data_is_refused(self, at: Callable[[str], Person]) -> None:
        person = at("vm-1")
        person.enter("VM memory", "512 MiB")
        assert person.refusal("VM memory") == (
            "Memory of 512 MiB is less than the 700 MiB that the pieces of profile 'Web' fill; "
            "enlarge it or shrink a piece"
        )
        assert _machine(person).memory_bytes == GIB

    def test_another_host_is_a_drawing_act(self, at: Callable[[str], Person]) -> None:
        person = at("vm-1")
        person.choose("Host", "beta")
        assert _machine(person).host_id == "host-2"
        assert not person.project.plan.migrations, "it is where its move would have led"
        assert person.undo_text == "Undo place web-1 on beta"
        assert "PLANNED MOVE" not in _headings(person)
        person.use("Edit", "Undo")
        assert "PLANNED MOVE" in _headings(person)
        assert person.find(QComboBox, "Target host").currentText() == "beta"

    def test_a_move_that_is_drawn_shows_at_once(self, person: Person, open_project: OpenProject) -> None:
        open_project(evolve(two_hosts(), plans={}))
        person.window.selection.select(["vm-1"])
        assert "PLANNED MOVE" not in _headings(person)
        person.window.canvas.editor.move_machines(["vm-1"], "host-2", at_once=False)
        assert "PLANNED MOVE" in _headings(person)
        person.press("Remove planned move")
        assert not person.project.plan.migrations
        assert "PLANNED MOVE" not in _headings(person)

    def test_the_wheel_never_changes_a_choice(self, at: Callable[[str], Person]) -> None:
        person = at("vm-1")
        combo = person.find(QComboBox, "Host")
        middle = QPointF(combo.rect().center())
        nothing = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
        turn = QWheelEvent(middle, combo.mapToGlobal(middle), QPoint(), QPoint(0, -120), *nothing, False)
        QApplication.sendEvent(combo, turn)
        assert _machine(person).host_id == "host-1"


class TestMove:
    def test_technique_and_limits(self, at: Callable[[str], Person]) -> None:
        person = at("migration-1")
        person.choose("Technique", "Stop-and-copy")
        assert person.undo_text == "Undo change technique of the move of web-1"
        person.enter("Bandwidth cap", "500 Mbit/s")
        assert person.undo_text == "Undo change bandwidth cap of the move of web-1"
        assert "Downtime limit" not in _fields(person)
        person.enter("Time limit", "2 min")
        assert person.undo_text == "Undo change time limit of the move of web-1"
        person.choose("Technique", "Pre-copy (live)")
        person.enter("Downtime limit", "200 ms")
        assert person.undo_text == "Undo change downtime limit of the move of web-1"
        person.enter("Priority", "7")
        assert person.undo_text == "Undo change priority of the move of web-1"
        assert _migration(person) == Migration(
            "migration-1", "vm-1", "host-2", Technique.PRE_COPY, 62.5e6, 0.2, 120.0, priority=7
        )

    def test_a_limit_that_is_cleared_is_the_default_again(self, at: Callable[[str], Person]) -> None:
        person = at("migration-1")
        line = person.find(QLineEdit, "Downtime limit")
        assert (line.text(), line.placeholderText()) == ("", "300 ms (default)")
        person.enter("Downtime limit", "1 s")
        person.enter("Bandwidth cap", "1")
        person.enter("Downtime limit", "")
        person.enter("Bandwidth cap", " ")
        assert (_migration(person).downtime_limit_s, _migration(person).max_bandwidth_bytes_per_s) == (None, None)
        while person.window.actions_by_id["undo"].isEnabled():
            person.use("Edit", "Undo")
        assert person.shown("Downtime limit") == ""

    @pytest.mark.parametrize(
        ("field", "typed"), [("Downtime limit", "0"), ("Downtime limit", "2 days"), ("Bandwidth cap", "-1")]
    )
    def test_an_impossible_limit_is_refused(self, at: Callable[[str], Person], field: str, typed: str) -> None:
        person = at("migration-1")
        person.enter(field, typed)
        assert person.refusal(field)
        assert person.undo_text == "Undo"

    def test_only_a_hypervisor_with_a_downtime_limit_asks_for_one(self, at: Callable[[str], Person]) -> None:
        person = at("host-1")
        person.choose("Hypervisor", "Xen 4")
        person.window.selection.select(["migration-1"])
        names = {line.accessibleName() for line in person.window.inspector.findChildren(QLineEdit) if line.isVisible()}
        assert names == {"Bandwidth cap", "Time limit", "Priority"}

    def test_a_hybrid_move_switches_after_rounds_or_time_and_pages_on_demand(self, at: Callable[[str], Person]) -> None:
        person = at("migration-1")
        person.choose("Technique", "Hybrid: pre-copy, then post-copy")
        person.enter("Switch after time", "20 s")
        person.choose("Preempt", "On")
        person.choose("Pre-paging", "On")
        assert _migration(person).options == Options(switch_after_s=20.0, preempt=True, prepaging=True)
        person.enter("Switch after time", "0")
        assert person.refusal("Switch after time")
        person.choose("Technique", "Pre-copy (live)")
        # They do nothing now, but nothing that is set is hidden.
        assert {person.find(QComboBox, name).currentText() for name in ("Preempt", "Pre-paging")} == {"On"}

    def test_compression_threads_have_a_level_once_there_are_any(self, at: Callable[[str], Person]) -> None:
        person = at("migration-1")
        assert "Compression level" not in _fields(person)
        person.enter("Compression threads", "8")
        assert person.undo_text == "Undo change compression threads of the move of web-1"
        person.enter("Compression level", "6")
        assert _migration(person).options == Options(compress_threads=8, compress_level=6)
        person.enter("Compression level", "10")
        assert person.refusal("Compression level") == "Compress level must be between 1 and 9, not 10"

    def test_a_cache_that_is_dropped_may_be_read_again(self, at: Callable[[str], Person]) -> None:
        person = at("migration-1")
        person.choose("Technique", "Checkpoint + good memory")
        assert "Cache read rate" not in _fields(person)
        person.choose("Drop page cache", "On")
        person.enter("Cache read rate", "200 MB/s")
        wanted = Options(checkpoint_age_s=10.0, drop_cache=True, cache_read_bytes_per_s=200e6)
        assert _migration(person).options == wanted

    def test_a_checkpoint_is_begun_with_and_one_without_says_what_is_left_of_the_idea(
        self, at: Callable[[str], Person]
    ) -> None:
        person = at("migration-1")
        person.choose("Technique", "Checkpoint + good memory")
        assert person.shown("Checkpoint age") == "10 s"
        person.enter("Checkpoint age", "")
        left = "Without a checkpoint, and with the page cache kept, only its 324 MiB of free memory are left out."
        assert left in _texts(person)
        person.choose("Technique", "Pre-copy (live)")
        assert _migration(person).options == Options()
        assert left not in _texts(person)

    def test_what_a_hypervisor_lacks_can_be_seen_with_the_reason(
        self, person: Person, open_project: OpenProject
    ) -> None:
        open_project(two_hosts(policy=PolicyName.XEN_3))
        person.window.selection.select(["migration-1"])
        combo = person.find(QComboBox, "Technique")
        place = combo.findText("Post-copy")
        assert not combo.model().flags(combo.model().index(place, 0)) & Qt.ItemFlag.ItemIsEnabled
        assert combo.itemData(place, Qt.ItemDataRole.ToolTipRole) == "Xen 3 has no post-copy"
        assert "Xen 3 has no auto-converge, XBZRLE, channels, compression threads or free-page hints." in _texts(person)

    def test_options_that_do_not_go_together_can_be_seen_with_the_reason(self, at: Callable[[str], Person]) -> None:
        person = at("migration-1")
        person.enter("Channels", "4")
        cache = person.find(QLineEdit, "XBZRLE cache")
        assert (cache.isEnabled(), cache.toolTip()) == (False, "QEMU has it not over several channels")
        person.enter("Channels", "")
        assert _migration(person).options == Options()
        assert person.find(QLineEdit, "XBZRLE cache").isEnabled()
        person.choose("Technique", "Post-copy")
        combo = person.find(QComboBox, "Auto-converge")
        assert not combo.isEnabled()
        assert "which post-copy has none of" in combo.toolTip()

    def test_what_is_looked_at_stays_where_it_is(self, person: Person, open_project: OpenProject) -> None:
        window = open_project(two_hosts())
        window.resize(1100, 560)
        window.selection.select(["vm-1"])
        QApplication.processEvents()
        bar = window.inspector.verticalScrollBar()
        bar.setValue(150)
        for title in ("Hybrid: pre-copy, then post-copy", "Stop-and-copy", "Pre-copy (live)"):
            person.find(QComboBox, "Technique").setFocus(Qt.FocusReason.TabFocusReason)
            bar.setValue(150)
            person.choose("Technique", title)
            QApplication.processEvents()
            assert bar.value() == 150
            assert window.focusWidget() is person.find(QComboBox, "Technique")

    def test_another_target(self, person: Person, open_project: OpenProject) -> None:
        project = two_hosts()
        open_project(evolve(project, hosts={**project.hosts, "host-3": Host("host-3", "gamma")}))
        person.window.selection.select(["migration-1"])
        person.choose("Target host", "gamma")
        assert _migration(person).target_id == "host-3"
        assert person.undo_text == "Undo change target of the move of web-1"


class TestApplicationData:
    def test_a_profile_fills_the_vm(self, at: Callable[[str], Person]) -> None:
        person = at("vm-1")
        person.choose("Profile", "PostgreSQL database")
        assert _machine(person).profile.name == "PostgreSQL database"
        assert _machine(person).memory_bytes == GIB
        assert person.undo_text == "Undo give web-1 the profile PostgreSQL database"
        person.use("Edit", "Undo")
        assert _machine(person).profile == web_profile()
        assert person.find(QComboBox, "Profile").currentText() == "Web"

    def test_a_piece_is_edited(self, at: Callable[[str], Person]) -> None:
        person = at("vm-1")
        QTest.mouseClick(person.find(QToolButton, "Edit cache"), Qt.MouseButton.LeftButton)
        person.enter("Piece name", "files")
        person.choose("Kind of data", "Database buffers")
        person.enter("Size", "256 MiB")
        person.enter("Write rate", "4 MiB/s")
        person.enter("Zero pages", "25 %")
        piece = _piece(person, "files")
        assert (piece.kind.value, piece.size_bytes, piece.write_rate_pages_per_s, piece.zero_share) == (
            "database buffers",
            256 * MIB,
            1024.0,
            0.25,
        )
        assert person.undo_text == "Undo change zero pages of files in web-1"
        for _ in range(5):
            person.use("Edit", "Undo")
        assert _machine(person).profile == web_profile()

    def test_hot_and_cold_writes(self, at: Callable[[str], Person]) -> None:
        person = at("vm-1")
        QTest.mouseClick(person.find(QToolButton, "Edit cache"), Qt.MouseButton.LeftButton)
        person.choose("Write pattern", "Hot / cold")
        assert person.undo_text == "Undo change pattern of cache in web-1"
        person.enter("Hot size", "20")
        person.enter("Hot writes", "80 %")
        assert _piece(person, "cache").pattern == HotCold(0.2, 0.8)
        person.choose("Write pattern", "Sequential")
        names = {line.accessibleName() for line in person.window.inspector.findChildren(QLineEdit) if line.isVisible()}
        assert "Hot size" not in names
        person.use("Edit", "Undo")
        assert _piece(person, "cache").pattern == HotCold(0.2, 0.8)
        assert person.shown("Hot size") == "20 %"

    @pytest.mark.parametrize(
        ("field", "typed", "reason"),
        [
            ("Size", "2 GiB", "Memory of 1 GiB is less than"),
            ("Piece name", "heap", "Pieces hold two with the name 'heap'"),
            ("Zero pages", "130 %", "Zero share must be at most"),
            ("Write rate", "-3", "Write rate must be at least 0"),
        ],
    )
    def test_an_impossible_piece_is_refused(
        self, at: Callable[[str], Person], field: str, typed: str, reason: str
    ) -> None:
        person = at("vm-1")
        QTest.mouseClick(person.find(QToolButton, "Edit cache"), Qt.MouseButton.LeftButton)
        person.enter(field, typed)
        assert person.refusal(field).startswith(reason)
        assert _machine(person).profile == web_profile()

    def test_a_piece_is_added_and_removed(self, at: Callable[[str], Person]) -> None:
        person = at("vm-1")
        person.press("Add a piece of data")
        assert (_piece(person, "heap-2").size_bytes, person.undo_text) == (256 * MIB, "Undo add heap-2 to web-1")
        QTest.mouseClick(person.find(QToolButton, "Edit heap-2"), Qt.MouseButton.LeftButton)
        person.press("Remove piece")
        assert _machine(person).profile == web_profile()
        assert person.undo_text == "Undo remove heap-2 from web-1"


class TestPolicyValues:
    @pytest.fixture
    def opened(self, at: Callable[[str], Person]) -> Person:
        person = at("host-1")
        QTest.mouseClick(person.find(QToolButton, "Edit policy values"), Qt.MouseButton.LeftButton)
        return person

    def test_they_are_folded_away_until_asked_for(self, at: Callable[[str], Person]) -> None:
        person = at("host-1")
        assert "Those of QEMU/KVM" in _texts(person)
        assert "Check interval" not in _fields(person)
        QTest.mouseClick(person.find(QToolButton, "Edit policy values"), Qt.MouseButton.LeftButton)
        field = person.find(QLineEdit, "Check interval")
        assert (field.text(), field.placeholderText()) == ("", "100.2 ms (default)")
        assert "How often the sender looks" in field.toolTip()
        QTest.mouseClick(person.find(QToolButton, "Close policy values"), Qt.MouseButton.LeftButton)
        assert "Check interval" not in _fields(person)

    def test_a_value_is_set_and_given_back(self, opened: Person) -> None:
        opened.enter("Resume", "25 ms")
        opened.enter("Rounds without progress", "50")
        assert dict(_alpha(opened).policy_values) == {"resume_s": 0.025, "stalled_rounds": 50}
        assert opened.undo_text == "Undo change rounds without progress of alpha"
        assert "2 set for this host" in _texts(opened)
        opened.enter("Rounds without progress", "")
        assert dict(_alpha(opened).policy_values) == {"resume_s": 0.025}
        opened.use("Edit", "Undo")
        assert opened.shown("Rounds without progress") == "50 rounds"
        opened.use("Edit", "Undo")
        opened.use("Edit", "Undo")
        assert _alpha(opened).policy_values == ()
        assert "Those of QEMU/KVM" in _texts(opened)

    def test_each_says_where_it_is_from_and_which_are_assumed(self, opened: Person) -> None:
        known, assumed = (opened.find(QLineEdit, name) for name in ("Resume", "Cores for packing"))
        assert known.placeholderText() == "9 ms (default)"
        assert "Its source: measured: from the stop to the resume" in known.toolTip()
        assert assumed.placeholderText() == "8 cores (assumed)"
        opened.choose("Hypervisor", "VMware vSphere")
        assert opened.find(QLineEdit, "Set-up").placeholderText() == "1 s (assumed)"
        assert opened.find(QLineEdit, "Zero page scan").placeholderText() == "none (assumed)"

    def test_all_go_back_in_one_step(self, opened: Person) -> None:
        assert not opened.find(QPushButton, "Back to the defaults").isEnabled()
        opened.enter("Resume", "25 ms")
        opened.enter("Set-up", "1")
        opened.press("Back to the defaults")
        assert _alpha(opened).policy_values == ()
        assert opened.undo_text == "Undo set the policy values of alpha back"
        opened.use("Edit", "Undo")
        assert len(_alpha(opened).policy_values) == 2

    @pytest.mark.parametrize(
        ("field", "typed", "reason"),
        [
            ("Bandwidth used", "150 %", "Bandwidth used must be between 1 % and 100 %, not 150 %"),
            ("Rounds without progress", "0", "Rounds without progress must be between 1 rounds and"),
            ("Resume", "soon", "'soon' is not a number with a unit such as '1 s'"),
        ],
    )
    def test_what_can_not_be_is_refused(self, opened: Person, field: str, typed: str, reason: str) -> None:
        opened.enter(field, typed)
        assert opened.refusal(field).startswith(reason)
        assert _alpha(opened).policy_values == ()

    def test_another_hypervisor_drops_what_was_set_for_the_one_before_and_says_so(self, opened: Person) -> None:
        opened.enter("Resume", "25 ms")
        opened.enter("Check interval", "1 s")
        opened.choose("Hypervisor", "VMware vSphere")
        assert _alpha(opened).policy is PolicyName.VMOTION
        assert _alpha(opened).policy_values == ()
        assert "2 values set for QEMU/KVM dropped. Undo brings the hypervisor and them back." in _texts(opened)
        assert "Those of VMware vSphere" in _texts(opened)
        opened.use("Edit", "Undo")
        assert dict(_alpha(opened).policy_values) == {"resume_s": 0.025, "look_every_s": 1.0}

    def test_a_planned_move_shows_the_downtime_limit_of_its_host(self, opened: Person) -> None:
        opened.enter("Downtime limit", "0.7")
        opened.window.selection.select(["migration-1"])
        assert opened.find(QLineEdit, "Downtime limit").placeholderText() == "700 ms (default)"

    def test_a_value_from_a_file_that_can_not_be_is_told(self, person: Person, open_project: OpenProject) -> None:
        project = two_hosts()
        alpha = project.hosts["host-1"]
        open_project(project.applied(edits.replace(alpha, evolve(alpha, policy_values={"max_rounds": 3}), "")))
        person.window.selection.select(["host-1"])
        assert "1 set for this host; max rounds is no value of QEMU/KVM" in _texts(person)


class TestSeveral:
    def test_a_selection_is_summed_and_deleted(self, at: Callable[[str], Person]) -> None:
        person = at("host-1")
        person.window.selection.select(["host-1", "host-2", "vm-1"])
        assert _headings(person) == ["SELECTION", "2 hosts, 1 VM"]
        person.press("Delete all")
        assert not person.project.hosts

    def test_nothing_selected_shows_the_project(self, at: Callable[[str], Person]) -> None:
        person = at("host-1")
        person.window.selection.select([])
        assert _headings(person) == ["PROJECT", "Untitled"]
        assert not [button for button in person.window.inspector.findChildren(QPushButton) if button.isVisible()]
