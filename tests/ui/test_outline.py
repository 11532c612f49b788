"""The outline: a tree of the drawing that follows each change, and by which all can be done without a mouse."""

from collections.abc import Callable, Iterator

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from tests.ui.canvas.conftest import CTRL
from tests.ui.person import Person
from vmplanner.domain import edits
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.topology import Host, Link, Position, Storage, Switch
from vmplanner.ui.dialogs.choose_host import ChooseHost
from vmplanner.ui.outline_model import OutlineModel
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]
CONTROL_SHIFT = CTRL | Qt.KeyboardModifier.ShiftModifier

PROJECT = Project.of(
    Host("host-1", "alpha"),
    Host("host-2", "beta", position=Position(400, 0)),
    Host("host-10", "gamma", position=Position(800, 0)),
    Switch("switch-1", "core", Position(400, -200)),
    Storage("storage-1", "array", position=Position(800, -200)),
    Link("link-1", "host-1", "host-2"),
    VirtualMachine("vm-1", "web-1", "host-1"),
    VirtualMachine("vm-2", "web-10", "host-1"),
    VirtualMachine("vm-3", "web-2", "host-1"),
    VirtualMachine("vm-4", "db", "host-2"),
    Group("group-1", "Site", GroupKind.SITE),
    Group("group-2", "Rack", GroupKind.RACK, "group-1", ["host-1", "host-2"]),
    Group("group-3", "Web", GroupKind.GROUP, None, ["vm-1"]),
    Plan("plan-1", "Plan", [Migration("migration-1", "vm-4", "host-10")]),
)


def _lines(model: OutlineModel, parent: QModelIndex = QModelIndex(), depth: int = 0) -> Iterator[str]:  # noqa: B008
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        yield f"{'  ' * depth}{index.data()} | {index.data(Qt.ItemDataRole.AccessibleTextRole)}"
        yield from _lines(model, index, depth + 1)


def test_hosts_are_in_their_places_and_names_in_natural_order(qapp: QApplication) -> None:
    model = OutlineModel(PROJECT, qapp)
    assert list(_lines(model)) == [
        "Hosts  3 | Hosts, 3",
        "  Site  2 hosts | Site, site, 2 hosts",
        "    Rack  2 hosts | Rack, rack, 2 hosts",
        "      alpha | alpha, host, 3 VMs, 64 GiB",
        "        web-1  4 GiB | web-1, VM, 4 GiB, on alpha",
        "        web-2  4 GiB | web-2, VM, 4 GiB, on alpha",
        "        web-10  4 GiB | web-10, VM, 4 GiB, on alpha",
        "      beta | beta, host, 1 VM, 64 GiB",
        "        db → gamma | db, VM, 4 GiB, on beta, planned to move to gamma",
        "  gamma | gamma, host, 0 VMs, 64 GiB",
        "Switches  1 | Switches, 1",
        "  core | core, switch",
        "Storage  1 | Storage, 1",
        "  array  10 TiB | array, storage, 10 TiB",
        "Links  1 | Links, 1",
        "  alpha - beta  10 Gbit/s | Link from alpha to beta, 10 Gbit/s",
    ]
    model.deleteLater()


def _change(project: Project, draw: st.DrawFn) -> Change:
    """Something that a person may do."""
    things = [*project.hosts.values(), *project.machines.values(), *project.switches.values()]
    hosts, machines, groups = sorted(project.hosts), sorted(project.machines), sorted(project.groups)
    acts = ["add"]
    acts += ["delete", "rename"] if things else []
    acts += ["place", "plan", "link"] if machines and len(hosts) > 1 else []
    acts += ["members", "nest", "remove"] if groups else []
    match draw(st.sampled_from(acts)):
        case "add":
            add = draw(st.sampled_from([edits.add_host, edits.add_switch, edits.add_storage]))
            return add(project, Position(0, 0))
        case "delete":
            return edits.delete(project, draw(st.sets(st.sampled_from([thing.id for thing in things]), min_size=1)))
        case "rename":
            thing = draw(st.sampled_from(things))
            return edits.replace(thing, evolve(thing, name=draw(st.sampled_from("abmz"))), "Rename")
        case "place":
            chosen = draw(st.sets(st.sampled_from(machines), min_size=1))
            return edits.place_machines(project, chosen, draw(st.sampled_from(hosts)))
        case "plan":
            chosen = draw(st.sets(st.sampled_from(machines), min_size=1))
            return edits.plan_moves(project, sorted(chosen), draw(st.sampled_from(hosts)))
        case "link":
            return edits.add_link(project, hosts[0], hosts[1])
        case "members":
            group = project.groups[draw(st.sampled_from(groups))]
            wanted = draw(st.lists(st.sampled_from([*hosts, "host-0"]), unique=True)) if hosts else []
            return edits.replace(group, evolve(group, member_ids=[i for i in wanted if i in project.hosts]), "Members")
        case "nest":
            group = project.groups[groups[-1]]
            return edits.replace(group, evolve(group, parent_id=None), "Out")
        case _:
            return edits.delete(project, {draw(st.sampled_from(groups))})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_after_each_change_it_is_as_if_made_anew(qapp: QApplication, data: st.DataObject) -> None:
    project = PROJECT
    model = OutlineModel(project, qapp)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning, model)
    for _ in range(data.draw(st.integers(1, 6))):
        change = _change(project, data.draw)
        after = project.applied(change)
        for one, then in ((change, after), (change.inverse(), project), (change, after)):
            model.follow(then, one)
            assert list(_lines(model)) == list(_lines(OutlineModel(then, model)))
        project = after
    del tester
    model.deleteLater()


