"""What a person takes out of the window by the menu File > Export, by a chart's own menu, or as a report."""

from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog

from tests.small_projects import two_hosts
from tests.ui.person import Person
from vmplanner.domain.project import Project
from vmplanner.ui.dialogs.export_chart import ExportChart
from vmplanner.ui.exports.subject import subject_of
from vmplanner.ui.window import MainWindow

pytest_plugins = ["tests.ui.window_fixtures"]

OpenProject = Callable[[Project], MainWindow]


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Says which file the person chooses from now on."""

    def choose(name: str) -> Path:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), ""))
        return tmp_path / name

    return choose


@pytest.fixture
def planned(person: Person, open_project: OpenProject) -> Person:
    open_project(two_hosts(2))
    return person


def dialog_of(person: Person) -> ExportChart:
    [dialog] = person.window.findChildren(ExportChart)
    return dialog


def test_a_chart_of_the_forecast(planned: Person, chosen: Callable[[str], Path]) -> None:
    path = chosen("out.svg")
    planned.use("Export", "Chart or its data")
    dialog = dialog_of(planned)
    assert not dialog.of.isEnabled()
    planned.choose("Chart", "Timeline")
    planned.choose("Format", "SVG drawing")
    dialog.buttons.button(QDialogButtonBox.StandardButton.Save).click()
    assert "web-2" in path.read_text()
    assert planned.window.statusBar().currentMessage() == f"Exported to {path}"
    assert not dialog.isVisible()


def test_a_run_that_is_shown_or_the_forecast(person: Person, open_project: OpenProject) -> None:
    project = two_hosts(1)
    open_project(project.with_run(evolve(subject_of(project).run, name="Tuesday")))
    person.window.exporter.chart("timeline")
    dialog = dialog_of(person)
    dialog.copy_table.click()
    assert "Tuesday" in QApplication.clipboard().text()
    person.choose("Of", "The forecast of the plan")
    dialog.copy_table.click()
    assert "Forecast" in QApplication.clipboard().text()
    dialog.copy_chart.click()
    assert not QApplication.clipboard().image().isNull()


def test_only_what_matters_can_be_chosen(planned: Person) -> None:
    planned.use("Export", "Chart or its data")
    dialog = dialog_of(planned)
    planned.choose("Format", "CSV table")
    assert not dialog.looks.isEnabled()
    assert not dialog.scale.isEnabled()
    planned.choose("Format", "PNG picture")
    assert dialog.looks.isEnabled()
    assert dialog.scale.isEnabled()


@pytest.mark.parametrize(
    ("entry", "name", "beginning"),
    [("Inventory", "out.xlsx", b"PK"), ("Plan as script", "out.sh", b"#!/bin/sh")],
)
def test_the_inventory_and_the_plan(
    planned: Person, chosen: Callable[[str], Path], entry: str, name: str, beginning: bytes
) -> None:
    path = chosen(name)
    planned.use("Export", entry)
    assert path.read_bytes().startswith(beginning)


def test_a_calendar_needs_a_start(
    planned: Person, chosen: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = chosen("out.ics")

    def never(*_: object) -> None:
        raise AssertionError("nobody chooses a file for what can't be written")

    monkeypatch.setattr(QFileDialog, "getSaveFileName", never)
    planned.use("Export", "Plan as calendar")
    assert "does not say when it starts" in planned.read_message()
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "beginning"), [("out.html", b"<!DOCTYPE html>"), ("out.pdf", b"%PDF"), ("out", b"<!")]
)
def test_a_report(planned: Person, chosen: Callable[[str], Path], name: str, beginning: bytes) -> None:
    path = chosen(name)
    planned.use("File", "Report")
    written = path if path.suffix else path.with_suffix(".html")
    assert written.read_bytes().startswith(beginning)


def test_without_moves_there_is_no_plan_to_export(person: Person) -> None:
    for entry in ("Plan as calendar", "Plan as script"):
        assert not person.action("Export", entry).isEnabled()
    assert not person.action("File", "Report").isEnabled()
