"""Groups and rules in the window: made, changed and removed by hand, each in one step that can be undone."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QListWidget,
    QMessageBox,
    QPushButton,
    QStyle,
    QStyleOptionViewItem,
    QTabWidget,
)

from tests.planning.placements import fleet
from tests.ui.person import LEFT, Person
from vmplanner.domain import edits
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.project import Project
from vmplanner.domain.rules import AntiAffinity, Headroom, OnlyOn, Pinned, Spare
from vmplanner.ui.dialogs.groups_and_rules import GroupsAndRules
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]
VMS = {"v1": ("a", 4), "v2": ("a", 2), "v3": ("b", 2)}


@pytest.fixture
def dialog(person: Person, open_project: OpenProject) -> Person:
    """Three hosts with three VMs, and the dialog open beside them."""
    open_project(fleet({"a": 10, "b": 10, "c": 10}, VMS))
    person.use("Draw", "Groups and rules")
    return person


def _dialog(person: Person) -> GroupsAndRules:
    [dialog] = person.window.findChildren(GroupsAndRules)
    return dialog


def _tabs(person: Person) -> QTabWidget:
    [tabs] = _dialog(person).findChildren(QTabWidget)
    return tabs


def _children(line: QModelIndex) -> list[QModelIndex]:
    model = line.model()
    return [model.index(row, 0, line) for row in range(model.rowCount(line))]


def _open_rules(person: Person) -> None:
    bar = _tabs(person).tabBar()
    QTest.mouseClick(bar, LEFT, pos=bar.tabRect(1).center())


def _click_line(person: Person, list_name: str, text: str) -> None:
    shown = person.find(QListWidget, list_name)
    row = next(row for row in range(shown.count()) if shown.item(row).text().startswith(text))
    QTest.mouseClick(shown.viewport(), LEFT, pos=shown.visualItemRect(shown.item(row)).center())


def _check(person: Person, list_name: str, *names: str) -> None:
    """Click the boxes before names."""
    shown = person.find(QListWidget, list_name)
    for name in names:
        row = next(row for row in range(shown.count()) if shown.item(row).text().split("   ")[0] == name)
        item = shown.item(row)
        shown.scrollToItem(item)
        option = QStyleOptionViewItem()
        shown.itemDelegate().initStyleOption(option, shown.indexFromItem(item))
        option.rect = shown.visualItemRect(item)
        box: QRect = shown.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, shown)
        QTest.mouseClick(shown.viewport(), LEFT, pos=box.center())


def _lines(person: Person, list_name: str) -> list[str]:
    """Each line as a screen reader says it."""
    shown = person.find(QListWidget, list_name)
    return [shown.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(shown.count())]


def _texts(person: Person) -> str:
    return "\n".join(label.text() for label in _dialog(person).findChildren(QLabel) if label.isVisible())


class TestGroups:
    def test_a_group_is_made_named_and_filled(self, dialog: Person) -> None:
        dialog.press("Add group")
        assert dialog.undo_text == "Undo add Group 1"
        dialog.enter("Name of the group", "Web servers")
        assert dialog.undo_text == "Undo change name of Group 1"
        _check(dialog, "Members of the group", "v1", "v3")
        assert dialog.undo_text == "Undo change members of Web servers"
        assert _lines(dialog, "Groups") == ["Web servers, Group · 2 VMs"]
        [group] = dialog.project.groups.values()
        assert (group.name, group.member_ids) == ("Web servers", ("v1", "v3"))
        for _ in range(4):
            dialog.use("Edit", "Undo")
        assert not dialog.project.groups

    def test_a_filter_finds_members_and_takes_them_all(self, dialog: Person) -> None:
        dialog.press("Add group")
        dialog.enter("Filter Members of the group", "(a)")
        dialog.press("All of Members of the group")
        [group] = dialog.project.groups.values()
        assert group.member_ids == ("v1", "v2")
        assert dialog.undo_text == "Undo change members of Group 1"
        dialog.press("None of Members of the group")
        assert dialog.project.groups[group.id].member_ids == ()

    def test_racks_are_inside_a_site_and_have_hosts_only(self, dialog: Person) -> None:
        for kind in ("Site", "Rack"):
            dialog.press("Add group")
            dialog.choose("Kind of the group", kind)
        dialog.enter("Name of the group", "R")
        dialog.choose("Inside", "Group 1")
        _check(dialog, "Members of the group", "a", "b")
        assert _lines(dialog, "Groups") == ["Group 1, Site · 2 hosts", "R, Rack · 2 hosts"]
        names = dialog.find(QListWidget, "Members of the group")
        assert [names.item(row).text() for row in range(names.count())] == ["a", "b", "c"]
        _click_line(dialog, "Groups", "Group 1")
        with pytest.raises(AssertionError):  # not inside its own rack
            dialog.choose("Inside", "R")

    def test_names_that_cannot_be_are_refused_at_the_field(self, dialog: Person) -> None:
        dialog.press("Add group")
        dialog.press("Add group")
        dialog.enter("Name of the group", "Group 1")
        assert dialog.refusal("Name of the group") == "Name must be another one: there is a 'Group 1' already"
        dialog.enter("Name of the group", "")
        assert dialog.refusal("Name of the group") == "Name must not be empty"
        assert {group.name for group in dialog.project.groups.values()} == {"Group 1", "Group 2"}

    def test_a_group_is_made_of_what_is_selected(self, dialog: Person) -> None:
        button = dialog.find(QPushButton, "From selection")
        assert not button.isEnabled()
        dialog.window.selection.select(["v1", "c", "core"])
        assert button.toolTip() == "Add a group of the 1 host and 1 VM selected"
        dialog.press("From selection")
        assert [group.member_ids for group in dialog.project.groups.values()] == [("c", "v1")]

    def test_who_removes_a_used_group_is_told_what_uses_it(self, person: Person, open_project: OpenProject) -> None:
        plain = fleet({"a": 10, "b": 10}, VMS, Pinned("rule-1", "Stay", ["v1"]))
        web = Group("group-1", "Web", member_ids=["v1"])
        inner = Group("group-2", "Inner", parent_id="group-1")
        rule = AntiAffinity("rule-2", "Apart", ["group-1"])
        open_project(Project.of(*plain.hosts.values(), *plain.machines.values(), web, inner, rule))
        person.use("Draw", "Groups and rules")
        buttons = QMessageBox.StandardButton
        remove = person.find(QPushButton, "Remove group")
        question = person.answering(buttons.No, lambda: QTest.mouseClick(remove, LEFT))
        assert question == "Remove Web? It is used:"
        assert "Rule 'Apart' names it and goes with it." in _texts(person)
        assert "Group 'Inner' is inside it." in _texts(person)
        assert len(person.project.groups) == 2
        person.answering(buttons.Yes, lambda: QTest.mouseClick(remove, LEFT))
        assert [group.name for group in person.project.groups.values()] == ["Inner"]
        assert not person.project.rules
        person.press("Remove group")  # nothing uses it: no question
        assert not person.project.groups
        assert "A group gives hosts or VMs a name" in _texts(person)


class TestRules:
    def test_a_rule_is_added_by_its_kind(self, dialog: Person) -> None:
        _open_rules(dialog)
        dialog.press("Add rule...")
        dialog.choose("Kind of the rule", "Only on")
        _check(dialog, "VMs of the rule", "v1")
        dialog.press("Add rule")
        assert "Choose at least one" in _texts(dialog)
        assert not dialog.project.rules
        _check(dialog, "Hosts of the rule", "a", "c")
        dialog.press("Add rule")
        assert list(dialog.project.rules.values()) == [OnlyOn("rule-1", "v1 is only on a and c", ["v1"], ["a", "c"])]
        assert dialog.undo_text == "Undo add the rule v1 is only on a and c"
        assert _lines(dialog, "Rules") == ["v1 is only on a and c, Only on"]

    def test_what_is_selected_is_checked(self, dialog: Person) -> None:
        dialog.window.selection.select(["v1", "v3"])
        _open_rules(dialog)
        dialog.press("Add rule...")
        dialog.press("Add rule")
        assert [rule.name for rule in dialog.project.rules.values()] == ["v1 and v3 stay apart"]

    def test_one_who_thinks_again_adds_nothing(self, dialog: Person) -> None:
        _open_rules(dialog)
        dialog.press("Add rule...")
        dialog.press("Cancel")
        assert not dialog.project.rules
        assert dialog.find(QPushButton, "Add rule...").isEnabled()

    def test_a_broken_rule_is_marked_until_it_holds(self, dialog: Person) -> None:
        dialog.window.selection.select(["v1", "v2"])
        _open_rules(dialog)
        dialog.press("Add rule...")
        dialog.press("Add rule")
        assert _lines(dialog, "Rules") == ["v1 and v2 stay apart, Broken: v1 and v2 are both on a"]
        assert "Broken now: v1 and v2 are both on a." in _texts(dialog)
        tabs = _tabs(dialog)
        assert tabs.tabText(1) == "Rules  1  (1 broken)"
        dialog.window.document.push(edits.place_machines(dialog.project, ["v2"], "c"))
        assert _lines(dialog, "Rules") == ["v1 and v2 stay apart, Keep apart"]
        assert tabs.tabText(1) == "Rules  1"
        assert "Broken" not in _texts(dialog)

    def test_members_and_numbers_are_changed_in_steps(self, person: Person, open_project: OpenProject) -> None:
        rules = (AntiAffinity("rule-1", "v1 and v3 stay apart", ["v1", "v3"]), Headroom("rule-2", "Room"))
        open_project(fleet({"a": 10, "b": 10}, VMS, *rules))
        person.use("Draw", "Groups and rules")
        _open_rules(person)
        _check(person, "VMs of the rule", "v2")
        assert person.project.rules["rule-1"].name == "v1, v3 and v2 stay apart"
        assert person.undo_text == "Undo change VMs of v1 and v3 stay apart"
        _check(person, "VMs of the rule", "v1", "v2", "v3")
        assert "VMs must not be empty" in _texts(person)
        _click_line(person, "Rules", "Each host")
        person.enter("Keep free", "25")
        assert person.project.rules["rule-2"] == Headroom("rule-2", "Room", (), 0.25)
        assert person.undo_text == "Undo change keep free of Room"
        person.enter("Keep free", "150 %")
        assert person.refusal("Keep free") == "Share must be at most 1, not 1.5"
        person.press("Remove rule")
        assert list(person.project.rules) == ["rule-1"]
        assert person.undo_text == "Undo delete Room"

    def test_the_keys_of_the_window_undo_here_too(self, person: Person, open_project: OpenProject) -> None:
        open_project(fleet({"a": 10, "b": 10}, VMS, Spare("rule-1", "Room")))
        person.use("Draw", "Groups and rules")
        _open_rules(person)
        person.press("Remove rule")
        QTest.keyClick(_dialog(person), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert list(person.project.rules) == ["rule-1"]
        assert _lines(person, "Rules") == ["All hosts together keep room for the failure of 1 host, Room"]


def test_there_is_one_dialog_that_can_be_closed(dialog: Person) -> None:
    dialog.use("Draw", "Groups and rules")
    [shown] = [each for each in dialog.window.findChildren(QDialog) if each.isVisible()]
    dialog.press("Close")
    assert not shown.isVisible()
    dialog.use("Draw", "Groups and rules")
    assert dialog.find(QPushButton, "Add group").isVisible()


class TestRackOfTheSelection:
    def test_hosts_become_a_rack_in_one_step(self, person: Person, open_project: OpenProject) -> None:
        window = open_project(fleet({"a": 10, "b": 10, "c": 10}, VMS))
        assert not person.action("Draw", "Make a rack").isEnabled()
        window.selection.select(["a", "v3", "b"])
        person.use("Draw", "Make a rack")
        [rack] = person.project.groups.values()
        assert (rack.kind, rack.member_ids) == (GroupKind.RACK, ("a", "b"))
        assert person.undo_text == "Undo make Rack 1 of 2 hosts"

    def test_the_canvas_offers_it_for_hosts(self, person: Person, open_project: OpenProject) -> None:
        window = open_project(fleet({"a": 10, "b": 10, "c": 10}, VMS))
        person.hand.click(person.card("c"))
        menu = window.canvas.context_menu()
        next(action for action in menu.actions() if action.text() == "Make a rack").trigger()
        assert [rack.member_ids for rack in person.project.groups.values()] == [("c",)]
        assert window.selection.ids == {"c"}
        window.selection.select(["v1"])
        assert "Make a rack" not in [action.text() for action in window.canvas.context_menu().actions()]


def test_the_outline_has_racks_inside_sites(person: Person, open_project: OpenProject) -> None:
    plain = fleet({"a": 10, "b": 10, "c": 10}, VMS)
    site = Group("site", "Site", GroupKind.SITE, None, ["c"])
    rack = Group("rack", "Rack", GroupKind.RACK, "site", ["a"])
    web = Group("web", "Web", member_ids=["v1"])
    window = open_project(Project.of(*plain.hosts.values(), *plain.machines.values(), site, rack, web))
    outline = window.outline
    inside, alone = _children(outline.model().index(0, 0))
    assert (inside.data(), alone.data()) == ("Site  2 hosts", "b")
    in_rack, in_site = _children(inside)
    assert (in_rack.data(), in_site.data()) == ("Rack  1 host", "c")
    assert [vm.data() for host in _children(in_rack) for vm in _children(host)] == ["v1  4 GiB", "v2  2 GiB"]
    QTest.mouseClick(outline.viewport(), LEFT, pos=outline.visualRect(inside).center())
    assert window.selection.ids == {"a", "c"}