def test_only_what_changed_is_told_of(qapp: QApplication) -> None:
    model = OutlineModel(PROJECT, qapp)
    resets, inserted, removed = [], [], []
    model.modelReset.connect(lambda: resets.append(1))
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append(last - first + 1))
    model.rowsRemoved.connect(lambda _parent, first, last: removed.append(last - first + 1))
    change = edits.place_machines(PROJECT, ["vm-1", "vm-3"], "host-2")
    model.follow(PROJECT.applied(change), change)
    assert (resets, sum(inserted), sum(removed)) == ([], 2, 2)
    model.deleteLater()


class TestKeyboard:
    @pytest.fixture
    def person(self, person: Person, open_project: OpenProject) -> Person:
        open_project(PROJECT)
        person.window.outline.setFocus()
        return person

    def _go_to(self, person: Person, *ids: str) -> None:
        """Select lines as a person does with arrows and Ctrl+Space."""
        outline = person.window.outline
        index = outline.model().index_of(ids[0])
        outline.setCurrentIndex(index)
        for other in ids[1:]:
            flag = outline.selectionModel().SelectionFlag
            outline.selectionModel().setCurrentIndex(outline.model().index_of(other), flag.Select)

    def _press(self, person: Person, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(person.window.outline, key, keys)

    @pytest.mark.parametrize(("thing_id", "before"), [("host-1", "alpha"), ("vm-4", "db"), ("group-2", "Rack")])
    def test_f2_renames(self, person: Person, thing_id: str, before: str) -> None:
        self._go_to(person, thing_id)
        self._press(person, Qt.Key.Key_F2)
        [editor] = [each for each in person.window.outline.findChildren(QLineEdit) if each.isVisible()]
        assert editor.text() == before
        editor.selectAll()
        QTest.keyClicks(editor, "new name")
        QTest.keyClick(editor, Qt.Key.Key_Return)
        QApplication.processEvents()  # the view takes it over
        assert person.project.thing(thing_id).name == "new name"
        assert person.undo_text == f"Undo change name of {before}"

    def test_a_name_that_can_not_be_is_refused(self, person: Person) -> None:
        self._go_to(person, "host-1")
        self._press(person, Qt.Key.Key_F2)
        [editor] = [each for each in person.window.outline.findChildren(QLineEdit) if each.isVisible()]
        editor.setText("x" * 300)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        QApplication.processEvents()  # the view takes it over
        assert person.project.hosts["host-1"].name == "alpha"
        assert "name" in person.window.statusBar().currentMessage()

    def _choose(self, person: Person, typed: str) -> None:
        [dialog] = person.window.findChildren(ChooseHost)
        QTest.keyClicks(dialog.field, typed)
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)

    def test_a_move_is_planned(self, person: Person) -> None:
        self._go_to(person, "vm-1")
        self._press(person, Qt.Key.Key_M, CTRL)
        self._choose(person, "gam")
        assert person.project.plan.migration_of("vm-1").target_id == "host-10"
        assert person.undo_text == "Undo plan to move web-1 to gamma"

    def test_vms_are_placed_without_a_plan(self, person: Person) -> None:
        self._go_to(person, "vm-1", "vm-3")
        self._press(person, Qt.Key.Key_M, CONTROL_SHIFT)
        self._choose(person, "beta")
        assert {person.project.machines[i].host_id for i in ("vm-1", "vm-3")} == {"host-2"}
        assert person.undo_text == "Undo place 2 VMs on beta"
        assert person.window.selection.ids == {"vm-1", "vm-3"}

    def test_the_two_selected_are_linked(self, person: Person) -> None:
        self._go_to(person, "host-10", "switch-1")
        self._press(person, Qt.Key.Key_L, CTRL)
        assert person.undo_text == "Undo link gamma and core"

    def test_several_hosts_are_linked_with_a_switch_in_one_step(self, person: Person) -> None:
        self._go_to(person, "host-1", "host-10", "switch-1")
        linked = len(person.project.links)
        self._press(person, Qt.Key.Key_L, CTRL)
        assert person.undo_text.endswith("with core")
        assert len(person.project.links) > linked
        self._press(person, Qt.Key.Key_L, CTRL)
        self._go_to(person, "host-1")
        self._press(person, Qt.Key.Key_L, CTRL)
        assert "select two things" in person.window.statusBar().currentMessage()
        person.window.selection.select([])
        self._press(person, Qt.Key.Key_L, CTRL)
        assert person.window.canvas.hint_bar.isVisible()

    def test_a_site_is_made_from_the_menu(self, person: Person) -> None:
        self._go_to(person, "host-10")
        person.use("Draw", "Make a site")
        assert person.undo_text == "Undo make Site 1 of 1 host"

    def test_a_host_is_added_where_there_is_room(self, person: Person) -> None:
        self._go_to(person, "host-1")
        for _ in range(2):
            self._press(person, Qt.Key.Key_N, CONTROL_SHIFT)
        assert len(person.project.hosts) == 5
        scene = person.window.canvas.topology
        cards = [item.scene_card() for item in scene.nodes.values()]
        assert not [1 for at, one in enumerate(cards) for other in cards[:at] if one.intersects(other)]
        new = next(host.id for host in person.project.hosts.values() if host.name == "host-2")
        assert person.window.selection.ids == {new}
        assert not scene.boxes.items["group-2"].rect.intersects(scene.rect_of(new))

    def test_a_rack_is_collapsed_and_expanded(self, person: Person) -> None:
        self._go_to(person, "group-2")
        for is_collapsed, undo in ((True, "Undo collapse Rack"), (False, "Undo expand Rack")):
            self._press(person, Qt.Key.Key_E, CONTROL_SHIFT)
            assert person.project.groups["group-2"].is_collapsed is is_collapsed
            assert person.undo_text == undo
            [line] = [i for i in person.window.outline.selectedIndexes() if str(i.data()).startswith("Rack")]
            said = line.data(Qt.ItemDataRole.AccessibleTextRole)
            assert said.endswith("collapsed in the drawing") is is_collapsed

    def test_alt_and_the_arrows_move_what_is_selected(self, person: Person) -> None:
        self._go_to(person, "host-10")
        self._press(person, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
        assert person.project.hosts["host-10"].position == Position(808, 0)
        assert person.undo_text == "Undo move gamma"

    def test_the_menu_key_offers_what_the_canvas_does(self, person: Person) -> None:
        self._go_to(person, "host-10")
        outline = person.window.outline
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), outline.mapToGlobal(QPoint()))
        QApplication.sendEvent(outline.viewport(), event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        offered = [action.text().replace("&", "") for action in menu.actions() if action.text()]
        assert offered[:2] == ["Rename", "Add a VM"]
        assert {"Make a rack", "Make a site", "Cut", "Copy", "Duplicate", "Delete"} <= set(offered)
        [add] = [each for each in menu.findChildren(QMenu) if each.title() == "Add a VM"]
        next(action for action in add.actions() if action.text() == "Web server").trigger()
        menu.close()
        assert person.undo_text == "Undo add web-server-1"

    def test_what_is_open_stays_open(self, person: Person) -> None:
        outline = person.window.outline
        model = outline.model()
        outline.collapse(model.index_of("host-1"))
        person.window.document.push(edits.plan_moves(person.project, ["vm-1"], "host-10"))
        person.window.document.push(Change("Rename", [_renamed(person.project.hosts["host-1"], "zeta")]))
        assert not outline.isExpanded(model.index_of("host-1"))
        assert outline.isExpanded(model.index_of("host-2"))
        person.window.canvas.editor.move_nodes({"host-1": QPointF(0, 400)})
        assert not outline.isExpanded(model.index_of("host-1"))


def _renamed(host: Host, name: str) -> Edit:
    return Edit(host, evolve(host, name=name))
