"""Names of 125 characters without a space: nothing gets wider, and the whole name can be read somewhere."""

from collections.abc import Callable

from attrs import evolve
from PySide6.QtWidgets import QApplication, QLabel

from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.ui.dialogs import messages
from vmplanner.ui.names import breakable, elided, shortened
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

LONG = "n" * 125
_BREAK = "\N{ZERO WIDTH SPACE}"


def _long_names() -> Project:
    project = two_hosts()
    things = (project.hosts["host-1"], project.hosts["host-2"], project.machines["vm-1"])
    renamed = (Edit(one, evolve(one, name=f"{LONG[:-1]}{n}")) for n, one in enumerate(things))
    return project.applied(Change("", tuple(renamed)))


def test_a_long_word_can_be_broken_and_looks_the_same() -> None:
    assert breakable("a short text") == "a short text"
    assert breakable(f"host {LONG} is full").replace(_BREAK, "") == f"host {LONG} is full"
    assert len(breakable(LONG)) == 2 * len(LONG) - 1


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    assert shortened("web-1") == "web-1"
    assert shortened(f"rack-1{LONG}host-7", 20) == "rack-1nnnn…nnnhost-7"


def test_names_that_share_their_head_still_differ() -> None:
    assert elided("switch-rack1", len, 20) == "switch-rack1"
    assert [elided(f"switch-rack{n}", len, 8) for n in (1, 2)] == ["swit…ck1", "swit…ck2"]


def test_a_move_keeps_its_arrow_and_both_names() -> None:
    for room in range(7, 24):
        short = elided("desktop-anna  →  rack2-b", len, room)
        assert " → " in short
        assert len(short) <= room
    assert elided("a  →  a-very-long-name", len, 14) == "a → a-ver…name"


def test_the_inspector_stays_as_wide_as_it_is(person: Person, open_project: Callable[[Project], MainWindow]) -> None:
    window = open_project(_long_names())
    for thing_id in ("host-1", "vm-1", "link-1", "migration-1"):
        window.selection.select([thing_id])
        QApplication.processEvents()
        body = window.inspector.widget()
        assert body is not None
        assert body.minimumSizeHint().width() <= window.inspector.viewport().width(), thing_id
    titles = [label for label in window.inspector.findChildren(QLabel) if label.property("role") == "title"]
    assert any(label.toolTip().replace(_BREAK, "").startswith("nnn") for label in titles)


def test_a_message_is_not_as_wide_as_its_longest_name(person: Person) -> None:
    box = messages.tell_error(person.window, "It can't be done", f"{LONG} is in the way")
    box.adjustSize()
    assert 360 < box.width() < 700
    box.close()


def test_a_menu_is_not_as_wide_as_a_name(person: Person, open_project: Callable[[Project], MainWindow]) -> None:
    window = open_project(_long_names())
    window.selection.select(["host-1"])
    person.enter("CPU cores", "8")
    assert person.undo_text.startswith("Undo change CPU cores of nnn")
    assert len(person.undo_text) < 80


def test_a_link_keeps_both_ends_and_leaves_its_speed_out_first() -> None:
    link = "switch-1 - host-11  10 Gbit/s"
    assert elided(link, len, len(link)) == link
    assert elided(link, len, len(link) - 1) == "switch-1 - host-11"
    assert elided(link, len, 14) == "sw…-1 - ho…11"
