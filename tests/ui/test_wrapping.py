"""Buttons in a row: one line where there is room, else as many as it takes, and none is cut off."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from vmplanner.ui.wrapping import WrappingRow


@pytest.fixture
def row(qtbot: QtBot) -> Iterator[Callable[[int], list[QPushButton]]]:
    window = QWidget()
    qtbot.addWidget(window)

    def shown(width: int) -> list[QPushButton]:
        inner = QWidget()
        buttons = [QPushButton(text) for text in ("Pause", "Skip", "Retry", "Cancel selected")]
        inner.setLayout(WrappingRow(buttons))
        column = QVBoxLayout(window)
        column.addWidget(inner)
        column.addStretch(1)
        window.resize(width, 300)
        window.show()
        return buttons

    return shown


def test_one_line_where_there_is_room(row: Callable[[int], list[QPushButton]]) -> None:
    buttons = row(900)
    assert len({button.y() for button in buttons}) == 1
    assert [button.x() for button in buttons] == sorted(button.x() for button in buttons)


def test_more_lines_where_there_is_none(row: Callable[[int], list[QPushButton]]) -> None:
    buttons = row(180)
    assert len({button.y() for button in buttons}) > 1
    for button in buttons:
        assert button.width() >= button.minimumSizeHint().width()
        assert button.geometry().bottom() < button.parentWidget().height()
    for one, other in pairwise(buttons):
        assert not one.geometry().intersects(other.geometry())
