"""Plan for me and Schedule: what a person asks for, what is proposed, and what becomes of the plan."""

import threading
from collections.abc import Callable

import pytest
from attrs import evolve
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QListWidget, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from tests.planning.placements import fleet
from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain import plan_edits
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.rules import Pinned
from vmplanner.engine.runner import run_plan
from vmplanner.planning.improvement import NOTHING_BETTER
from vmplanner.planning.placement import improve
from vmplanner.planning.scheduling import optimise
from vmplanner.planning.scheduling.platform_limits import PLATFORM_LIMITS
from vmplanner.planning.stop import heed
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]
THREE = {"v1": ("a", 4), "v2": ("a", 2), "v3": ("b", 2)}


@pytest.fixture
def planner(person: Person, open_project: OpenProject) -> Person:
    """Three hosts with three VMs, nothing planned, on the page Plan."""
    open_project(fleet({"a": 10, "b": 10, "c": 10}, THREE))
    person.use("View", "Plan")
    return person


def _check(person: Person, name: str) -> None:
    """Check a host in the list, as the space bar does."""
    found = next(each for each in _dialog(person).findChildren(QListWidget) if each.isVisible())
    row = next(row for row in range(found.count()) if found.item(row).text().startswith(f"{name} "))
    found.setCurrentRow(row)
    QTest.keyClick(found, Qt.Key.Key_Space)


def _dialog(person: Person) -> QDialog:
    [dialog] = [each for each in person.window.findChildren(QDialog) if each.isVisible()]
    return dialog


def _texts(person: Person) -> str:
    return "\n".join(label.text() for label in _dialog(person).findChildren(QLabel) if label.isVisible())


def _find_moves(person: Person, qtbot: QtBot) -> None:
    person.press("Find the moves")
    qtbot.waitUntil(lambda: any(b.isVisible() for b in _dialog(person).findChildren(QPushButton) if b.text() == "Back"))


def _rows(person: Person, table: str) -> list[list[str]]:
    model = person.find(QTableView, table).model()
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


