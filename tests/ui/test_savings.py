"""The page Time stacks beside a plain pre-copy: what the plan's techniques and options save."""

from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts, web_profile
from tests.ui.person import Person
from vmplanner.analysis.stack_view import Measure
from vmplanner.domain import edits
from vmplanner.domain.machines import Piece, PieceKind, Profile
from vmplanner.domain.plans import Options, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import MIB
from vmplanner.store import library
from vmplanner.ui.charts import captions
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]


def _checkpoint_plan(profile: Profile) -> Project:
    project = two_hosts(2, technique=Technique.CHECKPOINT, profile=profile, bandwidth_bytes_per_s=50e6)
    options = Options(checkpoint_age_s=5.0, drop_cache=True)
    plan = evolve(project.plan, migrations=[evolve(one, options=options) for one in project.plan.migrations])
    return evolve(project, plans={plan.id: plan})


@pytest.fixture
def reader(person: Person, open_project: OpenProject, qtbot: QtBot) -> Person:
    """Has asked what is saved, and waited for the answer."""
    freed = Piece("freed", PieceKind.FREE, 128 * MIB)
    open_project(_checkpoint_plan(Profile("Web", (*web_profile().pieces, freed))))
    person.use("View", "Time stacks")
    _compare(person)
    _wait_for_words(person, qtbot, "simulated alone", "alone on the network")
    return person


def _compare(person: Person) -> None:
    """Ask what is saved, or no longer."""
    menu = person.window.stacks_page.compare.menu()
    next(action for action in menu.actions() if action.text() == "What is saved").trigger()


def _about(person: Person, row: int = 0) -> str:
    chart = person.window.stacks_page.chart
    hits = [chart.picture.hit(chart.picture.layout_.row_area(row).topLeft() + QPointF(20, 8))]
    return "\n".join(chart.card_text(hit) for hit in hits if hit)


def _wait_for_words(person: Person, qtbot: QtBot, *words: str) -> None:
    def told() -> bool:
        stacks = person.window.stacks_page.chart.picture.stacks.stacks
        return bool(stacks) and any(word in _about(person) for word in words)

    qtbot.waitUntil(told)


def test_what_each_idea_saves_goes_on_from_the_stack(reader: Person) -> None:
    picture = reader.window.stacks_page.chart.picture
    assert [label for label in picture.legend_labels() if label.startswith("saved")] == [
        "saved: free memory discarded",
        "saved: page cache dropped",
        "saved: checkpoint in advance",
    ]
    about = _about(reader)
    assert "page cache dropped: saves" in about
    assert "in advance: a checkpoint of " in about
    assert "then a wait of 5 s" in about
    assert "in all " in about
    ending = picture.stacks.stacks[0]
    assert any("in advance" in words.text for words in captions.ending(ending, Measure.SECONDS))


def test_it_needs_no_run(reader: Person) -> None:
    assert reader.project.runs == ()
    assert [stack.label for stack in reader.window.stacks_page.chart.picture.stacks.stacks] == ["web-1", "web-2"]


def test_known_figures_of_another_technique_are_left_out_with_words(
    person: Person, open_project: OpenProject, qtbot: QtBot
) -> None:
    project = library.example("clark-2005")
    open_project(project)
    person.use("View", "Time stacks")
    page = person.window.stacks_page
    _compare(person)
    _wait_for_words(person, qtbot, "alone on the network")
    assert len(page.chart.picture.drawing.marked[0]) == 1
    plan = project.plan
    moves = [one.by(Technique.CHECKPOINT) for one in plan.migrations]
    person.window.document.push(edits.replace(plan, evolve(plan, migrations=moves), "Change techniques"))
    _wait_for_words(person, qtbot, "checkpoint + good memory")
    assert page.chart.picture.drawing.marked == {}
    page.facts.setCurrentWidget(page.facts.figures)
    words = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    assert "34 left out: they are of pre-copy" in words


def test_it_follows_the_plan(reader: Person, qtbot: QtBot) -> None:
    one = reader.project.plan.migrations[0]
    plain = evolve(one, technique=Technique.POST_COPY, options=Options())
    plan = reader.project.plan
    reader.window.document.push(edits.replace(plan, plan.replaced(plain), "Change technique"))
    _wait_for_words(reader, qtbot, "guest resumed first")


def test_it_goes_away_again(reader: Person) -> None:
    _compare(reader)
    assert reader.window.stacks_page.run is None
    assert not reader.window.stacks_page.chart.picture.stacks.stacks


def test_it_is_exported_as_shown(reader: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "saved.svg"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    [action] = [one for one in reader.window.stacks_page.export_button.menu().actions() if one.text()[:3] == "SVG"]
    action.trigger()
    assert "saved: page cache dropped" in path.read_text()


def test_a_plain_pre_copy_that_would_not_converge_is_told(
    person: Person, open_project: OpenProject, qtbot: QtBot
) -> None:
    busy = web_profile(writes_pages_per_s=500_000)
    open_project(two_hosts(technique=Technique.POST_COPY, profile=busy, bandwidth_bytes_per_s=20e6))
    person.use("View", "Time stacks")
    _compare(person)
    _wait_for_words(person, qtbot, "plain pre-copy would not converge")
