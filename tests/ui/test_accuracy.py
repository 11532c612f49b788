"""Help > Accuracy of the model: measured migrations beside the simulation's predictions."""

from collections.abc import Iterator

import pytest
from pyqtgraph import ScatterPlotItem
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.person import Person
from vmplanner.ui.charts.accuracy_chart import Compared
from vmplanner.ui.pages.accuracy_page import AccuracyPage
from vmplanner.ui.theme import DARK, LIGHT, look

pytest_plugins = "tests.ui.window_fixtures"


@pytest.fixture
def dialog(person: Person, qtbot: QtBot) -> Iterator[QDialog]:
    person.use("Help", "Accuracy")
    [dialog] = [each for each in person.window.findChildren(QDialog) if each.isVisible()]
    page = dialog.findChild(AccuracyPage)
    qtbot.waitUntil(lambda: page.table.model().rowCount() > 0, timeout=30_000)
    yield dialog
    dialog.close()


@pytest.fixture
def page(dialog: QDialog) -> AccuracyPage:
    found = dialog.findChild(AccuracyPage)
    assert found is not None
    return found


def _cells(page: AccuracyPage, column: int) -> list[str]:
    model = page.table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_every_group_is_in_the_table_with_its_errors(page: AccuracyPage) -> None:
    groups = _cells(page, 0)
    assert groups[0] == "all"
    assert {"idle guest", "pre-copy, bandwidth capped", "free-page hints, on and off", "stop-and-copy"} <= set(groups)
    assert groups[-1].startswith("apart")
    assert all(cell.endswith("%") for cell in _cells(page, 2) if cell != "-")


def test_each_run_is_a_point_that_says_its_name_and_error(page: AccuracyPage) -> None:
    said = page.chart.accessibleDescription()
    assert "pre-b32-w64-uni-r60: predicted" in said
    page.compared.choose(Compared.TRANSFERRED)
    assert "MiB" in page.chart.accessibleDescription()


def test_the_card_tells_the_run_under_the_mouse(page: AccuracyPage) -> None:
    chart = page.chart
    marks = next(item for item in chart.plot.scene().items() if isinstance(item, ScatterPlotItem))
    marks.sigHovered.emit(marks, marks.points()[:1], None)
    assert chart.card.isVisible()
    assert "predicted" in chart.card.text()
    assert chart.rect().contains(chart.card.geometry())
    marks.sigHovered.emit(marks, [], None)
    assert not chart.card.isVisible()


def test_the_chart_follows_the_theme(page: AccuracyPage) -> None:
    look.theme = DARK
    look.changed.emit()
    try:
        assert page.chart.plot.backgroundBrush().color() == DARK.surface
    finally:
        look.theme = LIGHT
        look.changed.emit()
    assert page.chart.plot.backgroundBrush().color() == LIGHT.surface


def test_it_fits_a_small_screen_and_has_a_way_out(person: Person) -> None:
    person.use("Help", "Accuracy")
    [dialog] = [each for each in person.window.findChildren(QDialog) if each.isVisible()]
    dialog.resize(900, 500)
    QApplication.processEvents()
    assert dialog.height() <= 540
    [close] = [each for each in dialog.findChildren(QPushButton) if each.text().replace("&", "") == "Close"]
    assert dialog.rect().contains(close.mapTo(dialog, close.rect().bottomRight()))
    close.click()
    assert not [each for each in person.window.findChildren(QDialog) if each.isVisible()]


def test_closing_it_while_it_predicts_leaves_nothing_running(person: Person) -> None:
    person.use("Help", "Accuracy")
    [dialog] = [each for each in person.window.findChildren(QDialog) if each.isVisible()]
    dialog.close()
