"""On the page Time stacks a person compares runs, tries every technique, reads what stood out and looks into one."""

from collections.abc import Callable

import pytest
from attrs import evolve
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTableView
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts, web_profile
from tests.ui.person import Person
from vmplanner.analysis.techniques import AS_PLANNED
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain import edits
from vmplanner.domain.plans import Technique
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.engine.runner import run_plan
from vmplanner.ui.dialogs.migration_course import MigrationCourse
from vmplanner.ui.pages.stacks_page import StacksPage
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

OpenProject = Callable[[Project], MainWindow]
LEFT = Qt.MouseButton.LeftButton


def _run_of(project: Project) -> Run:
    return run_plan(project, project.plan, SimulatedBackend()).run


def _with_technique(project: Project, technique: Technique) -> Project:
    plan = project.plan
    return evolve(project, plans={plan.id: evolve(plan, migrations=[move.by(technique) for move in plan.migrations])})


@pytest.fixture
def reader(person: Person, open_project: OpenProject) -> Person:
    """A run by post-copy, and a newer one of the plan as it is, by pre-copy."""
    project = two_hosts(2, profile=web_profile(20_000))
    project = project.with_run(_run_of(_with_technique(project, Technique.POST_COPY)))
    open_project(project.with_run(_run_of(project)))
    person.use("View", "Time stacks")
    return person


def _page(person: Person) -> StacksPage:
    return person.window.stacks_page


def _compare(person: Person, entry: str) -> None:
    menu = _page(person).compare.menu()
    next(action for action in menu.actions() if action.text().startswith(entry)).trigger()


def _cells(person: Person, name: str) -> list[list[str]]:
    page = _page(person)
    page.facts.setCurrentIndex(next(i for i in range(page.facts.count()) if page.facts.tabText(i).startswith(name)))
    QApplication.processEvents()
    [table] = page.facts.currentWidget().findChildren(QTableView)
    model = table.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def test_another_run_stands_beside_the_shown_one_with_the_differences(reader: Person) -> None:
    page = _page(reader)
    _compare(reader, "Run 1")
    assert [run.name for run in page.chart.runs] == ["Run 2", "Run 1"]
    rows = _cells(reader, "Differences")
    before, after = (run.results[0] for run in page.chart.runs)
    assert rows[0][:3] == ["web-1", "Run 1", "post-copy"]
    assert rows[0][4].startswith("−" if after.total_s < before.total_s else "+")
    assert _cells(reader, "Changed inputs")[0] == ["Run 1", "move of web-1", "technique", "pre-copy", "post-copy"]
    [table] = page.facts.inputs.findChildren(QTableView)
    headings = [table.model().headerData(column, Qt.Orientation.Horizontal) for column in range(5)]
    assert headings[3:] == ["Run 2", "Run 1"]
    words = {label.text() for label in page.facts.deltas.findChildren(QLabel)}
    assert "Run 1 against Run 2: + is more than in Run 2, − is less." in words
    _compare(reader, "Run 1")
    assert [run.name for run in page.chart.runs] == ["Run 2"]


def test_runs_can_stand_in_small_multiples(reader: Person) -> None:
    page = _page(reader)
    _compare(reader, "Run 1")
    next(action for action in page.chart.choices.look_button.menu().actions() if "multiples" in action.text()).trigger()
    assert page.chart.picture.drawing.panels == 2
    assert page.chart.view.has_panels


def test_every_technique_is_tried_in_the_background_side_by_side(reader: Person, qtbot: QtBot) -> None:
    page = _page(reader)
    _compare(reader, "Every technique")
    qtbot.waitUntil(lambda: page.run is not None and page.run.name == AS_PLANNED)
    assert [run.name for run in page.chart.runs] == [AS_PLANNED, *(technique.value for technique in Technique)]
    assert page.chart.picture.drawing.panels == 6
    _compare(reader, "Every technique")
    assert [run.name for run in page.chart.runs] == ["Run 2"]
    assert page.chart.picture.drawing.panels == 1


