"""What a user gets from lining up, spreading out and arranging cards."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from tests.ui.person import Person
from vmplanner.domain.groups import Frame, Group, GroupKind
from vmplanner.domain.project import Project
from vmplanner.domain.topology import Host, Link, Position, Storage, Switch
from vmplanner.ui.canvas.alignment import Axis, Card, distribute
from vmplanner.ui.canvas.force import force_directed
from vmplanner.ui.canvas.layered import Layers
from vmplanner.ui.window import MainWindow

pytest_plugins = ["tests.ui.window_fixtures"]

PROJECT = Project.of(
    Host("host-1", "alpha", position=Position(0, 0)),
    Host("host-2", "beta", position=Position(411, 33)),
    Host("host-3", "gamma", position=Position(900, -40)),
    Switch("switch-1", "core", Position(200, 320)),
    Link("link-1", "host-1", "switch-1"),
    Link("link-2", "host-2", "switch-1"),
    Group("group-1", "Rack 1", GroupKind.RACK, None, ["host-1", "host-2"], Frame(-900, -900, 100, 100)),
)


@pytest.fixture
def drawing(person: Person, open_project: Callable[[Project], MainWindow]) -> Person:
    open_project(PROJECT)
    return person


def cards(person: Person, *ids: str) -> list[tuple[float, float, float, float]]:
    scene = person.window.canvas.topology
    return [scene.rect_of(thing_id).getRect() for thing_id in ids]


def end_of_motion(person: Person, qtbot: QtBot) -> None:
    nodes = person.window.canvas.topology.nodes
    qtbot.waitUntil(lambda: all(n.pos().toTuple() == (n.node.position.x, n.node.position.y) for n in nodes.values()))


@pytest.mark.parametrize(
    ("entry", "undo"),
    [
        ("Align top edges", "Undo align the top edges of 3 items"),
        ("Align middles", "Undo align the middles of 3 items"),
        ("Align bottom edges", "Undo align the bottom edges of 3 items"),
    ],
)
def test_cards_on_one_level(drawing: Person, qtbot: QtBot, entry: str, undo: str) -> None:
    drawing.window.canvas.topology.select({"host-1", "host-2", "host-3"})
    drawing.use("Arrange", entry)
    end_of_motion(drawing, qtbot)
    assert len({rect[1] for rect in cards(drawing, "host-1", "host-2", "host-3")}) == 1
    assert drawing.undo_text == undo
    drawing.use("Edit", "Undo")
    assert drawing.project == PROJECT


def test_centres_of_cards_of_several_sizes(drawing: Person, qtbot: QtBot) -> None:
    drawing.window.canvas.topology.select({"host-1", "switch-1"})
    drawing.use("Arrange", "Align centres")
    end_of_motion(drawing, qtbot)
    assert len({rect[0] + rect[2] / 2 for rect in cards(drawing, "host-1", "switch-1")}) == 1


def test_one_card_has_nothing_to_line_up_with(drawing: Person) -> None:
    drawing.window.canvas.topology.select({"host-1"})
    assert not drawing.action("Arrange", "Align left").isEnabled()
    assert not drawing.action("Arrange", "Distribute horizontally").isEnabled()


def test_the_same_room_between_cards(drawing: Person, qtbot: QtBot) -> None:
    drawing.window.canvas.topology.select({"host-1", "host-2", "host-3"})
    drawing.use("Arrange", "Distribute horizontally")
    end_of_motion(drawing, qtbot)
    first, second, third = cards(drawing, "host-1", "host-2", "host-3")
    assert second[0] - first[0] - first[2] == pytest.approx(third[0] - second[0] - second[2])
    assert (first[0], third[0]) == (first[0], first[0] + 900)
    assert drawing.undo_text == "Undo distribute 3 items horizontally"


@pytest.mark.parametrize("entry", ["Arrange by site", "Arrange by links"])
def test_everything_is_arranged_in_one_step(drawing: Person, qtbot: QtBot, entry: str) -> None:
    drawing.window.selection.select([])
    drawing.use("Arrange", entry)
    end_of_motion(drawing, qtbot)
    scene = drawing.window.canvas.topology
    rects = [item.scene_card() for item in scene.nodes.values()]
    assert not any(a.intersects(b) for index, a in enumerate(rects) for b in rects[:index])
    assert not scene.boxes.items["group-1"].rect.intersects(scene.rect_of("host-3"))
    assert drawing.undo_text.startswith("Undo arrange the drawing")
    drawing.use("Edit", "Undo")
    assert drawing.project == PROJECT


def test_what_was_arranged_is_fitted_to_the_view(drawing: Person, qtbot: QtBot) -> None:
    canvas = drawing.window.canvas
    drawing.window.selection.select([])
    canvas.reset_zoom()
    canvas.centerOn(4000, 4000)
    drawing.use("Arrange", "Arrange by site")
    qtbot.waitUntil(lambda: canvas.seen_rect().contains(canvas.topology.content_rect()))
    assert not drawing.window.minimap.isVisible()


def test_undo_while_cards_are_on_their_way(drawing: Person) -> None:
    drawing.use("Arrange", "Arrange by site")
    drawing.use("Edit", "Undo")
    item = drawing.window.canvas.topology.node_item("host-3")
    assert item is not None
    assert item.pos().toTuple() == (900, -40)


@st.composite
def drawings(draw: st.DrawFn) -> Project:
    """Hosts, switches and storages with links between any, and nested places."""
    hosts = [Host(f"host-{n}", f"h{n}") for n in range(draw(st.integers(1, 25)))]
    switches = [Switch(f"switch-{n}", f"s{n}") for n in range(draw(st.integers(0, 6)))]
    storages = [Storage(f"storage-{n}", f"t{n}") for n in range(draw(st.integers(0, 3)))]
    ids = [each.id for each in (*hosts, *switches, *storages)]
    ends = draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=40))
    links = [Link(f"link-{n}", a, b) for n, (a, b) in enumerate(ends) if a != b]
    places: dict[int | None, list[str]] = {}
    for host in hosts:
        places.setdefault(draw(st.none() | st.integers(1, 4)), []).append(host.id)
    racks = [Group(f"group-{n}", f"R{n}", GroupKind.RACK, "site" if n % 2 else None, m) for n, m in places.items() if n]
    return Project.of(*hosts, *switches, *storages, *links, *racks, Group("site", "S", GroupKind.SITE))


@settings(max_examples=60)
@given(drawings(), st.data())
def test_no_arrangement_has_overlaps(project: Project, data: st.DataObject) -> None:
    sizes = st.tuples(st.integers(50, 300), st.integers(40, 900))
    given_cards = {}
    for node_id in (*project.hosts, *project.switches, *project.storages):
        width, height = data.draw(sizes)
        given_cards[node_id] = Card(node_id, 0, 0, width, height, width / 2, 40)
    layers = Layers(project, given_cards, 16, 40)
    for arranged in (list(layers.whole().cards), force_directed(project, layers)):
        assert sorted(card.id for card in arranged) == sorted(given_cards)
        assert not any(a.meets(b, 9) for index, a in enumerate(arranged) for b in arranged[:index])


def test_a_thousand_hosts_each_with_links_of_its_own_have_room() -> None:
    hosts = [Host(f"host-{n}", f"h{n}") for n in range(1000)]
    ring = [Link(f"link-{n}", f"host-{n}", f"host-{(n + 1) % 1000}") for n in range(1000)]
    project = Project.of(*hosts, *ring)
    layers = Layers(project, {h.id: Card(h.id, 0, 0, 264, 126) for h in hosts}, 16, 40)
    arranged = force_directed(project, layers)
    placed = sorted(arranged, key=lambda card: card.left)
    assert not any(a.meets(b) for i, a in enumerate(placed) for b in placed[i + 1 : i + 200] if b.left < a.right)


def test_distributing_what_overlaps_keeps_the_ends() -> None:
    line = [Card(str(n), 10 * n, 0, 100, 10) for n in range(4)]
    assert distribute(line, Axis.ACROSS)["3"] == (30, 0)
