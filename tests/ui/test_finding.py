"""What a user gets from finding things and commands by name, and from keys of their own."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox

from tests.ui.person import Person
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.topology import Host, Link, Position, Storage, Switch
from vmplanner.ui.dialogs.command_palette import CommandPalette
from vmplanner.ui.dialogs.shortcuts import ShortcutsDialog
from vmplanner.ui.dialogs.words_and_keys import WordsAndKeys
from vmplanner.ui.finding_names import matching
from vmplanner.ui.window import MainWindow

pytest_plugins = ["tests.ui.window_fixtures"]

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PROJECT = Project.of(
    Host("host-1", "alpha"),
    Host("host-2", "beta", position=Position(9000, 4000)),
    Switch("switch-1", "core alpha", Position(400, 300)),
    Storage("storage-1", "nas", position=Position(0, 400)),
    Link("link-1", "host-1", "switch-1"),
    VirtualMachine("vm-1", "web-1", "host-2"),
    VirtualMachine("vm-2", "web-2", "host-1"),
    Plan("plan-1", "Plan", [Migration("migration-1", "vm-2", "host-2")]),
    Group("group-1", "Rack 1", GroupKind.RACK, None, ["host-1"]),
)


@pytest.fixture
def drawing(person: Person, open_project: Callable[[Project], MainWindow]) -> Person:
    open_project(PROJECT)
    person.window.canvas.setFocus()
    return person


def find(drawing: Person, text: str) -> list[tuple[str, str]]:
    QTest.keyClick(drawing.window, Qt.Key.Key_F, CTRL)
    QTest.keyClicks(drawing.window.find_bar.field, text)
    return [(hit.kind, hit.name) for hit in drawing.window.find_bar.hits]


class TestFinding:
    def test_everything_with_a_name_is_found(self, drawing: Person) -> None:
        assert find(drawing, "alpha") == [
            ("Host", "alpha"),
            ("Link", "alpha - core alpha"),
            ("Switch", "core alpha"),
        ]
        drawing.window.find_bar.field.clear()
        assert find(drawing, "rack") == [("Rack", "Rack 1")]

    def test_enter_goes_on_and_shift_enter_back(self, drawing: Person) -> None:
        assert [name for _kind, name in find(drawing, "web")] == ["web-1", "web-2", "web-2 → beta"]
        field, canvas = drawing.window.find_bar.field, drawing.window.canvas
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert drawing.window.selection.ids == {"vm-1"}
        assert canvas.seen_rect().contains(canvas.topology.rect_of("vm-1"))
        assert drawing.window.find_bar.count.text() == "1 of 3"
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert drawing.window.selection.ids == {"vm-2"}
        QTest.keyClick(field, Qt.Key.Key_Return, SHIFT)
        assert drawing.window.selection.ids == {"vm-1"}
        QTest.keyClick(field, Qt.Key.Key_Return, SHIFT)
        assert drawing.window.selection.ids == {"migration-1"}

    def test_nothing_found_is_said_and_escape_closes(self, drawing: Person) -> None:
        assert find(drawing, "zzz") == []
        assert drawing.window.find_bar.count.text() == "Nothing found"
        QTest.keyClick(drawing.window.find_bar.field, Qt.Key.Key_Escape)
        assert not drawing.window.find_bar.isVisible()
        assert drawing.window.canvas.hasFocus()

    def test_better_hits_come_first(self) -> None:
        texts = ["my web", "cobweb", "web", "weber", "w-e-b", "none"]
        found = matching("web", ((text, text) for text in texts))
        assert found == ["web", "weber", "my web", "cobweb", "w-e-b"]


class TestCommands:
    def open(self, drawing: Person) -> CommandPalette:
        QTest.keyClick(drawing.window, Qt.Key.Key_K, CTRL)
        [palette] = drawing.window.findChildren(CommandPalette)
        return palette

    def test_words_in_any_order_find_a_command_and_enter_does_it(self, drawing: Person) -> None:
        palette = self.open(drawing)
        QTest.keyClicks(palette.field, "all sel")
        item = palette.list.currentItem()
        assert item is not None
        assert (item.text(0), item.text(1)) == ("Edit: Select all", "Ctrl+A")
        QTest.keyClick(palette.field, Qt.Key.Key_Return)
        assert {"host-1", "vm-1"} <= drawing.window.selection.ids

    def test_submenus_are_in_it(self, drawing: Person) -> None:
        palette = self.open(drawing)
        QTest.keyClicks(palette.field, "example evacuate rack")
        item = palette.list.currentItem()
        assert item is not None
        assert item.text(0) == "File: New from an example: Evacuate a rack"
        QTest.keyClick(palette.field, Qt.Key.Key_Escape)

    def test_what_can_not_be_done_does_nothing(self, drawing: Person) -> None:
        palette = self.open(drawing)
        QTest.keyClicks(palette.field, "cancel run")
        QTest.keyClick(palette.field, Qt.Key.Key_Return)
        assert palette.isVisible()
        QTest.keyClick(palette.field, Qt.Key.Key_Escape)


class TestKeys:
    def open(self, drawing: Person) -> ShortcutsDialog:
        drawing.use("Edit", "Keyboard shortcuts")
        [dialog] = [each for each in drawing.window.findChildren(ShortcutsDialog) if each.isVisible()]
        return dialog

    def test_another_key_works_at_once_and_stays(self, drawing: Person) -> None:
        dialog = self.open(drawing)
        dialog.choose("select_all")
        QTest.keyClick(dialog.field, Qt.Key.Key_J, CTRL)
        QTest.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)
        drawing.window.canvas.setFocus()
        QTest.keyClick(drawing.window, Qt.Key.Key_J, CTRL)
        assert "host-1" in drawing.window.selection.ids
        assert "(Ctrl+J)" in drawing.window.actions_by_id["select_all"].toolTip()
        again = self.open(drawing)
        again.choose("select_all")
        assert again.field.keySequence().toString() == "Ctrl+J"
        QTest.mouseClick(again.reset, Qt.MouseButton.LeftButton)
        assert again.field.keySequence().toString() == "Ctrl+A"
        again.reject()

    @pytest.mark.parametrize(("key", "other"), [(Qt.Key.Key_S, "Save"), (Qt.Key.Key_O, "Open")])
    def test_a_conflict_is_told(self, drawing: Person, key: Qt.Key, other: str) -> None:
        dialog = self.open(drawing)
        dialog.choose("find")
        QTest.keyClick(dialog.field, key, CTRL)
        assert f"'{other}' and 'Find'" in dialog.conflict.text()
        assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
        QTest.mouseClick(dialog.reset_all, Qt.MouseButton.LeftButton)
        assert not dialog.conflict.isVisible()
        dialog.reject()

    def test_the_keys_that_come_with_it_are_all_different(self, drawing: Person) -> None:
        dialog = self.open(drawing)
        assert dialog.conflict.text() == ""
        dialog.reject()

    def test_a_question_mark_shows_the_keys(self, drawing: Person) -> None:
        QTest.keyClick(drawing.window, Qt.Key.Key_Question)
        [dialog] = drawing.window.findChildren(WordsAndKeys)
        texts = [
            label.text() for label in dialog.findChildren(type(drawing.window.find_bar.count)) if label.isVisible()
        ]
        assert "Ctrl+V" in texts
        assert "Alt + drag" in texts
        dialog.reject()
