"""A person saves the data of a VM as a profile, finds it where profiles are, and renames, replaces and deletes it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLabel, QLineEdit, QMessageBox, QPushButton, QToolButton

from tests.small_projects import two_hosts
from tests.ui.person import LEFT, Person
from vmplanner.domain.project import Project
from vmplanner.ui.dialogs.profiles import ProfilesDialog
from vmplanner.ui.dialogs.save_profile import SaveProfile
from vmplanner.ui.makeup_bar import MakeupBar
from vmplanner.ui.named_list import NamedList
from vmplanner.ui.palette import Entry
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"


@pytest.fixture
def shop(person: Person, open_project: Callable[[Project], MainWindow]) -> Person:
    """A VM with a profile that is in no library is selected."""
    open_project(two_hosts())
    person.window.selection.select(["vm-1"])
    return person


def _dialog(person: Person, kind: type[QDialog]) -> QDialog:
    QApplication.processEvents()
    [dialog] = [each for each in person.window.findChildren(kind) if each.isVisible()]
    return dialog


def _save_as(person: Person, name: str) -> SaveProfile:
    person.press("Save to library...")
    dialog = _dialog(person, SaveProfile)
    assert isinstance(dialog, SaveProfile)
    person.enter("Name of the profile", name, end=Qt.Key.Key_Tab)
    return dialog


def _press_save(dialog: QDialog) -> None:
    QTest.mouseClick(next(each for each in dialog.findChildren(QPushButton) if "Save" in each.text()), LEFT)


def _said(dialog: QDialog) -> list[str]:
    labels = [label for label in dialog.findChildren(QLabel) if label.isVisible()]
    return [label.text().replace("\N{ZERO WIDTH SPACE}", "") for label in labels]


def _entries(person: Person) -> list[str]:
    QApplication.processEvents()
    entries = person.window.palette_panel.findChildren(Entry)
    return [entry.text() for entry in entries if entry.isVisibleTo(person.window)]


def _files(own_folders: Path) -> list[str]:
    return sorted(path.name for path in (own_folders / "data" / "vmplanner" / "profiles").glob("*"))


def test_a_saved_profile_is_in_the_palette_and_in_every_list_and_can_be_placed(shop: Person, own_folders: Path) -> None:
    _press_save(_save_as(shop, "Our shop"))
    assert _files(own_folders) == ["our-shop.toml"]
    assert shop.undo_text == "Undo rename the profile of web-1 to Our shop"
    combo = shop.find(QComboBox, "Profile")
    assert combo.currentText() == "Our shop  (own)"
    assert "Our shop" in _entries(shop)
    shop.use("Edit", "Undo")
    assert shop.find(QComboBox, "Profile").currentText() == "Web"
    shop.take("Our shop")
    shop.hand.click(shop.card("alpha"))
    added = list(shop.project.machines.values())[-1]
    assert (added.profile.name, added.memory_bytes) == ("Our shop", shop.project.machines["vm-1"].memory_bytes)
    assert added.profile.pieces == shop.project.machines["vm-1"].profile.pieces


def test_names_that_are_taken(shop: Person, own_folders: Path) -> None:
    dialog = _save_as(shop, "web SERVER")
    _press_save(dialog)
    assert "'web SERVER' comes with vmplanner. Give yours another name." in _said(dialog)
    shop.enter("Name of the profile", "", end=Qt.Key.Key_Tab)
    _press_save(dialog)
    assert "Name must not be empty." in _said(dialog)
    shop.enter("Name of the profile", "Mine", end=Qt.Key.Key_Tab)
    _press_save(dialog)
    path = own_folders / "data" / "vmplanner" / "profiles" / "mine.toml"
    before = path.read_bytes()
    shop.enter("VM memory", "2")
    dialog = _save_as(shop, "mine")
    question = shop.answering(QMessageBox.StandardButton.No, lambda: _press_save(dialog))
    assert question == "You have a profile 'Mine' already. Replace it?"
    assert path.read_bytes() == before
    shop.answering(QMessageBox.StandardButton.Yes, lambda: _press_save(dialog))
    assert 'name = "mine"' in path.read_text()
    assert 'memory = "2 GiB"' in path.read_text()


def test_the_library_shows_sources_and_renames_and_deletes_ones_own(shop: Person, own_folders: Path) -> None:
    _press_save(_save_as(shop, "Mine"))
    shop.use("Edit", "Library of profiles")
    dialog = _dialog(shop, ProfilesDialog)
    profiles = dialog.findChild(NamedList)
    assert profiles is not None
    assert profiles.shown_id == "Mine"
    shop.enter("Name of the profile", "Desktop")
    assert shop.refusal("Name of the profile") == "'Desktop' comes with vmplanner; give yours another name"
    shop.enter("Name of the profile", "Ours")
    assert profiles.shown_id == "Ours"
    assert "Ours" in _entries(shop)
    question = shop.answering(QMessageBox.StandardButton.Yes, lambda: shop.press("Delete profile"))
    assert question == "Delete the profile 'Ours'?"
    assert _files(own_folders) == []
    assert "Ours" not in _entries(shop)
    assert not [
        each for each in dialog.findChildren(QPushButton) if each.text() == "Delete profile" and each.isVisible()
    ]
    QTest.keyClick(profiles, Qt.Key.Key_End)
    assert any(text.startswith("Source of Kernel: estimate: kernel, slabs") for text in _said(dialog))
    dialog.reject()


def test_the_library_gives_a_profile_to_the_vm_it_was_opened_for(shop: Person) -> None:
    shop.press("Library...")
    dialog = _dialog(shop, ProfilesDialog)
    profiles = dialog.findChild(NamedList)
    assert profiles is not None
    QTest.keyClick(profiles, Qt.Key.Key_End)
    shop.press("Use it")
    assert shop.project.machines["vm-1"].profile.name == "Web server"
    assert shop.undo_text == "Undo give web-1 the profile Web server"


def test_a_damaged_file_is_told_and_the_others_are_there(shop: Person, own_folders: Path) -> None:
    _press_save(_save_as(shop, "Mine"))
    damaged = own_folders / "data" / "vmplanner" / "profiles" / "zzz.toml"
    damaged.write_text("<b>not a profile</b>")
    shop.window.library.read_again()
    texts = [label.text() for label in shop.window.palette_panel.findChildren(QLabel)]
    assert "1 profile of yours can't be used. The library says why." in texts
    assert "Mine" in _entries(shop)
    shop.press("Library...")
    dialog = _dialog(shop, ProfilesDialog)
    [told] = [text for text in _said(dialog) if text.startswith("The profile ")]
    assert str(damaged) in told
    dialog.reject()


def test_the_bar_follows_while_a_person_types(shop: Person) -> None:
    bar = shop.window.inspector.findChild(MakeupBar)
    assert bar is not None
    assert bar.accessibleDescription().startswith(
        "Of 1 GiB of memory, 700 MiB are good and must move, 324 MiB are bad and may be discarded."
    )
    QTest.mouseClick(shop.find(QToolButton, "Edit cache"), LEFT)
    before = shop.project
    line = shop.find(QLineEdit, "Size")
    line.selectAll()
    QTest.keyClicks(line, "500 MiB")
    assert "800 MiB are good" in bar.accessibleDescription()
    assert shop.project is before
    QTest.keyClicks(line, "x")
    assert "700 MiB are good" in bar.accessibleDescription(), "what can't be read changes nothing"
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert "700 MiB are good" in bar.accessibleDescription()
    shop.enter("Compression ratio", "2")
    assert "Packing would save 200 MiB." in bar.accessibleDescription()
    shop.choose("Kind of data", "Free memory")
    assert "300 MiB are good and must move, 724 MiB are bad" in bar.accessibleDescription()