def test_the_forecast_of_the_plan_stands_beside_a_run(reader: Person, qtbot: QtBot) -> None:
    page = _page(reader)
    _compare(reader, "Forecast")
    qtbot.waitUntil(lambda: len(page.chart.runs) == 2)
    assert [stack.base for stack in page.chart.picture.stacks.stacks] == [None, 0, None, 2]
    assert page.chart.picture.stacks.stacks[1].total_s == pytest.approx(page.chart.picture.stacks.stacks[0].total_s)


def test_a_measured_run_stands_beside_what_is_predicted_unasked(
    person: Person, open_project: OpenProject, qtbot: QtBot
) -> None:
    project = two_hosts()
    open_project(project.with_run(evolve(_run_of(project), backend="Xen over SSH")))
    person.use("View", "Time stacks")
    qtbot.waitUntil(lambda: len(_page(person).chart.runs) == 2)
    assert _page(person).chart.runs[0].backend == "Xen over SSH"


def test_what_stood_out_is_read_below_and_leads_to_its_migration(
    person: Person, open_project: OpenProject, qtbot: QtBot
) -> None:
    project = two_hosts(profile=web_profile(500_000), bandwidth_bytes_per_s=20e6)
    open_project(project.with_run(_run_of(project)))
    person.use("View", "Time stacks")
    sentences = _page(person).facts.sentences
    qtbot.waitUntil(lambda: bool(sentences.texts))
    assert sentences.texts[0].startswith("1 of 1 migration did not converge: web-1. web-1 would complete by ")
    QTest.mouseClick(person.find(type(_page(person).export_button), f"Show: {sentences.texts[0]}"), LEFT)
    assert person.window.selection.ids == {"migration-1"}
    assert _page(person).chart.picture.selected == {"migration-1"}


def test_a_run_without_anything_to_say_leaves_the_room_to_the_chart(
    person: Person, open_project: OpenProject, qtbot: QtBot
) -> None:
    project = two_hosts(profile=web_profile(0))
    open_project(project.with_run(_run_of(project)))
    person.use("View", "Time stacks")
    page = _page(person)

    qtbot.waitUntil(lambda: page.facts.isHidden())


def test_a_selected_migration_opens_with_its_rounds(reader: Person) -> None:
    page = _page(reader)
    assert not page.details_button.isEnabled()
    reader.window.selection.select(["migration-2"])
    QTest.mouseClick(page.details_button, LEFT)
    [dialog] = page.findChildren(MigrationCourse)
    assert dialog.windowTitle() == "web-2 in Run 2"
    assert dialog.table.model().rowCount() > 3
    assert "Left to send in the round" in dialog.picture.accessibleDescription()
    dialog.close()


def test_the_course_says_what_was_at_a_moment(reader: Person, qtbot: QtBot) -> None:
    page = _page(reader)
    area = page.chart.picture.drawing.part_area(0, 1)
    qtbot.mouseDClick(page.chart.picture.viewport(), LEFT, pos=area.center().toPoint())
    [dialog] = page.findChildren(MigrationCourse)
    picture = dialog.picture
    QTest.mouseMove(picture, picture.rect().center())
    qtbot.waitUntil(lambda: picture.cursor_s is not None)
    assert picture.cursor_s is not None
    assert picture.words_at(picture.cursor_s)[2] == "100 %"
    dialog.close()


def test_the_comparison_follows_the_plan(reader: Person, qtbot: QtBot) -> None:
    page = _page(reader)
    _compare(reader, "Every technique")
    qtbot.waitUntil(lambda: page.run is not None and page.run.name == AS_PLANNED)
    plan = reader.project.plan
    changed = evolve(plan, migrations=[move.by(Technique.HYBRID) for move in plan.migrations])
    reader.window.document.push(edits.replace(plan, changed, "Change techniques"))
    qtbot.waitUntil(lambda: page.run is not None and page.run.results[0].technique is Technique.HYBRID)
