"""The pages Plan and Time stacks, and the findings: what is planned, what it will take, what stands in its way."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from attrs import evolve
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from tests.small_projects import two_hosts, web_profile
from tests.ui.person import Person
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain import edits
from vmplanner.domain.plans import Compression, Options
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import grouped
from vmplanner.domain.topology import Position
from vmplanner.engine.runner import run_plan
from vmplanner.ui.tables.rows import RowView
from vmplanner.ui.window import MainWindow

pytest_plugins = "tests.ui.window_fixtures"

LEFT = Qt.MouseButton.LeftButton
OpenProject = Callable[[Project], MainWindow]


def _with_run(project: Project) -> Project:
    return project.with_run(run_plan(project, project.plan, SimulatedBackend()).run)


def _export(person: Person, entry: str) -> None:
    """Choose an entry of the button Export of the time stacks."""
    menu = person.window.stacks_page.export_button.menu()
    next(action for action in menu.actions() if action.text().startswith(entry)).trigger()


def _without_link(project: Project) -> Project:
    return evolve(project, links={})


def _click_row(table: RowView, row: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(table.viewport(), LEFT, keys, table.visualRect(table.model().index(row, 1)).center())


def _order(person: Person) -> list[str]:
    return [migration.vm_id for migration in person.project.plan.migrations]


class TestPlan:
    @pytest.fixture
    def planner(self, person: Person, open_project: OpenProject) -> Person:
        """Three moves on the page Plan."""
        open_project(two_hosts(3))
        person.use("View", "Plan")
        return person

    def test_the_moves_are_listed_in_their_order(self, planner: Person) -> None:
        assert [row[:5] for row in planner.rows()] == [
            [str(n), f"web-{n}", "1 GiB", "alpha  →  beta", "pre-copy"] for n in (1, 2, 3)
        ]

    def test_moves_go_up_and_down(self, planner: Person) -> None:
        _click_row(planner.window.plan_page.table, 2)
        planner.press("Move up")
        assert _order(planner) == ["vm-1", "vm-3", "vm-2"]
        planner.press("Move up")
        planner.press("Move up")  # it is the first already
        assert _order(planner) == ["vm-3", "vm-1", "vm-2"]
        assert planner.undo_text == "Undo move 1 migration up"
        planner.press("Move down")
        assert _order(planner) == ["vm-1", "vm-3", "vm-2"]
        assert planner.undo_text == "Undo move 1 migration down"
        for _ in range(3):
            planner.use("Edit", "Undo")
        assert _order(planner) == ["vm-1", "vm-2", "vm-3"]

    def test_several_moves_keep_together(self, planner: Person) -> None:
        _click_row(planner.window.plan_page.table, 0)
        _click_row(planner.window.plan_page.table, 1, Qt.KeyboardModifier.ControlModifier)
        planner.press("Move down")
        assert _order(planner) == ["vm-3", "vm-1", "vm-2"]
        assert planner.undo_text == "Undo move 2 migrations down"
        assert planner.window.selection.ids == {"migration-1", "migration-2"}

    def test_a_move_is_removed(self, planner: Person) -> None:
        _click_row(planner.window.plan_page.table, 1)
        planner.press("Remove")
        assert _order(planner) == ["vm-1", "vm-3"]
        assert planner.undo_text == "Undo delete 1 planned move"

    def test_a_row_means_the_move_even_when_its_vm_was_selected(self, planner: Person) -> None:
        planner.window.selection.select(["vm-2"])
        assert [index.row() for index in planner.window.plan_page.table.selectionModel().selectedRows()] == [1]
        _click_row(planner.window.plan_page.table, 1)
        assert planner.window.selection.ids == {"migration-2"}
        QTest.keyClick(planner.window.plan_page.table, Qt.Key.Key_Delete)
        assert _order(planner) == ["vm-1", "vm-3"]
        assert "vm-2" in planner.project.machines

    def test_limits(self, planner: Person) -> None:
        planner.enter("At most at once in the plan", "1")
        planner.enter("At most at once per host", "7")
        plan = planner.project.plan
        assert (plan.max_concurrent, plan.max_concurrent_per_host) == (1, 7)
        assert planner.undo_text == "Undo change the limits of the plan"
        planner.use("Edit", "Undo")
        planner.use("Edit", "Undo")
        assert (planner.shown("At most at once in the plan"), planner.shown("At most at once per host")) == ("4", "4")

    @pytest.mark.parametrize(
        ("typed", "reason"),
        [("none", "'none' is not a whole number"), ("0", f"Must be between 1 and {grouped(1_000_000)}, not 0")],
    )
    def test_an_impossible_limit_says_why(self, planner: Person, typed: str, reason: str) -> None:
        before = planner.project
        planner.enter("At most at once in the plan", typed)
        assert planner.refusal("At most at once in the plan") == reason
        assert planner.project is before

    def test_predicted_times_come_without_asking(self, planner: Person, qtbot: QtBot) -> None:
        assert planner.rows()[0][5:] == ["-", "-", "-"]
        qtbot.waitUntil(lambda: planner.rows()[0][5] == "0 s")
        forecast = run_plan(planner.project, planner.project.plan, SimulatedBackend()).run
        downtimes = [f"{result.downtime_s * 1000:.0f} ms" for result in forecast.results]
        assert [row[7] for row in planner.rows()] == downtimes
        texts = [label.text() for label in planner.window.plan_page.findChildren(QLabel)]
        assert any("3 moves · predicted to be done after" in text for text in texts)

    def test_what_is_being_typed_survives_the_advice(self, planner: Person, qtbot: QtBot) -> None:
        line = planner.find(QLineEdit, "At most at once in the plan")
        QTest.mouseClick(line, LEFT)
        line.selectAll()
        QTest.keyClicks(line, "12")
        with qtbot.waitSignal(planner.window.advisor.advised):
            pass
        assert line.text() == "12"

    def test_a_move_that_cannot_converge_is_never_done(
        self, person: Person, open_project: OpenProject, qtbot: QtBot
    ) -> None:
        open_project(two_hosts(bandwidth_bytes_per_s=1e6, profile=web_profile(writes_pages_per_s=200_000)))
        person.window.show_plan()
        qtbot.waitUntil(lambda: person.rows()[0][6] == "never")
        assert person.rows()[0][7] == "never"
        model = person.window.plan_page.table.model()
        assert "keeps running on alpha" in model.index(0, 7).data(Qt.ItemDataRole.ToolTipRole)

        texts = [label.text() for label in person.window.plan_page.findChildren(QLabel)]
        assert "1 move · 1 of 1 move would not converge" in texts
        [finding] = [person.window.findings.list.item(0).text()]
        assert finding.startswith("web-1 would not converge: ")

    def test_an_empty_plan_says_how_to_begin(self, person: Person) -> None:
        person.window.show_plan()
        texts = [label.text() for label in person.window.plan_page.findChildren(QLabel) if label.isVisible()]
        assert "Nothing is planned yet" in texts
        assert not person.window.plan_page.table.isVisible()


class TestFindings:
    def test_no_link_blocks_and_a_click_leads_to_the_vm(
        self, person: Person, open_project: OpenProject, qtbot: QtBot
    ) -> None:
        open_project(_without_link(two_hosts()))
        person.window.show_plan()
        found = person.window.findings.list
        qtbot.waitUntil(lambda: found.count() == 1)
        assert found.item(0).text() == (
            "web-1 can't reach beta: no link leads there from alpha. To mend it: draw a link, or a switch between them."
        )
        assert person.window.findings.summary.text() == "1 that blocks the plan"
        QTest.mouseClick(found.viewport(), LEFT, pos=found.visualItemRect(found.item(0)).center())
        assert person.window.selection.ids == {"vm-1"}
        assert person.window.pages.currentWidget() is person.window.canvas

    def test_the_thing_is_scrolled_into_view(self, person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
        window = open_project(_without_link(two_hosts()))
        qtbot.waitUntil(lambda: window.findings.list.count() == 1)
        window.canvas.centerOn(9000, 9000)
        window.findings.list.setFocus()
        window.findings.list.setCurrentRow(0)
        QTest.keyClick(window.findings.list, Qt.Key.Key_Return)
        chip = window.canvas.mapFromScene(person.chip("web-1"))
        assert window.canvas.viewport().rect().contains(chip)

    def test_a_blocked_plan_is_refused_in_words(self, person: Person, open_project: OpenProject) -> None:
        open_project(_without_link(two_hosts()))
        person.use("Run", "Run the plan")
        assert person.read_message() == (
            "The plan can't be carried out: web-1 can't reach beta: no link leads there from alpha. "
            "To mend it: draw a link, or a switch between them."
        )
        assert not person.project.runs
        assert not person.window.engine.is_running

    def test_what_was_just_mended_blocks_no_more(self, person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
        window = open_project(_without_link(two_hosts()))
        qtbot.waitUntil(lambda: window.findings.list.count() == 1)
        window.canvas.editor.link("host-1", "host-2")
        person.choose_speed("As fast as possible")
        with qtbot.waitSignal(window.engine.ended):
            person.use("Run", "Run the plan")
        assert person.project.runs[0].completed

    def test_the_button_of_a_finding_mends_it_as_one_step(
        self, person: Person, open_project: OpenProject, qtbot: QtBot
    ) -> None:
        project = two_hosts()
        [move] = project.plan.migrations
        packed = project.plan.replaced(evolve(move, options=Options(compression=Compression.ZSTD)))
        window = open_project(project.applied(Change("", (Edit(project.plan, packed),))))
        qtbot.waitUntil(lambda: window.findings.list.count() == 1)
        assert window.findings.summary.text() == "1 warning"
        QTest.mouseClick(window.findings.opener, LEFT)
        [button] = window.findings.list.findChildren(QPushButton)
        assert button.accessibleName() == "Fix: Move web-1 over 2 channels"
        line = window.findings.list.visualItemRect(window.findings.list.item(0))
        assert line.contains(button.mapTo(window.findings.list.viewport(), button.rect().center()))
        QTest.mouseClick(button.parentWidget(), LEFT, pos=QPoint(20, 10))
        assert window.selection.ids == {"vm-1"}
        QTest.mouseClick(button, LEFT)
        assert person.project.plan.migrations[0].options.channels == 2
        qtbot.waitUntil(lambda: window.findings.list.count() == 0)
        window.document.undo_stack.undo()
        assert person.project.plan == packed

    def test_a_note_stands_in_no_way(self, person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
        open_project(two_hosts(bandwidth_bytes_per_s=12.5e6))
        found = person.window.findings
        qtbot.waitUntil(lambda: found.list.count() == 1)
        assert found.summary.text() == "Nothing blocks the plan, 1 note"
        assert found.list.item(0).text().startswith("The link alpha - beta carries 100 Mbit/s")

    def test_a_project_with_a_storage_opens(self, person: Person, open_project: OpenProject) -> None:
        project = two_hosts().applied(edits.add_storage(Project(), Position(0, 300)))
        project = project.applied(edits.add_link(project, "host-1", "storage-1"))
        window = open_project(project)
        window.canvas.reveal("storage-1")
        window.document.push(edits.delete(window.document.project, ["storage-1"]))
        window.document.undo_stack.undo()
        assert "storage-1" in person.project.storages

    def test_a_plan_without_findings_says_so(self, person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
        assert person.window.findings.summary.text() == "No moves are planned yet"
        open_project(two_hosts())
        qtbot.waitUntil(lambda: person.window.findings.summary.text() == "Nothing blocks the plan")

    def test_news_of_findings_moves_nothing(self, person: Person, open_project: OpenProject, qtbot: QtBot) -> None:
        window = open_project(two_hosts())
        qtbot.waitUntil(lambda: window.findings.summary.text() == "Nothing blocks the plan")
        person.window.canvas.zoom_in()
        strip, kept = window.findings.height(), window.canvas.mapFromScene(person.card("alpha"))
        window.canvas.editor.push(edits.delete(person.project, ["link-1"]))
        qtbot.waitUntil(lambda: window.findings.list.count() == 1)
        assert window.findings.height() == strip
        assert "can't reach beta" in window.findings.first.text()
        assert window.canvas.mapFromScene(person.card("alpha")) == kept
        QTest.mouseClick(window.findings.opener, LEFT)
        QApplication.processEvents()
        assert window.findings.list.isVisible()
        assert window.canvas.mapFromScene(person.card("alpha")) == kept


class TestTimeStacks:
    @pytest.fixture
    def reader(self, person: Person, open_project: OpenProject) -> Person:
        """Two runs on the page Time stacks."""
        open_project(_with_run(_with_run(two_hosts(2))))
        person.use("View", "Time stacks")
        return person

    def test_the_newest_run_is_shown_first(self, reader: Person) -> None:
        page = reader.window.stacks_page
        assert [page.choice.itemText(n).split("  ·  ")[0] for n in range(page.choice.count())] == ["Run 2", "Run 1"]
        assert page.run == reader.project.runs[1]
        reader.choose("Run", page.choice.itemText(1))
        assert page.run == reader.project.runs[0]

    @pytest.mark.parametrize(("entry", "suffix"), [("PNG", "png"), ("SVG", "svg"), ("CSV", "csv")])
    @pytest.mark.parametrize("typed_suffix", [True, False])
    def test_export(
        self,
        reader: Person,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        entry: str,
        suffix: str,
        typed_suffix: bool,
    ) -> None:
        chosen = tmp_path / (f"stacks.{suffix}" if typed_suffix else "stacks")
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(chosen), ""))
        _export(reader, entry)
        path = tmp_path / f"stacks.{suffix}"
        content = path.read_bytes()
        assert reader.window.statusBar().currentMessage() == f"Exported to {path}"
        match suffix:
            case "png":
                assert not QImage.fromData(content).isNull()
            case "svg":
                assert "web-2" in "".join(ElementTree.fromstring(content).itertext())
            case "csv":
                assert {"web-1", "web-2"} <= {cell for row in csv.reader(io.StringIO(content.decode())) for cell in row}

    def test_an_export_is_of_what_is_shown(
        self, reader: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chosen = tmp_path / "stacks.svg"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(chosen), ""))
        reader.choose("Parts", "By piece of data")
        reader.choose("Length of a bar", "Bytes")
        _export(reader, "SVG")
        assert "by piece of data, bytes" in "".join(ElementTree.fromstring(chosen.read_bytes()).itertext())

    def test_dialogs_start_in_the_folder_used_last_and_leave_its_icons_alone(
        self, reader: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[tuple[object, ...]] = []

        def answer(*arguments: object) -> tuple[str, str]:
            asked.append(arguments)
            return str(tmp_path / "stacks.csv"), ""

        monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
        monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Yes)
        for _ in range(2):
            _export(reader, "CSV")
        assert Path(str(asked[0][2])).parent == Path.home()
        assert Path(str(asked[1][2])).parent == tmp_path
        assert asked[0][5] == QFileDialog.Option.DontUseCustomDirectoryIcons

    def test_what_is_said_about_the_run_can_be_hidden(self, person: Person) -> None:
        person.use("New from an example", "Clark")
        person.window.document.open(_with_run(person.project), None)
        person.window.show_stacks()
        page = person.window.stacks_page
        before = page.chart.height()
        QTest.mouseClick(page.facts.opener, LEFT)
        QApplication.processEvents()
        assert page.chart.height() > before
        assert page.facts.opener.text() == "Show"

    def test_an_export_that_fails_says_why(
        self, reader: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nowhere = tmp_path / "no such folder" / "stacks.png"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(nowhere), ""))
        _export(reader, "PNG")
        assert reader.read_message().startswith("The chart could not be exported: ")

    def test_a_file_that_the_dialog_did_not_ask_about_is_not_lost(
        self, reader: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = tmp_path / "stacks.csv"
        kept.write_text("precious")
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "stacks"), ""))
        question = reader.answering(QMessageBox.StandardButton.No, lambda: _export(reader, "CSV"))
        assert question == "stacks.csv is there already. Replace it?"
        assert kept.read_text() == "precious"

    def test_a_cancelled_export_does_nothing(
        self, reader: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
        _export(reader, "CSV")
        assert list(tmp_path.iterdir()) == []

    def test_known_figures_stand_beside_the_simulated_ones(self, person: Person) -> None:
        person.use("New from an example", "Clark")
        project = person.project
        person.window.document.open(_with_run(project), None)
        person.window.show_stacks()
        facts = person.window.stacks_page.facts
        facts.setCurrentWidget(facts.figures)
        table = person.find(RowView, "Published and measured figures")
        assert table.model().rowCount() == len(project.figures)

    def test_without_a_run_there_is_nothing_to_export(self, person: Person) -> None:
        person.window.show_stacks()
        assert not person.window.stacks_page.export_button.isEnabled()