class TestIntents:
    def test_hosts_are_evacuated_in_one_step(self, planner: Person, qtbot: QtBot) -> None:
        planner.use("Plan", "Evacuate hosts")
        assert not planner.find(QPushButton, "Find the moves").isEnabled()
        _check(planner, "a")
        _find_moves(planner, qtbot)
        assert "2 moves, done after" in _texts(planner)
        assert "lower bound" in _texts(planner) or "no order is done sooner" in _texts(planner)
        assert {row[0] for row in _rows(planner, "Proposed moves")} == {"v1", "v2"}
        assert not planner.project.plan.migrations
        planner.press("Use this plan")
        assert {m.vm_id for m in planner.project.plan.migrations} == {"v1", "v2"}
        assert planner.undo_text == "Undo plan: evacuate a"
        planner.use("Edit", "Undo")
        assert not planner.project.plan.migrations

    def test_present_moves_are_replaced_only_by_who_means_it(self, planner: Person, qtbot: QtBot) -> None:
        for host, button in (("a", "Use this plan"), ("b", "Use as a copy")):
            planner.use("Plan", "Evacuate hosts")
            _check(planner, host)
            _find_moves(planner, qtbot)
            assert ("Using it replaces the 2 moves" in _texts(planner)) is (host == "b")
            assert all(row[5].startswith(host) for row in _rows(planner, "Proposed moves")), "it says why"
            planner.press(button)
        assert {len(plan.migrations) for plan in planner.project.plans.values()} == {1, 2}
        assert {m.vm_id for m in planner.project.plan.migrations} == {"v3"}
        planner.use("Edit", "Undo")
        assert {m.vm_id for m in planner.project.plan.migrations} == {"v1", "v2"}

    def test_a_balance_says_how_even_it_was_and_will_be(self, planner: Person, qtbot: QtBot) -> None:
        planner.use("Plan", "Balance")
        _find_moves(planner, qtbot)
        assert "Memory of the hosts: 0 % to 60 % full now, 20 % to 40 % afterwards." in _texts(planner)

    def test_what_is_selected_is_checked(self, planner: Person, qtbot: QtBot) -> None:
        planner.window.selection.select(["v3"])
        planner.use("Plan", "Evacuate hosts")
        QTest.keyClick(planner.find(QCheckBox, "Bring the VMs back when the hosts are empty"), Qt.Key.Key_Space)
        _find_moves(planner, qtbot)
        assert "2 stages: Empty b, Bring back to b." in _texts(planner)
        planner.press("Use this plan")
        assert [m.vm_id for m in planner.project.plan.migrations] == ["v3", "v3"]

    def test_a_roll_leaves_the_time_to_maintain(self, planner: Person, qtbot: QtBot) -> None:
        planner.use("Plan", "Roll through hosts")
        _check(planner, "b")
        planner.enter("Maintain each for", "10 min", end=Qt.Key.Key_Tab)
        _find_moves(planner, qtbot)
        planner.press("Use this plan")
        there, back = planner.project.plan.migrations
        assert back.earliest_start_s > 600
        assert (there.is_pinned, back.is_pinned) == (False, True)

    def test_what_does_not_fit_is_told(self, planner: Person, qtbot: QtBot) -> None:
        planner.use("Plan", "Evacuate hosts")
        _check(planner, "a")
        planner.enter("Done within", "1 ms", end=Qt.Key.Key_Tab)
        _find_moves(planner, qtbot)
        assert "v1 would be done after" in _texts(planner)
        assert "the window is 1 ms" in _texts(planner)
        planner.press("Use it all the same")
        assert len(planner.project.plan.migrations) == 2

    def test_rules_in_conflict_are_named(self, person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
        open_project(fleet({"a": 10, "b": 10}, THREE, Pinned("rule-1", "v1 stays", ["v1"])))
        person.use("Plan", "Evacuate hosts")
        _check(person, "a")
        _find_moves(person, qtbot)
        assert "These can't be kept together: v1 stays." in _texts(person)
        assert not person.find(QPushButton, "Use it all the same").isEnabled()
        person.press("Cancel")

    def test_a_rack_is_drained(self, person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
        rack = Group("group-1", "Rack 1", GroupKind.RACK, None, ["a", "b"])
        open_project(fleet({"a": 10, "b": 10, "c": 10}, THREE).applied(Change("", (Edit(None, rack),))))
        person.use("Plan", "Evacuate a rack")
        _check(person, "Rack 1")
        _find_moves(person, qtbot)
        person.press("Use this plan")
        assert {m.target_id for m in person.project.plan.migrations} == {"c"}

    @pytest.mark.parametrize("intent", ["Balance", "Consolidate"])
    def test_intents_without_a_choice(self, planner: Person, qtbot: QtBot, intent: str) -> None:
        planner.use("Plan", intent)
        _find_moves(planner, qtbot)
        planner.press("Use this plan")
        assert planner.project.plan.migrations
        assert planner.undo_text == f"Undo plan: {intent.lower()}"

    def test_lost_vms_are_told_after_a_failure(self, planner: Person, qtbot: QtBot) -> None:
        planner.use("Plan", "Spread after a failure")
        _check(planner, "a")
        _find_moves(planner, qtbot)
        assert "v1 (a has failed: v1 can only be restarted)" in _texts(planner)
        planner.press("Cancel")

    def test_without_racks_a_drain_says_what_else(self, planner: Person) -> None:
        planner.use("Plan", "Evacuate a rack")
        assert "There is no rack or site in the project. Evacuate the hosts instead." in _texts(planner)
        planner.press("Cancel")

    def test_a_search_that_is_cancelled_ends(
        self, planner: Person, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ended = threading.Event()

        def endless(*_: object, stop: threading.Event, **__: object) -> None:
            assert stop.wait(20)
            ended.set()
            heed(stop)

        monkeypatch.setattr("vmplanner.ui.dialogs.intent.propose_without_excluded", endless)
        planner.use("Plan", "Balance")
        planner.press("Find the moves")
        planner.press("Cancel")
        qtbot.waitUntil(ended.is_set)
        planner.press("Cancel")

    def test_it_can_be_cancelled_while_it_looks(self, planner: Person) -> None:
        planner.use("Plan", "Balance")
        planner.press("Find the moves")
        planner.press("Cancel")
        planner.press("Cancel")
        assert not planner.project.plan.migrations

    def test_improve_goes_on_and_keeps_a_plan(self, planner: Person, qtbot: QtBot) -> None:
        planner.use("Plan", "Evacuate hosts")
        _check(planner, "a")
        _find_moves(planner, qtbot)
        planner.press("Improve")
        qtbot.waitUntil(lambda: "Looking" not in _texts(planner), timeout=30_000)
        assert "2 moves, done after" in _texts(planner)
        assert NOTHING_BETTER in _texts(planner)
        planner.press("Use this plan")

    def test_the_window_can_be_closed_while_it_searches(self, planner: Person, qtbot: QtBot) -> None:
        planner.use("Plan", "Balance")
        _find_moves(planner, qtbot)
        planner.press("Improve")
        planner.window.close()
        assert not planner.window.isVisible()

    def test_improve_without_its_solver_says_what_to_install(
        self, planner: Person, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "ortools.sat.python", None)
        planner.use("Plan", "Evacuate hosts")
        _check(planner, "a")
        _find_moves(planner, qtbot)
        planner.press("Improve")
        qtbot.waitUntil(lambda: "pip install 'vmplanner[optimize]'" in _texts(planner))
        planner.press("Use this plan")
        assert planner.project.plan.migrations


class TestSchedule:
    @pytest.fixture
    def planned(self, person: Person, open_project: OpenProject) -> Person:
        """Four moves, one of them pinned."""
        project = two_hosts(4)
        open_project(project.applied(plan_edits.shift(project, "migration-4", 50.0, "50 s")))
        person.use("View", "Plan")
        return person

    def _open(self, person: Person, qtbot: QtBot) -> None:
        person.use("Plan", "Schedule")
        qtbot.waitUntil(lambda: "pinned move keeps its start" in _texts(person) and "Trying" not in _texts(person))

    def test_start_times_are_chosen_by_name(self, planned: Person, qtbot: QtBot) -> None:
        self._open(planned, qtbot)
        rows = _rows(planned, "Orders of the moves")
        assert {"Longest first", "Shortest first", "Links filled", "All at once"} <= {row[0] for row in rows}
        table = planned.find(QTableView, "Orders of the moves")
        table.selectRow([row[0] for row in rows].index("Longest first"))
        planned.press("Use this schedule")
        starts = {m.id: m.earliest_start_s for m in planned.project.plan.migrations}
        assert starts["migration-4"] == 50.0
        assert len(set(starts.values())) == 4
        assert planned.undo_text == "Undo schedule Plan: longest first"

    def test_start_times_are_cleared_but_for_the_pins(self, planned: Person, qtbot: QtBot) -> None:
        self._open(planned, qtbot)
        planned.press("Use this schedule")
        planned.use("Plan", "Clear start times")
        assert sorted(m.earliest_start_s for m in planned.project.plan.migrations) == [0.0, 0.0, 0.0, 50.0]

    def test_improve_keeps_the_pin(self, planned: Person, qtbot: QtBot) -> None:
        self._open(planned, qtbot)
        planned.press("Improve")
        qtbot.waitUntil(lambda: "Looking" not in _texts(planned), timeout=30_000)
        planned.press("Use this schedule")
        assert planned.project.plan.migrations[-1].earliest_start_s == 50.0

    def test_what_platform_limits_would_cost(self, planned: Person, qtbot: QtBot) -> None:
        planned.use("Plan", "Platform limits")
        qtbot.waitUntil(lambda: "Scheduling" not in _texts(planned))
        rows = _rows(planned, "What platform limits would cost")
        own = ["This plan as it is", "This plan in the best order"]
        assert [row[0] for row in rows] == [*own, *(platform.name for platform in PLATFORM_LIMITS)]
        assert rows[3][1] == "1 from a host"
        now = run_plan(planned.project, planned.project.plan, SimulatedBackend()).run
        assert rows[0][2] == format_duration(now.makespan_s)
        planned.press("Close")

    def test_a_plan_that_finds_no_room_says_so(self, person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
        project = two_hosts(1)
        open_project(evolve(project, links={}))
        person.use("Plan", "Schedule")
        qtbot.waitUntil(lambda: "no link leads to beta" in _texts(person))
        person.press("Cancel")


def test_the_solver_is_there_for_these_tests() -> None:
    assert improve.cp_sat() is optimise.cp_sat()
