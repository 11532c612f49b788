"""The whole window, for the modules that name this one as their `pytest_plugins`."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.person import Person
from vmplanner.domain.project import Project
from vmplanner.ui.application import prepare
from vmplanner.ui.window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    """The window with an empty project. It is closed without a question."""
    font = qapp.font()
    prepare(qapp)
    window = MainWindow()
    window.resize(1280, 800)
    qtbot.addWidget(window, before_close_func=_let_go)
    window.show()
    qtbot.waitActive(window)
    qapp.processEvents()  # shortcuts work from now on
    yield window
    qapp.setStyleSheet("")
    qapp.setPalette(QPalette())
    qapp.setFont(font)


def _let_go(window: MainWindow) -> None:
    """Nothing is asked when it closes, and nothing is waited for."""
    window.files.disk.stop()
    window.document.open(Project(), None)


@pytest.fixture
def person(window: MainWindow) -> Person:
    return Person(window)


@pytest.fixture
def open_project(window: MainWindow) -> Callable[[Project], MainWindow]:
    """Puts a project into the window, as if it had just been opened."""

    def open_project(project: Project) -> MainWindow:
        window.document.open(project, None)
        return window

    return open_project
